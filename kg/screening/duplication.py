"""Duplication: one ingredient under two names, and several drugs of one class. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.absorption import ORAL
from kg.screening.double_rules import DoubleRule, DoubleRules, codes_by_route
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import ATC_LEVELS, Targets
from ontologies.curie import Curie

DRUGS_KEPT = 4_096
"""Of how many drugs and routes the classes stay as objects."""
DOUBLES_KEPT = 1_024
"""Of how many drugs of one class together what was told stays as an object."""


@dataclass(frozen=True)
class Duplications:
    """One finding per ingredient under several names, and one per class with several drugs.

    Of the rules that two drugs fall under the gravest counts, and of those as grave the one of the
    narrowest class. What is given together on purpose is silent. A route that is stated leaves out
    the classes of other routes.
    """

    targets: Targets
    rules: DoubleRules = field(default_factory=DoubleRules)
    _groups: Callable[[Curie, str | None], frozenset[str]] = field(
        init=False, repr=False, compare=False
    )

    _told: Callable[[DoubleRule, tuple[Curie, ...]], Finding] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Keep the classes of the drugs that were asked for last, and what was told of them."""
        object.__setattr__(self, "_groups", lru_cache(DRUGS_KEPT)(self._groups_of))
        object.__setattr__(self, "_told", lru_cache(DOUBLES_KEPT)(self._same_class))

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.targets.graph

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the ingredients and the classes that are taken twice."""
        del patient
        repeated = dict(regimen.repeated)
        for drug, names in repeated.items():
            is_meant = (str(drug), str(drug)) in self.rules.accepted
            if not (is_meant or self._acts_apart(drug, regimen)):
                yield self._same_ingredient(drug, names)
        if self.rules.rules:
            yield from self._in_two_places(regimen, repeated)
            for rule, pairs in self._of_classes(regimen).items():
                yield self._told(rule, tuple(dict.fromkeys(d for pair in pairs for d in pair)))

    def _in_two_places(self, regimen: Regimen, told: Container[Curie]) -> Iterator[Finding]:
        """Yield what is taken under one name where it acts and for the whole body too.

        Only where a rule speaks of two classes that differ by that, such as an NSAID by mouth and
        on the skin: a cream beside a tablet is often meant so. What tells no route is not local.
        """
        local = {e.drug: e for e in regimen.entries if e.route in self.rules.local}
        wide = (e for e in regimen.entries if e.drug in local and e.route not in self.rules.local)
        for one in {e.drug: e for e in wide if e.drug not in told}.values():
            other = local[one.drug]
            groups = (one.route or ORAL, other.route)
            rule = self.rules.of_pair(*(self._groups(one.drug, route) for route in groups))
            if rule and rule.one != rule.other:
                names = (_way(one), _way(other))
                yield self._same_ingredient(one.drug, names, rule.reference, rule.recommendation)

    def _acts_apart(self, drug: Curie, regimen: Regimen) -> bool:
        """Tell whether each name of a drug acts in a place of its own: a spray and an inhaler."""
        lines = {(e.route, e.written.casefold()) for e in regimen.entries if e.drug == drug}
        routes = {route for route, _ in lines}
        return routes <= self.rules.local and len(routes) == len(lines)

    def _same_ingredient(
        self, drug: Curie, names: tuple[str, ...], reference: str | None = None, advice: str = ""
    ) -> Finding:
        name = self.graph.name(drug)
        said = entailed(
            self.graph,
            Severity.MAJOR,
            statement=f"{' and '.join(names)} hold the same ingredient, {name}",
            reference=reference,
        )
        return Finding(
            kind=FindingKind.DUPLICATION,
            severity=Severity.MAJOR,
            precipitants=(drug, drug),
            affected=(),
            evidence=(said,),
            mechanism=Mechanism(
                "same ingredient twice",
                "duplication",
                tuple(Step(written, "has active ingredient", name) for written in names),
            ),
            recommendation=advice
            or f"Check whether {name} is meant to be taken twice; stop one if not.",
        )

    def _same_class(self, rule: DoubleRule, drugs: tuple[Curie, ...]) -> Finding:
        found = self.targets.links
        links = (link for d in drugs for t in (rule.one, rule.other) for link in found(d, t))
        said = entailed(
            self.graph,
            rule.severity,
            derived_from=tuple(dict.fromkeys(links)),
            statement=f"{' and '.join(map(self.graph.name, drugs))}: {rule.name}",
            reference=rule.reference,
        )
        return Finding(
            kind=FindingKind.DUPLICATION,
            severity=rule.severity,
            precipitants=drugs,
            affected=(),
            evidence=(said,),
            mechanism=Mechanism(
                f"class taken twice: {rule.name}",
                "duplication",
                tuple(Step(self.graph.name(drug), "is a", rule.name) for drug in drugs),
            ),
            recommendation=rule.recommendation,
            points=len(drugs),
        )

    def _of_classes(self, regimen: Regimen) -> dict[DoubleRule, list[tuple[Curie, Curie]]]:
        groups: dict[Curie, frozenset[str]] = {}
        for entry in regimen.entries:
            told = groups.get(entry.drug, frozenset())
            groups[entry.drug] = told | self._groups(entry.drug, entry.route)
        found: dict[DoubleRule, list[tuple[Curie, Curie]]] = {}
        for pair in self._meeting(groups):
            rule = self.rules.of_pair(*(groups[drug] for drug in pair))
            if rule:
                found.setdefault(rule, []).append(pair)
        return found

    def _meeting(self, groups: Mapping[Curie, frozenset[str]]) -> list[tuple[Curie, Curie]]:
        """The pairs of which some rule speaks, sorted."""
        members: dict[str, list[Curie]] = {}
        for drug, targets in groups.items():
            for target in targets & self.rules.by_target.keys():
                members.setdefault(target, []).append(drug)
        sides = {(rule.one, rule.other) for t in members for rule in self.rules.by_target[t]}
        both = (product(members.get(one, ()), members.get(other, ())) for one, other in sides)
        return sorted({(min(p), max(p)) for pairs in both for p in pairs if p[0] != p[1]})

    def _groups_of(self, drug: Curie, route: str | None) -> frozenset[str]:
        codes = codes_by_route(self.targets.atc_codes(drug), route, self.rules.local)
        classes = (f"ATC:{code[:n]}" for code in codes for n in ATC_LEVELS if n <= len(code))
        return frozenset((str(drug), *classes))


def _way(entry: Entry) -> str:
    return f"{entry.written} ({entry.route})" if entry.route else entry.written
