// Marks what the server has just changed. Only a push is compared (never a page or my own press), and
// the mark is drawn here, not sent: a pushed piece is the piece of the page, byte for byte.

import { announce } from "./announcer.js";
import { justLetGo } from "./mine.js";
import { captionOf } from "./pending.js";
import { word } from "./words.js";

const STAYS_MS = 4000;
const WATCHED = "[id][data-state], [id][data-arrives]";
const pushes = new WeakMap();

const isPush = (ctx) => ctx.sourceElement?.id === "live-socket";
const watched = (box) => [...(box.matches(WATCHED) ? [box] : []), ...box.querySelectorAll(WATCHED)];

function wash(element, caption) {
  element.dataset.fresh = "";
  const label = caption && captionOf(element);
  const settled = label?.textContent;
  if (label) label.textContent = caption;
  setTimeout(() => {
    delete element.dataset.fresh;
    if (label?.isConnected && label.textContent === caption) label.textContent = settled;
  }, STAYS_MS);
}

function markSlot(slot, was, is) {
  if (is === "taken") {
    wash(slot, word("justTaken"));
    const time = slot.querySelector(".slot__t")?.textContent ?? "";
    if (slot === document.activeElement) announce(word("wasTaken", time));
  } else if (is === "free" && (was === "held" || was === "taken") && !justLetGo(slot.id)) {
    slot.dataset.state = "freed";
    captionOf(slot).textContent = word("justOpened");
  }
}

function mark(element, was) {
  const is = element.dataset.state;
  if (was === undefined) {
    if (element.dataset.arrives !== undefined) wash(element);
  } else if (was === is || (was === "freed" && is === "free")) {
    return;
  } else if (element.matches(".slot")) {
    markSlot(element, was, is);
  } else {
    wash(element);
  }
}

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (!isPush(ctx)) return;
  const boxes = tasks.map((task) => task.target).filter((target) => target instanceof Element);
  const states = new Map();
  for (const element of boxes.flatMap(watched)) states.set(element.id, element.dataset.state ?? "");
  pushes.set(ctx, { ids: boxes.map((box) => box.id), states });
});

document.addEventListener("htmx:after:swap", (event) => {
  const push = pushes.get(event.detail.ctx);
  if (!push) return;
  const boxes = push.ids.map((id) => document.getElementById(id)).filter(Boolean);
  for (const element of new Set(boxes.flatMap(watched))) mark(element, push.states.get(element.id));
});
