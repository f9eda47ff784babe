"""Text from outside set into markdown (CommonMark), so that it stays text."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["escaped", "label", "shortened", "single_line"]

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#|~!&<>]")
_LINKS = re.compile(r"(?i)(?<=www)\.|:(?=//)|(?<=mailto):|(?<=javascript):|@")
"""What makes a link of plain text in the dialect that GitHub uses."""
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def single_line(text: str) -> str:
    r"""Give a text as one line, without characters that steer or hide.

    >>> single_line("Zocor\u202e 20 mg\n# x")
    'Zocor 20 mg # x'
    """
    spaced = " ".join(text.split())
    return "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)


def label(text: str) -> str:
    """Give a text for where no markdown is read, and none that a careless page takes for HTML.

    >>> label("<b>Zocor</b>")
    '(b)Zocor(/b)'
    """
    return single_line(text).replace("<", "(").replace(">", ")")


def escaped(text: str) -> str:
    r"""Give a text as markdown that shows it as it is: no link, no HTML, no emphasis.

    >>> print(escaped("[Zocor](http://x) <b>5*5</b>"))
    \[Zocor\]\(http\://x\) &lt;b&gt;5\*5&lt;/b&gt;
    """
    linkless = _LINKS.sub(lambda found: f"\0{found[0]}", single_line(text))
    safe = _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), linkless)
    return safe.replace("\0", "\\")


def shortened(text: str, most: int) -> str:
    """Give a text of at most so many characters, cut at a word, with an ellipsis.

    >>> shortened("Drug level increased", 12)
    'Drug level…'
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:+(") + "…"
