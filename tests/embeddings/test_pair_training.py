"""Whole pairs are learned without a leak, as PyKEEN would, and numpy repeats the scores."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.judging.evaluate import evaluate
from embeddings.mechanism import linked
from embeddings.negatives import with_negatives
from embeddings.pair_scorer import MeanScorer, PairScorer, scorer_of
from embeddings.training.configs import CONFIGS, PairConfig
from embeddings.triples import Facts

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from pykeen.models import ERModel  # noqa: E402
from pykeen.pipeline import pipeline  # noqa: E402
from pykeen.training import LCWATrainingLoop, training_loop_resolver  # noqa: E402
from pykeen.triples import CoreTriplesFactory  # noqa: E402

from embeddings.training.blocks import Block, PairTable, Tournament  # noqa: E402
from embeddings.training.model import factory_of  # noqa: E402
from embeddings.training.pair_loop import PairMajorLoop  # noqa: E402
from embeddings.training.pair_model import PairModel  # noqa: E402
from embeddings.training.pairs import Watch, learn_pairs, weights_of  # noqa: E402
from embeddings.training.watching import settled_heap  # noqa: E402
from tests.embeddings.pair_training import SMALL, small_split  # noqa: E402

pytestmark = pytest.mark.slow

PLAIN = PairConfig("plain", "distmult", 6, 2, 0.1, threads=1)
FORMS = ("distmult", "complex", "simple", "tucker")
EVERY_TERM = replace(SMALL, half=0)
CASES = (
    *(replace(PLAIN, name=form, interaction=form, sums=2) for form in FORMS),
    replace(EVERY_TERM, name="terms"),
)
QUIET = Watch(lambda _: None)


def drawn(config: PairConfig, facts: Facts) -> PairModel:
    """A model whose every parameter is drawn wide, so that no term is near 0."""
    model = PairModel(triples_factory=factory_of(facts), config=config, random_seed=1)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model


def every_pair(facts: Facts) -> np.ndarray:
    return np.column_stack(np.triu_indices(len(facts.drugs), k=1))


@given(n=st.integers(2, 17), width=st.integers(1, 9), size=st.integers(1, 7))
def test_every_two_drugs_meet_once_an_epoch(n: int, width: int, size: int) -> None:
    tournament = Tournament(n, width, size)
    tournament.draw(torch.Generator().manual_seed(n))
    met: Counter[frozenset[int]] = Counter()
    for item in range(len(tournament)):
        first, second, strips = tournament.pairs(tournament[item])
        assert sum(strips) == len(first) <= width * size
        met.update(frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True))
    assert set(met.values()) == {1}
    assert set(map(len, met)) == {2}
    assert len(met) == n * (n - 1) // 2


def test_processes_share_an_epoch_in_equally_many_batches() -> None:
    whole = Tournament(9, 2, 3)
    shares = [Tournament(9, 2, 3, rank, 4) for rank in range(4)]
    assert len({len(share) for share in shares}) == 1
    strips = {s for share in shares for i in range(len(share)) for s in share[i].tolist()}
    assert strips == {s for i in range(len(whole)) for s in whole[i].tolist()}


def test_a_fact_is_one_thing_in_both_orders_and_however_often_it_is_stated() -> None:
    triples = torch.tensor([[0, 1, 2], [2, 1, 0], [0, 1, 2], [2, 0, 1], [1, 1, 1]])
    table = PairTable(triples, n_drugs=4, n_effects=2)
    first, second = torch.tensor([0, 2, 1, 3]), torch.tensor([2, 0, 2, 0])
    assert table.stated(first, second).tolist() == [[0, 1], [0, 1], [1, 0], [0, 0]]
    assert table.degrees().tolist() == [[0, 1], [1, 0], [1, 1], [0, 0]]
    assert table.company(torch.tensor(2)).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("config", CASES, ids=lambda config: config.name)
def test_numpy_repeats_the_scores_of_the_model_in_every_shape(
    config: PairConfig, facts: Facts
) -> None:
    model, pairs = drawn(config, facts), every_pair(facts)
    scorer = scorer_of(config.interaction, weights_of(model), facts)
    with torch.inference_mode():
        scores = model.score_r(torch.from_numpy(pairs)).numpy()
        turned = model.score_r(torch.from_numpy(pairs[:, ::-1].copy())).numpy()
    assert turned == pytest.approx(scores, abs=1e-4)
    assert scorer.effect_scores(pairs) == pytest.approx(scores, abs=1e-4)
    dense = np.stack([scorer.drug_scores(e) for e in range(len(facts.effects))], axis=-1)
    # The memory of every pair at once is kept in half precision.
    assert dense[pairs[:, 0], pairs[:, 1]] == pytest.approx(scores, abs=2e-2)
    place = {tuple(pair): row for row, pair in enumerate(pairs.tolist())}
    rows = [place[a, b] for a, _, b in facts.array.tolist()]
    assert scorer.scores(facts.array) == pytest.approx(scores[rows, facts.array[:, 1]], abs=1e-4)


def test_a_score_in_training_is_that_of_a_graph_without_the_fact(facts: Facts) -> None:
    config = replace(EVERY_TERM, memory=0, dropout=0.0)
    whole = drawn(config, facts)
    for row in (0, 100, 300):
        left_out = facts.keep(np.arange(len(facts)) != row)
        bare = PairModel(triples_factory=factory_of(left_out), config=config, random_seed=1)
        bare.load_state_dict(whole.state_dict())
        first, effect, second = (torch.tensor([i]) for i in facts.array[row].tolist())
        known, unknown = (
            model.train().block_scores(model.table.block(first, second, (1,)), None)
            for model in (whole, bare)
        )
        assert known[0, effect].item() == pytest.approx(unknown[0, effect].item(), abs=1e-5)


def test_what_the_memory_was_shown_teaches_nothing(facts: Facts) -> None:
    model = drawn(replace(EVERY_TERM, dropout=0.0, memory_dropout=0.0), facts)
    loop = PairMajorLoop(model=model, triples_factory=factory_of(facts), optimizer="SGD")
    first, second = (torch.from_numpy(facts.array[:40, i].astype(np.int64)) for i in (0, 2))
    block = model.train().table.block(first, second, (1,) * 40)
    shown = model.shown(block)
    assert shown is not None
    assert 0 < shown.sum() < block.stated.sum()
    assert bool((shown <= block.stated).all())
    loop.model.shown = lambda _: shown  # type: ignore[method-assign]
    scores, labels = loop._scored(block)
    assert labels.sum() == block.stated.sum() - shown.sum()
    assert bool((scores[shown.bool()] == -60.0).all())


def same_start(facts: Facts) -> tuple[ERModel, PairModel, CoreTriplesFactory]:
    """PyKEEN's DistMult and our model of pairs, which begin with the same weights."""
    triples = factory_of(facts)
    generator = torch.Generator().manual_seed(5)
    begin = [
        torch.randn(n, 6, generator=generator)
        for n in (triples.num_entities, triples.num_relations)
    ]
    # PyKEEN draws an embedding anew in place before it initialises it, so it gets a copy.
    entity, relation = ((lambda _, start=start: start.clone()) for start in begin)
    stock = ERModel(
        triples_factory=triples,
        interaction="distmult",
        entity_representations_kwargs={"shape": (6,), "initializer": entity},
        relation_representations_kwargs={"shape": (6,), "initializer": relation},
        loss="bcewithlogits",
        random_seed=0,
    )
    ours = PairModel(triples_factory=triples, config=PLAIN, random_seed=0)
    ours.entity_representations[0].initializer = entity
    ours.relation_representations[0].initializer = relation
    ours.relation_representations[1].initializer = torch.nn.init.zeros_
    return stock, ours, triples


def test_the_losses_are_those_of_the_lcwa_loop_of_pykeen(facts: Facts) -> None:
    stock, ours, triples = same_start(facts)
    ours.relation_representations[1].requires_grad_(requires_grad=False)
    settings = {
        "triples_factory": triples,
        "optimizer": "SGD",
        "optimizer_kwargs": {"lr": 0.5},
        "automatic_memory_optimization": False,
    }
    lcwa = LCWATrainingLoop(model=stock, target="relation", **settings)
    others = (ours, same_start(facts)[0])
    loops = [lcwa]
    loops += [
        PairMajorLoop(model=model, unconnected=0.0, cells=10**6, **settings) for model in others
    ]
    with settled_heap():
        losses = [
            loop.train(triples, num_epochs=4, batch_size=10**6, use_tqdm=False, pin_memory=False)
            for loop in loops
        ]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    assert losses[2] == pytest.approx(losses[0], rel=1e-5)


@pytest.mark.parametrize("cells", [20, 1_000, 10**6])
def test_an_epoch_costs_the_same_whatever_a_batch_may_hold(cells: int, facts: Facts) -> None:
    triples = factory_of(facts)
    model = PairModel(triples_factory=triples, config=PLAIN, random_seed=2)
    loop = PairMajorLoop(model=model, triples_factory=triples, optimizer="SGD", cells=cells)
    loop._create_training_data_loader(triples, sampler=None, batch_size=10**6)
    loop._begin(1)
    tournament, n_effects = loop._tournament, len(facts.effects)
    cost, n_pairs = 0.0, 0
    for item in range(len(tournament)):
        strips = tournament[item]
        pairs = len(tournament.pairs(strips)[0])
        assert pairs * n_effects <= max(cells, n_effects)
        cost += loop._process_batch(strips, 0, len(strips)).item() * pairs
        n_pairs += pairs
    whole: Block = model.table.block(*torch.from_numpy(every_pair(facts)).T, (1,))
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        model.block_scores(whole, None), whole.stated
    )
    assert n_pairs == len(every_pair(facts))
    assert cost / n_pairs == pytest.approx(expected.item(), rel=1e-5)


def test_the_pipeline_of_pykeen_finds_the_loop(facts: Facts) -> None:
    assert training_loop_resolver.lookup("pair-major") is PairMajorLoop
    triples = factory_of(facts)
    with settled_heap():
        result = pipeline(
            training=triples,
            testing=triples,
            model="DistMult",
            model_kwargs={"embedding_dim": 4},
            loss="bcewithlogits",
            training_loop="PairMajorLoop",
            training_kwargs={"num_epochs": 2, "use_tqdm": False},
            evaluation_kwargs={"use_tqdm": False},
            random_seed=0,
            device="cpu",
        )
    assert len(result.losses) == 2


def test_the_same_seed_gives_the_same_weights() -> None:
    train = small_split().train
    config = replace(SMALL, epochs=3)
    one, again, other = (learn_pairs(train, config, seed, QUIET) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["left"], other["left"])


def test_what_is_learned_tells_held_out_facts_from_others() -> None:
    split = small_split()
    messages: list[str] = []
    watch = Watch(messages.append, lambda weights: float(weights["bias"].mean()))
    weights = learn_pairs(split.train, replace(SMALL, epochs=20), 0, watch)
    scorer = scorer_of("distmult", weights, split.train)
    sample = with_negatives(split.test, split.known, split.train, "uniform", 0)
    assert evaluate(scorer, sample, 0).auroc.mean() > 0.95
    assert len(messages) == 10
    assert all("loss" in m and "validation" in m and "s left" in m for m in messages)


def test_members_are_averaged_in_log_odds() -> None:
    train = small_split().train
    weights = learn_pairs(train, replace(SMALL, epochs=2, members=2), 0, QUIET)
    scorer = scorer_of("distmult", weights, train)
    assert isinstance(scorer, MeanScorer)
    pairs = every_pair(train)
    parts = [member.effect_scores(pairs) for member in scorer.members]
    assert not np.allclose(*parts)
    assert scorer.effect_scores(pairs) == pytest.approx(sum(parts) / 2)
    assert scorer.scores(train.array) == pytest.approx(
        np.mean([member.scores(train.array) for member in scorer.members], axis=0)
    )
    assert scorer.drug_scores(1) == pytest.approx(
        np.mean([member.drug_scores(1) for member in scorer.members], axis=0)
    )


def test_many_facts_score_as_few_do(monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    scorer = PairScorer(weights_of(drawn(EVERY_TERM, facts)), facts)
    one_by_one = scorer.scores(facts.array)
    monkeypatch.setattr("embeddings.pair_scorer._MANY", 1)
    assert scorer.scores(facts.array) == pytest.approx(one_by_one, abs=2e-2)


def test_the_mechanism_of_drugs_teaches_their_vectors() -> None:
    train = small_split().train
    heads, tails = train.drugs, [f"gene {drug[-1]}" for drug in train.drugs]
    mechanism = linked(heads, ["hits"] * len(heads), tails, train.drugs)
    assert mechanism.triples[:, 0].tolist() == list(range(len(heads)))
    assert mechanism.triples[:, 2].min() == len(heads)
    config = replace(PLAIN, mechanism=1.0)
    plain, taught = (learn_pairs(train, config, 0, QUIET, m) for m in (None, mechanism))
    assert not np.allclose(plain["left"], taught["left"])
    assert plain.keys() == taught.keys()


@pytest.mark.parametrize("unconnected", [0.5, 0.0])
def test_the_weight_of_unconnected_pairs_changes_what_is_learned(unconnected: float) -> None:
    train = small_split().train
    plain, other = (
        learn_pairs(train, replace(PLAIN, unconnected=weight), 0, QUIET)
        for weight in (1.0, unconnected)
    )
    assert not np.allclose(plain["core"], other["core"])


@pytest.mark.parametrize("name", [n for n, c in CONFIGS.items() if isinstance(c, PairConfig)])
def test_every_configuration_of_pairs_learns(name: str, facts: Facts) -> None:
    config = CONFIGS[name]
    assert isinstance(config, PairConfig)
    small = replace(config, dimension=4, epochs=1, memory=min(config.memory, 8), members=1)
    weights = learn_pairs(facts, small, 0, QUIET)
    assert np.isfinite(scorer_of(config.interaction, weights, facts).scores(facts.array)).all()


def test_no_pairs_have_no_scores(facts: Facts) -> None:
    scorer = scorer_of("distmult", weights_of(drawn(EVERY_TERM, facts)), facts)
    assert scorer.effect_scores(np.zeros((0, 2), np.int64)).shape == (0, len(facts.effects))
    assert len(scorer.scores(facts.array[:0])) == 0


def test_a_model_without_facts_of_a_pair_still_scores_it(facts: Facts) -> None:
    one = facts.keep(np.arange(len(facts)) == 0)
    weights = weights_of(drawn(EVERY_TERM, one))
    scores = scorer_of("distmult", weights, one).effect_scores(np.array([[5, 6], [0, 1]]))
    assert np.isfinite(scores).all()
