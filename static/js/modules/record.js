// An open page of a record reads itself again when the record changed elsewhere. Where somebody is typing it
// says so instead: what is typed is never replaced.

const STATE = "record-state";
const BODY = "record-body";
const FIELDS = "input:not([type=hidden]), textarea, select";

const version = () => Number(document.getElementById(STATE)?.dataset.version ?? 0);
let shown = version();

const typed = (field) => {
  if (field instanceof HTMLSelectElement) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type === "file" ? field.files.length > 0 : field.value !== field.defaultValue;
};

const isBusy = (body) =>
  body.contains(document.activeElement?.closest(FIELDS)) || [...body.querySelectorAll(FIELDS)].some(typed);

const reread = () => {
  const body = document.getElementById(BODY);
  if (!body || version() <= shown) return;
  shown = version();
  // A page that only adds shows nothing that could be out of date, and its changes are its own.
  if (body.querySelector("[data-only-adds]")) return;
  if (isBusy(body)) {
    document.getElementById("record-changed")?.removeAttribute("hidden");
    return;
  }
  // The whole page is asked for: a view answers a piece to htmx unless the request is a boosted one.
  htmx.ajax("GET", location.pathname + location.search, {
    target: `#${BODY}`,
    select: `#${BODY}`,
    swap: "outerMorph",
    headers: { "HX-Boosted": "true" },
  });
  document.body.dispatchEvent(new CustomEvent("recordchanged"));
};

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement?.id === "live-socket") reread();
});
