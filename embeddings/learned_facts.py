"""Which facts of a graph a model learns, and under which licences they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from embeddings.card import CO_REPORTS, STATEMENTS
from embeddings.triples import Facts
from kg.graph import KnowledgeGraph, edges_frame
from kg.tables import read_co_reports
from ontologies.vocabulary import Predicate


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """Facts to learn from, what they are, and the licences and releases of their sources, sorted.

    ``kind`` is ``CO_REPORTS`` or ``STATEMENTS``; a release is a source and its version.
    """

    facts: Facts
    kind: str
    licences: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, facts: Facts, kind: str, stated: pd.DataFrame) -> Teaching:
        """Name the sources of facts from rows with ``source``, ``version`` and ``licence``."""
        rows = stated[["source", "version", "licence"]].drop_duplicates().astype(str)
        sources = set((rows["source"] + " " + rows["version"]).str.strip())
        licences = set(rows["licence"]) - {""}
        return cls(facts, kind, tuple(sorted(licences)), tuple(sorted(sources)))


def stated_effects(graph: KnowledgeGraph) -> Teaching:
    """Effects that the graph states of pairs of drugs."""
    taught = edges_frame(graph, Predicate.CONTRIBUTES_TO)["id"]
    evidence = graph.tables.evidence
    stated = evidence[evidence["edge_id"].isin(taught)]
    return Teaching.of(Facts.from_tables(graph.tables), STATEMENTS, stated)


def co_reported_effects(graph: KnowledgeGraph, home: Path, least_facts: int) -> Teaching:
    """Effects that are reported of people who took two drugs, those with enough pairs.

    Without facts where the graph has no co-reports.

    Raises:
        DamagedTable: The co-reports of the graph cannot be read.
    """
    reports = _co_reports(graph, home)
    facts = Facts.of_columns(reports["drug_a"], reports["effect"], reports["drug_b"])
    return Teaching.of(frequent(facts, least_facts), CO_REPORTS, reports)


def usual_config(graph: KnowledgeGraph, home: Path) -> str:
    """Name the configuration that suits a graph: counting where it has co-reports.

    Raises:
        DamagedTable: The co-reports of the graph cannot be read.
    """
    return "counts" if len(_co_reports(graph, home)) else "fast"


def _co_reports(graph: KnowledgeGraph, home: Path) -> pd.DataFrame:
    held = graph.tables.co_reports
    folder = home / "kg" / graph.id
    if len(held) or not (folder / "co_reports.parquet").is_file():
        return held
    return read_co_reports(folder)


def frequent(facts: Facts, least_facts: int) -> Facts:
    """Leave out effects with fewer facts than that, from the vocabulary too."""
    enough = facts.per_effect >= least_facts
    if enough.all():
        return facts
    place = np.cumsum(enough) - 1
    kept = facts.array[enough[facts.array[:, 1]]].copy()
    kept[:, 1] = place[kept[:, 1]]
    names = tuple(name for name, is_kept in zip(facts.effects, enough, strict=True) if is_kept)
    return replace(facts, effects=names, array=kept)
