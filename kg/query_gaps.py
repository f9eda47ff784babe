"""What a triple of a query that no parser reads lacks: its predicate, its object. Pure.

The parsers name the place where they gave up and what they would have liked there, which for
``{ ?x ?y }`` is the brace before it, or a keyword.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.query_text import malformed_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.query_errors import MalformedQuery

_PART = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    | (?P<term><[^<>"{}|^`\\\x00-\x20]*>
        | (?:"{3}(?:[^"\\]|\\.|"(?!""))*"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}
            | "(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')(?:@[\w-]+)?
        | [?$]\w+ | [+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)
        | [\w-]*(?:\.[\w-]+)*:(?:[\w:-]|\.(?=[\w:-])|%[0-9A-Fa-f]{2}|\\.)* | (?:a|true|false)(?!\w))
    | (?P<word>\w+) | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_ENDS = frozenset("{}.;")
_LACKS = {1: "a predicate and an object are missing", 2: "an object is missing"}


def missing_term(text: str) -> MalformedQuery | None:
    """Say which triple of a query, the first such, is not whole; the place is where it ends.

    Only plain triples are looked at, up to their first semicolon: no paths, lists nor brackets.
    """
    for terms in _terms(text):
        if len(terms) in _LACKS:
            start, end = terms[0].start(), terms[-1].end()
            reason = f"{text[start:end]!r} is no triple: {_LACKS[len(terms)]}"
            return malformed_at(text, end, reason)
    return None


def _terms(text: str) -> Iterator[list[re.Match[str]]]:
    """Terms that stand alone between two marks, in a group and not among data."""
    terms: list[re.Match[str]] | None = None
    is_data = False
    for part in _PART.finditer(text):
        if part["term"] and terms is not None:
            terms.append(part)
        elif part["mark"] in _ENDS:
            if terms and part["mark"] != "{":
                yield terms
            is_data = is_data and part["mark"] == "{"
            terms = None if is_data or part["mark"] == ";" else []
        elif not part["blank"]:
            terms = None
            is_data = is_data or (part["word"] or "").upper() == "VALUES"
