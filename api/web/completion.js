// Suggestions for a drug that is being typed.

import { ask } from "./api.js";
import { drug } from "./state.js";

/** @typedef {import("./types.js").Candidate} Candidate */

/** @typedef {import("./types.js").Drug} Drug */

const DOSE = /\s+(?:\d[\d.,]*\s*(?:m?c?g|ug|µg|units?)(?![a-z])|[½¼¾]|\d\s*(?:tab|cap))/i;
const MOST_ASKED = 20;
const MOST_SHOWN = 8;

/**
 * What a beginning of a name may become, in the order of the service.
 * @param {string} typed
 * @returns {Promise<import("./combobox.js").Option[]>}
 */
export async function suggest(typed) {
  const [name, dose] = parted(typed);
  const q = encodeURIComponent(name.slice(0, 200));
  /** @type {{candidates: Candidate[]}} */
  const { candidates } = await ask(`v1/drugs?q=${q}&complete=true&limit=${MOST_ASKED}`);
  return candidates.slice(0, MOST_SHOWN).map((c) => ({
    label: c.matched,
    hint: c.matched.toLowerCase() === c.name.toLowerCase() ? "" : c.name,
    value: withDose(meant(c, candidates), dose),
  }));
}

/**
 * A text parted before its first amount: "simva 40 mg at night", but not "vitamin b12".
 * @param {string} typed
 * @returns {[string, string]}
 */
function parted(typed) {
  const at = typed.search(DOSE);
  return at < 0 ? [typed, ""] : [typed.slice(0, at), typed.slice(at).trim()];
}

/** A drug with the dose that was written behind it. @param {Drug} chosen @param {string} dose */
function withDose(chosen, dose) {
  if (!dose) return chosen;
  return chosen.code ? { ...chosen, more: dose } : drug(`${chosen.text} ${dose}`);
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
