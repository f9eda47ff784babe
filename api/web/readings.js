// Notes of how names were read: which say no more than that a strength stood behind the name.

/** @typedef {import("./types.js").Answer} Answer */

const UNITS = "mg|mcg|ug|g|ml|iu|units?|meq|mmol|%|hr";
const STRENGTH = new RegExp(
  `\\b\\d+(?:[.,]\\d+)?\\s*(?:${UNITS})(?:/(?:ml|actuat|hr|h|day))?(?![a-z])`,
  "gi",
);
/** The first strength of a pair, as in 875-125 mg; 70/30 without a unit is a mixture. */
const FIRST_OF_TWO = /(^|\s)[\d.,]+[-/](?=[\d.,]+\s*(?:mg|mcg|g)\b)/gi;
/** Words of forms that say no more than that a medicine is swallowed. */
const BY_MOUTH = new Set(
  (
    "tablet tablets tab tabs capsule capsules cap caps oral er xr sr xl extended release " +
    "delayed chewable film coated"
  ).split(" "),
);
const AS = /^was read as (['"])(.+?)\1(?: \(|\.)/;

/**
 * Part the notes of plain readings from the others. What was read otherwise may be another
 * medicine, or be taken otherwise. The rule is that of the report, `api/report/medicines.py`.
 * @param {string[]} notes
 * @param {Answer} answer
 * @returns {{plain: string[], other: string[]}}
 */
export function parted(notes, answer) {
  const swaps = answer.replacing.flatMap(({ from, to }) => [from, to]);
  const entries = [...answer.taking, ...answer.adding, ...answer.stopping, ...swaps];
  const plain = notes.filter((note) => entries.some(({ query }) => isPlainNote(note, query)));
  return { plain, other: notes.filter((note) => !plain.includes(note)) };
}

/**
 * Tell whether a text is a name with nothing behind it but a strength, or that it is swallowed.
 * @param {string} written
 * @param {string} name
 */
export function isPlain(written, name) {
  const [text, start] = [written.toLowerCase().trim(), name.toLowerCase()];
  const rest = text.slice(start.length);
  if (!text.startsWith(start) || rest.slice(0, 1).trim()) return false;
  const words = rest.replace(FIRST_OF_TWO, "$1").replace(STRENGTH, " ").split(/\s+/);
  return words.every((word) => !word || BY_MOUTH.has(word));
}

/** @param {string} note @param {string} query */
function isPlainNote(note, query) {
  const quoted = [`'${query}' `, `"${query}" `].find((begin) => note.startsWith(begin));
  const read = quoted && note.slice(quoted.length).match(AS)?.[2];
  return Boolean(read) && isPlain(query, read || "");
}
