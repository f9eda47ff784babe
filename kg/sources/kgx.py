"""KGX: a graph that somebody else built after the Biolink model, as TSV or as JSON Lines.

Nodes of drugs, chemicals, genes, diseases and phenotypes are read, and the edges among them; all
else is left out. ``same_as`` and ``equivalent_identifiers`` mean identity, a mere ``xref`` does
not. Two drugs that interact become a pair. A predicate that this graph does not have becomes
"related to", qualified with its name. The source that an edge names stands in its reference: the
graph that was read is who says so here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.kgx_files import NAME, read_records
from ontologies.curie import MalformedCurie, PrefixMap, UnknownPrefix
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

FORMS = (("nodes.tsv", "edges.tsv"), ("nodes.jsonl", "edges.jsonl"))
"""Nodes and edges in each form; a recipe names the two files of one form, or all four."""

_CATEGORIES = {
    "biolink:Protein": Category.GENE.value,
    "biolink:MolecularMixture": Category.DRUG.value,
    "biolink:ChemicalMixture": Category.DRUG.value,
    "biolink:ComplexMolecularMixture": Category.DRUG.value,
    "biolink:DiseaseOrPhenotypicFeature": Category.DISEASE.value,
} | {c.value: c.value for c in Category if c.value.startswith("biolink:")}
_DRUGS = frozenset({Category.DRUG, Category.SMALL_MOLECULE, Category.CHEMICAL_ENTITY})
_INTERACTIONS = frozenset({Predicate.INTERACTS_WITH, Predicate.DIRECTLY_INTERACTS_WITH})
_PREDICATES = frozenset(predicate.value for predicate in Predicate)
_LEVELS = frozenset(level.value for level in KnowledgeLevel)
_AGENTS = frozenset(agent.value for agent in AgentType)
_NODE = ("id", "category")
_NODE_WISHED = ("name", "synonym", "same_as", "equivalent_identifiers")
_EDGE = ("subject", "predicate", "object")
_QUALIFIERS = ("qualified_predicate", "object_aspect_qualifier", "object_direction_qualifier")
_EDGE_WISHED = (
    *("id", "knowledge_level", "agent_type", "publications", "primary_knowledge_source"),
    *_QUALIFIERS,
)


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the nodes, then the edges and the pairs, of each form that is there."""
    there = [form for form in FORMS if form[0] in files]
    if not there:
        raise MalformedSource(NAME, FORMS[0][0], "a recipe names no file of nodes")
    for nodes, edges in there:
        if edges not in files:
            raise MalformedSource(NAME, edges, f"is not named beside {nodes}")
        known: dict[str, tuple[str, str]] = {}
        for first, part in read_records(files[nodes], _NODE, _NODE_WISHED):
            yield _nodes(part, first, files[nodes], known)
        for first, part in read_records(files[edges], _EDGE, _EDGE_WISHED):
            yield from _edges(part, first, edges, known)


KGX = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:user-kgx",
        homepage="https://github.com/biolink/kgx",
        citation="A graph of the user's own in the KGX format",
    ),
    files=tuple(file for form in FORMS for file in form),
    read=read,
)


def _nodes(frame: pd.DataFrame, first: int, path: Path, known: dict[str, tuple[str, str]]) -> Chunk:
    """Give the nodes in use, and keep of every node its CURIE and category, empty if left out."""
    prefixes = PrefixMap.load()
    categories = {cell: _category(cell) for cell in frame["category"].unique()}
    rows = []
    for place, (identifier, category, name, synonym, *same) in enumerate(
        frame.itertuples(index=False, name=None)
    ):
        known[identifier] = ("", "")
        if categories[category]:
            try:
                curie = str(prefixes.standard(identifier))
            except (MalformedCurie, UnknownPrefix) as error:
                raise MalformedSource(NAME, path.name, str(error), place + first) from error
            known[identifier] = (curie, categories[category])
            equal = _curies("|".join(same), prefixes, leave=curie)
            rows.append((curie, categories[category], name, synonym, equal))
    columns = ["id", "category", "name", "synonym", "xref"]
    return Chunk.of(ChunkKind.NODES, pd.DataFrame(rows, columns=columns, dtype=str))


def _category(cell: str) -> str:
    """Give the first category that this graph has; nothing where it has none."""
    return next((_CATEGORIES[part] for part in cell.split("|") if part in _CATEGORIES), "")


def _edges(
    frame: pd.DataFrame, first: int, file: str, known: Mapping[str, tuple[str, str]]
) -> Iterator[Chunk]:
    unknown = ~(frame["subject"].isin(known) & frame["object"].isin(known))
    if unknown.any():
        place = int(unknown.to_numpy().argmax())
        written = [str(frame[end][place]) for end in ("subject", "object")]
        raise MalformedSource(NAME, file, f"an end of {written} is no node", place + first)
    ends_of = dict(known)
    subject, target = frame["subject"].map(ends_of), frame["object"].map(ends_of)
    used = (subject.str[0] != "") & (target.str[0] != "")
    drugs = subject.str[1].isin(_DRUGS) & target.str[1].isin(_DRUGS)
    pairs = used & drugs & frame["predicate"].isin(_INTERACTIONS)
    stated = _stated(frame, file)
    ends = pd.DataFrame({"drug_a": subject.str[0], "drug_b": target.str[0]})
    yield Chunk.of(ChunkKind.PAIRS, ends[pairs].join(stated))
    ours = frame["predicate"].isin(_PREDICATES)
    edges = pd.DataFrame(
        {
            "subject": subject.str[0],
            "predicate": frame["predicate"].where(ours, Predicate.RELATED_TO.value),
            "object": target.str[0],
            "qualifiers": _qualifiers(frame, ours),
        }
    )
    yield Chunk.of(ChunkKind.EDGES, edges[used & ~pairs].join(stated))


def _stated(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    prefixes = PrefixMap.load()
    cited = {cell: _curies(cell, prefixes) for cell in frame["publications"].unique()}
    level, agent = frame["knowledge_level"], frame["agent_type"]
    written = frame["subject"] + " " + frame["predicate"] + " " + frame["object"]
    return pd.DataFrame(
        {
            "knowledge_level": level.where(level.isin(_LEVELS), KnowledgeLevel.NOT_PROVIDED.value),
            "agent_type": agent.where(agent.isin(_AGENTS), AgentType.NOT_PROVIDED.value),
            "statement": frame["id"].where(frame["id"] != "", written),
            "publications": frame["publications"].map(cited),
            "reference": frame["primary_knowledge_source"],
            "file": file,
        }
    )


def _qualifiers(frame: pd.DataFrame, ours: pd.Series[bool]) -> pd.Series[str]:
    relation = frame["predicate"].str.rpartition(":")[2]
    joined = ("|relation=" + relation).where(~ours, "")
    for column in _QUALIFIERS:
        joined = joined + ("|" + column + "=" + frame[column]).where(frame[column] != "", "")
    return joined.str.removeprefix("|")


def _curies(cell: str, prefixes: PrefixMap, leave: str = "") -> str:
    """Give the CURIEs of a cell that have a known prefix and its form."""
    found = []
    for part in filter(None, cell.split("|")):
        try:
            found.append(str(prefixes.standard(part)))
        except (MalformedCurie, UnknownPrefix):
            continue
    return "|".join(sorted(set(found) - {leave}))
