"""A synthetic graph: classes of drugs whose members interact, as rules over classes expand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.judging.calibrate import Calibration
from embeddings.store import Bundle
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.model import edge_id, pair_id
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS, Tables

Triple = tuple[str, str, str]
BLEEDING, SEDATION, LONG_QT = "HP:0001892", "UMLS:C0235195", "HP:0001657"


def drug(number: int) -> str:
    return f"RXCUI:{number}"


def class_rules(size: int = 12) -> list[Triple]:
    """Three classes of drugs; every member of one interacts with every member of another."""
    first, second, third = ([drug(100 * c + i) for i in range(1, size + 1)] for c in range(1, 4))
    rules = ((first, BLEEDING, second), (second, SEDATION, third), (first, LONG_QT, third))
    return [(a, effect, b) for left, effect, right in rules for a, b in product(left, right)]


def tables_of(triples: Iterable[Triple]) -> Tables:
    """Write facts as a graph states them: pair nodes with participants and effects."""
    edges: dict[str, Triple] = {}
    nodes: dict[str, str] = {}
    for a, effect, b in triples:
        pair = pair_id(a, b)
        nodes |= {a: "biolink:Drug", b: "biolink:Drug", effect: "biolink:PhenotypicFeature"}
        nodes[pair] = "coprescribe:DrugPair"
        for subject, predicate, target in (
            (pair, "biolink:has_participant", a),
            (pair, "biolink:has_participant", b),
            (pair, "biolink:contributes_to", effect),
        ):
            edges[edge_id(subject, predicate, target, "")] = (subject, predicate, target)
    return Tables(
        nodes=_frame(NODE_COLUMNS, [{"id": n, "category": c, "name": n} for n, c in nodes.items()]),
        edges=_frame(
            EDGE_COLUMNS,
            [
                {"id": i, "subject": s, "predicate": p, "object": o}
                for i, (s, p, o) in edges.items()
            ],
        ),
        evidence=_frame(
            EVIDENCE_COLUMNS,
            [
                {
                    "edge_id": i,
                    "source": "infores:ansm",
                    "version": "2020-10",
                    "licence": "licence of the source",
                    "knowledge_level": "knowledge_assertion",
                    "agent_type": "manual_agent",
                    "primary": True,
                }
                for i in edges
            ],
        ),
    )


def _frame(columns: tuple[str, ...], rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows).reindex(columns=list(columns), fill_value="")


@pytest.fixture
def facts() -> Facts:
    return Facts.of(class_rules())


@pytest.fixture
def graph() -> KnowledgeGraph:
    return KnowledgeGraph("synthetic", tables_of(class_rules()), ())


@pytest.fixture
def bundle() -> Bundle:
    """A bundle over four drugs in which drugs 1 and 2 bleed together, and nothing else happens."""
    train = Facts.of([(drug(1), BLEEDING, drug(3)), (drug(2), LONG_QT, drug(4))])
    entity = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    weights = {
        "entity": entity,
        "relation": np.array([[-9, -9], [9, 0]], dtype=np.float32),
        "bias": np.array([-4, -4], dtype=np.float32),
    }
    assert train.effects == (LONG_QT, BLEEDING)
    calibration = Calibration(np.zeros(2), np.ones(2), np.array([0.01, 0.02]), np.full(4, 0.5))
    config = {"graph": "synthetic", "licence": "L", "config": {"interaction": "distmult"}}
    return Bundle("0" * 16, config, weights, train, train, calibration, {"n_facts": 2})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
