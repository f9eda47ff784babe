"""Whom a screening is about: the medicine list, and what is known of the person who takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ontologies.curie import Curie
from ontologies.doses.daily import DailyDose

_DRUGS_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a medicine list: the ingredient, and the name under which it was written.

    ``route`` is one lower-case word such as ``oral``, ``topical``, ``ophthalmic`` or ``inhaled``;
    ``None`` where it is not stated, as for ``duration_days`` and ``dose``.
    """

    drug: Curie
    written: str
    route: str | None = None
    duration_days: float | None = None
    dose: DailyDose | None = None

    def __post_init__(self) -> None:
        """Take the one object of the drug, so that what is known of it is found by identity."""
        object.__setattr__(self, "drug", _one_of(self.drug))


@lru_cache(_DRUGS_KEPT)
def _one_of(drug: Curie) -> Curie:
    return drug


@dataclass(frozen=True, slots=True)
class Regimen:
    """The drugs that one person takes together; an entry repeated counts once.

    One drug may stand in several lines, by different routes; where the route matters the worst of
    them counts, and one that is not stated is not taken for harmless.
    """

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, drugs: Iterable[Curie]) -> Regimen:
        """Make a regimen of drugs by their CURIEs."""
        return cls.written(Entry(drug, str(drug)) for drug in drugs)

    @classmethod
    def written(cls, entries: Iterable[Entry]) -> Regimen:
        """Make a regimen of the lines of a list; lines that differ in case alone are one.

        Lines that differ in route, duration, daily dose or its words stay apart, in whatever order
        they come.
        """
        lines: dict[tuple[object, ...], Entry] = {}
        for entry in entries:
            way = (entry.route, entry.duration_days, entry.dose and entry.dose.told_as)
            key = (entry.drug, entry.written.casefold(), *way)
            lines.setdefault(key, entry)
        return cls(tuple(lines.values()))

    @property
    def drugs(self) -> tuple[Curie, ...]:
        """Each ingredient once."""
        return tuple(dict.fromkeys(entry.drug for entry in self.entries))

    @property
    def repeated(self) -> tuple[tuple[Curie, tuple[str, ...]], ...]:
        """Ingredients that stand under several names, with those names, each once."""
        names: dict[Curie, dict[str, str]] = {}
        for entry in self.entries:
            names.setdefault(entry.drug, {}).setdefault(entry.written.casefold(), entry.written)
        return tuple((drug, tuple(told.values())) for drug, told in names.items() if len(told) > 1)

    def changed(self, adding: Iterable[Entry], stopping: Iterable[Curie]) -> Regimen:
        """Return the regimen with some drugs stopped and other lines added."""
        stopped = set(stopping)
        kept = (entry for entry in self.entries if entry.drug not in stopped)
        return Regimen.written((*kept, *adding))


@dataclass(frozen=True, slots=True)
class Allergy:
    """One recorded allergy: as it was written, and what of the tables and the graph it names.

    ``groups`` are groups of the allergy table, ``drugs`` the drugs that the text itself names.
    """

    written: str
    groups: tuple[str, ...] = ()
    drugs: tuple[Curie, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the patient beside the drugs. ``None`` and empty mean "not stated".

    ``diplotypes`` pairs a gene symbol with a diplotype such as ``*1/*4``; ``phenotypes`` pairs a
    gene symbol with a phenotype such as ``Poor Metabolizer``. ``labs`` are (LOINC code, value, unit
    or ``None``). ``conditions`` are nodes of the graph.
    """

    age_years: float | None = None
    sex: str | None = None
    pregnant: bool | None = None
    lactating: bool | None = None
    weight_kg: float | None = None
    height_cm: float | None = None
    egfr_ml_min: float | None = None
    child_pugh: str | None = None
    ancestry: str | None = None
    diplotypes: tuple[tuple[str, str], ...] = ()
    phenotypes: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Curie, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    labs: tuple[tuple[str, float, str | None], ...] = ()
