// How the service read each drug that was sent, kept while one graph answers.

import { placeOf } from "./question.js";
import { sent } from "./state.js";

/** @typedef {import("./types.js").Reference} Reference */
/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {import("./types.js").Candidate} Candidate */

/**
 * @typedef {object} Reading
 * @property {"read"|"not checked"|"waiting"} status
 * @property {string} name  What it was read as, empty where it was not.
 * @property {string|null} curie
 * @property {string} why
 * @property {Candidate[]} candidates
 * @property {string} [dose]  The daily dose that was read, in words.
 */

/** @type {Map<string, Reference>} */
const read = new Map();
let graph = "";

/** Take over how an answer read its drugs. @param {import("./types.js").Answer} answer */
export function learn(answer) {
  if (answer.graph.id !== graph) read.clear();
  graph = answer.graph.id;
  const swaps = answer.replacing.flatMap(({ from, to }) => [from, to]);
  for (const each of [...answer.taking, ...answer.adding, ...answer.stopping, ...swaps]) {
    read.set(each.query, each);
  }
}

/**
 * How a drug was read.
 * @param {Drug} d
 * @param {Shown} shown
 * @param {"taking"|"add"} role
 * @returns {Reading}
 */
export function readingOf(d, shown, role) {
  const refused = shown.refused.get(placeOf(role, sent(d)));
  if (refused)
    return {
      status: "not checked",
      name: "",
      curie: null,
      why: refused.message,
      candidates: refused.candidates,
    };
  const found = read.get(sent(d));
  if (!found) return { status: "waiting", name: "", curie: null, why: "", candidates: [] };
  if (found.status === "resolved") {
    const doses = found.doses ?? [];
    const dose = doses.map((each) => inWords(each, doses.length > 1)).join(", ");
    const name = found.name ?? "";
    return { status: "read", name, curie: found.curie, why: "", candidates: [], dose };
  }
  const candidates = found.candidates ?? [];
  const isMany = found.status === "ambiguous" && candidates.length > 1;
  const why = isMany ? "may be several drugs" : "is not a drug that this service knows";
  return { status: "not checked", name: "", curie: null, why, candidates };
}

/** A daily dose in words. @param {import("./types.js").Dose} dose @param {boolean} isOfMany */
const inWords = ({ name, mg_a_day: mg, up_to: isMost }, isOfMany) =>
  `${isMost ? "up to " : ""}${mg} mg${isOfMany ? ` of ${name}` : ""} a day`;

/**
 * Words of a drug in a sentence: the name that it was read as, else what was written.
 * @param {Drug} d
 */
export const nameOf = (d) => read.get(sent(d))?.name ?? d.text;

/** All that was entered and not checked. @param {Shown} shown @returns {Drug[]} */
export function notChecked(shown) {
  const { taking, adding } = shown.state;
  const isOut = (/** @type {Drug} */ d, /** @type {"taking"|"add"} */ role) =>
    readingOf(d, shown, role).status === "not checked";
  return [
    ...taking.filter((d) => isOut(d, "taking")),
    ...adding.filter((d) => isOut(d, "add")),
    ...taking.flatMap((l) =>
      l.plan === "swap" && l.instead && isOut(l.instead, "add") ? [l.instead] : [],
    ),
  ];
}
