"""Which limits of a daily dose hold in a list, and what is taken of each drug. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from kg.model import Severity
from kg.screening.background import Background
from kg.screening.factors import Situation, Term
from kg.screening.genotype import Genotypes
from kg.screening.patient import Entry
from kg.screening.recent import DRUGS_KEPT, Recent, of_drugs
from ontologies.curie import Curie

_TOLERANCE = 1e-6
_PAIRS_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class DoseLimit:
    """Up to how many mg of a drug may be taken in some days, and what to say of more.

    ``beside`` is the target of another drug, or empty; ``terms`` and ``phenotype`` (a gene and its
    phenotype) say for which patients. With ``is_below`` the amount itself is too much. A dose that
    is known to keep the limit lowers what is graver to ``within``, where the source allows that.
    """

    drug: str
    beside: str
    terms: tuple[Term, ...]
    phenotype: tuple[str, str] | None
    mg: float
    days: int
    is_below: bool
    above: Severity
    within: Severity | None
    effect: Curie
    recommendation: str
    reference: str

    @property
    def has_context(self) -> bool:
        """Whether the limit is of a pair or of some patients, and not of everybody."""
        return bool(self.beside or self.terms or self.phenotype)

    def exceeded_by(self, mg_a_day: float) -> bool:
        """Tell whether a daily dose is above the limit."""
        taken = mg_a_day * self.days
        return taken > self.mg + _TOLERANCE or (self.is_below and taken > self.mg - _TOLERANCE)

    def passed_by(self, taken: Taken) -> bool:
        """Tell whether the known lines alone are above the limit.

        Where they reach it and another line is not known, that one is too much.
        """
        is_more = taken.mg is None and taken.known_mg * self.days > self.mg - _TOLERANCE
        return is_more or self.exceeded_by(taken.known_mg)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of a drug in a day by all lines together.

    ``mg`` is ``None`` unless the dose of every line is known, ``known_mg`` what the others make.
    With ``is_double`` there is more than one line.
    """

    mg: float | None
    is_most: bool = False
    known_mg: float = 0.0
    is_double: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Limits of one drug that hold, beside one other drug or by the patient alone.

    They are of one effect, and all by a phenotype or none.
    """

    drug: Curie
    other: Curie | None
    taken: Taken
    limits: tuple[DoseLimit, ...]

    @property
    def exceeded(self) -> list[DoseLimit]:
        """The limits that the known lines alone are above, the gravest and then lowest first."""
        found = [limit for limit in self.limits if limit.passed_by(self.taken)]
        return sorted(found, key=lambda each: (-each.above.rank, each.mg / each.days))

    @property
    def lowest(self) -> DoseLimit:
        """The limit that is reached first."""
        return min(self.limits, key=lambda each: each.mg / each.days)

    @property
    def is_of_gene(self) -> bool:
        """Whether the limits hold by a phenotype."""
        return self.limits[0].phenotype is not None

    @property
    def is_of_double(self) -> bool:
        """Whether the limits are everybody's and the drug is taken twice."""
        return self.taken.is_double and not any(limit.has_context for limit in self.limits)


_Limits = tuple[DoseLimit, ...]


@dataclass(frozen=True, slots=True)
class _OfDrug:
    """The limits of a drug beside no other, and whether it has any at all."""

    drug: Curie
    alone: _Limits
    has_any: bool


@dataclass(frozen=True)
class DoseCases:
    """Finds the limits that hold in a situation.

    Lines of a drug that go by a ``local`` route do not count; the others are added up. A limit that
    is everybody's counts only where it is passed, or where the drug is taken twice.
    """

    background: Background
    limits: tuple[DoseLimit, ...]
    genotypes: Genotypes | None = None
    local: frozenset[str] = frozenset()
    _by_target: Mapping[str, tuple[DoseLimit, ...]] = field(init=False, repr=False, compare=False)
    _by_drug: Recent[Curie, _OfDrug] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )
    _unlimited: set[Curie] = field(init=False, repr=False, compare=False, default_factory=set)
    _by_pair: Recent[tuple[Curie, Curie], _Limits] = field(
        init=False, repr=False, compare=False, default_factory=partial(Recent, _PAIRS_KEPT)
    )

    def __post_init__(self) -> None:
        """Index the limits by their drug."""
        found: dict[str, tuple[DoseLimit, ...]] = {}
        for limit in self.limits:
            found[limit.drug] = (*found.get(limit.drug, ()), limit)
        object.__setattr__(self, "_by_target", found)

    def of(self, situation: Situation) -> Iterator[Case]:
        """Yield the cases of a list; errors of `Genotypes.of_patient` come through."""
        unlimited = self._unlimited
        asked = [e.drug for e in situation.regimen.entries if e.drug not in unlimited]
        limited = [each for each in map(self._about, dict.fromkeys(asked)) if each.has_any]
        if limited:
            drugs = situation.regimen.drugs
            for each in limited:
                yield from self._of_drug(each.drug, each.alone, drugs, situation)

    def unchecked(self, situation: Situation) -> Iterator[Curie]:
        """Yield the drugs of which a dose is known, and no limit that holds here is for.

        Errors of `Genotypes.of_patient` come through.
        """
        entries = situation.regimen.entries
        dosed = (e.drug for e in entries if e.dose is not None and e.route not in self.local)
        for drug in dict.fromkeys(dosed):
            about = self._about(drug)
            pairs = (self._of_pair(drug, other) for other in situation.regimen.drugs)
            limits = chain(about.alone, *(pairs if about.has_any else ()))
            if not any(self._holds(limit, situation) for limit in limits):
                yield drug

    def _about(self, drug: Curie) -> _OfDrug:
        """The limits of a drug; one without any is remembered apart, being asked for most."""
        known = self._by_drug.get(drug)
        if known is None:
            limits = tuple(self._limits(drug))
            alone = tuple(limit for limit in limits if not limit.beside)
            known = self._by_drug.put(drug, _OfDrug(drug, alone, bool(limits)))
        if not known.has_any:
            if len(self._unlimited) >= DRUGS_KEPT:
                self._unlimited.clear()
            self._unlimited.add(drug)
        return known

    def _of_pair(self, drug: Curie, other: Curie) -> _Limits:
        known = self._by_pair.get((drug, other))
        if known is None:
            met = self.background.targets.of(other) if other != drug else ()
            limits = tuple(limit for limit in self._limits(drug) if limit.beside in met)
            known = self._by_pair.put((drug, other), limits)
        return known

    def _limits(self, drug: Curie) -> Iterator[DoseLimit]:
        for target in sorted(self.background.targets.of(drug) & self._by_target.keys()):
            yield from self._by_target[target]

    def _of_drug(
        self, drug: Curie, alone: _Limits, drugs: Iterable[Curie], situation: Situation
    ) -> Iterator[Case]:
        pairs = ((other, limit) for other in drugs for limit in self._of_pair(drug, other))
        held = [
            (other, limit)
            for other, limit in (*pairs, *((None, limit) for limit in alone))
            if self._holds(limit, situation)
        ]
        taken = self._taken(situation.lines((drug,))) if held else None
        if taken is None:
            return
        found: dict[tuple[Curie | None, Curie, bool], list[DoseLimit]] = {}
        for other, limit in held:
            is_told = limit.has_context or taken.is_double or limit.passed_by(taken)
            if is_told and (other is None or self._taken(situation.lines((other,))) is not None):
                key = (other, limit.effect, limit.phenotype is not None)
                found.setdefault(key, []).append(limit)
        for (other, _, _), limits in found.items():
            yield Case(drug, other, taken, tuple(limits))

    def _holds(self, limit: DoseLimit, situation: Situation) -> bool:
        if limit.phenotype is None:
            return not limit.terms or situation.holds(limit.terms) is True
        if self.genotypes is None:
            return False
        results = self.genotypes.of_patient(situation.patient)
        return limit.phenotype in {(each.symbol, each.phenotype) for each in results}

    def _taken(self, lines: Iterable[Entry]) -> Taken | None:
        """Add up what the lines take; ``None`` where all of them act in place."""
        doses = [line.dose for line in lines if line.route not in self.local]
        if not doses:
            return None
        known = [dose for dose in doses if dose]
        mg = sum(dose.mg for dose in known)
        is_most = any(dose.is_most for dose in known)
        return Taken(mg if len(known) == len(doses) else None, is_most, mg, len(doses) > 1)
