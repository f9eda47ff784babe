"""Salt, ester and hydrate words in drug names: two forms of one substance are two nodes."""

from __future__ import annotations

import re
from importlib.resources import files

from ontologies.fold import fold

_TABLE = files("ontologies") / "data" / "salt_words.tsv"
_KINDS = dict(line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines()[1:])

SALT_WORDS = frozenset(word for word, kind in _KINDS.items() if kind != "element")
"""Words that name a salt former, an ester group or bound water, in English spelling."""

_SEVERAL = re.compile(r"[/+;]|\band\b|\bwith\b", re.IGNORECASE)


def is_combination(name: str) -> bool:
    """Say whether a name lists more than one substance.

    >>> is_combination("sulfamethoxazole / trimethoprim")
    True
    """
    return _SEVERAL.search(name) is not None


def moiety(name: str) -> str:
    """Give the folded name without its trailing salt words; the first word always stays.

    >>> moiety("Metoprolol Succinate"), moiety("potassium chloride")
    ('metoprolol', 'potassium')
    """
    words = fold(name).split()
    while len(words) > 1 and words[-1] in SALT_WORDS:
        words.pop()
    return " ".join(words)


def ingredient(name: str) -> str | None:
    """Give the folded name of the substance that a salt name is about; `None` when there is none.

    What remains of an inorganic salt (potassium chloride) is no medicine by itself, and a nitrate
    ester (isosorbide mononitrate) acts otherwise than its base.

    >>> ingredient("metoprolol succinate"), ingredient("silver nitrate")
    ('metoprolol', None)
    """
    base = moiety(name)
    if base in _KINDS or any(_KINDS.get(word) == "nitrate ester" for word in fold(name).split()):
        return None
    return base


def differ_in_form(left: str, right: str) -> str | None:
    """Say in which plain way two names mean different things; `None` when no rule tells.

    Unlike names of one substance (acetaminophen, paracetamol) are not told apart here: only a salt
    against its base or another salt, and a combination against a single substance, are.

    >>> differ_in_form("metoprolol", "metoprolol tartrate")
    'salt form'
    """
    if is_combination(left) != is_combination(right):
        return "combination"
    if fold(left) != fold(right) and moiety(left) == moiety(right):
        return "salt form"
    return None
