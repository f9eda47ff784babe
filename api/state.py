"""What every door shares: a graph, its lexicon, the panel of detectors and perhaps a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.names import drug_names
from api.timing import kept_for_good, timed
from embeddings import store
from embeddings.detector import PredictedEffects
from embeddings.store import Bundle
from kg.artifact import Artifact, find_graph, open_artifact, open_graph
from kg.gene_severity import load_gene_severity_rules
from kg.graph import KnowledgeGraph
from kg.rule_tables import load_additive_rules, load_exposure_rules, load_intended_pairs
from kg.screening.additive import AdditiveEffects
from kg.screening.detector import Detector
from kg.screening.documented import DocumentedInteractions
from kg.screening.drug_gene import DrugGene
from kg.screening.duplication import Duplications
from kg.screening.genotype import Genotypes
from kg.screening.mechanism import ExposureChanges
from kg.tables import read_to_serve
from ontologies.lexicon import Lexicon
from ontologies.vocabulary import Category

NO_MODEL = "none"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that answering needs; read-only, so that many requests share it."""

    artifact: Artifact
    graph: KnowledgeGraph
    lexicon: Lexicon
    genotypes: Genotypes
    panel: Sequence[Detector]
    bundle: Bundle | None

    @property
    def store(self) -> Path:
        """Folder of the SPARQL store."""
        return self.artifact.folder / "store"

    def graph_json(self) -> dict[str, Any]:
        """The ``graph`` part of an answer: id, sources with version and licence, those left out."""
        rows = (
            {"source": r.source, "version": r.version, "licence": r.licence}
            for r in self.graph.releases
        )
        left_out = [{"source": s, "reason": r} for s, r in self.artifact.left_out.items()]
        return {"id": self.graph.id, "sources": list(rows), "left_out": left_out}

    def model_json(self) -> dict[str, Any] | None:
        """The ``model`` part of an answer; ``None`` when no model took part."""
        return (
            None
            if self.bundle is None
            else {"id": self.bundle.id, "trained_on": self.bundle.graph_id}
        )


def open_state(home: Path, graph_id: str | None = None, model_id: str | None = None) -> State:
    """Open a graph and the newest model that was trained on it.

    Args:
        home: Where artifacts lie.
        graph_id: A graph by name; the preferred one when left out.
        model_id: A model by name, ``none`` for no model; the newest that fits when left out.

    Raises:
        MissingGraph, DamagedArtifact, DamagedTable: There is no such graph, or it is damaged.
        MissingModel, DamagedBundle: A model that was named is not there, or is damaged.
    """
    with kept_for_good():
        with timed("graph verified and opened"):
            artifact = open_artifact(find_graph(home, graph_id))
            graph = KnowledgeGraph(artifact.id, read_to_serve(artifact.folder), artifact.releases)
        with timed("names of drugs indexed"):
            lexicon = Lexicon.from_names(drug_names(graph))
        with timed("rules of genes read"):
            genotypes = Genotypes(graph)
        with timed("model and detectors opened"):
            bundle = open_model(home, graph, model_id)
            panel = standard_panel(graph, genotypes, bundle)
    return State(
        artifact=artifact,
        graph=graph,
        lexicon=lexicon,
        genotypes=genotypes,
        panel=panel,
        bundle=bundle,
    )


def open_model(home: Path, graph: KnowledgeGraph, model_id: str | None) -> Bundle | None:
    """Open the model that is named, else the newest that fits the graph; ``None`` where none is.

    Raises:
        MissingModel, DamagedBundle: The model is not there, or is damaged.
    """
    if model_id == NO_MODEL:
        return None
    drugs = frozenset(str(node.curie) for node in graph.nodes(Category.DRUG))
    found = model_id or store.find_model(home, graph.id, drugs)
    return store.load(home, found) if found else None


def open_lexicon(home: Path, graph_id: str | None = None) -> Lexicon:
    """Open only the names of the drugs of a graph; raises as :func:`open_state` does."""
    with kept_for_good(), timed("names of drugs opened and indexed"):
        return Lexicon.from_names(drug_names(open_graph(home, graph_id)))


def standard_panel(
    graph: KnowledgeGraph, genotypes: Genotypes, bundle: Bundle | None
) -> tuple[Detector, ...]:
    """The detectors of an answer, stated facts first."""
    stated: tuple[Detector, ...] = (
        DocumentedInteractions(graph),
        ExposureChanges(graph, load_exposure_rules(), load_intended_pairs()),
        AdditiveEffects(graph, load_additive_rules()),
        DrugGene(graph, genotypes, load_gene_severity_rules()),
        Duplications(graph),
    )
    return (*stated, PredictedEffects(bundle, graph)) if bundle else stated
