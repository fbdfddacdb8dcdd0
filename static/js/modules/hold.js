// A held time is given back when its reader leaves, so that nobody waits for a closed tab. Reloading,
// reviewing, signing in and looking at other times of a doctor keep it.

const KEEPS = [
  /^\/book\//,
  /^\/accounts?\//,
  /^\/join\//,
  /^\/doctors\/[^/]+\//,
  /^\/visits\/[^/]+\//,
];
const form = document.querySelector("form[data-hold-release]");
const api = globalThis.navigation;

// Without the Navigation API a reload looks like leaving: then only a press on a way out counts.
let leaving = Boolean(api);

function keeps(address) {
  const url = new URL(address, location.href);
  return url.origin === location.origin && KEEPS.some((path) => path.test(url.pathname));
}

function letGo() {
  const hold = document.querySelector("[data-hold]");
  if (!form || !hold || !leaving) return;
  const body = new FormData(form);
  body.set("hold", hold.dataset.hold);
  body.set("leaving", "1");
  navigator.sendBeacon(form.dataset.holdRelease, body);
}

if (form) {
  api?.addEventListener("navigate", (event) => {
    if (event.hashChange || event.downloadRequest !== null) return;
    leaving = event.navigationType !== "reload" && !keeps(event.destination.url);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !link.download && !link.target) leaving = !keeps(link.href);
  });
  // A form leads on with what is held; the server answers where to.
  document.addEventListener("submit", () => (leaving = false));
  addEventListener("pagehide", letGo);
}
