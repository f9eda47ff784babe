"""``coprescribe query``: SPARQL over the store of a graph."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import RenderableType

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice, show, write
from api.errors import InvalidRequest
from api.failures import sentence
from api.settings import find_home
from kg.artifact import STORE, find_graph, open_artifact

Format = Literal["json", "csv", "tsv", "xml", "ttl", "nt"]
_SECONDS = 30.0
_ROWS = 100_000


def query(
    sparql: Annotated[
        str | None, typer.Argument(metavar="SPARQL", help="The query itself.")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="F",
            help="A file with the query; - is standard input.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002
        Format | None, typer.Option("--format", help="Else a table, or Turtle for triples.")
    ] = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Ask the graph in SPARQL 1.1; its prefixes need no declaration."""
    # Imported here so that the other commands start without the RDF libraries.
    from kg.sparql import GRAPH_FORMATS, SparqlEndpoint

    del verbose
    text = _query_text(sparql, file)
    artifact = open_artifact(find_graph(find_home(home), graph))
    asked = "json" if as_json else format
    store = artifact.folder / STORE
    with SparqlEndpoint(store, timeout_seconds=_SECONDS, max_rows=_ROWS) as endpoint:
        result = endpoint.query(text, asked or "csv", format or "ttl")
    content = result.body.decode("utf-8")
    gives_triples = result.media_type in {known.media_type for known in GRAPH_FORMATS.values()}
    if asked or gives_triples:
        write(content if content.endswith("\n") else content + "\n")
    else:
        show(_table(content))
    if result.truncated:
        Voice(as_json, quiet).progress(f"cut at {_ROWS:,} rows or 32 million characters")


def _query_text(sparql: str | None, file: Path | None) -> str:
    if (sparql is None) == (file is None):
        raise InvalidRequest("give either a query or --file, not both and not neither")
    if file is None:
        return sparql or ""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file}: byte {error.start} is not UTF-8") from error
    except OSError as error:
        raise InvalidRequest(f"--file: {sentence(error)}") from error


def _table(content: str) -> RenderableType:
    if content.strip() in {"true", "false"}:
        return "yes" if content.strip() == "true" else "no"
    header, *rows = list(csv.reader(io.StringIO(content)))
    return grid(header, rows)
