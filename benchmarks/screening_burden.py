"""How much an answer says: the lists of a folder of FHIR patients, each medicine added in turn.

A patient counts from four active medicines on. A medicine is asked for as the bundle writes it, by
its RxNorm code where the text is no known name, and by its ingredients as they stand in
``synthea_ingredients.tsv`` where the code is not known either. Age, sex, active conditions and
allergies go along. Shown by default is what the change makes or worsens; what is minor, what one
source alone states without severity or advice, and predictions fold.
"""

from __future__ import annotations

import csv
import json
import lzma
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.service import answer
from api.state import State

INGREDIENTS = Path(__file__).with_name("synthea_ingredients.tsv")
FEWEST = 4
MEDIAN_GOAL = 2
NINETIETH_GOAL = 6
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_MOST_TEXT = 200
"""Longest name that a question takes, in characters."""
_MOST_CONDITIONS = 100


@dataclass(frozen=True, slots=True)
class Person:
    """One patient: the file's first words, the active medicines, and the body of the patient.

    A medicine is one name, or those of its ingredients.
    """

    name: str
    medicines: tuple[tuple[str, ...], ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer: whose, which medicine was added, and the findings that are shown by default."""

    person: str
    added: str
    answer: Mapping[str, Any]
    shown: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Burden:
    """Findings shown per answer over all patients, and what they are made of."""

    people: int
    answers: tuple[Asked, ...]
    unresolved: tuple[str, ...]

    @property
    def counts(self) -> list[int]:
        """Findings shown, by answer."""
        return [len(asked.shown) for asked in self.answers]

    @property
    def median(self) -> float:
        """Median of the findings shown."""
        return statistics.median(self.counts)

    @property
    def ninetieth(self) -> float:
        """90th percentile of the findings shown, between two answers interpolated."""
        return statistics.quantiles(self.counts, n=10, method="inclusive")[8]

    @property
    def groundless(self) -> int:
        """Findings of any kind, shown or folded, that carry no evidence."""
        findings = (f for asked in self.answers for f in asked.answer["findings"])
        return sum(not finding["evidence"] for finding in findings)


def burden(folder: Path, state: State) -> Burden:
    """Ask every question of the patients of a folder."""
    people = [person for person in people_of(folder, state) if len(person.medicines) >= FEWEST]
    answers = tuple(asked for person in people for asked in _asked(person, state))
    unresolved = {
        entry["query"]
        for asked in answers
        for entry in asked.answer["taking"]
        if entry["status"] != "resolved"
    }
    return Burden(len(people), answers, tuple(sorted(unresolved)))


def people_of(folder: Path, state: State) -> Iterator[Person]:
    """Read the bundles of a folder (``.json`` or ``.json.xz``), in the order of their names."""
    ingredients = _ingredients()
    for path in sorted(folder.glob("*.json*")):
        content = path.read_bytes()
        bundle = json.loads(lzma.decompress(content) if path.suffix == ".xz" else content)
        resources = [entry["resource"] for entry in bundle["entry"]]
        medicines = dict.fromkeys(_medicines(resources, state, ingredients))
        yield Person(path.name.rsplit("_", 1)[0], tuple(medicines), _body(resources))


def shown_by_default(findings: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What the change makes or worsens, without what folds as slight and without predictions."""
    return tuple(
        finding
        for finding in findings
        if finding["change"] in {"created", "worsened"}
        and not finding["folded"]
        and finding["kind"] != "predicted_effect"
    )


def burden_table(found: Burden) -> str:
    """The measured figures as Markdown."""
    counts = found.counts
    kinds = Counter(f["kind"] for asked in found.answers for f in asked.shown)
    grades = Counter(f["severity"] or "not graded" for asked in found.answers for f in asked.shown)
    rows = [
        ("patients with at least four active medicines", found.people),
        ("answers: each medicine added in turn", len(counts)),
        ("findings shown: median", f"{found.median:g} (goal: at most {MEDIAN_GOAL})"),
        ("90th percentile", f"{found.ninetieth:g} (goal: at most {NINETIETH_GOAL})"),
        ("most", max(counts)),
        ("mean", f"{statistics.mean(counts):.2f}"),
        ("answers that show nothing", sum(not count for count in counts)),
        ("findings without evidence, shown or folded", found.groundless),
        ("medicines not resolved", ", ".join(found.unresolved) or "none"),
        ("shown, by kind", _listed(kinds)),
        ("shown, by severity", _listed(grades)),
    ]
    lines = [f"| {title} | {value} |" for title, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines]) + "\n"


def answers_text(found: Burden) -> str:
    """Every answer for a reader: what is shown in full, what folds in a line."""
    return "\n".join(line for asked in found.answers for line in _lines(asked)) + "\n"


def _asked(person: Person, state: State) -> Iterator[Asked]:
    for place, added in enumerate(person.medicines):
        others = [*person.medicines[:place], *person.medicines[place + 1 :]]
        taking = [name for names in others for name in names]
        body = {"add": list(added), "taking": taking, "patient": dict(person.body)}
        told = answer(body, state)
        yield Asked(person.name, " + ".join(added), told, shown_by_default(told["findings"]))


def _medicines(
    resources: Sequence[Mapping[str, Any]], state: State, ingredients: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    for resource in resources:
        if resource["resourceType"] == "MedicationRequest" and resource["status"] == "active":
            concept = resource["medicationCodeableConcept"]
            codes = [c["code"] for c in concept["coding"] if c["system"] == _RXNORM]
            names = [concept.get("text", ""), *codes]
            known = [name for name in names if name and state.lexicon.lookup(name).candidate]
            held = next((ingredients[code] for code in codes if code in ingredients), names[0])
            yield (known[0],) if known else tuple(held.split("|"))


def _ingredients() -> dict[str, str]:
    """Ingredients by RxNorm code of a product, several joined by a bar."""
    with INGREDIENTS.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["rxcui"]: row["ingredients"] for row in rows}


def _body(resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The patient of a question; the age is that at the newest encounter, for no clock is asked."""
    person = next(r for r in resources if r["resourceType"] == "Patient")
    encounters = (r["period"]["start"] for r in resources if r["resourceType"] == "Encounter")
    conditions = dict.fromkeys(
        r["code"]["text"][:_MOST_TEXT]
        for r in resources
        if r["resourceType"] == "Condition" and _is_active(r)
    )
    allergies = dict.fromkeys(
        r["code"]["text"][:_MOST_TEXT]
        for r in resources
        if r["resourceType"] == "AllergyIntolerance" and _is_active(r)
    )
    return {
        "age_years": _years(person["birthDate"], max(encounters)),
        "sex": person["gender"],
        "conditions": list(conditions)[:_MOST_CONDITIONS],
        "allergies": list(allergies)[:_MOST_CONDITIONS],
    }


def _is_active(resource: Mapping[str, Any]) -> bool:
    status = resource.get("clinicalStatus", {}).get("coding", [{}])
    return any(coding.get("code") == "active" for coding in status)


def _years(born: str, day: str) -> int:
    return int(day[:4]) - int(born[:4]) - (day[5:10] < born[5:10])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"


def _lines(asked: Asked) -> Iterator[str]:
    taking = "; ".join(entry["query"] for entry in asked.answer["taking"])
    yield f"=== {asked.person}: + {asked.added}\n    taking: {taking}"
    for finding in asked.shown:
        yield from _finding_lines(finding)
    shown = {finding["id"] for finding in asked.shown}
    for finding in asked.answer["findings"]:
        if finding["id"] not in shown and finding["change"] != "unchanged":
            yield f"  ({finding['change']}, {finding['severity']}) {_problem(finding)}"


def _finding_lines(finding: Mapping[str, Any]) -> Iterator[str]:
    severity = str(finding["severity"]).upper()
    yield f"  {severity} [{finding['kind']}, {finding['change']}] {_problem(finding)}"
    if finding["recommendation"]:
        yield f"      advice: {finding['recommendation']}"
    sources = dict.fromkeys(
        f"{e['source'].removeprefix('infores:')}={e['severity']}" for e in finding["evidence"]
    )
    yield f"      says: {', '.join(sources)}"
    for modifier in finding["modifiers"]:
        yield f"      if: {modifier['factor']} ({modifier['present']})"


def _problem(finding: Mapping[str, Any]) -> str:
    sides = [
        " + ".join(thing["name"] for thing in finding[side])
        for side in ("precipitants", "affected")
    ]
    about = [thing["name"] for thing in (*finding["genes"], *finding["conditions"])]
    effect = finding["effect"]["name"] if finding["effect"] else "no effect named"
    cause = finding["mechanism"]["name"] if finding["mechanism"] else ""
    return f"{' -> '.join(filter(None, sides))} {', '.join(about)}: {effect} <{cause}>"
