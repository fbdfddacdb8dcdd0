// Brings the chosen visit, or else the present hour, into view once, in a column that scrolls by itself.

const column = document.querySelector("[data-scroll-to-now]");
const chosenId = document.querySelector("[data-chosen]")?.dataset.chosen;
const line = (chosenId && document.getElementById(chosenId)) || column?.querySelector(".now");

if (line && column.scrollHeight > column.clientHeight) {
  column.scrollTop = line.offsetTop - column.clientHeight / 3;
}
