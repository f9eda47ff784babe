// A probability as a bar, over the bar of how often it is so anyway.

import { h, s } from "./dom.js";

const WIDTH = 240;
const BAR = 9;

/** A probability as a reader takes it in. @param {number|null} p */
export const percent = (p) =>
  p === null ? "not known" : `${(100 * p).toLocaleString("en", { maximumSignificantDigits: 2 })} %`;

/**
 * Two bars, and both figures in words.
 * @param {number|null} guessed
 * @param {number|null} base
 * @param {number} most  What fills the whole width.
 */
export function barsOf(guessed, base, most) {
  const wide = (/** @type {number|null} */ p) => Math.max(2, (WIDTH * (p ?? 0)) / (most || 1));
  const bar = (/** @type {string} */ name, /** @type {number|null} */ p, /** @type {number} */ y) =>
    s("rect", { class: name, x: 0, y, rx: 2, width: wide(p), height: BAR });
  const height = 2 * BAR + 4;
  const frame = { class: "bars", viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height };
  return [
    s(
      "svg",
      { ...frame, "aria-hidden": "true" },
      bar("guessed", guessed, 0),
      bar("base", base, BAR + 4),
    ),
    h("p", { class: "figures" }, `guessed ${percent(guessed)}, base rate ${percent(base)}`),
  ];
}
