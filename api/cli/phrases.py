"""How the parts of an answer read: who to whom, the path, a source's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.cli.question import Answered
from kg.screening.documented import MECHANISM_NAMES
from kg.screening.wording import OF_PATIENT

Finding = Mapping[str, Any]

_SOURCES = {
    "infores:ansm": "ANSM",
    "infores:chembl": "ChEMBL",
    "infores:coprescribe": "coprescribe",
    "infores:cpic": "CPIC",
    "infores:drugbank": "DrugBank",
}
_LANGUAGES = {"infores:ansm": "fr"}
"""Language of a source's own words, where it is not English."""
_QUOTE = re.compile(r"«\s*(.*?)\s*»", re.DOTALL)
_MOST_REFERENCES = 4
UNKNOWN = MECHANISM_NAMES["unknown"]
"""A mechanism of which there is nothing to say."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What to do, in English, and what the sources say in their own words."""

    advice: str
    quotes: tuple[str, ...]


def plain(text: str) -> str:
    """Leave out what steers a terminal: control and format characters but the line break."""
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf"})
    return "".join(kept)


def source_name(infores: str) -> str:
    """Name of a source as readers know it.

    >>> source_name("infores:ansm")
    'ANSM'
    """
    return _SOURCES.get(infores, infores.removeprefix("infores:"))


def speaker_name(infores: str) -> str:
    """Name of a source beside its own words, with their language where it is not English.

    >>> speaker_name("infores:ansm"), speaker_name("infores:cpic")
    ('ANSM (fr)', 'CPIC')
    """
    language = _LANGUAGES.get(infores)
    return f"{source_name(infores)} ({language})" if language else source_name(infores)


def asked(answered: Answered) -> str:
    """One line: what changes, over which list, and the genetic results given."""
    answer, body = answered.answer, answered.body
    swaps = (f"replace {_name(s['from'])} by {_name(s['to'])}" for s in answer.get("replacing", ()))
    changes = [
        *(f"add {_name(entry)}" for entry in answer["adding"]),
        *(f"stop {_name(entry)}" for entry in answer.get("stopping", ())),
        *swaps,
    ]
    listed = ", ".join(_name(entry) for entry in answer["taking"]) or "no current medicine"
    patient = body.get("patient") or {}
    results = {**(patient.get("diplotypes") or {}), **(patient.get("phenotypes") or {})}
    genes = "".join(f"; {gene} {result}" for gene, result in results.items())
    if not changes:
        asks = f"review of {listed}" if answer["taking"] else "nothing, for no medicine was given"
        return f"Asked: {asks}{genes}"
    return f"Asked: {', '.join(changes)}; current list: {listed}{genes}"


def problem_of(finding: Finding, *, with_mechanism: bool = True) -> str:
    """Who does what to whom, as ``clarithromycin → simvastatin: rhabdomyolysis``."""
    effect = finding["effect"]
    text = drugs_of(finding)
    if effect:
        text += f": {usual_letter(effect['name'])}"
    why = mechanism_of(finding)
    is_named = finding["kind"] == "drug_gene" and not effect
    return text if is_named or not with_mechanism or why == UNKNOWN else f"{text} ({why})"


def mechanism_of(finding: Finding) -> str:
    """The mechanism in words: of a finding about the patient the facts that make it, "age 83"."""
    mechanism = finding["mechanism"]
    if not mechanism:
        return UNKNOWN
    if mechanism["name"].startswith(OF_PATIENT) and mechanism["path"]:
        return str(mechanism["path"][0]["object"])
    return str(mechanism["name"])


def drugs_of(finding: Finding) -> str:
    """Precipitants, an arrow and the affected; gene findings begin with their genes.

    Where no effect of a gene is named, its phenotype stands in front.
    """
    acting = finding["genes"] if finding["kind"] == "drug_gene" else finding["precipitants"]
    left = " + ".join(thing["name"] for thing in acting)
    if finding["kind"] == "drug_gene" and not finding["effect"] and finding["mechanism"]:
        left = finding["mechanism"]["name"]
    right = " + ".join(thing["name"] for thing in finding["affected"])
    return " → ".join(part for part in (left, right) if part)


def usual_letter(name: str) -> str:
    """Begin a term small inside a sentence, unless it begins with an abbreviation.

    >>> usual_letter("Rhabdomyolysis"), usual_letter("QT prolongation")
    ('rhabdomyolysis', 'QT prolongation')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def path_lines(finding: Finding) -> Iterator[str]:
    """The mechanism, if it is known, and its path; steps that join end to end stand on one line."""
    mechanism = finding["mechanism"]
    if not mechanism:
        return
    chains: list[str] = []
    end = None
    for step in mechanism["path"]:
        link = f" --{step['predicate']}--> {usual_letter(step['object'])}"
        if chains and step["subject"] == end:
            chains[-1] += link
        else:
            chains.append(step["subject"] + link)
        end = step["object"]
    named = mechanism["name"] != UNKNOWN and not mechanism["name"].startswith(OF_PATIENT)
    if not chains or _says_nothing(mechanism["path"]):
        yield from (mechanism["name"],) if named else ()
    elif not named:
        yield from chains
    elif len(chains) == 1:
        yield f"{mechanism['name']}: {chains[0]}"
    else:
        yield from (f"{mechanism['name']}:", *chains)


def _says_nothing(path: Sequence[Mapping[str, str]]) -> bool:
    return len(path) == 1 and path[0]["predicate"] == "contributes to"


def own_words(finding: Finding) -> OwnWords:
    """Part the advice from the words of a source, which stay with the source that wrote them.

    What a source says under a condition that does not hold is left out, and what stands below as a
    condition is not quoted before.
    """
    advice = finding["recommendation"] or ""
    speakers = {(e.get("recommendation") or "").strip(): e["source"] for e in finding["evidence"]}
    quotes = [text for text in _QUOTE.findall(advice) if text in speakers]
    below = {modifier["factor"] for modifier in finding["modifiers"]}
    quoted = [(speakers[text], text) for text in quotes if text not in below]
    denied = {m["factor"] for m in finding["modifiers"] if m["present"] is False}
    holding = (e for e in finding["evidence"] if e.get("condition") not in denied)
    foreign = ((e["source"], e["text"]) for e in holding if e["source"] in _LANGUAGES)
    said = dict.fromkeys((source, text) for source, text in (*foreign, *quoted) if text)
    said = dict.fromkeys((source, text.removeprefix("- ")) for source, text in said)
    kept = " ".join((_QUOTE.sub("", advice) if quotes else advice).split())
    return OwnWords(kept, tuple(f'{speaker_name(source)}: "{text}"' for source, text in said))


def stated_severities(finding: Finding) -> str:
    """Severities by source where they differ, as ``ANSM contraindicated / minor; CPIC major``."""
    by_source: dict[str, list[str]] = {}
    for row in finding["disagreement"]:
        by_source.setdefault(source_name(row["source"]), []).append(row["severity"])
    return "; ".join(f"{source} {' / '.join(stated)}" for source, stated in by_source.items())


def source_line(finding: Finding) -> str:
    """The sources of a finding with version and what they rest on."""
    references: dict[tuple[str, str], dict[str, None]] = {}
    for evidence in finding["evidence"]:
        cited = (evidence.get("reference") or "").split("|")
        publications = evidence.get("publications") or ()
        held = references.setdefault((source_name(evidence["source"]), evidence["version"]), {})
        held.update(dict.fromkeys(name for name in (*cited, *publications) if name))
    parts = (
        f"{source} {version}{_cited(names)}" for (source, version), names in references.items()
    )
    return f"Source: {', '.join(parts)}"


def _cited(names: Iterable[str]) -> str:
    listed = list(names)
    if not listed:
        return ""
    more = f" and {len(listed) - _MOST_REFERENCES} more" if len(listed) > _MOST_REFERENCES else ""
    return f" ({', '.join(listed[:_MOST_REFERENCES])}{more})"


def _name(reference: Mapping[str, Any]) -> str:
    name = reference.get("name") or reference["query"]
    written = str(reference["query"])
    return str(name) if written.casefold() == str(name).casefold() else f"{name} ({written})"


def asked_name(drug: Mapping[str, str]) -> str:
    """The name of a drug, and what was written where that is another."""
    name, query = drug["name"], plain(drug.get("query", drug["name"]))
    return name if query.casefold() == name.casefold() else f"{name} (asked as {query})"
