// The state as the fragment of the address, which a browser sends to nobody, and in the tab.

import { drug, line, nobody, nothing } from "./state.js";

/** @typedef {import("./types.js").State} State */

const KEY = "coprescribe.state";
const DRAFTS = "coprescribe.drafts";
const MOST = 200;

/** Write a state as a fragment, `#` left out. @param {State} state */
export function toFragment(state) {
  const { taking, adding, patient } = state;
  const empty = nobody();
  const told = Object.fromEntries(
    Object.entries(patient).filter(
      ([key, value]) =>
        JSON.stringify(value) !== JSON.stringify(empty[/** @type {keyof typeof empty} */ (key)]),
    ),
  );
  const lean = {
    ...(taking.length && { taking: taking.map(leanLine) }),
    ...(adding.length && { adding: adding.map(leanDrug) }),
    ...(Object.keys(told).length && { patient: told }),
  };
  return Object.keys(lean).length ? `v1=${toBase64(JSON.stringify(lean))}` : "";
}

/**
 * Read a fragment; `null` where it is none of ours or damaged.
 * @param {string} fragment
 * @returns {State|null}
 */
export function fromFragment(fragment) {
  const packed = fragment.replace(/^#/, "").match(/^v1=([\w-]+)$/)?.[1];
  if (!packed) return null;
  try {
    return checked(JSON.parse(fromBase64(packed)));
  } catch {
    return null;
  }
}

/** Keep a state in this tab, for Back and Reload. @param {State} state */
export function keep(state) {
  const fragment = toFragment(state);
  store(KEY, fragment);
  const address = location.pathname + location.search + (fragment ? `#${fragment}` : "");
  history.replaceState(null, "", address);
}

/** The state of the address, else the one that this tab kept. @returns {State} */
export function kept() {
  return fromFragment(location.hash) ?? fromFragment(stored(KEY)) ?? nothing();
}

/** Keep what stands half typed in fields. @param {Record<string, string>} drafts */
export const keepDrafts = (drafts) => store(DRAFTS, JSON.stringify(drafts));

/** @returns {Record<string, string>} */
export function keptDrafts() {
  try {
    return JSON.parse(stored(DRAFTS) || "{}");
  } catch {
    return {};
  }
}

/** Forget what this tab kept. */
export function forget() {
  store(KEY, "");
  store(DRAFTS, "");
}

/** @param {string} key @param {string} value */
function store(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the address holds the state as well.
  }
}

/** @param {string} key */
function stored(key) {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** @param {import("./types.js").Drug} d */
const leanDrug = (d) => ({ t: d.text, ...(d.code && { c: d.code }), ...(d.more && { m: d.more }) });

/** @param {import("./types.js").Line} each */
const leanLine = (each) => ({
  ...leanDrug(each),
  ...(each.plan === "stop" && { stop: 1 }),
  ...(each.plan === "swap" && { swap: each.instead ? leanDrug(each.instead) : 1 }),
});

/** @param {unknown} value @returns {State} */
function checked(value) {
  const found = object(value);
  const patient = object(found.patient ?? {});
  const told = nobody();
  for (const [key, empty] of Object.entries(nobody())) {
    const given = patient[key];
    if (typeof given === typeof empty && !Array.isArray(empty))
      Object.assign(told, { [key]: given });
  }
  told.genes = list(patient.genes).map((g) => ({ gene: text(g.gene), result: text(g.result) }));
  told.labs = list(patient.labs).map((l) => ({
    loinc: text(l.loinc),
    value: text(l.value),
    unit: text(l.unit),
  }));
  return {
    taking: list(found.taking).map(asLine),
    adding: list(found.adding).map(asDrug),
    patient: told,
  };
}

/** @param {Record<string, any>} d */
const asDrug = (d) => drug(text(d.t), text(d.c) || null, text(d.m));

/** @param {Record<string, any>} d @returns {import("./types.js").Line} */
function asLine(d) {
  const made = line(asDrug(d));
  if (d.stop) return { ...made, plan: "stop" };
  if (!d.swap) return made;
  const instead = d.swap === 1 ? null : asDrug(object(d.swap));
  return { ...made, plan: "swap", instead };
}

/** @param {unknown} value @returns {Record<string, any>} */
function object(value) {
  if (typeof value !== "object" || value === null) throw new TypeError("no object");
  return /** @type {Record<string, any>} */ (value);
}

/** @param {unknown} value */
const list = (value) => (Array.isArray(value) ? value.slice(0, MOST).map(object) : []);

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {string} plain */
function toBase64(plain) {
  const bytes = Array.from(new TextEncoder().encode(plain), (b) => String.fromCharCode(b)).join("");
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} packed */
function fromBase64(packed) {
  const bytes = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(
    Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
  );
}
