// Short messages in #toasts. They leave by themselves, but never from under a finger or the focus.

const STAY_MS = 10000;
const region = document.getElementById("toasts");

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(leave, STAY_MS / 2, toast);
  else toast.remove();
}

function keepTime(toast) {
  if (toast instanceof HTMLElement && toast.dataset.stays === undefined) {
    setTimeout(leave, STAY_MS, toast);
  }
}

/** Show a message made in the browser; those of the server are components/_toast.html. */
export function toast(text) {
  if (!text || !region) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  region.replaceChildren(box);
}

if (region) {
  [...region.children].forEach(keepTime);
  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(keepTime);
  }).observe(region, { childList: true });
}
