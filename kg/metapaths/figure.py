"""The paths between two drugs as a picture in SVG: drugs outside, what links them between.

Every row is one middle: a gene, an effect, a condition or a class. The label of a line is the role
and its strength; the numbers under it name the sources, which stand below with their versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kg.graph import KnowledgeGraph
from kg.metapaths.links import Link, Reason, Stated
from kg.metapaths.ways import Way
from kg.metapaths.words import link_in_words, middle_name
from ontologies.curie import Curie

_MARGIN, _TOP, _ROW, _GAP = 24, 64, 58, 14
_DRUG, _REACH, _MIDDLE = 150, 250, 190
_WIDTH = 2 * (_MARGIN + _DRUG + _REACH) + _MIDDLE
_LINE = 17
_LETTER = 6.6
"""Width of a letter of 12 pixels, on average."""
_COLOURS = {
    Way.INHIBITS: "#b5461b",
    Way.BLOCKS: "#b5461b",
    Way.INDUCES: "#1b7d4b",
    Way.ACTIVATES: "#1b7d4b",
    Way.DEPENDS_ON: "#1b6ca8",
    Way.PREDISPOSES_TO: "#8a1b4e",
}
_PLAIN = "#666666"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FILLS = {
    "enzyme": "#dcebf7",
    "transporter": "#d9f0ee",
    "carrier": "#ececec",
    "target": "#fdebd3",
    "effect": "#f8dfe8",
    "condition": "#efefef",
    "class": "#efefef",
}
_WIDTHS = {"strong": 3.5, "sensitive": 3.5, "high": 3.5, "moderate": 2.5}


@dataclass(frozen=True, slots=True)
class _Row:
    """One middle with the steps that lead to it from either drug, each step once."""

    name: str
    kind: str
    left: tuple[Link, ...]
    right: tuple[Link, ...]

    @property
    def height(self) -> int:
        return _ROW + (max(len(self.left), len(self.right)) - 1) * 44


def figure(graph: KnowledgeGraph, drugs: tuple[Curie, Curie], reasons: Sequence[Reason]) -> str:
    """Draw reasons, as text of an SVG file; without any, the picture says so."""
    rows = _rows(graph, drugs, reasons)
    sources = sorted({s for row in rows for x in (*row.left, *row.right) for s in x.sources})
    numbers = {stated: number for number, stated in enumerate(sources, 1)}
    body = sum(row.height + _GAP for row in rows) or _ROW
    bottom = _TOP + body
    height = bottom + 44 + _LINE * max(1, (len(sources) + 1) // 2) + _MARGIN
    names = [graph.name(drug) for drug in drugs]
    title = f"Why {names[0]} and {names[1]} are linked"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{_MARGIN}" y="34" font-size="17" font-weight="bold">{escape(title)}</text>',
    ]
    parts += _drug(names[0], _MARGIN, body)
    parts += _drug(names[1], _WIDTH - _MARGIN - _DRUG, body)
    y = _TOP
    for row in rows:
        parts += _row(row, y, numbers)
        y += row.height + _GAP
    if not rows:
        parts.append(_text(_WIDTH / 2, _TOP + _ROW / 2, "no path in this graph", "middle"))
    parts += _legend(numbers, bottom, graph.id)
    return _NOT_IN_XML.sub("", "\n".join([*parts, "</svg>", ""]))


def _rows(
    graph: KnowledgeGraph, drugs: tuple[Curie, Curie], reasons: Iterable[Reason]
) -> list[_Row]:
    by_middle: dict[Curie, list[Reason]] = {}
    for reason in reasons:
        by_middle.setdefault(reason.through, []).append(reason)
    return [
        _Row(
            middle_name(graph, every[0]),
            every[0].kind,
            _sides(every, drugs[0]),
            _sides(every, drugs[1]),
        )
        for every in by_middle.values()
    ]


def _sides(reasons: Iterable[Reason], drug: Curie) -> tuple[Link, ...]:
    """What leads from one drug to the middle; of a longer way up the last step."""
    found = [side[-1] for r in reasons for side in (r.left, r.right) if _starts(side, drug)]
    return tuple({(link.way, link.object): link for link in found}.values())


def _starts(side: tuple[Link, ...], drug: Curie) -> bool:
    return bool(side) and side[0].subject == drug


def _drug(name: str, x: float, height: float) -> Iterator[str]:
    yield (
        f'<rect x="{x}" y="{_TOP}" width="{_DRUG}" height="{height - _GAP}" rx="8" fill="#2f3e4e"/>'
    )
    lines = _wrapped(name, _DRUG - 16)
    middle = _TOP + (height - _GAP) / 2 - (len(lines) - 1) * 9 + 5
    for number, line in enumerate(lines):
        yield (
            f'<text x="{x + _DRUG / 2:.0f}" y="{middle + 18 * number:.0f}" fill="white" '
            f'font-size="14" font-weight="bold" text-anchor="middle">{escape(line)}</text>'
        )


def _row(row: _Row, y: float, numbers: dict[Stated, int]) -> Iterator[str]:
    left, right = _MARGIN + _DRUG, _WIDTH - _MARGIN - _DRUG
    box = left + _REACH
    yield (
        f'<rect x="{box}" y="{y}" width="{_MIDDLE}" height="{row.height}" rx="8" '
        f'fill="{_FILLS[row.kind]}" stroke="#888"/>'
    )
    lines = _fitted(row.name, _MIDDLE - 16, 2)
    centre = y + row.height / 2 - 8 * len(lines) + 4
    for number, line in enumerate(lines):
        yield _text(box + _MIDDLE / 2, centre + 16 * number, line, "middle", "bold")
    yield _text(box + _MIDDLE / 2, centre + 16 * len(lines), row.kind, "middle", colour=_PLAIN)
    for links, begin, end in ((row.left, left, box), (row.right, right, box + _MIDDLE)):
        for place, link in enumerate(links):
            height = y + row.height * (2 * place + 1) / (2 * len(links))
            yield from _step(link, begin, end, height + 2, numbers)


def _step(
    link: Link, begin: float, end: float, y: float, numbers: dict[Stated, int]
) -> Iterator[str]:
    colour = _COLOURS.get(link.way, _PLAIN)
    width = _WIDTHS.get(link.strength, 1.4)
    yield (
        f'<path d="M{begin} {y:.1f}H{end}" stroke="{colour}" stroke-width="{width}" fill="none"/>'
    )
    middle = (begin + end) / 2
    (label,) = _fitted(link_in_words(link), _REACH - 8, 1)
    yield _text(middle, y - 6, label, "middle", colour=colour)
    cited = ", ".join(str(numbers[stated]) for stated in link.sources)
    yield _text(middle, y + 13, f"[{cited}]", "middle", colour=_PLAIN, size=10)


def _legend(numbers: dict[Stated, int], y: float, graph: str) -> Iterator[str]:
    yield _text(_MARGIN, y + 22, f"Sources (graph {graph})", "start", "bold")
    half = (len(numbers) + 1) // 2
    for stated, number in numbers.items():
        column, row = divmod(number - 1, max(1, half))
        told = f"[{number}] {stated.source.removeprefix('infores:')} {stated.version}"
        yield _text(_MARGIN + column * _WIDTH / 2, y + 42 + row * _LINE, told, "start")
    keys = "thick line: strong role or high risk; listed: recorded, but judged by nobody"
    yield _text(_WIDTH - _MARGIN, y + 22, keys, "end", colour=_PLAIN, size=10)


def _text(
    x: float,
    y: float,
    said: str,
    anchor: str,
    weight: str = "normal",
    *,
    colour: str = "#222",
    size: int = 12,
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}" font-size="{size}">{escape(said)}</text>'
    )


def _wrapped(text: str, width: float) -> list[str]:
    """Break a text at blanks into lines of at most a width; a longer word is cut short."""
    most = int(width / _LETTER)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= most:
            lines[-1] = longer
        else:
            lines.append(word if len(word) <= most else f"{word[: most - 1]}…")
    return [line for line in lines if line] or [""]


def _fitted(text: str, width: float, most: int) -> list[str]:
    """The first lines of a text that was broken; an ellipsis stands for what is left away."""
    lines = _wrapped(text, width)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]
