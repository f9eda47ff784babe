"""A map of drugs as SVG: their vectors in two dimensions, coloured by anatomical group (ATC)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from embeddings.scorer import FloatArray
from embeddings.vectors import Vectors, unit_length
from kg.graph import KnowledgeGraph
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

ATC = "ATC:"
GROUPS: tuple[tuple[str, str, str], ...] = (
    ("A", "alimentary tract, metabolism", "#e0a100"),
    ("B", "blood", "#b3001b"),
    ("C", "cardiovascular", "#ef5b5b"),
    ("D", "skin", "#c9a27e"),
    ("G", "genito-urinary, sex hormones", "#d66ba0"),
    ("H", "other hormones", "#8a5a00"),
    ("J", "infections", "#2e8b57"),
    ("L", "cancer, immune system", "#6a3d9a"),
    ("M", "muscles and bones", "#1f9ea8"),
    ("N", "nervous system", "#1b5fb4"),
    ("P", "parasites", "#7ba428"),
    ("R", "airways", "#58b7e6"),
    ("S", "eyes and ears", "#7d8ca3"),
    ("V", "various", "#444444"),
    ("", "no ATC code known", "#c4c4c4"),
)
"""First level of ATC: letter, what it is about in short, colour on the map."""
LABELS = 60
"""So many drugs may bear their name on the map."""

_WIDTH, _HEIGHT, _MARGIN, _TOP, _LEGEND = 1000, 780, 22, 56, 260
_FIELD = _WIDTH - _LEGEND
_RADIUS, _TEXT, _LETTER, _REGION = 4.0, 11.0, 6.4, 110.0
_COLOURS = {letter: colour for letter, _, colour in GROUPS}
_NAMES = {letter: name for letter, name, _ in GROUPS}

_Box = tuple[float, float, float, float]
_Ints = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class _Dot:
    """A drug on the paper; ``groups`` as :func:`atc_groups` has them."""

    x: float
    y: float
    name: str
    groups: tuple[str, ...]

    @property
    def box(self) -> _Box:
        return self.x - _RADIUS, self.y - _RADIUS, self.x + _RADIUS, self.y + _RADIUS


@dataclass(frozen=True, slots=True)
class DrugMap:
    """A drawn map; a notebook shows it as the value of a cell."""

    svg: str

    def write(self, path: Path) -> Path:
        """Write it to a file.

        Raises:
            OSError: The file cannot be written.
        """
        path.write_text(self.svg, encoding="utf-8")
        return path

    def _repr_svg_(self) -> str:
        return self.svg


def atc_groups(graph: KnowledgeGraph, drugs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Letters of a drug's ATC codes, that of most codes first, then by the alphabet.

    A drug without a code of its own has those of what the graph calls it a form of.
    """
    found = ((drug, Counter(_letters(graph, Curie.parse(drug), set()))) for drug in drugs)
    return {
        drug: tuple(sorted(letters, key=lambda letter: (-letters[letter], letter)))
        for drug, letters in found
        if letters
    }


def flattened(table: FloatArray, known: _Ints) -> tuple[FloatArray, float]:
    """Project vectors of length 1 on the two directions in which they differ most.

    What goes with the logarithm of the number of facts, ``known``, is taken out first: it would be
    the first direction, and it tells how much a drug is used, not what it is like. Gives points
    (rows, 2), and the part of the variance left that they show.
    """
    unit = unit_length(table)
    unit -= unit.mean(axis=0)
    logs = np.log1p(known)
    logs -= logs.mean()
    unit -= np.outer(logs, logs @ unit) / max(float(logs @ logs), 1e-12)
    left, spread, _ = np.linalg.svd(unit, full_matrices=False)
    points = np.zeros((len(table), 2))
    points[:, : len(spread)] = left[:, :2] * spread[:2]
    # A direction has no sign of its own: the largest number is made positive.
    points *= np.where(points[np.abs(points).argmax(axis=0), [0, 1]] < 0.0, -1.0, 1.0)
    whole = float((spread**2).sum())
    return points, float((spread[:2] ** 2).sum()) / whole if whole else 0.0


def drug_map(vectors: Vectors, groups: Mapping[str, tuple[str, ...]], known: _Ints) -> DrugMap:
    """Draw all drugs that have facts; ``known`` counts the facts of each.

    In every region the drugs with the most facts bear their names as far as there is room; every
    drug tells its name and groups when it is pointed at.
    """
    shown = np.flatnonzero(known > 0)
    points, part = flattened(vectors.of_drugs[shown], known[shown])
    drugs = [vectors.drugs[i] for i in shown]
    dots = [
        _Dot(x, y, vectors.names.get(drug, drug), groups.get(drug, ("",)))
        for (x, y), drug in zip(_placed(points), drugs, strict=True)
    ]
    most = np.argsort(-known[shown], kind="stable").tolist()
    return DrugMap(_picture(dots, _by_region(dots, most), part))


def _letters(graph: KnowledgeGraph, curie: Curie, met: set[Curie]) -> Iterator[str]:
    met.add(curie)
    above = {edge.object for edge in graph.edges_from(curie, Predicate.SUBCLASS_OF)}
    codes = [str(one) for one in sorted({curie, *above}, key=str) if str(one).startswith(ATC)]
    yield from (code.removeprefix(ATC)[0] for code in codes)
    if not codes:
        for base in sorted(above - met, key=str):
            yield from _letters(graph, base, met)


def _placed(points: FloatArray) -> list[tuple[float, float]]:
    """Stretch points over the field by rank and distance alike, so that dense parts can be read."""
    columns = []
    for column, (start, size) in enumerate(
        ((_MARGIN, _FIELD - 2 * _MARGIN), (_TOP, _HEIGHT - _TOP - 2 * _MARGIN))
    ):
        values = points[:, column]
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(1, len(values))
        span = float(np.ptp(values)) if len(values) else 0.0
        scaled = (values - values.min()) / span if span else np.full(len(values), 0.5)
        columns.append(start + size * (rank + scaled) / 2.0)
    return list(zip(columns[0].tolist(), columns[1].tolist(), strict=True))


def _by_region(dots: Sequence[_Dot], order: Sequence[int]) -> list[int]:
    """Put the first dot of each region of the field before all second ones, and so on."""
    met: Counter[tuple[float, float]] = Counter()
    turns = []
    for place in order:
        region = dots[place].x // _REGION, dots[place].y // _REGION
        turns.append((met[region], place))
        met[region] += 1
    return [place for _, place in sorted(turns, key=lambda turn: turn[0])]


def _picture(dots: Sequence[_Dot], first: Sequence[int], part: float) -> str:
    title = f"{len(dots)} drugs by their vectors"
    under = (
        "Near: alike in the model. Principal components, number of facts taken out; "
        f"{100 * part:.0f} % of the variance, half by rank."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_MARGIN}" y="22" font-size="15" fill="#111">{escape(title)}</text>',
        f'<text x="{_MARGIN}" y="38" font-size="11" fill="#555">{escape(under)}</text>',
        *map(_circle, dots),
        *_labels(dots, first),
        *_legend(dots),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _circle(dot: _Dot) -> str:
    told = ", ".join(f"{letter} {_NAMES[letter]}".strip() for letter in dot.groups)
    return (
        f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{_RADIUS}" fill="{_COLOURS[dot.groups[0]]}" '
        f'fill-opacity="0.8"><title>{escape(dot.name)}: {escape(told)}</title></circle>'
    )


def _labels(dots: Sequence[_Dot], first: Sequence[int]) -> Iterator[str]:
    """Names of the first drugs, each where it covers no other name and few dots."""
    taken: list[_Box] = []
    for place in first[:LABELS]:
        dot = dots[place]
        free = [box for box in _around(dot) if _fits(box, taken)]
        if not free:
            continue
        box = min(free, key=lambda one: sum(_meet(one, other.box) for other in dots))
        taken.append(box)
        # A name is drawn twice, as not every program that shows SVG knows paint-order.
        for look in ('stroke="white" stroke-width="2.5" fill="white"', 'fill="#111"'):
            yield (
                f'<text x="{box[0]:.1f}" y="{box[3] - 2.5:.1f}" font-size="{_TEXT:.0f}" '
                f"{look}>{escape(dot.name)}</text>"
            )


def _around(dot: _Dot) -> Iterator[_Box]:
    width, height, gap = _LETTER * len(dot.name), _TEXT + 1.0, _RADIUS + 2.0
    for x, y in (
        (dot.x + gap, dot.y - height / 2),
        (dot.x - gap - width, dot.y - height / 2),
        (dot.x - width / 2, dot.y - gap - height),
        (dot.x - width / 2, dot.y + gap),
    ):
        yield x, y, x + width, y + height


def _fits(box: _Box, taken: Sequence[_Box]) -> bool:
    inside = box[0] >= 4 and box[2] <= _FIELD and box[1] >= _TOP - _MARGIN and box[3] <= _HEIGHT
    return inside and not any(_meet(box, other) for other in taken)


def _meet(one: _Box, other: _Box) -> bool:
    apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    return not apart


def _legend(dots: Sequence[_Dot]) -> Iterator[str]:
    counts = Counter(dot.groups[0] for dot in dots)
    used = [row for row in GROUPS if counts[row[0]]]
    x = _FIELD + 8
    yield f'<text x="{x}" y="{_TOP + 6}" font-size="12" fill="#111">ATC group (drugs)</text>'
    for row, (letter, name, colour) in enumerate(used):
        y = _TOP + 28 + 20 * row
        label = f"{letter} {name}".strip()
        yield (
            f'<circle cx="{x + 6}" cy="{y - 4}" r="5" fill="{colour}"/>'
            f'<text x="{x + 18}" y="{y}" font-size="12" fill="#111">'
            f"{escape(label)} ({counts[letter]})</text>"
        )
