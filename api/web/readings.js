// Notes of how names were read: which say no more than that a strength stood behind the name.

/** @typedef {import("./types.js").Answer} Answer */

/**
 * Part the notes of plain readings, of which the answer tells at each drug, from the others: what
 * was read otherwise may be another medicine, or be taken otherwise.
 * @param {string[]} notes
 * @param {Answer} answer
 * @returns {{plain: string[], other: string[]}}
 */
export function parted(notes, answer) {
  const swaps = answer.replacing.flatMap(({ from, to }) => [from, to]);
  const begins = [...answer.taking, ...answer.adding, ...answer.stopping, ...swaps]
    .filter((each) => each.read_by_name)
    .flatMap(({ query }) => [`'${query}' was read as `, `"${query}" was read as `]);
  const isPlain = (/** @type {string} */ note) => begins.some((begin) => note.startsWith(begin));
  return { plain: notes.filter(isPlain), other: notes.filter((note) => !isPlain(note)) };
}
