"""A graph that fits in the head, and the words to write another: eight drugs, two genes, a class.

Clarithromycin inhibits what clears simvastatin, and the pair is contraindicated; it also raises
bleeding under warfarin. Omeprazole inhibits what activates clopidogrel. Clarithromycin, citalopram
and amiodarone each prolong QT. Nothing is said of levothyroxine. Severities and doses are chosen
for the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from kg.graph import KnowledgeGraph
from kg.model import Edge, Evidence, Node, Qualifier, Severity, SourceRelease, pair_id
from kg.screening.additive import AdditiveEffects
from kg.screening.detector import Detector
from kg.screening.documented import DocumentedInteractions
from kg.screening.duplication import Duplications
from kg.screening.effects import LOST_EFFICACY, RAISED_EXPOSURE
from kg.screening.mechanism import ExposureChanges
from kg.screening.rules import AdditiveRule, ExposureRule, Requirement
from kg.screening.targets import Targets
from kg.tables import COLUMNS, Tables, joined
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

SIMVASTATIN = Curie("RXCUI", "36567")
CLARITHROMYCIN = Curie("RXCUI", "21212")
WARFARIN = Curie("RXCUI", "11289")
CLOPIDOGREL = Curie("RXCUI", "32968")
OMEPRAZOLE = Curie("RXCUI", "7646")
CITALOPRAM = Curie("RXCUI", "2556")
AMIODARONE = Curie("RXCUI", "703")
LEVOTHYROXINE = Curie("RXCUI", "10582")
CYP3A4 = Curie("HGNC", "2637")
CYP2C19 = Curie("HGNC", "2621")
RHABDOMYOLYSIS = Curie("HP", "0003201")
BLEEDING = Curie("HP", "0001892")
TORSADE = Curie("HP", "0001664")
STATINS = Curie("ATC", "C10AA")

DRUGS = {
    SIMVASTATIN: "simvastatin",
    CLARITHROMYCIN: "clarithromycin",
    WARFARIN: "warfarin",
    CLOPIDOGREL: "clopidogrel",
    OMEPRAZOLE: "omeprazole",
    CITALOPRAM: "citalopram",
    AMIODARONE: "amiodarone",
    LEVOTHYROXINE: "levothyroxine",
}
NAMES = {
    **DRUGS,
    CYP3A4: "CYP3A4",
    CYP2C19: "CYP2C19",
    RHABDOMYOLYSIS: "Rhabdomyolysis",
    BLEEDING: "Abnormal bleeding",
    TORSADE: "Torsade de pointes",
    RAISED_EXPOSURE: "Drug level increased",
    LOST_EFFICACY: "Therapeutic response decreased",
    STATINS: "HMG CoA reductase inhibitors",
}
RELEASES = (
    SourceRelease("infores:ansm", "2020-10", "terms not stated"),
    SourceRelease("infores:coprescribe", "1", "Apache-2.0", commercial=True),
)
_CATEGORIES = {
    "HGNC": Category.GENE,
    "ATC": Category.DRUG_CLASS,
    "RXCUI": Category.DRUG,
    "pair": Category.DRUG_PAIR,
}


def said(
    severity: Severity | None = None,
    *,
    source: str = "infores:ansm",
    statement: str | None = None,
    condition: str | None = None,
    recommendation: str | None = None,
    primary: bool = True,
) -> Evidence:
    """What a source asserts, with its release."""
    release = next(r for r in RELEASES if r.source == source)
    return Evidence(
        source=source,
        knowledge_level=KnowledgeLevel.KNOWLEDGE_ASSERTION,
        agent_type=AgentType.MANUAL_AGENT,
        severity=severity,
        version=release.version,
        licence=release.licence,
        statement=statement,
        condition=condition,
        recommendation=recommendation,
        primary=primary,
    )


def edge(
    subject: Curie, predicate: Predicate, target: Curie, qualifiers: str = "", *by: Evidence
) -> Edge:
    """One edge; the curated tables state it where nobody else is named."""
    parts = sorted(part.partition("=")[::2] for part in qualifiers.split("|") if part)
    stated = by or (said(source="infores:coprescribe"),)
    return Edge(subject, predicate, target, tuple(Qualifier(*part) for part in parts), stated)


def interaction(
    first: Curie, second: Curie, effect: Curie, mechanism: str | None, *by: Evidence
) -> list[Edge]:
    """A pair with its two drugs and one effect."""
    pair = Curie.parse(pair_id(str(first), str(second)))
    cause = f"mechanism={mechanism}" if mechanism else ""
    return [
        edge(pair, Predicate.CONTRIBUTES_TO, effect, cause, *by),
        *(edge(pair, Predicate.HAS_PARTICIPANT, drug) for drug in (first, second)),
    ]


def inhibits(drug: Curie, gene: Curie, strength: str, role: str = "inhibitor") -> Edge:
    """A drug that inhibits (or induces) an enzyme."""
    return edge(drug, Predicate.AFFECTS, gene, f"role={role}|strength={strength}")


def cleared_by(drug: Curie, gene: Curie, strength: str, activates: str = "no") -> Edge:
    """A drug that an enzyme clears, or activates."""
    return edge(drug, Predicate.SUBSTRATE_OF, gene, f"activates={activates}|strength={strength}")


def prolongs_qt(drug: Curie, group: str, grade: str) -> Edge:
    """A drug with a part in QT prolongation."""
    qualifiers = f"liability=qt_prolongation|group={group}|grade={grade}"
    return edge(drug, Predicate.PREDISPOSES_TO, TORSADE, qualifiers)


EDGES: tuple[Edge, ...] = (
    *interaction(
        CLARITHROMYCIN,
        SIMVASTATIN,
        RHABDOMYOLYSIS,
        "enzyme_inhibition",
        said(Severity.CONTRAINDICATED, statement="MACROLIDES / SIMVASTATINE"),
    ),
    *interaction(
        CLARITHROMYCIN,
        WARFARIN,
        BLEEDING,
        None,
        said(Severity.MODERATE, statement="ANTIVITAMINES K / MACROLIDES"),
    ),
    inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
    cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    inhibits(OMEPRAZOLE, CYP2C19, "moderate"),
    cleared_by(CLOPIDOGREL, CYP2C19, "sensitive", activates="yes"),
    prolongs_qt(CLARITHROMYCIN, "macrolide", "moderate"),
    prolongs_qt(CITALOPRAM, "ssri", "high"),
    prolongs_qt(AMIODARONE, "antiarrhythmic", "high"),
    edge(SIMVASTATIN, Predicate.SUBCLASS_OF, STATINS),
)


EXPOSURE_RULES = (
    ExposureRule("inhibitor", "strong", "sensitive", False, ">=5", Severity.MAJOR, "ref"),
    ExposureRule("inhibitor", "moderate", "sensitive", True, "less", Severity.MODERATE, "ref"),
)
QT_RULES = tuple(
    AdditiveRule(
        liability="qt_prolongation",
        name=f"{count} QT-prolonging drugs",
        effect=TORSADE,
        requires=(Requirement("drugs", "moderate", count),),
        severity=severity,
        recommendation="Record an ECG.",
        reference="ref",
    )
    for count, severity in ((2, Severity.MODERATE), (3, Severity.MAJOR))
)


def panel_of(graph: KnowledgeGraph) -> tuple[Detector, ...]:
    """The detectors of pairs, enzymes, liabilities and duplications over a graph."""
    return (
        DocumentedInteractions(graph),
        ExposureChanges(graph, EXPOSURE_RULES),
        AdditiveEffects(graph, QT_RULES),
        Duplications(Targets(graph)),
    )


def node(curie: Curie, name: str = "") -> Node:
    """A node of the kind that its prefix tells."""
    category = _CATEGORIES.get(curie.prefix, Category.PHENOTYPIC_FEATURE)
    return Node(curie, category, name or str(curie))


def tables_of(edges: Sequence[Edge], more: Iterable[Curie] = ()) -> Tables:
    """The tables of some edges; their ends, and more nodes if named, become the nodes."""
    ends = {end for item in edges for end in (item.subject, item.object)} | set(more)
    nodes = [_node_row(node(curie, NAMES.get(curie, ""))) for curie in sorted(ends, key=str)]
    statements = [{"edge_id": e.id, **_evidence_row(said)} for e in edges for said in e.evidence]
    return Tables(
        _once(nodes, COLUMNS["nodes"]),
        _once([_edge_row(e) for e in edges], COLUMNS["edges"]),
        _once(statements, COLUMNS["evidence"]).astype({"primary": bool}),
    )


def graph_of(*edges: Edge) -> KnowledgeGraph:
    """A graph of some edges."""
    return KnowledgeGraph("tiny", tables_of(edges, NAMES), RELEASES)


def _once(rows: Sequence[Mapping[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return frame.drop_duplicates(ignore_index=True)


def _node_row(item: Node) -> dict[str, str]:
    return {
        "id": str(item.curie),
        "category": item.category.value,
        "name": item.name,
        "synonym": joined(item.synonyms),
        "xref": joined([str(curie) for curie in item.equivalents]),
        "provided_by": "curated",
    }


def _edge_row(item: Edge) -> dict[str, str]:
    return {
        "id": item.id,
        "subject": str(item.subject),
        "predicate": item.predicate.value,
        "object": str(item.object),
        "qualifiers": "|".join(f"{q.key}={q.value}" for q in sorted(item.qualifiers)),
    }


def _evidence_row(item: Evidence) -> dict[str, object]:
    stated = {name: getattr(item, name) for name in COLUMNS["evidence"] if name != "edge_id"}
    stated["publications"] = joined([str(curie) for curie in item.publications])
    stated["derived_from"] = joined(item.derived_from)
    return {name: "" if value is None else value for name, value in stated.items()}
