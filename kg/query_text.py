"""The text of a query before it is parsed: its escapes written out, its words looked at. Pure."""

from __future__ import annotations

import re
import sys
from itertools import accumulate

from kg.query_errors import ForbiddenQuery, MalformedQuery

_FORBIDDEN_WORDS = frozenset(
    {"SERVICE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "INSERT", "DELETE"}
)
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_PLAIN_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    SELECT ASK CONSTRUCT DESCRIBE A AS ASC BASE BIND BY DESC DISTINCT EXISTS FALSE FILTER GRAPH
    GROUP HAVING IN LIMIT MINUS NOT OFFSET OPTIONAL ORDER PREFIX REDUCED SEPARATOR TRUE UNDEF UNION
    VALUES WHERE AVG COUNT GROUP_CONCAT MAX MIN SAMPLE SUM ABS BNODE BOUND CEIL COALESCE CONCAT
    CONTAINS DATATYPE DAY ENCODE_FOR_URI FLOOR HOURS IF IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISURI
    LANG LANGMATCHES LCASE MD5 MINUTES MONTH NOW RAND REGEX REPLACE ROUND SAMETERM SECONDS SHA1
    SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLEN STRSTARTS STRUUID
    SUBSTR TIMEZONE TZ UCASE URI UUID YEAR
    """,
    )
)
"""Words of SPARQL 1.1 that neither write nor name a place where facts are."""
_DOUBTFUL = re.compile("service|from|@[a-z0-9-]*--")
_NUMBER = re.compile(r"[0-9]+(?:E[0-9]*)?")
_MARKS = re.compile(r"(?:(?!<<|>>|\{\||\|\}|--)[ \t\n{}()\[\].,;*/|^=!<>+&?-])*")
_NESTING = {**dict.fromkeys("{([", 1), **dict.fromkeys("})]", -1)}
_DEEPEST = 32
_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
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


def plain_form(text: str) -> str | None:
    """Give the form of a query whose words alone show that it only reads, and only here.

    Nowhere in its text, not in a name nor a comment, stands SERVICE or FROM, so that no parser can
    find either, however it takes the text apart. Its words and signs are those of SPARQL 1.1, and
    it is not deeply nested. It may still be malformed. None: its syntax tree has to be looked at.
    """
    if _DOUBTFUL.search(text.casefold()):
        return None
    words = [token["word"].upper() for token in _TOKEN.finditer(text) if token["word"]]
    marks = _TOKEN.sub(" ", text)
    depths = accumulate(_NESTING.get(mark, 0) for mark in marks)
    if _MARKS.fullmatch(marks) is None or max(depths, default=0) > _DEEPEST:
        return None
    if not all(word in _PLAIN_WORDS or _NUMBER.fullmatch(word) for word in words):
        return None
    return next(filter(_FORMS.__contains__, words), None)


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


def malformed_as_said(said: str) -> MalformedQuery:
    """Read what Oxigraph says of a query that is no SPARQL."""
    place = _PLACE.match(said)
    line, column, reason = place.groups() if place else (1, 1, said)
    return MalformedQuery(int(line), int(column), reason[:200])
