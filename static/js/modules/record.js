// An open page of a record reads itself again when the record changed elsewhere. Where somebody is typing it
// says so instead: what is typed is never replaced.

const STATE = "record-state";
const BODY = "record-body";
const FIELDS = "input:not([type=hidden]), textarea, select";

const MOST_TRIES = 6;
const PAUSE = 400;

const versionOf = (id) => Number(document.getElementById(id)?.dataset.version ?? 0);

const typed = (field) => {
  if (field instanceof HTMLSelectElement) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type === "file" ? field.files.length > 0 : field.value !== field.defaultValue;
};

const isBusy = (body) =>
  body.contains(document.activeElement?.closest(FIELDS)) || [...body.querySelectorAll(FIELDS)].some(typed);

const reread = async (tries = 0) => {
  const body = document.getElementById(BODY);
  if (!body || versionOf(STATE) <= versionOf(BODY)) return;
  // A page that only adds shows nothing that could be out of date, and its changes are its own.
  if (body.querySelector("[data-only-adds]")) return;
  if (isBusy(body)) {
    document.getElementById("record-changed")?.removeAttribute("hidden");
    return;
  }
  // The whole page is asked for: a view answers a piece to htmx unless the request is a boosted one.
  await htmx.ajax("GET", location.pathname + location.search, {
    target: `#${BODY}`,
    select: `#${BODY}`,
    swap: "outerMorph",
    headers: { "HX-Boosted": "true" },
  });
  // Another request under way lets this one drop: the body still has its old version then.
  if (versionOf(BODY) < versionOf(STATE) && tries < MOST_TRIES) setTimeout(reread, PAUSE, tries + 1);
};

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement?.id === "live-socket") reread();
});
