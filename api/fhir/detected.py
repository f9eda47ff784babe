"""DetectedIssue (R4): one finding of an answer in FHIR's words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from api.cli.phrases import mechanism_of, own_words, source_name, stated_severities
from api.fhir.medicines import WrittenMedicine
from kg.screening.wording import OF_PATIENT

__all__ = [
    "FINDING_SYSTEM",
    "Implicated",
    "address_of",
    "detected_issue",
    "facts_of",
    "subjects_of",
]

Finding = Mapping[str, Any]
Implicated = Mapping[str, Sequence[WrittenMedicine]]
"""The resources that name a drug, by its CURIE."""

FINDING_SYSTEM = "https://w3id.org/coprescribe/finding"
_CHANGE = "https://w3id.org/coprescribe/fhir/StructureDefinition/change"
_SLIGHT = "https://w3id.org/coprescribe/fhir/StructureDefinition/slight"
_PROBABILITY = "https://w3id.org/coprescribe/fhir/StructureDefinition/probability"
_KIND = "https://w3id.org/coprescribe/finding-kind"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CODES = {
    "additive_effect": ("DRG", "Drug Interaction Alert", "additive effect"),
    "drug_condition": ("COND", "Condition Alert", "drug and condition of the patient"),
    "drug_drug": ("DRG", "Drug Interaction Alert", "drug-drug interaction"),
    "drug_drug_gene": ("DRG", "Drug Interaction Alert", "drug-drug-gene interaction"),
    "drug_gene": ("GEN", "Genetic Alert", "drug-gene interaction"),
    "duplication": ("DUPTHPY", "Duplicate Therapy Alert", "duplicate therapy"),
    "predicted_effect": ("DRG", "Drug Interaction Alert", "predicted effect, not stated anywhere"),
}
"""Codes of v3-ActCode (http://hl7.org/fhir/ValueSet/detectedissue-code) by kind of finding."""
_SEVERITIES = {"contraindicated": "high", "major": "high", "moderate": "moderate", "minor": "low"}
_CHANGES = {
    "created": "the draft would bring it",
    "worsened": "the draft would make it worse",
    "improved": "the change would make it better",
    "resolved": "the change would end it",
    "unchanged": "it stands already",
}
_MOST_EVIDENCE = 20


def address_of(finding: Finding) -> str:
    """Give the address of a finding in a Bundle: the same for the same finding."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{FINDING_SYSTEM}/{finding['id']}").urn


def detected_issue(
    finding: Finding, implicated: Implicated, subject: str, on: date
) -> dict[str, Any]:
    """Write a finding; a prediction is preliminary, what is stated is final.

    No severity means that no source states one. ``code.text`` names our kind of finding.
    """
    words = own_words(finding)
    found: dict[str, Any] = {
        "resourceType": "DetectedIssue",
        "id": finding["id"],
        "extension": [*_extensions(finding)],
        "identifier": [{"system": FINDING_SYSTEM, "value": finding["id"]}],
        "status": "preliminary" if finding["kind"] == "predicted_effect" else "final",
        "code": _code(finding),
        "severity": _SEVERITIES.get(finding["severity"] or ""),
        "patient": {"reference": subject} if subject else None,
        "identifiedDateTime": on.isoformat(),
        "author": {"display": "coprescribe"},
        "implicated": [*_implicated(finding, implicated)],
        "evidence": [*_evidence(finding)],
        "detail": _detail(finding, words.quotes),
        "reference": _reference(finding),
        "mitigation": [{"action": {"text": words.advice}}] if words.advice else [],
    }
    return {key: value for key, value in found.items() if value}


def _code(finding: Finding) -> dict[str, Any]:
    code, display, text = _CODES[finding["kind"]]
    own = {"system": _KIND, "code": finding["kind"].replace("_", "-")}
    coding = {"system": _ACT_CODE, "code": code, "display": display}
    return {"coding": [coding, own], "text": text}


def _extensions(finding: Finding) -> Iterator[dict[str, Any]]:
    yield {"url": _CHANGE, "valueCode": finding["change"]}
    if finding["folded"]:
        yield {"url": _SLIGHT, "valueBoolean": True}
    if finding["probability"] is not None:
        yield {"url": _PROBABILITY, "valueDecimal": round(finding["probability"], 4)}


def _implicated(finding: Finding, implicated: Implicated) -> Iterator[dict[str, Any]]:
    """Yield the resources that name the drugs, each once; a drug of none is named in words."""
    told: dict[str, dict[str, Any]] = {}
    for drug in (*finding["precipitants"], *finding["affected"]):
        records = implicated.get(drug["curie"], ())
        for record in records:
            pointer = {"reference": record.reference, "display": record.display}
            key = record.reference or record.display
            told.setdefault(key, {part: value for part, value in pointer.items() if value})
        if not records:
            told.setdefault(drug["curie"], {"display": drug["name"]})
    return iter(told.values())


def _detail(finding: Finding, quotes: Iterable[str]) -> str:
    """Say a finding in sentences: what happens, why, for this patient, who disagrees."""
    severity = finding["severity"] or "severity not stated"
    effect = finding["effect"]["name"] if finding["effect"] else ""
    harm = f": {effect}" if effect else ""
    parts = [f"{_who(finding)}{harm} ({severity}); {_CHANGES[finding['change']]}."]
    if finding["probability"] is not None:
        base = finding["baseline_probability"]
        usual = f", base rate {base:.3f}" if base is not None else ""
        parts.append(f"Predicted, probability {finding['probability']:.3f}{usual}.")
    parts += [f"Why: {why}." for why in [_mechanism(finding)] if why]
    held = [m["factor"].rstrip(".") for m in finding["modifiers"] if m["present"]]
    parts += [f"For this patient: {'; '.join(held)}."] if held else []
    unknown = [m["factor"].rstrip(".") for m in finding["modifiers"] if m["present"] is None]
    parts += [f"Not known, and would matter: {'; '.join(unknown)}."] if unknown else []
    parts += quotes
    stated = stated_severities(finding)
    parts += [f"The sources differ: {stated}."] if stated else []
    return " ".join(parts)


def _who(finding: Finding) -> str:
    things = [*finding["precipitants"], *finding["affected"], *finding["genes"]]
    names = [thing["name"] for thing in (*things, *finding["conditions"])]
    if finding["kind"] == "drug_condition" and not finding["conditions"]:
        names += facts_of(finding)
    return " + ".join(dict.fromkeys(names))


def subjects_of(finding: Finding) -> tuple[str, ...]:
    """Give what of the patient a finding is about (``age``, ``kidney function``); else nothing."""
    name = (finding["mechanism"] or {}).get("name", "")
    is_of_patient = finding["kind"] == "drug_condition" and name.startswith(OF_PATIENT)
    return tuple(name.removeprefix(OF_PATIENT).split(" and ")) if is_of_patient else ()


def facts_of(finding: Finding) -> list[str]:
    """Give the fact of the patient that no condition names: an allergy, an age, a value."""
    return [mechanism_of(finding)] if finding["mechanism"] else []


def _mechanism(finding: Finding) -> str:
    mechanism = finding["mechanism"]
    if mechanism is None:
        return ""
    steps = (f"{s['subject']} {s['predicate']} {s['object']}" for s in mechanism["path"])
    path = ", ".join(steps)
    if path and subjects_of(finding):
        return path
    return f"{mechanism['name']} ({path})" if path else mechanism["name"]


def _evidence(finding: Finding) -> Iterator[dict[str, Any]]:
    """Yield who says so: source, version, its own word for the severity, licence, publications."""
    for each in finding["evidence"][:_MOST_EVIDENCE]:
        stated = each["severity_as_stated"] or each["severity"]
        parts = (
            f"{source_name(each['source'])} {each['version'] or ''}".strip(),
            f"severity: {stated}" if stated else "",
            each["statement"] or each["text"] or "",
            f"references: {', '.join(each['publications'])}" if each["publications"] else "",
            f"licence: {each['licence']}" if each["licence"] else "",
        )
        yield {"code": [{"text": "; ".join(part for part in parts if part)}]}


def _reference(finding: Finding) -> str | None:
    """Give an address at which a source speaks of it."""
    for each in finding["evidence"]:
        if each["url"]:
            return str(each["url"])
        for publication in each["publications"]:
            if publication.startswith("PMID:"):
                return f"https://pubmed.ncbi.nlm.nih.gov/{publication.removeprefix('PMID:')}/"
    return None
