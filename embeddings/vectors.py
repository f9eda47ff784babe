"""Vectors of drugs and effects: what a model learned, or what its counting amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from embeddings.counting.stack import PREFIX, model_weights, stack_weights
from embeddings.scorer import BilinearScorer, FloatArray, WeightArray, Weights
from embeddings.store import Bundle

COUNTED, LEARNED = "counted", "learned"
"""Kinds of vectors: of the weights that counting found between items, and of a learned model."""
DIMENSION = 64
"""Counted vectors have at most so many dimensions."""


class UnknownName(LookupError):
    """A model has neither a drug nor an effect of a name."""

    def __init__(self, text: str, known: Iterable[str]) -> None:
        near = get_close_matches(text, list(known), n=3)
        hint = f"; it has {', '.join(near)}" if near else ""
        super().__init__(f"the model has no drug and no effect {text!r}{hint}")
        self.text = text


class UnknownKind(LookupError):
    """A model has no vectors of a kind."""

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        super().__init__(f"the model has no vectors {kind!r}; it has: {', '.join(known)}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A drug or an effect near another one, by the cosine of their vectors."""

    curie: str
    name: str
    cosine: float


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Vectors of a model's drugs (drugs, d) and effects (effects, d), in the model's order.

    ``kept`` says for counted vectors which part of the squared weights between drugs, and between
    effects, the d dimensions give back; ``None`` for learned vectors, which are whole. Counted
    vectors of the fewer things end in zeros.
    """

    kind: str
    drugs: tuple[str, ...]
    effects: tuple[str, ...]
    of_drugs: FloatArray
    of_effects: FloatArray
    names: Mapping[str, str]
    kept: tuple[float, float] | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each drug and each effect, by CURIE: ``category name`` and the numbers."""
        parts = []
        for category, curies, table in (
            ("drug", self.drugs, self.of_drugs),
            ("effect", self.effects, self.of_effects),
        ):
            part = pd.DataFrame(table, index=pd.Index(curies, name="id"))
            part.insert(0, "name", [self._name(curie) for curie in curies])
            part.insert(0, "category", category)
            parts.append(part)
        return pd.concat(parts)

    def nearest(self, text: str, count: int = 5) -> list[Neighbour]:
        """Drugs nearest to a drug, or effects nearest to an effect, nearest first.

        ``text`` is a CURIE, or a name in any case; of a drug and an effect with one name the drug
        is meant.

        Raises:
            UnknownName: The model has neither a drug nor an effect of that name.
        """
        for curies, table in ((self.drugs, self.of_drugs), (self.effects, self.of_effects)):
            place = self._place(text, curies)
            if place is not None:
                return self._near(place, curies, table, count)
        raise UnknownName(text, map(self._name, (*self.drugs, *self.effects)))

    def _place(self, text: str, curies: tuple[str, ...]) -> int | None:
        wanted = text.casefold()
        matches = (
            place
            for place, curie in enumerate(curies)
            if wanted in (curie.casefold(), self._name(curie).casefold())
        )
        return next(matches, None)

    def _near(
        self, place: int, curies: tuple[str, ...], table: FloatArray, count: int
    ) -> list[Neighbour]:
        unit = unit_length(table)
        cosine = unit @ unit[place]
        order = [i for i in np.argsort(-cosine, kind="stable").tolist() if i != place][:count]
        return [Neighbour(curies[i], self._name(curies[i]), float(cosine[i])) for i in order]

    def _name(self, curie: str) -> str:
        return self.names.get(curie, curie)


def vectors_of(bundle: Bundle, names: Mapping[str, str], kind: str | None = None) -> Vectors:
    """Give the vectors of a model.

    ``counted``: eigenvectors of the weights between drugs and between effects in the stack, made
    symmetric, each times the root of its eigenvalue, the largest first: the dot product of two
    vectors is close to the weight of the one for the other. ``learned``: those of the learned
    model. Without a kind: counted where the model is stacked on counting, else learned.

    Raises:
        UnknownKind: The model has no vectors of that kind.
    """
    makers = {}
    if stack_weights(bundle.weights):
        makers[COUNTED] = _counted
    if model_weights(bundle.weights):
        makers[LEARNED] = _learned
    chosen = kind or next(iter(makers))
    if chosen not in makers:
        raise UnknownKind(chosen, makers)
    of_drugs, of_effects, kept = makers[chosen](bundle)
    train = bundle.train
    return Vectors(chosen, train.drugs, train.effects, of_drugs, of_effects, names, kept)


def unit_length(table: FloatArray) -> FloatArray:
    """Scale rows to length 1; a row of zeros stays as it is."""
    length = np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray(table / np.where(length > 0.0, length, 1.0), dtype=np.float64)


_Made = tuple[FloatArray, FloatArray, tuple[float, float] | None]


def _counted(bundle: Bundle) -> _Made:
    spectra = [_spectrum(bundle.weights[f"{PREFIX}{name}"]) for name in ("of_drugs", "of_effects")]
    size = min(DIMENSION, max(int((values > 0.0).sum()) for values, _ in spectra))
    parts = [_leading(values, vectors, size) for values, vectors in spectra]
    return parts[0][0], parts[1][0], (parts[0][1], parts[1][1])


def _leading(values: FloatArray, vectors: FloatArray, size: int) -> tuple[FloatArray, float]:
    """Vectors of ``size`` dimensions, zero where there are not so many, and what they keep."""
    kept = np.clip(values[:size], 0.0, None)
    table = np.zeros((len(values), size))
    table[:, : len(kept)] = vectors[:, : len(kept)] * np.sqrt(kept)
    return table, float((kept**2).sum() / max(float((values**2).sum()), 1e-12))


def _spectrum(weights: WeightArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues, the largest first, and eigenvectors, whose largest number is positive."""
    wide = weights.astype(np.float64)
    values, vectors = np.linalg.eigh((wide + wide.T) / 2.0)
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.sign(vectors[largest, np.arange(len(values))])


def _learned(bundle: Bundle) -> _Made:
    learned = model_weights(bundle.weights)
    parts = [_of_model(bundle, part) for part in _members(learned)]
    drugs, effects = (np.hstack(tables).astype(np.float64) for tables in zip(*parts, strict=True))
    return drugs, effects, None


def _of_model(bundle: Bundle, weights: Weights) -> tuple[WeightArray, WeightArray]:
    if "left" in weights:
        return weights["left"], weights["core"]
    scorer = BilinearScorer.of(bundle.config["config"]["interaction"], weights)
    return scorer.left, scorer.core


def _members(weights: Weights) -> list[Weights]:
    """Weights of each member of an ensemble; of the model itself where it is alone."""
    members = sorted({name.split("/")[0] for name in weights if "/" in name}, key=int)
    if not members:
        return [weights]
    return [
        {
            name.split("/", 1)[1]: array
            for name, array in weights.items()
            if name.startswith(f"{member}/")
        }
        for member in members
    ]
