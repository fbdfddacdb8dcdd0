// The server's clock. A phone that is ten minutes wrong must not show a hold as ended.

const root = document.documentElement;
const [navigation] = performance.getEntriesByType("navigation");
const answeredAt = performance.timeOrigin + (navigation?.responseStart ?? performance.now());
const offset = root.dataset.now ? Number(root.dataset.now) - answeredAt : 0;

/** Return the present instant of the server, in milliseconds since 1970. */
export function serverNow() {
  return Date.now() + offset;
}

/** Return an instant as hours and minutes, in the reader's language and the page's time zone. */
export function clockTime(milliseconds) {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (root.dataset.tz) format.timeZone = root.dataset.tz;
  return new Intl.DateTimeFormat(root.lang || undefined, format).format(milliseconds);
}
