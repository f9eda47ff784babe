// Suggestions for a drug that is being typed.

import { ask } from "./api.js";
import { drug } from "./state.js";

/** @typedef {import("./types.js").Candidate} Candidate */

const MOST_ASKED = 20;
const MOST_SHOWN = 8;

/**
 * What a beginning of a name may become, in the order of the service.
 * @param {string} typed
 * @returns {Promise<import("./combobox.js").Option[]>}
 */
export async function suggest(typed) {
  const q = encodeURIComponent(typed.slice(0, 200));
  /** @type {{candidates: Candidate[]}} */
  const { candidates } = await ask(`v1/drugs?q=${q}&complete=true&limit=${MOST_ASKED}`);
  return candidates.slice(0, MOST_SHOWN).map((c) => ({
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
