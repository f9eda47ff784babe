"""What the model guesses of two drugs, or of one beside all others: the same through every door."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.convert import candidate_json
from api.errors import InvalidRequest, UnresolvedDrug
from api.notes import read_loosely
from api.predictions.new_drugs import DRAWN, NewPair, drawn, new_predictions
from api.predictions.reasons import add_reasons
from api.predictions.shapes import MOST_PREDICTIONS, PROBABILITY, WARNING, prediction_json, thing
from api.state import State
from embeddings.judging.outcomes import KINDS
from embeddings.new_drugs.describing import described_drug
from embeddings.new_drugs.descriptions import Description
from embeddings.predict import NotInModel, Prediction, Predictor, UnknownEffect
from embeddings.stated import StatedEffects
from embeddings.store import MissingModel
from kg.graph import KnowledgeGraph
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import Resolution


@dataclass(frozen=True, slots=True)
class PredictionRequest:
    """Which drugs, one or two, and how many of their likeliest effects, or which one.

    ``known`` asks also for the likeliest of those that are stated, ``why`` for the reasons of so
    many guesses. ``smiles`` draws the other drug of one, and ``targets`` are its genes.
    """

    drugs: tuple[str, ...]
    top: int = 20
    effect: str | None = None
    known: bool = False
    why: int = 0
    smiles: str | None = None
    targets: tuple[str, ...] = ()


def predictions(asked: PredictionRequest, state: State) -> dict[str, Any]:
    """Answer ``GET /v1/predictions`` and ``coprescribe predict``.

    A drug that the model has no fact of is placed by what is known of it alone, where the model
    can do that.

    Raises:
        InvalidRequest: Not one or two drugs, the same one twice, or a number out of bounds.
        UnresolvedDrug: A drug is not known, or may be several.
        MissingModel: No model fits the graph.
        MissingExtra: A drug is drawn, and RDKit is not installed.
        NotInModel: The model has learned nothing of a drug.
        NoNewDrugs: A drug is drawn, and the model cannot place it.
        UnknownEffect: The model has no such effect.
        UnreadableSmiles: A drug is drawn, and the text is no SMILES.
        UnusableScores: The model gives NaN.
    """
    _check(asked)
    if state.predictor is None:
        raise MissingModel(state.artifact.folder.parents[1], None)
    predictor = state.predictor
    read = [state.lexicon.lookup(text) for text in asked.drugs]
    drugs = [_meant(resolution, state, predictor) for resolution in read]
    if len(set(drugs)) < len(drugs):
        one, other = asked.drugs
        raise InvalidRequest(
            f"{one!r} and {other!r} are one drug, {state.graph.name(drugs[0])}; give two drugs, "
            "or one for its guesses beside all others"
        )
    new = _new_pair(asked, drugs, state, predictor)
    if new is None:
        found = _of_known(asked, drugs, state, predictor)
    else:
        effect = None if asked.effect is None else _effect(asked.effect, state, predictor)
        found = new_predictions(new, asked.top, state, predictor.bundle, effect)
        if asked.why:
            found["notes"].append("Reasons are known only where the model has facts of both drugs.")
    found["notes"] = [*read_loosely(read), *found["notes"]]
    return found


def _of_known(
    asked: PredictionRequest, drugs: list[Curie], state: State, predictor: Predictor
) -> dict[str, Any]:
    first = str(drugs[0])
    pairs = [(first, str(drugs[1]))] if len(drugs) == 2 else predictor.partners(first)
    rows = predictor.indices(pairs)
    effects = () if asked.effect is None else (_effect(asked.effect, state, predictor),)
    stated = StatedEffects(state.graph, state.artifact.folder).of(pairs)
    likely = predictor.top(pairs, asked.top, known=stated, effects=effects)
    known = []
    if asked.known or effects:
        known = predictor.top(pairs, asked.top, known=stated, effects=effects, stated=True)
    standings = predictor.bundle.standings
    found = {
        "drugs": [
            {"query": text, **thing(str(drug), state.graph)}
            for text, drug in zip(asked.drugs, drugs, strict=True)
        ],
        "predictions": [prediction_json(one, state.graph) for one in likely],
        "known": [prediction_json(one, state.graph) for one in known],
        "n_known": int(predictor.stated(rows, stated).sum()),
        "n_effects": len(predictor.bundle.train.effects),
        "n_pairs": standings.n_pairs if standings else None,
        "rank_error": round(standings.error, 4) if standings else None,
        "graph": state.graph_json(),
        "model": state.model_json(),
        "notes": [*_notes(likely, predictor), PROBABILITY],
        "disclaimer": WARNING,
    }
    if asked.why:
        add_reasons(found, asked.why, state.graph, predictor.bundle)
    return found


def _check(asked: PredictionRequest) -> None:
    if asked.smiles is not None and len(asked.drugs) != 1:
        raise InvalidRequest(
            f"{len(asked.drugs)} drugs are given beside a drawn one; a prediction needs one"
        )
    if len(asked.drugs) not in {1, 2}:
        raise InvalidRequest(f"{len(asked.drugs)} drugs are given; a prediction is of one or two")
    if not 1 <= asked.top <= MOST_PREDICTIONS:
        raise InvalidRequest(
            f"top: {asked.top} is not accepted: a whole number from 1 to {MOST_PREDICTIONS}"
        )


def _meant(resolution: Resolution, state: State, predictor: Predictor) -> Curie:
    """The drug that a text means, as the model knows it: itself, its base, its only ingredient."""
    text, found = resolution.query, resolution.candidate
    if found is None:
        candidates = [candidate_json(candidate) for candidate in resolution.candidates]
        raise UnresolvedDrug(text, "ask about", resolution.status, candidates)
    drug = Curie.parse(found.curie)
    if predictor.knows(found.curie):
        return drug
    held = state.contents.drugs(drug)
    if len(held) > 1:
        names = ", ".join(state.graph.name(part) for part in held)
        raise InvalidRequest(f"{text!r} holds several drugs; ask of each: {names}")
    return held[0]


def _new_pair(
    asked: PredictionRequest, drugs: list[Curie], state: State, predictor: Predictor
) -> NewPair | None:
    """The pair with a new drug that is asked about; ``None`` where the model knows all drugs."""
    unknown = [drug for drug in drugs if not predictor.knows(str(drug))]
    placeable = len(drugs) == 2 and predictor.bundle.new_drugs is not None
    if unknown and (len(unknown) > 1 or not placeable):
        name = f"{state.graph.name(unknown[0])} ({unknown[0]})"
        raise NotInModel(name, predictor.bundle.id)
    if not unknown and asked.smiles is None:
        return None
    if asked.smiles is not None:
        described = drawn(asked.smiles, asked.targets, state.graph)
        return NewPair(described, DRAWN, drugs[0], drawing=asked.smiles)
    (new,), (partner,) = unknown, (drug for drug in drugs if drug not in unknown)
    folder = state.artifact.folder
    stated = StatedEffects(state.graph, folder).of([(str(new), str(partner))])
    of_pair = frozenset(e for a, e, b in stated.triples() if {a, b} == {str(new), str(partner)})
    described = _described(new, state, predictor)
    return NewPair(described, thing(str(new), state.graph), partner, of_pair)


def _described(drug: Curie, state: State, predictor: Predictor) -> Description:
    """What the model was told of a drug, else what the graph and the home's drawings tell."""
    told = predictor.bundle.new_drugs
    described = told.descriptions.of(str(drug)) if told else Description()
    if described != Description():
        return described
    return described_drug(state.graph, state.artifact.folder.parents[1], drug)


def _effect(text: str, state: State, predictor: Predictor) -> str:
    """The effect of the model that a name or a code means."""
    names: dict[str, str] = {}
    for effect in predictor.bundle.train.effects:
        for name in (effect, *_names(effect, state.graph)):
            names.setdefault(fold(name), effect)
    if fold(text) in names:
        return names[fold(text)]
    near = difflib.get_close_matches(fold(text), names, n=5, cutoff=0.7)
    told = dict.fromkeys(state.graph.name(Curie.parse(names[name])) for name in near)
    raise UnknownEffect(text, predictor.bundle.id, tuple(told)[:3])


def _names(effect: str, graph: KnowledgeGraph) -> Iterable[str]:
    curie = Curie.parse(effect)
    if not graph.has(curie):
        return ()
    node = graph.node(curie)
    return (node.name, *node.synonyms)


_OF_KIND: Mapping[str, str] = {
    "known_pair": "pairs of which training states other effects",
    "new_pair": "pairs of which training states nothing",
    "one_new_drug": "pairs with one new drug",
    "two_new_drugs": "pairs of two new drugs",
}


def _notes(likely: list[Prediction], predictor: Predictor) -> Iterable[str]:
    if not likely:
        yield "Nothing is left to guess: every effect that was asked about is stated."
        return
    for one in {guess.kind: guess for guess in reversed(likely)}.values():
        told = _OF_KIND[KINDS[one.kind]]
        if one.came_true is not None:
            level, share = one.came_true
            yield (
                f"Came true: of validation's guesses at {level:g} or more, for {told}, {share:.1%} "
                "were facts that had been hidden."
            )
        else:
            high = _TOO_HIGH if KINDS[one.kind] == "known_pair" else ""
            yield f"How often guesses for {told} come true is not measured for this model.{high}"
    best = likely[0]
    if best.came_true is not None and predictor.bundle.calibration.thresholds[best.kind] > 1.0:
        yield (
            "Screening tells no such guess, as at no probability half of them came true on "
            "validation."
        )


_TOO_HIGH = (
    " Its probabilities are too high for them: most facts of such a pair are stated already."
)
