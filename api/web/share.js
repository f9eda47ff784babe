// The state as the fragment of the address, which a browser sends to nobody, and in the tab.

import { nobody, nothing } from "./state.js";
import { unpacked } from "./unpacked.js";

/** @typedef {import("./types.js").State} State */

const KEY = "coprescribe.state";
const DRAFTS = "coprescribe.drafts";

/** Write a state as a fragment, `#` left out. @param {State} state */
export function toFragment(state) {
  const { taking, adding, patient, unread } = state;
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
    ...(unread.length && { unread }),
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
    return unpacked(JSON.parse(fromBase64(packed)));
  } catch {
    return null;
  }
}

/** Whether a fragment is meant as a link of ours and cannot be read. @param {string} fragment */
export const isDamaged = (fragment) =>
  /^#?v\d/.test(fragment) && fromFragment(fragment) === null;

/** Keep a state in this tab, for Back and Reload. @param {State} state */
export function keep(state) {
  const fragment = toFragment(state);
  store(KEY, fragment);
  const address = location.pathname + location.search + (fragment ? `#${fragment}` : "");
  history.replaceState(null, "", address);
}

/**
 * The state of the address, else the one that this tab kept: not in place of a damaged link.
 * @returns {State}
 */
export function kept() {
  if (isDamaged(location.hash)) return nothing();
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
