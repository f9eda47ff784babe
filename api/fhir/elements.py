"""Reading elements of FHIR resources as they come: plain JSON, of R4 or STU3, perhaps faulty.

Nothing here fails: an element of another shape than FHIR gives it counts as not stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = [
    "Coding",
    "Resource",
    "codings",
    "concept_texts",
    "day_of",
    "first_code",
    "mapping_of",
    "mappings_of",
    "number_of",
    "reference_of",
    "text_of",
]

Resource = Mapping[str, Any]
_NOTHING: Resource = {}
_MOST_TEXT = 2000
"""Longest text of an element that is read, in characters; names and codes are far shorter."""
_DATE_PARTS = (4, 7, 10)
"""Lengths of a FHIR date that gives the year, the month too, the day too."""


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of a concept; what is not stated is empty."""

    system: str
    code: str
    display: str


def text_of(value: object) -> str:
    """Give a text without blanks around it, or an empty one; a long one is cut."""
    return " ".join(value[:_MOST_TEXT].split()) if isinstance(value, str) else ""


def mapping_of(value: object) -> Resource:
    """Give an object, or an empty one; of a list, which STU3 has in some places, the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, Mapping) else _NOTHING


def mappings_of(value: object) -> Iterator[Resource]:
    """Yield the objects of a list, or the one object that stands where a list may."""
    listed = value if isinstance(value, list) else [value]
    return (each for each in listed if isinstance(each, Mapping))


def codings(concept: object) -> Iterator[Coding]:
    """Yield the codes of a CodeableConcept, a Coding, or of a list of either.

    A plain text, as STU3 writes a status, is a code without a system.
    """
    if isinstance(concept, str) and text_of(concept):
        yield Coding("", text_of(concept), "")
    for one in mappings_of(concept):
        held = one.get("coding")
        for coding in mappings_of(one if held is None else held):
            told = (text_of(coding.get(part)) for part in ("system", "code", "display"))
            found = Coding(*told)
            if found.code or found.display:
                yield found


def concept_texts(concept: object) -> tuple[str, ...]:
    """Give what a CodeableConcept is called: its text, then the displays of its codes."""
    texts = [text_of(one.get("text")) for one in mappings_of(concept)]
    texts += [coding.display for coding in codings(concept)]
    return tuple(dict.fromkeys(text for text in texts if text))


def first_code(concept: object) -> str:
    """Give the first code of a concept, such as the word of a status; empty without one."""
    return next((coding.code for coding in codings(concept) if coding.code), "")


def reference_of(value: object) -> str:
    """Give the text of a Reference, or of a plain one, as written; empty without one."""
    return text_of(mapping_of(value).get("reference")) or text_of(value)


def number_of(value: object) -> float | None:
    """Give a number that JSON holds; a truth value is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def day_of(value: object) -> date | None:
    """Give the day of a FHIR date or dateTime; the first day of a month or year that stands alone.

    >>> [str(day_of(text)) for text in ("2019-04-01T10:00:00Z", "2019-04", "2019", "soon")]
    ['2019-04-01', '2019-04-01', '2019-01-01', 'None']
    """
    text = text_of(value).partition("T")[0]
    if len(text) not in _DATE_PARTS:
        return None
    try:
        return date.fromisoformat(f"{text}-01-01"[:10] if len(text) < 10 else text)
    except ValueError:
        return None
