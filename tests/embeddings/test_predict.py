"""Predictions are few, marked, and made only of drugs learned and pairs unstated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embeddings.detector import MOST_FINDINGS, PredictedEffects, settled
from embeddings.predict import NotInModel, Predictor
from embeddings.store import Bundle
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.screening.engine import ChangedFinding, Question
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie
from tests.embeddings.conftest import BLEEDING, LONG_QT, drug, tables_of


def regimen(*numbers: int) -> Regimen:
    return Regimen.of(Curie.parse(drug(number)) for number in numbers)


@pytest.fixture
def stated() -> KnowledgeGraph:
    return KnowledgeGraph("synthetic", tables_of([(drug(1), BLEEDING, drug(3))]), ())


def test_the_likeliest_effect_comes_first_with_its_base_rate_and_lift(bundle: Bundle) -> None:
    first, second = Predictor(bundle).top(drug(2), drug(1), 5)
    assert (first.effect, first.drugs) == (BLEEDING, (drug(1), drug(2)))
    assert first.probability == pytest.approx(1 / (1 + np.exp(-5.0)))
    assert first.base_rate == 0.02
    assert first.lift == pytest.approx(first.probability / 0.02)
    assert second.effect == LONG_QT


def test_what_training_or_the_graph_states_is_marked_as_known(bundle: Bundle) -> None:
    predictor = Predictor(bundle)
    known = Facts.of([(drug(2), BLEEDING, drug(1))])
    assert [p.known for p in predictor.top(drug(1), drug(2), 2)] == [False, False]
    assert [p.known for p in predictor.top(drug(1), drug(2), 2, known)] == [True, False]
    assert any(p.known for p in predictor.top(drug(3), drug(1), 2))


def test_a_drug_outside_the_model_is_answered_with_silence_that_names_it(bundle: Bundle) -> None:
    with pytest.raises(NotInModel, match=repr(drug(99))):
        Predictor(bundle).top(drug(1), drug(99), 5)


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
    timid = replace(bundle.calibration, probability_threshold=0.999)
    common = replace(bundle.calibration, base_rate=np.array([0.5, 0.5]))
    for calibration in (timid, common):
        detector = PredictedEffects(replace(bundle, calibration=calibration), stated)
        assert list(detector.detect(regimen(1, 2), Patient())) == []


def test_unknown_drugs_and_short_lists_are_passed_over(
    bundle: Bundle, stated: KnowledgeGraph
) -> None:
    detector = PredictedEffects(bundle, stated)
    for numbers in ((), (1,), (1, 99), (98, 99)):
        assert list(detector.detect(regimen(*numbers), Patient())) == []


def test_a_regimen_gets_the_likeliest_guesses_only(bundle: Bundle, stated: KnowledgeGraph) -> None:
    eager = replace(bundle.calibration, probability_threshold=0.0, lift_threshold=0.0)
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
