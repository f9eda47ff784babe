"""Documented interactions: what the loaded sources state of two drugs of the regimen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence, Severity, worst
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Finding, FindingKind, Mechanism, Modifier, Step
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie

PAIRS_KEPT = 16_384
"""Of how many pairs what is stated stays as objects once they were asked for."""
MECHANISM_NAMES = {
    "enzyme_inhibition": "inhibition of metabolism",
    "enzyme_induction": "induction of metabolism",
    "transporter": "change of drug transport",
    "absorption": "change of absorption",
    "renal_excretion": "change of renal excretion",
    "protein_binding": "displacement from protein binding",
    "additive_pharmacodynamic": "added effects",
    "antagonism": "opposed effects",
    "unknown": "mechanism not known",
}


@dataclass(frozen=True)
class DocumentedInteractions:
    """One finding per pair and clinical effect, with the worst :func:`headline` of what is stated.

    A statement that names several effects counts once, under the effect that it is mainly about.
    Conditions under which a source states one severity or another come as modifiers whose presence
    is not known, in its own words between quotation marks.
    """

    graph: KnowledgeGraph
    _told: Callable[[Curie, Curie], tuple[Finding, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Keep what is stated of the pairs that were asked for last."""
        object.__setattr__(self, "_told", lru_cache(PAIRS_KEPT)(self._of_pair))

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield what is stated of every pair of the regimen."""
        del patient
        for first, second in combinations(sorted(regimen.drugs), 2):
            yield from self._told(first, second)

    def _of_pair(self, first: Curie, second: Curie) -> tuple[Finding, ...]:
        statements: dict[tuple[Curie, str | None], list[Edge]] = {}
        for edge in self.graph.pair_edges(first, second):
            if any(evidence.primary for evidence in edge.evidence):
                key = (edge.object, edge.qualifier("mechanism"))
                statements.setdefault(key, []).append(edge)
        ordered = sorted(statements.items(), key=lambda item: str(item[0]))
        return tuple(
            self._finding((first, second), effect, kind, edges) for (effect, kind), edges in ordered
        )

    def _finding(
        self, pair: tuple[Curie, Curie], effect: Curie, kind: str | None, edges: list[Edge]
    ) -> Finding:
        stated = tuple(e for edge in edges for e in edge.evidence if e.primary)
        return Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=worst(headline(evidence) for evidence in stated),
            precipitants=pair,
            affected=(),
            evidence=stated,
            effect=effect,
            mechanism=self._mechanism(pair, effect, kind),
            recommendation=_recommendation(stated),
            modifiers=_conditions(stated),
        )

    def _mechanism(self, pair: tuple[Curie, Curie], effect: Curie, kind: str | None) -> Mechanism:
        names = " + ".join(self.graph.name(drug) for drug in pair)
        path = (Step(names, "contributes to", self.graph.name(effect)),)
        return Mechanism(MECHANISM_NAMES.get(kind or "unknown", "stated interaction"), kind, path)


_UNCONFIRMED: Mapping[Severity | None, Severity] = {
    Severity.CONTRAINDICATED: Severity.MAJOR,
    Severity.MAJOR: Severity.MODERATE,
    Severity.MODERATE: Severity.MINOR,
    Severity.MINOR: Severity.MINOR,
}


def headline(evidence: Evidence) -> Severity | None:
    """Severity that one statement brings to the headline.

    One that holds only under a condition which nobody confirmed (a high dose, a failing kidney, a
    route) counts one level lower; the condition itself stands beside it as a modifier.
    """
    return _UNCONFIRMED.get(evidence.severity) if evidence.condition else evidence.severity


def forbids(evidence: Evidence) -> bool:
    """Tell whether a source other than us contraindicates a pair whoever takes it."""
    stated = evidence.severity is Severity.CONTRAINDICATED and not evidence.condition
    return stated and evidence.source != OWN_SOURCE


ADVICE = {
    Severity.CONTRAINDICATED: "Do not combine.",
    Severity.MAJOR: "Avoid the combination; if it cannot be avoided, monitor closely.",
    Severity.MODERATE: "Combine with precaution: adjust the dose or monitor.",
    Severity.MINOR: "Take the added risk into account.",
}
"""What each level asks for, in our words; the source's own advice follows it in quotation marks."""
WEIGH = "Ask whether both are needed; if they are, monitor more closely than usual."
"""What stands in their place, behind the reasons, where facts of the patient raise a level."""
WEIGH_MANY = WEIGH.replace("both", "all")
"""The same of more drugs than two."""


def _recommendation(stated: tuple[Evidence, ...]) -> str | None:
    severity = worst(headline(evidence) for evidence in stated)
    own = ADVICE[severity] if severity else None
    fitting = (e for e in sorted(stated, key=_worst_first) if _fits(e, severity))
    said = next((f"« {e.recommendation} »" for e in fitting if e.recommendation), None)
    return " ".join(part for part in (own, said) if part) or None


def _fits(evidence: Evidence, severity: Severity | None) -> bool:
    """Tell whether a source's words fit behind our words for a level.

    What is said under a condition is meant at the level that stands beside it: "outside the
    approved uses" behind "combine with precaution" would say the opposite of what its source says.
    """
    return not evidence.condition or evidence.severity is severity


def _conditions(stated: tuple[Evidence, ...]) -> tuple[Modifier, ...]:
    return tuple(
        Modifier(f"« {e.condition} »", None, e.severity.value if e.severity else None, (e,))
        for e in stated
        if e.condition
    )


def _worst_first(evidence: Evidence) -> int:
    return -(evidence.severity.rank if evidence.severity else 0)
