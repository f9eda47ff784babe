// What may be used instead, with what it would bring.

import { h, unseen } from "./dom.js";
import { badge } from "./severity.js";
import { add, changeLine, drug, replaceAdded, sent } from "./state.js";
import { count } from "./words.js";

/** @typedef {import("./types.js").Alternative} Alternative */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./history.js").Store} Store */

const SHOWN = 4;

/**
 * The alternatives of an answer by the drug that they stand in for.
 * @param {Answer} answer
 * @param {Store} store
 */
export function insteadOf(answer, store) {
  /** @type {Map<string, Alternative[]>} */
  const places = new Map();
  for (const each of answer.alternatives) {
    const name = each.instead_of.name;
    places.set(name, [...(places.get(name) ?? []), each]);
  }
  return [...places].map(([name, offered]) => {
    const rows = offered.map((each) => rowOf(each, answer, store));
    const more = rows.slice(SHOWN);
    return h(
      "section",
      { class: "instead" },
      h("h2", {}, `Instead of ${name}`),
      h(
        "p",
        { class: "hint" },
        "With what each would bring to this list. ",
        "Whether it suits the indication is yours to judge.",
      ),
      h("ul", {}, rows.slice(0, SHOWN)),
      more.length > 0 &&
        h(
          "details",
          { "data-key": `instead:${name}` },
          h("summary", {}, `Show ${more.length} more`),
          h("ul", {}, more),
        ),
    );
  });
}

/**
 * That it is not known yet what may be used instead, or could not be asked.
 * @param {Shown} shown
 * @param {() => void} again
 */
export function insteadUntold({ instead, reason }, again) {
  if (instead === "waiting") {
    return [h("p", { class: "hint waiting" }, "Looking for what may be used instead.")];
  }
  if (instead !== "failed") return [];
  const says = `What may be used instead could not be asked: ${reason}. `;
  const retry = { type: "button", class: "small", "data-key": "instead", on: { click: again } };
  return [h("p", { class: "hint" }, says, h("button", retry, "Ask again"))];
}

/** @param {Alternative} each @param {Answer} answer @param {Store} store */
function rowOf(each, answer, store) {
  const found = each.findings ? count(each.findings, "finding") : "nothing found";
  const why = [
    each.shared_class ? `class ${each.shared_class.replace("ATC:", "")}` : each.kinship,
    each.advised && "named in the advice",
    each.little_known && "little is known of it",
  ]
    .filter(Boolean)
    .join(", ");
  return h(
    "li",
    {},
    h(
      "span",
      { class: "offer" },
      h("strong", {}, each.name),
      " ",
      each.findings
        ? badge(each.worst_severity)
        : h("span", { class: "badge sev-nothing" }, "None found"),
      h("small", {}, ` ${each.findings ? `${found}; ` : ""}${why}`),
    ),
    h(
      "button",
      {
        type: "button",
        class: "small",
        "data-key": `instead:${each.curie}`,
        on: {
          click: () =>
            store.set(
              used(store.get(), each, answer),
              `use ${each.name} instead of ${each.instead_of.name}`,
            ),
        },
      },
      "Use instead",
      unseen(`: ${each.name} for ${each.instead_of.name}`),
    ),
  );
}

/**
 * Put an alternative where the drug stands that it replaces.
 * @param {State} state
 * @param {Alternative} each
 * @param {Answer} answer
 * @returns {State}
 */
function used(state, each, answer) {
  const other = drug(each.name, each.curie);
  const swaps = answer.replacing.flatMap(({ from, to }) => [from, to]);
  const references = [...answer.adding, ...answer.stopping, ...answer.taking, ...swaps];
  const queries = new Set(
    references.filter((r) => r.curie === each.instead_of.curie).map((r) => r.query),
  );
  const added = state.adding.findIndex((d) => queries.has(sent(d)));
  if (added >= 0) return replaceAdded(state, added, other);
  const swapped = state.taking.findIndex((l) => l.instead && queries.has(sent(l.instead)));
  if (swapped >= 0) return changeLine(state, swapped, { instead: other });
  const taken = state.taking.findIndex((l) => l.plan !== "keep" && queries.has(sent(l)));
  if (taken >= 0) return changeLine(state, taken, { plan: "swap", instead: other });
  return state.adding.length === 1 ? replaceAdded(state, 0, other) : add(state, other);
}
