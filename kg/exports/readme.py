"""The page that lies beside an export: what it is, from whom, on what terms, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_FILES = {
    "graphml": "`graph.graphml` holds nodes and edges with the sources and severities of each "
    "edge; co-reports are not in it.",
    "kgx": "`nodes.tsv` and `edges.tsv` are tables of tabs in the KGX layout, in the words of "
    "Biolink Model 4.4. A row of edges is one statement of one source. A pair of drugs is a node "
    "(`type` coprescribe:DrugPair) with its two drugs and its effects; edges whose id ends in "
    "`-drugs` say the same between the two drugs.",
    "nquads": "`graph.nq` has a named graph for each release of a source, and graphs for names, "
    "closures of the hierarchies, the vocabulary, and counts (VoID).",
    "parquet": "`nodes`, `edges`, `evidence` and `co_reports` are the tables of the graph itself; "
    "lists are joined with `|`, an empty text means that nothing is stated.",
    "turtle": "One file for each named graph: a release of a source, names, closures of the "
    "hierarchies, the vocabulary, and counts (VoID).",
}


def readme(manifest: Mapping[str, Any]) -> str:
    """The page, as Markdown, from the manifest of an export."""
    parts = [
        f"# Graph {manifest['graph']} as {manifest['format']}",
        "Written by coprescribe. It is for research: it is no medical device, and that nothing is "
        "stated of two drugs does not mean that they are safe together.",
        _FILES[manifest["format"]],
        "## Counts",
        _table(("what", "count"), ((k, f"{n:,}") for k, n in manifest["counts"].items())),
        "## Sources and their terms",
        "Each source keeps its own terms; who passes this on keeps to all of them.",
        _table(
            ("source", "version", "commercial use", "licence"),
            map(_release, manifest["sources"]),
        ),
        "## Left out",
        _left_out(manifest["left_out"]),
    ]
    return "\n\n".join(parts) + "\n"


def _release(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["source"], row["version"], "yes" if row["commercial"] else "no", row["licence"])


def _left_out(rows: Iterable[Mapping[str, Any]]) -> str:
    listed = [
        (row["source"], row["version"], row["licence"], row["reason"], f"{row['rows']:,}")
        for row in rows
    ]
    header = ("source", "version", "licence", "why", "rows")
    return _table(header, listed) if listed else "Nothing."


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
