"""Why a model gives a pair an effect: the training facts that move its guess most, either way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from embeddings.codes import encoded, ordered
from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import StackScorer
from embeddings.new_drugs.scorer import known_part
from embeddings.predict import NotInModel, OneDrugTwice, UnknownEffect
from embeddings.reasons.influence import Influence, Kind, Mask
from embeddings.reasons.near_pairs import nearness
from embeddings.scorer import FloatArray
from embeddings.store import Bundle
from embeddings.triples import IntArray

LEAST_CHANGE = 0.005
"""A fact that moves the log-odds less is no reason."""
LEAST_NEARNESS = 0.3
"""A pair whose vectors are less alike is no near one."""
MODELS_KEPT = 2
"""Models whose facts by pair are kept for :func:`reasons_of`: 20 MB each on Decagon."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact, or one that training does not state, and what it does to the guess.

    ``fact`` is drug, effect, other drug; ``alike`` is the drug of the asked pair that the other
    drug resembles in its company. ``change`` is the log-odds as they stand less the log-odds with
    this one fact the other way round; ``None`` where a model cannot tell, which then gives
    ``similarity``, the cosine of the two pairs in the model.
    """

    kind: Kind
    fact: tuple[str, str, str]
    stated: bool
    alike: str | None = None
    change: float | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """A guess with what speaks for and against it, the weightiest first.

    ``stated`` tells that training states the very fact: then these are reasons beside it.
    """

    drugs: tuple[str, str]
    effect: str
    probability: float
    base_rate: float
    stated: bool
    supporting: tuple[Reason, ...]
    opposing: tuple[Reason, ...]

    def as_dict(self, names: Mapping[str, str]) -> dict[str, object]:
        """Everything by name, for JSON; what ``names`` lacks goes by its CURIE."""
        return {
            "drugs": [_named(drug, names) for drug in self.drugs],
            "effect": _named(self.effect, names),
            "probability": self.probability,
            "base_rate": self.base_rate,
            "stated": self.stated,
            "supporting": [self._told(reason, names) for reason in self.supporting],
            "opposing": [self._told(reason, names) for reason in self.opposing],
        }

    def sentences(self, names: Mapping[str, str]) -> list[str]:
        """Every reason as a sentence: those for the guess, then those against it."""
        return [self.sentence(r, names) for r in (*self.supporting, *self.opposing)]

    def sentence(self, reason: Reason, names: Mapping[str, str]) -> str:
        """Tell one reason in words."""
        drug, effect, other = (names.get(curie, curie) for curie in reason.fact)
        told = (
            f"{drug} with {other} is {'' if reason.stated else 'not '}reported with {effect}"
            f"{self._beside(reason, names)}"
        )
        if reason.change is not None:
            return f"{told} ({reason.change:+.2f} log-odds)."
        return f"{told} (likeness {reason.similarity or 0.0:.2f})."

    def _told(self, reason: Reason, names: Mapping[str, str]) -> dict[str, object]:
        drug, effect, other = (_named(curie, names) for curie in reason.fact)
        return {
            "kind": reason.kind.value,
            "stated": reason.stated,
            "drug": drug,
            "effect": effect,
            "other_drug": other,
            "alike": None if reason.alike is None else _named(reason.alike, names),
            "change_of_log_odds": reason.change,
            "similarity": reason.similarity,
            "text": self.sentence(reason, names),
        }

    def _beside(self, reason: Reason, names: Mapping[str, str]) -> str:
        other = names.get(reason.fact[2], reason.fact[2])
        asked, alike = (names.get(c, c) for c in (self.effect, reason.alike or ""))
        against = reason.stated is not ((reason.change or 0.0) >= 0.0)
        match reason.kind:
            case Kind.SAME_PAIR:
                return f", which {'speaks against' if against else 'goes with'} {asked}"
            case Kind.COMPANY if against:
                return f", which speaks against {asked} with {alike}"
            case Kind.COMPANY:
                return f"; the company of {other} is like that of {alike}"
            case Kind.OTHER_EFFECT:
                speaks = "against" if against else "for"
                return f"; by the company of {other} and {alike} that speaks {speaks} {asked}"
            case Kind.NEAR_PAIR:
                return "; to the model this pair is like the one that is asked about"


Sides: TypeAlias = tuple[list[Reason], list[Reason]]


def reasons_of(bundle: Bundle, pair: tuple[str, str], effect: str, count: int = 10) -> Reasons:
    """Give the ``count`` weightiest reasons for, and against, an effect of two drugs.

    Under a stack a reason is what the log-odds would lose without the fact, all else as it is: the
    first-order influence without the small part that goes through the weights. A model alone gives
    the nearest pairs that have, and do not have, the effect.

    Raises:
        NotInModel: The model does not know one of the drugs.
        OneDrugTwice: Both drugs are the same.
        UnknownEffect: The model does not know the effect.
    """
    return _explainer(bundle).reasons(pair, effect, count)


class Explainer:
    """Reasons of a loaded bundle; made once, asked often."""

    def __init__(self, bundle: Bundle) -> None:
        """Sort the training facts by pair: 0.6 s on Decagon."""
        self.bundle = bundle
        train, self._scorer = bundle.train, known_part(bundle.scorer)
        self._known = KnownEffects.of(train)
        self._influence = None
        if isinstance(self._scorer, StackScorer):
            self._influence = Influence(self._scorer, self._known)
        learned = np.flatnonzero(np.bincount(train.array[:, [0, 2]].ravel())).tolist()
        self._drugs = {train.drugs[i]: i for i in learned}
        self._effects = {effect: i for i, effect in enumerate(train.effects)}

    def reasons(self, pair: tuple[str, str], effect: str, count: int = 10) -> Reasons:
        """Give the weightiest reasons, as :func:`reasons_of`.

        Raises:
            NotInModel: The model does not know one of the drugs.
            OneDrugTwice: Both drugs are the same.
            UnknownEffect: The model does not know the effect.
        """
        cell = self._cell(pair, effect)
        if self._influence is None:
            score = float(self._scorer.scores(cell[None, :].astype(np.int32))[0])
            sides = self._near(cell, count)
        else:
            score, sides = self._influence.score(*cell.tolist()), self._moving(cell, count)
        calibration, e = self.bundle.calibration, cell[1]
        return Reasons(
            drugs=pair,
            effect=effect,
            probability=float(calibration.probability(np.array(score), e)),
            base_rate=float(calibration.base_rate[e]),
            stated=self._states(cell),
            supporting=tuple(sides[0]),
            opposing=tuple(sides[1]),
        )

    def _cell(self, pair: tuple[str, str], effect: str) -> IntArray:
        for drug in pair:
            if drug not in self._drugs:
                raise NotInModel(drug, self.bundle.id)
        if pair[0] == pair[1]:
            raise OneDrugTwice(pair[0])
        if effect not in self._effects:
            raise UnknownEffect(effect, self.bundle.id)
        return np.array([self._drugs[pair[0]], self._effects[effect], self._drugs[pair[1]]])

    def _moving(self, cell: IntArray, count: int) -> Sides:
        """Sort facts by what they move; one that training does not state speaks only against."""
        flips = self._influence.flips(*cell.tolist()) if self._influence else []
        kinds = [part.kind for part in flips for _ in part.change]
        facts, stated, change = (
            np.concatenate([getattr(part, name) for part in flips])
            for name in ("facts", "stated", "change")
        )
        change = change * self.bundle.calibration.slope[cell[1]]
        told = stated | ((change < 0.0) & ~self.bundle.valid.states(self._codes(facts)))
        change = np.where(told & (np.abs(change) >= LEAST_CHANGE), change, 0.0)
        order = np.argsort(-change, kind="stable")

        def reason(row: int) -> Reason:
            alike = None
            if kinds[row] is not Kind.SAME_PAIR:
                alike = cell[2] if facts[row, 0] == cell[0] else cell[0]
            named = None if alike is None else self.bundle.train.drugs[alike]
            fact = self._named(facts[row])
            return Reason(kinds[row], fact, bool(stated[row]), named, float(change[row]))

        return (
            [reason(row) for row in order[:count].tolist() if change[row] > 0.0],
            [reason(row) for row in order[::-1][:count].tolist() if change[row] < 0.0],
        )

    def _near(self, cell: IntArray, count: int) -> Sides:
        """Sort the pairs that training knows by how near they are: those with the effect, and not.

        A pair whose fact was held out to tune the model is in neither.
        """
        first, effect, second = cell.tolist()
        n, near = len(self.bundle.train.drugs), nearness(self._scorer, first, second, effect)
        near[[first, second], [second, first]] = -1.0
        has = self._of_effect(effect)
        met = np.zeros((n, n), dtype=np.bool_)
        met.ravel()[self._known.pairs] = True
        held_out = self.bundle.valid.under(effect)
        met[held_out[:, 0], held_out[:, 2]] = False

        def nearest(pairs: Mask) -> list[Reason]:
            codes = np.flatnonzero(pairs & (near >= LEAST_NEARNESS))
            best = codes[np.argsort(-near.ravel()[codes], kind="stable")[:count]].tolist()
            return [self._near_pair(code, cell, near, stated=bool(has.flat[code])) for code in best]

        return nearest(has & np.triu(np.ones_like(has))), nearest(met & ~has)

    def _near_pair(self, code: int, cell: IntArray, near: FloatArray, *, stated: bool) -> Reason:
        low, high = divmod(code, len(near))
        # A drug that the two pairs share is told first.
        drug, other = (high, low) if high in cell[[0, 2]] else (low, high)
        fact = self._named(np.array([drug, cell[1], other]))
        return Reason(Kind.NEAR_PAIR, fact, stated, similarity=float(near.flat[code]))

    def _states(self, cell: IntArray) -> bool:
        shown, found = self._known.shown(cell[None, [0, 2]], len(self._effects))
        return bool(len(found) and shown[0, cell[1]])

    def _of_effect(self, effect: int) -> Mask:
        """Which pairs of drugs have an effect: (drugs, drugs), symmetric."""
        rows = self.bundle.train.under(effect)
        table = np.zeros((len(self.bundle.train.drugs),) * 2, dtype=np.bool_)
        table[rows[:, 0], rows[:, 2]] = table[rows[:, 2], rows[:, 0]] = True
        return table

    def _named(self, fact: IntArray) -> tuple[str, str, str]:
        train, (drug, effect, other) = self.bundle.train, fact.tolist()
        return train.drugs[drug], train.effects[effect], train.drugs[other]

    def _codes(self, facts: IntArray) -> IntArray:
        return encoded(ordered(*facts.T), len(self.bundle.train.drugs))


@lru_cache(MODELS_KEPT)
def _explainer(bundle: Bundle) -> Explainer:
    return Explainer(bundle)


def _named(curie: str, names: Mapping[str, str]) -> dict[str, str]:
    return {"id": curie, "name": names.get(curie, curie)}
