"""The model that stands beside the built graph, where one has been trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.detector import MOST_FINDINGS, PredictedEffects
from embeddings.store import Bundle, find_model, load
from kg.artifact import open_graph
from kg.graph import KnowledgeGraph
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie


@pytest.fixture
def built(open_home: Path) -> KnowledgeGraph:
    return open_graph(open_home)


@pytest.fixture
def trained(built: KnowledgeGraph, open_home: Path) -> Bundle:
    model_id = find_model(open_home, built.id)
    if model_id is None:
        pytest.skip(f"no model of graph {built.id} stands under {open_home}; train one first")
    return load(open_home, model_id)


def test_the_model_stands_beside_the_counts_and_above_the_degrees(trained: Bundle) -> None:
    for protocol in ("uniform", "known-pairs"):
        figures = trained.metrics["protocols"][protocol]
        degrees = figures["baselines"]["degree_product"]["auroc"]["mean"]
        assert figures["model"]["auroc"]["mean"] > degrees


def test_probabilities_hold_at_natural_prevalence(trained: Bundle) -> None:
    assert trained.metrics["calibration"]["natural"]["ece15"] <= 0.01


def test_a_long_list_gets_few_predictions_and_each_clears_the_thresholds(
    trained: Bundle, built: KnowledgeGraph
) -> None:
    regimen = Regimen.of(Curie.parse(drug) for drug in trained.train.drugs[::20])
    findings = list(PredictedEffects(trained, built).detect(regimen, Patient()))
    assert len(findings) <= MOST_FINDINGS
    for finding in findings:
        assert finding.probability is not None
        assert finding.baseline_probability is not None
        assert finding.probability >= trained.calibration.thresholds.min()
        assert finding.probability >= 10 * finding.baseline_probability
        assert not built.pair_edges(*finding.precipitants)
