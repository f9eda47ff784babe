// The answer on the page: what is new or worse first, then the list, then guesses and coverage.

import { alternativeNotes, changesInWords, coverageOf, gapsOf } from "./coverage.js";
import { byId, h } from "./dom.js";
import { findingItem } from "./finding.js";
import { guessesOf } from "./guesses.js";
import { insteadOf, insteadUntold } from "./instead.js";
import { reconcile } from "./keyed.js";
import { notChecked } from "./names.js";
import { badge, tally, tallyInWords } from "./severity.js";
import { capital, count } from "./words.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./history.js").Store} Store */
/** @typedef {import("./keyed.js").Item} Item */

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
  const plain = (/** @type {string} */ key, /** @type {Node[]} */ nodes) => ({
    key,
    signature: JSON.stringify([key, numberOf(answer), key === "instead" && shown.instead]),
    make: () => h("div", {}, nodes),
  });
  reconcile(place, [
    plain("gaps", gapsOf(shown)),
    plain("verdict", [verdictOf(by, asks, answer)]),
    ...(asks ? [sectionItem("new", "New or worse", by.fresh)] : []),
    plain("instead", [
      ...insteadUntold(shown, again),
      ...insteadOf(answer, store),
      h(
        "ul",
        { class: "hint" },
        alternativeNotes(answer).map((n) => h("li", {}, n)),
      ),
    ]),
    sectionItem("old", asks ? "On the list already, unchanged" : "On this list", by.old),
    sectionItem("milder", "Milder after the change", by.milder),
    sectionItem("gone", "Gone after the change", by.gone),
    plain(
      "guesses",
      [guessesOf(by.guessed, answer.model)].filter((part) => part !== null),
    ),
    plain("coverage", [coverageOf(answer)]),
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
  const chips = tally(counted).map(([severity, n]) =>
    badge(severity, `${n} ${badgeWord(severity)}`),
  );
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
    { class: "verdict" },
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
 * A section of findings; the slight ones are folded.
 * @param {string} key
 * @param {string} title
 * @param {Finding[]} findings
 * @returns {Item}
 */
function sectionItem(key, title, findings) {
  return {
    key: `section:${key}`,
    signature: JSON.stringify([title, findings]),
    make: () => sectionOf(key, title, findings),
  };
}

/** @param {string} key @param {string} title @param {Finding[]} findings */
function sectionOf(key, title, findings) {
  const section = h("section", { class: `findings ${key}`, hidden: findings.length === 0 });
  const folded = findings.filter((f) => f.folded);
  const shown = findings.filter((f) => !f.folded);
  const list = h("ul", { class: "cards" });
  reconcile(list, shown.map(findingItem));
  section.append(h("h2", {}, `${title} (${findings.length})`), list);
  if (folded.length > 0) {
    const minor = h("ul", { class: "cards" });
    reconcile(minor, folded.map(findingItem));
    section.append(
      h(
        "details",
        { class: "folded", "data-key": `folded:${key}` },
        h("summary", {}, `Show ${folded.length} ${foldedWord(folded)}`),
        minor,
      ),
    );
  }
  return section;
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
