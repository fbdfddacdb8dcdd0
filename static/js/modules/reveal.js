// A long password may be read while it is typed. Without script the button stays hidden.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  input.focus();
});

for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;
