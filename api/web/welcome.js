// What a visitor finds who has entered nothing: examples to try, and how findings are graded.

import { byId, h } from "./dom.js";
import { badge, ORDER } from "./severity.js";
import { add, drug, nothing, take, tell } from "./state.js";

/** @typedef {import("./types.js").Patient} Patient */
/** @typedef {import("./history.js").Store} Store */
/** @typedef {{title: string, taking: string[], add: string, patient: Partial<Patient>}} Example */

/** @type {Example[]} */
const EXAMPLES = [
  {
    title: "An antibiotic beside a statin",
    taking: ["simvastatin", "warfarin", "amlodipine", "omeprazole", "clopidogrel"],
    add: "clarithromycin",
    patient: { genes: [{ gene: "CYP2C19", result: "*2/*2" }] },
  },
  {
    title: "A painkiller with weak kidneys",
    taking: ["ramipril", "furosemide", "metformin"],
    add: "ibuprofen",
    patient: { age_years: "79", egfr_ml_min: "32" },
  },
  {
    title: "An antidepressant beside tramadol",
    taking: ["tramadol", "sumatriptan", "apixaban"],
    add: "sertraline",
    patient: {},
  },
];

/** Draw the examples and the grades. @param {Store} store */
export function bindWelcome(store) {
  byId("examples").replaceChildren(
    ...EXAMPLES.map((example, at) =>
      h(
        "button",
        { type: "button", class: at > 0 && "quiet", on: { click: () => show(example, store) } },
        example.title,
      ),
    ),
  );
  byId("legend").replaceChildren(...ORDER.map((severity) => badge(severity)));
}

/** @param {Example} example @param {Store} store */
function show(example, store) {
  const listed = example.taking.map((name) => drug(name));
  const known = tell(take(nothing(), listed), example.patient);
  store.set(add(known, drug(example.add)), "the example");
}
