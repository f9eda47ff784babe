// Severities: a word, a shape and a colour, of which the first alone is enough.

import { h, s } from "./dom.js";

/** @type {Record<string, {word: string, rank: number, shape: () => SVGElement}>} */
const SCALE = {
  contraindicated: {
    word: "Contraindicated",
    rank: 4,
    shape: () => s("path", { d: "M5 1h6l4 4v6l-4 4H5l-4-4V5zM4 7v2h8V7z", "fill-rule": "evenodd" }),
  },
  major: {
    word: "Major",
    rank: 3,
    shape: () =>
      s("path", { d: "M8 1l7.5 14H.5zM7 6v4.5h2V6zm0 6v1.8h2V12z", "fill-rule": "evenodd" }),
  },
  moderate: {
    word: "Moderate",
    rank: 2,
    shape: () => s("path", { d: "M8 .5L15.5 8 8 15.5.5 8z" }),
  },
  minor: { word: "Minor", rank: 1, shape: () => s("circle", { cx: 8, cy: 8, r: 6 }) },
};
const NOT_GRADED = {
  word: "Not graded",
  rank: 0,
  shape: () =>
    s("rect", {
      x: 2,
      y: 2,
      width: 12,
      height: 12,
      fill: "none",
      "stroke-width": 2,
      "stroke-dasharray": "3 2",
      class: "hollow",
    }),
};

export const ORDER = ["contraindicated", "major", "moderate", "minor", null];

/** @param {string|null} severity */
const of = (severity) => SCALE[severity ?? ""] ?? NOT_GRADED;

/** @param {string|null} severity */
export const wordOf = (severity) => of(severity).word;

/** @param {string|null} severity */
export const rankOf = (severity) => of(severity).rank;

/** @param {string|null} severity */
export const classOf = (severity) => `sev-${severity && severity in SCALE ? severity : "none"}`;

/** The shape of a severity; its word stands beside it. @param {string|null} severity */
export const shapeOf = (severity) =>
  s(
    "svg",
    { class: "shape", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    of(severity).shape(),
  );

/** Shape and word. @param {string|null} severity @param {string} [word] */
export const badge = (severity, word) =>
  h(
    "span",
    { class: `badge ${classOf(severity)}` },
    shapeOf(severity),
    h("span", {}, word ?? wordOf(severity)),
  );

/**
 * How many findings there are of each severity, worst first.
 * @param {import("./types.js").Finding[]} findings
 * @returns {[string|null, number][]}
 */
export function tally(findings) {
  return ORDER.map(
    (severity) =>
      /** @type {[string|null, number]} */ ([
        severity,
        findings.filter((f) => (f.severity ?? null) === severity).length,
      ]),
  ).filter(([, n]) => n > 0);
}

/**
 * The same in words: `1 contraindicated, 2 moderate`.
 * @param {import("./types.js").Finding[]} findings
 */
export const tallyInWords = (findings) =>
  tally(findings)
    .map(([severity, n]) => `${n} ${wordOf(severity).toLowerCase()}`)
    .join(", ");
