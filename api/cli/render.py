"""An answer as text for a pharmacist: what is new first, silence named, sources beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from api.cli.answer_phrases import (
    alternative_words,
    by_change_of,
    condition_lines,
    coverage_lines,
    folded_counts,
    guess_of,
    not_identified,
    sources_used,
)
from api.cli.phrases import (
    asked,
    own_words,
    path_lines,
    plain,
    problem_of,
    source_line,
    source_name,
    stated_severities,
)
from api.cli.question import Answered
from api.notes import AT_THE_FOOT, NOT_CHECKED

STYLES = {
    "contraindicated": "bold red",
    "major": "red",
    "moderate": "yellow",
    "minor": "cyan",
    None: "dim",
}
"""Colour of a severity, beside its word; never in its place."""
MARGIN = 17
"""Width of the column of severities."""
MOST_PAIRS = 12
"""Pairs without a finding that are named; the JSON answer names all."""

Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hung:
    """A text beside its label; further lines hang under the first, and none ends in blanks."""

    label: Text
    content: Text
    margin: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Wrap the text to the width that the margin leaves."""
        lines = self.content.wrap(console, options.max_width - self.margin)
        for number, line in enumerate(lines):
            line.rstrip()
            left = self.label if number == 0 else Text("")
            gap = Text(" " * (self.margin - left.cell_len))
            yield Text.assemble(left, gap, line)


def render(answered: Answered, *, in_full: bool) -> RenderableType:
    """Set an answer as text; ``in_full`` unfolds what does not change and what is slight."""
    answer = answered.answer
    by_change = by_change_of(answer["findings"])
    new = by_change["new"]
    old = by_change["unchanged"]
    unfolded = in_full or not answered.asks_for_change
    parts: list[RenderableType] = [*_head(answered), *_new(answered, new, in_full=in_full)]
    title = "On the list already" if unfolded else "On the list already, unchanged"
    parts += _section(title, old, _block if unfolded else _line, in_full=in_full)
    parts += _section("Milder after the change", by_change["improved"], _line)
    parts += _section("Gone after the change", by_change["resolved"], _line)
    parts += [*_guesses(by_change["predicted"]), *_instead(answer.get("alternatives", ()))]
    parts += [*_coverage(answer, in_full=in_full), *_foot(answer)]
    return Group(*parts)


def _head(answered: Answered) -> Iterator[RenderableType]:
    answer = answered.answer
    yield Text(plain(asked(answered)), style="bold")
    for entry in answer["taking"]:
        if entry["status"] != "resolved":
            yield Text(plain(not_identified(entry)), style="bold red")
    for note in answer["notes"]:
        if not note.startswith((NOT_CHECKED, *AT_THE_FOOT)):
            yield Text(plain(f"Note: {note}"), style="yellow")


def _new(answered: Answered, new: Sequence[Finding], *, in_full: bool) -> Iterator[RenderableType]:
    if not answered.asks_for_change:
        return
    if new:
        yield from _section("New or worse with the change", new, _block, in_full=in_full)
    elif answered.answer["coverage"]["pairs"]:
        yield Text("\nThe loaded sources state nothing new for this change.", style="bold")


def _section(
    title: str,
    findings: Sequence[Finding],
    draw: Callable[[Finding], RenderableType],
    *,
    in_full: bool = True,
) -> Iterator[RenderableType]:
    if not findings:
        return
    shown = [finding for finding in findings if in_full or not finding["folded"]]
    yield Text(f"\n{title} ({len(findings)})", style="bold")
    for position, finding in enumerate(shown):
        if position and draw is _block:
            yield Text("")
        yield draw(finding)
    if len(shown) < len(findings):
        folded = (finding for finding in findings if finding["folded"])
        yield Hung(Text("folded"), Text(f"{folded_counts(folded)} (--all shows them)"), MARGIN)


def _line(finding: Finding) -> RenderableType:
    return _hung(finding, Text(plain(problem_of(finding))), loud=False)


def _block(finding: Finding) -> RenderableType:
    content = Text(plain(problem_of(finding, with_mechanism=False)), style="bold")
    if finding["change"] == "worsened":
        content.append(" (worse than before)")
    for line, style in _details(finding):
        content.append("\n")
        content.append(plain(line), style=f"not bold {style}".strip())
    return _hung(finding, content, loud=True)


def _hung(finding: Finding, content: Text, *, loud: bool) -> Hung:
    severity = finding["severity"]
    word = severity or "not graded"
    return Hung(Text(word.upper() if loud else word, style=STYLES[severity]), content, MARGIN)


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    yield from ((line, "") for line in path_lines(finding))
    words = own_words(finding)
    if words.advice:
        yield words.advice, ""
    for quote in words.quotes:
        yield quote, "italic"
    yield from ((line, "") for line in condition_lines(finding))
    differing = stated_severities(finding)
    if differing:
        yield f"Severity by source: {differing}", "dim"
    yield source_line(finding), "dim"


def _guesses(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    if not findings:
        return
    yield Text("\nStatistical guesses, not stated interactions", style="bold")
    for finding in findings:
        label = Text(f"{finding['probability']:>7.1%}")
        yield Hung(label, Text(plain(guess_of(finding))), 9)


def _instead(alternatives: Iterable[Mapping[str, Any]]) -> Iterator[RenderableType]:
    places: dict[str, list[Mapping[str, Any]]] = {}
    for alternative in alternatives:
        places.setdefault(alternative["instead_of"]["name"], []).append(alternative)
    for name, offered in places.items():
        yield Text(plain(f"\nInstead of {name}, with what would be new or worse"), style="bold")
        for alternative in offered:
            word, line = alternative_words(alternative)
            label = Text(word, style=STYLES[alternative["worst_severity"]])
            yield Hung(label, Text(plain(line)), MARGIN)


def _coverage(answer: Mapping[str, Any], *, in_full: bool) -> Iterator[RenderableType]:
    most = None if in_full else MOST_PAIRS
    for number, (line, is_warning) in enumerate(coverage_lines(answer, most)):
        gap = "" if number or is_warning else "\n"
        yield Text(f"{gap}{plain(line)}", style="yellow" if is_warning else "")


def _foot(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    used = sources_used(answer)
    model = answer.get("model")
    guesses = any(finding["kind"] == "predicted_effect" for finding in answer["findings"])
    with_model = f", model {model['id']}" if model else ""
    with_model += " (which adds no guess here)" if model and not guesses else ""
    heading = " Sources and licences:" if used else ""
    yield Text(f"\nGraph {answer['graph']['id']}{with_model}.{heading}", style="dim")
    for source, version, licence in used:
        line = f"{source_name(source)} {version}: {licence}"
        yield Hung(Text(""), Text(plain(line), style="dim"), 2)
    for note in answer["notes"]:
        if note.startswith(AT_THE_FOOT):
            yield Text(plain(note), style="dim")
    yield Text(f"\n{plain(answer['disclaimer'])}", style="dim")
