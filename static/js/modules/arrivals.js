// Says who has come to the waiting list of this board, once, and nothing else: a busy clinic must not chatter.

import { announce } from "./announcer.js";
import { word } from "./words.js";

const WAITING = "#board-waiting [data-arrives][id]";
const pushes = new WeakMap();

const rows = () => [...document.querySelectorAll(WAITING)];

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement?.id === "live-socket") pushes.set(ctx, new Set(rows().map((row) => row.id)));
});

document.addEventListener("htmx:after:swap", (event) => {
  const before = pushes.get(event.detail.ctx);
  if (!before) return;
  for (const row of rows()) {
    if (!before.has(row.id)) announce(word("arrived", row.querySelector(".wq__n")?.textContent.trim()));
  }
});
