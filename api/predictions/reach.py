"""How far the model of an answer reaches: which drugs it does not know, and whether it tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.state import State
from ontologies.curie import Curie


def model_with_reach(drugs: Iterable[Curie], state: State) -> dict[str, Any] | None:
    """Give the ``model`` part of an answer about some drugs; ``None`` where no model took part.

    ``unknown_drugs`` are those of which training had no fact: of pairs with them nothing is
    guessed. ``tells`` is false where validation found no level at which its guesses may be told
    unasked: then an answer has none, whatever its drugs are.
    """
    model = state.model_json()
    if model is None or state.predictor is None:
        return model
    unknown = sorted(str(drug) for drug in drugs if not state.predictor.knows(str(drug)))
    tells = bool(state.predictor.bundle.calibration.tells.any())
    return {**model, "unknown_drugs": unknown, "tells": tells}
