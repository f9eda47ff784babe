// A list that is pasted, or a note in which drugs are found and marked for confirmation.

import { ask, Refused, Unreachable } from "./api.js";
import { byId, field, h } from "./dom.js";
import { writtenBehind } from "./doses.js";
import { drug, take, tell } from "./state.js";
import { count } from "./words.js";

/** @typedef {import("./types.js").Mention} Mention */
/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {import("./history.js").Store} Store */
/**
 * @typedef {{mentions: Mention[], drugs?: {curie: string, mentions: number[]}[],
 *   notes?: string[]}} Found  What a text names; `drugs` give products by what they hold.
 */

const MOST_WORDS = 8;
/** @type {Record<string, string>} */
const CONTEXTS = {
  stopped: "stopped",
  allergy: "allergy",
  negated: "denied",
  plan: "only thought of",
  other_person: "another person's",
};

/** The drugs of a list, one a line or with commas between. @param {string} text */
export const pieces = (text) =>
  text
    .split(/[\n;,]+/)
    .map((p) => p.replace(/^[\s•*·–-]+|^\s*\d+[.)]\s+/, "").trim())
    .filter(Boolean);

/** Whether a text is prose rather than a list. @param {string} text */
export const isNote = (text) =>
  pieces(text).some((piece) => piece.split(/\s+/).length > MOST_WORDS);

/**
 * Read the entries of a list; what stands beside a name (dose, times) is parted from it.
 * @param {string} text
 * @returns {Promise<Drug[]|null>}  `null` where the list says that something is not taken: then it
 *   is a note, to be confirmed.
 */
export async function readList(text) {
  const entries = pieces(text);
  const asWritten = entries.map((entry) => drug(entry));
  if (!entries.some(hasMore)) return asWritten;
  try {
    /** @type {{mentions: Mention[]}} */
    const { mentions } = await ask("v1/mentions", { text: entries.join("\n") });
    if (mentions.some((m) => m.context !== "current")) return null;
    return parted(entries, mentions);
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable) return asWritten;
    throw error;
  }
}

/** Whether more than a name stands in an entry. @param {string} entry */
const hasMore = (entry) => /\d|\s\S+\s/.test(entry);

/** @param {string[]} entries @param {Mention[]} mentions */
function parted(entries, mentions) {
  let start = 0;
  return entries.map((entry) => {
    const from = start;
    start += [...entry].length + 1;
    const inside = mentions.filter((m) => m.start >= from && m.end < start);
    const [only] = inside;
    const isOne = only?.status === "resolved" && inside.every((m) => m.curie === only.curie);
    return only && isOne && hasMore(entry)
      ? drug(only.text, null, without(entry, only.start - from, only.end - from))
      : drug(entry);
  });
}

/**
 * A text without a part of it; places count code points.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
function without(text, start, end) {
  const letters = [...text];
  return `${letters.slice(0, start).join("")} ${letters.slice(end).join("")}`
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * The dialog for a note.
 * @param {Store} store
 * @param {() => void} draft
 */
export function createIntake(store, draft) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("intake"));
  const note = /** @type {HTMLTextAreaElement} */ (byId("note"));
  const found = byId("found");
  const message = byId("intake-problem");
  /** @type {{drug: Drug, box: HTMLInputElement}[]} */
  let rows = [];
  /** @type {{name: string, box: HTMLInputElement}[]} */
  let allergies = [];

  const look = async () => {
    message.textContent = "";
    try {
      show(note.value, await ask("v1/mentions", { text: note.value }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      message.textContent =
        `The note was not read: ${why}. It is kept; try again, or write one drug a line and ` +
        "put it on the list as it is.";
    }
  };

  /** @param {string} text @param {Found} answer */
  const show = (text, { mentions, drugs = [], notes = [] }) => {
    const groups = grouped(mentions, drugs);
    rows = [];
    allergies = [];
    const listed = groups.map(({ named, every }) => {
      const context = every.some((m) => m.context === "current") ? "current" : named.context;
      const other = CONTEXTS[context];
      const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
      box.checked = !other;
      rows.push({ drug: drugOf(named, every, (m) => writtenBehind(text, m, mentions)), box });
      const written = [...new Set(every.map((m) => m.text))].join(", ");
      const isRead = named.status === "resolved" || named.status === "drug-class";
      const sure = !isRead && h("span", { class: "tag" }, "not sure");
      const allergy = context === "allergy" && allergyBox(named);
      return h(
        "li",
        {},
        h(
          "label",
          {},
          box,
          " ",
          h("strong", {}, named.name ?? named.text),
          h("small", {}, ` as “${written}”`),
        ),
        " ",
        other && h("span", { class: "tag" }, other),
        sure,
        allergy,
      );
    });
    found.replaceChildren(
      h(
        "p",
        {},
        mentions.length ? "Confirm what belongs on the list." : "No drug was found in this text.",
      ),
      h("ul", { class: "confirm" }, listed),
      h(
        "ul",
        { class: "hint" },
        notes.map((told) => h("li", {}, told)),
      ),
      h(
        "div",
        {
          class: "note-marked",
          tabindex: 0,
          role: "region",
          "aria-label": "The note with the drugs marked",
        },
        marked(text, mentions),
      ),
    );
    byId("intake-accept").hidden = listed.length === 0;
    found.focus();
  };

  /** @param {Mention} named */
  const allergyBox = (named) => {
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
    box.checked = true;
    allergies.push({ name: named.name ?? named.text, box });
    return h("label", { class: "also" }, box, " note as allergy");
  };

  const accept = () => {
    const chosen = rows.filter(({ box }) => box.checked).map((row) => row.drug);
    const known = store.get().patient.allergies;
    const told = allergies
      .filter(({ box }) => box.checked)
      .map(({ name }) => name)
      .filter((n) => !known.toLowerCase().includes(n.toLowerCase()));
    const taken = take(store.get(), chosen);
    const all = [known.trim(), ...told].filter(Boolean).join("\n");
    store.set(
      told.length ? tell(taken, { allergies: all }) : taken,
      `${count(chosen.length, "drug")} from a note`,
    );
    note.value = "";
    draft();
    clear();
    dialog.close();
  };

  const clear = () => {
    found.replaceChildren();
    message.textContent = "";
    byId("intake-accept").hidden = true;
  };

  byId("intake-look").addEventListener("click", look);
  byId("intake-accept").addEventListener("click", accept);
  byId("intake-list").addEventListener("click", async () => {
    const entries = pieces(note.value).map((entry) => drug(entry));
    store.set(take(store.get(), (await readList(note.value)) ?? entries), "a pasted list");
    note.value = "";
    draft();
    clear();
    dialog.close();
  });
  byId("intake-close").addEventListener("click", () => dialog.close());
  note.addEventListener("input", () => {
    draft();
    clear();
  });
  byId("open-intake").addEventListener("click", () => dialog.showModal());
  return {
    /** Show a text and look for drugs in it. @param {string} text */
    open(text) {
      note.value = [note.value.trim(), text].filter(Boolean).join("\n");
      draft();
      if (!dialog.open) dialog.showModal();
      look();
    },
  };
}

/**
 * A drug of a note, with the doses that stand beside it; where they differ none is the dose.
 * @param {Mention} named
 * @param {Mention[]} every
 * @param {(m: Mention) => string} written  What is written of the dose behind a mention.
 */
function drugOf(named, every, written) {
  const told = every.filter((m) => m.dose && m.context === "current").map(written);
  const doses = [...new Set(told)].filter((d) => !told.some((o) => o !== d && o.startsWith(d)));
  const isRead = named.status === "resolved";
  const name = isRead ? (named.name ?? named.text) : named.text;
  return drug(name, isRead ? named.curie : null, doses.join("; elsewhere "));
}

/**
 * Mentions of one drug together, in the order of the text. A product of one drug (Zocor) is with
 * those of the drug, unless it goes another way in.
 * @param {Mention[]} mentions
 * @param {NonNullable<Found["drugs"]>} drugs
 */
function grouped(mentions, drugs) {
  /** @type {Map<string, {named: Mention, every: Mention[]}>} */
  const groups = new Map();
  mentions.forEach((m, place) => {
    const held = drugs.filter((d) => d.mentions.includes(place)).map((d) => d.curie);
    const [only] = held.length === 1 ? held : [];
    const itself = mentions.find((other) => other.curie === only);
    const isSame = itself && (!m.route || !itself.route || m.route === itself.route);
    const named = isSame ? itself : m;
    const key = named.curie ?? m.text.toLowerCase();
    const group = groups.get(key) ?? { named, every: [] };
    group.every.push(m);
    groups.set(key, group);
  });
  return [...groups.values()];
}

/** @param {string} text @param {Mention[]} mentions */
function marked(text, mentions) {
  const letters = [...text];
  /** @type {(Node|string)[]} */
  const parts = [];
  let at = 0;
  for (const m of [...mentions].sort((a, b) => a.start - b.start)) {
    if (m.start < at) continue;
    parts.push(
      letters.slice(at, m.start).join(""),
      h("mark", { class: m.status }, letters.slice(m.start, m.end).join("")),
    );
    at = m.end;
  }
  return [...parts, letters.slice(at).join("")];
}

/** Half-typed texts of the page by the ids of their fields. */
export const drafts = () =>
  Object.fromEntries(["take-field", "add-field", "note"].map((id) => [id, field(id).value]));
