// What a model guesses: apart from what is stated, beside how often it happens anyway.

import { h } from "./dom.js";
import { barsOf } from "./bars.js";
import { pairOf } from "./pair.js";
import { listed, named, partiesOf, usualLetter } from "./words.js";

/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Answer} Answer */

/**
 * The section of guesses: what is told, or why nothing is.
 * @param {Finding[]} findings
 * @param {Answer} answer
 */
export function guessesOf(findings, answer) {
  const { model } = answer;
  const most = Math.max(
    ...findings.flatMap((f) => [f.probability ?? 0, f.baseline_probability ?? 0]),
  );
  return h(
    "section",
    { class: "guesses" },
    h("h2", {}, "Statistical guesses", findings.length > 0 && ` (${findings.length})`),
    findings.length > 0 &&
      h(
        "p",
        {},
        "Nothing below is stated by any source. A model that learned from known pairs holds ",
        "these effects for more likely than usual; each bar stands over the base rate, which is ",
        "how often any pair of such drugs has the effect. A guess has no severity and is no ",
        "reason to change a treatment by itself.",
      ),
    h(
      "ul",
      {},
      findings.map((f) => rowOf(f, most)),
    ),
    ...whyFew(findings, answer).map((told) => h("p", { class: "untold" }, told)),
    pairOf(answer),
    model &&
      h("p", { class: "small-print" }, `Model ${model.id}, trained on graph ${model.trained_on}.`),
  );
}

/**
 * Why nothing, or not all, is guessed.
 * @param {Finding[]} findings
 * @param {Answer} answer
 */
function whyFew(findings, { model, coverage: { names } }) {
  if (!model) {
    return [
      "No model is loaded, so nothing is guessed. All that stands above is stated by sources, or " +
        "follows from what they state.",
    ];
  }
  const unknown = model.unknown_drugs.map((drug) => names[drug] ?? drug);
  const all = Object.keys(names).length;
  const few = all - unknown.length < 2 && all > 0;
  return [
    unknown.length > 0 &&
      `The model never saw ${listed(unknown)}: of pairs with ` +
        `${unknown.length === 1 ? "it" : "them"} nothing is guessed.`,
    !few &&
      findings.length === 0 &&
      (model.tells
        ? "None is told here. A guess is told by itself only for a pair of which nothing is " +
          "stated, and only where in the model's validation half of such guesses were true."
        : "None is told by itself: in the model's validation there was no level at which half of " +
          "its guesses were true."),
  ].filter((told) => typeof told === "string");
}

/** @param {Finding} f @param {number} most */
function rowOf(f, most) {
  const { acting, on } = partiesOf(f);
  const who = [acting, on].filter(Boolean).join(" + ") || named(f.precipitants);
  return h(
    "li",
    { class: "guess" },
    h("p", {}, h("strong", {}, who), f.effect && `: ${usualLetter(f.effect.name)}`),
    ...barsOf(f.probability, f.baseline_probability, most),
  );
}
