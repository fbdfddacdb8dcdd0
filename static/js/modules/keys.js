// Single keys for staff: data-key="n" presses that control. Only outside of fields, and not at all when
// the account switches them off (WCAG 2.1.4).

const FIELDS = "input, textarea, select, [contenteditable]";

function hit(key) {
  if (key === "/") return document.querySelector("[data-search]");
  if (key === "?") return document.querySelector("[commandfor='keys']");
  const wanted = `[data-key="${CSS.escape(key.toLowerCase())}"]`;
  return [...document.querySelectorAll(wanted)].find((element) => element.offsetParent !== null);
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
  if (document.documentElement.dataset.keys === "off" || event.target.closest?.(FIELDS)) return;
  if (document.querySelector("dialog[open]")) return;
  const control = event.key.length === 1 && hit(event.key);
  if (!control) return;
  event.preventDefault();
  if (control.matches(FIELDS)) control.focus();
  else control.click();
});
