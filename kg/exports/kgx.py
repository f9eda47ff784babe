"""KGX: the graph as two tables of tabs, ``nodes.tsv`` and ``edges.tsv``, in Biolink's words.

One row of edges is one statement of one source. A pair of drugs is a node, for which the model has
no class, with its two drugs and its effects; each statement of what two drugs do together is
besides an edge between the two drugs, so that tools that know nothing of pairs see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kg.exports.biolink import AGGREGATOR, ASSOCIATION, CATEGORIES, PREDICATES, PREFIXES
from kg.exports.columns import ROWS_PER_BLOCK, Cells, TabFile, cells, mapped
from kg.exports.selection import Selected
from kg.model import edge_id, pair_id
from kg.nquads import segment
from kg.sources.registry import SOURCES
from kg.tables import Tables, joined, split
from ontologies.curie import PrefixMap
from ontologies.vocabulary import Predicate

FILES = ("nodes.tsv", "edges.tsv", "prefixes.tsv")
NODE_HEADER = ("id", "category", "name", "synonym", "xref", "provided_by", "type")
EDGE_HEADER = (
    *("id", "subject", "predicate", "object", "category", "knowledge_level", "agent_type"),
    *("primary_knowledge_source", "aggregator_knowledge_source", "publications"),
    *("original_predicate", "qualifiers", "effect", "source_version", "licence"),
    *("severity", "severity_as_stated", "statement", "supporting_text", "condition"),
    *("recommendation", "reference", "derived_from"),
)
"""The columns of KGX, then what our evidence says more, under our own names."""
_STATED = ("severity", "severity_as_stated", "statement", "text", "condition")
_ADVISED = ("recommendation", "reference", "derived_from")
_INTERACTS = Predicate.INTERACTS_WITH.value


def write_kgx(selected: Selected, folder: Path) -> dict[str, int]:
    """Write both tables; gives the number of rows of each file.

    ``prefixes.tsv`` beside them has the prefix and URI space of every identifier, since the model
    knows neither our pairs nor the classes of single sources.
    """
    with TabFile(folder / FILES[0], NODE_HEADER) as nodes:
        for block in _blocks(selected.tables.nodes):
            nodes.write(_node_cells(block))
    with TabFile(folder / FILES[1], EDGE_HEADER) as edges:
        for block in _stated(selected.tables):
            edges.write(_edge_cells(block))
        for block in _blocks(selected.tables.co_reports):
            edges.write(_edge_cells(_reported(block)))
    known = PrefixMap.load().uri_prefixes
    spaces = sorted((PREFIXES.get(prefix, prefix), space) for prefix, space in known.items())
    with TabFile(folder / FILES[2], ("prefix", "uri_prefix")) as prefixes:
        for prefix, space in spaces:
            prefixes.write([pa.array([prefix]), space])
    return {file: table.n_rows for file, table in zip(FILES, (nodes, edges, prefixes), strict=True)}


def _node_cells(nodes: pd.DataFrame) -> list[Cells]:
    category = nodes["category"].astype(str)
    return [
        _curies(nodes["id"]),
        mapped(category, CATEGORIES),
        *(cells(nodes[name]) for name in ("name", "synonym")),
        _curies(nodes["xref"]),
        mapped(nodes["provided_by"], _providers(nodes["provided_by"])),
        cells(category.where(category.isin(CATEGORIES), "")),
    ]


def _curies(column: pd.Series) -> pa.StringArray:
    """Cells of CURIEs, their prefixes as the model spells them."""
    found = cells(column)
    for ours, theirs in PREFIXES.items():
        found = pc.replace_substring_regex(found, rf"(^|\|){ours}:", rf"\1{theirs}:")
    return found


def _providers(column: pd.Series) -> dict[str, str]:
    """Cells of names of sources, each with the infores of its sources."""
    infores = {name: source.info.infores for name, source in SOURCES.items()}
    return {
        str(cell): joined(sorted({infores.get(name, f"infores:{name}") for name in split(cell)}))
        for cell in column.unique()
    }


def _edge_cells(rows: pd.DataFrame) -> list[Cells]:
    predicate, source = rows["predicate"].astype(str), rows["source"].astype(str)
    return [
        cells(rows["id"]),
        _curies(rows["subject"]),
        mapped(predicate, PREDICATES),
        _curies(rows["object"]),
        ASSOCIATION,
        *(cells(rows[name]) for name in ("knowledge_level", "agent_type")),
        cells(source),
        cells(pd.Series(np.where(source == AGGREGATOR, "", AGGREGATOR))),
        _curies(rows["publications"]),
        cells(predicate.where(predicate.isin(PREDICATES), "")),
        cells(rows["qualifiers"]),
        _curies(rows["effect"]),
        *(cells(rows[name]) for name in ("version", "licence")),
        *(cells(rows[name]) for name in (*_STATED, *_ADVISED)),
    ]


def _stated(tables: Tables) -> Iterator[pd.DataFrame]:
    """Every piece of evidence with its edge; after those of pairs the same between the drugs."""
    place = pd.Index(tables.edges["id"]).get_indexer(tables.evidence["edge_id"])
    edges, ends = tables.edges.drop(columns="id"), _ends(tables)
    turn = pd.Series(place).groupby(place, sort=False).cumcount() + 1
    for said in _blocks(tables.evidence.assign(turn=turn.to_numpy(), place=place)):
        facts = edges.iloc[said["place"]].set_axis(said.index)
        told = said["edge_id"].astype(str) + "-" + said["turn"].astype(str)
        rows = pd.concat([said, facts], axis=1).assign(id=told, effect="")
        yield rows
        pairs = rows[(rows["predicate"] == Predicate.CONTRIBUTES_TO.value).to_numpy(bool)]
        drugs = ends.index.get_indexer(pd.Index(pairs["subject"], dtype=object))
        pairs, drugs = pairs[drugs >= 0], drugs[drugs >= 0]
        if len(pairs):
            yield pairs.assign(
                id=pairs["id"] + "-drugs",
                effect=pairs["object"],
                predicate=_INTERACTS,
                subject=ends["min"].to_numpy()[drugs],
                object=ends["max"].to_numpy()[drugs],
            )


def _ends(tables: Tables) -> pd.DataFrame:
    """The two drugs of each pair that is stated whole, by the CURIE of the pair."""
    members = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    members = members[["subject", "object"]].astype(str)
    ends = members.groupby("subject")["object"].agg(["min", "max"])
    ends.index = ends.index.astype(object)  # hashed once, where texts are hashed at each look-up
    return ends[ends["min"] != ends["max"]]


def _reported(reports: pd.DataFrame) -> pd.DataFrame:
    """Co-reports as the edges that they stand for, from their pair to the effect."""
    verb = Predicate.CO_REPORTED.value
    named = [reports[name].astype(str).tolist() for name in ("drug_a", "drug_b", "effect")]
    pairs = [pair_id(*ends) for ends in zip(*named[:2], strict=True)]
    stated = zip(pairs, named[2], strict=True)
    ids = pd.Series([edge_id(pair, verb, effect, "") for pair, effect in stated], reports.index)
    release = reports["source"].astype(str) + "-" + reports["version"].astype(str)
    known = {name: segment(name.removeprefix("infores:")) for name in release.unique()}
    silent = dict.fromkeys((*_STATED, *_ADVISED, "qualifiers", "publications", "effect"), "")
    return reports.assign(
        **silent,
        id=ids + "-" + release.map(known),
        subject=pairs,
        predicate=verb,
        object=named[2],
    )


def _blocks(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(frame), ROWS_PER_BLOCK):
        yield frame.iloc[start : start + ROWS_PER_BLOCK]
