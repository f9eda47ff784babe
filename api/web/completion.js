// Suggestions for a drug that is being typed.

import { ask } from "./api.js";
import { drug } from "./state.js";

/** @typedef {import("./types.js").Candidate} Candidate */

const MOST_ASKED = 50;
const MOST_SHOWN = 8;

/**
 * What a beginning of a name may become: names that begin so before others, medicines of RxNorm
 * before chemicals that no pharmacy has; else the order of the service.
 * @param {string} typed
 * @returns {Promise<import("./combobox.js").Option[]>}
 */
export async function suggest(typed) {
  const found = await ask(
    `v1/drugs?q=${encodeURIComponent(typed.slice(0, 200))}&limit=${MOST_ASKED}`,
  );
  /** @type {Candidate[]} */
  const candidates = found.candidates;
  const begins = (/** @type {Candidate} */ c) =>
    [c.matched, c.name].some((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  const weight = (/** @type {Candidate} */ c) =>
    (begins(c) ? 2 : 0) + (c.curie.startsWith("RXCUI:") ? 1 : 0);
  const ordered = candidates
    .map((c, i) => ({ c, i }))
    .sort((a, b) => weight(b.c) - weight(a.c) || a.i - b.i)
    .map(({ c }) => c);
  return ordered.slice(0, MOST_SHOWN).map((c) => ({
    label: c.matched,
    hint: c.matched.toLowerCase() === c.name.toLowerCase() ? "" : c.name,
    value: meant(c, candidates),
  }));
}

/**
 * A candidate as a drug: by its name, or by its code where two candidates bear the name.
 * @param {Candidate} chosen
 * @param {Candidate[]} among
 */
export function meant(chosen, among) {
  const isShared =
    among.filter((c) => c.matched.toLowerCase() === chosen.matched.toLowerCase()).length > 1;
  return drug(chosen.matched, isShared ? chosen.curie : null);
}
