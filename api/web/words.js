// How things are called on the page.

import { ask } from "./api.js";

/** @typedef {import("./types.js").Words} Words */
/** @typedef {import("./types.js").Finding} Finding */

/** @type {Record<string, string>} */
const SOURCES = {
  "infores:ansm": "ANSM",
  "infores:chembl": "ChEMBL",
  "infores:coprescribe": "coprescribe",
  "infores:cpic": "CPIC",
  "infores:ddinter": "DDInter",
  "infores:dpwg": "DPWG",
  "infores:drugbank": "DrugBank",
  "infores:pharmgkb": "PharmGKB",
  "infores:sider": "SIDER",
  "infores:worldvista": "WorldVistA",
};
/** @type {Record<string, string>} */
const LANGUAGES = { "infores:ansm": "fr" };
/** @type {Record<string, string>} */
const LEVELS = {
  knowledge_assertion: "stated",
  logical_entailment: "follows from stated facts by a rule",
  prediction: "guessed by a model",
  statistical_association: "statistical association",
  observation: "observed",
};
/** @type {Record<string, string>} */
const KINDS = {
  drug_drug: "two drugs",
  drug_gene: "drug and gene",
  drug_drug_gene: "two drugs and a gene",
  drug_condition: "drug and patient",
  duplication: "the same twice",
  additive_effect: "effects that add up",
  predicted_effect: "statistical guess",
};
export const UNKNOWN = "mechanism not known";

/** @param {string} infores */
export const sourceName = (infores) => SOURCES[infores] ?? infores.replace(/^infores:/, "");

/** Language of a source's own words, where it is not English. @param {string} infores */
export const languageOf = (infores) => LANGUAGES[infores] ?? null;

/** @param {string} level */
export const levelName = (level) => LEVELS[level] ?? level.replaceAll("_", " ");

/** @param {string} kind */
export const kindName = (kind) => KINDS[kind] ?? kind.replaceAll("_", " ");

/**
 * Begin a term small inside a sentence, unless it begins with an abbreviation.
 * @param {string} name
 */
export const usualLetter = (name) =>
  /^.[a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {number} n @param {string} one @param {string} [many] */
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** @param {string[]} names */
export const listed = (names) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** @param {{name: string}[]} things */
export const named = (things) => things.map((thing) => thing.name).join(" + ");

/**
 * Who acts, and on what, with what stands between them.
 * @param {Finding} f
 * @returns {{acting: string, on: string, between: string}}
 */
export function partiesOf(f) {
  const on = named(f.affected);
  if (f.kind === "drug_condition") {
    const met = f.mechanism?.path.find((step) => step.predicate === "calls for care with")?.object;
    return { acting: on, on: named(f.conditions) || met || "", between: " with " };
  }
  const genes =
    f.mechanism && f.genes.some((g) => f.mechanism?.name.startsWith(g.name))
      ? f.mechanism.name
      : named(f.genes);
  if (f.kind === "drug_gene") return { acting: genes, on, between: " → " };
  const also = f.kind === "drug_drug_gene" ? f.genes : [];
  return { acting: named([...f.precipitants, ...also]), on, between: " → " };
}

/** One line for a live region. @param {Finding} f */
export function inALine(f) {
  const { acting, on } = partiesOf(f);
  const who = [acting, on].filter(Boolean).join(" with ");
  return f.effect ? `${who}: ${usualLetter(f.effect.name)}` : who;
}

/**
 * The advice without what is quoted in it: a source's own words stand with the source.
 * @param {Finding} f
 */
export function adviceOf(f) {
  const text = f.recommendation ?? "";
  const said = new Set(f.evidence.map((e) => (e.recommendation ?? "").trim()));
  const isQuoted = [...text.matchAll(/«\s*([\s\S]*?)\s*»/g)].some((m) => said.has(m[1] ?? ""));
  return (isQuoted ? text.replace(/«[\s\S]*?»/g, "") : text).split(/\s+/).join(" ").trim();
}

/** @type {Promise<Words>|null} */
let asked = null;

/**
 * Tests, homes of sources and cited documents by their codes; asked for once.
 * @returns {Promise<Words>}
 */
export function words() {
  asked ??= ask("page/words.json").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}
