"""CURIEs: parse a written identifier once, give its prefix one spelling, turn it into a URI."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple, Self

from curies import Converter, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

PREFIX_TABLE = files("ontologies") / "data" / "prefixes.tsv"
_COLUMNS = ["prefix", "uri_prefix", "synonyms", "pattern"]


class MalformedCurie(ValueError):
    """A text is not a CURIE, or its identifier has not the form that its prefix asks for."""

    def __init__(self, value: str, expected: str = "prefix:identifier without blanks") -> None:
        super().__init__(f"{value!r} is not a CURIE; expected {expected}")
        self.value = value


class UnknownPrefix(LookupError):
    """A prefix, or the start of a URI, that the prefix map does not hold."""

    def __init__(self, prefix: str, known: Iterable[str]) -> None:
        super().__init__(f"no prefix is written {prefix!r}; known: {', '.join(sorted(known))}")
        self.prefix = prefix


class MalformedPrefixTable(ValueError):
    """A prefix table whose header or rows cannot be read."""


class Curie(NamedTuple):
    """A prefix and the identifier that it makes unique; compares and sorts as the pair of both.

    A tuple, where other values are frozen dataclasses: one answer hashes some thousand of them.

    >>> Curie.parse("RXCUI:36567")
    Curie(prefix='RXCUI', identifier='36567')
    >>> str(Curie("DOI", "10.1000/a:b"))
    'DOI:10.1000/a:b'
    """

    prefix: str
    identifier: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `prefix:identifier` as written; the first colon divides.

        Raises MalformedCurie when either side is missing or a blank stands anywhere.
        """
        prefix, _, identifier = text.partition(":")
        if not prefix or not identifier or len(text.split(None, 1)) != 1 or text != text.strip():
            raise MalformedCurie(text)
        return cls(prefix, identifier)

    def __str__(self) -> str:
        """Give the CURIE as text, `prefix:identifier`."""
        return f"{self.prefix}:{self.identifier}"


class PrefixMap:
    """The prefixes in use: their one spelling, their URI space, the form of their identifiers."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Index prefix records; a spelling shared by two records is a ValueError."""
        self._converter = Converter(list(records))
        self._spellings: dict[str, str] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        for record in self._converter.records:
            self._index(record)

    def _index(self, record: Record) -> None:
        for spelling in (record.prefix, *record.prefix_synonyms):
            holder = self._spellings.setdefault(spelling.casefold(), record.prefix)
            if holder != record.prefix:
                raise MalformedPrefixTable(
                    f"{spelling!r} is claimed by both {holder!r} and {record.prefix!r}"
                )
        self._patterns[record.prefix] = re.compile(record.pattern or r"\S+")

    @classmethod
    def load(cls, table: Traversable = PREFIX_TABLE) -> Self:
        """Read a prefix table (columns prefix, uri_prefix, synonyms joined with |, pattern)."""
        lines = table.read_text(encoding="utf-8").splitlines()
        reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if reader.fieldnames != _COLUMNS:
            found = reader.fieldnames
            raise MalformedPrefixTable(f"{table} has columns {found}; expected {_COLUMNS}")
        return cls([_record(row) for row in reader])

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Every prefix in its one spelling, sorted."""
        return tuple(sorted(self._patterns))

    def standard_prefix(self, prefix: str) -> str:
        """Give the one spelling of a prefix, whatever its case or synonym; raises UnknownPrefix."""
        try:
            return self._spellings[prefix.casefold()]
        except KeyError:
            raise UnknownPrefix(prefix, self._patterns) from None

    def standard(self, text: str) -> Curie:
        """Read a CURIE in any known spelling and give it in the one spelling.

        An identifier that repeats its prefix (`CHEBI:CHEBI:27732`) loses the repetition. Raises
        UnknownPrefix for a prefix not in the map and MalformedCurie for an identifier of another
        form than its prefix asks for.

        >>> str(PrefixMap.load().standard("rxnorm:36567"))
        'RXCUI:36567'
        """
        written = Curie.parse(text)
        prefix = self.standard_prefix(written.prefix)
        identifier = written.identifier
        head, _, rest = identifier.partition(":")
        if rest and self._spellings.get(head.casefold()) == prefix:
            identifier = rest
        pattern = self._patterns[prefix]
        if pattern.fullmatch(identifier) is None:
            raise MalformedCurie(text, f"an identifier of {prefix} of the form {pattern.pattern}")
        return Curie(prefix, identifier)

    def expand(self, curie: Curie) -> str:
        """Give the URI of a CURIE; raises UnknownPrefix."""
        uri = self._converter.expand_pair(self.standard_prefix(curie.prefix), curie.identifier)
        if uri is None:
            raise UnknownPrefix(curie.prefix, self._patterns)
        return uri

    def compress(self, uri: str) -> Curie:
        """Give the CURIE of a URI, by the longest URI space that fits; raises UnknownPrefix."""
        found = self._converter.parse_uri(uri)
        if found is None or not found.identifier:
            raise UnknownPrefix(uri, self._patterns)
        return Curie(found.prefix, found.identifier)

    @property
    def uri_prefixes(self) -> Mapping[str, str]:
        """URI space by prefix, for the head of a SPARQL query or a Turtle file."""
        return {record.prefix: record.uri_prefix for record in self._converter.records}


def _record(row: Mapping[str, str]) -> Record:
    return Record(
        prefix=row["prefix"],
        uri_prefix=row["uri_prefix"],
        prefix_synonyms=[name for name in row["synonyms"].split("|") if name],
        pattern=row["pattern"],
    )


@lru_cache(maxsize=1)
def default_prefixes() -> PrefixMap:
    """Give the shipped prefix map, read once per process."""
    return PrefixMap.load()
