"""Reads the table of effects that are one clinical problem."""

from __future__ import annotations

from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, rows_of
from kg.screening.effects import GENERAL, UNNAMED, EffectFamilies
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

FILE = "effect_families.tsv"
_COLUMNS = ("family", "effect_id", "effect_name", "leads")


def load_effect_families(folder: Path = FOLDER) -> EffectFamilies:
    """Read ``effect_families.tsv``; which effects are one problem is a decision of ours.

    Raises:
        MalformedRule: An effect is no CURIE, is a general one or stands twice, a family has no
            name, or two effects lead it.
        MalformedSource: The file lacks a column.
    """
    members: dict[Curie, str] = {}
    leading: dict[str, Curie] = {}
    for number, row in rows_of(folder, FILE, _COLUMNS):
        family, leads = row["family"], row["leads"]
        effect = _effect(number, row["effect_id"])
        if effect in members:
            raise MalformedRule(FILE, number, row["effect_id"], "an effect of one family alone")
        if not family:
            raise MalformedRule(FILE, number, family, "the name of a family")
        if leads not in {"yes", "no"} or (leads == "yes" and family in leading):
            raise MalformedRule(FILE, number, leads, "yes for one effect of a family, else no")
        members[effect] = family
        if leads == "yes":
            leading[family] = effect
    return EffectFamilies(members, frozenset(leading.values()))


def _effect(number: int, text: str) -> Curie:
    effect = curie_of(FILE, number, text)
    if effect in GENERAL or effect == UNNAMED:
        raise MalformedRule(FILE, number, text, "an effect that names a harm")
    return effect
