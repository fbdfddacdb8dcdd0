// On a narrow screen the chosen tab may lie beyond the edge of its row: bring it in, without moving the page.

for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement;
  const beyond = tab.offsetLeft + tab.offsetWidth - row.offsetLeft - row.clientWidth;
  if (beyond > 0) row.scrollLeft = beyond + tab.offsetWidth / 2;
}
