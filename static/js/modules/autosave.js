// Saves a form while it is typed in. The page itself holds the text: nothing goes into the browser's storage.
// A save carries the version it began from; one that comes too late is kept apart by the server, never lost.

import { announce } from "./announcer.js";
import { clockTime } from "./clock.js";
import { askToSignIn, signedInAgain } from "./session.js";

const PAUSE_MS = 1500;
const LONGEST_MS = 10000;
const TIMEOUT_MS = 15000;
const RETRY_MS = 2000;
const RETRY_MOST_MS = 30000;
const KEEPALIVE_BYTES = 60000;

const form = document.querySelector("form[data-autosave]");
const names = form?.dataset.autosaveFields.split(" ") ?? [];
const state = document.querySelector("[data-autosave-state]");

// What comes back refused is not saved.
let saved = form && form.dataset.unsaved === undefined ? text() : "";
let typedSince = 0;
let timer;
let tries = 0;
let running = null;
let leaving = false;
let signedOut = false;
let gone = false;

function text() {
  return JSON.stringify(names.map((name) => form.elements.namedItem(name)?.value));
}

const isDirty = () => text() !== saved;

function show(name, value = "") {
  const words = (form.dataset[name] ?? "").replace("%s", value);
  if (state.dataset.autosaveState !== name && (name === "retrying" || name === "refused")) announce(words);
  state.dataset.autosaveState = name;
  if (state.textContent !== words) state.textContent = words;
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function typed() {
  if (gone || !isDirty()) return;
  if (!signedOut && tries === 0) show("waiting");
  typedSince ||= Date.now();
  later(tries ? RETRY_MS : Math.max(0, Math.min(PAUSE_MS, typedSince + LONGEST_MS - Date.now())));
}

function send() {
  const body = new URLSearchParams(new FormData(form));
  const small = body.toString().length < KEEPALIVE_BYTES;
  const headers = { "HX-Request": "true" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(form.dataset.autosave, { method: "POST", headers, body, signal, keepalive: small });
}

function retry() {
  show("retrying");
  later(Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** tries) * (0.5 + Math.random() / 2));
  tries += 1;
}

async function heard(answer, sent) {
  const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (answer.status === 401) {
    signedOut = true;
    show("signedOut");
    askToSignIn();
  } else if (answer.status === 403) {
    // The page's token is older than the session.
    if (!(await newToken())) retry();
    else later(0);
  } else if (answer.status === 404) {
    gone = true;
    show("gone");
  } else if (answer.status === 422) {
    show("refused", Object.values(told.errors ?? {}).flat().join(" "));
  } else if (answer.ok || answer.status === 409) {
    keep(told, sent, answer.status === 409);
  } else retry();
}

function keep(told, sent, apart) {
  tries = 0;
  saved = sent;
  // A text kept apart goes on being compared with the version it began from.
  if (!apart) form.elements.namedItem("version").value = told.version;
  if (apart) document.querySelector("[data-autosave-apart]").hidden = false;
  show(apart ? "apart" : "saved", clockTime(told.saved));
  if (isDirty()) typed();
  else typedSince = 0;
}

async function attempt() {
  const sent = text();
  if (tries === 0) show("saving");
  try {
    await heard(await send(), sent);
  } catch {
    retry();
  }
}

// Resolves when an answer has come, or none.
async function save() {
  clearTimeout(timer);
  while (running) await running;
  if (!isDirty() || gone) return;
  running = attempt().finally(() => (running = null));
  await running;
}

async function newToken() {
  const answer = await fetch(form.dataset.autosave, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return false;
  const { token } = await answer.json();
  form.elements.namedItem("csrfmiddlewaretoken").value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
  return true;
}

async function back() {
  if (signedOut && (await newToken())) {
    signedOut = false;
    signedInAgain();
  }
  if (!signedOut && isDirty()) save();
}

async function submitted(event) {
  const { name, value, dataset } = event.submitter ?? { dataset: {} };
  const wished = name === "go" && (value === "save" || dataset.next);
  if (!wished) {
    leaving = true;
    return;
  }
  event.preventDefault();
  await save();
  if (isDirty() || state.dataset.autosaveState === "apart" || !dataset.next) return;
  leaving = true;
  location.assign(dataset.next);
}

if (form) {
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("focusout", () => isDirty() && tries === 0 && save());
  form.addEventListener("submit", submitted);
  addEventListener("online", back);
  addEventListener("focus", back);
  document.addEventListener("visibilitychange", () => (document.hidden ? isDirty() && save() : back()));
  addEventListener("beforeunload", (event) => {
    if (!leaving && (isDirty() || running)) event.preventDefault();
  });
  // Signing in happens in another tab: this one holds the text.
  document.querySelector("#signed-out a")?.setAttribute("target", "_blank");
}
