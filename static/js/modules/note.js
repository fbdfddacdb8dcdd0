// The editor of a note: prompts and earlier words go into a section with a press, Ctrl+Enter signs.

import { toast } from "./toasts.js";

function put(words, area) {
  const end = area.value.length;
  const gap = !end || area.value.endsWith("\n") ? "" : "\n";
  area.setRangeText(gap + words, end, end, "end");
  area.focus();
  area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function choose(template) {
  for (const group of document.querySelectorAll("[data-template]"))
    group.hidden = group.dataset.template !== template;
}

const measured = () =>
  [...document.querySelectorAll("#note-vitals .vin input")].some((field) => field.value !== field.defaultValue);

for (const control of document.querySelectorAll("[data-needs-script]")) control.hidden = false;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-put]");
  const area = button && document.getElementById(button.dataset.putInto);
  if (area) put(button.dataset.put, area);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosave] select[name='template']")) choose(event.target.value);
});

// Numbers that are typed and not recorded are not part of what saves itself.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-autosave] [data-next]");
    if (!button || !measured()) return;
    event.preventDefault();
    toast(button.form.dataset.measureFirst);
    document.getElementById("note-measure").focus();
  },
  { capture: true },
);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const inVitals = event.target.matches?.("#note-vitals .vin input");
  if (event.ctrlKey || event.metaKey) document.querySelector("[data-ctrl-enter]")?.click();
  else if (inVitals) document.getElementById("note-measure").click();
  if (inVitals) event.preventDefault();
});
