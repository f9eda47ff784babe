"""How a medicine is given, as far as the text that names it says so: a gel, an eye drop, a tablet.

A word for a place (``ophthalmic``) counts before one for a form (``gel``), and words that disagree
say nothing: what is not known must not be taken for harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from kg.rules.routes import Routes, load_routes
from kg.rules.rows import one_of, rows_of

__all__ = ["place_of", "route_in", "route_in_all"]

_FOLDER = Path(__file__).parent
_FILE = "dose_forms.tsv"
PLACE, FORM = "place", "form"
_TOPICAL, _ABSORBED = "topical", "transdermal"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KEPT = 8192


@lru_cache(maxsize=1)
def _words() -> Mapping[str, tuple[str, str]]:
    """What a word tells, and of which route, by the word in lower case."""
    rows = rows_of(_FOLDER, _FILE, ("written", "route", "tells", "reference"), ("written",))
    return {
        row["written"]: (one_of(_FILE, number, row["tells"], (PLACE, FORM)), row["route"])
        for number, row in rows
    }


@lru_cache(maxsize=1)
def _absorbed() -> frozenset[str]:
    """Substances that are put on the skin to reach the whole body."""
    rows = rows_of(_FOLDER, "absorbed.tsv", ("name", "reference"), ("name",))
    return frozenset(row["name"] for _, row in rows)


@lru_cache(maxsize=1)
def _routes() -> Routes:
    return load_routes()


def place_of(route: str | None) -> str | None:
    """Give where a drug acts that acts where it is put; ``None`` where it is for the whole body.

    >>> place_of("Eye drops"), place_of("by mouth"), place_of(None)
    ('ophthalmic', None, None)
    """
    found = _routes().read(route or "")
    return found if found in _routes().local else None


@lru_cache(_KEPT)
def route_in(text: str) -> str | None:
    """Give the route that the text of a medicine tells; ``None`` where it tells none, or several.

    >>> route_in("diclofenac 1% gel"), route_in("Timolol 5 MG/ML Ophthalmic Solution")
    ('topical', 'ophthalmic')
    >>> route_in("ibuprofen 200 mg gel capsule"), route_in("testosterone 1% gel")
    (None, 'transdermal')
    """
    plain = text.casefold()
    words = _WORD.findall(plain)
    told = [_words()[word] for word in words if word in _words()]
    places = {route for tells, route in told if tells == PLACE}
    found = places or {route for _, route in told}
    if len(found) > 1:
        found -= {_TOPICAL} if places else set()
    if len(found) != 1:
        return None
    (route,) = found
    is_absorbed = route == _TOPICAL and any(name in plain for name in _absorbed())
    return _ABSORBED if is_absorbed else route


def route_in_all(texts: Iterable[str]) -> str | None:
    """Give the one route that some texts of one medicine tell; ``None`` where they disagree."""
    told = {route for text in texts if (route := route_in(text))}
    return told.pop() if len(told) == 1 else None
