"""One written form for names that differ only in case, accents, blanks or punctuation."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN_WORDS = re.compile(r"[^0-9a-z]+")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_GREEK = str.maketrans(
    {
        "\u03b1": " alpha ",
        "\u03b2": " beta ",
        "\u03b3": " gamma ",
        "\u03b4": " delta ",
        "\u03c9": " omega ",
    }
)


def without_accents(text: str) -> str:
    """Take accents and ligatures off, keeping case and everything else.

    >>> without_accents("bêta-méthasone")
    'beta-methasone'
    """
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def fold(text: str) -> str:
    """Give the lower-case words of a name, parted by single blanks.

    >>> fold("  Acétylsalicylique (acide)")
    'acetylsalicylique acide'
    """
    if text.isascii():
        return _BETWEEN_WORDS.sub(" ", text.lower().replace("'", "")).strip()
    plain = without_accents(text.casefold()).casefold().translate(_GREEK)
    return _BETWEEN_WORDS.sub(" ", plain.replace("'", "").replace("\u2019", "")).strip()
