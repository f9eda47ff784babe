"""Additive effects: one liability of several drugs, judged over the whole list. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from kg.screening.rules import POINTS, UNSTATED_GRADE, AdditiveRule, Contribution, points
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

SCORED = frozenset({"anticholinergic"})
"""Liabilities whose total is a score in practice and is told in words."""
DRUGS_KEPT = 4_096
"""Of how many drugs the liabilities stay as objects once they were asked for."""
BURDENS_KEPT = 4_096
"""Of how many liabilities and lists of drugs the burden stays as an object."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one drug brings to one liability, and the edge that says so."""

    liability: str
    contribution: Contribution
    edge: Edge
    edge_id: str


@dataclass(frozen=True)
class AdditiveEffects:
    """One finding per liability that several drugs share, as bad as the worst rule that holds."""

    graph: KnowledgeGraph
    rules: tuple[AdditiveRule, ...]
    _by_liability: Mapping[str, tuple[AdditiveRule, ...]] = field(
        init=False, repr=False, compare=False
    )
    _parts: Callable[[Curie], tuple[_Part, ...]] = field(init=False, repr=False, compare=False)
    _told: Callable[[str, tuple[Curie, ...]], Finding | None] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Index the rules, and keep the liabilities of the drugs that were asked for last."""
        rules: dict[str, list[AdditiveRule]] = {}
        for rule in sorted(self.rules, key=lambda rule: -rule.severity.rank):
            rules.setdefault(rule.liability, []).append(rule)
        ordered = {liability: tuple(found) for liability, found in rules.items()}
        object.__setattr__(self, "_by_liability", ordered)
        object.__setattr__(self, "_parts", lru_cache(DRUGS_KEPT)(self._parts_of))
        object.__setattr__(self, "_told", lru_cache(BURDENS_KEPT)(self._of_drugs))

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the burdens of a regimen."""
        del patient
        shared: dict[str, list[Curie]] = {}
        for drug in sorted(regimen.drugs):
            for liability in self._liabilities(drug):
                shared.setdefault(liability, []).append(drug)
        for liability, drugs in sorted(shared.items()):
            told = self._told(liability, tuple(drugs))
            if told:
                yield told

    def _liabilities(self, drug: Curie) -> Iterable[str]:
        """Liabilities of a drug, each once."""
        return dict.fromkeys(part.liability for part in self._parts(drug))

    def _of_drugs(self, liability: str, drugs: tuple[Curie, ...]) -> Finding | None:
        """The burden of all drugs of a list that have a liability; the same in every list."""
        parts = [p for drug in drugs for p in self._parts(drug) if p.liability == liability]
        rule = self._worst_rule(liability, [part.contribution for part in parts])
        return self._finding(rule, parts) if rule else None

    def _parts_of(self, drug: Curie) -> tuple[_Part, ...]:
        edges = self.graph.edges_from(drug, Predicate.PREDISPOSES_TO)
        return tuple(_part(drug, edge) for edge in edges)

    def _worst_rule(
        self, liability: str, contributions: Sequence[Contribution]
    ) -> AdditiveRule | None:
        if len(contributions) < _FEWEST:
            return None
        rules = self._by_liability.get(liability, ())
        return next((rule for rule in rules if rule.holds(contributions)), None)

    def _finding(self, rule: AdditiveRule, parts: Sequence[_Part]) -> Finding:
        effect = self.graph.name(rule.effect)
        brought = [part.contribution for part in parts]
        path = tuple(
            Step(self.graph.name(part.drug), f"predisposes to ({part.grade})", effect)
            for part in brought
        )
        score = self._score(brought) if rule.liability in SCORED else None
        concluded = entailed(
            self.graph,
            rule.severity,
            derived_from=tuple(part.edge_id for part in parts),
            statement=f"{rule.name}: {score}" if score else rule.name,
            reference=rule.reference,
        )
        stated = dict.fromkeys(e for part in parts for e in part.edge.evidence)
        return Finding(
            kind=FindingKind.ADDITIVE_EFFECT,
            severity=rule.severity,
            precipitants=tuple(dict.fromkeys(part.drug for part in brought)),
            affected=(),
            evidence=(concluded, *stated),
            effect=rule.effect,
            mechanism=Mechanism(f"additive: {rule.name}", "additive_pharmacodynamic", path),
            recommendation=" ".join(filter(None, (rule.recommendation, score and f"{score}."))),
            points=points(brought),
        )

    def _score(self, brought: Sequence[Contribution]) -> str:
        """The total of a scale from 1 to 3 per drug, in words."""
        worst = {part.drug: 0 for part in brought}
        for part in brought:
            worst[part.drug] = max(worst[part.drug], POINTS[part.grade])
        each = ", ".join(f"{self.graph.name(drug)} {count}" for drug, count in worst.items())
        return f"Total anticholinergic burden {points(brought)} ({each})"


_FEWEST = 2


def _part(drug: Curie, edge: Edge) -> _Part:
    grade = edge.qualifier("grade") or UNSTATED_GRADE
    contribution = Contribution(drug, edge.qualifier("group") or "", grade)
    return _Part(edge.qualifier("liability") or "", contribution, edge, edge.id)
