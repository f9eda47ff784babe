"""Predicted effects as findings: few, marked as guesses, only where nothing is stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from embeddings.predict import Predictor
from embeddings.scorer import FloatArray
from embeddings.stated import StatedEffects
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
PAIRS_KEPT = 65_536
"""For so many pairs the likeliest effects are kept, so that asking again costs nothing."""
RECOMMENDATION = (
    "A statistical guess from interactions of similar drugs; no loaded source states this one."
)

_Pair = tuple[Curie, Curie]


class _Guess(NamedTuple):
    """An effect by its place in the model, and its calibrated probability."""

    effect: int
    probability: float


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
    """A detector of effects that a model finds likely for pairs about which the graph is silent.

    ``stated`` knows what else is stated of pairs, beside training, validation and the graph's
    edges; only pairs of which something would be told are asked for.
    """

    def __init__(
        self, bundle: Bundle, graph: KnowledgeGraph, stated: StatedEffects | None = None
    ) -> None:
        self.predictor = Predictor(bundle)
        self._bundle = bundle
        self._graph = graph
        self._stated = stated or StatedEffects(graph)
        self._likely: dict[_Pair, tuple[_Guess, ...]] = {}
        self._evidence = Evidence(
            source="infores:coprescribe",
            knowledge_level=KnowledgeLevel.PREDICTION,
            agent_type=AgentType.COMPUTATIONAL_MODEL,
            version=bundle.id,
            licence=bundle.licence,
        )

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the likeliest effects of pairs without a stated interaction, best first.

        An effect is told only when nothing states it, and its probability and its lift over the
        base rate reach the thresholds that validation set for such pairs. Pairs with a drug that
        the model does not know are passed over.
        """
        drugs = sorted((d for d in regimen.drugs if self.predictor.knows(str(d))), key=str)
        pairs = list(combinations(drugs, 2))
        self._score([pair for pair in pairs if pair not in self._likely])
        likely = [(guess, pair) for pair in pairs for guess in self._likely.get(pair, ())]
        likely.sort(key=lambda found: -found[0].probability)
        for guess, pair in likely[:MOST_FINDINGS]:
            yield self._finding(pair, guess.effect, guess.probability)

    def _score(self, pairs: list[_Pair]) -> None:
        """Find what is likely for pairs that were not asked for before; all of them at once."""
        if len(self._likely) + len(pairs) > PAIRS_KEPT:
            self._likely = {}
        silent = [pair for pair in pairs if not self._graph.pair_edges(*pair)]
        silent = self._tellable(silent)
        found: dict[_Pair, tuple[_Guess, ...]] = dict.fromkeys(pairs, ())
        if silent:
            found |= dict(zip(silent, self._guesses(silent), strict=True))
        self._likely.update(found)

    def _tellable(self, pairs: list[_Pair]) -> list[_Pair]:
        """Keep pairs of a kind of which validation lets anything be told: others are not scored."""
        told = self._bundle.calibration.tells
        if not pairs or told.all():
            return pairs
        kinds = self.predictor.kinds(
            self.predictor.indices([(str(first), str(second)) for first, second in pairs])
        )
        return [pair for pair, kind in zip(pairs, kinds.tolist(), strict=True) if told[kind]]

    def _guesses(self, pairs: list[_Pair]) -> list[tuple[_Guess, ...]]:
        named = [(str(first), str(second)) for first, second in pairs]
        rows = self.predictor.indices(named)
        probability = self.predictor.probabilities(rows)
        calibration = self._bundle.calibration
        least = calibration.thresholds[self.predictor.kinds(rows)]
        shown = (probability >= least[:, None]) & (
            probability >= calibration.lift_threshold * calibration.base_rate
        )
        telling = np.flatnonzero(shown.any(axis=1))
        if len(telling):
            known = self._stated.of([named[row] for row in telling.tolist()])
            shown[telling] &= ~self.predictor.stated(rows[telling], known)
        return [
            tuple(_best(row, np.flatnonzero(held)))
            for row, held in zip(probability, shown, strict=True)
        ]

    def _finding(self, pair: _Pair, effect: int, probability: float) -> Finding:
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


def _best(probability: FloatArray, effects: IntArray) -> Iterator[_Guess]:
    """Yield the likeliest of some effects, as many as one answer may tell."""
    order = np.argsort(-probability[effects], kind="stable")[:MOST_FINDINGS]
    for effect in effects[order].tolist():
        yield _Guess(effect, float(probability[effect]))
