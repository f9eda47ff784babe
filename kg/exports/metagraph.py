"""The metagraph: the kinds of nodes of a graph, and the predicates that lead between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kg.exports.metagraph_figure import Kind, Tie, figure
from kg.tables import Tables, read_co_reports, read_tables
from ontologies.vocabulary import Category, Predicate

_READ = {
    "nodes": ("id", "category"),
    "edges": ("subject", "predicate", "object"),
    "evidence": ("edge_id",),
}


@dataclass(frozen=True, slots=True)
class Metagraph:
    """Kinds of nodes with their counts, and ties between them with theirs, the largest first."""

    kinds: tuple[Kind, ...]
    ties: tuple[Tie, ...]

    @classmethod
    def of(cls, tables: Tables) -> Metagraph:
        """Count the nodes and the edges of tables; co-reports are edges from pairs to effects."""
        kind_of = tables.nodes.set_index("id")["category"].astype(str)
        subject, target = (
            kind_of.reindex(tables.edges[name].astype(str)).to_numpy()
            for name in ("subject", "object")
        )
        predicate = tables.edges["predicate"].astype(str).to_numpy()
        columns = pd.DataFrame({"from": subject, "by": predicate, "to": target})
        counts = columns.value_counts().rename("edges").reset_index()
        ties = [Tie(*row) for row in counts.itertuples(index=False, name=None)]
        kinds = [Kind(str(name), int(n)) for name, n in kind_of.value_counts().items()]
        return cls(
            tuple(sorted(kinds, key=lambda kind: (-kind.nodes, kind.category))),
            tuple(sorted([*ties, *_reported(tables, kind_of)], key=_largest_first)),
        )

    def svg(self, title: str) -> str:
        """Draw it, as text of an SVG file."""
        return figure(self.kinds, self.ties, title)

    def _repr_svg_(self) -> str:
        """Show the picture in a notebook."""
        return self.svg("What leads to what")


def metagraph_of(folder: Path) -> Metagraph:
    """Read and count the tables of a graph folder.

    Raises:
        DamagedTable: A table is missing, truncated or of another layout.
    """
    tables = read_tables(folder, _READ)
    return Metagraph.of(replace(tables, co_reports=read_co_reports(folder)))


def _reported(tables: Tables, kind_of: pd.Series) -> Iterator[Tie]:
    """Co-reports as ties from pairs to the kinds of their effects."""
    per_effect = tables.co_reports["effect"].astype(str).value_counts()
    kinds = kind_of.reindex(per_effect.index)
    for kind, n_reports in per_effect.groupby(kinds.to_numpy()).sum().items():
        yield Tie(Category.DRUG_PAIR.value, Predicate.CO_REPORTED.value, str(kind), int(n_reports))


def _largest_first(tie: Tie) -> tuple[int, str, str, str]:
    return (-tie.edges, tie.subject, tie.predicate, tie.object)
