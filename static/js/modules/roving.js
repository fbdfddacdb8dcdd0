// Arrow keys inside one composite (slot grid, day strip, queue), on top of Tab, which still reaches all.

const visible = (element) => element.offsetParent !== null;

function step(key, box, items) {
  const inline = getComputedStyle(box).direction === "rtl" ? -1 : 1;
  const top = items[0].offsetTop;
  const columns =
    box.dataset.roving === "grid" ? items.filter((item) => item.offsetTop === top).length : 1;
  return { ArrowRight: inline, ArrowLeft: -inline, ArrowDown: columns, ArrowUp: -columns }[key];
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || !event.key.startsWith("Arrow")) return;
  const box = event.target.closest?.("[data-roving]");
  if (!box || event.target.matches("input, textarea, select")) return;
  const items = [...box.querySelectorAll("button, a[href]")].filter(visible);
  const at = items.indexOf(document.activeElement);
  const next = at > -1 && items[at + step(event.key, box, items)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
