// A form is sent once, and what is not available explains itself instead of acting. `disabled` would
// drop the focus of a control that changes under the reader, so the product uses aria-disabled.

import { announce } from "./announcer.js";
import { word } from "./words.js";

document.addEventListener(
  "click",
  (event) => {
    const control = event.target.closest("[aria-disabled='true']");
    if (!control) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(
      control.dataset.why ||
        word("unavailable", control.querySelector("[class$='__t']")?.textContent ?? ""),
    );
  },
  { capture: true },
);

// After the others have had their say: a submission that htmx took over is already prevented.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-busy", "true");
});

// A page that comes back (an error in the browser, the back button) may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
