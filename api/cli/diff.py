"""``coprescribe diff``: what changed between two graphs, as a gate before a release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import AllowLossOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.tables import grid
from api.cli.voice import Voice
from api.settings import find_home
from kg.artifact import find_graph, open_artifact
from kg.baseline import compared_tables
from kg.diff import (
    Changed,
    Difference,
    Loss,
    compare,
    losses,
    refuse_losses,
    short_name,
)

_MOST_SHOWN = 20


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Name of the older graph.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Name of the newer graph.")],
    *,
    allow_loss: AllowLossOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Compare two graphs: nodes, edges, severities, and what each source states.

    It ends with 3 when a source lost more than 5 % of its edges and is not allowed to by name.
    """
    del verbose
    folder = find_home(home)
    old, new = (open_artifact(find_graph(folder, name)) for name in (before, after))
    found = compare(compared_tables(old), compared_tables(new))
    shrunk = losses(found)
    value = {"before": old.id, "after": new.id, **_json(found, shrunk)}
    Voice(as_json, quiet).result(value, Group(*_text(old.id, new.id, found)))
    refuse_losses(shrunk, allow_loss or (), f"graph {old.id}")


def _json(found: Difference, shrunk: Sequence[Loss]) -> dict[str, Any]:
    return {**asdict(found), "losses": [{**asdict(loss), "part": loss.part} for loss in shrunk]}


def _text(before: str, after: str, found: Difference) -> Iterator[RenderableType]:
    yield Text(f"from {before} to {after}", style="bold")
    sources = [(short_name(s.source), s.before, s.after, s.removed, s.added) for s in found.sources]
    yield from _table("edges by source", ("source", "before", "after", "removed", "added"), sources)
    yield from _table("edges", ("predicate", "removed", "added"), _rows(found.edges))
    yield from _table("nodes", ("category", "removed", "added"), _rows(found.nodes))
    severities = [
        (s.subject, s.object, short_name(s.source), _grades(s.before), _grades(s.after))
        for s in found.severities
    ]
    yield from _table(
        "severities that changed", ("subject", "object", "source", "before", "after"), severities
    )
    renamed = [(n.before, n.after, n.name) for n in found.renamed]
    yield from _table("preferred CURIEs that changed", ("before", "after", "name"), renamed)
    if not (found.edges.removed or found.edges.added or found.nodes.removed or found.nodes.added):
        yield Text("\nBoth hold the same nodes and edges.")


def _table(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]
) -> Iterator[RenderableType]:
    if rows:
        more = f", of which the first {_MOST_SHOWN}" if len(rows) > _MOST_SHOWN else ""
        yield Text(f"\n{title}: {len(rows):,}{more}")
        yield grid(headers, rows[:_MOST_SHOWN])


def _rows(changed: Changed) -> list[tuple[str, int, int]]:
    kinds = sorted({*changed.removed, *changed.added})
    return [(kind, changed.removed.get(kind, 0), changed.added.get(kind, 0)) for kind in kinds]


def _grades(severities: Sequence[str]) -> str:
    return ", ".join(severity or "not stated" for severity in severities)
