// Who says so: source, version, severity as stated, words, documents, terms.

import { h } from "./dom.js";
import { badge } from "./severity.js";
import { count, languageOf, levelName, sourceName, words } from "./words.js";

/** @typedef {import("./types.js").Evidence} Evidence */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Words} Words */

/** @type {Record<string, string>} */
const ADDRESSES = {
  PMID: "https://pubmed.ncbi.nlm.nih.gov/",
  DOI: "https://doi.org/",
  doi: "https://doi.org/",
  PMC: "https://www.ncbi.nlm.nih.gov/pmc/articles/",
};

/** All evidence of a finding. @param {Finding} f */
export function evidenceOf(f) {
  const graded = f.evidence.filter((e) => e.severity || e.recommendation || e.severity_as_stated);
  const [first, behind] = graded.length
    ? [graded, f.evidence.filter((e) => !graded.includes(e))]
    : [f.evidence, []];
  return [
    h("section", {}, h("h4", {}, "Who says so"), listOf(first), disagreementOf(f)),
    behind.length > 0 &&
      h(
        "details",
        { "data-key": `behind:${f.id}` },
        h("summary", {}, `Show what it rests on (${count(behind.length, "fact")})`),
        listOf(behind),
      ),
  ].filter((part) => part instanceof Node);
}

/** @param {Evidence[]} evidence */
function listOf(evidence) {
  const list = h(
    "ul",
    { class: "evidence" },
    evidence.map((e) => rowOf(e, null)),
  );
  words()
    .then((known) => list.replaceChildren(...evidence.map((e) => rowOf(e, known))))
    .catch(() => {});
  return list;
}

/** @param {Evidence} e @param {Words|null} known */
function rowOf(e, known) {
  const lang = languageOf(e.source);
  const home = e.url ?? known?.homepages[e.source] ?? null;
  const name = `${sourceName(e.source)} ${e.version}`;
  return h(
    "li",
    {},
    h(
      "p",
      { class: "who" },
      home ? link(home, name) : h("strong", {}, name),
      e.severity && h("span", { class: "says" }, " ", badge(e.severity)),
      h("span", { class: "level" }, ` ${levelName(e.knowledge_level)}`),
    ),
    e.severity_as_stated &&
      h("p", {}, "Severity as stated: ", h("q", { lang }, e.severity_as_stated)),
    e.statement && h("p", {}, "Entry: ", h("span", { lang }, e.statement)),
    [e.text, e.recommendation]
      .filter((said) => said && !isCitation(said, e, known))
      .map((said) => (lang ? h("blockquote", { lang }, said) : h("p", { class: "said" }, said))),
    e.condition && h("p", {}, "Under the condition: ", h("q", { lang }, e.condition)),
    documentsOf(e, known),
    h("p", { class: "licence" }, "Licence: ", e.licence),
  );
}

/**
 * Whether a text only names the documents that stand below it.
 * @param {string} text
 * @param {Evidence} e
 * @param {Words|null} known
 */
function isCitation(text, e, known) {
  const [first = ""] = (e.reference ?? "").split("|");
  const title = known?.references[first]?.title;
  return title !== undefined && text.startsWith(title);
}

/** @param {Evidence} e @param {Words|null} known */
function documentsOf(e, known) {
  const cited = (e.reference ?? "")
    .split("|")
    .filter(Boolean)
    .map((key) => {
      const found = known?.references[key];
      if (!found) return h("li", {}, key);
      const title = `${found.title}${found.url || !found.place ? "" : `, ${found.place}`}`;
      return h("li", {}, found.url ? link(found.url, title) : title);
    });
  const published = e.publications.map((curie) => {
    const [prefix = "", ...rest] = curie.split(":");
    const address = ADDRESSES[prefix];
    return h("li", {}, address ? link(address + rest.join(":"), curie) : curie);
  });
  const all = [...cited, ...published];
  return (
    all.length > 0 &&
    h("div", { class: "documents" }, h("span", {}, "Documents:"), h("ul", {}, all))
  );
}

/**
 * A link to elsewhere, which is followed only when somebody asks for it.
 * @param {string} url
 * @param {string} text
 */
export function link(url, text) {
  if (!/^https?:/.test(url)) return h("span", {}, text);
  return h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, text);
}

/** Severities by source, where they differ. @param {Finding} f */
function disagreementOf(f) {
  const stated = new Set(f.disagreement.map((d) => d.severity));
  if (stated.size < 2) return null;
  const rows = f.disagreement.map((d) =>
    h("li", {}, `${sourceName(d.source)}: `, badge(d.severity)),
  );
  return h(
    "div",
    { class: "disagreement" },
    h("h4", {}, "The sources disagree"),
    h("ul", {}, rows),
  );
}
