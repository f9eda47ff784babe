"""The metagraph as SVG: kinds of nodes as circles, what leads from one to another as lines.

The kind with the most neighbours stands in the middle. A line joins two kinds whatever the
direction; its number leads to the list at the right, which has each predicate with its count.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from xml.sax.saxutils import escape

_RING, _MARGIN, _TOP = 330, 120, 70
_SIDE = 2 * (_RING + _MARGIN)
_LIST, _ROW, _HEAD, _GAP = 560, 17, 20, 9
_LEAST, _PER_DECADE = 34.0, 4.5
_COLOURS = (
    *("#1b6ca8", "#b5461b", "#2f7d4f", "#7b4ea3", "#a8841b", "#3b7f8c", "#a33d5e", "#5c6770"),
    *("#4a5fb0", "#8a5a2b", "#5f7d1f", "#84407a"),
)
_FITS = 10
"""Letters of a name that fit side by side into the smallest circle."""
Place = tuple[float, float]


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
    ends: tuple[str, str]
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
    places = _places(kinds, lines)
    tops = list(accumulate((line.height for line in lines), initial=_TOP + 10))
    width, height = _SIDE + _LIST, max(_SIDE + _TOP, tops[-1] + 20)
    colours = {k.category: _COLOURS[i % len(_COLOURS)] for i, k in enumerate(kinds)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="24" y="36" font-size="19" font-weight="bold">{escape(title)}</text>',
    ]
    by_name = {kind.category: kind for kind in kinds}
    for line in lines:
        parts += _drawn(line, places, by_name)
    for kind in kinds:
        parts += _circle(kind, places[kind.category], colours[kind.category])
    for line in lines:
        parts.append(_badge(line.number, _middle(line, places, by_name)))
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


def _places(kinds: Sequence[Kind], lines: Sequence[_Line]) -> dict[str, Place]:
    """The kind with the most neighbours in the middle, the others around it."""
    neighbours = {kind.category: 0 for kind in kinds}
    for line in lines:
        for end in set(line.ends) if line.ends[0] != line.ends[1] else ():
            neighbours[end] += 1
    centre = (_SIDE / 2, _TOP + _SIDE / 2)
    if not kinds:
        return {}
    hub = max(kinds, key=lambda kind: (neighbours[kind.category], kind.nodes)).category
    others = [kind.category for kind in kinds if kind.category != hub]
    around = _by_neighbours(others, lines)
    places = {hub: centre}
    for turn, category in enumerate(around):
        angle = -math.pi / 2 + 2 * math.pi * turn / len(around)
        places[category] = (
            centre[0] + _RING * math.cos(angle),
            centre[1] + _RING * math.sin(angle),
        )
    return places


def _by_neighbours(categories: Sequence[str], lines: Sequence[_Line]) -> list[str]:
    """An order in which each follows one that it is tied to, where there is one left."""
    tied: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        first, second = line.ends
        tied[first].add(second)
        tied[second].add(first)
    left, order = list(categories), list[str]()
    while left:
        near = [name for name in left if order and name in tied[order[-1]]]
        taken = min(near or left, key=lambda name: (len(tied[name] & set(left)), left.index(name)))
        order.append(taken)
        left.remove(taken)
    return order


def _drawn(line: _Line, places: Mapping[str, Place], kinds: Mapping[str, Kind]) -> Iterator[str]:
    (x, y), (u, v) = (places[end] for end in line.ends)
    style = f'fill="none" stroke="#9aa4ad" stroke-width="{line.width:.1f}"'
    if line.ends[0] != line.ends[1]:
        yield f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" {style}/>'
        return
    centre_x, centre_y, radius = _loop(line, places, kinds)
    yield f'<circle cx="{centre_x:.1f}" cy="{centre_y:.1f}" r="{radius:.1f}" {style}/>'


def _loop(
    line: _Line, places: Mapping[str, Place], kinds: Mapping[str, Kind]
) -> tuple[float, float, float]:
    """Middle and radius of the loop of a kind with itself, on the side away from the centre."""
    x, y = places[line.ends[0]]
    away_x, away_y = x - _SIDE / 2, y - (_TOP + _SIDE / 2)
    length = math.hypot(away_x, away_y)
    turn = (away_x / length, away_y / length) if length > 1 else (0.383, -0.924)
    own = kinds[line.ends[0]].radius
    radius = own * 0.5
    reach = own + radius * 0.5
    return x + turn[0] * reach, y + turn[1] * reach, radius


def _middle(line: _Line, places: Mapping[str, Place], kinds: Mapping[str, Kind]) -> Place:
    """Where the number of a line stands: half-way between the rims of its circles."""
    if line.ends[0] == line.ends[1]:
        x, y, radius = _loop(line, places, kinds)
        own_x, own_y = places[line.ends[0]]
        length = max(math.hypot(x - own_x, y - own_y), 1.0)
        return x + (x - own_x) / length * radius, y + (y - own_y) / length * radius
    (x, y), (u, v) = (places[end] for end in line.ends)
    length = max(math.hypot(u - x, v - y), 1.0)
    first, second = (kinds[end].radius for end in line.ends)
    share = (first + (length - first - second) / 2) / length
    return x + (u - x) * share, y + (v - y) * share


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
    left, right = _SIDE + 20, _SIDE + _LIST - 24
    yield _badge(line.number, (left + 2, top + 9))
    heading = " and ".join(dict.fromkeys(words(end) for end in line.ends))
    yield f'<text x="{left + 22}" y="{top + 14}" font-weight="bold">{escape(heading)}</text>'
    for row, tie in enumerate(line.ties):
        y = top + _HEAD + _ROW * row + 13
        text = f"{words(tie.subject)} → {words(tie.predicate)} → {words(tie.object)}"
        shown = words(tie.predicate) if len(set(line.ends)) == 1 else text
        yield f'<text x="{left + 22}" y="{y}" font-size="11.5">{escape(shown)}</text>'
        yield (f'<text x="{right}" y="{y}" font-size="11.5" text-anchor="end">{tie.edges:,}</text>')
