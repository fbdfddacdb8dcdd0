// Single keys for staff: data-key="n" presses that control. Only outside of fields, and not at all when
// they are switched off in their own list (WCAG 2.1.4).

const FIELDS = "input, textarea, select, [contenteditable]";
const LIST = "[commandfor='keys'][command='show-modal']";
const YEAR_SECONDS = 31536000;

const root = document.documentElement;

function hit(key) {
  if (key === "/") return document.querySelector("[data-search]");
  if (key === "?") return document.querySelector(LIST);
  const wanted = `[data-key="${CSS.escape(key.toLowerCase())}"]`;
  return [...document.querySelectorAll(wanted)].find((element) => element.offsetParent !== null);
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
  if (root.dataset.keys === "off" || event.target.closest?.(FIELDS)) return;
  if (document.querySelector("dialog[open]")) return;
  const control = event.key.length === 1 && hit(event.key);
  if (!control) return;
  event.preventDefault();
  if (control.matches(FIELDS)) control.focus();
  else control.click();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-toggle]")) return;
  root.dataset.keys = event.target.checked ? "on" : "off";
  const secure = location.protocol === "https:" ? ";secure" : "";
  const kept = `path=/;max-age=${YEAR_SECONDS};samesite=lax${secure}`;
  document.cookie = `keys=${root.dataset.keys};${kept}`;
});
