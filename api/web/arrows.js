// The arrows of a picture with what they say.

import { s } from "./dom.js";
import { BOX_HEIGHT, isBelow, isSkip, wrapped } from "./frame.js";

/** @typedef {import("./layout.js").Arrow} Arrow */
/** @typedef {import("./frame.js").Frame} Frame */

/** How much narrower the letters of a label are than those in a box. */
const WORD = 1.1;
const LABEL_LINE = 13;

/** @typedef {{line: SVGElement[], words: SVGElement[]}} Drawn */

/**
 * An arrow from left to right.
 * @param {Arrow} arrow
 * @param {Frame} frame
 * @returns {Drawn}
 */
export function arrowAcross(arrow, frame) {
  const { box, gap } = frame;
  const [a, b] = [frame.at(arrow.from), frame.at(arrow.to)];
  const kind = `arrow ${kindOf(arrow.word)}`;
  if (isSkip(arrow)) return skipAcross(arrow, frame, kind);
  const [x1, x2] = [a.x + box, b.x];
  const [y1, y2] = [a.y + BOX_HEIGHT / 2, b.y + BOX_HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  // Where lines meet, each is named at its beginning; where they part, at its end.
  const isParting = arrow.from.place === 0 && (arrow.to.place > 0 || y2 < y1);
  const [x, on, anchor] =
    y1 === y2
      ? [middle - 3, y1, "middle"]
      : isParting
        ? [x2 - 10, y2, "end"]
        : [x1 + 5, y1, "start"];
  const isUnder = isParting ? y2 > y1 : y2 < y1;
  return {
    line: [
      s("path", { class: kind, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2 - 7} ${y2}` }),
      head(x2, y2, 0, kind),
    ],
    words: isUnder
      ? below(arrow.word, x, on + 16, gap - 12, anchor)
      : above(arrow.word, x, on - 6, gap - 12, anchor),
  };
}

/** @param {Arrow} arrow @param {Frame} frame @param {string} kind @returns {Drawn} */
function skipAcross(arrow, frame, kind) {
  const [a, b, lane] = [frame.at(arrow.from), frame.at(arrow.to), frame.lane(arrow)];
  const [x1, x2] = [a.x + frame.box / 2, b.x + frame.box / 2];
  const isUnder = isBelow(arrow);
  const [leaves, ends, bend] = isUnder ? [a.y + BOX_HEIGHT, b.y + BOX_HEIGHT, -8] : [a.y, b.y, 8];
  const tip = ends + (isUnder ? 7 : -7);
  const up = `M${x1} ${leaves}V${lane + bend}Q${x1} ${lane} ${x1 + 8} ${lane}`;
  const d = `${up}H${x2 - 8}Q${x2} ${lane} ${x2} ${lane + bend}V${tip}`;
  return {
    line: [s("path", { class: kind, d }), head(x2, ends, isUnder ? -90 : 90, kind)],
    words: above(arrow.word, (x1 + x2) / 2, lane - 4, x2 - x1 - 10, "middle"),
  };
}

/**
 * An arrow from top to bottom.
 * @param {Arrow} arrow
 * @param {Frame} frame
 * @returns {Drawn}
 */
export function arrowDown(arrow, frame) {
  const [a, b] = [frame.at(arrow.from), frame.at(arrow.to)];
  const kind = `arrow ${kindOf(arrow.word)}`;
  if (isSkip(arrow)) {
    if (isBelow(arrow)) return { line: [], words: [] };
    const [x, y1, y2] = [frame.lane(arrow), a.y + BOX_HEIGHT / 2, b.y + BOX_HEIGHT / 2];
    const out = `M${a.x} ${y1}H${x + 8}Q${x} ${y1} ${x} ${y1 + 8}`;
    const d = `${out}V${y2 - 8}Q${x} ${y2} ${x + 8} ${y2}H${b.x - 7}`;
    return { line: [s("path", { class: kind, d }), head(b.x, y2, 0, kind)], words: [] };
  }
  const [x1, x2] = [a.x + frame.box / 2, b.x + frame.box / 2];
  const [y1, y2] = [a.y + BOX_HEIGHT, b.y];
  const middle = (y1 + y2) / 2;
  const [x, y] = x2 > x1 ? [x2 + 6, y2 - 14] : [x1 + 8, y1 + 16];
  return {
    line: [
      s("path", { class: kind, d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2 - 7}` }),
      head(x2, y2, 90, kind),
    ],
    words: below(arrow.word, x, y, frame.width - x - 4, "start"),
  };
}

/** @param {number} x @param {number} y @param {number} turned @param {string} kind */
const head = (x, y, turned, kind) =>
  s("path", {
    class: `${kind} head`,
    d: "M-8 -5L0 0L-8 5Z",
    transform: `translate(${x} ${y}) rotate(${turned})`,
  });

/**
 * A label whose last line stands on `y`.
 * @param {string} word
 * @param {number} x
 * @param {number} y
 * @param {number} room
 * @param {string} anchor
 */
const above = (word, x, y, room, anchor) =>
  wrapped(word, room * WORD)
    .reverse()
    .map((text, i) =>
      s("text", { class: "word", x, y: y - i * LABEL_LINE, "text-anchor": anchor }, text),
    );

/**
 * A label whose first line stands on `y`.
 * @param {string} word
 * @param {number} x
 * @param {number} y
 * @param {number} room
 * @param {string} anchor
 */
const below = (word, x, y, room, anchor) =>
  wrapped(word, room * WORD).map((text, i) =>
    s("text", { class: "word", x, y: y + i * LABEL_LINE, "text-anchor": anchor }, text),
  );

/** Whether a step raises, lowers, or neither. @param {string} word */
function kindOf(word) {
  if (/^(inhibits|blocks|predisposes|calls|contributes)/.test(word)) return "harmful";
  return /^(induces|activates|chelates)/.test(word) ? "inducing" : "plain";
}
