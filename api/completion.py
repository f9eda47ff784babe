"""What is suggested while a drug's name is typed: first what many people take."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache

import numpy as np

from api.drug_use import DrugUse, drug_use
from api.state import State
from kg.graph import KnowledgeGraph
from kg.serving.pair_counts import pair_counts
from ontologies.completion import Weights, completions
from ontologies.lexicon import Candidate, Lexicon, Resolution
from ontologies.name_index import STANDINGS

GRAPHS_KEPT = 2
_COVERED, _OF_RXNORM = 1.0, 0.5
"""Weight, beside that of pairs, of a drug of which anything is stated, and of an RxCUI.

They decide where no pair is stated of either drug.
"""
_IN_USE = 1.0
"""Weight of a drug that is counted among the prescribed, beside the share of people who take it.

No other drug weighs more, so that what many take stands before what is much written about.
"""


def completed(text: str, limit: int, state: State) -> Resolution:
    """Look a text up as it stands, and put what it may become first among the candidates.

    A drug that is called or numbered just so comes before all; then names that begin so, by how
    many people are prescribed the drug, and where that is not known by the number of pairs of drugs
    that the graph holds of it, a synonym or a brand counting half; then names that are written
    alike.
    """
    found = state.lexicon.lookup(text, limit)
    weights = _weights(state.graph, state.lexicon)
    begun = completions(state.lexicon, text, weights, limit)
    meant = found.candidates if found.candidate is None else (found.candidate,)
    whole = [candidate for candidate in meant if _is_whole(candidate)]
    each = {c.curie: c for c in reversed((*whole, *begun, *found.candidates))}
    order = dict.fromkeys(c.curie for c in (*whole, *begun, *found.candidates))
    return replace(found, candidates=tuple(each[curie] for curie in order)[:limit])


def _is_whole(candidate: Candidate) -> bool:
    """Whether a drug's own name or a code of it was written, and no more nor less."""
    is_code = ":" in candidate.matched
    return candidate.score == 100.0 and (is_code or candidate.matched == candidate.name)


@lru_cache(GRAPHS_KEPT)
def _weights(graph: KnowledgeGraph, lexicon: Lexicon) -> Weights:
    drugs = lexicon.index.drugs
    is_covered = np.asarray(lexicon.index.standings) == STANDINGS.index("covered")
    weights = np.where(is_covered, _COVERED, 0.0)
    of_rxnorm = slice(bisect_left(drugs, "RXCUI:"), bisect_left(drugs, "RXCUI;"))
    weights[of_rxnorm] += _OF_RXNORM
    for curie, count in pair_counts(graph.index).items():
        place = lexicon.index.drug(str(curie))
        if place is not None:
            weights[place] += count
    weights /= max(weights.max(initial=0.0), 1.0)
    most = max(use.people_thousands for use in drug_use())
    for use in drug_use():
        place = _place(use, lexicon)
        if place is not None:
            weights[place] = _IN_USE + use.people_thousands / most
    return weights


def _place(use: DrugUse, lexicon: Lexicon) -> int | None:
    """The place of a drug among the weights: by its code, else by its name."""
    place = lexicon.index.drug(use.drug)
    named = None if place is not None else lexicon.lookup(use.name).candidate
    return place if named is None else lexicon.index.drug(named.curie)
