"""What a SPARQL endpoint says of itself: SPARQL 1.1 Service Description and VoID. Pure.

Both are N-Triples, made from what the store says of its own graphs and from the address at which
it answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.nquads import BASE, COMMON_PREFIXES, TYPE, VOID_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID_QUERY = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{VOID_GRAPH}> {{ ?s ?p ?o }} }}"
"""Asks a store for what it says of its graphs."""

SPACES = {
    **{name: COMMON_PREFIXES[name] for name in ("dcterms", "owl", "prov", "rdf", "rdfs", "void")},
    "coprescribe": BASE,
    "sd": "http://www.w3.org/ns/sparql-service-description#",
}
"""Prefixes with which a description reads well."""
_SD = SPACES["sd"]
_VOID = COMMON_PREFIXES["void"]
_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)
"""Formats of results by their names at https://www.w3.org/ns/formats/."""
_DATASET = f"<{BASE}dataset>"
_SUBSET = re.compile(rf"^{re.escape(_DATASET)} <{re.escape(_VOID)}subset> (<[^>]*>) \.$", re.M)


def void_description(void: bytes, endpoint: str) -> bytes:
    """Give the VoID description of a store whose endpoint has an address, as N-Triples."""
    return _sorted(void, f"{_DATASET} <{_VOID}sparqlEndpoint> <{endpoint}> .\n")


def service_description(void: bytes, endpoint: str) -> bytes:
    """Describe an endpoint at an address, its dataset and every named graph, as N-Triples."""
    service = f"<{endpoint}>"
    told = {
        TYPE: [f"<{_SD}Service>"],
        f"<{_SD}endpoint>": [service],
        f"<{_SD}supportedLanguage>": [f"<{_SD}SPARQL11Query>"],
        f"<{_SD}feature>": [f"<{_SD}UnionDefaultGraph>"],
        f"<{_SD}defaultEntailmentRegime>": ["<http://www.w3.org/ns/entailment/Simple>"],
        f"<{_SD}resultFormat>": [f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS],
        f"<{_SD}defaultDataset>": [_DATASET],
    }
    lines = [f"{service} {name} {one} .\n" for name, all_told in told.items() for one in all_told]
    return "".join(lines).encode() + _sorted(void, *_dataset(void))


def _dataset(void: bytes) -> Iterator[str]:
    """The graphs that a query sees: the union of all by default, and each by its name."""
    yield (
        f"{_DATASET} {TYPE} <{_SD}Dataset> .\n"
        f"{_DATASET} <{_SD}defaultGraph> _:union .\n"
        f"_:union {TYPE} <{_SD}Graph> .\n"
    )
    graphs = sorted({*_SUBSET.findall(void.decode()), f"<{VOID_GRAPH}>"})
    for number, graph in enumerate(graphs):
        named = f"_:graph{number:03}"
        yield (
            f"{_DATASET} <{_SD}namedGraph> {named} .\n"
            f"{named} {TYPE} <{_SD}NamedGraph> .\n"
            f"{named} <{_SD}name> {graph} .\n"
            f"{named} <{_SD}graph> {graph} .\n"
            f"{graph} {TYPE} <{_SD}Graph> .\n"
        )


def _sorted(void: bytes, *more: str) -> bytes:
    lines = {*void.splitlines(keepends=True), *"".join(more).encode().splitlines(keepends=True)}
    return b"".join(sorted(lines))
