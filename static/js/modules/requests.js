// A press whose answer is not a piece of this page says so. 409 and 422 are pieces: htmx puts them in.

import { toast } from "./toasts.js";
import { word } from "./words.js";

const PIECES = new Set([409, 422]);

document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (PIECES.has(status) || headers.get("HX-Redirect")) return;
  toast(word({ 403: "outdated", 429: "tooMany" }[status] ?? "failed"));
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) toast(word(navigator.onLine ? "noAnswer" : "offlineAction"));
});
