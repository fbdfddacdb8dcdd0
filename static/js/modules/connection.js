// How fresh the page is: the dot #live, the bar #live-bar, and what to do when the socket has gone.
// Without a socket for 4 s: "Reconnecting"; for 15 s: a bar with the time of the last data. After a
// reconnect the regions that listen for `resync` are fetched before the dot turns green.

import { announce } from "./announcer.js";
import { clockTime, serverNow } from "./clock.js";
import { renew } from "./session.js";
import { word } from "./words.js";

const RECONNECTING_MS = 4000;
const STALE_MS = 15000;
const SESSION_OVER = 4401;

const socket = document.getElementById("live-socket");
let lastData = serverNow();
let connectedOnce = false;
let timers = [];
let refetching = 0;

function show(state, label) {
  const dot = document.getElementById("live");
  if (!dot) return;
  if (state) dot.dataset.state = state;
  else delete dot.dataset.state;
  const text = dot.querySelector("[data-live-label]");
  if (text) text.textContent = label;
}

function bar(tone, text) {
  const box = document.getElementById("live-bar");
  if (!box) return;
  box.hidden = !text;
  box.dataset.tone = tone;
  box.querySelector("[data-live-bar]").textContent = text;
}

function calm() {
  timers.forEach(clearTimeout);
  timers = [];
  bar("wait", "");
}

function worry() {
  if (timers.length || !navigator.onLine) return;
  timers = [
    setTimeout(show, RECONNECTING_MS, "wait", word("reconnecting")),
    setTimeout(() => bar("wait", word("stale", clockTime(lastData))), STALE_MS),
  ];
}

function goLive() {
  lastData = serverNow();
  if (refetching > 0) return;
  show("live", word("live"));
}

function offline() {
  calm();
  show("off", word("offlineSince", clockTime(lastData)));
  bar("alert", word("offline"));
  announce(word("offline"));
}

function reconnectNow() {
  calm();
  worry();
  globalThis.htmx?.process(socket, true);
}

async function stopped(code) {
  calm();
  if (code === SESSION_OVER && (await renew(socket))) return worry();
  show("off", word("stopped"));
}

function closed({ reason, code }) {
  if (reason !== "closed") return;
  // htmx does not come back after these: no access, too many pages, or an end that was meant.
  if (code === 1000 || code >= 4000) stopped(code);
  else if (document.hidden) show("", word("paused"));
  else worry();
}

function connected() {
  calm();
  if (connectedOnce) document.body.dispatchEvent(new CustomEvent("resync"));
  connectedOnce = true;
  goLive();
}

const isResync = (event) => event.detail.ctx.sourceEvent?.type === "resync";

if (socket) {
  worry();
  document.addEventListener("htmx:ws:after:connection", connected);
  document.addEventListener("htmx:ws:after:message:incoming", () => (lastData = serverNow()));
  document.addEventListener("htmx:ws:close", (event) => closed(event.detail));
  document.addEventListener("htmx:before:request", (event) => isResync(event) && refetching++);
  document.addEventListener("htmx:finally:request", (event) => {
    if (isResync(event) && --refetching === 0) goLive();
  });
  addEventListener("offline", offline);
  addEventListener("online", reconnectNow);
}
