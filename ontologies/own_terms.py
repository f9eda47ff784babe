"""The project's own vocabulary as triples: what ``interactions.ttl`` says."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pyoxigraph

_VERSION = "<http://www.w3.org/2002/07/owl#versionInfo>"
VOCABULARY = files("ontologies") / "interactions.ttl"


def vocabulary_version() -> str:
    """Give the version that the vocabulary states of itself."""
    (said,) = (triple for triple in vocabulary_triples() if _VERSION in triple)
    return said.split('"')[1]


@cache
def vocabulary_triples() -> tuple[str, ...]:
    """Give the triples of the vocabulary as N-Triples without their end, each once, sorted."""
    found = pyoxigraph.parse(VOCABULARY.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE)
    return tuple(sorted({str(quad.triple) for quad in found}))
