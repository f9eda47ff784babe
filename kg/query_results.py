"""What of a result is given: as much as may be, and only what its format can write. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ANSWER_CHARACTERS = 32 * 2**20
"""Characters of an answer's terms after which it is cut, however few its rows are."""

_NAMED = re.compile(r".*?[A-Za-z_\u00C0-\uFFFD][\w.-]*", re.DOTALL)
_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


def cut(items: Iterable[Any], most: int) -> tuple[list[Any], bool]:
    """Take the first lines or triples, up to a number and a size; tell whether there are more."""
    kept, n_characters = list[Any](), 0
    for item in items:
        n_characters += len(str(item))
        if len(kept) == most or n_characters > MAX_ANSWER_CHARACTERS:
            return kept, True
        kept.append(item)
    return kept, False


def cell(term: object) -> str:
    """Write a term, or none, as a cell of tab-separated values."""
    return "" if term is None else str(term).replace("\t", "\\t")


def can_be_element(iri: str) -> bool:
    """Tell whether RDF/XML has a way to write a property: its IRI ends with a name of XML.

    >>> can_be_element("http://www.w3.org/2000/01/rdf-schema#label")
    True
    >>> can_be_element("http://example.org/36567")
    False
    """
    return _NAMED.fullmatch(iri) is not None


def can_be_xml(body: bytes) -> bool:
    """Tell whether a body has no character that XML 1.0 forbids."""
    return _NOT_IN_XML.search(body) is None
