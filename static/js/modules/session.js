// Close code 4401: the session, or only the page's ticket to the socket, is over. Asking for a new
// ticket tells which: with one the page goes on as it is; without one the sheet asks to sign in.

const ATTRIBUTE = "hx-ws:connect";
const NOT_AGAIN_MS = 20000;

let renewedAt = 0;

async function newTicket(socket) {
  const token = socket.getAttribute(ATTRIBUTE).split("/").filter(Boolean).pop();
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  const body = new URLSearchParams({ token });
  const answer = await fetch(socket.dataset.renew, { method: "POST", headers, body });
  return answer.ok ? (await answer.json()).url : null;
}

/** Cover the page until somebody has signed in again. */
export function askToSignIn() {
  const sheet = document.getElementById("signed-out");
  if (!sheet) location.reload();
  else if (!sheet.open) sheet.showModal();
}

/** Uncover the page: the person has signed in, in another tab. */
export function signedInAgain() {
  document.getElementById("signed-out")?.close();
}

/** Say whether the socket element was given a new ticket and connects again. */
export async function renew(socket) {
  const tooSoon = Date.now() - renewedAt < NOT_AGAIN_MS;
  renewedAt = Date.now();
  const address = tooSoon ? null : await newTicket(socket).catch(() => null);
  if (!address) {
    askToSignIn();
    return false;
  }
  socket.setAttribute(ATTRIBUTE, address);
  globalThis.htmx?.process(socket, true);
  return true;
}
