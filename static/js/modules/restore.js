// A page from the back-forward cache has a dead socket and old times.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
