// What a link holds, read value by value. What cannot be read is named, so that nothing is lost.

import { drug, line, nobody, nothing } from "./state.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {import("./types.js").Line} Line */
/** @typedef {(place: string, value: unknown) => void} Miss  Note what cannot be read. */

const MOST = 200;
const MOST_LETTERS = 80;
const JOINED = new Set(["conditions", "allergies"]);

/**
 * Read what a link holds; the names of its values that cannot be read go along as `unread`.
 * @param {unknown} value
 * @returns {State}
 * @throws {TypeError} A drug cannot be read, and so the question would be another.
 */
export function unpacked(value) {
  const { taking, adding, patient, unread, ...others } = object(value);
  /** @type {string[]} */
  const missed = Array.isArray(unread) ? unread.filter((each) => typeof each === "string") : [];
  /** @type {Miss} */
  const miss = (place, given) => {
    const said = JSON.stringify(given);
    const more = said.length > MOST_LETTERS ? " …" : "";
    missed.push(`${place} ${said.slice(0, MOST_LETTERS)}${more}`);
  };
  missEach("", others, miss);
  const state = {
    ...nothing(),
    taking: drugs("taking", taking, miss).map((each) => asLine(each, miss)),
    adding: drugs("adding", adding, miss).map((each) => asDrug(each, miss)),
    patient: asPatient(patient ?? {}, miss),
  };
  return { ...state, unread: [...new Set(missed)].slice(0, MOST) };
}

/** @param {unknown} value @param {Miss} miss */
function asPatient(value, miss) {
  const told = nobody();
  if (!isObject(value)) {
    miss("patient", value);
    return told;
  }
  const { genes, labs, ...others } = value;
  for (const [key, given] of Object.entries(others)) {
    if (given === null) continue;
    const read = valueOf(key, given, miss);
    if (read === undefined) miss(key, given);
    else Object.assign(told, { [key]: read });
  }
  told.genes = rows("genes", genes, /** @type {const} */ (["gene", "result"]), miss);
  told.labs = rows("labs", labs, /** @type {const} */ (["loinc", "value", "unit"]), miss);
  return told;
}

/**
 * A value as its field holds it; nothing where it cannot be read.
 * @param {string} key
 * @param {unknown} given
 * @param {Miss} miss
 */
function valueOf(key, given, miss) {
  const empty = new Map(Object.entries(nobody())).get(key);
  if (typeof empty === "boolean") return typeof given === "boolean" ? given : undefined;
  if (typeof empty !== "string") return undefined;
  if (!JOINED.has(key) || !Array.isArray(given)) return text(given);
  const read = given.map(text);
  given.filter((_, i) => read[i] === undefined).forEach((each) => miss(key, each));
  return read.filter((each) => each !== undefined).join("\n");
}

/**
 * @template {string} Name
 * @param {string} place
 * @param {unknown} value
 * @param {readonly Name[]} names
 * @param {Miss} miss
 */
function rows(place, value, names, miss) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    miss(place, value);
    return [];
  }
  return firsts(place, value, miss).flatMap((row) => {
    const cells = isObject(row) ? names.map((name) => text(row[name] ?? "")) : [undefined];
    if (!isObject(row) || cells.some((cell) => cell === undefined) || !cells.some(Boolean)) {
      miss(place, row);
      return [];
    }
    const others = Object.entries(row).filter(([key]) => !names.some((name) => name === key));
    missEach(`${place}.`, Object.fromEntries(others), miss);
    const read = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
    return [/** @type {Record<Name, string>} */ (read)];
  });
}

/** @param {string} place @param {unknown} value @param {Miss} miss @returns {unknown[]} */
function drugs(place, value, miss) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError("no list of drugs");
  return firsts(place, value, miss);
}

/** @param {unknown} value @param {Miss} miss @returns {Drug} */
function asDrug(value, miss) {
  const { t, c, m, ...others } = isObject(value) ? value : { t: value };
  const [words, code, more] = [t, c, m].map((part) => text(part ?? ""));
  if (words === undefined || code === undefined || !(words || code))
    throw new TypeError("no drug");
  if (more === undefined) miss("m", m);
  missEach("", others, miss);
  return drug(words || code, code || null, more ?? "");
}

/** @param {unknown} value @param {Miss} miss @returns {Line} */
function asLine(value, miss) {
  const { stop, swap, ...taken } = isObject(value) ? value : { t: value };
  const made = line(asDrug(taken, miss));
  if (stop) return { ...made, plan: "stop" };
  if (!swap) return made;
  return { ...made, plan: "swap", instead: swap === 1 ? null : asDrug(swap, miss) };
}

/**
 * No more than a list may hold; what goes beyond is named.
 * @param {string} place
 * @param {unknown[]} value
 * @param {Miss} miss
 */
function firsts(place, value, miss) {
  value.slice(MOST).forEach((each) => miss(place, each));
  return value.slice(0, MOST);
}

/** @param {string} before @param {Record<string, unknown>} others @param {Miss} miss */
function missEach(before, others, miss) {
  for (const [key, value] of Object.entries(others)) miss(`${before}${key}`, value);
}

/** A text, or a number as text; nothing for all else. @param {unknown} value */
const text = (value) =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} value @returns {Record<string, unknown>} */
function object(value) {
  if (!isObject(value)) throw new TypeError("no object");
  return value;
}
