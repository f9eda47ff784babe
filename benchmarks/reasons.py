"""Do the reasons for a prediction matter? Take them out of training, train again, and look.

``python -m benchmarks.reasons MODEL`` takes a stored model of the configuration ``counts`` under
``COPRESCRIBE_HOME`` (``artifacts`` when unset) and draws predictions at random among its validation
facts with a probability of .3 or more. Three times the model is trained again in full (weights
between items, form of the stack, calibration), always on facts less ten for each prediction, all
taken out at once: its weightiest reasons; facts drawn at random among all that bear on it in the
same ways (other effects of the pair, the effect with another drug); facts drawn at random among
all of its two drugs. Falls are against a training on all facts: medians with a bootstrap interval.
5 minutes of one core.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings import store
from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import StackScorer
from embeddings.counting.stack_fit import fit_stack
from embeddings.judging import calibrate
from embeddings.reasons.explainer import Explainer, Reasons
from embeddings.scorer import FloatArray, WeightArray
from embeddings.splits import Split
from embeddings.store import Bundle
from embeddings.triples import Facts, IntArray

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
LEAST_PROBABILITY = 0.3
RESAMPLES = 10_000
CHUNK = 1_000
Z = 1.96
"""Standard deviations to either side of an interval of 95 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a training gives the predictions: probability, log-odds, and score by the old form."""

    probability: FloatArray
    log_odds: FloatArray
    old_form: FloatArray


def main() -> None:
    """Train without reasons and without random facts, and print by how much predictions fall."""
    told = _arguments()
    bundle = store.load(HOME, told.model)
    rng = np.random.default_rng(told.seed)
    cells = _predictions(bundle, told.predictions, rng)
    explainer = Explainer(bundle)
    drugs, effects = bundle.train.vocabulary
    reasons = [
        explainer.reasons((drugs[a], drugs[b]), effects[e], told.reasons) for a, e, b in cells
    ]
    pools = list(_pools(bundle.train, cells))
    number = [len(r.supporting) for r in reasons]
    arms = {
        "nothing": cells[:0],
        "its weightiest reasons": _facts_of(bundle, reasons),
        "facts at random that bear on it": _drawn([near for near, _ in pools], number, rng),
        "facts at random of the two drugs": _drawn([both for _, both in pools], number, rng),
    }
    trained = {}
    for name, rows in arms.items():
        began = time.process_time()
        trained[name] = _trained(bundle, cells, rows)
        seconds = time.process_time() - began
        sys.stderr.write(f"trained without {name}: {len(rows)} facts, {seconds:.0f} s\n")
    expected = np.array([sum(x.change or 0.0 for x in r.supporting) for r in reasons])
    sys.stdout.writelines(_report(trained, expected, np.random.default_rng(told.seed)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("model", help="a stored model of the configuration counts")
    parser.add_argument("--predictions", type=int, default=100)
    parser.add_argument("--reasons", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _predictions(bundle: Bundle, count: int, rng: np.random.Generator) -> IntArray:
    """Validation facts that are predicted, drawn at random: (count, 3)."""
    order, scorer = rng.permutation(len(bundle.valid)), bundle.scorer
    found = np.zeros((0, 3), dtype=np.int64)
    for start in range(0, len(order), CHUNK):
        facts = bundle.valid.array[order[start : start + CHUNK]]
        probability = bundle.calibration.probability(scorer.scores(facts), facts[:, 1])
        found = np.concatenate((found, facts[probability >= LEAST_PROBABILITY]))
        if len(found) >= count:
            break
    return found[:count]


def _facts_of(bundle: Bundle, reasons: list[Reasons]) -> IntArray:
    facts = Facts.of(reason.fact for each in reasons for reason in each.supporting)
    return facts.over(bundle.train.vocabulary).array.astype(np.int64)


def _pools(train: Facts, cells: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Facts that bear on each cell as reasons do, and all facts of either drug."""
    known, n_effects = KnownEffects.of(train), len(train.effects)
    for a, e, b in cells.tolist():
        rows = []
        for drug in (a, b):
            effects, others = np.nonzero(known.company(drug, n_effects))
            rows.append(np.column_stack((np.full(len(others), drug), effects, others)))
        both = np.unique(_ordered(np.concatenate(rows)), axis=0)
        of_pair = (both[:, [0, 2]] == sorted((a, b))).all(axis=1)
        yield both[of_pair | (both[:, 1] == e)], both


def _drawn(pools: list[IntArray], number: list[int], rng: np.random.Generator) -> IntArray:
    """Facts without repetition, from each pool as many as its prediction has reasons."""
    drawn = [
        pool[rng.choice(len(pool), size=min(count, len(pool)), replace=False)]
        for pool, count in zip(pools, number, strict=True)
    ]
    return np.unique(np.concatenate(drawn), axis=0)


def _ordered(facts: IntArray) -> IntArray:
    ends = np.sort(facts[:, [0, 2]], axis=1)
    return np.column_stack((ends[:, 0], facts[:, 1], ends[:, 1]))


def _trained(bundle: Bundle, cells: IntArray, removed: IntArray) -> Trained:
    gone = Facts(*bundle.train.vocabulary, removed.astype(np.int32))
    train = bundle.train.keep(~np.isin(bundle.train.codes, gone.codes))
    known = train.joined(bundle.valid)
    split = Split("less", train, bundle.valid, train.keep(np.zeros(len(train), bool)), known)
    scorer = fit_stack(split, None, int(bundle.config["seed"]))
    calibration = calibrate.fit(scorer, split)
    effects = cells[:, 1]
    score, old_form = (
        each.effect_scores(cells[:, [0, 2]])[np.arange(len(cells)), effects]
        for each in (scorer, _with_form_of(bundle, scorer))
    )
    log_odds = calibration.intercept[effects] + calibration.slope[effects] * score
    old = bundle.calibration
    return Trained(
        calibration.probability(score, effects),
        log_odds,
        old.intercept[effects] + old.slope[effects] * old_form,
    )


def _with_form_of(bundle: Bundle, scorer: StackScorer) -> StackScorer:
    return StackScorer.of({**bundle.weights, **_items(scorer)}, scorer.counts.train, None)


def _items(scorer: StackScorer) -> dict[str, WeightArray]:
    return {name: w for name, w in scorer.weights.items() if ".of_" in name}


def _report(
    trained: dict[str, Trained], expected: FloatArray, rng: np.random.Generator
) -> Iterator[str]:
    whole = trained.pop("nothing")
    falls = {name: _falls(whole, arm) for name, arm in trained.items()}
    draws = rng.integers(len(expected), size=(RESAMPLES, len(expected)))
    yield f"{len(expected)} predictions, median probability {np.median(whole.probability):.3f}\n"
    yield "| without | probability | log-odds | log-odds, form and calibration as before |\n"
    for name, fall in falls.items():
        cells = (_interval(np.median, each, draws) for each in fall)
        yield f"| {name} | {' | '.join(cells)} |\n"
    top, *others = falls.items()
    for name, fall in others:
        more = [(mine > theirs).astype(float) for mine, theirs in zip(top[1], fall, strict=True)]
        cells = (_share(each) for each in more)
        yield f"| share that falls more than without {name} | {' | '.join(cells)} |\n"
    for column, what in ((1, "trained anew"), (2, "form as before")):
        measured = top[1][column]
        ranks = np.argsort(np.argsort((expected, measured), axis=1), axis=1)
        alike = np.asarray(np.corrcoef(ranks))[0, 1]
        yield (
            f"sum of changes {np.median(expected):.3f}, measured {np.median(measured):.3f} "
            f"(medians, {what}), rank correlation {alike:.3f}\n"
        )


def _falls(whole: Trained, arm: Trained) -> list[FloatArray]:
    names = ("probability", "log_odds", "old_form")
    return [getattr(whole, name) - getattr(arm, name) for name in names]


def _interval(of: Callable[..., FloatArray], values: FloatArray, draws: IntArray) -> str:
    low, high = np.quantile(of(values[draws], axis=1), (0.025, 0.975))
    return f"{of(values):.3f} ({low:.3f} to {high:.3f})"


def _share(values: FloatArray) -> str:
    """Share of ones with its interval by Wilson (1927): a bootstrap of 100 in 100 has none."""
    n, share = len(values), float(values.mean())
    middle, half = share + Z**2 / (2 * n), Z * np.sqrt((share * (1 - share) + Z**2 / (4 * n)) / n)
    low, high = ((middle + sign * half) / (1 + Z**2 / n) for sign in (-1, 1))
    return f"{share:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
