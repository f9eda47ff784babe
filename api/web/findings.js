// The answer on the page: what is new or worse first, then the list, then guesses and coverage.

import {
  alternativeNotes,
  changesInWords,
  coverageOf,
  gapsOf,
  readingsOf,
} from "./coverage.js";
import { byId, h } from "./dom.js";
import { findingItem } from "./finding.js";
import { guessesOf } from "./guesses.js";
import { insteadOf, insteadUntold } from "./instead.js";
import { reconcile } from "./keyed.js";
import { notChecked } from "./names.js";
import { badge, classOf, tally, tallyInWords } from "./severity.js";
import { capital, count } from "./words.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./history.js").Store} Store */
/** @typedef {import("./keyed.js").Item} Item */

/** More findings than this are drawn as they come into sight. */
const MANY = 24;
const NOT_SAFE = "That does not make it safe.";

/**
 * Draw an answer.
 * @param {Shown} shown
 * @param {Store} store
 * @param {() => void} again
 */
export function drawAnswer(shown, store, again) {
  const { answer } = shown;
  const place = byId("answer");
  if (!answer) {
    const signature = JSON.stringify([...shown.refused]);
    reconcile(place, [{ key: "gaps", signature, make: () => h("div", {}, gapsOf(shown)) }]);
    return;
  }
  const by = byChange(answer.findings);
  const asks = changesInWords(shown);
  const number = numberOf(answer);
  const plain = (/** @type {string} */ key, /** @type {() => Node[]} */ nodes) => ({
    key,
    signature: JSON.stringify([key, number, key === "instead" && shown.instead]),
    make: () => h("div", {}, nodes()),
  });
  reconcile(place, [
    plain("gaps", () => gapsOf(shown)),
    plain("verdict", () => [verdictOf(by, asks, answer)]),
    plain("readings", () => readingsOf(answer)),
    ...(asks ? [sectionItem("new", "New or worse", by.fresh, number)] : []),
    plain("instead", () => [
      ...insteadUntold(shown, again),
      ...insteadOf(answer, store),
      h(
        "ul",
        { class: "hint" },
        alternativeNotes(answer).map((n) => h("li", {}, n)),
      ),
    ]),
    sectionItem("old", asks ? "On the list already, unchanged" : "On this list", by.old, number),
    sectionItem("milder", "Milder after the change", by.milder, number),
    sectionItem("gone", "Gone after the change", by.gone, number),
    plain("guesses", () => [guessesOf(by.guessed, answer)]),
    plain("coverage", () => [coverageOf(answer)]),
  ]);
}

/** @type {WeakMap<Finding[], number>} */
const numbers = new WeakMap();
let last = 0;

/** A number of its own for each answer, be its alternatives told or not. @param {Answer} answer */
function numberOf({ findings }) {
  const known = numbers.get(findings) ?? (last += 1);
  numbers.set(findings, known);
  return known;
}

/** @param {Finding[]} findings */
function byChange(findings) {
  const stated = findings.filter((f) => f.kind !== "predicted_effect");
  return {
    fresh: stated.filter((f) => f.change === "created" || f.change === "worsened"),
    old: stated.filter((f) => f.change === "unchanged"),
    milder: stated.filter((f) => f.change === "improved"),
    gone: stated.filter((f) => f.change === "resolved"),
    guessed: findings.filter((f) => f.kind === "predicted_effect"),
  };
}

/**
 * The answer in one line: how many findings of which severity.
 * @param {ReturnType<typeof byChange>} by
 * @param {string} asks
 * @param {Answer} answer
 */
function verdictOf(by, asks, answer) {
  const counted = asks ? by.fresh : by.old;
  const tallied = tally(counted);
  const [worst] = tallied;
  const chips = tallied.map(([severity, n]) => badge(severity, `${n} ${badgeWord(severity)}`));
  const title = asks ? capital(asks) : "The list as it is";
  const also = [
    by.milder.length && `${by.milder.length} milder`,
    by.gone.length && `${by.gone.length} gone`,
  ]
    .filter(Boolean)
    .join(", ");
  const isSilent = counted.length === 0;
  const silence =
    answer.coverage.pairs.length === 0 && !asks
      ? "Nothing found; there is no pair of medicines to check."
      : `The loaded sources state nothing ${asks ? "new or worse" : "of this list"}. ${NOT_SAFE}`;
  return h(
    "div",
    { class: `verdict ${worst ? classOf(worst[0]) : ""}` },
    h("h2", {}, title),
    isSilent
      ? h("p", { class: "silent" }, silence)
      : h("p", { class: "chips" }, h("span", {}, asks ? "New or worse:" : "Findings:"), chips),
    asks && also && h("p", { class: "also" }, `Also: ${also}.`),
  );
}

/** @param {string|null} severity */
const badgeWord = (severity) => severity ?? "not graded";

/**
 * A section of findings; the slight ones are folded. What stays from the answer before is left as
 * it is: to draw two hundred findings anew takes longer than to find them.
 * @param {string} key
 * @param {string} title
 * @param {Finding[]} findings
 * @param {number} answer
 * @returns {Item}
 */
function sectionItem(key, title, findings, answer) {
  const change = (/** @type {Element} */ section) => fill(section, title, findings);
  const make = () => {
    const section = h(
      "section",
      { class: `findings ${key}` },
      h("h2", {}),
      h("ul", { class: "cards" }),
      h(
        "details",
        { class: "folded", "data-key": `folded:${key}` },
        h("summary", {}),
        h("ul", { class: "cards" }),
      ),
    );
    change(section);
    return section;
  };
  return { key: `section:${key}`, signature: `${answer} ${title}`, make, change };
}

/** @param {Element} section @param {string} title @param {Finding[]} findings */
function fill(section, title, findings) {
  const [heading, list, fold] = section.children;
  if (!heading || !list || !(fold instanceof HTMLDetailsElement)) return;
  const folded = findings.filter((f) => f.folded);
  const [summary, minor] = fold.children;
  if (section instanceof HTMLElement) section.hidden = findings.length === 0;
  heading.textContent = `${title} (${findings.length})`;
  list.classList.toggle("long", findings.length > MANY);
  reconcile(list, findings.filter((f) => !f.folded).map(findingItem));
  fold.hidden = folded.length === 0;
  if (summary) summary.textContent = `Show ${folded.length} ${foldedWord(folded)}`;
  if (!minor) return;
  minor.classList.toggle("long", folded.length > MANY);
  reconcile(minor, folded.map(findingItem));
}

/** @param {Finding[]} folded */
const foldedWord = (folded) =>
  folded.every((f) => f.severity === "minor") ? "minor" : "minor or stated by one source alone";

/** What a screen reader is told when an answer arrives. @param {Shown} shown */
export function announcement(shown) {
  const { answer } = shown;
  if (!answer) return "";
  const by = byChange(answer.findings);
  const asks = changesInWords(shown);
  const found = asks ? by.fresh : by.old;
  const missing = notChecked(shown).length;
  const what = found.length
    ? `${asks ? "new or worse: " : ""}${tallyInWords(found)}`
    : asks
      ? "nothing new found"
      : "nothing found";
  return [
    asks ? `${capital(asks)}: ${what}.` : `The list was checked: ${what}.`,
    asks && by.gone.length && `${count(by.gone.length, "finding")} gone.`,
    missing > 0 && `${count(missing, "name")} not checked.`,
  ]
    .filter(Boolean)
    .join(" ");
}
