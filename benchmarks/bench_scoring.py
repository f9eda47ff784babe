"""Milliseconds that ten drugs take: their 45 pairs under every effect, scored by a stored model.

The newest models of the configurations ``counts`` and ``best`` under ``COPRESCRIBE_HOME``
(``artifacts`` when unset) are asked. A list of drugs is new (no drug of it was asked for before),
touched (each drug was, no two of them together) or repeated; ``frequent`` lists are drawn from the
hundred drugs with most facts. Beside them, in the same run: the stack summed up from dense tables,
which must give the same scores, and PyKEEN's DistMult of 256 dimensions where torch is installed.
Times are those of one thread on the processor, so that other work of the machine does not count.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import LIMIT, REACH, StackScorer
from embeddings.new_drugs.scorer import known_part
from embeddings.scorer import FloatArray
from embeddings.store import load
from embeddings.triples import Facts, IntArray

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
CONFIGS = ("counts", "best")
DRUGS = 10
FREQUENT = 100
LISTS = 60
"""Lists of each kind; a repeated list is asked for this often."""
DENSE_LISTS = 3
DIMENSIONS = 256

Lists = list[IntArray]


def main() -> None:
    """Print, for each model, what loading and scoring takes; each has a process of its own."""
    models = list(_models())
    for config, model_id in models:
        process = get_context("spawn").Process(target=_measure, args=(config, model_id))
        process.start()
        process.join()
    if not models:
        sys.stdout.write(
            f"no model of {' or '.join(CONFIGS)} under {HOME}; train one with: "
            "coprescribe train --config counts\n"
        )


def _models() -> Iterator[tuple[str, str]]:
    """Configuration and name of the newest model of each configuration."""
    files = sorted(HOME.glob("models/[!.]*/config.json"), key=lambda path: -path.stat().st_mtime)
    names = {path.parent.name: json.loads(path.read_text())["config"]["name"] for path in files}
    for config in CONFIGS:
        newest = next((model for model, name in names.items() if name == config), None)
        if newest is not None:
            yield config, newest


def _measure(config: str, model_id: str) -> None:
    with threadpool_limits(1):
        begun = time.thread_time()
        bundle = load(HOME, model_id)
        loaded = time.thread_time() - begun
        scorer, train = known_part(bundle.scorer), bundle.train
        if isinstance(scorer, StackScorer):
            kernels = {str(pool.get("architecture")) for pool in threadpool_info()}
            sys.stdout.write(
                f"{config} {model_id}: {len(train.drugs)} drugs, {len(train.effects)} effects, "
                f"{len(train):,} facts; matrix products for {', '.join(sorted(kernels))}\n"
                f"  load {loaded:.2f} s, {_megabytes()} MB\n"
            )
            _ours(scorer, train)


def _ours(scorer: StackScorer, train: Facts) -> None:
    facts = np.bincount(train.array[:, [0, 2]].ravel(), minlength=len(train.drugs))
    begun = time.thread_time()
    scorer.effect_scores(np.argsort(-facts)[None, :2])
    first = time.thread_time() - begun
    sys.stdout.write(f"  first pair {first:.2f} s, {_megabytes()} MB\n")
    lists = _lists(facts)
    for name, some in lists.items():
        _tell(name, _times(scorer.effect_scores, some))
    sys.stdout.write(f"  {_megabytes()} MB after all of them\n")
    _beside(scorer, train, lists["new"])


def _lists(facts: IntArray) -> dict[str, Lists]:
    """Pairs of ten drugs for each kind of list, in the order in which they are asked."""
    rng = np.random.default_rng(0)
    drugs = rng.permutation(np.flatnonzero(facts))[: LISTS * DRUGS]
    new = drugs[: len(drugs) // DRUGS * DRUGS].reshape(-1, DRUGS)
    whole = new[: len(new) // DRUGS * DRUGS]
    touched = whole.reshape(-1, DRUGS, DRUGS).transpose(0, 2, 1).reshape(-1, DRUGS)
    most = np.argsort(-facts)[: min(FREQUENT, int((facts > 0).sum()))]
    frequent = [rng.choice(most, size=DRUGS, replace=False) for _ in range(LISTS)]
    kinds: dict[str, Sequence[IntArray]] = {
        "new": list(new),
        "touched": list(touched),
        "frequent": frequent,
        "repeated": [new[0]] * LISTS,
    }
    return {
        name: [np.array(list(combinations(some.tolist(), 2))) for some in kind]
        for name, kind in kinds.items()
    }


def _beside(scorer: StackScorer, train: Facts, lists: Lists) -> None:
    tables = _Dense(scorer, train)
    gaps: list[float] = []

    def dense(pairs: IntArray) -> None:
        gaps.append(float(np.abs(tables.scores(pairs) - scorer.effect_scores(pairs)).max()))

    _tell("dense tables", _times(dense, lists[:DENSE_LISTS]))
    sys.stdout.write(f"  greatest difference from them {max(gaps):.1e} log-odds\n")
    rival = _pykeen(train)
    if rival is not None:
        _tell("PyKEEN", _times(rival, lists))


class _Dense:
    """The stack in double precision from whole tables, one pair at a time."""

    def __init__(self, scorer: StackScorer, train: Facts) -> None:
        self._scorer, self._train = scorer, train
        self._known = KnownEffects.of(train)
        of_drugs, of_effects = scorer.counts.of_drugs, scorer.counts.of_effects
        self._weights = of_drugs.astype(np.float64), of_effects.astype(np.float64)
        counts = [self._known.company(d, len(train.effects)).sum(axis=1) for d in range(self._n)]
        self._degree = np.stack(counts).astype(np.float64)

    def scores(self, pairs: IntArray) -> FloatArray:
        """Score every effect of the pairs: (pairs, effects)."""
        s = self._scorer
        learned = None if s.model is None else s.model.effect_scores(pairs)
        rows = []
        for place, (first, second) in enumerate(pairs.tolist()):
            seen = self._features(first, second)
            if learned is not None:
                seen = np.vstack((seen, learned[place]))
            shifted = np.clip((seen - s.centre[:, None]) / s.scale[:, None], -REACH, REACH)
            x = np.vstack((shifted, np.ones(shifted.shape[1])))
            rows.append(np.clip(np.einsum("ie,ij,je->e", x, s.form, x), -LIMIT, LIMIT))
        return np.stack(rows)

    @property
    def _n(self) -> int:
        return len(self._train.drugs)

    def _features(self, first: int, second: int) -> FloatArray:
        (of_drugs, of_effects), n_effects = self._weights, len(self._train.effects)
        there = self._known.company(first, n_effects) @ of_drugs[:, second]
        back = self._known.company(second, n_effects) @ of_drugs[:, first]
        here = self._known.company(first, n_effects)[:, second]
        of_pair = np.clip(here @ of_effects, 0.0, 1.0)
        near, both = (np.clip(x, 0.0, 2.0) for x in (there + back, (there + back) @ of_effects))
        total = self._train.per_effect
        degree = self._degree[[first, second]].sum(axis=1)
        share = (1.0 + 2.0 * total) / (1.0 + 2.0 * total.sum())
        expected = 0.01 * share * (1.0 + degree[:, None])
        one, other = np.log(self._degree[[first, second]] + expected)
        whole = np.ones(n_effects)
        return np.stack(
            (
                *(np.log1p(total), np.log1p(degree).sum() * whole),
                *(one + other, np.abs(one - other)),
                *(np.log1p(here.sum()) * whole, (here.sum() == 0.0) * whole),
                *(of_pair, np.log(of_pair + 0.01), near, np.log(near + 0.01)),
                *(np.abs(there - back), both, np.log(both + 0.01)),
                np.log1p(max((there + back).sum(), 0.0)) * whole,
            )
        )


def _pykeen(train: Facts) -> Callable[[IntArray], object] | None:
    try:
        import torch
        from pykeen.models import DistMult

        from embeddings.training.model import factory_of
    except ImportError:
        return None
    torch.set_num_threads(1)
    some = train.keep(np.arange(len(train)) % 100 == 0)
    model = DistMult(triples_factory=factory_of(some), embedding_dim=DIMENSIONS, random_seed=0)

    model.eval()

    def scores(pairs: IntArray) -> object:
        with torch.no_grad():
            return model.score_r(torch.from_numpy(pairs))

    return scores


def _times(work: Callable[[IntArray], object], lists: Lists) -> FloatArray:
    seconds = []
    for pairs in lists:
        begun = time.thread_time()
        work(pairs)
        seconds.append(time.thread_time() - begun)
    return np.array(seconds)


def _tell(name: str, seconds: FloatArray) -> None:
    middle, late = np.percentile(seconds, [50, 99]) * 1_000.0
    sys.stdout.write(f"  {name:13}{middle:9.3f} ms p50 {late:9.3f} ms p99, {len(seconds)} lists\n")


def _megabytes() -> int:
    """Memory that the process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


if __name__ == "__main__":
    main()
