// The words of a dose behind a drug in a note.

/** @typedef {import("./types.js").Mention} Mention */

const MOST_DOSE = 80;
const FAR = 100;
/** Where what is said of a dose ends: a line, a sentence, a comma before a word. */
const END_OF_DOSE = /\n|;|\.(?=\s|$)|,(?=\s*[a-z])|\((?!\s*(?:max|total|\d))/i;

/**
 * The dose of a mention with the words behind it, to the next drug or the end of what is said.
 * @param {string} text
 * @param {Mention} m
 * @param {Mention[]} mentions
 */
export function writtenBehind(text, m, mentions) {
  const next = mentions.map(({ start }) => start).filter((start) => start >= m.end);
  const behind = [...text].slice(m.end, Math.min(...next, m.end + FAR)).join("");
  const at = behind.indexOf(m.dose ?? "");
  if (at < 0) return m.dose ?? "";
  const [told = ""] = behind.slice(at).split(END_OF_DOSE);
  const words = told.replace(/\s+/g, " ").replace(/[\s(,]+(?:and|with|or)?[\s(]*$/i, "");
  return words.length <= MOST_DOSE ? words : (m.dose ?? "");
}
