"""Which pairs each severity of a class rule is about, where the thesaurus says so in words.

A rule over two classes may state several severities and say in its text for which members each
holds ("with lercanidipine", "with the others"). ``kg/curated/ansm_scopes.tsv`` holds our reading of
every such rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.model import Severity
from kg.sources.base import MalformedSource
from kg.sources.base_files import read_table

FILE = Path(__file__).parent.parent / "curated" / "ansm_scopes.tsv"
MECHANISMS = FILE.with_name("ansm_mechanisms.tsv")
NONE = "none"
_WORDS = frozenset({"any", "others"})
_SEVERITIES = frozenset({*Severity, NONE})
_COLUMNS = ("statement", "order", "severity", "one", "other", "conditional", "reference")


@dataclass(frozen=True, slots=True)
class Scope:
    """One reading: a severity holds where one drug is of ``one`` and the other of ``other``.

    An empty ``other`` is any drug. ``conditional`` tells that a dose, a route or
    a state of the patient still has to be met.
    """

    severity: str
    one: frozenset[str]
    other: frozenset[str]
    word: str
    conditional: bool

    def holds(self, pair: tuple[str, str], *, matched_before: bool) -> bool:
        """Tell whether this is about a pair; ``others``: no reading before it was."""
        if self.word:
            return self.word == "any" or not matched_before
        first, second = pair
        return self._fits(first, second) or self._fits(second, first)

    def _fits(self, one: str, other: str) -> bool:
        return one in self.one and (not self.other or other in self.other)


class Scopes:
    """All readings, by statement."""

    def __init__(self, rows: Mapping[str, Sequence[Scope]]) -> None:
        """Keep the readings of each statement in their order."""
        self._rows = rows

    @property
    def statements(self) -> frozenset[str]:
        """Statements that have a reading."""
        return frozenset(self._rows)

    def severities(self, statement: str, pair: tuple[str, str]) -> dict[str, bool] | None:
        """Severities that hold for a pair, each with whether it is still conditional.

        ``None`` when the rule has no reading, or none of its readings is about the pair: then every
        severity of the rule holds under its own condition. Only a reading ``none`` takes a pair
        out of a rule.
        """
        found: dict[str, bool] = {}
        for scope in self._rows.get(statement, ()):
            if scope.holds(pair, matched_before=bool(found)):
                found.setdefault(scope.severity, scope.conditional)
        if not found:
            return None
        found.pop(NONE, None)
        return found


def load_scopes(
    names: Collection[str], members: Mapping[str, tuple[str, ...]], path: Path = FILE
) -> Scopes:
    """Read the readings; ``class:`` entries become the members of the class.

    Args:
        names: Folded names of the substances of the index.
        members: Substances of each class of the index, all folded.
        path: The table of readings.

    Raises:
        MalformedSource: A row names a substance or a class that the index does not have, a
            severity that there is not, an order that is no number, or an unknown word.
    """
    frame = read_table("curated", path, _COLUMNS)
    rows: dict[str, list[tuple[int, Scope]]] = {}
    for number, row in enumerate(frame.to_dict("records"), start=2):
        cells = {str(key): str(value) for key, value in row.items()}
        try:
            place, scope = int(cells["order"]), _scope(cells, names, members)
        except ValueError as error:
            raise MalformedSource("curated", path.name, str(error), number) from error
        rows.setdefault(cells["statement"], []).append((place, scope))
    ordered = {
        key: [s for _, s in sorted(value, key=lambda item: item[0])] for key, value in rows.items()
    }
    return Scopes(ordered)


def load_mechanisms(path: Path = MECHANISMS) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read what class names ("strong CYP3A4 inhibitors") say of a mechanism; first match wins.

    Raises:
        MalformedSource: An order is no number, or a pattern cannot be read.
    """
    frame = read_table("curated", path, ("order", "pattern", "mechanism", "reference"))
    found: list[tuple[int, re.Pattern[str], str]] = []
    columns = zip(frame["order"], frame["pattern"], frame["mechanism"], strict=True)
    for number, (order, pattern, mechanism) in enumerate(columns, start=2):
        try:
            found.append((int(order), re.compile(pattern), mechanism))
        except (ValueError, re.error) as error:
            raise MalformedSource("curated", path.name, str(error), number) from error
    found.sort(key=lambda row: row[0])
    return tuple((pattern, mechanism) for _, pattern, mechanism in found)


def _scope(
    cells: Mapping[str, str], names: Collection[str], members: Mapping[str, tuple[str, ...]]
) -> Scope:
    """Make a reading of a row; a ValueError says what is wrong with it."""
    word = cells["one"] if cells["one"] in _WORDS else ""
    if cells["severity"] not in _SEVERITIES:
        raise ValueError(f"unknown severity {cells['severity']!r}")
    if cells["conditional"] not in {"yes", "no"}:
        raise ValueError(f"conditional is {cells['conditional']!r}, neither yes nor no")
    if not cells["one"] or (word and cells["other"]):
        raise ValueError(f"one is {cells['one']!r} where other is {cells['other']!r}")
    return Scope(
        severity=cells["severity"],
        one=frozenset() if word else _drugs(cells["one"], names, members),
        other=_drugs(cells["other"], names, members),
        word=word,
        conditional=cells["conditional"] == "yes",
    )


def _drugs(
    cell: str, names: Collection[str], members: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    drugs: set[str] = set()
    for entry in cell.split("|") if cell else ():
        kind, _, name = entry.partition(":")
        if kind == "class" and name in members:
            drugs.update(members[name])
        elif kind == "class":
            raise ValueError(f"the index has no class {name!r}")
        elif entry in names:
            drugs.add(entry)
        else:
            raise ValueError(f"the index has no substance {entry!r}")
    return frozenset(drugs)
