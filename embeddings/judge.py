"""A model beside the ways of counting, on held-out facts, in the shape of ``evaluate --json``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from embeddings.baselines import counting
from embeddings.calibrate import Calibration
from embeddings.evaluate import Scores, evaluate, share_won
from embeddings.leakage import LeakedFact, seen_pair_share, shared_facts
from embeddings.negatives import PROTOCOLS, Negatives, with_negatives
from embeddings.reliability import reliability
from embeddings.scorer import BilinearScorer
from embeddings.splits import Split
from embeddings.store import Bundle
from embeddings.triples import Facts


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """Which protocols to judge by, the seed of the negatives, whether seen facts are allowed."""

    protocols: tuple[str, ...] = tuple(PROTOCOLS)
    seed: int = 0
    allow_seen: bool = False


def evaluate_bundle(
    bundle: Bundle, test: Facts, stated: Iterable[Facts], request: EvaluationRequest
) -> dict[str, Any]:
    """Judge a stored model on other facts; ``stated`` are further known facts, never negatives.

    Facts that name a drug or an effect that the model does not have are counted in
    ``not_in_model``.

    Raises:
        LeakedFact: A fact was seen in training or validation, and that was not allowed.
        UnknownProtocol: A protocol has no such name.
    """
    vocabulary = bundle.train.vocabulary
    named = test.over(vocabulary)
    seen = [len(shared_facts(named, part)) for part in (bundle.train, bundle.valid)]
    if sum(seen) and not request.allow_seen:
        part = bundle.train if seen[0] else bundle.valid
        raise LeakedFact(shared_facts(named, part).triples()[0], ("test", "training"), sum(seen))
    known = bundle.train.joined(bundle.valid, named, *(facts.over(vocabulary) for facts in stated))
    split = Split("file", bundle.train, bundle.valid, named, known)
    figures = judged(bundle.scorer, bundle.calibration, split, request)
    unnamed = len(test) - len(named)
    return {"model": bundle.id, **figures, "seen": sum(seen), "not_in_model": unnamed}


def judged(
    scorer: BilinearScorer, calibration: Calibration, split: Split, request: EvaluationRequest
) -> dict[str, Any]:
    """Metrics of a model and of every way of counting, on the test facts of a split."""
    return {
        "n_effects": int((split.test.per_effect > 0).sum()),
        "n_facts": len(split.test),
        "n_training_facts": len(split.train),
        "n_validation_facts": len(split.valid),
        "pairs_seen_in_training": round(seen_pair_share(split), 6),
        "protocols": {
            protocol: _under(protocol, scorer, split, request.seed)
            for protocol in request.protocols
        },
        "calibration": reliability(
            calibration, scorer, split, _drawn(split.test, split, "uniform", request.seed)
        ),
    }


def _under(protocol: str, scorer: BilinearScorer, split: Split, seed: int) -> dict[str, Any]:
    test = _drawn(split.test, split, protocol, seed)
    validation = _drawn(split.valid, split, protocol, seed + 1)
    model = evaluate(scorer, test, seed)
    baselines: dict[str, Scores] = {
        name: evaluate(baseline, test, seed)
        for name, baseline in counting(split.train, validation).items()
    }
    return {
        "model": model.summary(seed),
        "baselines": {name: scores.summary(seed) for name, scores in baselines.items()},
        "effects_won_over_effect_degree": share_won(model, baselines["effect_degree"]),
    }


def _drawn(positives: Facts, split: Split, protocol: str, seed: int) -> Negatives:
    return with_negatives(positives, split.known, split.train, protocol, seed)
