"""A graph of three drugs, a gene and two effects, as tables, for the tests of RDF and SPARQL."""

from __future__ import annotations

import pandas as pd

from kg.model import SourceRelease, edge_id, pair_id
from kg.tables import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS, Tables
from ontologies.vocabulary import Category, Predicate

SIMVASTATIN, CLARITHROMYCIN, AMLODIPINE = "RXCUI:36567", "RXCUI:21212", "RXCUI:17767"
CYP3A4, RHABDOMYOLYSIS, LONG_QT = "HGNC:2637", "HP:0003201", "HP:0001657"
PAIR = pair_id(SIMVASTATIN, CLARITHROMYCIN)
AWKWARD = 'He said "stop"\n\tat C:\\dose — 5 µg, 薬 \x07'
RELEASES = (
    SourceRelease("infores:first", "2020-10", "CC-BY-4.0"),
    SourceRelease("infores:second", "v 2/b", "CC0-1.0"),
)

_NODES = (
    (SIMVASTATIN, Category.DRUG, "simvastatin"),
    (CLARITHROMYCIN, Category.DRUG, "clarithromycin"),
    (AMLODIPINE, Category.DRUG, "amlodipine"),
    (CYP3A4, Category.GENE, "CYP3A4"),
    (RHABDOMYOLYSIS, Category.PHENOTYPIC_FEATURE, "Rhabdomyolysis"),
    (LONG_QT, Category.PHENOTYPIC_FEATURE, "Prolonged QT interval"),
    (PAIR, Category.DRUG_PAIR, "clarithromycin + simvastatin"),
)
_FACTS = {
    "simvastatin_in_pair": (PAIR, Predicate.HAS_PARTICIPANT, SIMVASTATIN, ""),
    "clarithromycin_in_pair": (PAIR, Predicate.HAS_PARTICIPANT, CLARITHROMYCIN, ""),
    "pair_effect": (
        PAIR,
        Predicate.CONTRIBUTES_TO,
        RHABDOMYOLYSIS,
        "mechanism=enzyme_inhibition",
    ),
    "simvastatin_substrate": (
        SIMVASTATIN,
        Predicate.SUBSTRATE_OF,
        CYP3A4,
        "strength=sensitive",
    ),
    "amlodipine_substrate": (AMLODIPINE, Predicate.SUBSTRATE_OF, CYP3A4, ""),
    "clarithromycin_inhibits": (
        CLARITHROMYCIN,
        Predicate.AFFECTS,
        CYP3A4,
        "role=inhibitor|strength=strong",
    ),
    "clarithromycin_liability": (
        CLARITHROMYCIN,
        Predicate.PREDISPOSES_TO,
        LONG_QT,
        "grade=moderate|liability=qt_prolongation",
    ),
}
EDGE_IDS = {
    name: edge_id(subject, predicate.value, target, qualifiers)
    for name, (subject, predicate, target, qualifiers) in _FACTS.items()
}


def tiny_tables() -> Tables:
    """The graph; the pair's effect is said twice by the first source and once by the second."""
    nodes = [(curie, category.value, name, "", "", "") for curie, category, name in _NODES]
    nodes[0] = (SIMVASTATIN, Category.DRUG.value, "simvastatin", "MK-733", "DRUGBANK:DB00641", "")
    edges = [
        (EDGE_IDS[name], subject, predicate.value, target, qualifiers)
        for name, (subject, predicate, target, qualifiers) in _FACTS.items()
    ]
    evidence = [_said(name, 0) for name in _FACTS if name != "pair_effect"]
    evidence += [
        _said(
            "pair_effect", 0, severity="contraindicated", text=AWKWARD, publications="PMID:1|x y"
        ),
        _said("pair_effect", 0, severity="major", text="by mouth only", primary=False),
        _said("pair_effect", 1, severity="major", derived_from=EDGE_IDS["simvastatin_substrate"]),
    ]
    return Tables(
        pd.DataFrame(nodes, columns=list(NODE_COLUMNS)),
        pd.DataFrame(edges, columns=list(EDGE_COLUMNS)),
        pd.DataFrame(evidence, columns=list(EVIDENCE_COLUMNS)),
    )


def _said(name: str, release: int, **cells: str | bool) -> dict[str, str | bool]:
    row: dict[str, str | bool] = dict.fromkeys(EVIDENCE_COLUMNS, "")
    row |= {
        "edge_id": EDGE_IDS[name],
        "source": RELEASES[release].source,
        "version": RELEASES[release].version,
        "licence": RELEASES[release].licence,
        "knowledge_level": "knowledge_assertion",
        "agent_type": "manual_agent",
        "primary": True,
    }
    return row | cells
