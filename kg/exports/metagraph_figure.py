"""The metagraph as SVG: kinds of nodes as circles, what leads from one to another as lines.

A line joins two kinds whatever the direction; its number leads to the list at the right, which has
each predicate with its count.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from xml.sax.saxutils import escape

from kg.exports.metagraph_layout import SIDE, TOP, Ends, Layout, Place, layout

_LIST, _ROW, _HEAD, _GAP = 560, 17, 20, 9
_LEAST, _PER_DECADE = 34.0, 4.5
_COLOURS = (
    *("#1b6ca8", "#b5461b", "#2f7d4f", "#7b4ea3", "#a8841b", "#3b7f8c", "#a33d5e", "#5c6770"),
    *("#4a5fb0", "#8a5a2b", "#5f7d1f", "#84407a"),
)
_FITS = 10
"""Letters of a name that fit side by side into the smallest circle."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A category of nodes, and how many there are."""

    category: str
    nodes: int

    @property
    def name(self) -> str:
        """The category without its prefix, as words."""
        return words(self.category)

    @property
    def radius(self) -> float:
        """Pixels; a circle grows with the order of magnitude of its nodes."""
        return _LEAST + _PER_DECADE * math.log10(max(self.nodes, 1))


@dataclass(frozen=True, slots=True)
class Tie:
    """A predicate that leads from one category to another, and the number of its edges."""

    subject: str
    predicate: str
    object: str
    edges: int


@dataclass(frozen=True, slots=True)
class _Line:
    """All ties between two kinds, or of one with itself, under one number."""

    number: int
    ends: Ends
    ties: tuple[Tie, ...]

    @property
    def width(self) -> float:
        return 1.0 + 0.8 * math.log10(max(sum(tie.edges for tie in self.ties), 1))

    @property
    def height(self) -> int:
        return _HEAD + _ROW * len(self.ties) + _GAP


def words(curie: str) -> str:
    """A CURIE of a category or a predicate as words.

    >>> words("biolink:PhenotypicFeature"), words("biolink:is_substrate_of")
    ('phenotypic feature', 'is substrate of')
    """
    name = curie.partition(":")[2]
    apart = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return apart.replace("_", " ").strip()


def figure(kinds: Sequence[Kind], ties: Sequence[Tie], title: str) -> str:
    """Draw kinds and ties, as text of an SVG file."""
    lines = _lines(ties)
    drawn = layout({kind.category: kind.radius for kind in kinds}, [line.ends for line in lines])
    tops = list(accumulate((line.height for line in lines), initial=TOP + 10))
    width, height = SIDE + _LIST, max(SIDE + TOP, tops[-1] + 20)
    colours = {k.category: _COLOURS[i % len(_COLOURS)] for i, k in enumerate(kinds)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="24" y="36" font-size="19" font-weight="bold">{escape(title)}</text>',
    ]
    parts += [_drawn(line, drawn) for line in lines]
    for kind in kinds:
        parts += _circle(kind, drawn.places[kind.category], colours[kind.category])
    badges = drawn.badges()
    parts += [_badge(line.number, badge) for line, badge in zip(lines, badges, strict=True)]
    for line, top in zip(lines, tops, strict=False):
        parts += _listed(line, top)
    return "\n".join([*parts, "</svg>", ""])


def _lines(ties: Sequence[Tie]) -> tuple[_Line, ...]:
    """The ties of each two kinds, those with the most edges first."""
    found: dict[tuple[str, str], list[Tie]] = defaultdict(list)
    for tie in ties:
        found[min(tie.subject, tie.object), max(tie.subject, tie.object)].append(tie)
    ranked = sorted(found.items(), key=lambda item: (-sum(t.edges for t in item[1]), item[0]))
    return tuple(
        _Line(number, ends, tuple(sorted(own, key=lambda tie: -tie.edges)))
        for number, (ends, own) in enumerate(ranked, 1)
    )


def _drawn(line: _Line, drawn: Layout) -> str:
    style = f'fill="none" stroke="#9aa4ad" stroke-width="{line.width:.1f}"'
    if line.ends[0] == line.ends[1]:
        x, y, radius = drawn.loop(line.ends[0])
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {style}/>'
    (x, y), (u, v) = (drawn.places[end] for end in line.ends)
    bend_x, bend_y = drawn.bend(line.ends)
    return f'<path d="M{x:.1f} {y:.1f}Q{bend_x:.1f} {bend_y:.1f} {u:.1f} {v:.1f}" {style}/>'


def _circle(kind: Kind, place: Place, colour: str) -> Iterator[str]:
    x, y = place
    yield (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{kind.radius:.1f}" fill="{colour}" '
        'stroke="white" stroke-width="2"/>'
    )
    texts = [(line, "bold") for line in _wrapped(kind.name)] + [(f"{kind.nodes:,}", "normal")]
    for row, (text, weight) in enumerate(texts):
        lower = y + 5 + 15 * (row - (len(texts) - 1) / 2)
        yield (
            f'<text x="{x:.1f}" y="{lower:.1f}" text-anchor="middle" font-weight="{weight}" '
            f'fill="white" font-size="12.5">{escape(text)}</text>'
        )


def _wrapped(name: str) -> list[str]:
    """A name on one line where it fits into a circle, else with a word on each."""
    return [name] if len(name) <= _FITS else name.split()


def _badge(number: int, place: Place) -> str:
    x, y = place
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="11" fill="#2b3036"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" fill="white">{number}</text>'
    )


def _listed(line: _Line, top: int) -> Iterator[str]:
    left, right = SIDE + 20, SIDE + _LIST - 24
    yield _badge(line.number, (left + 2, top + 9))
    heading = " and ".join(dict.fromkeys(words(end) for end in line.ends))
    yield f'<text x="{left + 22}" y="{top + 14}" font-weight="bold">{escape(heading)}</text>'
    for row, tie in enumerate(line.ties):
        y = top + _HEAD + _ROW * row + 13
        text = f"{words(tie.subject)} → {words(tie.predicate)} → {words(tie.object)}"
        shown = words(tie.predicate) if len(set(line.ends)) == 1 else text
        yield f'<text x="{left + 22}" y="{y}" font-size="11.5">{escape(shown)}</text>'
        yield (f'<text x="{right}" y="{y}" font-size="11.5" text-anchor="end">{tie.edges:,}</text>')
