"""A graph as the ``HeteroData`` of PyTorch Geometric, which the extra ``pyg`` brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from kg.tables import Tables

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

__all__ = ["MissingPyG", "hetero_data"]


class MissingPyG(RuntimeError):
    """PyTorch Geometric is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "PyTorch Geometric is not installed; install it with: pip install 'coprescribe[pyg]'"
        )


def hetero_data(tables: Tables, *, co_reports: bool = False) -> HeteroData:
    """Node types are categories, edge types are (category, predicate, category), without prefixes.

    Each type of nodes has ``num_nodes`` and, in the order of its indices, ``curie`` and ``name``.
    Each type of edges has ``edge_index`` (2, edges), each pair of ends once, sorted. With
    ``co_reports`` a type such as (Drug, co_reported_PhenotypicFeature, Drug) has besides
    ``edge_type``, the index of the effect among the nodes of ``effect_category``.

    Raises:
        MissingPyG: PyTorch Geometric is not installed.
    """
    try:
        from torch_geometric.data import HeteroData
    except ImportError as error:
        raise MissingPyG from error
    data = HeteroData()
    nodes = tables.nodes.sort_values("id", ignore_index=True)
    kind = nodes["category"].astype(str).map(_bare)
    place = nodes.groupby(kind).cumcount()
    for name, rows in nodes.groupby(kind):
        data[name].num_nodes = len(rows)
        data[name].curie, data[name].name = rows["id"].tolist(), rows["name"].tolist()
    where = pd.DataFrame({"kind": kind, "place": place}).set_axis(nodes["id"].astype(str))
    for (first, verb, second), rows in _placed(tables.edges, "subject", "object", where):
        data[first, verb, second].edge_index = _unique(rows, ["from", "to"])
    if co_reports:
        _add_reports(data, tables.co_reports, where)
    return data


def _placed(
    edges: pd.DataFrame, subject: str, target: str, where: pd.DataFrame
) -> list[tuple[tuple[str, str, str], pd.DataFrame]]:
    starts, ends = (where.reindex(edges[name].astype(str)) for name in (subject, target))
    frame = pd.DataFrame(
        {
            "first": starts["kind"].to_numpy(),
            "verb": edges["predicate"].astype(str).map(_bare).to_numpy(),
            "second": ends["kind"].to_numpy(),
            "from": starts["place"].to_numpy(),
            "to": ends["place"].to_numpy(),
        }
    )
    names = ("first", "verb", "second")
    kinds = frame[list(names)].drop_duplicates().sort_values(list(names))
    return [
        ((a, v, b), frame[(frame["first"] == a) & (frame["verb"] == v) & (frame["second"] == b)])
        for a, v, b in kinds.itertuples(index=False, name=None)
    ]


def _add_reports(data: HeteroData, reports: pd.DataFrame, where: pd.DataFrame) -> None:
    first, effect, second = (
        where.reindex(reports[name].astype(str)) for name in ("drug_a", "effect", "drug_b")
    )
    kinds = {"one": first["kind"], "of": effect["kind"], "other": second["kind"]}
    places = {"from": first["place"], "to": second["place"], "effect": effect["place"]}
    frame = pd.DataFrame({name: rows.to_numpy() for name, rows in (kinds | places).items()})
    known = frame[list(kinds)].drop_duplicates().sort_values(list(kinds))
    for one, of, other in known.itertuples(index=False, name=None):
        rows = (frame["one"] == one) & (frame["of"] == of) & (frame["other"] == other)
        found = _unique(frame[rows], list(places))
        told = data[one, f"co_reported_{of}", other]
        told.edge_index, told.edge_type, told.effect_category = found[:2], found[2], of


def _unique(rows: pd.DataFrame, columns: list[str]) -> torch.Tensor:
    found = np.unique(rows[columns].to_numpy(np.int64), axis=0)
    return torch.from_numpy(np.ascontiguousarray(found.T))


def _bare(curie: str) -> str:
    return curie.partition(":")[2]
