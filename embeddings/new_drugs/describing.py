"""Descriptions of single drugs, collected from a graph and the drawings that a home keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from embeddings.new_drugs.descriptions import COLUMNS, Description, Descriptions, written
from embeddings.skeletons import UnreadableSmiles
from embeddings.structures import bits_of
from embeddings.twins import drawings_in
from kg.graph import KnowledgeGraph
from kg.model import Edge
from kg.sources import drugbank_smiles
from kg.sources.decagon import DECAGON
from kg.sources.drugbank_smiles import DRUGBANK_SMILES
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

_OF_GENES = {
    Predicate.AFFECTS.value: "affects",
    Predicate.SUBSTRATE_OF.value: "substrate_of",
}
"""Kinds by predicate; whatever else links a drug to a gene makes this a target."""

Progress = Callable[[str], None]


def descriptions_of(
    graph: KnowledgeGraph,
    home: Path,
    drugs: Iterable[str],
    aliases: Mapping[str, str],
    progress: Progress,
) -> Descriptions:
    """Collect what the graph states of drugs and what the home's drawings show of them.

    Without RDKit there are no structures, which ``progress`` is told.
    """
    wanted = set(drugs)
    stated = _stated(graph, wanted)
    evidence = graph.tables.evidence
    licences = set(evidence.loc[evidence["edge_id"].isin(stated["id"]), "licence"])
    rows = set(stated[list(COLUMNS)].itertuples(index=False, name=None))
    drawn = {drug: smiles for drug, smiles in _drawings(home, aliases).items() if drug in wanted}
    try:
        bits = {drug: _bits(smiles) for drug, smiles in sorted(drawn.items())}
    except ModuleNotFoundError as error:
        progress(f"{error.name} is not installed: new drugs are known by genes and effects only")
        bits = {}
    rows |= {(drug, "structure", bit) for drug, some in bits.items() for bit in some}
    drawers = {source.info.infores for source in (DECAGON, DRUGBANK_SMILES)}
    licences |= {r.licence for r in graph.releases if bits and r.source in drawers}
    return Descriptions.of_rows(rows, licences)


def described_drug(graph: KnowledgeGraph, home: Path, drug: Curie) -> Description:
    """Describe one drug of a graph; nothing is known of a drug that the graph does not have.

    Without RDKit its structure is not known.
    """
    if not graph.has(drug):
        return Description()
    known: dict[str, set[str]] = {"effects": set(), "targets": set()}
    for edge in graph.edges_from(drug):
        kind = _kind_of(graph, edge)
        if kind:
            known.setdefault(kind, set()).add(str(edge.object))
    names = {str(other): str(drug) for other in graph.node(drug).equivalents}
    smiles = _drawings(home, names).get(str(drug))
    try:
        bits = _bits(smiles) if smiles else frozenset()
    except ModuleNotFoundError:
        bits = frozenset()
    return Description(
        **{kind: frozenset(objects) for kind, objects in known.items()}, structure=bits
    )


def _kind_of(graph: KnowledgeGraph, edge: Edge) -> str:
    if edge.predicate is Predicate.CO_REPORTED:
        return "effects"
    if not graph.has(edge.object) or graph.node(edge.object).category is not Category.GENE:
        return ""
    return _OF_GENES.get(edge.predicate.value, "targets")


def _stated(graph: KnowledgeGraph, drugs: set[str]) -> pd.DataFrame:
    """Edges of drugs that describe them: columns id, drug, kind, object."""
    nodes = graph.tables.nodes
    genes = set(nodes.loc[nodes["category"] == Category.GENE.value, "id"])
    edges = graph.tables.edges
    own = edges.loc[edges["subject"].isin(drugs), ["id", "subject", "predicate", "object"]]
    own = own.astype(str)
    is_gene = own["object"].isin(genes)
    kinds = own["predicate"].map(_OF_GENES).fillna("targets").where(is_gene, "")
    kinds[own["predicate"] == Predicate.CO_REPORTED.value] = "effects"
    told = own.assign(kind=kinds).rename(columns={"subject": "drug"})
    return told.loc[told["kind"] != "", ["id", *COLUMNS]]


def _drawings(home: Path, aliases: Mapping[str, str]) -> dict[str, str]:
    """SMILES by drug: those of the Decagon release, and DrugBank's of the other drugs."""
    files = sorted((home / "raw" / drugbank_smiles.NAME).glob(f"*/{drugbank_smiles.FILE}"))
    listed = (
        drugbank_smiles.read_smiles(files[-1]) if files else pd.DataFrame({"id": [], "smiles": []})
    )
    other = {
        aliases.get(drug, drug): smiles
        for drug, smiles in zip(listed["id"], listed["smiles"], strict=True)
    }
    return other | drawings_in(home, aliases)


def _bits(smiles: str) -> frozenset[str]:
    try:
        return written(bits_of(smiles))
    except UnreadableSmiles:
        return frozenset()
