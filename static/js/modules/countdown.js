// Draws the distance to the server's deadline: <section data-deadline="epoch ms" data-total="300"> with
// a ring, digits in [data-countdown], or both. The readable text beside them is the server's.

import { announce } from "./announcer.js";
import { serverNow } from "./clock.js";
import { word } from "./words.js";

const LOW_SECONDS = 60;
const told = new WeakMap();

function tellOnce(element, what) {
  const deadline = element.dataset.deadline;
  const known = told.get(element) ?? {};
  if (known[what] === deadline) return false;
  told.set(element, { ...known, [what]: deadline });
  return true;
}

function draw(element) {
  const left = Math.max(0, Math.round((Number(element.dataset.deadline) - serverNow()) / 1000));
  const total = Number(element.dataset.total) || 300;
  const share = Math.min(100, (100 * left) / total).toFixed(1);
  element.querySelector(".ring__bar")?.setAttribute("stroke-dasharray", `${share} 100`);
  const digits = element.querySelector("[data-countdown]");
  if (digits) digits.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  element.querySelector(".ring")?.toggleAttribute("data-low", left <= LOW_SECONDS);
  if (left <= LOW_SECONDS && left > 0 && tellOnce(element, "low")) announce(word("oneMinute"));
  if (left === 0 && tellOnce(element, "ended")) {
    element.dispatchEvent(new CustomEvent("hold:ended", { bubbles: true }));
  }
}

function drawAll() {
  for (const element of document.querySelectorAll("[data-deadline]")) {
    if (element.dataset.deadline) draw(element);
  }
}

drawAll();
setInterval(drawAll, 1000);
document.addEventListener("htmx:after:swap", drawAll);
