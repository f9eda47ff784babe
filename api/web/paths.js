// All paths between two drugs that the graph knows: the service's picture, and each in words.

import { ask, askForFile } from "./api.js";
import { byId, h } from "./dom.js";
import { sourceName } from "./words.js";

/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {{text: string, sources: {source: string, version: string}[]}} Reason */

const SVG = "image/svg+xml";
const MOST = 50;
const OF_COUNTS = "How unusual a count is";

/**
 * A button that shows the paths between the two drugs of a finding; none where it is not of two.
 * @param {Finding} f
 */
export function pathsButton(f) {
  const parties = [...f.precipitants, ...f.affected];
  const [a, b] = parties.flatMap(({ name, curie }) => (curie ? [{ name, curie }] : []));
  if (parties.length !== 2 || !a || !b || a.curie === b.curie) return null;
  const told = { type: "button", class: "small", "data-key": `paths:${f.id}` };
  return h("button", { ...told, on: { click: () => open(a, b) } }, "Picture of all paths");
}

/** @typedef {{name: string, curie: string}} Party */

/** Show the dialog, and fill it when the service has answered. @param {Party} a @param {Party} b */
async function open(a, b) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("paths"));
  const place = byId("paths-told");
  byId("paths-title").textContent = `All paths between ${a.name} and ${b.name}`;
  place.replaceChildren(h("p", { role: "status" }, "Looking for paths."));
  byId("paths-close").onclick = () => dialog.close();
  dialog.showModal();
  const leaving = new AbortController();
  dialog.addEventListener("close", () => leaving.abort(), { once: true });
  const drugs = [a.curie, b.curie].map(encodeURIComponent).join(",");
  const path = `v1/explain?drugs=${drugs}&top=${MOST}`;
  try {
    const [picture, answer] = await Promise.all([
      askForFile(path, undefined, SVG),
      ask(path, undefined, leaving.signal),
    ]);
    if (leaving.signal.aborted) return;
    show(place, picture, answer, `${a.name}-${b.name}`, leaving.signal);
  } catch (error) {
    if (leaving.signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    place.replaceChildren(h("p", { class: "problem", role: "alert" }, `No picture: ${why}.`));
  }
}

/**
 * @param {HTMLElement} place
 * @param {Blob} picture
 * @param {{reasons: Reason[], notes: string[], disclaimer: string}} answer
 * @param {string} name
 * @param {AbortSignal} leaving
 */
function show(place, picture, { reasons, notes, disclaimer }, name, leaving) {
  const told = [...notes.filter((note) => !note.startsWith(OF_COUNTS)), disclaimer];
  const url = URL.createObjectURL(picture);
  leaving.addEventListener("abort", () => URL.revokeObjectURL(url));
  const file = `paths-${name.replace(/[^\w-]+/g, "-")}.svg`;
  const rows = reasons.map(({ text, sources }) => {
    const cited = sources.map((s) => `${sourceName(s.source)} ${s.version}`);
    return h("li", {}, text, h("small", {}, ` ${[...new Set(cited)].join("; ")}`));
  });
  place.replaceChildren(
    h(
      "div",
      { class: "paths-frame", tabindex: 0, role: "region", "aria-label": "The picture" },
      h("img", { src: url, alt: "The paths that are listed below, drawn" }),
    ),
    h("p", {}, h("a", { href: url, download: file }, "Save the picture")),
    h("ol", { class: "paths-list" }, rows),
    ...told.map((note) => h("p", { class: "hint" }, note)),
  );
}
