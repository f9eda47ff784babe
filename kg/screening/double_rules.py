"""Drugs of one class: one too many, or given together on purpose. Pure.

The rows stand in tables that a pharmacist can read; :mod:`kg.rules.duplications` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from kg.model import Severity

PLACES = {
    "topical": ("D", "M02", "C05"),
    "ophthalmic": ("S01",),
    "otic": ("S02",),
    "nasal": ("R01A",),
    "inhaled": ("R03A", "R03B"),
    "vaginal": ("G01", "G02", "G03"),
}
"""Where ATC has what acts in the place to which it is applied, by route."""
_EVERY_PLACE = tuple(sorted({code for codes in PLACES.values() for code in codes} - {"G03"}))


@dataclass(frozen=True, slots=True)
class DoubleRule:
    """What to say of a drug under one target and another drug under the other, which may be it."""

    one: str
    other: str
    name: str
    severity: Severity
    recommendation: str
    reference: str


@dataclass(frozen=True, slots=True)
class DoubleRules:
    """The rules, the pairs of targets that are accepted, and the routes that act where they end."""

    rules: tuple[DoubleRule, ...] = ()
    accepted: frozenset[tuple[str, str]] = frozenset()
    local: frozenset[str] = frozenset()
    by_target: dict[str, tuple[DoubleRule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the rules by their targets."""
        found: dict[str, list[DoubleRule]] = {}
        for rule in self.rules:
            for target in {rule.one, rule.other}:
                found.setdefault(target, []).append(rule)
        kept = {target: tuple(rules) for target, rules in found.items()}
        object.__setattr__(self, "by_target", kept)

    def of_pair(self, one: frozenset[str], other: frozenset[str]) -> DoubleRule | None:
        """The gravest rule for drugs of such targets, the narrowest of those; ``None`` for none."""
        asked = {r for t in one & self.by_target.keys() for r in self.by_target[t]}
        holding = [r for r in asked if _hold((r.one, r.other), one, other)]
        if not holding or any(self._accepts(rule, one, other) for rule in holding):
            return None
        return max(holding, key=_weight)

    def _accepts(self, rule: DoubleRule, one: frozenset[str], other: frozenset[str]) -> bool:
        """Tell whether drugs are given together on purpose though the rule holds.

        What is accepted of other classes that a drug is in too, such as those of the skin, does
        not count.
        """
        return any(
            _hold(pair, one, other)
            and all(t.startswith((rule.one, rule.other)) or not t.startswith("ATC:") for t in pair)
            for pair in self.accepted
        )


def _hold(pair: tuple[str, str], one: frozenset[str], other: frozenset[str]) -> bool:
    first, second = pair
    return (first in one and second in other) or (first in other and second in one)


def _weight(rule: DoubleRule) -> tuple[int, int, str, str]:
    return (rule.severity.rank, len(rule.one) + len(rule.other), rule.one, rule.other)


def codes_by_route(codes: Iterable[str], route: str | None, local: Set[str]) -> tuple[str, ...]:
    """ATC codes of an ingredient that a route leaves; all of them where it is not stated.

    A route among the ``local`` ones leaves what ATC has for its place, any other one all else.
    A code of the fifth level counts only for a local route, or where the ingredient has no other:
    most of those that are stated of an ingredient are of products that hold it beside others.
    """
    every = tuple(codes)
    if route is not None and route in local:
        return tuple(code for code in every if code.startswith(PLACES.get(route, ())))
    short = tuple(code for code in every if len(code) <= _GROUP) or every
    if route is None:
        return short
    return tuple(code for code in short if not code.startswith(_EVERY_PLACE))


_GROUP = 5
"""Length of a code of the fourth level."""
