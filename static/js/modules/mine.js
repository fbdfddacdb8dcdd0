// Draws what is mine over what everyone sees. A pushed slot is the same for all watchers ("being
// booked"); the list #mine, from my own topic, says which of them are my hold and my visits:
//   <ul id="mine" hidden><li data-mine-for="slot-…" data-state="yours" data-href="…">Held for you</li></ul>

import { captionOf } from "./pending.js";

const JUST_MS = 5000;
const covered = new Map();
const letGo = new Map();

/** Say whether this slot was mine until a moment ago: that it is free is no news to me. */
export function justLetGo(id) {
  return Date.now() - (letGo.get(id) ?? 0) < JUST_MS;
}

function bare(slot) {
  return {
    state: slot.dataset.state,
    caption: slot.querySelector(".slot__n")?.cloneNode(true),
    disabled: slot.getAttribute("aria-disabled"),
  };
}

function cover(slot, item) {
  if (slot.dataset.mine === undefined) covered.set(slot.id, bare(slot));
  slot.dataset.mine = item.dataset.href ?? "";
  slot.dataset.state = item.dataset.state;
  slot.removeAttribute("aria-disabled");
  captionOf(slot).replaceChildren(...item.cloneNode(true).childNodes);
}

function uncover(slot, { state, caption, disabled }) {
  if (slot.dataset.mine === undefined) return;
  delete slot.dataset.mine;
  slot.dataset.state = state;
  if (disabled) slot.setAttribute("aria-disabled", disabled);
  slot.querySelector(".slot__n")?.remove();
  if (caption) slot.append(caption);
}

function draw() {
  const items = [...document.querySelectorAll("[data-mine-for]")];
  const mine = new Map(items.map((item) => [item.dataset.mineFor, item]));
  for (const [id, was] of covered) {
    if (mine.has(id)) continue;
    const slot = document.getElementById(id);
    if (slot) uncover(slot, was);
    covered.delete(id);
    letGo.set(id, Date.now());
  }
  for (const [id, item] of mine) {
    const slot = document.getElementById(id);
    if (slot) cover(slot, item);
  }
}

// My own time is not pressed again: it leads to what I do with it next.
document.addEventListener(
  "click",
  (event) => {
    const slot = event.target.closest("[data-mine]");
    if (!slot) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (slot.dataset.mine) location.assign(slot.dataset.mine);
  },
  { capture: true },
);

draw();
document.addEventListener("htmx:after:swap", draw);
