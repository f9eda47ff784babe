"""Reads the table of effects that are one clinical problem."""

from __future__ import annotations

from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, rows_of
from kg.screening.effects import GENERAL, UNNAMED, EffectFamilies
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

FILE = "effect_families.tsv"
_COLUMNS = ("family", "effect_id", "effect_name", "leads", "gathers", "follows")


def load_effect_families(folder: Path = FOLDER) -> EffectFamilies:
    """Read ``effect_families.tsv``; which effects are one problem is a decision of ours.

    Raises:
        MalformedRule: An effect is no CURIE, is a general one or stands twice, a family has no
            name, two effects lead it, or what a cell says is neither yes nor no.
        MalformedSource: The file lacks a column.
    """
    members: dict[Curie, str] = {}
    leading: dict[str, Curie] = {}
    gathering: set[Curie] = set()
    follows: dict[str, str] = {}
    for number, row in rows_of(folder, FILE, _COLUMNS):
        family, effect = row["family"], _effect(number, row["effect_id"])
        if effect in members:
            raise MalformedRule(FILE, number, row["effect_id"], "an effect of one family alone")
        if not family:
            raise MalformedRule(FILE, number, family, "the name of a family")
        members[effect] = family
        if _says_yes(number, row["leads"], can=family not in leading):
            leading[family] = effect
        if _says_yes(number, row["gathers"]):
            gathering.add(effect)
        follows |= {family: row["follows"]} if row["follows"] else {}
    return EffectFamilies(members, frozenset(leading.values()), frozenset(gathering), follows)


def _says_yes(number: int, text: str, *, can: bool = True) -> bool:
    """Tell whether a cell says yes; ``can`` is false where another effect of the family does."""
    if text not in {"yes", "no"} or (text == "yes" and not can):
        raise MalformedRule(FILE, number, text, "yes for one effect of a family, else no")
    return text == "yes"


def _effect(number: int, text: str) -> Curie:
    effect = curie_of(FILE, number, text)
    if effect in GENERAL or effect == UNNAMED:
        raise MalformedRule(FILE, number, text, "an effect that names a harm")
    return effect
