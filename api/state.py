"""What every door shares: a graph, its lexicon, the panel of detectors and perhaps a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from api.contents import Contents
from api.timing import kept_for_good, timed
from embeddings import store
from embeddings.detector import PredictedEffects
from embeddings.predict import Predictor
from embeddings.stated import StatedEffects
from embeddings.store import Bundle
from kg.artifact import STORE, Artifact, find_graph, graph_of, open_artifact
from kg.graph import KnowledgeGraph
from kg.rules.absorption import load_absorption_roles, load_absorption_rules
from kg.rules.additive import load_additive_rules
from kg.rules.class_pairs import load_class_pairs
from kg.rules.duplications import load_double_rules
from kg.rules.effect_families import load_effect_families
from kg.rules.exposure import load_exposure_rules, load_exposure_tables
from kg.rules.gene_harms import load_gene_harms
from kg.rules.gene_severity import load_gene_severity_rules
from kg.rules.kinship import load_kin_rules
from kg.rules.patients import PatientRules, open_patient_rules
from kg.rules.phenoconversion import load_conversion_rules, load_own_conversions
from kg.rules.warfarin import load_dose_rules
from kg.rules.washouts import load_lingering, load_washouts
from kg.screening.absorption import AbsorptionChanges
from kg.screening.additive import AdditiveEffects
from kg.screening.class_pairs import ClassPairs
from kg.screening.detector import ChangeDetector, Detector
from kg.screening.documented import DocumentedInteractions
from kg.screening.drug_gene import DrugGene
from kg.screening.duplication import Duplications
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.genotype import Genotypes
from kg.screening.kinship import Relatives
from kg.screening.mechanism import ExposureChanges
from kg.screening.merging import Told, no_pairs
from kg.screening.phenoconversion import Phenoconversions
from kg.screening.warfarin import DoseRules
from kg.screening.washouts import Washouts
from kg.screening.wearing_off import Lingering, WearingOff
from kg.serving.names import lexicon_of
from ontologies.lexicon import Lexicon
from ontologies.vocabulary import Category

NO_MODEL = "none"
Heard = Callable[[Mapping[str, Any]], None]


def _unheard(answer: Mapping[str, Any]) -> None:
    del answer


@dataclass(frozen=True, slots=True)
class State:
    """Everything that answering needs; read-only, so that many requests share it."""

    artifact: Artifact
    graph: KnowledgeGraph
    lexicon: Lexicon
    genotypes: Genotypes
    patient_rules: PatientRules
    panel: Sequence[Detector]
    bundle: Bundle | None
    families: EffectFamilies = NO_FAMILIES
    dose_rules: DoseRules = field(default_factory=load_dose_rules)
    lingering: ChangeDetector | None = None
    """What a stopped drug still does."""
    relatives: Relatives = field(init=False)
    contents: Contents = field(init=False, repr=False, compare=False)
    pairs: Told = field(default_factory=no_pairs, repr=False, compare=False)
    """What was joined of pairs of drugs, kept for all questions."""
    heard: Heard = field(default=_unheard, repr=False, compare=False)
    """Told of every answer, to count it."""

    def __post_init__(self) -> None:
        """Prepare the search for drugs that may stand in for others, and what products hold."""
        conditioned = frozenset(rule.target for rule in self.patient_rules.drug_conditions.rules)
        rules = replace(load_kin_rules(), conditioned=conditioned)
        object.__setattr__(self, "relatives", Relatives(self.patient_rules.targets, rules))
        object.__setattr__(self, "contents", Contents(self.graph, self.lexicon))

    @property
    def drug_gene(self) -> DrugGene:
        """The detector of the panel that knows what guidelines advise by gene."""
        return next(d for d in self.panel if isinstance(d, DrugGene))

    @property
    def predictor(self) -> Predictor | None:
        """What predicts by the model; ``None`` without a model."""
        found = (d.predictor for d in self.panel if isinstance(d, PredictedEffects))
        return next(found, None)

    @property
    def store(self) -> Path:
        """Folder of the SPARQL store."""
        return self.artifact.folder / STORE

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
            graph = graph_of(artifact)
        with timed("names of drugs opened"):
            lexicon = lexicon_of(artifact, graph)
        with timed("rules of genes read"):
            genotypes = Genotypes(graph)
        with timed("rules about patients read"):
            patient_rules = open_patient_rules(graph, genotypes=genotypes)
        with timed("model and detectors opened"):
            bundle = open_model(home, graph, model_id)
            panel = standard_panel(graph, genotypes, patient_rules, bundle, artifact.folder)
    return State(
        artifact=artifact,
        graph=graph,
        lexicon=lexicon,
        genotypes=genotypes,
        patient_rules=patient_rules,
        panel=panel,
        bundle=bundle,
        families=load_effect_families(),
        lingering=lingering_of(panel, patient_rules),
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
    with kept_for_good(), timed("names of drugs opened"):
        artifact = open_artifact(find_graph(home, graph_id))
        return lexicon_of(artifact, graph_of(artifact))


def standard_panel(
    graph: KnowledgeGraph,
    genotypes: Genotypes,
    patient_rules: PatientRules,
    bundle: Bundle | None,
    folder: Path | None = None,
) -> tuple[Detector, ...]:
    """The detectors of an answer, stated facts first; ``folder`` is the graph's."""
    stated: tuple[Detector, ...] = (
        DocumentedInteractions(graph),
        ExposureChanges(graph, load_exposure_rules(), load_exposure_tables()),
        AbsorptionChanges(graph, load_absorption_rules(), load_absorption_roles()),
        ClassPairs(patient_rules.targets, load_class_pairs(), patient_rules.routes.local),
        AdditiveEffects(graph, load_additive_rules()),
        drug_gene_detector(graph, genotypes, patient_rules.routes.local),
        patient_rules.drug_conditions,
        patient_rules.drug_allergies,
        Duplications(patient_rules.targets, load_double_rules()),
    )
    if bundle is None:
        return stated
    return (*stated, PredictedEffects(bundle, graph, StatedEffects(graph, folder)))


def lingering_of(panel: Sequence[Detector], patient_rules: PatientRules) -> Lingering:
    """What stopped drugs leave behind, with the changes of exposure that a panel knows."""
    exposure = next(d for d in panel if isinstance(d, ExposureChanges))
    washouts = Washouts(patient_rules.targets, load_washouts(), load_lingering())
    return Lingering(washouts, WearingOff(exposure, washouts), patient_rules.routes.local)


def drug_gene_detector(
    graph: KnowledgeGraph, genotypes: Genotypes, local: frozenset[str]
) -> DrugGene:
    """The detector of gene findings with the curated rules; ``local`` routes convert nothing."""
    conversions = Phenoconversions(
        graph, genotypes, load_conversion_rules(), load_own_conversions(), local
    )
    harms = load_gene_harms()
    return DrugGene(graph, genotypes, load_gene_severity_rules(), conversions, harms)
