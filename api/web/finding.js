// One finding: closed a line that says what, how bad and what to do; open the whole reason.

import { evidenceOf } from "./evidence.js";
import { h } from "./dom.js";
import { telling } from "./layout.js";
import { inWords, pictureOf } from "./picture.js";
import { pathsButton } from "./paths.js";
import { badge, classOf, ORDER } from "./severity.js";
import {
  adviceOf,
  capital,
  inALine,
  kindName,
  languageOf,
  partiesOf,
  sourceName,
  UNKNOWN,
  usualLetter,
} from "./words.js";

/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Modifier} Modifier */
/** @typedef {import("./keyed.js").Item} Item */

/** @type {Record<string, string>} */
const CHANGES = { created: "new", worsened: "worse", improved: "milder", resolved: "gone" };
const LEAST_ROOM = 240;
/** How a mechanism about facts of the patient begins; its path says them. */
const OF_PATIENT = "drug and ";

/**
 * A finding as an item of a list.
 * @param {Finding} f
 * @returns {Item}
 */
export const findingItem = (f) => ({
  key: `finding:${f.id}`,
  signature: JSON.stringify(f),
  make: () => h("li", {}, findingOf(f)),
});

/** @param {Finding} f */
function findingOf(f) {
  const { acting, on, between } = partiesOf(f);
  const advice = adviceOf(f);
  const change = CHANGES[f.change];
  const body = h("div", { class: "reason" });
  const card = /** @type {HTMLDetailsElement} */ (
    h(
      "details",
      {
        class: `finding ${classOf(f.severity)} is-${f.change}`,
        "data-key": `reason:${f.id}`,
      },
      h(
        "summary",
        { "data-key": `summary:${f.id}` },
        h(
          "span",
          { class: "grade" },
          badge(f.severity),
          change && h("span", { class: "tag" }, change),
        ),
        h(
          "span",
          { class: "gist" },
          h(
            "span",
            { class: "headline", role: "heading", "aria-level": "3", "aria-label": inALine(f) },
            h("strong", {}, acting, on && [between, on]),
            f.effect && h("span", { class: "effect" }, `: ${usualLetter(f.effect.name)}`),
          ),
          advice && h("span", { class: "advice" }, advice),
        ),
      ),
      body,
    )
  );
  const fill = () => {
    if (!card.open || body.childElementCount) return;
    body.append(
      ...[whyOf(f), modifiersOf(f.modifiers), ...evidenceOf(f)].filter((part) => part !== null),
    );
    drawPictures(body);
  };
  card.addEventListener("toggle", fill);
  // An open reason that is drawn anew is opened before it stands in the page.
  queueMicrotask(fill);
  return card;
}

/** @param {Finding} f */
function whyOf(f) {
  const title = h("h4", {}, "Why ", h("small", {}, `(${kindName(f.kind)})`));
  const { mechanism } = f;
  if (!mechanism) {
    const silence = h("p", {}, "The sources do not say how it comes about.");
    return h("section", {}, title, silence, pathsButton(f));
  }
  const isKnown = mechanism.name !== UNKNOWN;
  const path = telling(mechanism.path).filter(
    (step) => isKnown || step.predicate !== "contributes to",
  );
  const says = isKnown ? causeOf(mechanism) : "The sources do not say how it comes about";
  return h(
    "section",
    {},
    title,
    h("p", { class: "mechanism" }, `${says}.`, path.length > 0 && ` ${capital(inWords(path))}.`),
    path.length > 0 && pictureFrame(path),
    pathsButton(f),
  );
}

/**
 * The name of a mechanism; of one that is about the patient the facts that make it, "age 83".
 * @param {NonNullable<Finding["mechanism"]>} mechanism
 */
function causeOf({ name, path }) {
  const fact = name.startsWith(OF_PATIENT) ? path[0]?.object : undefined;
  return fact ?? capital(name);
}

/** @type {WeakMap<Element, import("./types.js").Step[]>} */
const paths = new WeakMap();

/** @param {import("./types.js").Step[]} path */
function pictureFrame(path) {
  const frame = h("div", { class: "picture-frame" });
  paths.set(frame, path);
  return frame;
}

/** Draw the pictures of open reasons as wide as there is room. @param {ParentNode} place */
export function drawPictures(place) {
  for (const frame of place.querySelectorAll(".picture-frame")) {
    const path = paths.get(frame);
    const room = Math.floor(frame.clientWidth);
    if (!path || room < LEAST_ROOM / 2) continue;
    const drawn = pictureOf(path, Math.max(room, LEAST_ROOM));
    frame.replaceChildren(...(drawn ? [drawn] : []));
  }
}

/**
 * What a fact does to the severity: raises it, lowers it, or makes it one.
 * @param {string|null} effect
 */
function thenOf(effect) {
  if (effect === null) return "it counts here";
  return ORDER.includes(effect) ? `makes it ${effect}` : `${effect} the severity`;
}

/** @param {Modifier[]} modifiers */
function modifiersOf(modifiers) {
  if (modifiers.length === 0) return null;
  const rank = (/** @type {Modifier} */ m) => (m.present ? 0 : m.present === null ? 1 : 2);
  const rows = [...modifiers]
    .sort((a, b) => rank(a) - rank(b))
    .map((m) => {
      const source = m.evidence[0]?.source ?? "infores:coprescribe";
      const [word, name] = m.present
        ? ["Present", "yes"]
        : m.present === null
          ? ["Not known", "open"]
          : ["Not present", "no"];
      const then = thenOf(m.effect_on_severity);
      return h(
        "li",
        { class: `modifier ${name}` },
        h("span", { class: "tag" }, word),
        " ",
        h("span", { lang: languageOf(source) }, m.factor.replace(/([^.!?])$/, "$1.")),
        h(
          "span",
          { class: "then" },
          ` ${m.present ? capital(then) : `${m.present === null ? "If so" : "Else"}: ${then}`}.`,
        ),
        h("small", {}, ` ${sourceName(source)}`),
      );
    });
  return h(
    "section",
    {},
    h("h4", {}, "What of the patient bears on it"),
    h("ul", { class: "modifiers" }, rows),
  );
}
