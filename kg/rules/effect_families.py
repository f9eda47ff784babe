"""Reads the table of effects that are one clinical problem."""

from __future__ import annotations

from pathlib import Path

from kg.rules.strengths import MalformedRule
from kg.screening.effects import GENERAL, UNNAMED, EffectFamilies
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie, MalformedCurie

FILE = "effect_families.tsv"
_COLUMNS = ("family", "effect_id", "effect_name", "leads")


def load_effect_families(folder: Path = FOLDER) -> EffectFamilies:
    """Read ``effect_families.tsv``; which effects are one problem is a decision of ours.

    Raises:
        MalformedRule: An effect is no CURIE, is a general one or stands twice, a family has no
            name, or two effects lead it.
        MalformedSource: The file lacks a column.
    """
    frame = read_table("curated", folder / FILE, _COLUMNS)
    members: dict[Curie, str] = {}
    leading: dict[str, Curie] = {}
    rows = frame[list(_COLUMNS)].itertuples(index=False, name=None)
    for row, (family, text, _, leads) in enumerate(rows, start=2):
        effect = _effect(row, str(text))
        if effect in members:
            raise MalformedRule(FILE, row, str(text), "an effect of one family alone")
        if not family:
            raise MalformedRule(FILE, row, str(family), "the name of a family")
        if leads not in {"yes", "no"} or (leads == "yes" and family in leading):
            raise MalformedRule(FILE, row, str(leads), "yes for one effect of a family, else no")
        members[effect] = str(family)
        if leads == "yes":
            leading[str(family)] = effect
    return EffectFamilies(members, frozenset(leading.values()))


def _effect(row: int, text: str) -> Curie:
    try:
        effect = Curie.parse(text)
    except MalformedCurie as error:
        raise MalformedRule(FILE, row, text, "the CURIE of an effect") from error
    if effect in GENERAL or effect == UNNAMED:
        raise MalformedRule(FILE, row, text, "an effect that names a harm")
    return effect
