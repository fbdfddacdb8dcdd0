// What the script says to people comes from the page (templates/components/_words.html), translated.

const said = document.getElementById("words")?.dataset ?? {};

/** Return the phrase of this name, with `value` in place of its %s. */
export function word(name, value = "") {
  return (said[name] ?? "").replace("%s", value);
}
