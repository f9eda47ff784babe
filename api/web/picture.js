// The picture of a path: what acts, what it acts through, and what comes of it.

import { arrowAcross, arrowDown } from "./arrows.js";
import { s } from "./dom.js";
import { acrossOf, BOX_HEIGHT, downOf, LINE, MARGIN, wrapped } from "./frame.js";
import { layered } from "./layout.js";
import { usualLetter } from "./words.js";

/** @typedef {import("./types.js").Step} Step */
/** @typedef {import("./layout.js").Place} Place */
/** @typedef {import("./layout.js").Arrow} Arrow */
/** @typedef {import("./frame.js").Frame} Frame */

/**
 * Draw a path as wide as there is room: from left to right, or from top to bottom on a phone.
 * @param {Step[]} path
 * @param {number} room  Pixels.
 * @returns {SVGElement|null}  `null` where the path is of nothing.
 */
export function pictureOf(path, room) {
  const { places, arrows, layers } = layered(path);
  if (arrows.length === 0) return null;
  const deepest = Math.max(...places.map((p) => p.place)) + 1;
  const frame =
    acrossOf(places, arrows, layers, deepest, room) ?? downOf(arrows, layers, deepest, room);
  const { width, height, caption } = frame;
  const drawn = s("svg", {
    class: "picture",
    role: "img",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    "aria-label": inWords(path),
  });
  const made = arrows.map((arrow) => (frame.isAcross ? arrowAcross : arrowDown)(arrow, frame));
  drawn.append(
    ...made.flatMap(({ line }) => line),
    ...places.map((place) => boxOf(place, frame, arrows)),
    ...made.flatMap(({ words }) => words),
    ...caption.map((text, i) =>
      s(
        "text",
        { class: "word", x: MARGIN, y: height - MARGIN - (caption.length - 1 - i) * LINE },
        text,
      ),
    ),
  );
  return drawn;
}

/** The path as a sentence, for those who do not see it. @param {Step[]} path */
export const inWords = (path) =>
  path.map((step) => `${step.subject} ${step.predicate} ${usualLetter(step.object)}`).join("; ");

/**
 * @param {Place} place
 * @param {Frame} frame
 * @param {Arrow[]} arrows
 */
function boxOf(place, frame, arrows) {
  const { x, y } = frame.at(place);
  const kind = arrows.every((a) => a.to !== place)
    ? "acts"
    : arrows.every((a) => a.from !== place)
      ? "ends"
      : "between";
  const lines = wrapped(kind === "ends" ? usualLetter(place.name) : place.name, frame.box - 8);
  const top = y + BOX_HEIGHT / 2 - ((lines.length - 1) * LINE) / 2 + 4;
  return s(
    "g",
    { class: `box ${kind}` },
    s("rect", { x, y, width: frame.box, height: BOX_HEIGHT, rx: 6 }),
    lines.map((text, i) =>
      s("text", { x: x + frame.box / 2, y: top + i * LINE, "text-anchor": "middle" }, text),
    ),
  );
}
