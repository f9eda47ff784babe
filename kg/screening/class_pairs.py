"""Two drugs or classes that work against each other, or must not meet for another reason. Pure.

What changes the level of a drug through an enzyme, and what two drugs add to one burden, is
concluded elsewhere. Here stand opposed effects and what labels and guidelines say of two classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, product

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.documented import MECHANISM_NAMES
from kg.screening.double_rules import codes_by_route
from kg.screening.effects import GENERAL
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Instruction, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from kg.screening.targets import ATC_LEVELS, Targets, names_drug, precision
from ontologies.curie import Curie

DRUGS_KEPT = 4_096
"""Of how many drugs and routes the classes stay as objects."""
PAIRS_KEPT = 16_384
"""Of how many pairs what was found stays as objects."""


@dataclass(frozen=True, slots=True)
class ClassPair:
    """What to say of a drug under one target beside another drug under the other.

    Where the effect is more or less of a drug, ``one`` acts and ``other`` is what there is more or
    less of. A severity of ``None`` says that nothing is to be told, on purpose.
    """

    one: str
    other: str
    name: str
    effect: Curie
    mechanism: str
    severity: Severity | None
    recommendation: str
    reference: str

    @property
    def precision(self) -> int:
        """How narrow the pair is: a drug counts more than any class, a class by its level."""
        return precision(self.one) + precision(self.other)


@dataclass(frozen=True, slots=True)
class _Told:
    """A rule with the drugs that it is about, in its order."""

    rule: ClassPair
    one: Curie
    other: Curie


@dataclass(frozen=True)
class ClassPairs:
    """One finding per pair and effect: what the narrowest row about the two says, if anything.

    A narrower row counts even where it is milder, and of rows as narrow the gravest. A drug with
    a ``local`` route alone takes part only through the classes of that place.
    """

    targets: Targets
    rules: tuple[ClassPair, ...]
    local: frozenset[str] = frozenset()
    _by_targets: Mapping[tuple[str, str], tuple[ClassPair, ...]] = field(
        init=False, repr=False, compare=False
    )
    _named: frozenset[str] = field(init=False, repr=False, compare=False)
    _met: Callable[[Curie, str | None], frozenset[str]] = field(
        init=False, repr=False, compare=False
    )
    _told: Callable[[Curie, frozenset[str], Curie, frozenset[str]], tuple[Finding, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Index the rows, and keep what was told of the pairs that were asked for last."""
        found: dict[tuple[str, str], tuple[ClassPair, ...]] = {}
        for rule in self.rules:
            key = (rule.one, rule.other)
            found[key] = (*found.get(key, ()), rule)
        object.__setattr__(self, "_by_targets", found)
        object.__setattr__(self, "_named", frozenset(t for key in found for t in key))
        object.__setattr__(self, "_met", lru_cache(DRUGS_KEPT)(self._met_by))
        object.__setattr__(self, "_told", lru_cache(PAIRS_KEPT)(self._of_pair))

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.targets.graph

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield what the rows say of the pairs of a regimen."""
        del patient
        met: dict[Curie, frozenset[str]] = {}
        for entry in regimen.entries:
            held, known = self._met(entry.drug, entry.route), met.get(entry.drug)
            met[entry.drug] = held if known is None else known | held
        drugs = sorted(drug for drug, targets in met.items() if targets)
        for first, second in combinations(drugs, 2):
            yield from self._told(first, met[first], second, met[second])

    def _met_by(self, drug: Curie, route: str | None) -> frozenset[str]:
        """The targets of rows that a drug falls under when it is taken by a route."""
        codes = codes_by_route(self.targets.atc_codes(drug), route, self.local)
        found = {f"ATC:{code[:n]}" for code in codes for n in ATC_LEVELS if n <= len(code)}
        if route not in self.local:
            found |= {t for t in self.targets.of(drug) if not t.startswith("ATC:")}
        return frozenset(found) & self._named

    def _of_pair(
        self, first: Curie, its: frozenset[str], second: Curie, others: frozenset[str]
    ) -> tuple[Finding, ...]:
        held = [
            _Told(rule, first, second)
            for key in product(its, others)
            for rule in self._by_targets.get(key, ())
        ]
        held += [
            _Told(rule, second, first)
            for key in product(others, its)
            for rule in self._by_targets.get(key, ())
        ]
        by_effect: dict[Curie, _Told] = {}
        for told in sorted(held, key=_weight):
            by_effect.setdefault(told.rule.effect, told)
        graded = (told for told in by_effect.values() if told.rule.severity)
        return tuple(map(self._finding, graded))

    def _finding(self, told: _Told) -> Finding:
        rule, name = told.rule, self.graph.name
        acts = rule.effect in GENERAL
        why = MECHANISM_NAMES[rule.mechanism]
        links = (
            *self.targets.links(told.one, rule.one),
            *self.targets.links(told.other, rule.other),
        )
        said = entailed(
            self.graph,
            rule.severity,
            derived_from=tuple(dict.fromkeys(links)),
            statement=f"{name(told.one)} with {name(told.other)}: {rule.name}",
            reference=rule.reference,
        )
        both = f"{name(told.one)} + {name(told.other)}"
        path = (Step(both, "contributes to", name(rule.effect)),)
        return Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=rule.severity,
            precipitants=(told.one,) if acts else tuple(sorted((told.one, told.other))),
            affected=(told.other,) if acts else (),
            evidence=(said,),
            effect=rule.effect,
            mechanism=Mechanism(why, rule.mechanism, path),
            recommendation=rule.recommendation,
            instruction=_instruction(rule),
        )


def _instruction(rule: ClassPair) -> Instruction | None:
    if rule.severity is None:
        return None
    mild = rule.severity.rank <= Severity.MODERATE.rank
    settles = mild and names_drug(rule.one) and names_drug(rule.other)
    return Instruction(rule.severity, rule.recommendation, settles)


def _weight(told: _Told) -> tuple[int, int, str, str, Curie]:
    """Sort the narrowest first, then the gravest."""
    rule = told.rule
    grave = rule.severity.rank if rule.severity else 0
    return (-rule.precision, -grave, rule.one, rule.other, told.one)
