"""Predicted effects as findings: few, marked as guesses, only where nothing is stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from embeddings.predict import Predictor
from embeddings.store import Bundle
from embeddings.triples import IntArray
from kg.graph import KnowledgeGraph
from kg.model import Evidence
from kg.screening.engine import ChangedFinding, Question
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, KnowledgeLevel

MOST_FINDINGS = 5
"""A regimen gets no more predictions than this, the likeliest ones."""
RECOMMENDATION = (
    "A statistical guess from interactions of similar drugs; no loaded source states this one."
)


def settled(found: Iterable[ChangedFinding], question: Question) -> tuple[ChangedFinding, ...]:
    """Keep no more than the allowed predictions, and only changes that the question brings.

    As a regimen gets a few predictions only, a new one may push out one of drugs that stay, and a
    stopped drug may let one of them in: neither is a change, and neither is told.
    """
    added = tuple(entry.drug for entry in question.adding)
    moving = {Change.CREATED: added, Change.RESOLVED: question.stopping}
    kept, told = [], 0
    for changed in found:
        if changed.finding.kind is FindingKind.PREDICTED_EFFECT:
            causes = moving.get(changed.change, changed.finding.drugs)
            if told == MOST_FINDINGS or set(causes).isdisjoint(changed.finding.drugs):
                continue
            told += 1
        kept.append(changed)
    return tuple(kept)


class PredictedEffects:
    """A detector of effects that a model finds likely for pairs about which the graph is silent."""

    def __init__(self, bundle: Bundle, graph: KnowledgeGraph) -> None:
        self._bundle = bundle
        self._graph = graph
        self._predictor = Predictor(bundle)
        self._evidence = Evidence(
            source="infores:coprescribe",
            knowledge_level=KnowledgeLevel.PREDICTION,
            agent_type=AgentType.COMPUTATIONAL_MODEL,
            version=bundle.id,
            licence=bundle.licence,
        )

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the likeliest effects of pairs without a stated interaction, best first.

        An effect is told only when its probability and its lift over the base rate reach the
        thresholds that validation set. Pairs with a drug that the model does not know are passed
        over.
        """
        pairs = self._silent_pairs(regimen)
        if not pairs:
            return
        probability = self._predictor.probabilities(self._indices(pairs))
        calibration = self._bundle.calibration
        shown = (probability >= calibration.probability_threshold) & (
            probability >= calibration.lift_threshold * calibration.base_rate
        )
        rows, effects = np.nonzero(shown)
        best = np.argsort(-probability[rows, effects], kind="stable")[:MOST_FINDINGS]
        for row, effect in zip(rows[best].tolist(), effects[best].tolist(), strict=True):
            yield self._finding(pairs[row], effect, float(probability[row, effect]))

    def _silent_pairs(self, regimen: Regimen) -> list[tuple[Curie, Curie]]:
        drugs = sorted((d for d in regimen.drugs if self._predictor.knows(str(d))), key=str)
        return [pair for pair in combinations(drugs, 2) if not self._graph.pair_edges(*pair)]

    def _indices(self, pairs: list[tuple[Curie, Curie]]) -> IntArray:
        return np.array([[self._predictor.index(str(drug)) for drug in pair] for pair in pairs])

    def _finding(self, pair: tuple[Curie, Curie], effect: int, probability: float) -> Finding:
        return Finding(
            kind=FindingKind.PREDICTED_EFFECT,
            severity=None,
            precipitants=pair,
            affected=(),
            evidence=(self._evidence,),
            effect=Curie.parse(self._bundle.train.effects[effect]),
            probability=probability,
            baseline_probability=float(self._bundle.calibration.base_rate[effect]),
            recommendation=RECOMMENDATION,
        )
