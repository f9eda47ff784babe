"""The text of a card in markdown: why, what to do, for this patient, who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.cds.markdown import escaped, label, shortened
from api.cds.tables import values_in_advice
from api.cli.phrases import own_words, source_name, stated_severities, usual_letter
from api.fhir.detected import facts_of, subjects_of
from api.fhir.observations import Measured
from kg.sources.registry import SOURCES

Finding = Mapping[str, Any]

MOST_SUMMARY = 139
_MOST_EVIDENCE = 6
_MOST_UNKNOWN = 5
_MOST_QUOTE = 300
_MOST_DOUBTS = 4
_MOST_VALUES = 5
_STOP = "Stop "
_HELD_TRUE = {"raises": "raises the severity", "lowers": "lowers the severity"}


@dataclass(frozen=True, slots=True)
class Written:
    """How the record and the drafts write the drugs of a finding, by CURIE."""

    ordered: Mapping[str, str]
    taken: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PatientRead:
    """What the record says of the patient that a card may have to show: the values, the age."""

    measured: tuple[Measured, ...] = ()
    age_years: float | None = None


def summary_of(finding: Finding) -> str:
    """One line of fewer than 140 characters: both drugs, the harm, the severity.

    The severity is never what is cut.
    """
    end = f" ({finding['severity'] or 'severity not stated'})"
    text = label(_who(finding))
    effect = finding["effect"]
    is_said = effect and effect["name"].casefold() in text.casefold()
    harm = f": {usual_letter(effect['name'])}" if effect and not is_said else ""
    room = MOST_SUMMARY - len(end)
    if len(text) + len(harm) > room:
        text = shortened(text, max(room - len(harm), 40))
        harm = shortened(harm, room - len(text))
    return f"{text[:1].upper()}{text[1:]}{harm}{end}"


def subject_topics(finding: Finding) -> frozenset[str]:
    """What a card is about, as the table of reasons for going on names it."""
    if finding["kind"] != "drug_condition":
        return frozenset({str(finding["kind"])})
    subjects = subjects_of(finding)
    if not subjects and not finding["conditions"]:
        return frozenset({"allergy"})
    found = {_OF_SUBJECT[subject] for subject in subjects if subject in _OF_SUBJECT}
    return frozenset({"pregnancy"}) if "pregnancy" in found else frozenset(found or {"condition"})


_OF_SUBJECT = {
    "age": "age",
    "body weight": "value",
    "breast-feeding": "pregnancy",
    "condition": "condition",
    "daily dose": "value",
    "kidney function": "value",
    "laboratory value": "value",
    "liver function": "value",
    "pregnancy": "pregnancy",
}


def topic_of(finding: Finding) -> str:
    """What a finding is about, as a code and in words."""
    return _TOPICS.get(finding["kind"], str(finding["kind"]))


_TOPICS = {
    "drug_drug": "Drug-drug interaction",
    "drug_gene": "Drug-gene interaction",
    "drug_drug_gene": "Drug-drug-gene interaction",
    "drug_condition": "Drug and condition of the patient",
    "duplication": "Duplicate therapy",
    "additive_effect": "Additive effect",
}


def detail_of(
    finding: Finding,
    written: Written,
    *,
    doubts: Sequence[str],
    graph: str,
    with_evidence: bool,
    read: PatientRead,
) -> str:
    """The whole text of the card of a finding."""
    words = own_words(finding)
    parts = [
        _paragraph("Medicines", _medicines(finding, written)),
        _paragraph("Since when", _STANDING if finding["change"] in _OLD else ""),
        *brief_of(finding, written, read),
        _list("Not known, and would change the advice", _unknown(finding)),
    ]
    if with_evidence:
        parts += [
            _list("In their own words", (escaped(q) for q in words.quotes[:3])),
            _list("Evidence", _evidence(finding)),
            _paragraph("Severities that differ", escaped(stated_severities(finding))),
        ]
    parts.append(_list("Of the record", (_cut(doubt) for doubt in doubts[:_MOST_DOUBTS])))
    parts.append(f"Finding {finding['id']}, graph {escaped(graph)}. Silence is never safety.")
    return "\n\n".join(part for part in parts if part)


_OLD = frozenset({"unchanged", "improved"})
_STANDING = "it is taken already, and this order goes on with it"


def brief_of(finding: Finding, written: Written, read: PatientRead) -> Iterator[str]:
    """Yield why, what of the patient was read, what to do, and what counts here."""
    yield _paragraph("Why", _mechanism(finding))
    yield _paragraph("Read of the patient", escaped("; ".join(_values(finding, read))))
    yield _paragraph("What to do", escaped(_advice(finding, written)))
    yield _list("What counts here", map(_held, _factors(finding, present=True)))


def _advice(finding: Finding, written: Written) -> str:
    """What to do, said for an order: nobody stops what is only being ordered."""
    advice = own_words(finding).advice
    drugs = {thing["curie"] for thing in finding["affected"]}
    is_new = drugs <= written.ordered.keys() and drugs.isdisjoint(written.taken)
    if finding["kind"] == "drug_condition" and is_new and advice.startswith(_STOP):
        advice = f"Do not start it. (In those who take it: {usual_letter(advice).rstrip('.')}.)"
    factors = [m["factor"].casefold() for m in _factors(finding, present=True)]
    for each in values_in_advice():
        is_asked = each.advice in advice.casefold()
        if is_asked and any(factor.startswith(each.factor) for factor in factors):
            advice = f"{advice} {each.added}"
    return advice or "no advice is stated; weigh and monitor"


def _values(finding: Finding, read: PatientRead) -> list[str]:
    """What was read of the patient that a finding speaks of, with the day of each value."""
    subjects = subjects_of(finding)
    steps = (finding["mechanism"] or {}).get("path", ())
    said = [str(step["object"]) for step in steps]
    said += [m["factor"] for m in _factors(finding, present=True)]
    text = " ".join((*said, "eGFR" if "kidney function" in subjects else "")).casefold()
    held = {each.name: each for each in reversed(read.measured) if each.name.casefold() in text}
    age = read.age_years
    told = [f"age {age:g}"] if age is not None and "age" in subjects else []
    told += [
        f"{each.name} {each.value}" + (f" ({each.day.isoformat()})" if each.day else "")
        for each in held.values()
    ]
    return told[:_MOST_VALUES]


def _who(finding: Finding) -> str:
    names = [thing["name"] for thing in (*finding["precipitants"], *finding["affected"])]
    if finding["kind"] in {"drug_gene", "drug_drug_gene"}:
        mechanism = finding["mechanism"]
        genes = [thing["name"] for thing in finding["genes"]]
        names += [mechanism["name"]] if mechanism else genes
    elif finding["kind"] == "drug_condition":
        names += [usual_letter(thing["name"]) for thing in finding["conditions"]] or facts_of(
            finding
        )
    elif len(set(names)) == 1:
        return f"{names[0]} twice"
    return " + ".join(dict.fromkeys(names))


def _medicines(finding: Finding, written: Written) -> str:
    things = (*finding["precipitants"], *finding["affected"])
    told = []
    for curie, name in {thing["curie"]: thing["name"] for thing in things}.items():
        roles = ((written.ordered, "ordered"), (written.taken, "taken"))
        said = [f"{role}: {escaped(texts[curie])}" for texts, role in roles if curie in texts]
        told.append(f"**{escaped(name)}**" + (f" ({'; '.join(said)})" if said else ""))
    return ", ".join(told)


def _mechanism(finding: Finding) -> str:
    """The name of the mechanism, then what the graph states, step by step."""
    mechanism = finding["mechanism"]
    if not mechanism:
        return "no reason is stated"
    steps = [
        escaped(f"{step['subject']} {step['predicate']} {usual_letter(step['object'])}")
        for step in mechanism["path"]
    ]
    if steps and subjects_of(finding):
        return "; ".join(steps)
    return f"{escaped(mechanism['name'])}" + (f": {'; '.join(steps)}" if steps else "")


def _factors(finding: Finding, *, present: bool | None) -> list[Mapping[str, Any]]:
    return [m for m in finding["modifiers"] if m["present"] is present]


def _held(modifier: Mapping[str, Any]) -> str:
    effect = _HELD_TRUE.get(modifier["effect_on_severity"] or "")
    return escaped(modifier["factor"]) + (f" ({effect})" if effect else "")


def _unknown(finding: Finding) -> list[str]:
    factors = [escaped(m["factor"]) for m in _factors(finding, present=None)]
    more = len(factors) - _MOST_UNKNOWN
    return factors[:_MOST_UNKNOWN] + ([f"and {more} more"] if more > 0 else [])


def _evidence(finding: Finding) -> Iterator[str]:
    """Who says so: source with link, version, severity as stated, licence; graded ones first.

    Facts of a source that has graded the finding too are left to the mechanism.
    """
    rows: dict[tuple[str, ...], None] = {}
    grading = {each["source"] for each in finding["evidence"] if each["severity"]}
    for each in sorted(finding["evidence"], key=lambda e: e["severity"] is None):
        if each["severity"] is None and each["source"] in grading:
            continue
        stated = each["severity_as_stated"] or each["severity"] or "states no severity"
        rows.setdefault((each["source"], each["version"], str(stated), each["licence"] or ""))
    for source, version, stated, licence in [*rows][:_MOST_EVIDENCE]:
        link = _homepages().get(source)
        name = escaped(source_name(source))
        named = f"[{name}]({link})" if link else name
        terms = f"; licence: {escaped(licence)}" if licence else ""
        said = _cut(stated)
        yield f"{named} {escaped(version or '')}: {said}{terms}"
    if len(rows) > _MOST_EVIDENCE:
        yield f"and {len(rows) - _MOST_EVIDENCE} more"


@cache
def _homepages() -> dict[str, str]:
    return {source.info.infores: source.info.homepage for source in SOURCES.values()}


def _cut(text: str) -> str:
    return escaped(shortened(text, _MOST_QUOTE))


def _paragraph(title: str, text: str) -> str:
    return f"**{title}:** {text}" if text else ""


def _list(title: str, items: Sequence[str] | Iterator[str]) -> str:
    lines = [f"- {item}" for item in items]
    return "\n".join((f"**{title}:**\n", *lines)) if lines else ""
