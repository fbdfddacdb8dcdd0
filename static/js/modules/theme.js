// Light or dark. The server renders data-theme from the cookie, so no page flashes; this flips both.

const root = document.documentElement;
const YEAR_SECONDS = 31536000;

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=${YEAR_SECONDS};samesite=lax${secure}`;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.content = theme === "dark" ? meta.dataset.dark : meta.dataset.light;
  }
});
