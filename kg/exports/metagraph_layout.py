"""Where the circles, lines and numbers of the metagraph stand. Pure.

The kind with the most neighbours is the hub, in the middle of a ring of the others. A line that
would run under the hub bends around it; the number of a line is set where it can be told from
other lines, numbers and circles.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

RING, MARGIN, TOP = 330, 120, 70
SIDE = 2 * (RING + MARGIN)
CENTRE = (SIDE / 2, TOP + SIDE / 2)
_CLEAR = 24.0
"""Pixels between a number and what else is drawn that are room enough."""
_SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
"""How far along a line its number may stand, the better first."""
_STEPS = 24
"""Into so many parts a line is cut to see what is near it."""
Place = tuple[float, float]
Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Radii and places of the circles, by name, and the ends of the lines, in their order."""

    radii: Mapping[str, float]
    places: Mapping[str, Place]
    lines: Sequence[Ends]

    def bend(self, ends: Ends) -> Place:
        """What a line bends towards: its middle, or further out where it would meet the hub."""
        start, end = (self.places[name] for name in ends)
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if CENTRE in {start, end}:
            return x, y
        hub = next(self.radii[name] for name, place in self.places.items() if place == CENTRE)
        away_x, away_y = x - CENTRE[0], y - CENTRE[1]
        far = math.hypot(away_x, away_y)
        short = max(0.0, hub + _CLEAR - far)
        if far < 1:
            away_x, away_y, far = end[1] - start[1], start[0] - end[0], math.dist(start, end)
        return x + away_x / far * 2 * short, y + away_y / far * 2 * short

    def loop(self, name: str) -> tuple[float, float, float]:
        """Middle and radius of the loop of a kind with itself.

        It lies away from the centre; that of the hub in the widest gap between its lines.
        """
        x, y = self.places[name]
        angle = math.atan2(y - CENTRE[1], x - CENTRE[0])
        if (x, y) == CENTRE:
            angle = self._widest_gap(name)
        radius = self.radii[name] * 0.5
        reach = self.radii[name] + radius * 0.5
        return x + math.cos(angle) * reach, y + math.sin(angle) * reach, radius

    def badges(self) -> list[Place]:
        """Where the number of each line stands: as near to its middle as there is room."""
        courses = [
            [self._at(step / _STEPS, ends) for step in range(_STEPS + 1)]
            if ends[0] != ends[1]
            else []
            for ends in self.lines
        ]
        taken: list[Place] = []
        for number, ends in enumerate(self.lines):
            others = [place for course in courses[:number] for place in course]
            others += [place for course in courses[number + 1 :] for place in course]
            spots = self._spots(ends)
            room = [self._room(spot, (*taken, *others), ends) for spot in spots]
            free = (spot for spot, clear in zip(spots, room, strict=True) if clear >= _CLEAR)
            taken.append(next(free, spots[room.index(max(room))]))
        return taken

    def _widest_gap(self, hub: str) -> float:
        """The middle, as an angle, of the widest gap between the lines of the hub."""
        away = {end for ends in self.lines if hub in ends for end in ends if end != hub}
        ahead = sorted(
            math.atan2(y - CENTRE[1], x - CENTRE[0]) for x, y in map(self.places.__getitem__, away)
        )
        if not ahead:
            return -math.pi / 2
        gaps = list(pairwise((*ahead, ahead[0] + 2 * math.pi)))
        first, last = max(gaps, key=lambda gap: gap[1] - gap[0])
        return (first + last) / 2

    def _at(self, share: float, ends: Ends) -> Place:
        """A point of a line between two kinds; ``share`` runs from 0 at its first end to 1."""
        (x, y), (u, v) = (self.places[name] for name in ends)
        bend_x, bend_y = self.bend(ends)
        one, two, three = (1 - share) ** 2, 2 * share * (1 - share), share**2
        return one * x + two * bend_x + three * u, one * y + two * bend_y + three * v

    def _spots(self, ends: Ends) -> list[Place]:
        """Where a number may stand: between the rims of its circles, or on the far of its loop."""
        if ends[0] == ends[1]:
            x, y, radius = self.loop(ends[0])
            own_x, own_y = self.places[ends[0]]
            length = max(math.dist((x, y), (own_x, own_y)), 1.0)
            return [(x + (x - own_x) / length * radius, y + (y - own_y) / length * radius)]
        first, second = (self.radii[end] for end in ends)
        length = max(math.dist(*(self.places[end] for end in ends)), 1.0)
        free = length - first - second
        return [self._at((first + free * share) / length, ends) for share in _SHARES]

    def _room(self, spot: Place, others: Sequence[Place], ends: Ends) -> float:
        """How far a place is from other numbers and lines, and from circles of other kinds."""
        rims = (
            math.dist(spot, place) - self.radii[name]
            for name, place in self.places.items()
            if name not in ends
        )
        return min((*rims, *(math.dist(spot, other) for other in others)), default=math.inf)


def layout(radii: Mapping[str, float], lines: Sequence[Ends]) -> Layout:
    """Set the kind with the most neighbours in the middle and the others around it."""
    if not radii:
        return Layout(radii, {}, lines)
    neighbours = dict.fromkeys(radii, 0)
    for first, second in lines:
        if first != second:
            neighbours[first] += 1
            neighbours[second] += 1
    hub = max(radii, key=lambda name: (neighbours[name], radii[name]))
    around = _by_neighbours([name for name in radii if name != hub], lines)
    places = {hub: CENTRE}
    for turn, name in enumerate(around):
        angle = -math.pi / 2 + 2 * math.pi * turn / len(around)
        places[name] = (CENTRE[0] + RING * math.cos(angle), CENTRE[1] + RING * math.sin(angle))
    return Layout(radii, places, lines)


def _by_neighbours(names: Sequence[str], lines: Sequence[Ends]) -> list[str]:
    """An order in which each follows one that it is tied to, where there is one left."""
    tied: dict[str, set[str]] = defaultdict(set)
    for first, second in lines:
        tied[first].add(second)
        tied[second].add(first)
    left, order = list(names), list[str]()
    while left:
        near = [name for name in left if order and name in tied[order[-1]]]
        taken = min(near or left, key=lambda name: (len(tied[name] & set(left)), left.index(name)))
        order.append(taken)
        left.remove(taken)
    return order
