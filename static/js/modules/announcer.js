// One polite announcer a page. Messages are merged so that a busy clinic does not chatter.

const MERGE_MS = 900;
const MOST_AT_ONCE = 2;

let waiting = [];
let timer;

/** Have a screen reader say `message` when it next pauses. */
export function announce(message) {
  if (!message) return;
  waiting.push(message);
  clearTimeout(timer);
  timer = setTimeout(() => {
    const region = document.getElementById("announcer");
    if (region) region.textContent = waiting.slice(-MOST_AT_ONCE).join(". ");
    waiting = [];
  }, MERGE_MS);
}
