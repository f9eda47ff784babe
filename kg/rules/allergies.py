"""Reads ``allergies.tsv``: what each group is called, and which drugs an allergy speaks against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.rules.rows import MalformedRule, one_of, rows_of, severity_of, target_of
from kg.screening.allergy import ITSELF, RELATIONS, AllergyRule
from kg.sources.curated import FOLDER
from ontologies.fold import fold

_FILE = "allergies.tsv"
_COLUMNS = (
    "group",
    "allergen",
    "target_id",
    "relation",
    "severity",
    "recommendation",
    "reference",
)


def load_allergy_rules(folder: Path = FOLDER) -> tuple[AllergyRule, ...]:
    """Read the rules of ``allergies.tsv``.

    Raises:
        MalformedRule: A word is not of its closed list, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    return tuple(
        AllergyRule(
            group=row["group"],
            target=_target(number, row["target_id"]),
            relation=one_of(_FILE, number, row["relation"], RELATIONS),
            severity=severity_of(_FILE, number, row["severity"]),
            recommendation=row["recommendation"],
            reference=row["reference"],
        )
        for number, row in rows_of(folder, _FILE, _COLUMNS, ("group", "target_id"))
    )


@dataclass(frozen=True, slots=True)
class AllergyNames:
    """The words by which each group of allergies is recorded."""

    groups: Mapping[str, tuple[str, ...]]
    _words: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Fold the words."""
        words = {(f" {fold(w)} ", group) for group, names in self.groups.items() for w in names}
        object.__setattr__(self, "_words", tuple(sorted(words)))

    def ground(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Give the groups that one of some texts names, in whole words, sorted."""
        folded = [f" {fold(text)} " for text in texts]
        return tuple(
            sorted({group for word, group in self._words if any(word in text for text in folded)})
        )


def load_allergy_names(folder: Path = FOLDER) -> AllergyNames:
    """Read the words of ``allergies.tsv``.

    Raises:
        MalformedRule: The rows of one group do not have the same words.
        MalformedSource: The file lacks a column.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for number, row in rows_of(folder, _FILE, _COLUMNS, ("group", "target_id")):
        words = tuple(row["allergen"].split("|")) if row["allergen"] else ()
        if groups.setdefault(row["group"], words) != words:
            raise MalformedRule(_FILE, number, row["allergen"], "the words of its group")
    return AllergyNames(groups)


def _target(number: int, value: str) -> str:
    return value if value == ITSELF else target_of(_FILE, number, value)
