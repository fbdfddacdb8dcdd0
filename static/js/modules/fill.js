// A button that writes a free time into the date and time fields of its form.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill-date]");
  if (!button) return;
  const { elements } = button.form;
  elements.namedItem("date").value = button.dataset.fillDate;
  elements.namedItem("time").value = button.dataset.fillTime;
  elements.namedItem("time").focus();
});
