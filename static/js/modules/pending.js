// A pressed time answers at once: "Holding". The server's answer, or its absence, takes the word away.

import { word } from "./words.js";

const before = new WeakMap();

/** Return the caption under a slot's time, made when it has none. */
export function captionOf(slot) {
  let caption = slot.querySelector(".slot__n");
  if (!caption) {
    caption = document.createElement("span");
    caption.className = "slot__n";
    slot.append(caption);
  }
  return caption;
}

document.addEventListener("htmx:before:request", (event) => {
  const slot = event.detail.ctx.sourceElement;
  if (!slot.matches?.(".slot")) return;
  before.set(slot, {
    state: slot.dataset.state,
    html: slot.querySelector(".slot__n")?.cloneNode(true),
  });
  slot.dataset.state = "pending";
  captionOf(slot).textContent = word("holding");
});

document.addEventListener("htmx:finally:request", (event) => {
  const slot = event.detail.ctx.sourceElement;
  const was = before.get(slot);
  before.delete(slot);
  if (!was || slot.dataset.state !== "pending") return;
  slot.dataset.state = was.state;
  slot.querySelector(".slot__n")?.remove();
  if (was.html) slot.append(was.html);
});
