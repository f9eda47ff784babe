// Where the parts of a path stand in its picture: layers from what acts to what comes of it.

/** @typedef {import("./types.js").Step} Step */
/** @typedef {{name: string, layer: number, place: number}} Place */
/** @typedef {{from: Place, to: Place, word: string}} Arrow */

/**
 * Order the parts of a path in layers; steps say the same thing once.
 * @param {Step[]} path
 * @returns {{places: Place[], arrows: Arrow[], layers: number}}
 */
export function layered(path) {
  const whole = telling(path);
  /** @type {Map<string, number>} */
  const layer = new Map();
  for (const { subject, object } of whole) for (const name of [subject, object]) layer.set(name, 0);
  // As many rounds as there are parts: a circle comes to rest too.
  for (let round = 0; round < layer.size; round += 1) {
    for (const { subject, object } of whole) {
      const after = (layer.get(subject) ?? 0) + 1;
      if ((layer.get(object) ?? 0) < after && after < layer.size) layer.set(object, after);
    }
  }
  /** @type {Map<string, Place>} */
  const places = new Map();
  /** @type {number[]} */
  const filled = [];
  for (const [name, at] of layer) {
    const place = filled[at] ?? 0;
    filled[at] = place + 1;
    places.set(name, { name, layer: at, place });
  }
  const arrows = whole.flatMap(({ subject, predicate, object }) => {
    const [from, to] = [places.get(subject), places.get(object)];
    return from && to && from !== to ? [{ from, to, word: predicate }] : [];
  });
  return { places: [...places.values()], arrows, layers: filled.length };
}

/** The steps that say something which no other says. @param {Step[]} path */
export const telling = (path) => path.filter((step) => !isSumOfOthers(step, path));

/**
 * Whether a step says of several together where other steps lead already.
 * @param {Step} step
 * @param {Step[]} path
 */
function isSumOfOthers(step, path) {
  const isSum = (/** @type {Step} */ each) => each.subject.includes(" + ");
  return isSum(step) && path.some((other) => !isSum(other) && other.object === step.object);
}
