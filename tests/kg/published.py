"""A graph of a few nodes published in a home, with what exports and pictures have to get right."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from kg.artifact import Artifact, open_artifact, write_manifest
from kg.atomic_folder import atomic_folder
from kg.model import SourceRelease, edge_id
from kg.tables import CO_REPORT_COLUMNS, EVIDENCE_COLUMNS, Tables, write_tables
from ontologies.vocabulary import Category, Predicate
from tests.kg.rdf_graph import LONG_QT, RELEASES, SIMVASTATIN, tiny_tables

CLARITHROMYCIN, OWN_DRUG = "RXCUI:21212", "DRUGCENTRAL:2341"
STATIN, LIPID, HEART = "ATC:C10AA", "ATC:C10", "ATC:C"
SUBCLASS = Predicate.SUBCLASS_OF.value
HIERARCHY = ((SIMVASTATIN, STATIN), (STATIN, LIPID), (LIPID, HEART), (OWN_DRUG, STATIN))


def tables_with_classes() -> Tables:
    """The tiny graph of RDF, with classes above simvastatin, an allele's rule, and a co-report."""
    tables = tiny_tables()
    cyp, phenotype = "HGNC:2637", "coprescribe:phenotype-poor"
    stated = [(a, SUBCLASS, b) for a, b in HIERARCHY]
    stated.append((cyp, Predicate.HAS_PHENOTYPE_RULE.value, phenotype))
    edges = [(edge_id(*fact, ""), *fact, "") for fact in stated]
    kinds = {STATIN: Category.DRUG_CLASS, LIPID: Category.DRUG_CLASS, HEART: Category.DRUG_CLASS}
    kinds |= {phenotype: Category.PHENOTYPE, OWN_DRUG: Category.DRUG}
    nodes = [(name, kind.value, f"{name} <&>", "", "", "curated") for name, kind in kinds.items()]
    row = dict.fromkeys(EVIDENCE_COLUMNS, "") | {"primary": True, **released(1)}
    row |= {"knowledge_level": "knowledge_assertion", "agent_type": "manual_agent"}
    said = [row | {"edge_id": edge[0]} for edge in edges]
    report = dict.fromkeys(CO_REPORT_COLUMNS, "") | released(1) | {"effect": LONG_QT}
    report |= {"drug_a": CLARITHROMYCIN, "drug_b": SIMVASTATIN}
    return Tables(
        added(tables.nodes.assign(provided_by="curated"), nodes),
        added(tables.edges, edges),
        pd.concat([tables.evidence, pd.DataFrame(said)], ignore_index=True),
        pd.DataFrame([report]).astype("category"),
    )


def released(place: int) -> dict[str, str]:
    """Source, version and licence of one of the releases."""
    release = RELEASES[place]
    return {"source": release.source, "version": release.version, "licence": release.licence}


def added(frame: pd.DataFrame, rows: list[tuple[str, ...]]) -> pd.DataFrame:
    """A table with more rows."""
    return pd.concat([frame, pd.DataFrame(rows, columns=list(frame.columns))], ignore_index=True)


def licensed(tables: Tables, source: str, licence: str) -> tuple[Tables, tuple[SourceRelease, ...]]:
    """The tables and releases where one source is on other terms."""

    def changed(rows: pd.DataFrame) -> pd.DataFrame:
        held = rows["licence"].astype(str).where(rows["source"].astype(str) != source, licence)
        return rows.assign(licence=held)

    releases = tuple(replace(r, licence=licence) if r.source == source else r for r in RELEASES)
    evidence, reports = changed(tables.evidence), changed(tables.co_reports)
    return replace(tables, evidence=evidence, co_reports=reports.astype("category")), releases


def publish(home: Path, tables: Tables, releases: tuple[SourceRelease, ...] = RELEASES) -> Artifact:
    """Publish tables as a graph of a home, without index and store."""
    target = home / "kg" / "tiny-1"
    with atomic_folder(target) as folder:
        write_tables(tables, folder)
        sources = [asdict(release) for release in releases]
        manifest = {"recipe": "tiny", "sources": sources, "counts": tables.counts()}
        write_manifest(folder, manifest)
    return open_artifact(target)
