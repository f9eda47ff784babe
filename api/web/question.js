// From what was entered to the body of `POST /v1/screen`, and from a refusal to what it refuses.

import { sent } from "./state.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {string|{drug: string, dose: string}} Asked  A drug as a question names it. */
/** @typedef {import("./types.js").Refusals} Refusals */
/** @typedef {import("./api.js").Problem} Problem */

/**
 * Key of a value at a place; another value at the same place is asked anew.
 * @param {string} place
 * @param {string} value
 */
export const placeOf = (place, value) => `${place}=${value}`;

/** @param {import("./types.js").GeneRow} row */
export const geneKey = ({ gene, result }) => `${gene.trim()} ${result.trim()}`;

/** @param {import("./types.js").LabRow} row */
export const labKey = ({ loinc, value }) => `${loinc} ${value}`;

const NUMBERS = /** @type {const} */ (["age_years", "weight_kg", "height_cm", "egfr_ml_min"]);
const MOST_TEXT = 200;
const MOST_DOSE = 80;

/** Several texts of one field, parted at lines, semicolons and commas. @param {string} text */
export const parts = (text) =>
  text
    .split(/[\n;,]+/)
    .map((p) => p.trim())
    .filter(Boolean);

/** A number as people write it, with a point or a comma. @param {string} text */
export const numberOf = (text) =>
  /^[+-]?\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(",", ".")) : NaN;

/** Whether a genetic result names two alleles rather than a phenotype. @param {string} text */
export const isDiplotype = (text) => text.includes("/");

/**
 * What the page itself cannot send: numbers that are none, texts that are too long, and what a
 * link held that could not be read.
 * @param {State} state
 * @returns {Refusals}
 */
export function unsendable(state) {
  /** @type {Refusals} */
  const found = new Map();
  const refuse = (
    /** @type {string} */ place,
    /** @type {string} */ value,
    /** @type {string} */ message,
  ) => found.set(placeOf(place, value), { message, candidates: [] });
  for (const name of NUMBERS) {
    const value = state.patient[name];
    if (value.trim() && Number.isNaN(numberOf(value))) refuse(name, value, "a number is expected");
  }
  for (const lab of state.patient.labs) {
    const isNumber = !Number.isNaN(numberOf(lab.value));
    if (lab.loinc && !isNumber) refuse("lab", labKey(lab), "a value in numbers is expected");
  }
  for (const each of state.unread) refuse("link", each, "could not be read in the link");
  const drugs = [...state.taking, ...state.adding, ...state.taking.flatMap((l) => l.instead ?? [])];
  for (const each of drugs) {
    const message = `longer than ${MOST_TEXT} letters`;
    if (sent(each).length > MOST_TEXT)
      for (const place of ["taking", "add"]) refuse(place, sent(each), message);
  }
  return found;
}

/**
 * The body of a question, without what is refused.
 * @param {State} state
 * @param {Refusals} refused
 */
export function bodyOf(state, refused) {
  const isFine = (/** @type {string} */ place, /** @type {string} */ value) =>
    !refused.has(placeOf(place, value));
  const taking = state.taking.filter((each) => isFine("taking", sent(each)));
  const stopped = taking.filter((l) => l.plan === "stop" && isFine("stop", sent(l)));
  const swapped = taking.filter(
    (l) =>
      l.plan === "swap" && l.instead && isFine("stop", sent(l)) && isFine("add", sent(l.instead)),
  );
  const added = state.adding.filter((each) => isFine("add", sent(each)));
  // What is swapped is named alone; one with a dose beside its name is begun as the other ends.
  const dosed = swapped.filter((l) => l.instead?.more);
  const bare = swapped.filter((l) => !l.instead?.more);
  return {
    taking: taking.map(asAsked),
    add: [...added, ...dosed.flatMap((l) => l.instead ?? [])].map(asAsked),
    stop: [...stopped, ...dosed].map(sent),
    replace: Object.fromEntries(bare.map((l) => [sent(l), l.instead ? sent(l.instead) : ""])),
    patient: patientOf(state.patient, isFine),
    alternatives: added.length + stopped.length + swapped.length > 0,
  };
}

/**
 * A drug of a question, with the words of its dose where some stand beside its name.
 * @param {Drug} d
 * @returns {Asked}
 */
const asAsked = (d) =>
  d.more && d.more.length <= MOST_DOSE ? { drug: sent(d), dose: d.more } : sent(d);

/** What a drug is called in a question. @param {Asked} asked */
export const calledIn = (asked) => (typeof asked === "string" ? asked : asked.drug);

/**
 * @param {import("./types.js").Patient} patient
 * @param {(place: string, value: string) => boolean} isFine
 */
function patientOf(patient, isFine) {
  /** @type {Record<string, any>} */
  const told = {};
  for (const name of NUMBERS) {
    const value = patient[name];
    if (value.trim() && isFine(name, value)) told[name] = numberOf(value);
  }
  for (const name of /** @type {const} */ (["sex", "child_pugh", "ancestry"])) {
    if (patient[name] && isFine(name, patient[name])) told[name] = patient[name];
  }
  for (const name of /** @type {const} */ (["pregnant", "lactating"])) {
    if (patient[name]) told[name] = true;
  }
  for (const name of /** @type {const} */ (["conditions", "allergies"])) {
    const given = parts(patient[name]).filter((each) => isFine(name, each));
    if (given.length) told[name] = given;
  }
  for (const row of patient.genes) {
    const { gene, result } = row;
    if (!gene.trim() || !result.trim() || !isFine("gene", geneKey(row))) continue;
    const kind = isDiplotype(result) ? "diplotypes" : "phenotypes";
    told[kind] = { ...told[kind], [gene.trim()]: result.trim() };
  }
  const labs = patient.labs.filter((l) => l.loinc && isFine("lab", labKey(l)));
  if (labs.length) {
    told.labs = labs.map(({ loinc, value, unit }) => ({
      loinc,
      value: numberOf(value),
      ...(unit.trim() && { unit: unit.trim() }),
    }));
  }
  return told;
}

/**
 * Which entered values a problem refuses; none where it cannot be told, and then nothing was
 * checked.
 * @param {Problem} problem
 * @param {State} state
 * @param {Refusals} refused  What was left out of the question already.
 * @returns {Refusals}
 */
export function refusedBy(problem, state, refused) {
  /** @type {Refusals} */
  const found = new Map();
  const refuse = (
    /** @type {string} */ place,
    /** @type {string} */ value,
    /** @type {string} */ message,
  ) => found.set(placeOf(place, value), { message, candidates: problem.candidates ?? [] });
  if (problem.query !== undefined) {
    for (const key of keysOf(problem.query, state)) refuse(...key, problem.detail);
  }
  const body = bodyOf(state, refused);
  for (const { field, expected } of problem.problems ?? []) {
    const place = field.replace(/^patient\./, "").split(".");
    for (const key of keysAt(place, body, state)) refuse(...key, expected);
  }
  if (found.size === 0) {
    const quoted = [...problem.detail.matchAll(/'([^']*)'/g)].map((match) => match[1]);
    for (const row of state.patient.genes) {
      const [gene, result] = [row.gene.trim(), row.result.trim()];
      const isMeant = quoted.includes(gene) || quoted.includes(result);
      if (isMeant || problem.detail.includes(`${gene} `))
        refuse("gene", geneKey(row), problem.detail);
    }
  }
  return new Map([...found].filter(([key]) => !refused.has(key)));
}

/**
 * Places where a drug that was sent stands among what is to change.
 * @param {string} query
 * @param {State} state
 * @returns {[string, string][]}
 */
function keysOf(query, state) {
  const isIt = (/** @type {import("./types.js").Drug|null} */ d) => d !== null && sent(d) === query;
  /** @type {[string, string][]} */
  const keys = [];
  if (state.adding.some(isIt) || state.taking.some((l) => isIt(l.instead)))
    keys.push(["add", query]);
  if (keys.length === 0 && state.taking.some((l) => isIt(l))) keys.push(["stop", query]);
  return keys;
}

/**
 * Places of a field of the body.
 * @param {string[]} place
 * @param {ReturnType<typeof bodyOf>} body
 * @param {State} state
 * @returns {[string, string][]}
 */
function keysAt(place, body, state) {
  const [name = "", at = ""] = place;
  const { patient } = state;
  if (name === "taking") return [["taking", calledIn(body.taking[Number(at)] ?? "")]];
  if (name === "add") return [["add", calledIn(body.add[Number(at)] ?? "")]];
  if (name === "labs") {
    const lab = body.patient.labs?.[Number(at)];
    const rows = patient.labs.filter((row) => row.loinc === lab?.loinc);
    return rows.map((row) => ["lab", labKey(row)]);
  }
  if (name === "diplotypes" || name === "phenotypes") {
    const rows = patient.genes.filter((row) => row.gene.trim() === at);
    return rows.map((row) => ["gene", geneKey(row)]);
  }
  if (name === "conditions" || name === "allergies") {
    return [[name, body.patient[name]?.[Number(at)] ?? ""]];
  }
  const typed = patient[/** @type {keyof typeof patient} */ (name)];
  return typeof typed === "string" ? [[name, typed]] : [];
}
