// Where the parts of a picture stand: from left to right, or from top to bottom on a phone.

/** @typedef {import("./layout.js").Place} Place */
/** @typedef {import("./layout.js").Arrow} Arrow */

const LETTER = 6.9;
export const LINE = 15;
export const BOX_HEIGHT = 46;
export const MARGIN = 8;
const GAP = { beside: 28, down: 48 };
const WIDEST = { box: 140, gap: 170 };
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
 * The frame from left to right, where there is room for it.
 * @param {Place[]} places
 * @param {Arrow[]} arrows
 * @param {number} layers
 * @param {number} deepest
 * @param {number} room
 * @returns {Frame|null}
 */
export function acrossOf(places, arrows, layers, deepest, room) {
  const least = layers < 3 ? { box: 84, gap: 92 } : { box: 112, gap: 96 };
  const free = room - 2 * MARGIN;
  if (layers * least.box + (layers - 1) * least.gap > free) return null;
  const box = Math.min(WIDEST.box, Math.max(least.box, (free - (layers - 1) * least.gap) / layers));
  const gap = layers < 2 ? 0 : Math.min(WIDEST.gap, (free - layers * box) / (layers - 1));
  const skips = arrows.filter(isSkip);
  const over = skips.filter((arrow) => !isBelow(arrow));
  const under = skips.filter(isBelow);
  const top = MARGIN + LINE + over.length * LANE;
  const height =
    top + deepest * (BOX_HEIGHT + GAP.beside) - GAP.beside + under.length * LANE + MARGIN;
  const filled = (/** @type {number} */ layer) => places.filter((p) => p.layer === layer).length;
  return {
    isAcross: true,
    width: 2 * MARGIN + layers * box + (layers - 1) * gap,
    height,
    box,
    gap,
    caption: [],
    at: (p) => ({
      x: MARGIN + p.layer * (box + gap),
      y: top + (p.place + (deepest - filled(p.layer)) / 2) * (BOX_HEIGHT + GAP.beside),
    }),
    lane: (arrow) =>
      isBelow(arrow)
        ? height - MARGIN - 4 - under.indexOf(arrow) * LANE
        : MARGIN + LANE / 2 + over.indexOf(arrow) * LANE,
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
export function downOf(arrows, layers, deepest, room) {
  const skips = arrows.filter(isSkip);
  const gutter = skips.length ? GUTTER : 0;
  const box = Math.min(170, (room - 2 * MARGIN - gutter - (deepest - 1) * 8) / deepest);
  const caption = skips.flatMap(({ from, word, to }) =>
    wrapped(`Also: ${from.name} ${word} ${to.name}`, room - 2 * MARGIN),
  );
  return {
    isAcross: false,
    width: room,
    box,
    gap: GAP.down,
    caption,
    height:
      2 * MARGIN +
      layers * (BOX_HEIGHT + GAP.down) -
      GAP.down +
      caption.length * LINE +
      (caption.length ? 10 : 0),
    at: (p) => ({
      x: MARGIN + gutter + p.place * (box + 8),
      y: MARGIN + p.layer * (BOX_HEIGHT + GAP.down),
    }),
    lane: () => MARGIN,
  };
}

/** Whether an arrow leads over a layer. @param {Arrow} arrow */
export const isSkip = ({ from, to }) => to.layer - from.layer > 1;

/**
 * Whether an arrow that skips runs below the boxes, for it begins in a lower row.
 * @param {Arrow} arrow
 */
export const isBelow = ({ from }) => from.place > 0;

/**
 * A text in lines; a word that is longer than a line is parted.
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
export function wrapped(text, width) {
  const most = Math.max(6, Math.floor(width / LETTER));
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ").flatMap((whole) => pieces(whole, most))) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > MOST_LINES
    ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`]
    : lines;
}

/** @param {string} word @param {number} most @returns {string[]} */
const pieces = (word, most) =>
  word.length <= most
    ? [word]
    : [`${word.slice(0, most - 1)}-`, ...pieces(word.slice(most - 1), most)];
