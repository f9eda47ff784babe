// What was entered, as values; each change gives a new one.

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {import("./types.js").Line} Line */
/** @typedef {import("./types.js").Patient} Patient */

/** @returns {Patient} */
export const nobody = () => ({
  age_years: "",
  sex: "",
  pregnant: false,
  lactating: false,
  weight_kg: "",
  height_cm: "",
  egfr_ml_min: "",
  child_pugh: "",
  ancestry: "",
  conditions: "",
  allergies: "",
  genes: [],
  labs: [],
});

/** @returns {State} */
export const nothing = () => ({ taking: [], adding: [], patient: nobody(), unread: [] });

/**
 * @param {string} text
 * @param {string|null} [code]
 * @param {string} [more]
 * @returns {Drug}
 */
export const drug = (text, code = null, more = "") => ({ text: text.trim(), code, more });

/** @param {Drug} taken @returns {Line} */
export const line = (taken) => ({ ...taken, plan: "keep", instead: null });

/** What is sent for a drug: its code where one was chosen, else its words. @param {Drug} d */
export const sent = (d) => d.code ?? d.text;

/** Whether two drugs are written alike, or are sent alike. @param {Drug} a @param {Drug} b */
export const same = (a, b) =>
  [
    [a.text, b.text],
    [sent(a), sent(b)],
  ].some(([x, y]) => x?.toLowerCase() === y?.toLowerCase());

/**
 * Put drugs at the end of the list; the same words twice are one line. A drug that is there with
 * another dose is written out, so that neither gets lost.
 * @param {State} state
 * @param {Drug[]} drugs
 * @returns {State}
 */
export function take(state, drugs) {
  const taking = [...state.taking];
  for (const each of drugs) {
    const known = taking.find((other) => same(other, each));
    const isOther = known && each.more && each.more !== known.more;
    const meant = isOther ? drug(`${each.text} ${each.more}`) : each;
    if (meant.text && !taking.some((other) => same(other, meant))) taking.push(line(meant));
  }
  return taking.length === state.taking.length ? state : { ...state, taking };
}

/** Try a drug. @param {State} state @param {Drug} added @returns {State} */
export function add(state, added) {
  if (!added.text || state.adding.some((known) => same(known, added))) return state;
  return { ...state, adding: [...state.adding, added] };
}

/** @param {State} state @param {number} at @returns {State} */
export const dropAdded = (state, at) => ({ ...state, adding: without(state.adding, at) });

/** @param {State} state @param {number} at @param {Drug} other @returns {State} */
export const replaceAdded = (state, at, other) => ({
  ...state,
  adding: state.adding.map((each, i) => (i === at ? other : each)),
});

/** @param {State} state @param {number} at @returns {State} */
export const dropLine = (state, at) => ({ ...state, taking: without(state.taking, at) });

/**
 * Change a line of the list.
 * @param {State} state
 * @param {number} at
 * @param {Partial<Line>} change
 * @returns {State}
 */
export const changeLine = (state, at, change) => ({
  ...state,
  taking: state.taking.map((each, i) => (i === at ? { ...each, ...change } : each)),
});

/**
 * Tell of the patient; a field that is filled in is no longer said to be unread in the link.
 * @param {State} state
 * @param {Partial<Patient>} told
 * @returns {State}
 */
export function tell(state, told) {
  const fields = Object.entries(told).filter(([, value]) => !Array.isArray(value));
  const isTold = (/** @type {string} */ each) =>
    fields.some(([name]) => each.startsWith(`${name} `));
  const unread = state.unread.filter((each) => !isTold(each));
  return { ...state, patient: { ...state.patient, ...told }, unread };
}

/** Whether anything is to change. @param {State} state */
export const hasChanges = (state) =>
  state.adding.length > 0 || state.taking.some((each) => each.plan !== "keep");

/** Make the list as it would be after the changes. @param {State} state @returns {State} */
export function settle(state) {
  const kept = state.taking.flatMap((each) => {
    if (each.plan === "stop") return [];
    return [each.plan === "swap" && each.instead ? each.instead : each];
  });
  const bare = kept.map((each) => drug(each.text, each.code, each.more));
  return take({ ...state, taking: [], adding: [] }, [...bare, ...state.adding]);
}

/** Give up all changes. @param {State} state @returns {State} */
export const giveUp = (state) => ({
  ...state,
  adding: [],
  taking: state.taking.map((each) => line(drug(each.text, each.code, each.more))),
});

/** @param {State} state */
export const isEmpty = (state) => state.taking.length === 0 && state.adding.length === 0;

/** @template T @param {T[]} list @param {number} at @returns {T[]} */
const without = (list, at) => list.filter((_, i) => i !== at);
