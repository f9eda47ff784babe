"""Facts that can be read off training through a twin: another form of the same compound."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.codes import encoded, ordered, places_among
from embeddings.skeletons import twins_among
from embeddings.triples import Facts, IntArray, TripleArray, curie_of
from kg.graph import KnowledgeGraph
from kg.sources.decagon import NAME, STRUCTURES
from ontologies.vocabulary import Predicate

Twins = Mapping[str, frozenset[str]]
"""The other forms of a drug, for each drug that has any."""


def twins_of(
    graph: KnowledgeGraph, home: Path, drugs: tuple[str, ...], aliases: Mapping[str, str]
) -> Twins:
    """Find the twins among drugs: by their drawings, else by what the graph says of forms.

    The drawings are those of the Decagon release that the home keeps; where it keeps none, twins
    are a drug and what the graph calls it a form of.
    """
    drawn = drawings_in(home, aliases)
    among = {drug: drawn[drug] for drug in drugs if drug in drawn}
    return twins_among(among) if among else _stated(graph, drugs)


def through_twins(asked: Facts, train: Facts, twins: Twins) -> npt.NDArray[np.bool_]:
    """Tell which facts training states of a twin of one or of both of their drugs.

    Both sets of facts are over one vocabulary.
    """
    place = {drug: number for number, drug in enumerate(asked.drugs)}
    pairs = [
        (place[drug], place[other])
        for drug in sorted(twins.keys() & place.keys())
        for other in sorted(twins[drug] & place.keys())
    ]
    found = np.zeros(len(asked), dtype=np.bool_)
    stated, n_drugs = train.codes, len(asked.drugs)
    for rows, once in _swapped(asked.array, pairs):
        found[rows] |= places_among(stated, _codes(once, n_drugs))[1]
        for again, twice in _swapped(once, pairs):
            codes = _codes(twice, n_drugs)
            changed = codes != _codes(asked.array[rows[again]], n_drugs)
            found[rows[again]] |= changed & places_among(stated, codes)[1]
    return found


def _swapped(
    array: TripleArray, pairs: list[tuple[int, int]]
) -> Iterator[tuple[IntArray, TripleArray]]:
    """Yield the rows that hold a drug in one place, and these rows with a twin there instead."""
    for drug, other in pairs:
        for column in (0, 2):
            rows = np.flatnonzero(array[:, column] == drug)
            swapped = array[rows].copy()
            swapped[:, column] = other
            yield rows, swapped


def _codes(rows: TripleArray, n_drugs: int) -> IntArray:
    return encoded(ordered(*rows.T), n_drugs)


def drawings_in(home: Path, aliases: Mapping[str, str]) -> dict[str, str]:
    """SMILES by drug, of the Decagon release that the home keeps; none where it keeps none."""
    files = sorted((home / "raw" / NAME).glob(f"*/{STRUCTURES}"))
    if not files:
        return {}
    drawn: dict[str, str] = json.loads(files[-1].read_text(encoding="utf-8"))
    curies = {drug: curie_of(drug) for drug in drawn}
    return {aliases.get(curies[drug], curies[drug]): smiles for drug, smiles in drawn.items()}


def _stated(graph: KnowledgeGraph, drugs: tuple[str, ...]) -> Twins:
    edges = graph.tables.edges
    forms = edges[
        (edges["predicate"] == Predicate.SUBCLASS_OF.value)
        & edges["subject"].isin(drugs)
        & edges["object"].isin(drugs)
    ]
    twins: dict[str, set[str]] = defaultdict(set)
    for form, base in zip(forms["subject"], forms["object"], strict=True):
        twins[form].add(base)
        twins[base].add(form)
    return {drug: frozenset(others) for drug, others in twins.items()}
