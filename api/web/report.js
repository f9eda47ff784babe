// The medication report as a file, and the page on paper.

import { askForFile } from "./api.js";
import { byId, h } from "./dom.js";
import { bodyOf, calledIn, placeOf } from "./question.js";
import { sent } from "./state.js";

/** @typedef {import("./types.js").Shown} Shown */

/** Give the buttons their work. @param {() => Shown} shown */
export function bindReport(shown) {
  byId("print").addEventListener("click", () => window.print());
  byId("report").addEventListener("click", async () => {
    const told = byId("report-told");
    told.textContent = "";
    const { phase, state, refused } = shown();
    if (phase !== "fresh") {
      told.textContent = "No report: what is entered was not checked yet.";
      return;
    }
    const body = bodyOf(state, refused);
    const asked = body.add.map(calledIn);
    const out = state.adding.map(sent).filter((each) => !asked.includes(each));
    // A trial that was not checked stands in the report as what it is: a name that was not read.
    body.taking.push(...out.filter((each) => !refused.has(placeOf("taking", each))));
    try {
      save(await askForFile("v1/report", body, "application/pdf"));
      told.textContent = "The report was saved as medication-report.pdf.";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      told.textContent = `No report was made: ${why}. Print the page in its place.`;
    }
  });
}

/** @param {Blob} file */
function save(file) {
  const url = URL.createObjectURL(file);
  h("a", { href: url, download: "medication-report.pdf" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
