// The list of what is taken and the drugs that are tried.

import { suggest } from "./completion.js";
import { createCombobox } from "./combobox.js";
import { byId, h, unseen } from "./dom.js";
import { reconcile } from "./keyed.js";
import { readingOf } from "./names.js";
import { placeOf } from "./question.js";
import { changeLine, drug, dropAdded, dropLine, replaceAdded, sent } from "./state.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Line} Line */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {import("./names.js").Reading} Reading */
/** @typedef {import("./history.js").Store} Store */

/**
 * Draw the list and the tried drugs anew where they changed.
 * @param {Shown} shown
 * @param {Store} store
 */
export function drawMedicines(shown, store) {
  const { taking, adding } = store.get();
  reconcile(
    byId("taking"),
    taking.map((line) => {
      const reading = readingOf(line, shown, "taking");
      const instead = line.instead && readingOf(line.instead, shown, "add");
      const stop = shown.refused.get(placeOf("stop", sent(line)))?.message ?? "";
      return {
        key: `line:${sent(line)}`,
        signature: JSON.stringify([line, reading, instead, stop]),
        make: () => lineOf(line, reading, instead, stop, store),
      };
    }),
  );
  reconcile(
    byId("adding"),
    adding.map((each) => {
      const reading = readingOf(each, shown, "add");
      return {
        key: `added:${sent(each)}`,
        signature: JSON.stringify([each, reading]),
        make: () => chipOf(each, reading, store),
      };
    }),
  );
  byId("nothing-taken").hidden = taking.length > 0;
  byId("takes-count").textContent = taking.length ? ` (${taking.length})` : "";
  byId("add-title").textContent = taking.length ? "Add a drug to try" : "Add a drug";
}

/**
 * @param {Line} line
 * @param {Reading} reading
 * @param {Reading|null} instead
 * @param {string} stop
 * @param {Store} store
 */
function lineOf(line, reading, instead, stop, store) {
  const find = () => store.get().taking.findIndex((each) => sent(each) === sent(line));
  const plan = (/** @type {Partial<Line>} */ change, /** @type {string} */ label) =>
    store.set(changeLine(store.get(), find(), change), label);
  const remove = () => store.set(dropLine(store.get(), find()), `remove ${line.text}`);
  const isRead = reading.status !== "not checked";
  const keep = button("Keep", line.text, "keep", () =>
    plan({ plan: "keep", instead: null }, `keep ${line.text}`),
  );
  const choices =
    line.plan === "keep" && isRead
      ? [
          button("Stop", line.text, "stop", () => plan({ plan: "stop" }, `stop ${line.text}`)),
          button("Swap", line.text, "swap", () => {
            plan({ plan: "swap", instead: null }, `swap ${line.text}`);
            document.getElementById(`swap-${sent(line)}`)?.focus();
          }),
        ]
      : line.plan === "keep"
        ? []
        : [keep];
  return h(
    "li",
    { class: `line plan-${line.plan}` },
    h(
      "div",
      { class: "line-head" },
      written(line, reading, line.plan === "stop" || line.instead ? "s" : "span"),
      line.plan === "stop" && h("span", { class: "tag" }, "stops"),
      line.plan === "swap" &&
        line.instead &&
        h(
          "span",
          { class: "swapped" },
          unseen("swapped for "),
          h("span", { class: "arrow", "aria-hidden": "true" }, "→ "),
          written(line.instead, instead, "span"),
        ),
      h(
        "span",
        { class: "choices" },
        choices,
        button("×", line.text, "remove", remove, `Remove ${line.text}`),
      ),
    ),
    line.plan === "swap" &&
      !line.instead &&
      swapField(line, (d) => plan({ instead: d }, `swap ${line.text}`)),
    stop && h("p", { class: "problem" }, stop),
    problemOf(line, reading, (d) => plan(d, `${line.text} is ${d.text}`)),
    line.instead &&
      instead &&
      problemOf(line.instead, instead, (d) => plan({ instead: d }, `${d.text}`)),
  );
}

/** @param {Drug} each @param {Reading} reading @param {Store} store */
function chipOf(each, reading, store) {
  const find = () => store.get().adding.findIndex((other) => sent(other) === sent(each));
  const drop = () => store.set(dropAdded(store.get(), find()), `leave out ${each.text}`);
  const choose = (/** @type {Drug} */ d) =>
    store.set(replaceAdded(store.get(), find(), d), `${each.text} is ${d.text}`);
  return h(
    "li",
    { class: "line added" },
    h(
      "div",
      { class: "line-head" },
      h("span", { class: "tag" }, "trial"),
      written(each, reading, "span"),
      h(
        "span",
        { class: "choices" },
        button("×", each.text, "leave", drop, `Leave out ${each.text}`),
      ),
    ),
    problemOf(each, reading, choose),
  );
}

/** @param {Drug} d @param {Reading|null} reading @param {"s"|"span"} element */
function written(d, reading, element) {
  const isOther = reading?.name && reading.name.toLowerCase() !== d.text.toLowerCase();
  return h(
    "span",
    { class: "drug" },
    h(element, { class: "name" }, d.text),
    isOther && h("small", {}, " = ", reading.name),
    d.more && h("small", { class: "more" }, " ", d.more),
    reading?.dose && h("small", { class: "more" }, " (", reading.dose, ")"),
  );
}

/** @param {Drug} d @param {Reading} reading @param {(d: Drug) => void} choose */
function problemOf(d, reading, choose) {
  if (reading.status !== "not checked") return null;
  return h(
    "div",
    { class: "problem" },
    h("p", {}, h("strong", {}, "Not checked"), `: “${d.text}” `, plainer(reading.why, d.text)),
    reading.candidates.length > 0 &&
      h(
        "p",
        { class: "meant" },
        "Did you mean ",
        reading.candidates.slice(0, 6).map((c) =>
          h(
            "button",
            {
              type: "button",
              class: "small",
              "data-group": "meant",
              on: { click: () => choose(drug(c.matched, c.curie, d.more)) },
            },
            c.matched,
            c.matched.toLowerCase() !== c.name.toLowerCase() && h("small", {}, ` ${c.name}`),
          ),
        ),
      ),
  );
}

/**
 * A sentence of the service, without what the page says before it.
 * @param {string} why
 * @param {string} text
 */
function plainer(why, text) {
  const [, rest = why] = why.split(`'${text}', `);
  const told = rest.split("; did you mean")[0]?.replace("this graph knows", "this service knows");
  return `${told}.`.replace(/\.\.$/, ".");
}

/** @param {Line} line @param {(d: Drug) => void} choose */
function swapField(line, choose) {
  const id = `swap-${sent(line)}`;
  const input = /** @type {HTMLInputElement} */ (h("input", { id, type: "text", "data-key": id }));
  const list = h("ul", { class: "options", "aria-label": "Suggestions" });
  createCombobox(input, list, { suggest, choose, enter: (text) => choose(drug(text)) });
  return h(
    "div",
    { class: "field combo swap" },
    h("label", { for: id }, `Swap ${line.text} for (it stays until you choose)`),
    input,
    list,
  );
}

/**
 * @param {string} word
 * @param {string} of
 * @param {string} does
 * @param {() => void} act
 * @param {string} [label]
 */
function button(word, of, does, act, label) {
  return h(
    "button",
    {
      type: "button",
      class: `small act-${does}`,
      "data-key": `${does}:${of}`,
      "data-group": "line",
      "aria-label": label,
      title: label,
      on: { click: act },
    },
    word,
    !label && unseen(` ${of}`),
  );
}
