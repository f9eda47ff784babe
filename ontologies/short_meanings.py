"""What an abbreviation means, or a name of so few letters that a source alone is not believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from ontologies.fold import fold
from ontologies.name_index import KINDS, NameIndex
from ontologies.resolution import Candidate, Resolution
from ontologies.short_names import Abbreviation, is_short, short_name
from ontologies.usual_names import usual_names

BY_TABLE = 95.0
"""Score of what the table of abbreviations says."""
_BEGUN = 60.0
_MOST_BEGUN = 400
"""So many names that begin with a few letters are looked at."""
_VOUCHED = frozenset({"brand", "french", "generic"})


class Names(Protocol):
    """Looks names up."""

    @property
    def index(self) -> NameIndex:
        """All names."""

    def name(self, curie: str) -> str:
        """Give the preferred name of a drug."""

    def named(self, text: str, limit: int) -> Resolution | None:
        """Give what a name means."""


def meaning_of_short(
    name: str, held: Resolution | None, names: Names, limit: int
) -> Resolution | None:
    """Give what a name means where it is short; as it is held, where it is not."""
    folded = fold(name)
    short = short_name(folded)
    if short:
        return _by_table(name, short, held, names, limit)
    if held is None or not is_short(folded) or _is_vouched(name, held.candidates, names.index):
        return held
    begun = sorted(_begun(folded, names), key=lambda hit: (len(hit.name), hit.name))
    found = {hit.curie: hit for hit in (*begun[: limit - 1], *held.candidates)}
    return Resolution(held.query, "ambiguous", None, tuple(found.values())[:limit])


def _by_table(
    name: str, short: Abbreviation, held: Resolution | None, names: Names, limit: int
) -> Resolution | None:
    """Give what the table says, which outweighs the synonyms of sources."""
    told = [names.named(each, limit) for each in short.alone]
    found = tuple(dict.fromkeys(each.candidate for each in told if each and each.candidate))
    if not found:
        return held
    if len(short.alone) > 1:
        return Resolution(name, "ambiguous", None, found[:limit])
    one = held.candidate if held else None
    if one and (one.curie == found[0].curie or one.name == one.matched):
        return held
    choice = replace(found[0], matched=found[0].name, score=BY_TABLE)
    return Resolution(name, "resolved", choice, (choice,))


def _begun(folded: str, names: Names) -> Iterator[Candidate]:
    """Yield the drugs of which something is said and whose own name begins so."""
    index = names.index
    for key in index.keys_that_begin(folded, _MOST_BEGUN):
        for row in index.rows(key):
            drug = int(index.row_drugs[row])
            if KINDS[int(index.kinds[row])] == "name" and index.standing(drug) == "covered":
                curie = index.drugs[drug]
                yield Candidate(curie, names.name(curie), index.row_names[row], _BEGUN)


def _is_vouched(name: str, found: Sequence[Candidate], index: NameIndex) -> bool:
    """Say whether a short name is a drug's own, a brand, or stands in a hand-kept table."""
    folded = fold(name)
    if name.lower() in usual_names() or any(fold(hit.name) == folded for hit in found):
        return True
    key = index.key(folded)
    rows = () if key is None else index.rows(key)
    return any(KINDS[int(index.kinds[row])] in _VOUCHED for row in rows)
