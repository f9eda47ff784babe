// Elements from names and texts. A text is always a text: nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node|string|number|null|undefined|false} Child */

/**
 * Make an element; `on` holds listeners, a value of `false` or `null` leaves an attribute out.
 * @param {string} name
 * @param {Record<string, any>} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  furnish(made, attributes, children);
  return made;
}

/**
 * Make an element of a drawing.
 * @param {string} name
 * @param {Record<string, any>} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {SVGElement}
 */
export function s(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  furnish(made, attributes, children);
  return made;
}

/**
 * @param {Element} made
 * @param {Record<string, any>} attributes
 * @param {(Child|Child[])[]} children
 */
function furnish(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") {
      for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    } else {
      made.setAttribute(key, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Put new children into an element. What had the focus has it again, and what was open stays
 * open, by `data-key`.
 * @param {Element} place
 * @param {Child[]} children
 */
export function renew(place, children) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && place.contains(focused) && focused.dataset.key;
  const open = new Map();
  for (const each of place.querySelectorAll("details[data-key]")) {
    if (each instanceof HTMLDetailsElement) open.set(each.dataset.key, each.open);
  }
  place.replaceChildren(...children.filter((child) => child instanceof Node));
  for (const each of place.querySelectorAll("details[data-key]")) {
    const was = each instanceof HTMLDetailsElement && open.get(each.dataset.key);
    if (was && each instanceof HTMLDetailsElement) each.open = true;
  }
  if (!key) return;
  const again = place.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement) again.focus();
  else if (place instanceof HTMLElement) place.focus();
}

/**
 * The element of the page with an id, which must be there.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * The field of the page with an id.
 * @param {string} id
 * @returns {HTMLInputElement}
 */
export function field(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}

/**
 * Words that only a screen reader says.
 * @param {string} text
 */
export const unseen = (text) => h("span", { class: "unseen" }, text);

let last = 0;
/** A new id, for what must be named by another element. */
export const newId = () => `n${(last += 1)}`;
