// What stands above the answer: that it is old, that nothing was checked, that the graph is new.

import { byId, h } from "./dom.js";
import { hasChanges } from "./state.js";

/** @typedef {import("./types.js").Shown} Shown */

/** An answer that comes sooner changes nothing in between: what flickers is not read. */
const LATE_MS = 250;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let late;

/**
 * Say how far what is shown answers what is entered.
 * @param {Shown} shown
 * @param {() => void} again
 */
export function drawBanner(shown, again) {
  const isOld = shown.phase !== "fresh" && shown.answer !== null;
  const main = byId("answer");
  const isAsking = shown.phase === "asking";
  const drawn = () => {
    main.classList.toggle("old", isOld);
    byId("checking").hidden = !isAsking;
  };
  clearTimeout(late);
  if (isAsking) late = setTimeout(drawn, LATE_MS);
  else drawn();
  main.classList.toggle("failed", shown.phase === "failed");
  main.setAttribute("aria-busy", String(isAsking));
  byId("checking-what").textContent = isOld
    ? "Checking. The answer below is to what was entered before."
    : "Checking.";
  byId("welcome").hidden = shown.phase !== "empty";
  byId("changes").hidden = !hasChanges(shown.state);
  drawFailure(shown, again);
  drawGraphChange(shown);
}

/** @param {Shown} shown @param {() => void} again */
function drawFailure(shown, again) {
  const place = byId("failure");
  place.hidden = shown.phase !== "failed";
  if (shown.phase !== "failed") {
    place.replaceChildren();
    return;
  }
  const says = shown.answer
    ? "The answer below is old: it is not to what is entered now."
    : "Nothing was checked.";
  const next =
    shown.retrySeconds === null ? "" : ` It is asked again in ${shown.retrySeconds} seconds.`;
  place.replaceChildren(
    h("h2", {}, says),
    h("p", {}, `Why: ${shown.reason}. What was typed is kept.${next}`),
    h("button", { type: "button", "data-key": "retry", on: { click: again } }, "Try again now"),
  );
}

/** @param {Shown} shown */
function drawGraphChange(shown) {
  const place = byId("new-graph");
  const { graphBefore, answer } = shown;
  place.hidden = shown.phase !== "fresh" || graphBefore === null;
  if (place.hidden || !answer) return;
  const which = `${answer.graph.id}, before ${graphBefore}`;
  place.textContent = `The service answers from another graph now (${which}). All is checked anew.`;
}
