"""A drug without a training fact is told of by its neighbours, the same in every shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.counting.stack import StackScorer
from embeddings.counting.stack_fit import fit_stack
from embeddings.judging import calibrate
from embeddings.judging.evaluate import evaluate
from embeddings.judging.judge import EvaluationRequest, judge
from embeddings.negatives import Novelty, with_negatives
from embeddings.new_drugs.descriptions import Description, Descriptions
from embeddings.new_drugs.fit import fit_new_drugs
from embeddings.new_drugs.limits import _limit
from embeddings.new_drugs.neighbours import CentredKernel, Known
from embeddings.new_drugs.odds import DRAWN, WITH, WITHOUT, Counted, NewDrugOdds, NewDrugs
from embeddings.new_drugs.predict import NewDrugPredictor, NoNewDrugs, predict_new
from embeddings.new_drugs.scorer import NewDrugScorer
from embeddings.predict import NotInModel
from embeddings.reasons.explainer import reasons_of
from embeddings.run import TrainingRequest, train_model
from embeddings.served import served_scorer
from embeddings.splits import Split, split_facts
from embeddings.store import Bundle, load, save
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import BLEEDING, LONG_QT, class_rules, drug, tables_of
from tests.embeddings.described import described


def silent(message: str) -> None:
    del message


@pytest.fixture(scope="module")
def split() -> Split:
    return split_facts(Facts.of(class_rules()), "cold", 0)


@pytest.fixture(scope="module")
def stack(split: Split) -> StackScorer:
    return fit_stack(split, None, 0)


@pytest.fixture(scope="module")
def new(split: Split, stack: StackScorer) -> NewDrugs:
    found = fit_new_drugs(split.train, stack.counts.of_effects, described(), 0, silent)
    assert found is not None
    return found


@pytest.fixture
def odds(split: Split, stack: StackScorer, new: NewDrugs) -> NewDrugOdds:
    return NewDrugOdds(new, Counted(split.train, stack.counts.of_effects))


@pytest.fixture
def cold(split: Split, stack: StackScorer, new: NewDrugs) -> Bundle:
    scorer = served_scorer("counts", stack.weights, split.train, new)
    config = {"graph": "synthetic", "licence": "L", "config": {"interaction": "counts"}}
    calibration = calibrate.fit(scorer, split)
    parts = (split.train, split.valid, calibration, {"n_facts": 2}, None, new)
    return Bundle("0" * 16, config, stack.weights, *parts)


@pytest.mark.parametrize("kind", [WITH, WITHOUT])
def test_facts_of_new_drugs_are_told_from_what_is_known_of_the_drugs_alone(
    split: Split, stack: StackScorer, odds: NewDrugOdds, kind: str
) -> None:
    scorer = NewDrugScorer(stack, odds, kind)
    sample = with_negatives(split.test, split.known, split.train, "uniform", 0)
    assert evaluate(scorer, sample, 0).auroc.mean() > 0.95
    assert evaluate(stack, sample, 0).auroc.mean() < 0.9


def test_single_pairs_pairs_and_effects_are_scored_alike(
    split: Split, stack: StackScorer, odds: NewDrugOdds
) -> None:
    scorer = NewDrugScorer(stack, odds, WITH)
    fresh = np.flatnonzero(~Novelty.of(split.train).seen_drugs)
    old = int(odds.counted.old[3])
    pairs = np.array([[fresh[0], old], [old, fresh[0]], [fresh[1], fresh[0]], [0, old]])
    by_pair = scorer.effect_scores(pairs)
    by_effect = [scorer.drug_scores(e)[pairs[:, 0], pairs[:, 1]] for e in range(3)]
    assert np.stack(by_effect, axis=1) == pytest.approx(by_pair, abs=4e-3)
    rows = [(*sorted(pair), e) for pair in pairs.tolist() for e in range(3)]
    facts = np.array([(a, e, b) for a, b, e in rows], dtype=np.int32)
    assert scorer.scores(facts).reshape(-1, 3) == pytest.approx(by_pair, abs=4e-3)
    first, second = (odds.new.descriptions.of(split.train.drugs[i]) for i in fresh[:2])
    assert odds.odds(first, old, WITH) == pytest.approx(by_pair[0], abs=2e-3)
    assert odds.odds(first, second, WITH) == pytest.approx(by_pair[2], abs=2e-3)
    assert odds.odds(second, first, WITH) == pytest.approx(by_pair[2], abs=2e-3)


def test_what_is_carried_over_is_what_the_neighbours_have(odds: NewDrugOdds) -> None:
    """The sum over the known drugs of weight times fact, spelt out."""
    counted = odds.counted
    description = Description(effects=frozenset({"effects:1.0", "effects:1.1"}))
    partner = int(counted.old[-1])
    weights = odds.placed(description, WITH)[0].of_company
    assert weights.sum() == pytest.approx(1.0, abs=1e-5)
    stated = {tuple(row) for row in counted.train.array.tolist()}
    for effect in range(3):
        expected = sum(
            weight
            for place, weight in zip(counted.old.tolist(), weights.tolist(), strict=True)
            if (min(place, partner), effect, max(place, partner)) in stated
        )
        carried = odds._beside_known(odds.placed(description, WITH), partner)[0]
        assert carried.facts[effect] == pytest.approx(expected, abs=1e-5)


def test_probabilities_of_new_pairs_are_near_their_frequency(new: NewDrugs) -> None:
    for kind in (WITH, WITHOUT):
        assert new.told[kind]["one"]["natural"]["ece15"] < 0.05


def test_what_places_new_drugs_comes_back_as_it_was_written(cold: Bundle, tmp_path: Path) -> None:
    folder = save(cold, tmp_path, {})
    again = load(tmp_path, cold.id)
    assert (folder / "descriptions.parquet").is_file()
    assert again.new_drugs is not None
    assert again.new_drugs.told == cold.new_drugs.told
    assert np.array_equal(again.scorer.drug_scores(1), cold.scorer.drug_scores(1))
    description = Description(targets=frozenset({"targets:1.0"}))
    partner = drug(205)
    assert predict_new(again, description, partner, 3) == predict_new(cold, description, partner, 3)


def test_the_model_is_judged_beside_plainer_ways_of_knowing_new_drugs(
    cold: Bundle, split: Split
) -> None:
    found = judge(cold.scorer, cold.calibration, split, EvaluationRequest(("uniform",)))
    rows = found.figures["protocols"]["uniform"]["strata"]["one_new_drug"]
    assert list(rows["baselines"])[:3] == [
        WITHOUT,
        "neighbours_by_effects",
        "neighbours_by_targets",
    ]
    assert rows["model"]["auroc"]["mean"] > rows["baselines"]["effect_degree"]["auroc"]["mean"]


def test_plainer_ways_stand_only_where_new_drugs_are_judged(cold: Bundle, split: Split) -> None:
    old = Novelty.of(split.train).new_drugs(split.valid.array) == 0
    known = replace(split, test=split.valid.keep(old) if old.any() else split.train)
    found = judge(cold.scorer, cold.calibration, known, EvaluationRequest(("uniform",)))
    assert {WITHOUT, "neighbours_by_effects", "neighbours_by_targets"}.isdisjoint(
        found.figures["protocols"]["uniform"]["baselines"]
    )


def test_a_described_drug_gets_the_effects_of_its_class(cold: Bundle) -> None:
    predictor = NewDrugPredictor(cold)
    of_class = Description(targets=frozenset(f"targets:1.{part}" for part in range(3)))
    told = predictor.predict(of_class, drug(205), 3)
    assert (told.kind, told.abstained, told.structure) == (WITHOUT, None, None)
    assert told.targets is not None
    assert told.targets.drug in {drug(100 + place) for place in range(1, 13)}
    best = told.predictions[0]
    assert (best.effect, best.drugs, best.kind) == (BLEEDING, ("new drug", drug(205)), 2)
    assert best.lift == pytest.approx(best.probability / best.base_rate)
    both = replace(of_class, effects=frozenset(f"effects:1.{part}" for part in range(3)))
    assert predictor.predict(both, drug(305), 1).predictions[0].effect == LONG_QT
    assert predictor.predict(both, both, 2).predictions[0].kind == 3


def test_nothing_is_told_of_a_drug_that_is_far_from_all_or_unknown(cold: Bundle) -> None:
    assert "neither" in str(predict_new(cold, Description(), drug(205), 3).abstained)
    limits = {"targets": {"limit": 0.5}}
    told = {**cold.new_drugs.told, WITHOUT: {"one": {"limits": limits}}}
    strict = replace(cold, new_drugs=replace(cold.new_drugs, told=told))
    far = Description(targets=frozenset({"of nobody"}))
    answer = predict_new(strict, far, drug(205), 3)
    assert answer.predictions == ()
    assert answer.abstained == (
        "too unlike every known drug: in targets its nearest known drug is 1.00 away"
    )
    near = Description(targets=frozenset({"targets:1.0"}))
    assert predict_new(strict, near, drug(205), 3).abstained is None


def test_a_partner_without_facts_and_a_model_without_descriptions_are_named(
    cold: Bundle, split: Split
) -> None:
    near = Description(targets=frozenset({"targets:1.0"}))
    fresh = split.train.drugs[int(np.flatnonzero(~Novelty.of(split.train).seen_drugs)[0])]
    with pytest.raises(NotInModel, match=fresh):
        predict_new(cold, near, fresh, 3)
    with pytest.raises(NoNewDrugs, match="--config counts"):
        predict_new(replace(cold, new_drugs=None), near, drug(205), 3)
    by_effects = {WITH: cold.new_drugs.surfaces[WITH]}
    reported = replace(cold, new_drugs=replace(cold.new_drugs, surfaces=by_effects))
    with pytest.raises(NoNewDrugs, match=r"by effects reported of it alone; nothing of that"):
        predict_new(reported, near, drug(205), 3)


def test_pairs_of_known_drugs_are_still_explained(cold: Bundle) -> None:
    a, effect, b = cold.train.triples()[0]
    assert reasons_of(cold, (a, b), effect, 2).supporting


def test_training_learns_of_new_drugs_what_the_graph_knows_of_each_alone(tmp_path: Path) -> None:
    tables = tables_of(class_rules())
    reported = described(kinds=("effects",)).table
    edges = pd.DataFrame(
        {
            "id": [f"report {row}" for row in range(len(reported))],
            "subject": reported["drug"],
            "predicate": "biolink:has_adverse_event",
            "object": reported["object"],
            "qualifiers": "",
        }
    )
    by = tables.evidence.iloc[[0] * len(edges)]
    evidence = by.assign(edge_id=edges["id"].to_numpy(), licence="licence of reports")
    told = replace(
        tables,
        edges=pd.concat([tables.edges, edges], ignore_index=True),
        evidence=pd.concat([tables.evidence, evidence], ignore_index=True),
    )
    request = TrainingRequest(config="counts", split="cold")
    bundle = train_model(KnowledgeGraph("told", told, ()), tmp_path, request, silent)
    assert bundle.licence == "licence of reports; licence of the source"
    again = load(tmp_path, bundle.id)
    assert again.new_drugs is not None
    assert list(again.new_drugs.surfaces) == [WITH]
    judged = bundle.metrics["protocols"]["uniform"]
    assert judged["model"]["auroc"]["mean"] > judged["baselines"]["effect_degree"]["auroc"]["mean"]
    assert "neighbours_by_effects" in judged["baselines"]


def test_too_few_descriptions_teach_nothing_and_it_is_said(
    split: Split, stack: StackScorer
) -> None:
    said: list[str] = []
    few = described(size=2)
    assert fit_new_drugs(split.train, stack.counts.of_effects, few, 0, said.append) is None
    assert "fewer than 20 drugs are described" in said[-1]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_drug_whose_facts_are_all_there_are_is_hidden_in_no_fold(seed: int) -> None:
    others = [drug(100 * group + place) for group in (1, 2, 3) for place in range(2, 13)]
    star = Facts.of([(drug(101), BLEEDING, other) for other in others])
    found = fit_new_drugs(star, np.zeros((1, 1), np.float32), described(), seed, silent)
    assert found is not None
    assert np.isfinite(found.surfaces[WITH][0].weights).all()
    # No fold had a fact of two new drugs: nothing is known of these but how frequent an effect is.
    odds = NewDrugOdds(found, Counted(star, np.zeros((1, 1), np.float32)))
    one, two = (odds.new.descriptions.of(drug(place)) for place in (102, 202))
    assert odds.odds(one, two, WITH).tolist() == [0.0]


def test_weights_sum_to_one_and_a_drug_like_none_has_the_mean_of_all() -> None:
    rng = np.random.default_rng(0)
    seen = rng.random((9, 4))
    kernel = CentredKernel.of(seen @ seen.T)
    weights = kernel.weights(rng.random((2, 9)), 0.5)
    assert weights.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert kernel.weights(kernel.means[None, :], 0.5) == pytest.approx(1 / 9, abs=1e-6)


def test_likenesses_are_those_of_their_definitions() -> None:
    rows = [("a", "targets", x) for x in "pqr"] + [("b", "targets", x) for x in "pq"]
    known = Known.of(
        Descriptions.of_rows([*rows, ("c", "targets", "s")]), ("a", "b", "c"), "targets"
    )
    shared, three = np.log(3 / 2), frozenset("pqr")
    assert known.likeness("tanimoto", three) == pytest.approx([1.0, 2 / 3, 0.0])
    # What one drug alone has tells of no likeness, so a and b are the same.
    assert known.likeness("cosine", three) == pytest.approx([1.0, 1.0, 0.0])
    assert known.weight == pytest.approx([shared, shared, 0.0, 0.0])
    assert known.likeness("number", three)[0] == 1.0
    assert known.likeness("number", frozenset())[2] > known.likeness("number", frozenset())[0]


def test_the_limit_is_where_nothing_more_is_known_to_be_gained() -> None:
    def beyond(start: float, drugs: int, gain: float | None) -> dict[str, float | None]:
        return {"from": start, "drugs": drugs, "gain": gain, "error": 0.01}

    rows = [beyond(0.0, 90, 0.05), beyond(0.5, 40, 0.02), beyond(0.7, 20, 0.005)]
    assert _limit([*rows, beyond(0.9, 3, 0.3)]) == 0.7
    assert _limit([*rows[:2], beyond(0.9, 3, 0.3)]) == 0.9
    assert _limit(rows[:2]) is None
    assert _limit([beyond(0.0, 90, None)]) == 0.0


def test_a_drug_that_is_only_drawn_is_placed_by_its_structure_alone(
    split: Split, stack: StackScorer, cold: Bundle
) -> None:
    known = described(kinds=("targets", "structure"))
    new = fit_new_drugs(split.train, stack.counts.of_effects, known, 0, silent)
    predictor = NewDrugPredictor(replace(cold, new_drugs=new))
    drawn = Description(structure=frozenset(f"structure:1.{part}" for part in range(3)))
    told = predictor.predict(drawn, drug(205), 1)
    assert (told.kind, told.targets, told.predictions[0].effect) == (DRAWN, None, BLEEDING)
    more = replace(drawn, targets=frozenset({"targets:1.0"}))
    assert predictor.predict(more, drug(205), 1).kind == WITHOUT
