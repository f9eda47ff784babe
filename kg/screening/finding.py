"""What a screening finds: one clinical problem, the drugs behind it, why, and who says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kg.model import Evidence, Severity
from ontologies.curie import Curie

_IDS_KEPT = 16_384
_PAIR = 2


class FindingKind(StrEnum):
    """The kinds of problem that a screening tells apart."""

    DRUG_DRUG = "drug_drug"
    DRUG_GENE = "drug_gene"
    DRUG_DRUG_GENE = "drug_drug_gene"
    DRUG_CONDITION = "drug_condition"
    DUPLICATION = "duplication"
    ADDITIVE_EFFECT = "additive_effect"
    PREDICTED_EFFECT = "predicted_effect"


class Change(StrEnum):
    """What the change of regimen does to a finding."""

    CREATED = "created"
    WORSENED = "worsened"
    UNCHANGED = "unchanged"
    IMPROVED = "improved"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of an explanation as a reader sees it, in labels."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Why it happens: a short name and the path through the graph that shows it.

    ``kind`` is the mechanism class (``enzyme_inhibition``, ``additive_pharmacodynamic`` and so on),
    by which two descriptions of one problem are recognised as the same.
    """

    name: str
    kind: str | None = None
    path: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Modifier:
    """A factor that raises or lowers a finding. ``present`` is ``None`` when nobody told us."""

    factor: str
    present: bool | None
    effect_on_severity: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One clinical problem of a regimen.

    ``points`` is the burden of an additive effect, the number of phenotypes that other drugs
    convert or that of drugs of one class, by which a worsened finding is told; 0 elsewhere. A gene
    finding has its drug in ``affected``; an additive finding every contributor in
    ``precipitants``; an undirected pair both there.
    """

    kind: FindingKind
    severity: Severity | None
    precipitants: tuple[Curie, ...]
    affected: tuple[Curie, ...]
    evidence: tuple[Evidence, ...]
    effect: Curie | None = None
    mechanism: Mechanism | None = None
    genes: tuple[Curie, ...] = ()
    conditions: tuple[Curie, ...] = ()
    probability: float | None = None
    baseline_probability: float | None = None
    recommendation: str | None = None
    modifiers: tuple[Modifier, ...] = ()
    points: int = 0

    @property
    def drugs(self) -> tuple[Curie, ...]:
        """All drugs of the finding, precipitants first."""
        every = self.precipitants + self.affected
        if len(every) == _PAIR and every[0].identifier != every[1].identifier:
            return every
        return tuple(dict.fromkeys(every))

    @property
    def id(self) -> str:
        """Digest of what is found, not of who says it; the same in every release.

        What one drug does to another is not what the other does to the one.
        """
        name = self.mechanism.name if self.mechanism else ""
        sides = (self.precipitants, self.affected)
        return _id(self.kind, *sides, self.genes, self.conditions, self.effect, name)

    @property
    def problem(self) -> tuple[str, ...]:
        """Key under which this problem is compared before and after the change.

        An additive effect is one problem however many drugs share in it, and so is what converted
        phenotypes do to a drug, whichever drugs convert them, and several drugs of one class; one
        ingredient taken twice is one problem whatever the effect; anything else is its own id.
        """
        if self.kind is FindingKind.ADDITIVE_EFFECT:
            return (self.kind.value, str(self.effect or ""))
        if self.kind is FindingKind.DRUG_DRUG_GENE:
            return (self.kind.value, _sorted_text(self.affected), _sorted_text(self.genes))
        if self.kind is FindingKind.DUPLICATION:
            name = self.mechanism.name if self.mechanism else ""
            return (self.kind.value, name, "" if self.points else _sorted_text(self.drugs))
        return (self.kind.value, self.id)


@lru_cache(_IDS_KEPT)
def _id(
    kind: FindingKind,
    precipitants: tuple[Curie, ...],
    affected: tuple[Curie, ...],
    genes: tuple[Curie, ...],
    conditions: tuple[Curie, ...],
    effect: Curie | None,
    mechanism: str,
) -> str:
    return _digest(
        kind.value,
        f"{_sorted_text(precipitants)}>{_sorted_text(affected)}",
        _sorted_text(genes),
        _sorted_text(conditions),
        str(effect or ""),
        mechanism,
    )


def _sorted_text(curies: tuple[Curie, ...]) -> str:
    return "|".join(sorted(str(curie) for curie in curies))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
