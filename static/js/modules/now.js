// Brings the present hour into view once, in a column that scrolls by itself.

const column = document.querySelector("[data-scroll-to-now]");
const line = column?.querySelector(".now");

if (line && column.scrollHeight > column.clientHeight) {
  column.scrollTop = line.offsetTop - column.clientHeight / 3;
}
