"""STRING: which human proteins are linked, and how sure STRING is of each link.

Links below ``LEAST_SCORE`` are left out: STRING calls 0.7 and more a high confidence. A link stands
in the file from both sides and counts once here. What a protein is comes from the aliases: one HGNC
gene means identity, several mean none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_blocks import read_row_blocks
from kg.sources.base_large import Rows
from kg.sources.exact_xrefs import exact_xrefs
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "string_db"
LINKS, ALIASES = "9606.protein.links.v12.0.txt.gz", "9606.protein.aliases.v12.0.txt.gz"
LEAST_SCORE = 700
"""Of 1,000."""

_PROTEIN = r"9606\.ENSP\d{11}"
_PREFIX = "ENSEMBL:"
_IDENTITY, _SYMBOL = "Ensembl_HGNC_hgnc_id", "Ensembl_HGNC_symbol"
_ENDS = ("protein1", "protein2")
_STATED = {
    "predicate": Predicate.RELATED_TO.value,
    "knowledge_level": KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
    "agent_type": AgentType.DATA_ANALYSIS_PIPELINE.value,
}
"""STRING links proteins of one function; they need not touch each other."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the links that STRING is sure of, then the proteins at their ends."""
    linked: set[str] = set()
    for rows in read_row_blocks(NAME, files[LINKS], (*_ENDS, "combined_score"), " "):
        frame = _links(rows)
        linked.update(frame["subject"], frame["object"])
        yield Chunk.of(ChunkKind.EDGES, frame)
    yield _proteins(files[ALIASES], linked)


STRING_DB = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:string",
        homepage="https://string-db.org",
        citation="STRING 12.0: functional protein association networks, human links and aliases",
    ),
    files=(LINKS, ALIASES),
    read=read,
)


def _links(rows: Rows) -> pd.DataFrame:
    for column in _ENDS:
        rows.check(column, _PROTEIN)
    rows.check("combined_score", r"\d{1,4}")
    score = rows.texts("combined_score").astype(np.int64)
    first, second = (rows.texts(column, _curie) for column in _ENDS)
    kept = (score >= LEAST_SCORE) & (first < second)
    frame = pd.DataFrame({"subject": first[kept], "object": second[kept]}, dtype=str)
    text = "combined score " + pd.Series(score[kept]).astype(str) + " of 1000"
    return frame.assign(text=text, qualifiers="relation=functional", file=LINKS, **_STATED)


def _proteins(path: Path, linked: set[str]) -> Chunk:
    known = pd.concat(
        [_aliases(rows) for rows in read_row_blocks(NAME, path, _ALIAS_COLUMNS, "\t")]
    )
    known = known[known["id"].isin(linked)]
    stated = known[known["source"] == _IDENTITY]
    wrong = ~stated["alias"].str.fullmatch(r"(HGNC:)?\d+")
    if wrong.any():
        reason = f"{stated['alias'][wrong].iloc[0]!r} is no HGNC identifier"
        raise MalformedSource(NAME, ALIASES, reason)
    hgnc = "HGNC:" + stated["alias"].str.removeprefix("HGNC:")
    symbols = known[known["source"] == _SYMBOL].drop_duplicates("id").set_index("id")["alias"]
    nodes = pd.DataFrame({"id": sorted(linked)}, dtype=str)
    nodes["name"] = nodes["id"].map(symbols)
    if len(hgnc):
        known_as = exact_xrefs(pd.DataFrame({"id": stated["id"], "xref": hgnc}))
        nodes["xref"] = nodes["id"].map(known_as)
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.GENE.value))


_ALIAS_COLUMNS = ("#string_protein_id", "alias", "source")


def _aliases(rows: Rows) -> pd.DataFrame:
    """Give the aliases that say which gene a protein is of."""
    rows.check(_ALIAS_COLUMNS[0], _PROTEIN)
    frame = rows.frame().set_axis(["id", "alias", "source"], axis="columns")
    frame = frame[frame["source"].isin([_IDENTITY, _SYMBOL])]
    return frame.assign(id=frame["id"].map(_curie))


def _curie(protein: str) -> str:
    return _PREFIX + protein.removeprefix("9606.")
