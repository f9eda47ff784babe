"""What a model guesses of pairs of drugs, beside what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.judging.metrics import usable
from embeddings.negatives import Novelty
from embeddings.scorer import FloatArray
from embeddings.store import Bundle
from embeddings.triples import Facts, IntArray

Mask = npt.NDArray[np.bool_]
Pair = tuple[str, str]


class NotInModel(LookupError):
    """The model has learned nothing of a drug, so it says nothing about it."""

    def __init__(self, drug: str, model_id: str) -> None:
        super().__init__(
            f"model {model_id} knows no drug {drug!r}; it cannot predict its effects. A model "
            "trained on facts of it can, and beside a known drug one that places new drugs by what "
            "is known of them alone (coprescribe train --config counts)"
        )
        self.drug = drug


class OneDrugTwice(ValueError):
    """A drug is asked about beside itself."""

    def __init__(self, drug: str) -> None:
        super().__init__(f"{drug} is given twice; a prediction is of two drugs")
        self.drug = drug


class UnknownEffect(LookupError):
    """The model has no effect of that name or code."""

    def __init__(self, text: str, model_id: str, near: Sequence[str] = ()) -> None:
        hint = f"; did you mean: {', '.join(near)}?" if near else ""
        super().__init__(f"model {model_id} predicts no effect {text!r}{hint}")
        self.text = text


@dataclass(frozen=True, slots=True)
class Prediction:
    """A guessed effect of a pair: calibrated probability, the effect's base rate, and their ratio.

    ``place`` is the effect's among all effects of the pair, the stated ones counted; ``rank`` the
    pair's among all pairs under the effect, ``None`` where the model has no table of them. 1 is the
    likeliest in both. ``came_true`` is a level of probability and the share of validation's guesses
    for pairs of this ``kind`` (of ``outcomes.KINDS``) that were held-out facts from it on.
    ``known`` tells that the fact is stated, so that it is no guess.
    """

    drugs: Pair
    effect: str
    kind: int
    probability: float
    base_rate: float
    lift: float
    place: int
    rank: int | None
    came_true: tuple[float, float] | None
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
        self._novelty = Novelty.of(bundle.train)

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

    def partners(self, drug: str) -> list[Pair]:
        """All pairs of a drug with another that the model knows.

        Raises:
            NotInModel: The model does not know it.
        """
        self.index(drug)
        return [(min(drug, other), max(drug, other)) for other in self._place if other != drug]

    def indices(self, pairs: Iterable[Pair]) -> IntArray:
        """Rows of two drug indices, the lower first.

        Raises:
            NotInModel: The model does not know one of the drugs.
            OneDrugTwice: A pair is a drug and itself.
        """
        named = [(self.index(first), self.index(second)) for first, second in pairs]
        rows = np.sort(np.array(named, dtype=np.int64).reshape(-1, 2), axis=1)
        for twice in rows[rows[:, 0] == rows[:, 1], 0][:1].tolist():
            raise OneDrugTwice(self.bundle.train.drugs[twice])
        return rows

    def kinds(self, pairs: IntArray) -> IntArray:
        """Kind of novelty of pairs to training, as in ``outcomes.KINDS``: (pairs,)."""
        first, second = pairs.T
        return self._novelty.kinds(np.column_stack((first, first, second)).astype(np.int32))

    def probabilities(self, pairs: IntArray) -> FloatArray:
        """Probability of every effect of pairs, rows of two drug indices: (pairs, effects).

        Raises:
            UnusableScores: The model gives NaN.
        """
        return self.bundle.calibration.probability(self._scores(pairs), self._all_effects)

    def stated(self, pairs: IntArray, known: Facts | None = None) -> Mask:
        """Tell which effects training, validation or ``known`` state of pairs: (pairs, effects)."""
        train = self.bundle.train
        n = len(train.drugs)
        row_of = np.full(n * n, -1, dtype=np.int64)
        row_of[pairs[:, 0] * n + pairs[:, 1]] = np.arange(len(pairs))
        mask = np.zeros((len(pairs), len(train.effects)), dtype=np.bool_)
        for facts in (
            train,
            self.bundle.valid,
            *((known.over(train.vocabulary),) if known else ()),
        ):
            row = row_of[facts.pair_codes]
            found = row >= 0
            mask[row[found], facts.array[found, 1]] = True
        return mask

    def top(
        self,
        pairs: Sequence[Pair],
        count: int,
        *,
        known: Facts | None = None,
        effects: Iterable[str] = (),
        stated: bool = False,
    ) -> list[Prediction]:
        """Likeliest effects of pairs, best first: those that nothing states, or only stated ones.

        Args:
            pairs: Of two drugs each; no pair stands twice.
            count: Most predictions.
            known: Further facts that are stated, beside those of training and validation.
            effects: The effects that are asked about; all when left out.
            stated: Give what is stated in place of what is not.

        Raises:
            NotInModel: The model does not know one of the drugs.
            OneDrugTwice: A pair is a drug and itself.
            UnknownEffect: It does not know one of the effects.
            UnusableScores: The model gives NaN.
        """
        rows = self.indices(pairs)
        scores = self._scores(rows)
        probability = self.bundle.calibration.probability(scores, self._all_effects)
        facts = self.stated(rows, known)
        asked = (facts == stated) & self._asked(effects)
        cells = np.flatnonzero(asked)
        order = cells[np.argsort(-probability.ravel()[cells], kind="stable")[:count]]
        kinds = self.kinds(rows)
        found = []
        for row, effect in zip(*np.divmod(order, scores.shape[1]), strict=True):
            place = int((probability[row] > probability[row, effect]).sum()) + 1
            drugs = min(pairs[row]), max(pairs[row])
            cell = (float(probability[row, effect]), float(scores[row, effect]), place)
            found.append(self._prediction(drugs, int(effect), int(kinds[row]), cell, known=stated))
        return found

    def _asked(self, effects: Iterable[str]) -> Mask:
        place = {effect: i for i, effect in enumerate(self.bundle.train.effects)}
        wanted = set(effects)
        for effect in sorted(wanted - place.keys()):
            raise UnknownEffect(effect, self.bundle.id)
        asked = np.full(len(place), not wanted)
        asked[[place[effect] for effect in wanted]] = True
        return asked

    def _scores(self, pairs: IntArray) -> FloatArray:
        return usable(self._scorer.effect_scores(pairs))

    def _prediction(
        self, drugs: Pair, effect: int, kind: int, cell: tuple[float, float, int], *, known: bool
    ) -> Prediction:
        probability, score, place = cell
        calibration, standings = self.bundle.calibration, self.bundle.standings
        base = float(calibration.base_rate[effect])
        return Prediction(
            drugs=drugs,
            effect=self.bundle.train.effects[effect],
            kind=kind,
            probability=probability,
            base_rate=base,
            lift=probability / base if base else 0.0,
            place=place,
            rank=None if standings is None else standings.rank(effect, score),
            came_true=None if known else calibration.outcomes.share(kind, probability),
            known=known,
        )
