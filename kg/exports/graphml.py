"""GraphML: nodes and edges with who states them, for Cytoscape, Gephi, igraph or networkx."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pandas as pd

from kg.exports.columns import ROWS_PER_BLOCK, write_lines, xml
from kg.exports.selection import Selected
from kg.tables import Tables

FILE = "graph.graphml"
_NODE_KEYS = ("name", "category")
_EDGE_KEYS = ("predicate", "qualifiers", "sources", "severities")


def write_graphml(selected: Selected, folder: Path) -> dict[str, int]:
    """Write ``graph.graphml``; gives the number of its nodes and edges.

    An edge lists its sources and the severities that they state. Co-reports, which come by the
    million, are not in it: what reads GraphML holds it in memory.
    """
    with (folder / FILE).open("wb") as stream:
        stream.write(_head().encode())
        n_nodes = _nodes(stream, selected.tables.nodes)
        n_edges = _edges(stream, selected.tables)
        stream.write(b"</graph>\n</graphml>\n")
    return {f"{FILE}: nodes": n_nodes, f"{FILE}: edges": n_edges}


def _head() -> str:
    keys = [("node", key) for key in _NODE_KEYS] + [("edge", key) for key in _EDGE_KEYS]
    declared = "".join(
        f'<key id="{kind[0]}_{key}" for="{kind}" attr.name="{key}" attr.type="string"/>\n'
        for kind, key in keys
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        f'{declared}<graph edgedefault="directed">\n'
    )


def _nodes(stream: BinaryIO, nodes: pd.DataFrame) -> int:
    written = 0
    for start in range(0, len(nodes), ROWS_PER_BLOCK):
        rows = nodes.iloc[start : start + ROWS_PER_BLOCK]
        parts = ['<node id="', xml(rows["id"]), '">']
        for key in _NODE_KEYS:
            parts += [f'<data key="n_{key}">', xml(rows[key]), "</data>"]
        written += write_lines(stream, *parts, "</node>\n")
    return written


def _edges(stream: BinaryIO, tables: Tables) -> int:
    sources, severities = (_listed(tables.evidence, name) for name in ("source", "severity"))
    written = 0
    for start in range(0, len(tables.edges), ROWS_PER_BLOCK):
        rows = tables.edges.iloc[start : start + ROWS_PER_BLOCK]
        told = {"sources": sources, "severities": severities}
        more = {
            name: values.reindex(rows["id"], fill_value="").to_numpy()
            for name, values in told.items()
        }
        found = rows.assign(**more)
        parts = ['<edge id="', xml(found["id"]), '" source="', xml(found["subject"])]
        parts += ['" target="', xml(found["object"]), '">']
        for key in _EDGE_KEYS:
            parts += [f'<data key="e_{key}">', xml(found[key].astype(str)), "</data>"]
        written += write_lines(stream, *parts, "</edge>\n")
    return written


def _listed(evidence: pd.DataFrame, column: str) -> pd.Series:
    """What is said of each edge, each thing once, sorted, joined with ``|``; by edge."""
    rows = evidence[["edge_id", column]].astype({column: str})
    said = rows[rows[column] != ""].drop_duplicates().sort_values(["edge_id", column])
    several = said["edge_id"].duplicated(keep=False)
    alone = said[~several].set_index("edge_id")[column]
    together = said[several].groupby("edge_id", sort=False)[column].agg("|".join)
    both: pd.Series = pd.concat([alone, together]).astype(object)
    return both
