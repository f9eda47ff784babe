"""The text of a query before it is parsed: its escapes written out, its words looked at. Pure."""

from __future__ import annotations

import re
import sys

from kg.query_errors import ForbiddenQuery, MalformedQuery

_FORBIDDEN_WORDS = frozenset(
    {"SERVICE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "INSERT", "DELETE"}
)
_TOKEN = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>
    | \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
    | \#[^\n]* | [?$@][\w-]+ | [\w.-]*:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*
    | (?P<word>\w+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\[uU]|[\ud800-\udfff]")


def refuse_words(text: str) -> None:
    """Make sure that no word of a query, outside of names, texts and comments, is an update's.

    Raises:
        ForbiddenQuery: One is; it is named.
    """
    for token in _TOKEN.finditer(text):
        if (token["word"] or "").upper() in _FORBIDDEN_WORDS:
            raise ForbiddenQuery(token["word"].upper())


def without_escapes(text: str) -> str:
    """Write code point escapes out; one that could stand for syntax would be read two ways.

    Raises:
        MalformedQuery: There is such a one, or it is no code point.
    """

    def written_out(found: re.Match[str]) -> str:
        point = int(found[1] or found[2] or "0", 16)
        if not 0x7F < point <= sys.maxunicode or 0xD800 <= point <= 0xDFFF:
            reason = f"{found[0]!a} is not read here; write the character itself"
            raise malformed_at(text, found.start(), reason)
        return chr(point)

    return _ESCAPE.sub(written_out, text)


def place_of_prefix(text: str, prefix: str) -> int:
    """Find where a query first uses a prefix, outside of texts, comments and IRIs; else 0."""
    uses = (token for token in _TOKEN.finditer(text) if token[0].startswith(f"{prefix}:"))
    return next((token.start() for token in uses), 0)


def malformed_at(text: str, offset: int, reason: str) -> MalformedQuery:
    """Say what is wrong at a place in the text of a query, by line and column."""
    before = text[:offset]
    return MalformedQuery(before.count("\n") + 1, offset - before.rfind("\n"), reason)
