// A field with suggestions, by the combobox pattern of the ARIA Authoring Practices Guide: the
// arrows choose, Enter takes what is chosen, or what is typed where it is whole; a beginning of
// names only opens the list at its first. Escape closes, then empties.

import { h, newId } from "./dom.js";

const PAUSE_MS = 90;
const LEAST_LETTERS = 2;
/** So long what is entered waits for suggestions; then it is taken as it is typed. */
const PATIENCE_MS = 800;
/** A name of so few letters may be anybody's abbreviation. */
const FEW_LETTERS = 3;
/** A list, a code, and what has a dose behind it. */
const SURELY_WHOLE = /[\n;,:\d]/;

/** @typedef {import("./types.js").Drug} Drug */
/** @typedef {{label: string, hint: string, value: Drug}} Option */

/**
 * Whether a text is but the beginning of names: then they are to choose from. Three letters that
 * some source abbreviates a drug to are no more than that.
 * @param {string} typed
 * @param {Option[]} options
 */
function isBeginning(typed, options) {
  const text = typed.toLowerCase();
  const isExact = (/** @type {Option} */ { label, hint }) =>
    label.toLowerCase() === text && (!hint || text.length > FEW_LETTERS);
  if (SURELY_WHOLE.test(text) || options.some(isExact)) return false;
  return options.some(({ label }) => label.toLowerCase().startsWith(text));
}

/**
 * Give a field its suggestions.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} list  An empty list box beside it.
 * @param {object} does
 * @param {(typed: string) => Promise<Option[]>} does.suggest
 * @param {(drug: Drug) => void} does.choose  A suggestion was taken.
 * @param {(text: string) => void} does.enter  The text was entered as it is typed, or pasted.
 * @param {() => void} [does.draft]  The text changed.
 */
export function createCombobox(input, list, does) {
  /** @type {Option[]} */
  let options = [];
  let active = -1;
  let asked = 0;
  /** What was suggested last, and for which text. @type {{text: string, options: Option[]}} */
  let told = { text: "", options: [] };
  let entered = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  list.id ||= newId();
  const given = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "done",
  };
  for (const [key, value] of Object.entries(given)) input.setAttribute(key, value);
  list.setAttribute("role", "listbox");
  list.hidden = true;

  const close = () => {
    asked += 1;
    clearTimeout(timer);
    options = [];
    list.hidden = true;
    list.replaceChildren();
    point(-1);
    input.setAttribute("aria-expanded", "false");
  };

  /** @param {number} at */
  const point = (at) => {
    active = at;
    [...list.children].forEach((child, i) => child.setAttribute("aria-selected", String(i === at)));
    const chosen = list.children[at];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  /** @param {Option[]} found */
  const open = (found) => {
    options = found;
    told = { text: input.value.trim(), options: found };
    list.replaceChildren(
      ...found.map((option, i) =>
        h(
          "li",
          {
            role: "option",
            id: newId(),
            "aria-selected": "false",
            on: {
              mousedown: (/** @type {Event} */ e) => e.preventDefault(),
              click: () => take(option),
              mousemove: () => active !== i && point(i),
            },
          },
          h("span", {}, option.label),
          option.hint && h("small", {}, option.hint),
        ),
      ),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    point(-1);
  };

  const empty = () => {
    input.value = "";
    close();
    does.draft?.();
  };

  /** @param {Option} option */
  const take = (option) => {
    empty();
    does.choose(option.value);
  };

  const enter = () => {
    const text = input.value.trim();
    if (!text) return;
    const isKnown = text === told.text || SURELY_WHOLE.test(text);
    const found = isKnown ? told.options : soon(text);
    // Emptied at once: who types on does so into an empty field. What is entered keeps its order.
    empty();
    entered = entered.catch(() => {}).then(async () => decide(text, await found));
  };

  /**
   * Take a text where it is whole, else offer what it begins.
   * @param {string} text
   * @param {Option[]} found
   */
  const decide = (text, found) => {
    if (input.value || !isBeginning(text, found)) {
      does.enter(text);
      return;
    }
    input.value = text;
    does.draft?.();
    if (document.activeElement !== input) return;
    open(found);
    point(0);
  };

  /** What may be meant, or nothing where that takes too long. @param {string} text */
  const soon = (text) => {
    /** @type {Promise<Option[]>} */
    const late = new Promise((done) => setTimeout(done, PATIENCE_MS, []));
    return Promise.race([does.suggest(text).catch(() => []), late]);
  };

  const look = () => {
    const typed = input.value.trim();
    clearTimeout(timer);
    if (typed.length < LEAST_LETTERS) {
      close();
      return;
    }
    const own = (asked += 1);
    timer = setTimeout(async () => {
      const found = await does.suggest(typed).catch(() => []);
      if (own === asked && document.activeElement === input) open(found);
    }, PAUSE_MS);
  };

  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const n = options.length;
    const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? n - 1 : active - 1 };
    if (event.key in moves && n > 0) {
      const to = moves[/** @type {keyof typeof moves} */ (event.key)];
      point(to >= n ? -1 : to);
    } else if (event.key === "ArrowDown") {
      look();
    } else if (event.key === "Enter") {
      const chosen = options[active];
      if (chosen) take(chosen);
      else enter();
    } else if (event.key === "Escape") {
      if (!list.hidden) close();
      else if (input.value) empty();
      else return;
    } else {
      return;
    }
    event.preventDefault();
  };

  input.addEventListener("input", () => {
    does.draft?.();
    look();
  });
  input.addEventListener("keydown", press);
  input.addEventListener("blur", close);
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\n;,]/.test(text.trim())) return;
    event.preventDefault();
    const whole = `${input.value} ${text}`.trim();
    empty();
    does.enter(whole);
  });
  return { enter };
}
