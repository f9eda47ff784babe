"""What a graph states of pairs of drugs, so that none of it is told as a guess."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.triples import Facts
from kg.graph import KnowledgeGraph
from kg.tables import DamagedTable
from ontologies.curie import Curie

_FACT = ("drug_a", "effect", "drug_b")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StatedEffects:
    """Effects that a graph states of pairs, in its edges and in its co-reports.

    Co-reports, which serving does not hold in memory, are read from ``folder`` for the drugs in
    question; some 0.2 s on Decagon.
    """

    graph: KnowledgeGraph
    folder: Path | None = None

    def of(self, pairs: Collection[Pair]) -> Facts:
        """All stated effects of pairs, and perhaps of further pairs of their drugs.

        Raises:
            DamagedTable: The co-reports cannot be read.
        """
        return Facts.of((*self._in_edges(pairs), *self._in_co_reports(pairs)))

    def _in_edges(self, pairs: Iterable[Pair]) -> Iterable[tuple[str, str, str]]:
        for first, second in pairs:
            for edge in self.graph.pair_edges(Curie.parse(first), Curie.parse(second)):
                yield first, str(edge.object), second

    def _in_co_reports(self, pairs: Collection[Pair]) -> Iterable[tuple[str, str, str]]:
        path = self.folder / "co_reports.parquet" if self.folder else None
        if not pairs or path is None or not path.is_file():
            return ()
        ones, others = _ends(pairs)
        a, b = pc.field("drug_a"), pc.field("drug_b")
        wanted = (a.isin(ones) & b.isin(others)) | (a.isin(others) & b.isin(ones))
        try:
            if not pq.read_metadata(path).num_rows:
                return ()
            table = pq.read_table(path, columns=list(_FACT), filters=wanted)
        except (OSError, pa.ArrowException) as error:
            raise DamagedTable(path, str(error)) from error
        return zip(*(table.column(name).to_pylist() for name in _FACT), strict=True)


def _ends(pairs: Collection[Pair]) -> tuple[list[str], list[str]]:
    """Give drugs such that each pair has one of either list: few where the pairs share a drug."""
    shared = set.intersection(*map(set, pairs))
    if not shared:
        return sorted({first for first, _ in pairs}), sorted({second for _, second in pairs})
    one = min(shared)
    return [one], sorted({drug for pair in pairs for drug in pair} - {one})
