"""The scorer of a stored model: the stack where there is one, else the model alone."""

from __future__ import annotations

from embeddings.counting.stack import StackScorer, model_weights, stack_weights
from embeddings.negatives import Novelty
from embeddings.new_drugs.odds import SETTINGS, Counted, NewDrugOdds, NewDrugs
from embeddings.new_drugs.scorer import NewDrugScorer
from embeddings.pair_scorer import scorer_of
from embeddings.scorer import Scorer, Weights
from embeddings.triples import Facts


def served_scorer(
    interaction: str, weights: Weights, train: Facts, new: NewDrugs | None = None
) -> Scorer:
    """Make the numpy scorer of all arrays of a bundle.

    Drugs of the vocabulary without training facts are scored by their neighbours, where the bundle
    can place new drugs.

    Raises:
        UnknownScorer: The model under the stack is of an interaction that has no scorer.
    """
    own, learned = stack_weights(weights), model_weights(weights)
    if not own:
        return scorer_of(interaction, learned, train)
    model = scorer_of(interaction, learned, train) if learned else None
    stack = StackScorer.of(own, train, model)
    if new is None or Novelty.of(train).seen_drugs.all():
        return stack
    kind = next(kind for kind in SETTINGS if kind in new.surfaces)
    return NewDrugScorer(stack, NewDrugOdds(new, Counted(train, stack.counts.of_effects)), kind)
