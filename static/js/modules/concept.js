// A text field that offers codes while somebody types: a combobox with a listbox, as WAI-ARIA 1.2 has it.
// What is typed always counts; choosing a line adds its code, and changing the text takes the code away.

import { announce } from "./announcer.js";
import { word } from "./words.js";

const WAIT_MS = 120;
const SHORTEST = 2;

const asked = new WeakMap(); // box: the number of the last question
let timer = 0;

const parts = (box) => ({
  input: box.querySelector("input:not([type=hidden])"),
  list: box.querySelector("[role=listbox]"),
  system: box.querySelector("[data-concept-system]"),
  code: box.querySelector("[data-concept-code]"),
});
const boxOf = (target) => target.closest?.("[data-concept]");
const options = (list) => [...list.querySelectorAll("[role=option]")];
const token = () =>
  JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";

/** Make a plain field a combobox, the first time somebody comes to it. */
function prepare(input, list) {
  if (input.role === "combobox") return;
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ]) {
    input.setAttribute(name, value);
  }
}

function close(box) {
  const { input, list } = parts(box);
  asked.set(box, (asked.get(box) ?? 0) + 1);
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function line(suggestion, id) {
  const option = element("li", "concept__option", "");
  option.id = id;
  option.role = "option";
  option.setAttribute("aria-selected", "false");
  Object.assign(option.dataset, suggestion);
  option.append(element("span", "concept__text", suggestion.text));
  if (suggestion.shown) option.append(element("span", "concept__code", suggestion.shown));
  if (suggestion.detail) option.append(element("span", "concept__detail", suggestion.detail));
  return option;
}

function show(box, suggestions) {
  const { input, list } = parts(box);
  list.replaceChildren(...suggestions.map((one, at) => line(one, `${list.id}_${at}`)));
  list.hidden = suggestions.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  input.removeAttribute("aria-activedescendant");
  if (suggestions.length) announce(word("suggestions", suggestions.length));
}

async function ask(box) {
  const { input } = parts(box);
  const number = (asked.get(box) ?? 0) + 1;
  asked.set(box, number);
  let suggestions = [];
  try {
    const answer = await fetch(box.dataset.concept, {
      method: "POST",
      headers: { "X-CSRFToken": token() },
      body: new URLSearchParams({ q: input.value }),
      cache: "no-store",
    });
    if (answer.ok) ({ suggestions } = await answer.json());
  } catch {
    // Without an answer the field stays what it was: free text.
  }
  // Somebody has typed on, left or chosen in the meantime.
  if (asked.get(box) === number && document.activeElement === input) show(box, suggestions);
}

function activate(box, option) {
  const { input, list } = parts(box);
  for (const other of options(list)) {
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function choose(box, option) {
  const { input, system, code } = parts(box);
  clearTimeout(timer);
  input.value = option.dataset.text;
  system.value = option.dataset.system;
  code.value = option.dataset.code;
  close(box);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function move(box, by) {
  const { list } = parts(box);
  const all = options(list);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  // Past either end the field itself is the next, with what was typed.
  activate(box, all[next]);
}

document.addEventListener("focusin", (event) => {
  const box = boxOf(event.target);
  if (box && event.target === parts(box).input) prepare(event.target, parts(box).list);
});

document.addEventListener("input", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target !== parts(box).input) return;
  const { input, system, code } = parts(box);
  prepare(input, parts(box).list);
  system.value = code.value = "";
  clearTimeout(timer);
  if (input.value.trim().length < SHORTEST) close(box);
  else timer = setTimeout(ask, WAIT_MS, box);
});

document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  if (!box || event.isComposing || parts(box).list.hidden) return;
  const active = parts(box).list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown") move(box, 1);
  else if (event.key === "ArrowUp") move(box, -1);
  else if (event.key === "Escape") close(box);
  else if (event.key === "Enter" && active) choose(box, active);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// Before the press takes the focus away from the field.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.(".concept__list")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.(".concept__option");
  if (option) choose(boxOf(option), option);
});
document.addEventListener("focusout", (event) => {
  const box = boxOf(event.target);
  if (box && !box.contains(event.relatedTarget)) close(box);
});
