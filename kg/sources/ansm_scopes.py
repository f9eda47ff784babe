"""Which pairs each severity of a class rule is about, where the thesaurus says so in words.

A rule over two classes may state several severities and say in its text for which members each
holds ("with lercanidipine", "with the others"). ``kg/curated/ansm_scopes.tsv`` holds our reading of
every such rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.sources.base import MalformedSource, read_table

FILE = Path(__file__).parent.parent / "curated" / "ansm_scopes.tsv"
MECHANISMS = FILE.with_name("ansm_mechanisms.tsv")
NONE = "none"
_WORDS = frozenset({"any", "others"})
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

        ``None`` when there is no reading: then every severity of the rule holds under its own
        condition.
        """
        rows = self._rows.get(statement)
        if rows is None:
            return None
        found: dict[str, bool] = {}
        matched = False
        for scope in rows:
            if scope.holds(pair, matched_before=matched):
                matched = True
                found.setdefault(scope.severity, scope.conditional)
        found.pop(NONE, None)
        return found


def load_scopes(members: Mapping[str, tuple[str, ...]], path: Path = FILE) -> Scopes:
    """Read the readings; ``class:`` entries become the members of the class.

    Raises:
        MalformedSource: A row names a class that the index does not have, or has an unknown word.
    """
    frame = read_table("curated", path, _COLUMNS)
    rows: dict[str, list[tuple[int, Scope]]] = {}
    for number, row in enumerate(frame.to_dict("records"), start=2):
        cells = {str(key): str(value) for key, value in row.items()}
        scope = Scope(
            severity=cells["severity"],
            one=_drugs(cells["one"], members, path.name, number),
            other=_drugs(cells["other"], members, path.name, number),
            word=cells["one"] if cells["one"] in _WORDS else "",
            conditional=cells["conditional"] == "yes",
        )
        rows.setdefault(cells["statement"], []).append((int(cells["order"]), scope))
    ordered = {
        key: [s for _, s in sorted(value, key=lambda item: item[0])] for key, value in rows.items()
    }
    return Scopes(ordered)


def load_mechanisms(path: Path = MECHANISMS) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read what class names ("strong CYP3A4 inhibitors") say of a mechanism; first match wins."""
    frame = read_table("curated", path, ("order", "pattern", "mechanism", "reference"))
    return tuple(
        (re.compile(p), m) for p, m in zip(frame["pattern"], frame["mechanism"], strict=True)
    )


def _drugs(
    cell: str, members: Mapping[str, tuple[str, ...]], file: str, row: int
) -> frozenset[str]:
    drugs: set[str] = set()
    for entry in filter(None, cell.split("|")):
        kind, _, name = entry.partition(":")
        if kind != "class":
            drugs.add(entry)
        elif name in members:
            drugs.update(members[name])
        else:
            raise MalformedSource("curated", file, f"the index has no class {name!r}", row)
    return frozenset(drugs)
