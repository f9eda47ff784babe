"""Predictions are few, marked, and made only of drugs learned and pairs unstated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.detector import MOST_FINDINGS, PredictedEffects, settled
from embeddings.judging.metrics import UnusableScores
from embeddings.judging.outcomes import KINDS, LEVELS, NEVER, Outcomes
from embeddings.predict import NotInModel, OneDrugTwice, Predictor, UnknownEffect
from embeddings.stated import StatedEffects
from embeddings.store import Bundle
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.screening.engine import ChangedFinding, Question
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from kg.tables import DamagedTable
from ontologies.curie import Curie
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug, tables_of


def regimen(*numbers: int) -> Regimen:
    return Regimen.of(Curie.parse(drug(number)) for number in numbers)


@pytest.fixture
def stated() -> KnowledgeGraph:
    return KnowledgeGraph("synthetic", tables_of([(drug(1), BLEEDING, drug(3))]), ())


def test_the_likeliest_effect_comes_first_with_its_base_rate_and_lift(bundle: Bundle) -> None:
    first, second = Predictor(bundle).top([(drug(2), drug(1))], 5)
    assert (first.effect, first.drugs) == (BLEEDING, (drug(1), drug(2)))
    assert first.probability == pytest.approx(1 / (1 + np.exp(-5.0)))
    assert first.base_rate == 0.02
    assert first.lift == pytest.approx(first.probability / 0.02)
    assert (first.place, second.place) == (1, 2)
    assert second.effect == LONG_QT


def test_what_training_or_the_graph_states_is_no_guess(bundle: Bundle) -> None:
    predictor, pair = Predictor(bundle), [(drug(1), drug(2))]
    known = Facts.of([(drug(2), BLEEDING, drug(1))])
    assert [p.effect for p in predictor.top(pair, 2)] == [BLEEDING, LONG_QT]
    [guess] = predictor.top(pair, 2, known=known)
    [fact] = predictor.top(pair, 2, known=known, stated=True)
    assert (guess.effect, guess.known, guess.place) == (LONG_QT, False, 2)
    assert (fact.effect, fact.known, fact.place) == (BLEEDING, True, 1)
    assert [p.effect for p in predictor.top([(drug(3), drug(1))], 2)] == [LONG_QT]


def test_a_drug_beside_itself_is_no_pair(bundle: Bundle) -> None:
    with pytest.raises(OneDrugTwice, match=f"{drug(1)} is given twice"):
        Predictor(bundle).top([(drug(2), drug(3)), (drug(1), drug(1))], 2)
    assert Predictor(bundle).top([], 2) == []


def test_a_drug_is_asked_about_beside_all_others(bundle: Bundle) -> None:
    predictor = Predictor(bundle)
    found = predictor.top(predictor.partners(drug(2)), 3)
    assert (found[0].drugs, found[0].effect) == ((drug(1), drug(2)), BLEEDING)
    assert all(drug(2) in guess.drugs and guess.drugs[0] != guess.drugs[1] for guess in found)


def test_one_effect_is_asked_about(bundle: Bundle) -> None:
    predictor, pair = Predictor(bundle), [(drug(1), drug(2))]
    assert [p.effect for p in predictor.top(pair, 5, effects=[LONG_QT])] == [LONG_QT]
    with pytest.raises(UnknownEffect, match="'HP:0000001'"):
        predictor.top(pair, 5, effects=["HP:0000001"])


def test_a_drug_outside_the_model_is_answered_with_silence_that_names_it(bundle: Bundle) -> None:
    with pytest.raises(NotInModel, match=repr(drug(99))):
        Predictor(bundle).top([(drug(1), drug(99))], 5)


def test_a_model_that_gives_nan_is_refused(bundle: Bundle) -> None:
    bias = np.array([np.nan, -4], dtype=np.float32)
    spoilt = replace(bundle, weights={**bundle.weights, "bias": bias})
    with pytest.raises(UnusableScores, match="1 of 2"):
        Predictor(spoilt).top([(drug(1), drug(2))], 5)


def test_a_guess_comes_with_what_became_of_such_guesses(bundle: Bundle) -> None:
    cells = np.full((len(KINDS), len(LEVELS)), 200)
    counted = replace(bundle.calibration, outcomes=Outcomes(cells, cells // 4))
    [guess, *_] = Predictor(replace(bundle, calibration=counted)).top([(drug(1), drug(2))], 2)
    assert (guess.kind, guess.came_true) == (KINDS.index("new_pair"), (0.95, 0.25))


def test_a_drug_without_a_training_fact_is_not_in_the_model(bundle: Bundle) -> None:
    unlearned = replace(bundle, train=bundle.train.keep(np.array([False, True])))
    predictor = Predictor(unlearned)
    assert [predictor.knows(drug(n)) for n in (1, 2, 3, 4)].count(True) == 2


def test_a_prediction_is_a_finding_without_severity_and_with_its_odds(
    bundle: Bundle, stated: KnowledgeGraph
) -> None:
    detector = PredictedEffects(bundle, stated)
    [finding] = detector.detect(regimen(2, 1), Patient())
    assert finding.kind is FindingKind.PREDICTED_EFFECT
    assert finding.severity is None
    assert finding.mechanism is None
    assert str(finding.effect) == BLEEDING
    assert [str(d) for d in finding.precipitants] == [drug(1), drug(2)]
    assert finding.probability == pytest.approx(1 / (1 + np.exp(-5.0)))
    assert finding.baseline_probability == 0.02
    [evidence] = finding.evidence
    assert (evidence.knowledge_level.value, evidence.version) == ("prediction", bundle.id)
    assert evidence.licence == "L"


def test_a_pair_of_which_something_is_stated_gets_no_prediction(
    bundle: Bundle,
) -> None:
    graph = KnowledgeGraph("synthetic", tables_of([(drug(2), LONG_QT, drug(1))]), ())
    assert list(PredictedEffects(bundle, graph).detect(regimen(1, 2), Patient())) == []


def test_a_guess_below_a_threshold_is_not_told(bundle: Bundle, stated: KnowledgeGraph) -> None:
    timid = replace(bundle.calibration, thresholds=np.full(4, 0.999))
    others = replace(bundle.calibration, thresholds=np.array([0.0, NEVER, 0.0, 0.0]))
    common = replace(bundle.calibration, base_rate=np.array([0.5, 0.5]))
    for calibration in (timid, others, common):
        detector = PredictedEffects(replace(bundle, calibration=calibration), stated)
        assert list(detector.detect(regimen(1, 2), Patient())) == []


def test_pairs_of_which_nothing_may_be_told_are_not_scored(
    bundle: Bundle, stated: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Predictor, "probabilities", lambda *_: pytest.fail("scored"))
    never = replace(bundle.calibration, thresholds=np.full(4, NEVER))
    detector = PredictedEffects(replace(bundle, calibration=never), stated)
    assert list(detector.detect(regimen(1, 2), Patient())) == []


def test_a_fact_of_training_is_never_told_as_a_guess(bundle: Bundle) -> None:
    silent = KnowledgeGraph("synthetic", tables_of([(drug(1), BLEEDING, drug(4))]), ())
    eager = replace(bundle.calibration, thresholds=np.zeros(4), lift_threshold=0.0)
    detector = PredictedEffects(replace(bundle, calibration=eager), silent)
    told = list(detector.detect(regimen(1, 3), Patient()))
    assert [str(finding.effect) for finding in told] == [LONG_QT]


def test_what_the_graph_reports_of_a_pair_is_never_told_as_a_guess(
    bundle: Bundle, stated: KnowledgeGraph, tmp_path: Path
) -> None:
    rows = [{"drug_a": drug(2), "drug_b": drug(1), "effect": BLEEDING}]
    pd.DataFrame(rows, dtype="category").to_parquet(tmp_path / "co_reports.parquet")
    reported = StatedEffects(stated, tmp_path)
    assert list(PredictedEffects(bundle, stated, reported).detect(regimen(1, 2), Patient())) == []
    assert len(list(PredictedEffects(bundle, stated).detect(regimen(1, 2), Patient()))) == 1
    # Pairs that share a drug, whichever end it is at, and pairs that share none.
    for pairs in ([(1, 2), (2, 9)], [(1, 2), (8, 9)], [(7, 2), (1, 2)]):
        assert len(reported.of([(drug(one), drug(other)) for one, other in pairs])) == 1
    (tmp_path / "co_reports.parquet").write_bytes(b"spoilt")
    with pytest.raises(DamagedTable, match="co_reports"):
        reported.of([(drug(1), drug(2))])


def test_unknown_drugs_and_short_lists_are_passed_over(
    bundle: Bundle, stated: KnowledgeGraph
) -> None:
    detector = PredictedEffects(bundle, stated)
    for numbers in ((), (1,), (1, 99), (98, 99)):
        assert list(detector.detect(regimen(*numbers), Patient())) == []


def test_a_regimen_gets_the_likeliest_guesses_only(bundle: Bundle, stated: KnowledgeGraph) -> None:
    eager = replace(bundle.calibration, thresholds=np.zeros(4), lift_threshold=0.0)
    detector = PredictedEffects(replace(bundle, calibration=eager), stated)
    findings = list(detector.detect(regimen(1, 2, 3, 4), Patient()))
    assert len(findings) == MOST_FINDINGS
    told = [finding.probability or 0.0 for finding in findings]
    assert told == sorted(told, reverse=True)


def test_only_changes_that_the_question_brings_are_told_and_no_more_than_a_few() -> None:
    def guess(change: Change, *numbers: int) -> ChangedFinding:
        drugs = tuple(Curie.parse(drug(number)) for number in numbers)
        return ChangedFinding(
            Finding(FindingKind.PREDICTED_EFFECT, None, drugs, (), (), probability=0.5), change
        )

    new = Entry(Curie.parse(drug(9)), "nine")
    question = Question(regimen(1, 2, 3), (new,), (Curie.parse(drug(3)),))
    told = [guess(Change.CREATED, 1, 9), guess(Change.RESOLVED, 1, 3)]
    pushed = [guess(Change.RESOLVED, 1, 2), guess(Change.CREATED, 1, 2)]
    assert settled([told[0], *pushed, told[1]], question) == tuple(told)
    many = [guess(Change.CREATED, number, 9) for number in range(10, 20)]
    stated = replace(many[0], finding=replace(many[0].finding, kind=FindingKind.DRUG_DRUG))
    assert settled([*many, stated], question) == (*many[:MOST_FINDINGS], stated)
