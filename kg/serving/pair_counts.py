"""In how many pairs of drugs each drug takes part: how much a graph has to say of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kg.serving.columns import code_of, integers
from kg.serving.ends import curie_reader
from kg.serving.index import GraphIndex
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate


def pair_counts(index: GraphIndex) -> Mapping[Curie, int]:
    """Count the pairs of which something is stated, or that were reported together, by drug."""
    edges = index.edges
    code = code_of(edges["predicate"], Predicate.HAS_PARTICIPANT.value)
    if code is None:
        return {}
    takes_part = integers(edges["predicate"].indices) == code
    counts = np.bincount(integers(edges["object"])[takes_part], minlength=len(index.ends))
    curie = curie_reader(index.ends)
    return {curie(end): int(counts[end]) for end in np.flatnonzero(counts).tolist()}
