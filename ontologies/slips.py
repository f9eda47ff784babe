"""When a name with one wrong letter may be taken for a name that is held, and when it may not.

A wrong drug is worse than no drug, so a slip is forgiven only where no other drug is near. How
near that is rests on measurements (`docs/lexicon.md`).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ontologies.fold import fold
from ontologies.letters import BITS_PER_EDIT, differing_bits
from ontologies.name_index import KINDS, NameIndex
from ontologies.salts import SALT_WORDS

CONFUSABLE_TABLE = files("ontologies") / "data" / "confusable.tsv"
"""Names that people have confused: left, right, the list that says so."""

_GENERIC = frozenset({KINDS.index("name"), KINDS.index("generic")})
FAR = 2
"""Names more edits away than this are no rivals."""
LEAST_LETTERS = 6
"""Shortest word in which one wrong letter is forgiven."""
LEAST_LETTERS_FIRST = 9
"""Shortest word in which the first letter may be the wrong one."""


@dataclass(frozen=True, slots=True)
class Near:
    """A held name near a query: its key, the edits between, and the drugs it names."""

    key: int
    text: str
    edits: int
    owners: frozenset[int]
    own_of_medicine: int | None
    """The one covered drug whose own name, or other generic name, it is."""


@lru_cache(maxsize=1)
def confusable() -> Mapping[str, frozenset[str]]:
    """Give, for each name of the table of confusable names, those it has been confused with."""
    lines = CONFUSABLE_TABLE.read_text(encoding="utf-8").splitlines()
    partners: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        left, right = fold(row["left"]), fold(row["right"])
        partners[left].add(right)
        partners[right].add(left)
    return {name: frozenset(others) for name, others in partners.items()}


def near_names(index: NameIndex, query: str) -> list[Near]:
    """Give the names that at most `FAR` edits part from a query, the nearest first."""
    places = keys_alike(index, query, FAR, FAR * BITS_PER_EDIT)
    texts = [index.keys[place] for place in places]
    found = process.extract(query, texts, scorer=OSA.distance, score_cutoff=FAR, limit=None)
    near = [_near(index, places[at], text, int(edits)) for text, edits, at in found]
    return sorted(near, key=lambda name: (name.edits, name.text))


def keys_alike(index: NameIndex, query: str, letters: int, bits: int) -> list[int]:
    """Give the keys whose length and whose marks differ from a query by no more than this."""
    least, most = len(query) - letters, len(query) + letters
    start, end = np.searchsorted(index.lengths, (least, most + 1))
    differing = differing_bits(query, index.marks[start:end])
    return [int(key) for key in index.by_length[start:end][differing <= bits]]


def meant_by_slip(query: str, near: Sequence[Near]) -> int | None:
    """Give the drug that a name with one wrong letter means; `None` where it is not certain.

    It is the medicine of which one own name is one letter away, unless any name of another drug is
    one edit away, or the own name of another medicine is two, or a name with which it has been
    confused (`CONFUSABLE_TABLE`) is two, whether that is held or not.
    """
    meant = {n.own_of_medicine: n for n in near if n.edits == 1 and is_one_slip(query, n.text)}
    meant.pop(None, None)
    if len(meant) != 1:
        return None
    drug, name = next(iter(meant.items()))
    mistakable = confusable().get(name.text, frozenset())
    if any(OSA.distance(query, other) <= FAR for other in mistakable):
        return None
    rivals = (other for other in near if not other.owners <= {drug})
    if any(other.edits == 1 or other.own_of_medicine is not None for other in rivals):
        return None
    return drug


def is_one_slip(query: str, key: str) -> bool:
    """Say whether two names differ by one letter inside one long word.

    The first letter may be the wrong one in a longer word only, and none may stand before it: a
    text that lacks the beginning of its name is not told from a name by that.
    """
    written, meant = query.split(), key.split()
    if len(written) != len(meant):
        return False
    unlike = [pair for pair in zip(written, meant, strict=True) if pair[0] != pair[1]]
    if len(unlike) != 1:
        return False
    left, right = unlike[0]
    return (
        min(len(left), len(right)) >= LEAST_LETTERS
        and left.isalpha()
        and right.isalpha()
        and (left[0] == right[0] or (len(right) >= LEAST_LETTERS_FIRST and left[1:] != right))
        and OSA.distance(left, right) == 1
    )


def with_salt_spelt(name: str) -> str:
    """Give a folded name whose last word, if it is one letter from one long salt word, is that.

    >>> with_salt_spelt("amiodarone hydrocholoride")
    'amiodarone hydrochloride'
    """
    *firsts, last = name.split() or [""]
    if not firsts or last in SALT_WORDS or len(last) < LEAST_LETTERS_FIRST:
        return name
    meant = [word for word in sorted(SALT_WORDS) if OSA.distance(last, word, score_cutoff=1) == 1]
    return " ".join((*firsts, *meant)) if len(meant) == 1 else name


def _near(index: NameIndex, key: int, text: str, edits: int) -> Near:
    rows = index.rows(key)
    own = {int(index.row_drugs[row]) for row in rows if index.kinds[row] == 0}
    owners = frozenset(own if len(own) == 1 else (int(index.row_drugs[row]) for row in rows))
    generic = {int(index.row_drugs[row]) for row in rows if index.kinds[row] in _GENERIC}
    medicines = [drug for drug in generic if index.standing(drug) == "covered"]
    return Near(key, text, edits, owners, medicines[0] if len(medicines) == 1 else None)
