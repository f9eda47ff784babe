"""The scorer of a stored model: the stack where there is one, else the model alone."""

from __future__ import annotations

from embeddings.pair_scorer import scorer_of
from embeddings.scorer import Scorer, Weights
from embeddings.stack import StackScorer, model_weights, stack_weights
from embeddings.triples import Facts


def served_scorer(interaction: str, weights: Weights, train: Facts) -> Scorer:
    """Make the numpy scorer of all arrays of a bundle.

    Raises:
        UnknownScorer: The model under the stack is of an interaction that has no scorer.
    """
    own, learned = stack_weights(weights), model_weights(weights)
    if not own:
        return scorer_of(interaction, learned, train)
    model = scorer_of(interaction, learned, train) if learned else None
    return StackScorer.of(own, train, model)
