// When the focused element goes away with a swap, the focus goes to the nearest heading that can take
// it, and that is said: otherwise a keyboard starts again at the top of the page.

import { announce } from "./announcer.js";

const places = new WeakMap();

function nearestHeading(element) {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const heading = box.querySelector(":is(h1, h2, h3)[tabindex]");
    if (heading?.isConnected && !element.contains(heading)) return heading;
  }
  return null;
}

document.addEventListener("htmx:before:swap", (event) => {
  const focused = document.activeElement;
  if (focused && focused !== document.body) {
    places.set(event.detail.ctx, { focused, heading: nearestHeading(focused) });
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const place = places.get(event.detail.ctx);
  if (!place || place.focused.isConnected || document.activeElement !== document.body) return;
  if (document.getElementById(place.focused.id)) return;
  const heading = place.heading?.isConnected ? place.heading : document.getElementById("main");
  heading?.focus();
  announce(heading?.matches("h1, h2, h3") ? heading.textContent : "");
});
