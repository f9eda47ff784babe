"""Reads ``modifiers.tsv``: what raises or lowers a finding, what meets a stated condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from kg.rules.additive import load_additive_rules
from kg.rules.conditions import terms_of
from kg.rules.rows import MalformedRule, curie_of, one_of, rows_of, target_of
from kg.screening.finding import FindingKind
from kg.screening.laboratory import LabTests
from kg.screening.modifiers import ANSWERS, DIRECTIONS, ModifierRule, StatedConditionRule
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

_FILE = "modifiers.tsv"
_COLUMNS = ("id", "applies_to", "when", "direction", "sentence", "unit", "reference")
_WORDS = "condition_text:"
_ALWAYS = "always"
"""What a row of a pair asks for that needs no fact beside the two drugs."""
_Effects = Mapping[str, frozenset[Curie]]


class _Scope(TypedDict, total=False):
    kind: str
    pair: tuple[str, ...]
    effects: frozenset[Curie]
    wide: bool


@dataclass(frozen=True, slots=True)
class ModifierTables:
    """Both kinds of rules of ``modifiers.tsv``."""

    modifiers: tuple[ModifierRule, ...]
    stated: tuple[StatedConditionRule, ...]


def load_modifier_rules(tests: LabTests, folder: Path = FOLDER) -> ModifierTables:
    """Read ``modifiers.tsv``; ``tests`` are those that a rule may ask for.

    What a row applies to is one of these, or a pair and effects joined by `` & ``:

    - ``kind:drug_drug``: every finding of a kind;
    - ``pair:ONE+OTHER``: those of two targets;
    - ``effect:CURIE``: those with this or a narrower effect; several are joined by ``|``;
    - ``liability:NAME``: those with an effect that is one problem with that of the liability;
    - ``condition_text:PATTERN``: conditions that a source states in words.

    What it asks for is in the language of :func:`kg.screening.factors.parse_terms`, or ``always``
    for two drugs that are given together on purpose, or of which one raises the other as well.

    Raises:
        MalformedRule: A cell is not in the closed language, or an id stands twice.
        MalformedSource: The file lacks a column.
    """
    effects = _effects(folder)
    modifiers: list[ModifierRule] = []
    stated: list[StatedConditionRule] = []
    for number, row in rows_of(folder, _FILE, _COLUMNS, ("id",)):
        if row["applies_to"].startswith(_WORDS):
            stated.append(_stated(number, row, tests))
        else:
            modifiers.append(_modifier(number, row, tests, effects))
    return ModifierTables(tuple(modifiers), tuple(stated))


def _effects(folder: Path) -> _Effects:
    found: dict[str, frozenset[Curie]] = {}
    for rule in load_additive_rules(folder):
        found[rule.liability] = found.get(rule.liability, frozenset()) | {rule.effect}
    return found


def _stated(number: int, row: Mapping[str, str], tests: LabTests) -> StatedConditionRule:
    pattern = row["applies_to"].removeprefix(_WORDS)
    try:
        re.compile(pattern)
    except re.error as error:
        raise MalformedRule(_FILE, number, pattern, f"a pattern ({error})") from None
    return StatedConditionRule(
        id=row["id"],
        pattern=pattern,
        terms=terms_of(_FILE, number, row, tests),
        answer=one_of(_FILE, number, row["direction"], ANSWERS),
        sentence=row["sentence"],
        reference=row["reference"],
    )


def _modifier(
    number: int, row: Mapping[str, str], tests: LabTests, effects: _Effects
) -> ModifierRule:
    scope: _Scope = {}
    parts = row["applies_to"].split(" & ")
    if len(parts) > 1 and [part.startswith("pair:") for part in parts] != [True, False]:
        raise MalformedRule(_FILE, number, row["applies_to"], "a pair, then perhaps its effects")
    for part in parts:
        if part.startswith("kind:"):
            kinds = tuple(FindingKind)
            scope["kind"] = one_of(_FILE, number, part.removeprefix("kind:"), kinds)
        elif part.startswith("pair:"):
            ends = part.removeprefix("pair:").split("+")
            scope["pair"] = tuple(target_of(_FILE, number, end) for end in ends)
        else:
            named = (_of_one(number, each, effects) for each in part.split("|"))
            scope["effects"] = frozenset().union(*named)
            scope["wide"] = "liability:" in part
    if len(scope.get("pair", "ab")) != 2:
        raise MalformedRule(_FILE, number, row["applies_to"], "a pair of two targets")
    is_always = row["when"] == _ALWAYS and "pair" in scope
    return ModifierRule(
        id=row["id"],
        terms=() if is_always else terms_of(_FILE, number, row, tests),
        direction=one_of(_FILE, number, row["direction"], DIRECTIONS),
        sentence=row["sentence"],
        reference=row["reference"],
        **scope,
    )


def _of_one(number: int, part: str, effects: _Effects) -> Iterator[Curie]:
    kind, _, name = part.partition(":")
    if kind == "liability":
        yield from effects[one_of(_FILE, number, name, effects)]
    elif kind == "effect":
        yield curie_of(_FILE, number, name)
    else:
        raise MalformedRule(_FILE, number, part, "a kind, a pair, a liability or an effect")
