// On a phone: a line at the foot that tells the verdict while the answer is out of sight.

import { byId, h } from "./dom.js";
import { nobody } from "./state.js";

/** @typedef {import("./types.js").Shown} Shown */

const NARROW = "(max-width: 52rem)";

let isSeen = true;
/** @type {Shown["phase"]} */
let phase = "empty";

const draw = () => {
  byId("peek").hidden = isSeen || phase === "empty";
};

/**
 * Watch whether the answer can be seen; fold the patient's fields where there is little room.
 * @param {Shown} shown
 */
export function bindPeek(shown) {
  const isTold = JSON.stringify(shown.state.patient) !== JSON.stringify(nobody());
  const patient = /** @type {HTMLDetailsElement} */ (byId("patient"));
  patient.open = isTold || !matchMedia(NARROW).matches;
  new IntersectionObserver(
    (entries) => {
      isSeen = entries.at(-1)?.isIntersecting ?? true;
      draw();
    },
    { rootMargin: "0px 0px -25% 0px" },
  ).observe(byId("answered"));
}

/** Take over how far the answer is. @param {Shown} shown */
export function drawPeek(shown) {
  phase = shown.phase;
  const badges = document.querySelectorAll("#answer .verdict .badge");
  const texts = {
    empty: "",
    asking: "Checking.",
    failed: "Not checked.",
    fresh: "Nothing new or worse found.",
  };
  const told =
    phase === "fresh" && badges.length
      ? [...badges].map((badge) => badge.cloneNode(true))
      : [h("strong", {}, texts[phase])];
  byId("peek").replaceChildren(
    ...told,
    h("span", { class: "see" }, phase === "failed" ? "See why" : "See the answer"),
  );
  draw();
}
