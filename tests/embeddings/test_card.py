"""A card says what training measured, and of what it did not measure it says nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.card import CO_REPORTS, STATEMENTS, model_card
from embeddings.judging import calibrate
from embeddings.judging.groups import effect_classes, grouped
from embeddings.judging.judge import EvaluationRequest, Judgement, judge
from embeddings.learned_facts import stated_effects
from embeddings.scorer import BilinearScorer
from embeddings.splits import split_facts
from embeddings.store import Bundle, save
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS, Tables
from tests.embeddings.conftest import BLEEDING, LONG_QT, SEDATION
from tests.embeddings.test_judge import weights_of

BLOOD, HEART = "DOID:74", "DOID:1287"


@pytest.fixture
def judgement(facts: Facts) -> Judgement:
    split = split_facts(facts, "random", 0)
    scorer = BilinearScorer.of("distmult", weights_of(facts))
    return judge(scorer, calibrate.fit(scorer, split), split, EvaluationRequest())


@pytest.fixture
def measured(bundle: Bundle, facts: Facts, judgement: Judgement) -> Bundle:
    groups = grouped(judgement, {BLEEDING: BLOOD, LONG_QT: HEART})
    config = {**bundle.config, "taught": STATEMENTS, "sources": ["infores:ansm 2020-10"]}
    metrics = {**judgement.figures, "groups": groups}
    return replace(bundle, config=config, train=facts, metrics=metrics)


def test_groups_are_means_over_their_effects(judgement: Judgement) -> None:
    groups = grouped(judgement, {BLEEDING: BLOOD, SEDATION: BLOOD, LONG_QT: HEART})
    rows = judgement.per_effect
    chosen = rows[rows["effect"].isin([BLEEDING, SEDATION])]
    expected = chosen.groupby(["protocol", "scorer"])["auroc"].mean()
    blood, heart = groups["classes"]
    assert [(g["name"], g["n_effects"]) for g in (blood, heart)] == [(BLOOD, 2), (HEART, 1)]
    for protocol, by_scorer in blood["auroc"].items():
        for scorer, value in by_scorer.items():
            assert value == pytest.approx(expected[protocol, scorer], abs=1e-6)
    assert blood["n_facts"] + heart["n_facts"] == judgement.figures["n_facts"]


def test_a_band_has_its_calibration(judgement: Judgement) -> None:
    (band,) = grouped(judgement, {})["bands"]
    assert (band["name"], band["n_effects"]) == ("under 500", 3)
    assert band["natural"] == judgement.figures["calibration"]["natural"]


def test_classes_are_those_that_decagon_states_of_diseases() -> None:
    nodes = [
        *((effect, "biolink:PhenotypicFeature") for effect in (BLEEDING, LONG_QT, SEDATION)),
        *((disease, "biolink:Disease") for disease in (BLOOD, HEART)),
    ]
    edges = [("1", BLEEDING, BLOOD), ("2", LONG_QT, HEART), ("3", SEDATION, LONG_QT)]
    graph = KnowledgeGraph(
        "synthetic",
        Tables(
            nodes=_frame(NODE_COLUMNS, pd.DataFrame(nodes, columns=["id", "category"])),
            edges=_frame(
                EDGE_COLUMNS,
                pd.DataFrame(edges, columns=["id", "subject", "object"]).assign(
                    predicate="biolink:subclass_of"
                ),
            ),
            evidence=_frame(
                EVIDENCE_COLUMNS,
                pd.DataFrame(
                    [("1", "infores:decagon"), ("2", "infores:hpo"), ("3", "infores:decagon")],
                    columns=["edge_id", "source"],
                ).assign(primary=True),
            ),
        ),
        (),
    )
    assert effect_classes(graph, (BLEEDING, LONG_QT, SEDATION)) == {BLEEDING: BLOOD}


def _frame(columns: tuple[str, ...], rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=list(columns), fill_value="")


def test_facts_to_learn_from_name_their_releases_and_licences(graph: KnowledgeGraph) -> None:
    teaching = stated_effects(graph)
    assert teaching.kind == STATEMENTS
    assert teaching.sources == ("infores:ansm 2020-10",)
    assert teaching.licences == ("licence of the source",)


def test_a_card_stands_in_every_bundle(bundle: Bundle, home: Path) -> None:
    folder = save(bundle, home, {})
    card = (folder / "model_card.md").read_text(encoding="utf-8")
    assert card == model_card(bundle, {})
    assert card.startswith(f"# Model {bundle.id}")


def test_a_card_has_the_measured_figures_and_no_others(measured: Bundle) -> None:
    card = model_card(measured, {BLOOD: "blood disease"})
    auroc = measured.metrics["protocols"]["known-pairs"]["model"]["auroc"]["mean"]
    assert f"| known-pairs | model | {auroc:.4f} |" in card
    assert "| blood disease | 1 |" in card
    assert "| under 500 | 3 |" in card
    assert f"digest {measured.train.digest}" in card
    assert "infores:ansm 2020-10" in card
    for title in ("Intended use", "Not for", "Figures", "Calibration", "Known biases"):
        assert f"## {title}" in card


def test_what_was_not_measured_is_left_out(bundle: Bundle) -> None:
    card = model_card(bundle, {})
    assert "## Known biases" in card
    assert "## Figures" not in card
    assert "## Calibration" not in card


def test_biases_are_those_of_the_facts(bundle: Bundle, measured: Bundle) -> None:
    reported = replace(bundle, config={**bundle.config, "taught": CO_REPORTS})
    assert "Spontaneous reports" in model_card(reported, {})
    assert "Spontaneous reports" not in model_card(measured, {})


def test_the_file_of_a_split_is_named_without_its_folder(bundle: Bundle) -> None:
    split = replace(bundle, config={**bundle.config, "split": "file:/home/me/valid.tsv.xz"})
    assert "| split, seed | file:valid.tsv.xz, 0 |" in model_card(split, {})


def test_pairs_with_facts_and_partners_are_counted(bundle: Bundle) -> None:
    assert "33.3 % of the pairs have a training fact" in model_card(bundle, {})
    alone = replace(bundle, train=bundle.train.keep(np.array([False, False])))
    assert "0.0 % of the pairs" in model_card(alone, {})
