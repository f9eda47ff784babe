"""What a screening finds: one clinical problem, the drugs behind it, why, and who says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from kg.model import Evidence, Severity
from ontologies.curie import Curie


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
class Instruction:
    """What a rule about two drugs or classes says to do, and how grave it holds the pair.

    One that ``settles`` names both drugs and holds them for harmless, or to be given with care.
    """

    severity: Severity
    text: str
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One clinical problem of a regimen.

    ``instruction`` is what a rule about the very two drugs says to do; it goes before the general
    words of a level. ``points`` is the burden of an additive effect, the number of phenotypes that
    other drugs convert or that of drugs of one class, by which a worsened finding is told; 0
    elsewhere. A gene finding has its drug in ``affected``; an additive finding every contributor in
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
    instruction: Instruction | None = None
    drugs: tuple[Curie, ...] = field(init=False, repr=False, compare=False)
    """All drugs of the finding, precipitants first."""
    among: str = field(init=False, repr=False, compare=False)
    """The drugs by :func:`sorted_text`, whichever of them acts."""
    _id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note what is asked again and again."""
        drugs = tuple(dict.fromkeys(self.precipitants + self.affected))
        object.__setattr__(self, "drugs", drugs)
        object.__setattr__(self, "among", sorted_text(drugs))
        object.__setattr__(self, "_id", "")

    @property
    def id(self) -> str:
        """Digest of what is found, not of who says it; the same in every release.

        What one drug does to another is not what the other does to the one.
        """
        if not self._id:
            object.__setattr__(self, "_id", _digest_of(self))
        return self._id

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
            return (self.kind.value, sorted_text(self.affected), sorted_text(self.genes))
        if self.kind is FindingKind.DUPLICATION:
            name = self.mechanism.name if self.mechanism else ""
            return (self.kind.value, name, "" if self.points else sorted_text(self.drugs))
        return (self.kind.value, self.id)


def sorted_text(curies: Iterable[Curie]) -> str:
    """Write some CURIEs as one text, the same in whatever order they come."""
    return joined(map(str, curies))


def joined(texts: Iterable[str]) -> str:
    """Write some texts as one, the same in whatever order they come."""
    return "|".join(sorted(texts))


def _digest_of(finding: Finding) -> str:
    return _digest(
        finding.kind.value,
        f"{sorted_text(finding.precipitants)}>{sorted_text(finding.affected)}",
        sorted_text(finding.genes),
        sorted_text(finding.conditions),
        str(finding.effect or ""),
        finding.mechanism.name if finding.mechanism else "",
    )


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
