// Sheets. They open by invoker commands (`commandfor` + `command`), or by being filled: an answer whose
// target is a <dialog data-opens> opens it. They live outside of morphed regions.

const lacksInvokers = !("commandForElement" in HTMLButtonElement.prototype);

function invoke(button) {
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (button.getAttribute("command") === "close") dialog.close();
  else if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[commandfor]");
  if (button && lacksInvokers) invoke(button);
  // The backdrop belongs to the dialog, so a press on it has the dialog itself as target.
  if (event.target instanceof HTMLDialogElement && !event.target.dataset.stays) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener("htmx:after:settle", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || dialog.dataset.opens === undefined) return;
  if (!dialog.childElementCount) {
    dialog.close();
    return;
  }
  if (!dialog.open) dialog.showModal();
  // The title takes the focus, so that it is the first thing a screen reader says.
  dialog.querySelector("[tabindex='-1']")?.focus();
});
