// Lists that keep what did not change: an open reason stays open, a half-typed name stays typed.

/** @type {WeakMap<Element, string>} */
const signatures = new WeakMap();

/**
 * @typedef {object} Item
 * @property {string} key  Who it is, unique in its place.
 * @property {string} signature  What it shows; the element is made anew where this is another.
 * @property {() => HTMLElement} make
 * @property {(old: Element) => void} [change]  Brings an element in line that shows something else,
 *   where that is less than making it anew.
 */

/**
 * Bring the children of an element in line with items, touching no more than must be.
 * @param {Element} place
 * @param {Item[]} items
 */
export function reconcile(place, items) {
  const focused =
    document.activeElement instanceof HTMLElement && place.contains(document.activeElement)
      ? document.activeElement
      : null;
  const focusKey = focused?.dataset.key;
  const known = new Map([...place.children].map((child) => [keyOf(child), child]));
  /** @type {Element|null} */
  let next = place.firstElementChild;
  for (const item of items) {
    const old = known.get(item.key);
    known.delete(item.key);
    const isSame = old && signatures.get(old) === item.signature;
    if (old && (isSame || item.change)) {
      if (!isSame) item.change?.(old);
      signatures.set(old, item.signature);
      if (old === next) next = old.nextElementSibling;
      else place.insertBefore(old, next);
      continue;
    }
    const made = item.make();
    made.dataset.key = item.key;
    signatures.set(made, item.signature);
    if (old) {
      keepOpen(old, made);
      if (old === next) next = old.nextElementSibling;
      old.replaceWith(made);
      if (made.nextElementSibling !== next) place.insertBefore(made, next);
    } else {
      place.insertBefore(made, next);
    }
  }
  const leaving = [...known.values()];
  for (const child of leaving) child.remove();
  if (focused && !focused.isConnected) refocus(place, focusKey, focused);
}

/** @param {Element} child */
const keyOf = (child) => (child instanceof HTMLElement ? (child.dataset.key ?? "") : "");

/** @param {Element} old @param {Element} made */
function keepOpen(old, made) {
  const was = new Set([...old.querySelectorAll("details[data-key][open]")].map(keyOf));
  for (const each of made.querySelectorAll("details[data-key]")) {
    if (each instanceof HTMLDetailsElement && was.has(keyOf(each))) each.open = true;
  }
}

/**
 * @param {Element} place
 * @param {string|undefined} key
 * @param {HTMLElement} focused
 */
function refocus(place, key, focused) {
  const again = key && place.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const group = focused.dataset.group;
  const other = again || (group && place.querySelector(`[data-group="${CSS.escape(group)}"]`));
  const home = place.closest("[tabindex]");
  const target = other || home;
  if (target instanceof HTMLElement) target.focus();
}
