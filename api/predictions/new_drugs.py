"""What the model guesses of a drug that it has no fact of, beside one that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from api.errors import InvalidRequest, MissingExtra
from api.predictions.shapes import PROBABILITY, WARNING, prediction_json, thing
from api.state import State
from embeddings.new_drugs.descriptions import Description
from embeddings.new_drugs.odds import WITH
from embeddings.new_drugs.predict import Near, NewDrugPredictor, NewPrediction
from embeddings.store import Bundle
from kg.graph import KnowledgeGraph
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.vocabulary import Category

DRAWN = {"curie": None, "name": "the drawn drug"}
"""How a drug that is only drawn stands in an answer."""


@dataclass(frozen=True, slots=True)
class NewPair:
    """A described drug, how it stands in an answer, and the drug that the model knows.

    ``stated`` are effects that something states of the two: no guesses. ``drawing`` is the SMILES
    of a drug that is only drawn.
    """

    description: Description
    told: Mapping[str, Any]
    partner: Curie
    stated: frozenset[str] = frozenset()
    drawing: str | None = None


def drawn(smiles: str, targets: tuple[str, ...], graph: KnowledgeGraph) -> Description:
    """Describe a drug by its SMILES and its targets, genes by symbol or code.

    Raises:
        UnreadableSmiles: The text is no SMILES.
        InvalidRequest: The graph has no such gene.
        MissingExtra: RDKit is not installed.
    """
    try:
        return Description.drawn(smiles, _genes(targets, graph))
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "rdkit", "structures") from error


def new_predictions(
    pair: NewPair, top: int, state: State, bundle: Bundle, effect: str | None = None
) -> dict[str, Any]:
    """The answer of ``coprescribe predict`` for a pair with a new drug; of one effect, if named.

    Raises:
        NoNewDrugs: The model cannot place a drug by what is known of this one.
    """
    every = len(bundle.train.effects)
    found = _predictor(bundle).predict(pair.description, str(pair.partner), every)
    asked = [one for one in found.predictions if effect in {None, one.effect}]
    guesses = [one for one in asked if one.effect not in pair.stated][:top]
    drugs = [pair.told, thing(str(pair.partner), state.graph)]
    return {
        "drugs": drugs,
        "predictions": [prediction_json(one, state.graph, drugs) for one in guesses],
        "known": [],
        "n_known": len(pair.stated),
        "n_effects": len(bundle.train.effects),
        "n_pairs": None,
        "rank_error": None,
        "new_drug": _applicability(found, state.graph),
        "graph": state.graph_json(),
        "model": state.model_json(),
        "notes": _notes(found, pair, state.graph),
        "disclaimer": WARNING,
    }


@lru_cache(maxsize=2)
def _predictor(bundle: Bundle) -> NewDrugPredictor:
    return NewDrugPredictor(bundle)


def _genes(written: tuple[str, ...], graph: KnowledgeGraph) -> list[str]:
    if not written:
        return []
    names: dict[str, str] = {}
    for node in graph.nodes(Category.GENE):
        for name in (str(node.curie), node.name, *map(str, node.equivalents)):
            names.setdefault(fold(name), str(node.curie))
    unknown = [text for text in written if fold(text) not in names]
    if unknown:
        raise InvalidRequest(f"--target: the graph has no gene {unknown[0]!r}")
    return [names[fold(text)] for text in written]


def _applicability(found: NewPrediction, graph: KnowledgeGraph) -> dict[str, Any]:
    return {
        "by": found.kind,
        "nearest_in_structure": _near(found.structure, graph),
        "nearest_in_targets": _near(found.targets, graph),
        "abstained": found.abstained,
    }


def _near(near: Near | None, graph: KnowledgeGraph) -> dict[str, Any] | None:
    return (
        None if near is None else {**thing(near.drug, graph), "distance": round(near.distance, 4)}
    )


def _notes(found: NewPrediction, pair: NewPair, graph: KnowledgeGraph) -> list[str]:
    if found.abstained:
        notes = [f"Nothing is guessed: {found.abstained}."]
    else:
        placed = f"The model has no fact of {pair.told['name']}: it is placed by {_BY[found.kind]}."
        notes = [placed, *([] if found.kind == WITH else [_LITTLE])]
    same = found.structure is not None and not found.structure.distance
    for what, near in (("structure", found.structure), (_bound(pair, graph), found.targets)):
        if near is not None:
            notes.append(
                f"Of the drugs that the model has facts of, the nearest in {what} is "
                f"{_name(near.drug, graph)}, {near.distance:.2f} away (0 the same, 1 unlike)."
            )
    if same and found.structure is not None:
        known = _name(found.structure.drug, graph)
        notes.append(
            f"Its structure cannot be told from that of {known}: ask about {known} by name."
        )
    elif "." in (pair.drawing or ""):
        notes.append("The drawing has several parts: the largest is the one that is placed.")
    return notes if found.abstained else [*notes, PROBABILITY]


def _bound(pair: NewPair, graph: KnowledgeGraph) -> str:
    """Say what a drug binds, as one gene in common may be a carrier and no target."""
    names = sorted(_name(gene, graph) for gene in pair.description.targets)
    more = f" and {len(names) - _GENES_TOLD} more" if len(names) > _GENES_TOLD else ""
    return f"what the drug binds ({', '.join(names[:_GENES_TOLD])}{more})"


def _name(curie: str, graph: KnowledgeGraph) -> str:
    return graph.name(Curie.parse(curie))


_GENES_TOLD = 4
_LITTLE = (
    "Structure and genes tell little of a drug beyond what is reported of its partner: where the "
    "lift is near 1, nothing."
)
_BY: Mapping[str, str] = {
    "with_effects": "effects reported of it alone, which are known once a drug is marketed",
    "without_effects": "its structure and its genes",
    "structure_alone": "its structure",
}
