// Narrows a board to a kind of visit, a status, a site. What is hidden is decided here, from the choice in
// the form: pushed pieces know nothing of it, so it is applied again after every one. The choice stands in
// the address, so it survives a reload.

const form = () => document.querySelector("[data-filters]");
const fields = () => [...(form()?.querySelectorAll("[data-filter]") ?? [])];

function apply() {
  const chosen = fields().filter((field) => field.value);
  for (const row of document.querySelectorAll("[data-filter-status]")) {
    row.hidden = chosen.some((field) => row.getAttribute(`data-filter-${field.dataset.filter}`) !== field.value);
  }
  const clear = form()?.querySelector("[data-filters-clear]");
  if (clear) clear.hidden = chosen.length === 0;
}

function remember() {
  const address = new URL(location.href);
  for (const field of fields()) {
    if (field.value) address.searchParams.set(field.name, field.value);
    else address.searchParams.delete(field.name);
  }
  history.replaceState(history.state, "", address);
}

function restore() {
  const asked = new URL(location.href).searchParams;
  for (const field of fields()) {
    const value = asked.get(field.name) ?? "";
    if ([...field.options].some((option) => option.value === value)) field.value = value;
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-filters]")) return;
  remember();
  apply();
});
document.addEventListener("reset", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  event.preventDefault();
  for (const field of fields()) field.value = "";
  remember();
  apply();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-filters]")) event.preventDefault();
});

if (form()) {
  restore();
  apply();
  document.addEventListener("htmx:after:swap", apply);
}
