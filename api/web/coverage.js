// What was not checked, what was checked without a finding, and on what terms all this is.

import { link } from "./evidence.js";
import { h } from "./dom.js";
import { nameOf, notChecked } from "./names.js";
import { parted } from "./readings.js";
import { count, listed, sourceName, words } from "./words.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Answer} Answer */

const AT_THE_FOOT = [
  "Cited by the curated tables",
  "No rule that applies here uses",
  "Taken to speak against no medicine",
];
const SAID_ALREADY = ["Not checked"];
const OF_ALTERNATIVES = ["Alternatives are offered", "No alternative", "Little is known of"];
/** What is said of doses that nothing checks, beside how much was looked at. */
const NO_LIMIT = "Doses that no limit here is for";
const NOT_USED = /not used|^No rule of this release asks for/;

/** The notes that are said in no place of their own. @param {Answer|null} answer */
function notesOf(answer) {
  const elsewhere = [...AT_THE_FOOT, ...SAID_ALREADY, ...OF_ALTERNATIVES, NO_LIMIT];
  return (answer?.notes ?? []).filter((n) => !elsewhere.some((begin) => n.startsWith(begin)));
}

/**
 * What the reader must know before all: names that were not read, drugs of which nothing is known,
 * values that were not used.
 * @param {Shown} shown
 */
export function gapsOf(shown) {
  const { answer } = shown;
  const names = notChecked(shown).map((d) => `“${d.text}”`);
  const unknown = answer ? uncovered(answer) : [];
  const left = [...shown.refused]
    .filter(([key]) => !/^(taking|add)=/.test(key))
    .map(([key, { message }]) => `${valueOf(key)}: ${short(message.replace(/; known: .*/s, ""))}`);
  left.push(...notesOf(answer).filter((n) => NOT_USED.test(n)));
  return [
    ...gap(names, `Not checked: ${listed(names)}`, [
      h(
        "p",
        {},
        "Nothing below covers ",
        names.length === 1 ? "it" : "them",
        ". See the list for what may have been meant.",
      ),
    ]),
    ...gap(unknown, `Nothing is known here of ${listed(unknown)}`, [
      h(
        "p",
        {},
        "No loaded source covers ",
        unknown.length === 1 ? "this drug" : "these drugs",
        ": no finding with it is no sign that there is none.",
      ),
    ]),
    ...gap(left, "Not used", [bullets(left)]),
  ];
}

/** @param {string[]} about @param {string} title @param {Node[]} told */
const gap = (about, title, told) =>
  about.length ? [h("div", { class: "gap", role: "note" }, h("h2", {}, title), ...told)] : [];

/** @param {string[]} told @param {string} [name] */
const bullets = (told, name) =>
  h(
    "ul",
    { class: name },
    told.map((each) => h("li", {}, each)),
  );

/**
 * How names were read, and what else is to be known before the findings.
 * @param {Answer} answer
 */
export function readingsOf(answer) {
  const { plain, other, dosed } = parted(
    notesOf(answer).filter((n) => !NOT_USED.test(n)),
    answer,
  );
  const title = `${count(plain.length, "drug")} read by name, ${dosesRead(dosed, plain.length)}`;
  const fold = { class: "readings", "data-key": "plain-readings" };
  return [
    ...(other.length ? [bullets(other, "notes")] : []),
    ...(plain.length ? [h("details", fold, h("summary", {}, title), bullets(plain))] : []),
  ];
}

/** How many drugs were read with a daily dose. @param {number} dosed @param {number} all */
function dosesRead(dosed, all) {
  if (dosed === all) return "with the daily dose";
  return dosed ? `${dosed} of them with a daily dose` : "without a daily dose";
}

/**
 * Names of drugs that no source covers; one of which every pair has a finding all the same is not
 * among them.
 * @param {Answer} answer
 */
function uncovered({ coverage: { pairs, not_covered: drugs, names } }) {
  const isOpen = (/** @type {string} */ d) =>
    pairs.length === 0 || pairs.some((p) => p.status === "not_covered" && p.drugs.includes(d));
  return drugs.filter(isOpen).map((d) => names[d] ?? d);
}

/** @param {string} told */
const short = (told) => (told.length > 160 ? `${told.slice(0, 160)} …` : told);

/** @param {string} key */
const valueOf = (key) => key.slice(key.indexOf("=") + 1);

/**
 * How much was looked at, and that silence is not safety.
 * @param {Answer} answer
 */
export function coverageOf(answer) {
  const { pairs, names } = answer.coverage;
  const of = (/** @type {string} */ status) => pairs.filter((p) => p.status === status);
  const told = (/** @type {{drugs: string[]}} */ p) =>
    p.drugs.map((d) => names[d] ?? d).join(" + ");
  const silent = of("none_found");
  const open = of("not_covered");
  const fold = (
    /** @type {string} */ key,
    /** @type {string} */ title,
    /** @type {typeof pairs} */ rows,
  ) =>
    rows.length > 0 &&
    h(
      "details",
      { "data-key": key },
      h("summary", {}, title),
      h(
        "ul",
        { class: "pairs" },
        rows.map((p) => h("li", {}, told(p))),
      ),
    );
  return h(
    "section",
    { class: "coverage" },
    h("h2", {}, "What was looked at"),
    pairs.length === 0
      ? h("p", {}, "No pair to check: fewer than two medicines were identified.")
      : h(
          "p",
          {},
          `${count(pairs.length, "pair")} of medicines checked; `,
          `${of("finding").length} with a finding. `,
          "Where nothing was found the sources are silent, which does not make a pair safe.",
        ),
    answer.notes.filter((n) => n.startsWith(NO_LIMIT)).map((n) => h("p", {}, n)),
    fold(
      "silent",
      `${count(silent.length, "pair")} without a finding in the loaded sources`,
      silent,
    ),
    fold("open", `${count(open.length, "pair")} with a drug that no loaded source covers`, open),
    ...footOf(answer),
  );
}

/** @param {Answer} answer */
function footOf(answer) {
  const used = new Map();
  for (const e of answer.findings.flatMap((f) => f.evidence)) {
    used.set(`${e.source} ${e.version} ${e.licence}`, e);
  }
  const list = h("ul", {});
  const draw = (/** @type {Record<string, string>} */ homes) =>
    list.replaceChildren(
      ...[...used.values()].map((e) => {
        const name = `${sourceName(e.source)} ${e.version}`;
        const home = homes[e.source];
        return h("li", {}, home ? link(home, name) : name, `: ${e.licence}`);
      }),
    );
  draw({});
  words()
    .then(({ homepages }) => draw(homepages))
    .catch(() => {});
  const foot = answer.notes.filter((n) => AT_THE_FOOT.some((begin) => n.startsWith(begin)));
  return [
    used.size > 0 &&
      h(
        "details",
        { "data-key": "sources" },
        h("summary", {}, `${count(used.size, "source")} of these findings, with licences`),
        list,
      ),
    foot.length > 0 &&
      h(
        "details",
        { "data-key": "foot" },
        h("summary", {}, "Notes on documents and unused values"),
        h(
          "ul",
          {},
          foot.map((n) => h("li", {}, n)),
        ),
      ),
    h(
      "p",
      { class: "small-print" },
      `Graph ${answer.graph.id}.`,
    ),
    h("p", { class: "disclaimer" }, answer.disclaimer),
  ];
}

/** What is said of the alternatives. @param {Answer} answer */
export const alternativeNotes = (answer) =>
  answer.notes.filter((n) => OF_ALTERNATIVES.some((begin) => n.startsWith(begin)));

/** Names of drugs that are added, for a heading. @param {Shown} shown */
export function changesInWords(shown) {
  const { taking, adding } = shown.state;
  const out = new Set(notChecked(shown));
  const isIn = (/** @type {import("./types.js").Drug} */ d) => !out.has(d);
  const added = adding.filter(isIn).map(nameOf);
  const stopped = taking.filter((l) => l.plan === "stop" && isIn(l)).map(nameOf);
  const swapped = taking
    .filter((l) => l.plan === "swap" && l.instead && isIn(l.instead) && isIn(l))
    .map((l) => `${nameOf(l)} for ${l.instead ? nameOf(l.instead) : ""}`);
  return [
    added.length > 0 && `adding ${listed(added)}`,
    stopped.length > 0 && `stopping ${listed(stopped)}`,
    swapped.length > 0 && `swapping ${listed(swapped)}`,
  ]
    .filter(Boolean)
    .join("; ");
}
