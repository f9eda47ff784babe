"""Grounding of French interaction texts: keyword patterns to an effect and a mechanism class.

The patterns are rows of a curated table; this module reads the table and applies it. It knows
no drug and no source.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from csv import QUOTE_NONE, DictReader
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    "order",
    "pattern",
    "applies_to",
    "effect_id",
    "effect_name",
    "mechanism",
    "reference",
)
FIELDS = frozenset({"mechanism", "info"})
MECHANISMS = frozenset(
    {
        "enzyme_inhibition",
        "enzyme_induction",
        "transporter",
        "absorption",
        "renal_excretion",
        "protein_binding",
        "additive_pharmacodynamic",
        "antagonism",
        "unknown",
    }
)
_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'")


class MalformedPattern(ValueError):
    """A row of a pattern table cannot be read; `path`, `row` and `reason` say where and why."""

    def __init__(self, path: Path, row: int, reason: str) -> None:
        super().__init__(f"{path}, row {row}: {reason}")
        self.path = path
        self.row = row
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EffectPattern:
    """One row: where `pattern` is found, the effect or the mechanism class (or both) is meant.

    A low `order` is a specific clinical effect, a high one a general statement.
    """

    order: int
    pattern: re.Pattern[str]
    applies_to: str
    effect_id: str | None
    effect_name: str | None
    mechanism: str | None


@dataclass(frozen=True, slots=True)
class Grounding:
    """Effects as (CURIE, name), the primary one first, and the mechanism class.

    `None` and an empty tuple mean that the text states nothing the patterns know.
    """

    effects: tuple[tuple[str, str], ...]
    mechanism: str | None


def load_patterns(path: Path) -> tuple[EffectPattern, ...]:
    """Read a pattern table, in ascending order.

    Raises MalformedPattern, with the file and the 1-based line, for a wrong header, number,
    expression, field, mechanism or effect, and for a row that would ground nothing.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        reader = DictReader(lines, delimiter="\t", quoting=QUOTE_NONE)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise MalformedPattern(path, 1, f"columns {reader.fieldnames!r}, expected {COLUMNS!r}")
        rows = [_parsed(row, path, reader.line_num) for row in reader]
    return tuple(sorted(rows, key=lambda row: row.order))


def plain_text(text: str) -> str:
    r"""Give the form that patterns are matched on.

    >>> plain_text("Diminution de l’efficacité\n du médicament")
    "diminution de l'efficacite du medicament"
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).lower())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.split())


def ground_text(mechanism_text: str, info: str, patterns: Iterable[EffectPattern]) -> Grounding:
    """Ground one rule: its mechanism text, and `info` for what the first text leaves open.

    The rows for `info` are read for the effects, or for the mechanism class, only where no row
    for `mechanism` gave any.
    """
    ordered = sorted(patterns, key=lambda row: row.order)
    stated = _matches(mechanism_text, ordered, "mechanism")
    advised = _matches(info, ordered, "info")
    return Grounding(
        effects=_effects(stated) or _effects(advised),
        mechanism=_mechanism(stated) or _mechanism(advised),
    )


def _matches(text: str, patterns: Sequence[EffectPattern], field: str) -> list[EffectPattern]:
    plain = plain_text(text)
    return [row for row in patterns if row.applies_to == field and row.pattern.search(plain)]


def _effects(rows: Iterable[EffectPattern]) -> tuple[tuple[str, str], ...]:
    named = ((row.effect_id, row.effect_name) for row in rows)
    return tuple(dict.fromkeys((curie, name) for curie, name in named if curie and name))


def _mechanism(rows: Iterable[EffectPattern]) -> str | None:
    return next((row.mechanism for row in rows if row.mechanism), None)


def _parsed(row: Mapping[str, str | None], path: Path, number: int) -> EffectPattern:
    cells = [row.get(column) for column in COLUMNS]
    if None in row or None in cells:
        raise MalformedPattern(path, number, f"expected {len(COLUMNS)} cells, found {cells!r}")
    order, pattern, field, curie, name, mechanism, _ = (cell or "" for cell in cells)
    if reason := _fault(order, field, curie, name, mechanism):
        raise MalformedPattern(path, number, reason)
    return EffectPattern(
        order=int(order),
        pattern=_compiled(pattern, path, number),
        applies_to=field,
        effect_id=curie or None,
        effect_name=name or None,
        mechanism=mechanism or None,
    )


def _compiled(pattern: str, path: Path, number: int) -> re.Pattern[str]:
    if not pattern:
        raise MalformedPattern(path, number, "the pattern is empty")
    try:
        return re.compile(pattern)
    except re.error as error:
        raise MalformedPattern(path, number, f"bad pattern {pattern!r}: {error}") from error


def _fault(order: str, field: str, curie: str, name: str, mechanism: str) -> str | None:
    checks = (
        (not order.isdecimal(), f"order {order!r} is not a whole number"),
        (field not in FIELDS, f"applies_to {field!r} is not one of {sorted(FIELDS)}"),
        (bool(curie) != bool(name), f"effect {curie!r} and name {name!r} must come together"),
        (bool(curie) and not _CURIE.fullmatch(curie), f"effect {curie!r} is not a CURIE"),
        (
            bool(mechanism) and mechanism not in MECHANISMS,
            f"mechanism {mechanism!r} is not one of {sorted(MECHANISMS)}",
        ),
        (not (curie or mechanism), "the row gives neither an effect nor a mechanism"),
    )
    return next((reason for failed, reason in checks if failed), None)
