"""The SPARQL 1.1 tests of the W3C, by way of the executor that strangers' queries take.

All data lie in one store, each file a graph of its own; a test sees the graphs that it names, by
the protocol's choice of a dataset. What pyoxigraph does with a test is found out beside it, in a
store that holds nothing but the data of that test.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from kg.query_errors import (
    MAX_QUERY_BYTES,
    ForbiddenQuery,
    MalformedQuery,
    QueryRefused,
    QueryTooLong,
    UnknownFunction,
    UnknownGraph,
)
from kg.rdf import STORE_MARKS
from kg.sparql import SparqlEndpoint
from tests.kg.w3c_comparing import is_same
from tests.kg.w3c_suite import BASE, Answer, Case, Suite, answer_of, table_of_csv

pytestmark = [pytest.mark.shared, pytest.mark.slow]

EVALUATIONS = frozenset({"QueryEvaluationTest", "CSVResultFormatTest"})
UPDATES = frozenset({"UpdateEvaluationTest", "PositiveUpdateSyntaxTest11"})
NOWHERE = f"{BASE}nowhere"
FORMATS = {".csv": "csv", ".tsv": "tsv", ".srj": "json"}
HAS_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
LAST_ORDER = re.compile(r"\bORDER\s+BY\b[^}]*\Z", re.IGNORECASE)
CALLS = re.compile(r"\bSERVICE\b", re.IGNORECASE)
FORMS = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
HAS_OPERATION = re.compile(rf"\b({'|'.join(FORMS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Names of the evaluation tests that pass in pyoxigraph, and those that pass through us."""

    natively: frozenset[str]
    through_us: frozenset[str]


@pytest.fixture(scope="module")
def suite(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    archive = checkout.parent / "shared" / "cases" / "w3c-sparql11.tar.xz"
    if not archive.is_file():
        pytest.skip("the file ../shared/cases/w3c-sparql11.tar.xz is not beside the checkout")
    folder = tmp_path_factory.mktemp("w3c")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return Suite(folder / "sparql" / "sparql11")


@pytest.fixture(scope="module")
def endpoint(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparqlEndpoint]:
    folder = tmp_path_factory.mktemp("graph") / "store"
    store = Store(str(folder))
    evaluated = (case for case in suite.cases if case.kind in EVALUATIONS)
    files = sorted({iri for case in evaluated for iri in (*case.data, *case.graphs)})
    quads = (Quad(*triple, NamedNode(iri)) for iri in files for triple in suite.triples(iri))
    store.bulk_extend((*quads, *STORE_MARKS))
    for iri in (*files, NOWHERE):
        store.add_graph(NamedNode(iri))
    store.flush()
    del store
    with SparqlEndpoint(folder, timeout_seconds=20) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def outcomes(suite: Suite, endpoint: SparqlEndpoint) -> Outcomes:
    cases = [case for case in suite.cases if is_evaluated(suite, case)]
    return Outcomes(
        frozenset(case.name for case in cases if passes_natively(suite, case)),
        frozenset(case.name for case in cases if passes(suite, case, endpoint)),
    )


def is_evaluated(suite: Suite, case: Case) -> bool:
    return case.kind in EVALUATIONS and not CALLS.search(suite.text(case))


def passes_natively(suite: Suite, case: Case) -> bool:
    store, text = Store(), suite.text(case)
    for iri in case.data:
        store.extend(Quad(*triple) for triple in suite.triples(iri))
    for iri in (*case.graphs, *(case.data if HAS_FROM.search(text) else ())):
        store.extend(Quad(*triple, NamedNode(iri)) for triple in suite.triples(iri))
    try:
        results = store.query(text, base_iri=case.request)
        if case.kind == "CSVResultFormatTest":
            found = table_of_csv(results.serialize(format=QueryResultsFormat.CSV).decode())
        else:
            found = answer_of(results)
    except (OSError, RuntimeError, SyntaxError, ValueError):
        return False
    return is_expected(suite, case, found)


def passes(suite: Suite, case: Case, endpoint: SparqlEndpoint) -> bool:
    text = suite.text(case)
    names_graphs = HAS_FROM.search(text) is not None
    table = FORMATS.get(Path(case.result).suffix, "xml")
    try:
        result = endpoint.query(
            f"BASE <{case.request}>\n{text}",
            table,
            "nt",
            default_graphs=() if names_graphs else case.data or (NOWHERE,),
            named_graphs=() if names_graphs else case.graphs,
        )
    except QueryRefused:
        return False
    return is_expected(suite, case, read(result.body, table, result.media_type))


def read(body: bytes, table: str, media_type: str) -> Answer:
    if media_type == RdfFormat.N_TRIPLES.media_type:
        return frozenset(quad.triple for quad in parse(body, RdfFormat.N_TRIPLES))
    if table == "csv":
        return table_of_csv(body.decode())
    known = {"tsv": QueryResultsFormat.TSV, "json": QueryResultsFormat.JSON}
    return answer_of(parse_query_results(body, known.get(table, QueryResultsFormat.XML)))


def is_expected(suite: Suite, case: Case, found: Answer) -> bool:
    in_order = LAST_ORDER.search(suite.text(case)) is not None
    return is_same(suite.expected(case), found, in_order=in_order)


def names_in(text: str) -> set[str]:
    """Names of tests, which stand in code marks after their folder."""
    return set(re.findall(r"`([\w-]+/[\w-]+)`", text))


def test_every_test_that_pyoxigraph_passes_passes_through_us(outcomes: Outcomes) -> None:
    assert len(outcomes.natively) >= 250
    assert sorted(outcomes.natively ^ outcomes.through_us) == []


def test_every_test_that_pyoxigraph_fails_is_in_the_table_with_its_reason(
    suite: Suite, outcomes: Outcomes, checkout: Path
) -> None:
    evaluated = {case.name for case in suite.cases if is_evaluated(suite, case)}
    page = (checkout / "docs" / "sparql-conformance.md").read_text(encoding="utf-8")
    assert sorted(evaluated - outcomes.natively) == sorted(names_in(page))
    passed = f"pyoxigraph {pyoxigraph.__version__} passes {len(outcomes.natively)};"
    assert f"| {len(evaluated)} | {passed}" in page


def test_what_calls_another_service_is_refused(suite: Suite, endpoint: SparqlEndpoint) -> None:
    calling = [
        suite.text(case)
        for case in suite.cases
        if case.kind in {*EVALUATIONS, "PositiveSyntaxTest11"} and CALLS.search(suite.text(case))
    ]
    assert len(calling) >= 10
    for text in calling:
        with pytest.raises(ForbiddenQuery, match="SERVICE"):
            endpoint.query(text)


def test_every_update_is_refused_by_its_form(suite: Suite, endpoint: SparqlEndpoint) -> None:
    updates = [case for case in suite.cases if case.kind in UPDATES]
    assert len(updates) >= 130
    for case in updates:
        text = suite.text(case)
        refusal = refusal_of(endpoint, text)
        if len(text) > MAX_QUERY_BYTES:
            assert isinstance(refusal, QueryTooLong)
        elif HAS_OPERATION.search(text):
            assert isinstance(refusal, ForbiddenQuery)
            assert refusal.form in FORMS
        else:
            assert isinstance(refusal, MalformedQuery)


def test_text_that_is_no_sparql_is_refused_with_its_place(
    suite: Suite, endpoint: SparqlEndpoint
) -> None:
    kinds = {"NegativeSyntaxTest11", "NegativeUpdateSyntaxTest11"}
    wrong = [case for case in suite.cases if case.kind in kinds]
    assert len(wrong) >= 60
    refusals = {case.name: refusal_of(endpoint, suite.text(case)) for case in wrong}
    assert [name for name, refusal in refusals.items() if refusal is None] == []
    for refusal in refusals.values():
        if isinstance(refusal, MalformedQuery):
            assert refusal.line >= 1
            assert refusal.column >= 1
            assert refusal.reason
        else:
            assert isinstance(refusal, ForbiddenQuery)


def test_text_that_is_sparql_is_read(suite: Suite, endpoint: SparqlEndpoint) -> None:
    right = [
        case
        for case in suite.cases
        if case.kind == "PositiveSyntaxTest11" and not CALLS.search(suite.text(case))
    ]
    assert len(right) >= 60
    texts = {case.name: f"BASE <{case.request}>\n{suite.text(case)}" for case in right}
    refusals = {name: refusal_of(endpoint, text) for name, text in texts.items()}
    unknown = {name for name, found in refusals.items() if isinstance(found, UnknownFunction)}
    assert unknown == {"syntax-query/test_4"}
    elsewhere = {name for name, found in refusals.items() if isinstance(found, UnknownGraph)}
    assert elsewhere == {"syntax-query/test_42"}
    refused = {name: str(found) for name, found in refusals.items() if found is not None}
    assert refused.keys() - unknown - elsewhere == set()


def refusal_of(endpoint: SparqlEndpoint, text: str) -> QueryRefused | None:
    try:
        endpoint.query(text, "json", "nt")
    except QueryRefused as refusal:
        return refusal
    return None
