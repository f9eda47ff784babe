"""A model stacked on counting is served with numpy alone, the same in every shape."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from embeddings.counting import features as count_features
from embeddings.counting import stack
from embeddings.counting.baselines import EXPECTED_SHARE
from embeddings.counting.features import FEATURES, CountFeatures
from embeddings.counting.items import DrugItems
from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import LIMIT, REACH, StackScorer
from embeddings.counting.stack_fit import fit_stack
from embeddings.judging.evaluate import evaluate
from embeddings.negatives import with_negatives
from embeddings.run import TrainingRequest, train_model
from embeddings.scorer import BilinearScorer
from embeddings.served import served_scorer
from embeddings.splits import Split, split_facts
from embeddings.store import load
from embeddings.training.configs import (
    CountConfig,
    PairConfig,
    UnknownConfig,
    UnknownSetting,
    config_named,
)
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import class_rules


@pytest.fixture
def split(facts: Facts) -> Split:
    return split_facts(facts, "random", 0)


@pytest.fixture
def model(facts: Facts) -> BilinearScorer:
    return BilinearScorer.of("distmult", weights_of(facts))


def weights_of(facts: Facts) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "entity": (len(facts.drugs), 4),
        "relation": (len(facts.effects), 4),
        "bias": (len(facts.effects),),
    }
    return {name: rng.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def every_cell(facts: Facts) -> np.ndarray:
    low, high = np.triu_indices(len(facts.drugs), k=1)
    effects = np.arange(len(facts.effects)).repeat(len(low))
    pairs = np.tile(np.column_stack((low, high)), (len(facts.effects), 1))
    return np.column_stack((pairs[:, 0], effects, pairs[:, 1])).astype(np.int32)


@pytest.mark.parametrize("learned", [True, False])
def test_facts_pairs_and_effects_are_scored_alike(
    split: Split, model: BilinearScorer, monkeypatch: pytest.MonkeyPatch, learned: bool
) -> None:
    scorer = fit_stack(split, model if learned else None, 0)
    cells = every_cell(split.train)
    single = scorer.scores(cells)
    pairs = np.unique(cells[:, [0, 2]], axis=0)
    by_pair = scorer.effect_scores(pairs)
    by_effect = np.stack([scorer.drug_scores(e) for e in range(len(split.train.effects))])
    assert by_pair.T.ravel() == pytest.approx(single, abs=1e-6)
    assert by_effect[:, pairs[:, 0], pairs[:, 1]] == pytest.approx(by_pair.T, abs=4e-3)
    assert (by_effect == by_effect.transpose(0, 2, 1)).all()
    monkeypatch.setattr(stack, "_MANY", 1)
    assert scorer.scores(cells) == pytest.approx(single, abs=4e-3)
    assert scorer.effect_scores(pairs) == pytest.approx(by_pair, abs=4e-3)


def test_counting_stacked_tells_facts_of_class_rules(split: Split) -> None:
    scorer = fit_stack(split, None, 0)
    for protocol in ("uniform", "corrupt", "known-pairs"):
        sample = with_negatives(split.test, split.known, split.train, protocol, 0)
        assert evaluate(scorer, sample, 0).auroc.mean() > 0.95


def test_a_stack_does_not_lose_what_its_model_knows(split: Split) -> None:
    class Oracle(BilinearScorer):
        def scores(self, facts: np.ndarray) -> np.ndarray:
            codes = facts[:, 1].astype(np.int64) * len(split.known.drugs) ** 2
            codes += facts[:, 0].astype(np.int64) * len(split.known.drugs) + facts[:, 2]
            return np.where(split.known.states(codes), 3.0, -3.0)

        def effect_scores(self, pairs: np.ndarray) -> np.ndarray:
            n = len(split.known.effects)
            rows = np.column_stack(
                (pairs[:, 0].repeat(n), np.tile(np.arange(n), len(pairs)), pairs[:, 1].repeat(n))
            )
            return self.scores(rows).reshape(-1, n)

    blank = np.zeros((1, 1), dtype=np.float32)
    scorer = fit_stack(split, Oracle(blank, blank, blank, blank, blank), 0)
    sample = with_negatives(split.test, split.known, split.train, "known-pairs", 0)
    assert evaluate(scorer, sample, 0).auroc.mean() == pytest.approx(1.0)


def test_the_order_of_drugs_and_the_company_of_other_pairs_do_not_matter(
    split: Split, model: BilinearScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = fit_stack(split, model, 0)
    pairs = np.array([[0, 1], [5, 2], [1, 0], [3, 3], [2, 5]])
    scores = scorer.effect_scores(pairs)
    assert (scores[[0, 1]] == scores[[2, 4]]).all()
    assert np.isfinite(scores).all()
    monkeypatch.setattr(stack, "PAIRS_KEPT", 2)
    again = StackScorer.of(scorer.weights, split.train, model)
    singly = np.concatenate([again.effect_scores(pairs[i : i + 1]) for i in (4, 3, 2, 1, 0)])
    assert singly[::-1] == pytest.approx(scores, abs=1e-5)


def test_no_pairs_have_no_scores(split: Split) -> None:
    scorer = fit_stack(split, None, 0)
    nothing = np.zeros((0, 2), dtype=np.int64)
    assert scorer.effect_scores(nothing).shape == (0, len(split.train.effects))
    assert len(scorer.scores(np.zeros((0, 3), dtype=np.int32))) == 0
    assert len(DrugItems.fit(split.train).scores(np.zeros((0, 3), dtype=np.int32))) == 0


def test_a_drug_without_training_facts_is_scored(facts: Facts) -> None:
    split = split_facts(facts, "cold", 0)
    scorer = fit_stack(split, None, 0)
    assert np.isfinite(scorer.scores(split.test.array)).all()


def test_what_is_stored_of_a_stack_makes_the_same_scorer(
    split: Split, model: BilinearScorer
) -> None:
    fitted = fit_stack(split, model, 0)
    weights = {**weights_of(split.known), **fitted.weights}
    served = served_scorer("distmult", weights, split.train)
    assert served.scores(split.test.array) == pytest.approx(fitted.scores(split.test.array))
    alone = served_scorer("distmult", weights_of(split.known), split.train)
    assert isinstance(alone, BilinearScorer)


def test_counting_is_trained_stored_and_served_without_a_learned_model(
    graph: KnowledgeGraph, home: Path
) -> None:
    def quiet(message: str) -> None:
        assert "epoch" not in message

    bundle = train_model(graph, home, TrainingRequest(config="counts"), quiet)
    assert bundle.metrics["protocols"]["uniform"]["model"]["auroc"]["mean"] > 0.9
    again = load(home, bundle.id)
    pairs = bundle.train.array[:9, [0, 2]]
    assert np.array_equal(again.scorer.effect_scores(pairs), bundle.scorer.effect_scores(pairs))
    assert set(again.train.triples()) <= set(class_rules())


def test_numbers_of_a_configuration_can_be_changed_by_name() -> None:
    changed = config_named("best,epochs=8,learning_rate=0.1")
    assert isinstance(changed, PairConfig)
    assert (changed.epochs, changed.learning_rate, changed.stacked) == (8, 0.1, 1)
    assert config_named("counts") == CountConfig("counts")
    with pytest.raises(UnknownConfig, match="'bes'"):
        config_named("bes,epochs=8")


@pytest.mark.parametrize(
    "change",
    ["epoch=8", "epochs", "epochs=many", "name=x", "hidden=0.5", "epochs=0", "dropout=-1",
     "learning_rate=inf", "learning_rate=nan", ""],
)  # fmt: skip
def test_a_change_that_a_configuration_cannot_take_is_quoted_with_what_it_can(change: str) -> None:
    with pytest.raises(UnknownSetting, match=f"^'{change}' changes nothing .*'best'.* epochs,"):
        config_named(f"best,{change}")


@pytest.fixture(scope="module")
def scattered() -> Facts:
    """Facts of 18 drugs and 21 effects at random; one drug and one effect have none in training."""
    rng = np.random.default_rng(3)
    low, high = np.triu_indices(18, k=1)
    stated = rng.random((21, len(low))) < rng.beta(0.4, 2.0, size=(21, 1))
    stated[20] = stated[:, high == 17] = False
    effect, pair = np.nonzero(stated)
    array = np.column_stack((low[pair], effect, high[pair])).astype(np.int32)
    return Facts(tuple(map(str, range(18))), tuple(map(str, range(21))), array)


def plain_features(counts: CountFeatures, first: int, effect: int, second: int) -> list[float]:
    """What counting sees of a cell, summed up fact by fact in double precision."""
    train = counts.train
    facts = {(*sorted((a, b)), e) for a, e, b in train.array.tolist()}
    drugs, effects = range(len(train.drugs)), range(len(train.effects))

    def states(a: int, e: int, b: int) -> bool:
        return (*sorted((a, b)), e) in facts

    def vouched(a: int, e: int, b: int) -> float:
        return math.fsum(counts.of_drugs[c, b] for c in drugs if states(a, e, c))

    def log_in_effect(a: int) -> float:
        of_drug = sum(states(a, e, c) for e in effects for c in drugs)
        share = (1 + 2 * train.per_effect[effect]) / (1 + 2 * len(train))
        met = sum(states(a, effect, c) for c in drugs)
        return math.log(met + EXPECTED_SHARE * share * (1 + of_drug))

    here = [e for e in effects if states(first, e, second)]
    there, back = vouched(first, effect, second), vouched(second, effect, first)
    of_pair = min(max(math.fsum(counts.of_effects[e, effect] for e in here), 0.0), 1.0)
    both = math.fsum(
        (vouched(first, e, second) + vouched(second, e, first)) * counts.of_effects[e, effect]
        for e in effects
    )
    near, both = (min(max(value, 0.0), 2.0) for value in (there + back, both))
    company = math.fsum(vouched(first, e, second) + vouched(second, e, first) for e in effects)
    degrees = [sum(states(a, e, c) for e in effects for c in drugs) for a in (first, second)]
    one, other = log_in_effect(first), log_in_effect(second)
    return [
        *(math.log1p(train.per_effect[effect]), sum(math.log1p(degree) for degree in degrees)),
        *(one + other, abs(one - other), math.log1p(len(here)), float(not here)),
        *(of_pair, math.log(of_pair + 0.01), near, math.log(near + 0.01), abs(there - back)),
        *(both, math.log(both + 0.01), math.log1p(max(company, 0.0))),
    ]


def test_what_is_seen_of_pairs_and_of_cells_is_what_plain_sums_give(
    scattered: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(scale=0.2, size=(n, n)).astype(np.float32) for n in (18, 21))
    counts = CountFeatures(scattered, *weights)
    cells = np.array([[0, 3, 1], [1, 3, 0], [5, 20, 6], [2, 0, 17], [9, 7, 12], [9, 8, 12]])
    plain = np.array([plain_features(counts, *cell) for cell in cells.tolist()])
    by_cell = counts.of_cells(cells).T
    assert by_cell == pytest.approx(plain, abs=2e-5)
    by_pair = counts.of_pairs(cells[:, [0, 2]])[:, np.arange(len(cells)), cells[:, 1]].T
    assert by_pair == pytest.approx(plain, abs=2e-5)
    monkeypatch.setattr(count_features, "_MANY_CELLS", 0)
    by_cell = counts.of_cells(cells).T
    assert by_cell == pytest.approx(plain, abs=2e-5)


@pytest.mark.parametrize("learned", [True, False])
def test_a_score_is_the_form_of_what_is_seen(scattered: Facts, learned: bool) -> None:
    model = BilinearScorer.of("distmult", weights_of(scattered)) if learned else None
    k = len(FEATURES) + learned
    rng = np.random.default_rng(1)
    form = np.triu(rng.normal(size=(k + 1, k + 1))).astype(np.float32)
    centre, scale = rng.normal(size=(2, k)).astype(np.float32)
    scorer = StackScorer(CountFeatures.fit(scattered), model, form, centre, 0.5 + np.abs(scale))
    pairs = np.array([[0, 1], [4, 2], [17, 3]])
    scores = scorer.effect_scores(pairs)
    for row, (first, second) in enumerate(pairs.tolist()):
        for effect in (0, 7, 20):
            cell = np.array([[first, effect, second]])
            seen = plain_features(scorer.counts, first, effect, second)
            seen += [] if model is None else model.scores(cell).tolist()
            shifted = np.clip((np.array(seen) - centre) / scorer.scale, -REACH, REACH)
            x = np.append(shifted, 1.0)
            plain = np.clip(x @ form.astype(np.float64) @ x, -LIMIT, LIMIT)
            assert scores[row, effect] == pytest.approx(plain, abs=1e-3)


def test_pairs_in_parts_that_share_drugs_are_all_there_once() -> None:
    pairs = np.column_stack(np.triu_indices(60, k=1))
    parts = count_features.tiles(pairs)
    assert np.sort(np.concatenate(parts)).tolist() == list(range(len(pairs)))
    assert max(len(part) for part in parts) <= 256
    assert np.mean([len(np.unique(pairs[part])) for part in parts]) < 40


def test_known_effects_of_a_pair_and_the_company_of_a_drug_are_looked_up(scattered: Facts) -> None:
    known = KnownEffects.of(scattered)
    assert known.pairs.tolist() == np.unique(scattered.pair_codes).tolist()
    dense = np.zeros((18, 21, 18), dtype=np.float32)
    for a, e, b in scattered.array.tolist():
        dense[a, e, b] = dense[b, e, a] = 1.0
    for drug in range(18):
        assert (known.company(drug, 21) == dense[drug]).all()
        partner, stated = known.partners(drug, 21)
        assert (stated == dense[drug][:, partner].T).all()
    pairs = np.array([[3, 1], [0, 17], [1, 3]])
    shown, place = known.shown(pairs, 21)
    assert place.tolist() == [0, 2]
    assert (shown == dense[pairs[place, 0], :, pairs[place, 1]]).all()
    every = np.concatenate([stated for _, stated in known.blocks(21)])
    assert (every == dense[known.pairs // 18, :, known.pairs % 18]).all()


def test_without_facts_nothing_is_known() -> None:
    known = KnownEffects.of(Facts(("a", "b"), ("x",), np.zeros((0, 3), dtype=np.int32)))
    assert known.company(0, 1).tolist() == [[0.0, 0.0]]
    assert known.shown(np.array([[0, 1]]), 1)[0].shape == (0, 1)
