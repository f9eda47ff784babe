"""How alike drugs are by what is known of each alone, and what a new one takes from neighbours.

A new drug's counts are those of the known drugs, weighed by kernel ridge regression on centred
kernels, so that the weights sum to 1: a drug that is like none gets the mean of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.new_drugs.descriptions import KINDS, Description, Descriptions
from embeddings.scorer import FloatArray, WeightArray
from embeddings.triples import IntArray

LEAST_DRUGS = 2
"""What fewer known drugs have says nothing of likeness."""

MEASURES: Mapping[str, str] = {"structure": "tanimoto", "targets": "cosine"}
"""By which measure the nearest known drug is found, by kind of description."""

Part = tuple[str, str, float]

KERNELS: Mapping[str, tuple[Part, ...]] = {
    "effects": (("effects", "cosine", 1.0), ("effects", "number", 0.3)),
    "structure": (
        ("targets", "cosine", 0.25),
        ("targets", "number", 0.2),
        ("affects", "cosine", 0.25),
        ("affects", "number", 0.2),
        ("substrate_of", "cosine", 0.25),
        ("substrate_of", "number", 0.2),
        ("structure", "tanimoto", 0.5),
    ),
    "drawing": (("structure", "tanimoto", 1.0),),
}
"""Sums of likenesses by name: kind of description, measure, weight.

``cosine`` weighs what fewer drugs have more; ``number`` is a normal curve of how far apart two
drugs are in the logarithm of how much is known of each; ``tanimoto`` is shared over all.
"""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of one kind, of all known drugs: pairs of a drug's and an object's index.

    ``weight`` (objects,) weighs the rarer ones more; ``length`` (drugs,) are norms so weighed.
    """

    place: Mapping[str, int]
    drug: IntArray
    object: IntArray
    weight: FloatArray
    length: FloatArray
    number: FloatArray

    @classmethod
    def of(cls, descriptions: Descriptions, drugs: tuple[str, ...], kind: str) -> Known:
        """Index one kind of the descriptions of some drugs."""
        rows = [
            (place, thing)
            for place, drug in enumerate(drugs)
            for thing in sorted(descriptions.of(drug).of(kind))
        ]
        names = sorted({thing for _, thing in rows})
        place = {name: number for number, name in enumerate(names)}
        drug = np.array([row[0] for row in rows], dtype=np.int64)
        thing = np.array([place[row[1]] for row in rows], dtype=np.int64)
        have = np.bincount(thing, minlength=len(names)).astype(np.float64)
        weight = np.where(have >= LEAST_DRUGS, np.log(len(drugs) / np.maximum(have, 1.0)), 0.0)
        squares = np.bincount(drug, weight[thing] ** 2, minlength=len(drugs))
        number = np.bincount(drug, minlength=len(drugs)).astype(np.float64)
        return cls(place, drug, thing, weight, np.sqrt(squares), number)

    def likeness(self, measure: str, found: frozenset[str]) -> FloatArray:
        """Likeness of every known drug to one of which so much is known: (drugs,), 0 to 1."""
        if measure == "number":
            return self._by_number(len(found))
        has = np.zeros(len(self.weight), dtype=np.bool_)
        has[[self.place[name] for name in found if name in self.place]] = True
        shared = np.flatnonzero(has[self.object])
        if measure == "tanimoto":
            common = np.bincount(self.drug[shared], minlength=len(self.number))
            whole = self.number + len(found) - common
            return np.asarray(common / np.maximum(whole, 1.0))
        squares = self.weight[self.object[shared]] ** 2
        common = np.bincount(self.drug[shared], squares, minlength=len(self.number))
        norms = self.length * np.sqrt((self.weight[has] ** 2).sum())
        return np.asarray(np.divide(common, norms, out=np.zeros_like(norms), where=norms > 0.0))

    def _by_number(self, count: int) -> FloatArray:
        logs = np.log1p(self.number)
        apart = (logs - np.log1p(count)) / (logs.std() or 1.0)
        return np.asarray(np.exp(-0.5 * apart**2))


@dataclass(frozen=True, eq=False)
class Likeness:
    """Likeness of any description to each of the known drugs."""

    known: Mapping[str, Known]

    @classmethod
    def of(cls, descriptions: Descriptions, drugs: tuple[str, ...]) -> Likeness:
        """Index what is known of the known drugs."""
        return cls({kind: Known.of(descriptions, drugs, kind) for kind in KINDS})

    def near(self, kind: str, description: Description) -> FloatArray:
        """Likeness of every known drug by the measure of ``MEASURES``: (drugs,), 0 to 1."""
        return self.known[kind].likeness(MEASURES[kind], description.of(kind))

    def to(self, description: Description, kernel: str) -> FloatArray:
        """Likeness of every known drug to a described one by a kernel of ``KERNELS``: (drugs,)."""
        parts = [
            weight * self.known[kind].likeness(measure, description.of(kind))
            for kind, measure, weight in KERNELS[kernel]
        ]
        return np.asarray(np.sum(parts, axis=0))


@dataclass(frozen=True, eq=False)
class CentredKernel:
    """A kernel between known drugs, centred and taken apart into vectors and values.

    ``means`` (drugs,) are those of the kernel before it was centred.
    """

    vectors: WeightArray
    values: WeightArray
    means: WeightArray

    @classmethod
    def of(cls, kernel: FloatArray) -> CentredKernel:
        """Centre a kernel (drugs, drugs)."""
        means = kernel.mean(axis=0)
        centred = kernel - means - means[:, None] + means.mean()
        values, vectors = np.linalg.eigh(centred)
        parts = (vectors, np.maximum(values, 0.0), means)
        return cls(*(part.astype(np.float32) for part in parts))

    def weights(self, likeness: npt.NDArray[np.floating], ridge: float) -> WeightArray:
        """Weights of known drugs for new ones, from the likeness (new, drugs); rows sum to 1."""
        near = likeness - likeness.mean(axis=1, keepdims=True) - self.means + self.means.mean()
        weights = (near @ self.vectors) / (self.values + ridge) @ self.vectors.T
        weights -= weights.mean(axis=1, keepdims=True)
        summed: WeightArray = (weights + 1.0 / len(self.means)).astype(np.float32)
        return summed
