// Asking the model about one pair, which somebody chooses.

import { ask } from "./api.js";
import { barsOf, percent } from "./bars.js";
import { h, newId } from "./dom.js";
import { usualLetter } from "./words.js";

/** @typedef {import("./types.js").Answer} Answer */
/**
 * @typedef {{effect: {name: string}, probability: number, base_rate: number,
 *   came_true: {from: number, share: number}|null}} Guess
 * @typedef {{predictions: Guess[], notes: string[], disclaimer: string}} Guessed
 */

const MOST = 5;

/**
 * Two drugs of the answer to choose, and what the model guesses of them; nothing where it knows
 * fewer than two.
 * @param {Answer} answer
 */
export function pairOf({ model, adding, coverage: { names } }) {
  const known = Object.entries(names).filter(([drug]) => !model?.unknown_drugs.includes(drug));
  if (!model || known.length < 2) return null;
  const first = adding.find(({ curie }) => known.some(([drug]) => drug === curie))?.curie;
  const one = choice("Ask the model about", "one", known, first ?? known[0]?.[0]);
  const other = choice("and", "other", known, known.find(([drug]) => drug !== one.value())?.[0]);
  const told = h("div", { class: "pair-told", role: "status" });
  const act = async () => {
    try {
      const drugs = encodeURIComponent(`${one.value()},${other.value()}`);
      told.replaceChildren(...drawn(await ask(`v1/predictions?drugs=${drugs}&top=${MOST}`)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      told.replaceChildren(h("p", { class: "problem" }, `Nothing was guessed: ${why}.`));
    }
  };
  return h(
    "div",
    { class: "pair" },
    h(
      "div",
      { class: "pair-fields" },
      one.field,
      other.field,
      h("button", { type: "button", "data-key": "pair", on: { click: act } }, "Ask"),
    ),
    told,
  );
}

/**
 * @param {string} label
 * @param {string} key
 * @param {[string, string][]} drugs
 * @param {string|undefined} chosen
 */
function choice(label, key, drugs, chosen) {
  const id = newId();
  const options = drugs.map(([drug, name]) =>
    h("option", { value: drug, selected: drug === chosen }, name),
  );
  const select = /** @type {HTMLSelectElement} */ (
    h("select", { id, "data-key": `pair-${key}` }, options)
  );
  return {
    field: h("div", { class: "field" }, h("label", { for: id }, label), select),
    value: () => select.value,
  };
}

/** @param {NonNullable<Guess["came_true"]>} so */
const cameTrue = ({ from, share }) =>
  `in validation ${percent(share)} of guesses of ${percent(from)} or more came true`;

/** @param {Guessed} found */
function drawn({ predictions, notes, disclaimer }) {
  const most = Math.max(...predictions.flatMap((p) => [p.probability, p.base_rate]));
  return [
    h(
      "ul",
      {},
      predictions.map((p) =>
        h(
          "li",
          { class: "guess" },
          h("p", {}, h("strong", {}, usualLetter(p.effect.name))),
          ...barsOf(p.probability, p.base_rate, most),
          p.came_true && h("p", { class: "figures" }, cameTrue(p.came_true)),
        ),
      ),
    ),
    h(
      "ul",
      { class: "notes" },
      [...notes, disclaimer].map((note) => h("li", {}, note)),
    ),
  ];
}
