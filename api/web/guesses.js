// What a model guesses: apart from what is stated, beside how often it happens anyway.

import { h, s } from "./dom.js";
import { named, partiesOf, usualLetter } from "./words.js";

/** @typedef {import("./types.js").Finding} Finding */

const WIDTH = 240;
const BAR = 9;

/** A probability as a reader takes it in. @param {number|null} p */
export const percent = (p) =>
  p === null ? "not known" : `${(100 * p).toLocaleString("en", { maximumSignificantDigits: 2 })} %`;

/**
 * The section of guesses, or nothing.
 * @param {Finding[]} findings
 * @param {{id: string, trained_on: string}|null} model
 */
export function guessesOf(findings, model) {
  if (findings.length === 0) return null;
  const most = Math.max(
    ...findings.flatMap((f) => [f.probability ?? 0, f.baseline_probability ?? 0]),
  );
  return h(
    "section",
    { class: "guesses" },
    h("h2", {}, `Statistical guesses (${findings.length})`),
    h(
      "p",
      {},
      "Nothing below is stated by any source. A model that learned from known pairs holds these ",
      "effects for more likely than usual; each bar stands over the base rate, which is how often ",
      "any pair of such drugs has the effect. A guess has no severity and is no reason to change ",
      "a treatment by itself.",
    ),
    h(
      "ul",
      {},
      findings.map((f) => rowOf(f, most)),
    ),
    model &&
      h("p", { class: "small-print" }, `Model ${model.id}, trained on graph ${model.trained_on}.`),
  );
}

/** @param {Finding} f @param {number} most */
function rowOf(f, most) {
  const { acting, on } = partiesOf(f);
  const who = [acting, on].filter(Boolean).join(" + ") || named(f.precipitants);
  const wide = (/** @type {number|null} */ p) => Math.max(2, (WIDTH * (p ?? 0)) / (most || 1));
  return h(
    "li",
    { class: "guess" },
    h("p", {}, h("strong", {}, who), f.effect && `: ${usualLetter(f.effect.name)}`),
    s(
      "svg",
      {
        class: "bars",
        viewBox: `0 0 ${WIDTH} ${2 * BAR + 4}`,
        width: WIDTH,
        height: 2 * BAR + 4,
        "aria-hidden": "true",
      },
      s("rect", { class: "guessed", x: 0, y: 0, width: wide(f.probability), height: BAR }),
      s("rect", {
        class: "base",
        x: 0,
        y: BAR + 4,
        width: wide(f.baseline_probability),
        height: BAR,
      }),
    ),
    h(
      "p",
      { class: "figures" },
      `guessed ${percent(f.probability)}, base rate ${percent(f.baseline_probability)}`,
    ),
  );
}
