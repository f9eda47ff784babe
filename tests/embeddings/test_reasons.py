"""A prediction says which facts moved it, and by exactly how much."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from embeddings.counting.features import FEATURES
from embeddings.counting.known_effects import KnownEffects
from embeddings.counting.stack import StackScorer
from embeddings.pair_scorer import MeanScorer, PairScorer
from embeddings.predict import NotInModel, OneDrugTwice, UnknownEffect
from embeddings.reasons import influence
from embeddings.reasons.explainer import Reason, Reasons, reasons_of
from embeddings.reasons.influence import Influence, Kind
from embeddings.reasons.influence_model import CellFacts, model_changes
from embeddings.scorer import BilinearScorer, Scorer
from embeddings.store import Bundle
from embeddings.triples import Facts
from tests.embeddings.conftest import drug

N_DRUGS, N_EFFECTS = 9, 6
CELL = (1, 2, 4)
NAMES = {drug(1): "one", drug(2): "two", drug(3): "three", "HP:0000001": "Cough"}


def effect(number: int) -> str:
    return f"HP:{number:07d}"


@pytest.fixture(scope="module")
def train() -> Facts:
    """Three in ten of all cells; the first pair has several effects."""
    rng = np.random.default_rng(3)
    low, high = np.triu_indices(N_DRUGS, k=1)
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    cells = [(a, e, b) for a, b in pairs for e in range(N_EFFECTS)]
    some = [cell for cell in cells if rng.random() < 0.3 and cell != CELL]
    some += [(1, e, 4) for e in (0, 3, 4)]
    return Facts.of((drug(a), effect(e), drug(b)) for a, e, b in some)


def weights_of_pairs(*without: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("left", "right"), (N_DRUGS, 4)),
        "core": (N_EFFECTS, 4),
        "bias": (N_EFFECTS,),
        "offset": (N_EFFECTS, N_DRUGS),
        "degree_product": (N_EFFECTS,),
        **dict.fromkeys(("asked", "given"), (N_DRUGS, 3)),
        "gate": (N_EFFECTS, 3),
        "into": (5, N_EFFECTS),
        "out": (N_EFFECTS, 5),
        **dict.fromkeys(("count", "inner_bias"), (5,)),
    }
    drawn = {name: rng.normal(size=size).astype(np.float32) for name, size in shapes.items()}
    drawn["right"] = drawn["left"]
    return {name: array for name, array in drawn.items() if name not in without}


def model_of(kind: str, train: Facts) -> Scorer | None:
    weights = weights_of_pairs()
    match kind:
        case "looks up nothing":
            names = ("left", "core", "right", "bias", "offset")
            return BilinearScorer(*(weights[name] for name in names))
        case "remembers":
            return PairScorer(weights, train)
        case "several":
            parts = (weights, weights_of_pairs("asked", "degree_product"))
            return MeanScorer(tuple(PairScorer(part, train) for part in parts))
        case _:
            return None


def stack_of(train: Facts, kind: str = "no model") -> StackScorer:
    """A stack whose weights are drawn, so that each of its sums matters."""
    model, rng = model_of(kind, train), np.random.default_rng(7)
    items = [rng.normal(0.06, 0.05, size=(n, n)) for n in (N_DRUGS, N_EFFECTS)]
    for weights in items:
        np.fill_diagonal(weights, 0.0)
    k = len(FEATURES) + (model is not None)
    drawn = {
        "stack.of_drugs": items[0],
        "stack.of_effects": items[1],
        "stack.form": np.triu(rng.normal(0.0, 0.2, size=(k + 1, k + 1))),
        "stack.centre": rng.normal(size=k),
        "stack.scale": rng.uniform(0.8, 1.2, size=k) * 3.0,
    }
    return StackScorer.of({n: w.astype(np.float32) for n, w in drawn.items()}, train, model)


def bundle_with(bundle: Bundle, scorer: StackScorer, valid: Facts | None = None) -> Bundle:
    train = scorer.counts.train
    each = {name: np.full(N_EFFECTS, value) for name, value in
            (("intercept", -1.0), ("slope", 0.5), ("base_rate", 0.01))}  # fmt: skip
    return replace(
        bundle,
        weights=scorer.weights,
        train=train,
        valid=valid or train.keep(np.zeros(len(train), dtype=np.bool_)),
        calibration=replace(bundle.calibration, **each),
    )


def with_flipped(train: Facts, fact: np.ndarray) -> Facts:
    low, high = sorted(fact[[0, 2]].tolist())
    one = Facts(*train.vocabulary, np.array([[low, fact[1], high]], dtype=np.int32))
    return train.excluding(one) if train.states(one.codes)[0] else train.joined(one)


@pytest.mark.parametrize("kind", ["no model", "looks up nothing", "remembers", "several"])
def test_what_a_fact_moves_is_what_the_scorer_loses_without_it(train: Facts, kind: str) -> None:
    scorer, cell = stack_of(train, kind), np.array([CELL], dtype=np.int32)
    explained = Influence(scorer, KnownEffects.of(train))
    now = scorer.scores(cell)[0]
    assert explained.score(*CELL) == pytest.approx(now, abs=2e-3)
    flips = explained.flips(*CELL)
    assert {part.kind for part in flips} == set(Kind) - {Kind.NEAR_PAIR}
    assert max(np.abs(part.change).max() for part in flips) > 0.1
    for part in flips:
        for fact, stated, change in zip(part.facts, part.stated, part.change, strict=True):
            others = with_flipped(train, fact)
            assert len(others) == len(train) + (-1 if stated else 1)
            other = stack_of(others, kind).scores(cell)[0]
            assert change == pytest.approx(now - other, abs=4e-3), (part.kind, fact)


def test_of_too_many_facts_the_weightiest_are_kept(
    train: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    flips = Influence(stack_of(train), KnownEffects.of(train)).flips(*CELL)
    every = [np.sort(part.change) for part in flips if part.kind is Kind.OTHER_EFFECT]
    monkeypatch.setattr(influence, "EXTREMES", 3)
    flips = Influence(stack_of(train), KnownEffects.of(train)).flips(*CELL)
    kept = [np.sort(part.change) for part in flips if part.kind is Kind.OTHER_EFFECT]
    for all_of_side, of_side in zip(every, kept, strict=True):
        assert len(of_side) == 6 < len(all_of_side)
        ends = all_of_side[[0, -1]]
        assert of_side[[0, -1]] == pytest.approx(ends, abs=0.1 * np.ptp(ends))


def test_a_pair_that_loses_its_last_effect_is_counted_as_unknown(train: Facts) -> None:
    alone = train.keep(~((train.array[:, [0, 2]] == [1, 4]).all(axis=1)))
    alone = with_flipped(alone, np.array([1, 0, 4]))
    scorer, cell = stack_of(alone, "remembers"), np.array([CELL], dtype=np.int32)
    of_pair = Influence(scorer, KnownEffects.of(alone)).flips(*CELL)[0]
    (change,) = of_pair.change[of_pair.stated]
    without = stack_of(with_flipped(alone, np.array([1, 0, 4])), "remembers")
    lost = scorer.scores(cell)[0] - without.scores(cell)[0]
    assert change == pytest.approx(lost, abs=4e-3)


def test_a_model_of_whole_effects_looks_up_no_facts(train: Facts) -> None:
    nothing = np.zeros((N_EFFECTS, N_DRUGS), dtype=np.bool_)
    cell = CellFacts((1, 4), 2, nothing[:, 0], (nothing, nothing))
    model = model_of("looks up nothing", train)
    assert model is not None
    assert not any(change.any() for change in model_changes(model, cell, np.zeros(N_DRUGS)))


def test_reasons_are_sorted_and_of_the_calibrated_log_odds(bundle: Bundle, train: Facts) -> None:
    scorer = stack_of(train)
    found = reasons_of(bundle_with(bundle, scorer), (drug(1), drug(4)), effect(2), count=5)
    for side, sign in ((found.supporting, 1.0), (found.opposing, -1.0)):
        changes = [sign * (reason.change or 0.0) for reason in side]
        assert 0 < len(changes) <= 5
        assert changes == sorted(changes, reverse=True)
        assert changes[-1] > 0.0
    assert all(reason.stated for reason in found.supporting)
    assert not found.stated
    flips = Influence(scorer, KnownEffects.of(train)).flips(*CELL)
    heaviest = max(part.change[part.stated].max() for part in flips)
    assert found.supporting[0].change == pytest.approx(0.5 * heaviest)
    odds = -1.0 + 0.5 * scorer.scores(np.array([CELL], dtype=np.int32))[0]
    assert found.probability == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-3)


def test_the_order_of_the_drugs_does_not_matter(bundle: Bundle, train: Facts) -> None:
    model = bundle_with(bundle, stack_of(train))
    one, other = (
        reasons_of(model, pair, effect(2)) for pair in ((drug(1), drug(4)), (drug(4), drug(1)))
    )
    assert one.probability == pytest.approx(other.probability)
    changes = [[r.change for r in (*x.supporting, *x.opposing)] for x in (one, other)]
    assert changes[0] == pytest.approx(changes[1])


def test_the_fact_itself_is_no_reason(bundle: Bundle, train: Facts) -> None:
    model = bundle_with(bundle, stack_of(with_flipped(train, np.array(CELL))))
    found = reasons_of(model, (drug(1), drug(4)), effect(2), count=1_000)
    assert found.stated
    facts = [reason.fact for reason in (*found.supporting, *found.opposing)]
    assert (drug(1), effect(2), drug(4)) not in facts
    assert len(set(facts)) == len(facts)


def test_a_fact_that_validation_states_is_not_told_as_missing(bundle: Bundle, train: Facts) -> None:
    def missing(valid: Facts | None) -> set[tuple[str, str, str]]:
        model = bundle_with(bundle, stack_of(train), valid)
        opposing = reasons_of(model, (drug(1), drug(4)), effect(2), count=1_000).opposing
        return {reason.fact for reason in opposing if not reason.stated}

    before = missing(None)
    held_out = Facts.of(sorted(before)[:1]).over(train.vocabulary)
    assert missing(held_out) == before - set(sorted(before)[:1])


def test_a_pair_without_facts_has_no_missing_effects(bundle: Bundle, train: Facts) -> None:
    alone = train.keep(~((train.array[:, [0, 2]] == [1, 4]).all(axis=1)))
    found = reasons_of(bundle_with(bundle, stack_of(alone)), (drug(1), drug(4)), effect(2), 1_000)
    assert Kind.SAME_PAIR not in {r.kind for r in (*found.supporting, *found.opposing)}


def test_a_model_alone_gives_the_nearest_pairs_with_and_without_the_effect(bundle: Bundle) -> None:
    near, far, asked, lacking = (1, 2), (5, 6), (1, 3), (2, 3)
    facts = [(near, 0), (far, 0), (lacking, 1), ((4, 6), 1)]
    train = Facts.of((drug(a), effect(e), drug(b)) for (a, b), e in facts)
    entity = np.array([[1, 1], [1, 0.1], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=np.float32)
    weights = {"entity": entity, "relation": np.ones((2, 2)), "bias": np.zeros(2)}
    each = {name: np.ones(2) for name in ("intercept", "slope", "base_rate")}
    model = replace(
        bundle,
        weights={name: array.astype(np.float32) for name, array in weights.items()},
        train=train,
        valid=train.keep(np.zeros(len(train), dtype=np.bool_)),
        calibration=replace(bundle.calibration, **each),
    )
    found = reasons_of(model, (drug(asked[0]), drug(asked[1])), effect(0))
    assert [reason.fact for reason in found.supporting] == [(drug(1), effect(0), drug(2))]
    assert found.supporting[0].similarity == pytest.approx(0.995, abs=1e-3)
    assert [reason.fact for reason in found.opposing] == [(drug(3), effect(0), drug(2))]
    assert not found.opposing[0].stated
    told = found.sentences({})
    assert told[0].endswith("like the one that is asked about (likeness 1.00).")


def test_what_the_model_does_not_know_is_quoted(bundle: Bundle, train: Facts) -> None:
    model = bundle_with(bundle, stack_of(train))
    with pytest.raises(NotInModel, match="'RXCUI:77'"):
        reasons_of(model, (drug(1), drug(77)), effect(2))
    with pytest.raises(UnknownEffect, match="'HP:9999999'"):
        reasons_of(model, (drug(1), drug(4)), "HP:9999999")
    with pytest.raises(OneDrugTwice, match=drug(1)):
        reasons_of(model, (drug(1), drug(1)), effect(2))


@pytest.mark.parametrize(
    ("kind", "stated", "change", "words"),
    [
        (Kind.SAME_PAIR, True, 0.5, "one with two is reported with Cough, which goes with Fever"),
        (Kind.SAME_PAIR, True, -0.5, ", which speaks against Fever (-0.50 log-odds)."),
        (Kind.SAME_PAIR, False, -0.5, "one with two is not reported with Cough, which goes with"),
        (Kind.COMPANY, True, 0.5, "; the company of two is like that of three (+0.50 log-odds)."),
        (Kind.COMPANY, True, -0.5, ", which speaks against Fever with three (-0.50 log-odds)."),
        (Kind.OTHER_EFFECT, True, 0.1, "; by the company of two and three that speaks for Fever"),
        (Kind.OTHER_EFFECT, True, -0.1, "of two and three that speaks against Fever"),
    ],
)
def test_a_reason_is_told_in_words_and_as_json(
    kind: Kind, stated: bool, change: float, words: str
) -> None:
    alike = None if kind is Kind.SAME_PAIR else drug(3)
    reason = Reason(kind, (drug(1), effect(1), drug(2)), stated, alike, change)
    found = Reasons((drug(1), drug(3)), "HP:0000002", 0.4, 0.01, False, (reason,), ())
    names = {**NAMES, "HP:0000002": "Fever"}
    assert words in found.sentences(names)[0]
    told = json.loads(json.dumps(found.as_dict(names), allow_nan=False))["supporting"][0]
    assert told["other_drug"] == {"id": drug(2), "name": "two"}
    assert (told["kind"], told["change_of_log_odds"]) == (kind.value, change)
