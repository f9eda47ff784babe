"""``coprescribe explain``: why two drugs are linked, in words and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import GraphOption, HomeOption, JsonOption, QuietOption, VerboseOption
from api.cli.phrases import asked_name, plain
from api.cli.render import Hung
from api.cli.tables import grid
from api.cli.voice import Voice
from api.pictures import check_suffix, write_picture
from api.settings import find_home
from api.state import NO_MODEL, open_state

MARGIN = 4
"""Width of the column of numbers."""
MOST_STATED = 6
"""Stated interactions that are printed; JSON gives all."""
MOST_REFERENCES = 3
"""Documents that are named beside a source; JSON gives all."""


def explain(
    first: Annotated[str, typer.Argument(metavar="DRUG", help="A drug, by name or code.")],
    second: Annotated[str, typer.Argument(metavar="DRUG", help="The other one.")],
    *,
    top: Annotated[int, typer.Option(metavar="N", min=1, max=50, help="Most reasons.")] = 10,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.svg|png", help="Draw the reasons into this file.", dir_okay=False
        ),
    ] = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Tell through which enzymes, targets, effects or classes two drugs are linked, by whom.

    As in: coprescribe explain simvastatin clarithromycin --plot why.svg
    """
    # Imported here so that the other commands start without what explains.
    from api.explanations import explanation
    from kg.metapaths.figure import figure

    del verbose
    if plot is not None:
        check_suffix(plot)
    state = open_state(find_home(home), graph, NO_MODEL)
    found = explanation((first, second), top, state)
    voice = Voice(as_json, quiet)
    if plot is not None:
        write_picture(figure(state.graph, found.drugs, found.reasons), plot)
        voice.progress(f"drawn in {plot}")
    voice.result(found.answer, Group(*_parts(found.answer)))


def _parts(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    names = {drug["curie"]: drug["name"] for drug in answer["drugs"]}
    yield Text(" + ".join(map(asked_name, answer["drugs"])), style="bold")
    yield from _stated(answer["stated"])
    reasons = answer["reasons"]
    if reasons:
        yield Text("\nWhy, the weightiest first", style="bold")
    for number, reason in enumerate(reasons, 1):
        yield Hung(Text(f"{number:>2}."), Text(plain(reason["text"])), MARGIN)
        yield Hung(Text(""), Text(_cited(reason["sources"]), style="dim"), MARGIN)
    if answer["counts"]:
        yield Text("\nHow unusual", style="bold")
        yield grid(("kind of path", "paths", "DWPC", "as much by chance"), _rows(answer, names))
    for note in answer["notes"]:
        yield Text(f"\n{plain(note)}", style="dim")
    yield Text(answer["disclaimer"], style="yellow")


def _stated(stated: list[Mapping[str, Any]]) -> Iterator[RenderableType]:
    if not stated:
        yield Text(
            "No loaded source states an interaction of the two; coprescribe screen follows rules "
            "on classes and exposure besides."
        )
        return
    yield Text("\nStated of the two", style="bold")
    for each in stated[:MOST_STATED]:
        how = f", {each['mechanism']}" if each["mechanism"] else ""
        yield Text(f"{each['severity'] or 'not graded'}: {each['effect']['name']}{how}")
        yield Hung(Text(""), Text(_with_references(each["evidence"]), style="dim"), MARGIN)
    if len(stated) > MOST_STATED:
        yield Text(f"and {len(stated) - MOST_STATED} more (--json gives all)", style="dim")


def _cited(sources: list[Mapping[str, Any]]) -> str:
    told = (f"{s['source'].removeprefix('infores:')} {s['version']}" for s in sources)
    return "; ".join(dict.fromkeys(told))


def _with_references(evidence: list[Mapping[str, Any]]) -> str:
    """Name who states something, each with what the statements rest on, as `screen` does."""
    rests: dict[str, dict[str, None]] = {}
    for said in evidence:
        named = filter(None, (said["reference"], *said["publications"]))
        rests.setdefault(_cited([said]), {}).update(dict.fromkeys(named))
    shown = {who: ", ".join([*names][:MOST_REFERENCES]) for who, names in rests.items()}
    return "; ".join(f"{who} ({names})" if names else who for who, names in shown.items())


def _rows(answer: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    for count in answer["counts"]:
        kind = str(count["explains"]).replace("_", " ")
        if count["directed"]:
            kind += f", {names[count['from']]} to {names[count['to']]}"
        yield kind, count["paths"], f"{count['dwpc']:.4f}", chance(count["permuted"])


def chance(permuted: Mapping[str, Any]) -> str:
    """Say how often permuted graphs reach a count.

    >>> chance({"share_at_least": 1 / 4097, "pairs": 4096})
    'none of 4,096 pairs'
    >>> chance({"share_at_least": 0.01, "pairs": 4096}), chance({"share_at_least": 0.6, "pairs": 9})
    ('1 in 100 pairs', '60% of pairs')
    """
    share, pairs = permuted["share_at_least"], permuted["pairs"]
    if share * (pairs + 1) < 1.5:
        return f"none of {pairs:,} pairs"
    return f"1 in {1 / share:,.0f} pairs" if share < 0.1 else f"{share:.0%} of pairs"
