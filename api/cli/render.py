"""An answer as text for a pharmacist: what is new first, silence named, sources beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from api.cli.phrases import (
    asked,
    drugs_of,
    own_words,
    path_lines,
    plain,
    problem_of,
    source_line,
    source_name,
    speaker_name,
    stated_severities,
    usual_letter,
)
from api.cli.question import Answered
from api.errors import likely_names
from api.notes import AT_THE_FOOT, NOT_CHECKED
from kg.screening.entailment import OWN_SOURCE

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
    by_change = _by_change(answer["findings"])
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


def _by_change(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Part the findings, each part in the order of the answer; new and worse ones are one part."""
    parts: dict[str, list[Finding]] = {
        key: [] for key in ("new", "unchanged", "improved", "resolved", "predicted")
    }
    for finding in findings:
        is_guess = finding["kind"] == "predicted_effect"
        change = "new" if finding["change"] in {"created", "worsened"} else finding["change"]
        parts["predicted" if is_guess else change].append(finding)
    return parts


def _head(answered: Answered) -> Iterator[RenderableType]:
    answer = answered.answer
    yield Text(plain(asked(answered)), style="bold")
    for entry in answer["taking"]:
        if entry["status"] != "resolved":
            yield Text(plain(_not_identified(entry)), style="bold red")
    for note in answer["notes"]:
        if not note.startswith((NOT_CHECKED, *AT_THE_FOOT)):
            yield Text(plain(f"Note: {note}"), style="yellow")


def _not_identified(entry: Mapping[str, Any]) -> str:
    candidates = entry.get("candidates", ())
    names = likely_names(candidates, entry["query"])
    several = entry["status"] == "ambiguous" and len(candidates) > 1
    why = "may be several drugs" if several else "is not a drug known here"
    hint = f" Did you mean: {names}?" if names else ""
    return f"NOT CHECKED: {entry['query']!r} {why}; nothing below covers it.{hint}"


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
        yield Hung(Text("folded"), Text(f"{_counts(folded)} (--all shows them)"), MARGIN)


def _counts(folded: Iterable[Finding]) -> str:
    """How many findings are folded, and why."""
    severities = Counter(finding["severity"] for finding in folded)
    told = (
        (severities["minor"], "minor"),
        (severities["moderate"], "that one source alone grades, without effect or advice"),
        (severities[None], "that one source alone states, without severity or advice"),
    )
    return ", ".join(f"{count} {why}" for count, why in told if count)


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
    shown = (modifier for modifier in finding["modifiers"] if _is_worth_showing(modifier))
    yield from ((line, "") for line in dict.fromkeys(map(_condition, shown)))
    differing = stated_severities(finding)
    if differing:
        yield f"Severity by source: {differing}", "dim"
    yield source_line(finding), "dim"


def _is_worth_showing(modifier: Mapping[str, Any]) -> bool:
    """Leave out what a source says under a condition that the patient does not meet."""
    return modifier["present"] is not False or _speaker(modifier) == OWN_SOURCE


def _speaker(modifier: Mapping[str, Any]) -> str:
    return str((modifier.get("evidence") or ({"source": OWN_SOURCE},))[0]["source"])


def _condition(modifier: Mapping[str, Any]) -> str:
    known = {True: "holds", False: "does not hold", None: "not known for this patient"}
    severity = modifier.get("effect_on_severity")
    then = f" {severity}" if severity else ""
    speaker = speaker_name(_speaker(modifier))
    return f'If {speaker}: "{modifier["factor"]}":{then} ({known[modifier["present"]]})'


def _guesses(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    if not findings:
        return
    yield Text("\nStatistical guesses, not stated interactions", style="bold")
    for finding in findings:
        effect = usual_letter(finding["effect"]["name"])
        line = (
            f"{drugs_of(finding)}: {effect} "
            f"(base rate {finding['baseline_probability']:.1%}; {finding['change']})"
        )
        label = Text(f"{finding['probability']:>7.1%}")
        yield Hung(label, Text(plain(line)), 9)


def _instead(alternatives: Iterable[Mapping[str, Any]]) -> Iterator[RenderableType]:
    places: dict[str, list[Mapping[str, Any]]] = {}
    for alternative in alternatives:
        places.setdefault(alternative["instead_of"]["name"], []).append(alternative)
    for name, offered in places.items():
        yield Text(plain(f"\nInstead of {name}, with what would be new or worse"), style="bold")
        for alternative in offered:
            severity, count = alternative["worst_severity"], alternative["findings"]
            left = f"{count} finding{'s' * (count != 1)}" if count else "nothing found"
            why = alternative["shared_class"] or alternative["kinship"]
            why += ", named in the advice" if alternative["advised"] else ""
            word = severity or ("not graded" if count else "none found")
            label = Text(word, style=STYLES[severity])
            yield Hung(label, Text(plain(f"{alternative['name']}: {left} ({why})")), MARGIN)


def _coverage(answer: Mapping[str, Any], *, in_full: bool) -> Iterator[RenderableType]:
    coverage = answer["coverage"]
    names = _names(answer)
    pairs: dict[str, list[str]] = {"finding": [], "none_found": [], "not_covered": []}
    for pair in coverage["pairs"]:
        pairs[pair["status"]].append(" + ".join(names.get(drug, drug) for drug in pair["drugs"]))
    if coverage["pairs"]:
        silent = pairs["none_found"]
        listed = f": {_some(silent, in_full=in_full)}" if silent else ""
        text = (
            f"\nPairs checked: {len(coverage['pairs'])}; with a finding: {len(pairs['finding'])}; "
            f"nothing found in the loaded sources for {len(silent)}{listed}."
        )
        yield Text(plain(text))
    elif names and all(finding["kind"] != "drug_drug" for finding in answer["findings"]):
        yield Text("\nNo pair to check: fewer than two medicines were identified.")
    if pairs["not_covered"]:
        drugs = ", ".join(names.get(drug, drug) for drug in coverage["not_covered"])
        unknown = len(pairs["not_covered"])
        text = f"Not covered by any loaded source: {drugs} ({unknown} pairs unknown)."
        yield Text(plain(text), style="yellow")


def _some(texts: Sequence[str], *, in_full: bool) -> str:
    if in_full or len(texts) <= MOST_PAIRS:
        return "; ".join(texts)
    return (
        "; ".join(texts[:MOST_PAIRS]) + f"; and {len(texts) - MOST_PAIRS} more (--all names them)"
    )


def _names(answer: Mapping[str, Any]) -> dict[str, str]:
    swaps = [entry["to"] for entry in answer.get("replacing", ())]
    references = [*answer["adding"], *answer["taking"], *swaps]
    written = {r["curie"]: r["name"] for r in references if r.get("curie")}
    return {**answer["coverage"].get("names", {}), **written}


def _foot(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    used = sorted(
        {
            (e["source"], e["version"], e["licence"])
            for f in answer["findings"]
            for e in f["evidence"]
        }
    )
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
