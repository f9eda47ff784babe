"""A model beside the ways of counting, on held-out facts, in the shape of ``evaluate --json``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from embeddings.counting.ways import Counting
from embeddings.judging.calibrate import Calibration
from embeddings.judging.cells import band_name, bands_of
from embeddings.judging.metrics import METRICS, Scores, measured, share_won
from embeddings.judging.outcomes import KINDS
from embeddings.judging.ranking import ranks_of
from embeddings.judging.reliability import Reliability, reliability
from embeddings.leakage import LeakedFact, seen_pair_share, shared_facts
from embeddings.negatives import PROTOCOLS, Negatives, Novelty, with_negatives
from embeddings.new_drugs.baselines import beside
from embeddings.scorer import FactScorer, FloatArray, Scorer
from embeddings.splits import Split
from embeddings.store import Bundle
from embeddings.triples import Facts, IntArray
from embeddings.twins import Twins, through_twins

STRATA = KINDS
"""Kinds of novelty of a fact to training, in the order of ``Novelty.kinds``; S1 and S2 are last."""
LEAST_STRATUM = 0.01
"""A stratum is reported from this part of the facts on."""


class NothingToJudge(ValueError):
    """A test holds no fact that the model could be asked about."""

    def __init__(self, n_stated: int, n_twins: int) -> None:
        super().__init__(
            f"nothing to judge: of {n_stated} test facts none names drugs and an effect that the "
            f"model has ({n_twins} were left out as twins)"
        )


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """Which protocols to judge by, the seed of the negatives, and what is let through.

    Facts that can be read off training through ``twins`` are counted; ``drop_twins`` leaves them
    out. ``allow_seen`` judges by facts that the model was trained on, too.
    """

    protocols: tuple[str, ...] = tuple(PROTOCOLS)
    seed: int = 0
    allow_seen: bool = False
    twins: Twins = field(default_factory=dict)
    drop_twins: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What an evaluation found.

    ``figures`` are as ``evaluate --json`` has them. ``per_effect`` has a row for each protocol,
    scorer and effect. ``seconds`` is what the metrics of the model took, all protocols together,
    its scores and the negatives being there.
    """

    figures: dict[str, Any]
    per_effect: pd.DataFrame
    reliability: Reliability
    seconds: float


def evaluate_bundle(
    bundle: Bundle, test: Facts, stated: Iterable[Facts], request: EvaluationRequest
) -> dict[str, Any]:
    """Figures of :func:`judge_bundle`."""
    return judge_bundle(bundle, test, stated, request).figures


def judge_bundle(
    bundle: Bundle, test: Facts, stated: Iterable[Facts], request: EvaluationRequest
) -> Judgement:
    """Judge a stored model on other facts; ``stated`` are further known facts, never negatives.

    Facts that name a drug or an effect that the model does not have are counted in
    ``not_in_model``.

    Raises:
        LeakedFact: A fact was seen in training or validation, and that was not allowed.
        NothingToJudge: The model can be asked about none of the facts.
        UnknownProtocol: A protocol has no such name.
        UnusableScores: The model gives NaN.
    """
    vocabulary = bundle.train.vocabulary
    named = test.over(vocabulary)
    seen = [len(shared_facts(named, part)) for part in (bundle.train, bundle.valid)]
    if sum(seen) and not request.allow_seen:
        part = bundle.train if seen[0] else bundle.valid
        raise LeakedFact(shared_facts(named, part).triples()[0], ("test", "training"), sum(seen))
    known = bundle.train.joined(bundle.valid, named, *(facts.over(vocabulary) for facts in stated))
    readable = through_twins(named, bundle.train.joined(bundle.valid), request.twins)
    judged_by = named.keep(~readable) if request.drop_twins else named
    if not len(judged_by):
        raise NothingToJudge(len(test), int(readable.sum()))
    split = Split("file", bundle.train, bundle.valid, judged_by, known)
    found = judge(bundle.scorer, bundle.calibration, split, request)
    counts = {
        "seen": sum(seen),
        "not_in_model": len(test) - len(named),
        "twins": int(readable.sum()),
        "twins_dropped": bool(request.drop_twins),
        "seconds": round(found.seconds, 3),
    }
    figures = {"model": bundle.id, **counts, **found.figures}
    return Judgement(figures, found.per_effect, found.reliability, found.seconds)


def judged(
    scorer: Scorer, calibration: Calibration, split: Split, request: EvaluationRequest
) -> dict[str, Any]:
    """Figures of :func:`judge`."""
    return judge(scorer, calibration, split, request).figures


def judge(
    scorer: Scorer, calibration: Calibration, split: Split, request: EvaluationRequest
) -> Judgement:
    """Measure a model and every way of counting on the test facts of a split.

    Where new drugs are judged, a model that tells of them is measured beside plainer ways to do so.

    Raises:
        UnknownProtocol: A protocol has no such name.
        UnusableScores: The model gives NaN.
    """
    counting = Counting.fit(split.train)
    kinds = Novelty.of(split.train).kinds(split.test.array)
    plainer = beside(scorer) if _new_drugs(kinds) else {}
    scorers = {"model": scorer, **plainer}
    under = {
        protocol: _measured_under(protocol, scorers, counting, split, request.seed)
        for protocol in request.protocols
    }
    even = _drawn(split.test, split.known, split, "uniform", request.seed)
    found = reliability(calibration, scorer, split, even, scorer.scores(even.facts))
    figures = {
        "n_effects": int((split.test.per_effect > 0).sum()),
        "n_facts": len(split.test),
        "n_training_facts": len(split.train),
        "n_validation_facts": len(split.valid),
        "pairs_seen_in_training": round(seen_pair_share(split), 6),
        "novelty": {name: int((kinds == kind).sum()) for kind, name in enumerate(STRATA)},
        "protocols": {protocol: one.figures(request.seed) for protocol, one in under.items()},
        "ranks": ranks_of(scorer, split.test, split.known).summary(request.seed),
        "calibration": found.as_dict(),
    }
    rows = pd.concat([one.rows(split) for one in under.values()], ignore_index=True)
    return Judgement(figures, rows, found, sum(one.seconds for one in under.values()))


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """Metrics under one protocol: of all facts, and of each stratum; ``model`` is among them."""

    protocol: str
    whole: Mapping[str, Scores]
    strata: Mapping[str, Mapping[str, Scores]]
    n_facts: Mapping[str, int]
    seconds: float

    def figures(self, seed: int) -> dict[str, Any]:
        strata = {
            name: {"n_facts": self.n_facts[name], **_summaries(scores, seed)}
            for name, scores in self.strata.items()
        }
        return {**_summaries(self.whole, seed), **({"strata": strata} if strata else {})}

    def rows(self, split: Split) -> pd.DataFrame:
        bands = bands_of(split.shown.per_effect)
        parts = []
        for name, scores in self.whole.items():
            columns: dict[str, object] = {
                "protocol": self.protocol,
                "scorer": name,
                "effect": [split.test.effects[i] for i in scores.effects.tolist()],
                "band": [band_name(band) for band in bands[scores.effects].tolist()],
                "n_facts": scores.positives,
                **{metric: getattr(scores, metric) for metric in METRICS},
            }
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)


def _measured_under(
    protocol: str,
    given: Mapping[str, FactScorer],
    counting: Counting,
    split: Split,
    seed: int,
) -> _Measured:
    sample = _drawn(split.test, split.known, split, protocol, seed)
    validation = _drawn(split.valid, split.shown, split, protocol, seed + 1)
    scorers: dict[str, FactScorer] = {**given, **counting.blended(validation)}
    scores = {name: each.scores(sample.facts) for name, each in scorers.items()}
    everything = np.ones(len(sample.facts), dtype=np.bool_)
    begun = time.perf_counter()
    _within(everything, {"model": scores["model"]}, sample, seed)["model"].summary(seed)
    seconds = time.perf_counter() - begun
    whole = _within(everything, scores, sample, seed)
    kinds = Novelty.of(split.train).kinds(sample.facts[sample.labels])
    # A negative stands as far behind its positive as there are positives.
    of_rows = np.concatenate((kinds, kinds))
    named = {name: of_rows == kind for kind, name in _strata(kinds)}
    strata = {name: _within(rows, scores, sample, seed) for name, rows in named.items()}
    n_facts = {name: int(rows.sum()) // 2 for name, rows in named.items()}
    return _Measured(protocol, whole, strata, n_facts, seconds)


def _within(
    rows: npt.NDArray[np.bool_], scores: Mapping[str, FloatArray], sample: Negatives, seed: int
) -> dict[str, Scores]:
    labels, effects = sample.labels[rows], sample.facts[rows, 1]
    return {name: measured(values[rows], labels, effects, seed) for name, values in scores.items()}


def _new_drugs(kinds: IntArray) -> bool:
    """Tell whether enough of the facts are of drugs without training facts to make a stratum."""
    return any(_enough(kinds, STRATA.index(name)) for name in ("one_new_drug", "two_new_drugs"))


def _enough(kinds: IntArray, kind: int) -> bool:
    return bool((kinds == kind).sum() >= max(1.0, LEAST_STRATUM * len(kinds)))


def _strata(kinds: IntArray) -> list[tuple[int, str]]:
    """Strata that enough facts have; none where all facts are of one."""
    found = [(kind, name) for kind, name in enumerate(STRATA) if _enough(kinds, kind)]
    return found if len(found) > 1 else []


def _summaries(scores: Mapping[str, Scores], seed: int) -> dict[str, Any]:
    won = share_won(scores["model"].auroc, scores["effect_degree"].auroc)
    return {
        "model": scores["model"].summary(seed),
        "baselines": {name: one.summary(seed) for name, one in scores.items() if name != "model"},
        "effects_won_over_effect_degree": won,
    }


def _drawn(positives: Facts, known: Facts, split: Split, protocol: str, seed: int) -> Negatives:
    return with_negatives(positives, known, split.train, protocol, seed)
