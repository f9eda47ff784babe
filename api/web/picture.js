// The picture of a path: what acts, what it acts through, and what comes of it.

import { s } from "./dom.js";
import { layered } from "./layout.js";
import { usualLetter } from "./words.js";

/** @typedef {import("./types.js").Step} Step */
/** @typedef {import("./layout.js").Place} Place */
/** @typedef {import("./layout.js").Arrow} Arrow */

const LETTER = 6.9;
const LINE = 15;
const BOX_HEIGHT = 46;
const GAP = { beside: 28, down: 48 };
const WIDEST = { box: 140, gap: 170 };
const MARGIN = 8;
const GUTTER = 26;
const LANE = 32;
const MOST_LINES = 3;

/**
 * @typedef {object} Frame  Where the parts of one picture stand.
 * @property {boolean} isAcross
 * @property {number} width
 * @property {number} height
 * @property {number} box  Width of a box.
 * @property {number} gap  Between two layers.
 * @property {(p: Place) => {x: number, y: number}} at
 * @property {(arrow: Arrow) => number} lane  Where an arrow that skips a layer runs.
 * @property {string[]} caption
 */

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
  const frame = acrossOf(places, arrows, layers, deepest, room) ?? downOf(arrows, layers, deepest, room);
  const { width, height, caption } = frame;
  const drawn = s("svg", {
    class: "picture", role: "img", viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": inWords(path),
  });
  const made = arrows.map((arrow) => (frame.isAcross ? arrowAcross : arrowDown)(arrow, frame));
  drawn.append(
    ...made.flatMap(({ line }) => line),
    ...places.map((place) => boxOf(place, frame, arrows)),
    ...made.flatMap(({ words }) => words),
    ...caption.map((text, i) =>
      s("text", { class: "word", x: MARGIN, y: height - MARGIN - (caption.length - 1 - i) * LINE }, text)));
  return drawn;
}

/**
 * The frame from left to right, where there is room for it.
 * @param {Place[]} places
 * @param {Arrow[]} arrows
 * @param {number} layers
 * @param {number} deepest
 * @param {number} room
 * @returns {Frame|null}
 */
function acrossOf(places, arrows, layers, deepest, room) {
  const least = layers < 3 ? { box: 84, gap: 84 } : { box: 112, gap: 96 };
  const free = room - 2 * MARGIN;
  if (layers * least.box + (layers - 1) * least.gap > free) return null;
  const box = Math.min(WIDEST.box, Math.max(least.box, (free - (layers - 1) * least.gap) / layers));
  const gap = layers < 2 ? 0 : Math.min(WIDEST.gap, (free - layers * box) / (layers - 1));
  const skips = arrows.filter(isSkip);
  const over = skips.filter((arrow) => !isBelow(arrow));
  const under = skips.filter(isBelow);
  const top = MARGIN + over.length * LANE;
  const height = top + deepest * (BOX_HEIGHT + GAP.beside) - GAP.beside + under.length * LANE + MARGIN;
  const filled = (/** @type {number} */ layer) => places.filter((p) => p.layer === layer).length;
  return {
    isAcross: true, width: 2 * MARGIN + layers * box + (layers - 1) * gap, height, box, gap, caption: [],
    at: (p) => ({
      x: MARGIN + p.layer * (box + gap),
      y: top + (p.place + (deepest - filled(p.layer)) / 2) * (BOX_HEIGHT + GAP.beside),
    }),
    lane: (arrow) => (isBelow(arrow)
      ? height - MARGIN - 4 - under.indexOf(arrow) * LANE
      : MARGIN + LANE / 2 + over.indexOf(arrow) * LANE),
  };
}

/**
 * The frame from top to bottom; what skips a layer is said below, for there is no room beside.
 * @param {Arrow[]} arrows
 * @param {number} layers
 * @param {number} deepest
 * @param {number} room
 * @returns {Frame}
 */
function downOf(arrows, layers, deepest, room) {
  const skips = arrows.filter(isSkip);
  const gutter = skips.length ? GUTTER : 0;
  const box = Math.min(170, (room - 2 * MARGIN - gutter - (deepest - 1) * 8) / deepest);
  const caption = skips.flatMap(({ from, word, to }) => wrapped(`Also: ${from.name} ${word} ${to.name}`, room - 2 * MARGIN));
  return {
    isAcross: false, width: room, box, gap: GAP.down, caption,
    height: 2 * MARGIN + layers * (BOX_HEIGHT + GAP.down) - GAP.down + caption.length * LINE + (caption.length ? 10 : 0),
    at: (p) => ({ x: MARGIN + gutter + p.place * (box + 8), y: MARGIN + p.layer * (BOX_HEIGHT + GAP.down) }),
    lane: () => MARGIN,
  };
}

/** The path as a sentence, for those who do not see it. @param {Step[]} path */
export const inWords = (path) =>
  path.map((step) => `${step.subject} ${step.predicate} ${usualLetter(step.object)}`).join("; ");

/** @param {Arrow} arrow */
const isSkip = ({ from, to }) => to.layer - from.layer > 1;

/** Whether an arrow that skips runs below the boxes, for it begins in a lower row. @param {Arrow} arrow */
const isBelow = ({ from }) => from.place > 0;

/**
 * @param {Place} place
 * @param {Frame} frame
 * @param {Arrow[]} arrows
 */
function boxOf(place, frame, arrows) {
  const { x, y } = frame.at(place);
  const kind = arrows.every((a) => a.to !== place) ? "acts" : arrows.every((a) => a.from !== place) ? "ends" : "between";
  const lines = wrapped(kind === "ends" ? usualLetter(place.name) : place.name, frame.box - 8);
  const top = y + BOX_HEIGHT / 2 - ((lines.length - 1) * LINE) / 2 + 4;
  return s("g", { class: `box ${kind}` },
    s("rect", { x, y, width: frame.box, height: BOX_HEIGHT, rx: 6 }),
    lines.map((text, i) => s("text", { x: x + frame.box / 2, y: top + i * LINE, "text-anchor": "middle" }, text)));
}

/** @typedef {{line: SVGElement[], words: SVGElement[]}} Drawn */

/**
 * @param {Arrow} arrow
 * @param {Frame} frame
 * @returns {Drawn}
 */
function arrowAcross(arrow, frame) {
  const { box, gap } = frame;
  const [a, b] = [frame.at(arrow.from), frame.at(arrow.to)];
  const kind = `arrow ${kindOf(arrow.word)}`;
  if (isSkip(arrow)) return skipAcross(arrow, frame, kind);
  const [x1, x2] = [a.x + box, b.x];
  const [y1, y2] = [a.y + BOX_HEIGHT / 2, b.y + BOX_HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  const isMany = y1 !== y2 && arrow.from.place + arrow.to.place > 0 && arrow.to.place === 0;
  // Where lines meet, each is named at its beginning; where they part, at its end.
  const [x, y, anchor] = y1 === y2 ? [middle - 3, y1 - 6, "middle"]
    : isMany || b.y > a.y ? [x1 + 5, y1 - 6, "start"] : [x2 - 10, y2 - 8, "end"];
  return {
    line: [
      s("path", { class: kind, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2 - 7} ${y2}` }),
      head(x2, y2, 0, kind),
    ],
    words: above(arrow.word, x, y, gap - 12, anchor),
  };
}

/** @param {Arrow} arrow @param {Frame} frame @param {string} kind @returns {Drawn} */
function skipAcross(arrow, frame, kind) {
  const [a, b, lane] = [frame.at(arrow.from), frame.at(arrow.to), frame.lane(arrow)];
  const [x1, x2] = [a.x + frame.box / 2, b.x + frame.box / 2];
  const isUnder = isBelow(arrow);
  const [leaves, ends, bend] = isUnder ? [a.y + BOX_HEIGHT, b.y + BOX_HEIGHT, -8] : [a.y, b.y, 8];
  const tip = ends + (isUnder ? 7 : -7);
  const d = `M${x1} ${leaves}V${lane + bend}Q${x1} ${lane} ${x1 + 8} ${lane}H${x2 - 8}Q${x2} ${lane} ${x2} ${lane + bend}V${tip}`;
  return {
    line: [s("path", { class: kind, d }), head(x2, ends, isUnder ? -90 : 90, kind)],
    words: above(arrow.word, (x1 + x2) / 2, lane - 4, x2 - x1 - 10, "middle"),
  };
}

/**
 * @param {Arrow} arrow
 * @param {Frame} frame
 * @returns {Drawn}
 */
function arrowDown(arrow, frame) {
  const [a, b] = [frame.at(arrow.from), frame.at(arrow.to)];
  const kind = `arrow ${kindOf(arrow.word)}`;
  if (isSkip(arrow)) {
    if (isBelow(arrow)) return { line: [], words: [] };
    const [x, y1, y2] = [frame.lane(arrow), a.y + BOX_HEIGHT / 2, b.y + BOX_HEIGHT / 2];
    const d = `M${a.x} ${y1}H${x + 8}Q${x} ${y1} ${x} ${y1 + 8}V${y2 - 8}Q${x} ${y2} ${x + 8} ${y2}H${b.x - 7}`;
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
    words: wrapped(arrow.word, frame.width - x - 4).map((text, i) => s("text", { class: "word", x, y: y + i * 13 }, text)),
  };
}

/** @param {number} x @param {number} y @param {number} turned @param {string} kind */
const head = (x, y, turned, kind) =>
  s("path", { class: `${kind} head`, d: "M-8 -5L0 0L-8 5Z", transform: `translate(${x} ${y}) rotate(${turned})` });

/**
 * A label whose last line stands on `y`.
 * @param {string} word
 * @param {number} x
 * @param {number} y
 * @param {number} room
 * @param {string} anchor
 */
const above = (word, x, y, room, anchor) => wrapped(word, room).reverse().map((text, i) =>
  s("text", { class: "word", x, y: y - i * 13, "text-anchor": anchor }, text));

/** Whether a step raises, lowers, or neither. @param {string} word */
function kindOf(word) {
  if (/^(inhibits|blocks|predisposes|calls|contributes)/.test(word)) return "harmful";
  return /^(induces|activates|chelates)/.test(word) ? "inducing" : "plain";
}

/**
 * A text in lines; a word that is longer than a line is parted.
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
function wrapped(text, width) {
  const most = Math.max(6, Math.floor(width / LETTER));
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ").flatMap((whole) => pieces(whole, most))) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`] : lines;
}

/** @param {string} word @param {number} most @returns {string[]} */
const pieces = (word, most) => (word.length <= most
  ? [word] : [`${word.slice(0, most - 1)}-`, ...pieces(word.slice(most - 1), most)]);
