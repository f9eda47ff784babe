"""``/sparql`` follows the SPARQL 1.1 Protocol, by our own questions and by the W3C's tests."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF

from api.app import create_app
from api.deps import current_endpoint
from api.sparql_protocol import TABLES, TRIPLES
from api.state import State
from kg.nquads import BASE, GRAPH_BASE, NAMES_GRAPH, VOCABULARY_GRAPH, VOID_GRAPH
from kg.rdf import STORE_MARKS
from kg.sparql import SparqlEndpoint
from tests.api.w3c_protocol import BASE as W3C
from tests.api.w3c_protocol import Exchange, ours, protocol_tests

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
LABELLED = "ASK { RXCUI:36567 rdfs:label ?name }"
HAS_LABELS = f"ASK {{ GRAPH <{NAMES_GRAPH}> {{ RXCUI:36567 rdfs:label ?name }} }}"
PLAIN = {"content-type": "application/sparql-query"}
SYNTAXES = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}
MISSING = f"{GRAPH_BASE}ansm/1999-01"


# --- which graphs


@pytest.mark.parametrize(
    ("query", "graphs", "seen"),
    [
        (LABELLED, {}, True),
        (LABELLED, {"default-graph-uri": NAMES_GRAPH}, True),
        (LABELLED, {"default-graph-uri": VOCABULARY_GRAPH}, False),
        (LABELLED, {"default-graph-uri": [VOCABULARY_GRAPH, NAMES_GRAPH]}, True),
        (LABELLED, {"default-graph-uri": ""}, True),
        (LABELLED, {"named-graph-uri": NAMES_GRAPH}, False),
        (HAS_LABELS, {"named-graph-uri": [VOCABULARY_GRAPH, NAMES_GRAPH]}, True),
        (HAS_LABELS, {"named-graph-uri": VOCABULARY_GRAPH}, False),
        (LABELLED.replace("ASK", "ASK FROM <graph/names>"), {}, True),
        (
            LABELLED.replace("ASK", f"ASK FROM <{VOCABULARY_GRAPH}>"),
            {"default-graph-uri": NAMES_GRAPH},
            True,
        ),
    ],
)
def test_a_query_sees_the_graphs_that_are_chosen_however_it_is_sent(
    client: TestClient, query: str, graphs: dict[str, str | list[str]], seen: bool
) -> None:
    answers = (
        client.get("/sparql", params={"query": query, **graphs}),
        client.post("/sparql", data={"query": query, **graphs}),
        client.post("/sparql", content=query, params=graphs, headers=PLAIN),
        client.post("/sparql", data={"query": query}, params=graphs),
    )
    assert [answer.json()["boolean"] for answer in answers] == [seen] * 4


def test_a_relative_name_is_of_this_store(client: TestClient) -> None:
    query = "ASK { <pair/RXCUI.21212--RXCUI.36567> a coprescribe:DrugPair }"
    assert client.get("/sparql", params={"query": query}).json()["boolean"] is True


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (MISSING, f"there is no graph <{MISSING}>"),
        ("http://example.org/data.ttl", "not allowed"),
        ("file:///etc/passwd", "not allowed"),
    ],
)
def test_a_graph_that_is_not_here_is_no_empty_graph(
    client: TestClient, graph: str, said: str
) -> None:
    for name in ("default-graph-uri", "named-graph-uri"):
        response = client.get("/sparql", params={"query": "ASK {}", name: graph})
        assert response.status_code == 400
        assert said in response.json()["detail"]
    response = client.get("/sparql", params={"query": f"ASK FROM <{graph}> {{}}"})
    assert response.status_code == 400


def test_the_reason_for_a_missing_graph_leads_to_those_that_there_are(client: TestClient) -> None:
    refused = client.get("/sparql", params={"query": "ASK {}", "default-graph-uri": MISSING})
    query = refused.json()["detail"].partition("ask: ")[2]
    listed = client.get("/sparql", params={"query": query, "format": "csv"}).text.split()
    assert NAMES_GRAPH in listed


# --- what is refused


@pytest.mark.parametrize(
    ("method", "address", "content", "media_type", "status"),
    [
        ("GET", "?update=CLEAR%20ALL", "", "", 400),
        ("GET", "?query=ASK{}&update=CLEAR%20ALL", "", "", 400),
        ("POST", "", "update=CLEAR%20ALL", "application/x-www-form-urlencoded", 400),
        ("POST", "", "CLEAR ALL", "application/sparql-update", 400),
        ("POST", "", "CLEAR ALL", "application/sparql-query", 400),
        ("POST", "?using-graph-uri=x", "ASK {}", "application/sparql-query", 400),
        ("GET", "?query=ASK{}&query=ASK{}", "", "", 422),
        ("POST", "?query=ASK{}", "ASK {}", "application/sparql-query", 422),
        ("GET", "?query=%FF", "", "", 422),
        ("GET", "?default-graph-uri=x", "", "", 422),
        ("GET", "?query=ASK{}&" + "a=b&" * 300, "", "", 422),
        ("POST", "", "query=%FF", "application/x-www-form-urlencoded", 422),
        ("POST", "", "format=json", "application/x-www-form-urlencoded", 422),
        ("POST", "", "ASK {}", "application/sparql-query; charset=UTF-16", 415),
        ("POST", "", "ASK {}", "text/plain", 415),
        ("POST", "", "ASK {}", ";;", 415),
        ("PUT", "?query=ASK{}", "", "", 405),
    ],
)
def test_what_is_no_query_of_the_protocol_is_a_problem(
    client: TestClient, method: str, address: str, content: str, media_type: str, status: int
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = client.request(method, f"/sparql{address}", content=content, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if "update" in address + content + media_type:
        assert "an update is not allowed here" in response.json()["detail"]


# --- what the endpoint says of itself


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("media_type", SYNTAXES)
def test_without_a_query_the_endpoint_describes_itself_and_every_graph(
    client: TestClient, media_type: str
) -> None:
    response = client.get("/sparql", headers={"accept": media_type})
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert "accept" in response.headers["vary"].lower()
    told = Graph().parse(data=response.content, format=SYNTAXES[media_type])
    service = URIRef("http://testserver/sparql")
    assert (service, SD.endpoint, service) in told
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in told
    assert (service, SD.feature, SD.UnionDefaultGraph) in told
    assert len(list(told.objects(service, SD.resultFormat))) == 8
    (dataset,) = told.objects(service, SD.defaultDataset)
    assert dataset == URIRef(f"{BASE}dataset")
    named = {str(name) for name in told.objects(None, SD.name)}
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s void:triples|rdfs:label|biolink:subclass_of ?o } }"
    seen = client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1:]
    assert set(seen) <= named
    assert {NAMES_GRAPH, VOCABULARY_GRAPH, VOID_GRAPH} <= named


def test_the_graphs_are_described_at_the_well_known_place(client: TestClient) -> None:
    response = client.get("/.well-known/void")
    assert response.headers["content-type"].startswith("text/turtle")
    told = Graph().parse(data=response.content, format="turtle")
    dataset = URIRef(f"{BASE}dataset")
    assert (dataset, RDF.type, VOID.Dataset) in told
    assert (dataset, VOID.sparqlEndpoint, URIRef("http://testserver/sparql")) in told
    for graph in told.objects(dataset, VOID.subset):
        assert int(told.value(graph, VOID.triples)) >= 0
        chosen = {"query": "ASK {}", "named-graph-uri": str(graph)}
        assert client.get("/sparql", params=chosen).status_code == 200
    assert client.get("/.well-known/void", headers={"accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("host", ["a>b", "[", "a b", "x/..", "", 'a"'])
def test_no_host_breaks_out_of_the_description(client: TestClient, host: str) -> None:
    response = client.get("/sparql", headers={"host": host, "accept": "application/n-triples"})
    assert "<http://localhost/sparql> " in response.text
    assert len(Graph().parse(data=response.content, format="nt")) > 20


def test_what_xml_cannot_write_is_refused_in_it_and_given_otherwise(client: TestClient) -> None:
    whole = "CONSTRUCT { RXCUI:36567 ?p ?o } { RXCUI:36567 ?p ?o }"
    odd = "CONSTRUCT { RXCUI:36567 RXCUI:21212 RXCUI:17767 } {}"
    bell = "CONSTRUCT { RXCUI:36567 rdfs:label ?bell } { BIND('a\x07' AS ?bell) }"
    xml = {"accept": "application/rdf+xml, application/sparql-results+xml"}
    given = client.get("/sparql", params={"query": whole}, headers=xml)
    assert len(Graph().parse(data=given.content, format="xml")) > 2
    for query in (odd, bell):
        refused = client.get("/sparql", params={"query": query}, headers=xml)
        assert refused.status_code == 406
        assert "text/turtle" in refused.json()["detail"]
        assert client.get("/sparql", params={"query": query, "format": "rdf"}).status_code == 400
        assert client.get("/sparql", params={"query": query}).status_code == 200


def test_a_description_has_no_format_of_tables(client: TestClient) -> None:
    assert client.get("/sparql", headers={"accept": "text/csv"}).status_code == 406
    assert client.get("/sparql", params={"format": "csv"}).status_code == 400


def test_pages_of_a_named_site_may_ask_in_the_body(state: State) -> None:
    site = "https://clinic.example"
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    with TestClient(create_app(lambda: state, origins=(site,))) as opened:
        for path in ("/sparql", "/.well-known/void"):
            allowed = opened.options(path, headers={"origin": site, **asked})
            assert allowed.headers["access-control-allow-origin"] == site
            read = opened.get(path, headers={"origin": site})
            assert read.headers["access-control-allow-origin"] == site
            assert "X-Truncated" in read.headers["access-control-expose-headers"]


# --- the tests of the W3C


@pytest.fixture(scope="module")
def suite(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = checkout.parent / "shared" / "cases" / "w3c-sparql11.tar.xz"
    if not archive.is_file():
        pytest.skip("the file ../shared/cases/w3c-sparql11.tar.xz is not beside the checkout")
    folder = tmp_path_factory.mktemp("w3c")
    with tarfile.open(archive) as packed:
        wanted = [one for one in packed if one.name.startswith("sparql/sparql11/protocol/")]
        packed.extractall(folder, members=wanted, filter="data")
    return folder / "sparql" / "sparql11" / "protocol"


@pytest.fixture(scope="module")
def door(
    suite: Path, state: State, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """The HTTP door over the data of the suite; ``data0``, of which it has none, is empty."""
    folder = tmp_path_factory.mktemp("graph") / "store"
    store = Store(str(folder))
    for number in range(4):
        graph = NamedNode(f"{W3C}data{number}.rdf")
        store.add_graph(graph)
        file = suite / f"data{number}.nt"
        text = ours(file.read_text(encoding="utf-8")) if number else ""
        store.extend(Quad(*quad.triple, graph) for quad in parse(text, RdfFormat.N_TRIPLES))
    store.extend(STORE_MARKS)
    store.flush()
    del store
    app = create_app(lambda: state)
    with SparqlEndpoint(folder, timeout_seconds=20) as endpoint:
        app.dependency_overrides[current_endpoint] = lambda: endpoint
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


def fault(door: TestClient, exchange: Exchange) -> str:
    """Say how an answer is not the expected one; empty where it is."""
    response = door.request(
        exchange.method,
        f"/sparql?{exchange.parameters}" if exchange.parameters else "/sparql",
        content=exchange.body,
        headers=exchange.headers,
    )
    if f"{response.status_code // 100}xx" not in exchange.statuses:
        return f"status {response.status_code}: {response.text[:200]}"
    media_type = response.headers["content-type"].partition(";")[0]
    known = {"tabular": TABLES, "boolean": TABLES, "RDF": TRIPLES}
    if exchange.format and media_type not in known[exchange.format]:
        return f"type {media_type}"
    if exchange.boolean and response.json()["boolean"] != (exchange.boolean == "true"):
        return f"answer {response.text}"
    return ""


@pytest.mark.shared
def test_the_protocol_tests_of_the_w3c_that_concern_queries_pass(
    suite: Path, door: TestClient, checkout: Path
) -> None:
    tests = protocol_tests(suite / "manifest.ttl")
    asking = {name: found for name, found in tests.items() if "update" not in name}
    faults = {
        name: found
        for name, exchanges in asking.items()
        for found in (fault(door, exchange) for exchange in exchanges)
        if found
    }
    assert faults == {}
    page = (checkout / "docs" / "sparql-conformance.md").read_text(encoding="utf-8")
    assert f"| protocol: queries | {len(asking)} | all pass |" in page
    assert f"| protocol: updates | {len(tests) - len(asking)} |" in page


@pytest.mark.shared
def test_every_update_of_the_protocol_tests_is_refused(suite: Path, door: TestClient) -> None:
    tests = protocol_tests(suite / "manifest.ttl")
    first = {name: found[0] for name, found in tests.items() if "update" in name}
    assert len(first) >= 14
    refused = {name: fault(door, exchange) for name, exchange in first.items()}
    for name, exchange in first.items():
        assert refused[name].startswith("status 4") or "4xx" in exchange.statuses, name
