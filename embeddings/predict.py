"""What a model guesses of a pair of drugs, beside what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from embeddings.scorer import FloatArray
from embeddings.store import Bundle
from embeddings.triples import Facts, IntArray


class NotInModel(LookupError):
    """The model has learned nothing of a drug, so it says nothing about it."""

    def __init__(self, drug: str, model_id: str) -> None:
        super().__init__(f"model {model_id} knows no drug {drug!r}; it cannot predict its effects")
        self.drug = drug


@dataclass(frozen=True, slots=True)
class Prediction:
    """A guessed effect of a pair: calibrated probability, the effect's base rate, and their ratio.

    ``known`` tells that the fact is stated, so that it is no guess.
    """

    drugs: tuple[str, str]
    effect: str
    probability: float
    base_rate: float
    lift: float
    known: bool


class Predictor:
    """Probabilities of all effects of pairs, by a loaded bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._scorer = bundle.scorer
        facts = np.bincount(bundle.train.array[:, [0, 2]].ravel())
        learned: list[int] = np.flatnonzero(facts).tolist()
        self._place: dict[str, int] = {bundle.train.drugs[i]: i for i in learned}
        self._all_effects = np.arange(len(bundle.train.effects))

    def knows(self, drug: str) -> bool:
        """Tell whether training had a fact about the drug."""
        return drug in self._place

    def index(self, drug: str) -> int:
        """Index of a drug in the model.

        Raises:
            NotInModel: It has none.
        """
        try:
            return self._place[drug]
        except KeyError:
            raise NotInModel(drug, self.bundle.id) from None

    def probabilities(self, pairs: IntArray) -> FloatArray:
        """Probability of every effect of pairs, rows of two drug indices: (pairs, effects)."""
        return self.bundle.calibration.probability(
            self._scorer.effect_scores(pairs), self._all_effects
        )

    def top(
        self, first: str, second: str, count: int, known: Facts | None = None
    ) -> list[Prediction]:
        """Likeliest effects of two drugs, best first; what ``known`` or training state is marked.

        Raises:
            NotInModel: The model does not know one of the drugs.
        """
        pair = np.array([[self.index(first), self.index(second)]])
        probability = self.probabilities(pair)[0]
        stated = _effects_of((first, second), (self.bundle.train, *((known,) if known else ())))
        order = np.argsort(-probability, kind="stable")[:count]
        return [self._prediction((first, second), int(i), probability[i], stated) for i in order]

    def _prediction(
        self, pair: tuple[str, str], effect: int, probability: float, stated: frozenset[str]
    ) -> Prediction:
        base = float(self.bundle.calibration.base_rate[effect])
        curie = self.bundle.train.effects[effect]
        lift = float(probability) / base if base else 0.0
        drugs = (min(pair), max(pair))
        return Prediction(drugs, curie, float(probability), base, lift, curie in stated)


def _effects_of(pair: tuple[str, str], sets: Iterable[Facts]) -> frozenset[str]:
    stated: set[str] = set()
    for facts in sets:
        asked = Facts.of((pair[0], effect, pair[1]) for effect in facts.effects).over(
            facts.vocabulary
        )
        both = asked.keep(facts.states(asked.codes))
        stated.update(effect for _, effect, _ in both.triples())
    return frozenset(stated)
