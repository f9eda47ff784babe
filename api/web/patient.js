// What is told of the patient: fields of the page on one side, the state on the other.

import { byId, field, h, newId } from "./dom.js";
import { reconcile } from "./keyed.js";
import { geneKey, labKey, parts, placeOf } from "./question.js";
import { tell } from "./state.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Patient} Patient */
/** @typedef {import("./history.js").Store} Store */

const TEXTS = /** @type {const} */ ([
  "age_years",
  "sex",
  "weight_kg",
  "height_cm",
  "egfr_ml_min",
  "child_pugh",
  "ancestry",
  "conditions",
  "allergies",
]);
const TICKS = /** @type {const} */ (["pregnant", "lactating"]);

/** Have the fields change the state. @param {Store} store */
export function bindPatient(store) {
  for (const name of TEXTS) {
    field(name).addEventListener("input", () =>
      store.set(tell(store.get(), { [name]: field(name).value }), `typing ${labelOf(name)}`),
    );
  }
  for (const name of TICKS) {
    field(name).addEventListener("change", () =>
      store.set(tell(store.get(), { [name]: field(name).checked }), labelOf(name)),
    );
  }
  byId("add-gene").addEventListener("click", () => {
    const { genes } = store.get().patient;
    store.set(tell(store.get(), { genes: [...genes, { gene: "", result: "" }] }), "add a gene");
    focusLast("genes");
  });
  byId("add-lab").addEventListener("click", () => {
    const { labs } = store.get().patient;
    store.set(
      tell(store.get(), { labs: [...labs, { loinc: "", value: "", unit: "" }] }),
      "add a lab value",
    );
    focusLast("labs");
  });
}

/**
 * Show the state in the fields, and what of it was not accepted.
 * @param {Shown} shown
 * @param {Store} store
 */
export function drawPatient(shown, store) {
  const { patient } = store.get();
  for (const name of TEXTS) {
    if (field(name).value !== patient[name]) field(name).value = patient[name];
    const values =
      name === "conditions" || name === "allergies" ? parts(patient[name]) : [patient[name]];
    const refused = values.flatMap((value) => {
      const found = value && shown.refused.get(placeOf(name, value));
      return found ? [`Not used: ${value}: ${found.message}.`] : [];
    });
    complain(field(name), refused.join(" "));
  }
  for (const name of TICKS) field(name).checked = patient[name];
  drawGenes(shown, store);
  drawLabs(shown, store);
}

/** @param {Shown} shown @param {Store} store */
function drawGenes(shown, store) {
  const { genes } = store.get().patient;
  const change = (/** @type {number} */ at, /** @type {object} */ told) =>
    store.set(
      tell(store.get(), {
        genes: store.get().patient.genes.map((row, i) => (i === at ? { ...row, ...told } : row)),
      }),
      `typing gene ${at + 1}`,
    );
  drawRows(
    "genes",
    genes,
    (row) => shown.refused.get(placeOf("gene", geneKey(row)))?.message,
    (row, at) => [
      text("Gene", row.gene, "such as CYP2C19", (gene) => change(at, { gene }), `gene ${at}`),
      text(
        "Result",
        row.result,
        "such as *2/*2",
        (result) => change(at, { result }),
        `result ${at}`,
      ),
    ],
    (at) =>
      store.set(
        tell(store.get(), { genes: store.get().patient.genes.filter((_, i) => i !== at) }),
        "remove a gene",
      ),
  );
}

/** @param {Shown} shown @param {Store} store */
function drawLabs(shown, store) {
  const { labs } = store.get().patient;
  const change = (/** @type {number} */ at, /** @type {object} */ told) =>
    store.set(
      tell(store.get(), {
        labs: store.get().patient.labs.map((row, i) => (i === at ? { ...row, ...told } : row)),
      }),
      `typing lab ${at + 1}`,
    );
  drawRows(
    "labs",
    labs,
    (row) => shown.refused.get(placeOf("lab", labKey(row)))?.message,
    (row, at) => [
      testField(row.loinc, (loinc, unit) => change(at, { loinc, unit }), `test ${at}`),
      text("Value", row.value, " ", (value) => change(at, { value }), `value ${at}`, "decimal"),
      text("Unit", row.unit, " ", (unit) => change(at, { unit }), `unit ${at}`),
    ],
    (at) =>
      store.set(
        tell(store.get(), { labs: store.get().patient.labs.filter((_, i) => i !== at) }),
        "remove a lab value",
      ),
  );
}

/**
 * Rows keep their fields while they are typed into; what was not accepted is said below.
 * @template {object} T
 * @param {string} id
 * @param {T[]} rows
 * @param {(row: T) => string|undefined} refusal
 * @param {(row: T, at: number) => HTMLElement[]} fields
 * @param {(at: number) => void} remove
 */
function drawRows(id, rows, refusal, fields, remove) {
  const place = byId(id);
  reconcile(
    place,
    rows.map((row, at) => ({
      key: `${id} ${at}`,
      signature: "",
      make: () =>
        h(
          "li",
          { class: "row" },
          h(
            "div",
            { class: "row-fields" },
            fields(row, at),
            h(
              "button",
              {
                type: "button",
                class: "small act-remove",
                "aria-label": `Remove row ${at + 1}`,
                "data-key": `remove ${id} ${at}`,
                on: { click: () => remove(at) },
              },
              "×",
            ),
          ),
          h("p", { class: "problem" }),
        ),
    })),
  );
  rows.forEach((row, at) => {
    const told = place.children[at]?.querySelector(".problem");
    const message = refusal(row);
    const says = message ? `Not used: ${short(message)}` : "";
    if (told && told.textContent !== says) told.textContent = says;
    const inputs = place.children[at]?.querySelectorAll("input, select") ?? [];
    Object.values(row).forEach((value, i) => {
      const input = /** @type {HTMLInputElement|undefined} */ (inputs[i]);
      if (input && input.value !== value) input.value = value;
    });
  });
}

/** @param {string} message */
const short = (message) => (message.length > 220 ? `${message.slice(0, 220)} …` : message);

/**
 * @param {string} label
 * @param {string} value
 * @param {string} placeholder
 * @param {(value: string) => void} typed
 * @param {string} key
 * @param {string} [mode]
 */
function text(label, value, placeholder, typed, key, mode) {
  const id = newId();
  const input = /** @type {HTMLInputElement} */ (
    h("input", {
      id,
      type: "text",
      placeholder,
      autocomplete: "off",
      spellcheck: "false",
      "data-key": key,
      inputmode: mode,
      on: { input: () => typed(input.value) },
    })
  );
  input.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, label), input);
}

/**
 * @param {string} loinc
 * @param {(loinc: string, unit: string) => void} chosen
 * @param {string} key
 */
function testField(loinc, chosen, key) {
  const id = newId();
  /** @type {Map<string, string>} */
  const units = new Map();
  const select = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      {
        id,
        "data-key": key,
        on: { change: () => chosen(select.value, units.get(select.value) ?? "") },
      },
      h("option", { value: loinc }, loinc || "choose"),
    )
  );
  words()
    .then(({ labs }) => {
      const named = labs.map((lab) => h("option", { value: lab.loinc }, lab.name));
      const isOther = loinc && !labs.some((lab) => lab.loinc === loinc);
      select.replaceChildren(
        h("option", { value: "" }, "choose"),
        ...named,
        ...(isOther ? [h("option", { value: loinc }, loinc)] : []),
      );
      for (const lab of labs) units.set(lab.loinc, lab.unit);
      select.value = loinc;
    })
    .catch(() => {});
  return h("div", { class: "field" }, h("label", { for: id }, "Test"), select);
}

/** @param {HTMLInputElement} input @param {string} message */
function complain(input, message) {
  const id = `${input.id}-problem`;
  const old = document.getElementById(id);
  if ((old?.textContent ?? "") === message) return;
  old?.remove();
  input.toggleAttribute("aria-invalid", Boolean(message));
  if (message) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", id);
    input.after(h("p", { id, class: "problem" }, message));
  } else {
    input.removeAttribute("aria-describedby");
  }
}

/** @param {string} id */
function focusLast(id) {
  const target = byId(id).lastElementChild?.querySelector("input, select");
  if (target instanceof HTMLElement) target.focus();
}

/** @param {string} name */
const labelOf = (name) =>
  document.querySelector(`label[for="${name}"]`)?.textContent?.trim().toLowerCase() ?? name;
