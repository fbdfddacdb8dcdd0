// Marks on the board the visit whose panel is open. The board is the same for everyone who watches it, so
// what this person has chosen is drawn over it, again after every push.

function mark() {
  const id = document.querySelector("[data-chosen]")?.dataset.chosen;
  for (const old of document.querySelectorAll('.ev[aria-current="true"]')) {
    if (old.id !== id) old.removeAttribute("aria-current");
  }
  if (id) document.getElementById(id)?.setAttribute("aria-current", "true");
}

mark();
// On a phone the panel lies below: the focus goes where the link led.
if (location.hash === "#patient") document.getElementById("panel-name")?.focus({ preventScroll: true });
document.addEventListener("htmx:after:swap", mark);
