"""Options of ``screen`` become the body of ``POST /v1/screen``: one shape for both doors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.body import read_question
from api.errors import InvalidRequest
from kg.model import Severity

Texts = Iterable[str] | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A request body and the answer to it."""

    body: Mapping[str, Any]
    answer: Mapping[str, Any]

    @property
    def asks_for_change(self) -> bool:
        """Tell whether a drug is added, stopped or replaced."""
        return any(self.answer.get(part) for part in ("adding", "stopping", "replacing"))


def body_of(
    change: Mapping[str, Texts],
    facts: Mapping[str, Any],
    lists: Mapping[str, Texts],
    *,
    alternatives: bool,
) -> dict[str, Any]:
    """Make the request body of the options as they were written.

    Raises:
        InvalidRequest: A ``KEY=VALUE`` option has another form.
    """
    patient: dict[str, Any] = {key: value for key, value in facts.items() if value is not None}
    patient |= {
        "diplotypes": _assignments("--diplotype", lists["diplotypes"], "GENE=*1/*4"),
        "phenotypes": _assignments("--phenotype", lists["phenotypes"], "GENE=TEXT"),
        "conditions": list(lists["conditions"] or ()),
        "allergies": list(lists["allergies"] or ()),
        "labs": [_lab(text) for text in lists["labs"] or ()],
    }
    body = {
        "add": list(change["add"] or ()),
        "stop": list(change["stop"] or ()),
        "replace": _assignments("--replace", change["replace"], "A=B"),
        "taking": [part for text in change["taking"] or () for part in _parts(text)],
        "patient": {key: value for key, value in patient.items() if value not in ([], {})},
        "alternatives": alternatives,
    }
    return {key: value for key, value in body.items() if value not in ([], {}, False)}


def read_patient(path: Path) -> dict[str, Any]:
    """Read the file of ``--patient``.

    Raises:
        MalformedJson: It is not a JSON object.
        MalformedReport: It is a PharmCAT report that cannot be read.
        MalformedFhir, InvalidResource: It is a FHIR resource that cannot be read.
    """
    return read_question(path.read_bytes(), str(path))


def is_at_least(answered: Answered, severity: Severity) -> bool:
    """Tell whether a finding that the change brings, or any where nothing changes, is as severe."""
    changes = {"created", "worsened"} if answered.asks_for_change else {"unchanged"}
    return any(
        Severity(finding["severity"]).rank >= severity.rank
        for finding in answered.answer["findings"]
        if finding["severity"] and finding["change"] in changes
    )


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    return [part for part in parts if part] or [text]


def _assignments(option: str, texts: Texts, form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts or ():
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise InvalidRequest(f"{option} {text!r} is not accepted: the form is {form}")
        if found.setdefault(key, value) != value:
            raise InvalidRequest(f"{option} names {key!r} twice: {found[key]!r} and {value!r}")
    return found


def _lab(text: str) -> dict[str, Any]:
    code, equals, rest = (part.strip() for part in text.partition("="))
    value, _, unit = (part.strip() for part in rest.partition(":"))
    try:
        number = float(value)
    except ValueError:
        equals = ""
    if not (code and equals):
        raise InvalidRequest(f"--lab {text!r} is not accepted: the form is LOINC=VALUE[:UNIT]")
    return {"loinc": code, "value": number, "unit": unit or None}
