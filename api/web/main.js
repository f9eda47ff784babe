// The page put together: what is entered on one side, what the service answers on the other.

import { ask, onGraph } from "./api.js";
import { createAsking } from "./asking.js";
import { drawBanner } from "./banner.js";
import { createCombobox } from "./combobox.js";
import { suggest } from "./completion.js";
import { byId, field } from "./dom.js";
import { drawPictures } from "./finding.js";
import { announcement, drawAnswer } from "./findings.js";
import { createStore } from "./history.js";
import { createIntake, drafts, isNote, pieces, readList } from "./intake.js";
import { drawMedicines } from "./medicines.js";
import { learn } from "./names.js";
import { bindPatient, drawPatient } from "./patient.js";
import { bindPeek, drawPeek } from "./peek.js";
import { bindReport } from "./report.js";
import { forget, fromFragment, isDamaged, keep, keepDrafts, kept, keptDrafts } from "./share.js";
import { add, drug, giveUp, isEmpty, nothing, settle, take } from "./state.js";
import { bindTheme } from "./theme.js";
import { bindToken } from "./token.js";
import { bindWelcome } from "./welcome.js";
import { words } from "./words.js";

/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Drug} Drug */

const TYPING_MS = 300;
const first = kept();
/** @type {ReturnType<typeof setTimeout>|undefined} */
let pause;

const store = createStore(first, (state) => {
  performance.mark("change");
  keep(state);
  tellOfLink(false);
  drawEntered();
  clearTimeout(pause);
  const isTyping = store.last()?.startsWith("typing");
  if (isTyping) pause = setTimeout(() => asking.about(state), TYPING_MS);
  else asking.about(state);
});

const asking = createAsking(first, (shown) => {
  if (shown.phase === "fresh" && shown.answer) learn(shown.answer);
  drawBanner(shown, asking.again);
  drawEntered();
  if (shown.phase === "fresh" || shown.phase === "empty") drawAnswer(shown, store, asking.again);
  drawPeek(shown);
  say(shown);
  if (shown.phase === "fresh") requestAnimationFrame(() => setTimeout(painted));
});

function drawEntered() {
  const shown = asking.shown();
  drawMedicines(shown, store);
  drawPatient(shown, store);
  const last = store.last();
  byId("undo").hidden = last === null;
  byId("undo").textContent = `Undo: ${last?.replace(/^typing /, "") ?? ""}`;
  byId("tools").hidden = shown.phase === "empty";
}

/** Say that a link was damaged, until something is entered. @param {boolean} isLost */
function tellOfLink(isLost) {
  byId("link-told").hidden = !isLost;
  byId("link-told").textContent = isLost
    ? "The link could not be read; nothing was entered."
    : "";
}

/** Note how long it took from a change to its answer on the screen. */
function painted() {
  if (performance.getEntriesByName("change").length === 0) return;
  performance.measure("change to answer", "change");
  performance.clearMarks("change");
}

/** @param {Shown} shown */
function say(shown) {
  const texts = {
    empty: "",
    asking: "",
    fresh: announcement(shown),
    failed: `Not checked: ${shown.reason}.`,
  };
  const text = texts[shown.phase];
  // The same again would be said again.
  if (shown.phase !== "asking" && byId("live").textContent !== text) {
    byId("live").textContent = text;
  }
}

/** @param {string} text @param {(drugs: Drug[]) => void} entered */
async function enter(text, entered) {
  const drugs = isNote(text) ? null : await readList(text);
  if (drugs) entered(drugs);
  else intake.open(text);
}

const draft = () => keepDrafts(drafts());
const intake = createIntake(store, draft);

const takeDrugs = (/** @type {Drug[]} */ drugs) =>
  store.set(
    take(store.get(), drugs),
    drugs.length === 1 ? `${drugs[0]?.text} on the list` : `${drugs.length} drugs on the list`,
  );
const tryDrugs = (/** @type {Drug[]} */ drugs) =>
  store.set(drugs.reduce(add, store.get()), `add ${drugs.map((d) => d.text).join(", ")}`);

for (const [id, options, entered] of /** @type {const} */ ([
  ["take-field", "take-options", takeDrugs],
  ["add-field", "add-options", tryDrugs],
])) {
  const box = createCombobox(field(id), byId(options), {
    suggest,
    draft,
    choose: (chosen) => entered([chosen]),
    enter: (text) => enter(text, entered),
  });
  byId(`${id}-enter`).addEventListener("click", () => {
    box.enter();
    field(id).focus();
  });
}

bindTheme();
bindToken(asking.again);
bindPatient(store);
bindReport(asking.shown);
bindWelcome(store);
bindPeek(asking.shown());
onGraph((id) => asking.graphIs(id));
byId("undo").addEventListener("click", () => store.undo());
byId("accept").addEventListener("click", () => store.set(settle(store.get()), "make it the list"));
byId("give-up").addEventListener("click", () =>
  store.set(giveUp(store.get()), "give up the changes"),
);
byId("clear").addEventListener("click", () => {
  store.set(nothing(), "empty the page");
  forget();
  for (const id of Object.keys(drafts())) field(id).value = "";
  field("take-field").focus();
});
byId("share").addEventListener("click", async () => {
  const told = byId("share-told");
  try {
    await navigator.clipboard.writeText(location.href);
    told.textContent =
      "The link was copied. What you entered is in the link itself; the service keeps nothing.";
  } catch {
    told.textContent =
      "Copy the address of this page: it holds what you entered, and the service keeps nothing.";
  }
});
window.addEventListener("hashchange", () => {
  const isLost = isDamaged(location.hash);
  const other = isLost ? nothing() : fromFragment(location.hash);
  if (other) store.set(other, "another link");
  if (isLost) tellOfLink(true);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") ask("version").catch(() => {});
});
window.addEventListener("resize", () => drawPictures(byId("answer")));
window.addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("#patient, #answer .folded"))
    each.setAttribute("open", "");
});

for (const [id, text] of Object.entries(keptDrafts())) {
  if (document.getElementById(id)) field(id).value = text;
}
words().catch(() => {});
tellOfLink(isDamaged(location.hash));
drawEntered();
asking.about(first);
// Whether a token is asked for is seen before anything is typed.
if (isEmpty(first)) ask("version").catch(() => {});
