"""What the readers of a record share: its resources, whose they are, the day, and known words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from api.errors import InvalidRequest
from api.fhir.elements import Resource, concept_texts, text_of
from api.fhir.medicines import WrittenMedicine
from api.fhir.resources import Found, References, walk

__all__ = ["AnyWords", "Chart", "SeveralPatients", "Words", "legible", "quoted"]

_SUBJECTS = ("subject", "patient")
_MOST_QUOTED = 20


class Words(Protocol):
    """Which words about a patient mean something to the graph that will answer."""

    def knows_condition(self, text: str) -> bool:
        """Tell whether a text or code means a condition."""

    def knows_allergy(self, text: str) -> bool:
        """Tell whether a text or code means an allergen."""

    def is_one_condition(self, text: str, other: str) -> bool:
        """Tell whether two texts or codes mean the same conditions."""

    def name_of(self, code: str) -> str:
        """Give what the drug of a code is called; the code itself where that is not known."""

    def knows_result(self, gene: str, diplotype: str | None, phenotype: str | None) -> bool:
        """Tell whether a result of a gene can be used."""


class AnyWords:
    """Takes every word for known: the first way to write something is then used."""

    def knows_condition(self, text: str) -> bool:
        """Tell that a text is known."""
        return bool(text)

    def knows_allergy(self, text: str) -> bool:
        """Tell that a text is known."""
        return bool(text)

    def is_one_condition(self, text: str, other: str) -> bool:
        """Tell whether two texts are the same."""
        return text == other

    def name_of(self, code: str) -> str:
        """Give the code."""
        return code

    def knows_result(self, gene: str, diplotype: str | None, phenotype: str | None) -> bool:
        """Tell that a result is known."""
        return bool(gene and (diplotype or phenotype))


class SeveralPatients(InvalidRequest):
    """Resources of more than one patient were given as one record."""

    title = "The record is of several patients"

    def __init__(self, names: Iterable[str]) -> None:
        listed = sorted(names)
        super().__init__(
            f"the resources are of {len(listed)} patients; send those of one",
            {"code": "business-rule", "expression": ["Bundle.entry.resource"]},
        )
        self.names = listed


@dataclass(frozen=True, slots=True)
class Chart:
    """The resources of one patient."""

    found: tuple[Found, ...]
    references: References
    on: date
    words: Words

    @classmethod
    def of(cls, resources: Iterable[Mapping[str, Any]], on: date, words: Words) -> Chart:
        """Gather the resources of a record.

        Raises:
            SeveralPatients: They are of more than one patient.
        """
        found = tuple(walk(resources))
        chart = cls(found, References.of(found), on, words)
        people = chart.people()
        if len(people) > 1:
            raise SeveralPatients(people)
        return chart

    def people(self) -> frozenset[str]:
        """Give who the resources are of, as references; those of no stated patient are left out."""
        named = {each.reference for each in self.all("Patient") if not each.container}
        subjects = {self.subject(each.resource) for each in self.found if each.kind in READ}
        return frozenset(named | {name for name in subjects if name})

    def subject(self, resource: Resource) -> str:
        """Give whose a resource is; empty where it does not say so, or is no one's."""
        told = (self.references.name(resource.get(part)) for part in _SUBJECTS)
        name = next((each for each in told if each), "")
        return name if name.partition("/")[0] not in {"Group", "Location", "Device"} else ""

    def all(self, *kinds: str) -> Iterator[Found]:
        """Yield the resources of some types, in the order in which they stand."""
        return (each for each in self.found if each.kind in kinds)


READ = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
    }
)
"""Types of resources from which anything is read."""


def legible(medicine: WrittenMedicine, words: Words) -> WrittenMedicine:
    """Give a medicine of which the record says a code alone the name of its drug to be shown."""
    is_bare = medicine.display in medicine.codes
    return replace(medicine, display=words.name_of(medicine.display)) if is_bare else medicine


def called(resource: Resource) -> str:
    """Give what a resource with a code is called, or its reference."""
    texts = concept_texts(resource.get("code"))
    own = f"{text_of(resource.get('resourceType'))}/{text_of(resource.get('id'))}"
    return texts[0] if texts else own


def quoted(texts: Iterable[str]) -> str:
    """Quote some texts, each once; of very many the first, and how many more there are."""
    listed = list(dict.fromkeys(texts))
    told = ", ".join(f"'{text[:120]}'" for text in listed[:_MOST_QUOTED])
    more = len(listed) - _MOST_QUOTED
    return f"{told} and {more} more" if more > 0 else told
