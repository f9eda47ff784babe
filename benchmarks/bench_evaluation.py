"""Seconds that the metrics and the ranks take, beside scikit-learn and PyKEEN in the same run.

Facts are drawn in the shape of Decagon's test, 963 effects and some 457,000 facts among 645 drugs,
unless ``--facts FILE`` names a file of facts. Both rivals must give the same numbers: scikit-learn
for every effect, PyKEEN on every hundredth fact.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from pykeen.evaluation import RankBasedEvaluator
from sklearn.metrics import average_precision_score, roc_auc_score

from embeddings.judging.metrics import measured
from embeddings.judging.ranking import ranks_of
from embeddings.negatives import Negatives, with_negatives
from embeddings.scorer import FloatArray
from embeddings.triples import Facts, read_facts

N_DRUGS, N_EFFECTS, N_FACTS = 645, 963, 457_196
EACH = 100
"""PyKEEN ranks one fact of so many."""


class Tables:
    """Symmetric scores of every pair under every effect, made from one matrix an effect."""

    def __init__(self, n_drugs: int, n_effects: int) -> None:
        rng = np.random.default_rng(0)
        self._drugs = rng.normal(size=(n_drugs, 64)).astype(np.float32)
        self._effects = rng.normal(size=(n_effects, 64)).astype(np.float32)

    def drug_scores(self, effect: int) -> np.ndarray:
        """Scores of one effect: (drugs, drugs)."""
        table: np.ndarray = (self._drugs * self._effects[effect]) @ self._drugs.T
        return (table + table.T) / 2.0


def main() -> None:
    """Print one line for each way of measuring."""
    told = _arguments()
    facts = read_facts(told.facts) if told.facts else _shaped_like_decagon()
    sys.stdout.write(f"{len(facts):,} facts of {len(facts.effects)} effects\n")
    _metrics(facts, told.repeats)
    _ranks(facts, told.repeats)


def _metrics(facts: Facts, repeats: int) -> None:
    sample = with_negatives(facts, facts, facts, "uniform", 0)
    scores = np.random.default_rng(1).normal(size=len(sample.facts)) + 2.0 * sample.labels
    effects = sample.facts[:, 1]

    def work() -> object:
        return measured(scores, sample.labels, effects, 0).summary(0)

    ours = _seconds(work, repeats)
    found = measured(scores, sample.labels, effects, 0)
    begun = time.perf_counter()
    theirs = _by_scikit_learn(scores, sample)
    rival = time.perf_counter() - begun
    gap = np.abs(theirs - np.column_stack((found.auroc, found.auprc))).max()
    sys.stdout.write(
        f"metrics: {ours:.3f} s for AUROC, AUPRC, AP@50 and P@50 with intervals; scikit-learn "
        f"{rival:.2f} s for the first two ({rival / ours:.0f} times); differences up to {gap:.1e}\n"
    )


def _by_scikit_learn(scores: FloatArray, sample: Negatives) -> FloatArray:
    order = np.argsort(sample.facts[:, 1], kind="stable")
    starts = np.flatnonzero(np.diff(sample.facts[order, 1])) + 1
    rows = [
        (
            roc_auc_score(sample.labels[p], scores[p]),
            average_precision_score(sample.labels[p], scores[p]),
        )
        for p in np.split(order, starts)
    ]
    return np.asarray(rows, dtype=np.float64)


def _ranks(facts: Facts, repeats: int) -> None:
    scorer = Tables(len(facts.drugs), len(facts.effects))
    ours = _seconds(lambda: ranks_of(scorer, facts, facts), repeats)
    some = facts.keep(np.arange(len(facts)) % EACH == 0)
    found = ranks_of(scorer, some, facts).pooled()
    begun = time.perf_counter()
    theirs = _by_pykeen(scorer, some, facts)
    rival = (time.perf_counter() - begun) * EACH
    gap = abs(found["mrr"] - theirs)
    sys.stdout.write(
        f"filtered realistic ranks: {ours:.1f} s; PyKEEN's evaluator, given the same scores, some "
        f"{rival:.0f} s by every {EACH}th fact; difference of the mean reciprocal rank {gap:.1e}\n"
    )


def _by_pykeen(scorer: Tables, some: Facts, known: Facts) -> float:
    evaluator = RankBasedEvaluator(filtered=True)
    for effect in np.unique(some.array[:, 1]).tolist():
        scores = torch.from_numpy(scorer.drug_scores(effect).astype(np.float64))
        stated = torch.eye(len(scores), dtype=torch.bool)
        pairs = torch.from_numpy(known.array[known.array[:, 1] == effect].astype(np.int64))
        stated[pairs[:, 0], pairs[:, 2]] = stated[pairs[:, 2], pairs[:, 0]] = True
        batch = torch.from_numpy(some.array[some.array[:, 1] == effect].astype(np.int64))
        for target, (asking, wanted) in {"head": (2, 0), "tail": (0, 2)}.items():
            rows, own = batch[:, asking], batch[:, wanted, None]
            true = scores[rows].gather(1, own)
            filtered = scores[rows].masked_fill(stated[rows], float("nan")).scatter(1, own, true)
            evaluator.process_scores_(batch, target, filtered, true_scores=true)
    return evaluator.finalize().get_metric("both.realistic.inverse_harmonic_mean_rank")


def _shaped_like_decagon() -> Facts:
    rng = np.random.default_rng(0)
    sizes = rng.lognormal(0.0, 1.0, N_EFFECTS)
    effect = rng.choice(N_EFFECTS, size=N_FACTS, p=sizes / sizes.sum())
    usual = rng.lognormal(0.0, 1.0, N_DRUGS)
    first, second = rng.choice(N_DRUGS, size=(2, N_FACTS), p=usual / usual.sum())
    names = [f"d{i:03}" for i in range(N_DRUGS)], [f"e{i:03}" for i in range(N_EFFECTS)]
    drugs, effects = (np.asarray(one, dtype=object) for one in names)
    return Facts.of_columns(drugs[first].tolist(), effects[effect].tolist(), drugs[second].tolist())


def _seconds(work: Callable[[], object], repeats: int) -> float:
    took = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, help="file of facts: drug, effect, drug")
    parser.add_argument("--repeats", type=int, default=3, help="how often ours is timed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
