// Notes of how names were read: which say no more than what stands beside the drug: that a strength
// stood behind the name, or what is taken in a day.

/** @typedef {import("./types.js").Answer} Answer */

/**
 * Part the notes of plain readings, of which the answer tells at each drug, from the others: what
 * was read otherwise may be another medicine, or be taken otherwise.
 * @param {string[]} notes
 * @param {Answer} answer
 * @returns {{plain: string[], other: string[], dosed: number}}  `dosed` of the plain ones tell of a
 *   drug whose daily dose was read.
 */
export function parted(notes, answer) {
  const swaps = answer.replacing.flatMap(({ from, to }) => [from, to]);
  const all = [...answer.taking, ...answer.adding, ...answer.stopping, ...swaps];
  const withDose = begins(all.filter(({ doses }) => doses?.length));
  const read = [...withDose, ...begins(all.filter((each) => each.read_by_name))];
  const isOf = (/** @type {string[]} */ drugs, /** @type {string} */ note) =>
    drugs.some((begin) => note.startsWith(begin));
  const plain = notes.filter((note) => isOf(read, note));
  const dosed = plain.filter((note) => isOf(withDose, note)).length;
  return { plain, other: notes.filter((note) => !plain.includes(note)), dosed };
}

/** How the notes of some drugs begin. @param {import("./types.js").Reference[]} drugs */
const begins = (drugs) =>
  drugs.flatMap(({ query }) => [`'${query}' was read as `, `"${query}" was read as `]);
