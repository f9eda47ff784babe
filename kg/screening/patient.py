"""Whom a screening is about: the medicine list, and what is known of the person who takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ontologies.curie import Curie


@dataclass(frozen=True, slots=True)
class Regimen:
    """The drugs that one person takes together: each ingredient once, in the order given."""

    drugs: tuple[Curie, ...] = ()

    @classmethod
    def of(cls, drugs: Iterable[Curie]) -> Regimen:
        """Make a regimen in which each drug stands once."""
        return cls(tuple(dict.fromkeys(drugs)))

    def changed(self, adding: Iterable[Curie], stopping: Iterable[Curie]) -> Regimen:
        """Return the regimen with some drugs stopped and others added."""
        stopped = set(stopping)
        kept = (drug for drug in self.drugs if drug not in stopped)
        return Regimen.of((*kept, *adding))


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the patient beside the drugs. ``None`` and empty mean "not stated".

    ``diplotypes`` pairs a gene symbol with a diplotype such as ``*1/*4``; ``phenotypes`` pairs a gene symbol
    with a phenotype such as ``Poor Metabolizer``. ``labs`` are (LOINC code, value, unit or ``None``).
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
    conditions: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    labs: tuple[tuple[str, float, str | None], ...] = ()
