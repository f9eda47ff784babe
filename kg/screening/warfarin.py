"""The weekly dose of warfarin by the equations of the IWPC. Pure.

International Warfarin Pharmacogenetics Consortium, N Engl J Med 2009;360:753-764,
DOI:10.1056/NEJMoa0809329, supplementary appendix. Both equations give the square root of the stable
dose in mg a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.screening.genotype import GenePhenotype
from kg.screening.patient import Patient
from ontologies.curie import Curie

__all__ = [
    "CYP2C9",
    "UNKNOWN",
    "VKORC1",
    "WARFARIN",
    "Bounds",
    "Dose",
    "DoseRules",
    "Equation",
    "Terms",
    "Undosed",
    "dose_for",
    "terms_of",
    "weekly_mg",
]

WARFARIN = Curie("RXCUI", "11289")
REFERENCE = "iwpc-2009"
UNKNOWN = "unknown"
CYP2C9, VKORC1 = "CYP2C9", "VKORC1"
_LAST_DECADE = 9
_VKORC1 = {"-1639 GG": "G/G", "-1639 AG": "A/G", "-1639 AA": "A/A"}
_NORMAL = {"Normal Metabolizer": "*1/*1"}


class Equation(StrEnum):
    """The two published equations."""

    CLINICAL = "clinical"
    PHARMACOGENETIC = "pharmacogenetic"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which values of age, height or weight the equations are used, both ends included."""

    unit: str
    least: float
    most: float

    def hold(self, value: float) -> bool:
        """Tell whether a value lies within."""
        return self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class DoseRules:
    """Coefficients by equation and term, the drugs that are terms, races by ancestry, bounds.

    ``bounds`` are by ``age``, ``height`` and ``weight``: adults of a size like that of the subjects
    of the equations; beyond them a value is more likely a slip or a wrong unit.
    """

    coefficients: Mapping[Equation, Mapping[str, float]]
    drugs: Mapping[Curie, str]
    races: Mapping[str, str]
    bounds: Mapping[str, Bounds]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the equations ask of one person; genes are ``unknown`` or as ``A/G`` and ``*1/*3``.

    ``race`` is ``white``, ``asian``, ``black`` or ``unknown``, as the equations part people.
    """

    age_years: float
    height_cm: float
    weight_kg: float
    race: str = UNKNOWN
    vkorc1: str = UNKNOWN
    cyp2c9: str = UNKNOWN
    inducer: bool = False
    amiodarone: bool = False


@dataclass(frozen=True, slots=True)
class Dose:
    """An estimated stable dose in mg a week, the equation, and what it was computed from."""

    weekly_mg: float
    equation: Equation
    terms: Terms


@dataclass(frozen=True, slots=True)
class Undosed:
    """Why no dose was computed: what is not known, or why the equations do not hold."""

    missing: tuple[str, ...] = ()
    reason: str | None = None


def weekly_mg(terms: Terms, coefficients: Mapping[str, float]) -> float:
    """Compute the stable dose in mg a week by the coefficients of one equation.

    Raises:
        KeyError: The equation has no coefficient for a genotype or a race.
    """
    root = (
        coefficients["intercept"]
        + coefficients["age_decades"] * min(terms.age_years // 10, _LAST_DECADE)
        + coefficients["height_cm"] * terms.height_cm
        + coefficients["weight_kg"] * terms.weight_kg
        + coefficients[f"race {terms.race}"]
        + coefficients["inducer"] * terms.inducer
        + coefficients["amiodarone"] * terms.amiodarone
    )
    if f"{VKORC1} {UNKNOWN}" in coefficients:
        root += coefficients[f"{VKORC1} {terms.vkorc1}"] + coefficients[f"{CYP2C9} {terms.cyp2c9}"]
    return float(max(root, 0.0) ** 2)


def dose_for(
    patient: Patient, drugs: frozenset[Curie], known: Mapping[str, GenePhenotype], rules: DoseRules
) -> Dose | Undosed:
    """Estimate the dose of one patient: by the genes where one is known, else without them.

    Args:
        patient: Age, height and weight must be known.
        drugs: The whole medicine list, in which amiodarone and enzyme inducers count.
        known: Gene results by symbol.
        rules: The equations.
    """
    terms = terms_of(patient, drugs, known, rules)
    if isinstance(terms, Undosed):
        return terms
    genes = {terms.vkorc1, terms.cyp2c9} - {UNKNOWN}
    equation = Equation.PHARMACOGENETIC if genes else Equation.CLINICAL
    return Dose(weekly_mg(terms, rules.coefficients[equation]), equation, terms)


def terms_of(
    patient: Patient, drugs: frozenset[Curie], known: Mapping[str, GenePhenotype], rules: DoseRules
) -> Terms | Undosed:
    """Read what the equations ask of a patient, or say what they lack."""
    age, height, weight = patient.age_years, patient.height_cm, patient.weight_kg
    asked = {"age": age, "height": height, "weight": weight}
    if age is None or height is None or weight is None:
        return Undosed(missing=tuple(name for name, value in asked.items() if value is None))
    if outside := _outside(asked, rules.bounds):
        return Undosed(reason=outside)
    genes = {symbol: _genotype(known.get(symbol)) for symbol in (VKORC1, CYP2C9)}
    for symbol, genotype in genes.items():
        if f"{symbol} {genotype}" not in rules.coefficients[Equation.PHARMACOGENETIC]:
            return Undosed(reason=f"they do not know {symbol} {genotype}")
    active = {rules.drugs[drug] for drug in drugs & rules.drugs.keys()}
    return Terms(
        age_years=age,
        height_cm=height,
        weight_kg=weight,
        race=rules.races.get((patient.ancestry or "").strip().casefold(), UNKNOWN),
        vkorc1=genes[VKORC1],
        cyp2c9=genes[CYP2C9],
        inducer="inducer" in active,
        amiodarone="amiodarone" in active,
    )


def _outside(asked: Mapping[str, float | None], bounds: Mapping[str, Bounds]) -> str | None:
    """Say in words which value lies beyond its bounds; ``None`` where none does."""
    for name, value in asked.items():
        within = bounds[name]
        if value is not None and not within.hold(value):
            limits = f"{name} from {within.least:g} to {within.most:g} {within.unit}"
            return f"they hold for adults with {limits}, and {value:g} {within.unit} was told"
    return None


def _genotype(result: GenePhenotype | None) -> str:
    """Write a result as the equations do; one that they cannot know stays as it is."""
    if result is None or not result.is_determined:
        return UNKNOWN
    if result.symbol == VKORC1:
        return _VKORC1.get(result.phenotype, result.phenotype)
    if result.diplotype is None:
        return _NORMAL.get(result.phenotype, result.phenotype)
    return "/".join(sorted(part.strip() for part in result.diplotype.split("/")))
