"""What a model guesses of a drug that it has no fact of, from what is known of the drug alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embeddings.counting.stack import PREFIX
from embeddings.judging.metrics import usable
from embeddings.new_drugs.descriptions import Description
from embeddings.new_drugs.neighbours import MEASURES
from embeddings.new_drugs.odds import DRAWN, WITH, WITHOUT, Counted, NewDrugOdds, NewDrugs
from embeddings.predict import NotInModel, Prediction
from embeddings.scorer import FloatArray
from embeddings.store import Bundle

ONE_NEW, TWO_NEW = 2, 3
"""Kinds of novelty of a pair, as in ``outcomes.KINDS``."""


class NoNewDrugs(LookupError):
    """A model cannot place drugs that it has no fact of, or not by what is known of this one."""

    def __init__(self, model_id: str, kinds: Iterable[str] = ()) -> None:
        told = " or ".join(_NEEDED[kind] for kind in kinds)
        super().__init__(
            f"model {model_id} tells of a drug that it has no fact of by {told}; nothing of that "
            "is known here"
            if told
            else f"model {model_id} tells nothing of drugs that it has no fact of; train one that "
            "does with: coprescribe train --config counts"
        )
        self.model_id = model_id


_NEEDED = {
    WITH: "effects reported of it alone",
    WITHOUT: "its genes and its structure",
    DRAWN: "its structure",
}


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest drug that the model has facts of, and how far it is: 0 the same, 1 unlike."""

    drug: str
    distance: float


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """Guesses for a pair with a new drug, best first, and how near known drugs are.

    ``kind`` is ``with_effects`` where effects of the new drug alone were used, which are known only
    once a drug is marketed, else ``without_effects``, or ``structure_alone`` where no gene of the
    drug is known. ``abstained`` says why nothing is guessed.
    """

    predictions: tuple[Prediction, ...]
    kind: str
    structure: Near | None
    targets: Near | None
    abstained: str | None


class NewDrugPredictor:
    """Predictions for described drugs, by a loaded bundle."""

    def __init__(self, bundle: Bundle) -> None:
        """Take a bundle.

        Raises:
            NoNewDrugs: It cannot place new drugs.
        """
        if bundle.new_drugs is None:
            raise NoNewDrugs(bundle.id)
        self.bundle = bundle
        self._new: NewDrugs = bundle.new_drugs
        counted = Counted(bundle.train, bundle.weights[f"{PREFIX}of_effects"])
        self._odds = NewDrugOdds(self._new, counted)

    def predict(
        self,
        description: Description,
        partner: str | Description,
        count: int,
        *,
        names: tuple[str, str] = ("new drug", "other new drug"),
    ) -> NewPrediction:
        """Likeliest effects of a described drug with one that the model knows, or with another.

        ``names`` are told for drugs that are described.

        Raises:
            NotInModel: The partner is a CURIE without training facts.
            NoNewDrugs: The model was trained without descriptions of this kind.
            UnusableScores: The model gives NaN.
        """
        place: int | Description
        if isinstance(partner, Description):
            place, drugs, described = partner, names, [description, partner]
        else:
            place, drugs, described = self._place_of(partner), (names[0], partner), [description]
        kind = self._kind(described)
        near = {name: self._nearest(name, description) for name in MEASURES}
        reason = next(filter(None, (self._too_far(kind, drug) for drug in described)), None)
        found: tuple[Prediction, ...] = ()
        if reason is None:
            two_new = len(described) > 1
            odds = usable(self._odds.odds(description, place, kind))
            probability = self._odds.probability(odds, kind, two_new=two_new)
            found = self._listed(probability, drugs, TWO_NEW if two_new else ONE_NEW, count)
        return NewPrediction(found, kind, near["structure"], near["targets"], reason)

    def _kind(self, described: list[Description]) -> str:
        usable = [WITH] * all(drug.effects for drug in described)
        usable += [WITHOUT] * all(drug.genes for drug in described)
        for kind in (*usable, DRAWN, WITHOUT):
            if kind in self._new.surfaces:
                return kind
        raise NoNewDrugs(self.bundle.id, self._new.surfaces)

    def _nearest(self, kind: str, description: Description) -> Near | None:
        if not description.of(kind):
            return None
        likeness = self._odds.likeness.near(kind, description)
        best = int(np.argmax(likeness))
        drug = self.bundle.train.drugs[int(self._odds.counted.old[best])]
        return Near(drug, round(max(0.0, 1.0 - float(likeness[best])), 6))

    def _too_far(self, kind: str, description: Description) -> str | None:
        """Say why nothing can be told of a drug: unknown, or beyond every measured limit."""
        nearest = {name: self._nearest(name, description) for name in MEASURES}
        if kind == WITH:
            return None
        if not any(nearest.values()):
            return "neither a structure nor a target of the drug is known"
        limits: Mapping[str, Any] = self._new.told[kind]["one"].get("limits", {})
        beyond = []
        for name, near in nearest.items():
            limit = limits.get(name, {}).get("limit")
            if near is None:
                continue
            if limit is None or near.distance < limit:
                return None
            beyond.append(f"in {name} its nearest known drug is {near.distance:.2f} away")
        return f"too unlike every known drug: {' and '.join(beyond)}"

    def _place_of(self, drug: str) -> int:
        place = self._places.get(drug)
        if place is None:
            raise NotInModel(drug, self.bundle.id)
        return place

    @cached_property
    def _places(self) -> dict[str, int]:
        return {self.bundle.train.drugs[i]: i for i in self._odds.counted.old.tolist()}

    def _listed(
        self, probability: FloatArray, drugs: tuple[str, str], novelty: int, count: int
    ) -> tuple[Prediction, ...]:
        base = self._odds.counted.base_rate
        order = np.argsort(-probability, kind="stable")[:count]
        return tuple(
            Prediction(
                drugs=drugs,
                effect=self.bundle.train.effects[effect],
                kind=novelty,
                probability=float(probability[effect]),
                base_rate=float(base[effect]),
                lift=float(probability[effect] / base[effect]),
                place=place + 1,
                rank=None,
                came_true=None,
                known=False,
            )
            for place, effect in enumerate(order.tolist())
        )


def predict_new(
    bundle: Bundle, description: Description, partner: str | Description, count: int
) -> NewPrediction:
    """Ask once; whoever asks again keeps a :class:`NewDrugPredictor`.

    Raises:
        NotInModel: The partner is a CURIE without training facts.
        NoNewDrugs: The model cannot place new drugs by what is known of this one.
    """
    return NewDrugPredictor(bundle).predict(description, partner, count)
