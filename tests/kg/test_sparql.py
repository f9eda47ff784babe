"""A stranger's query is answered, refused with the reason, or stopped; the next one is answered."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rdflib import Graph

from kg.query_worker import Limits, QueryRequest, QueryWorker, Serve, WorkerPool
from kg.rdf import BASE, GRAPH_BASE, DamagedStore, MissingStore, graph_iri, write_store
from kg.sparql import (
    MAX_QUERY_BYTES,
    EndpointBusy,
    ForbiddenQuery,
    MalformedQuery,
    QueryTimeout,
    QueryTooHungry,
    QueryTooLong,
    SparqlEndpoint,
    UnsuitableFormat,
    check_query,
)
from ontologies.curie import default_prefixes
from tests.kg.rdf_graph import AWKWARD, RELEASES, tiny_tables

EVERYTHING = "SELECT * { ?s ?p ?o }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(8)) + " }"
HUNGRY = (
    'SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g)); separator=" ") AS ?all) '
    "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
)
LOCAL = f"<{graph_iri(RELEASES[1].source, RELEASES[1].version)}>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "store"
    write_store(tiny_tables(), RELEASES, folder, default_prefixes())
    return folder


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[SparqlEndpoint]:
    with SparqlEndpoint(folder, timeout_seconds=20) as endpoint:
        yield endpoint


def rows(endpoint: SparqlEndpoint, text: str) -> list[dict[str, str]]:
    found = json.loads(endpoint.query(text).body)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


def worked_query(checkout: Path, heading: str) -> str:
    text = (checkout / "docs" / "queries.md").read_text(encoding="utf-8")
    found = re.search(rf"## {re.escape(heading)}.*?```sparql\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


# --- answered


def test_the_worked_query_for_a_shared_enzyme_finds_substrates_and_inhibitors(
    endpoint: SparqlEndpoint, checkout: Path
) -> None:
    found = rows(endpoint, worked_query(checkout, "Which drugs meet simvastatin at CYP3A4?"))
    assert [(row["name"], row["how"]) for row in found] == [
        ("clarithromycin", "inhibitor"),
        ("amlodipine", "substrate"),
    ]


def test_the_worked_query_for_contraindications_gives_the_words_that_belong_to_them(
    endpoint: SparqlEndpoint, checkout: Path
) -> None:
    (row,) = rows(endpoint, worked_query(checkout, "What must not be given with simvastatin?"))
    assert (row["other_name"], row["effect_name"]) == ("clarithromycin", "Rhabdomyolysis")
    assert row["release"] == f"{GRAPH_BASE}first/2020-10"
    assert row["text"] == AWKWARD


def test_the_worked_query_for_liabilities_gives_kind_and_grade(
    endpoint: SparqlEndpoint, checkout: Path
) -> None:
    heading = "What is clarithromycin liable to do by itself?"
    (row,) = rows(endpoint, worked_query(checkout, heading))
    assert (row["liability"], row["grade"]) == ("qt_prolongation", "moderate")


def test_without_from_all_releases_are_one_graph_and_with_it_only_those_named(
    endpoint: SparqlEndpoint,
) -> None:
    pattern = "{ ?s coprescribe:severity ?severity }"
    everywhere = rows(endpoint, f"SELECT DISTINCT ?severity {pattern}")
    in_second = rows(endpoint, " ".join(["SELECT DISTINCT ?severity FROM", LOCAL, pattern]))
    assert {row["severity"] for row in everywhere} == {"major", "contraindicated"}
    assert [row["severity"] for row in in_second] == ["major"]


def test_select_answers_in_four_formats_that_say_the_same(endpoint: SparqlEndpoint) -> None:
    text = 'SELECT ?text { ?s coprescribe:text ?text FILTER(STRSTARTS(?text, "He")) } LIMIT 1'
    assert rows(endpoint, text) == [{"text": AWKWARD}]
    in_csv = io.StringIO(endpoint.query(text, "csv").body.decode(), newline="")
    assert list(csv.reader(in_csv)) == [["text"], [AWKWARD]]
    assert endpoint.query(text, "tsv").body.decode().count("\n") == 2
    without_bell = text.replace("?text {", "(STRBEFORE(?text, '\\u00b5') AS ?start) {", 1)
    tree = ET.fromstring(endpoint.query(without_bell, "xml").body)  # noqa: S314
    start = AWKWARD.partition("µ")[0]
    assert [node.text for node in tree.iter() if node.tag.endswith("literal")] == [start]


@pytest.mark.parametrize(
    ("asked", "media_type"),
    [("json", "application/sparql-results+json"), ("xml", "application/sparql-results+xml")],
)
def test_ask_answers_yes_or_no(endpoint: SparqlEndpoint, asked: str, media_type: str) -> None:
    result = endpoint.query("ASK { RXCUI:36567 biolink:is_substrate_of HGNC:2637 }", asked)
    assert b"true" in result.body
    assert result.media_type == media_type


@pytest.mark.parametrize(("asked", "syntax"), [("ttl", "turtle"), ("nt", "nt")])
@pytest.mark.parametrize(
    "text", ["DESCRIBE RXCUI:36567", "CONSTRUCT { ?s ?p ?o } { ?s rdfs:label ?o ; ?p ?o }"]
)
def test_construct_and_describe_answer_in_graphs(
    endpoint: SparqlEndpoint, text: str, asked: str, syntax: str
) -> None:
    result = endpoint.query(text, asked)
    assert len(Graph().parse(data=result.body, format=syntax)) > 0
    assert not result.truncated


def test_unbound_cells_and_rows_without_cells_are_kept(endpoint: SparqlEndpoint) -> None:
    assert rows(endpoint, "SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) (UNDEF 2) } }") == [
        {"x": "1"},
        {"y": "2"},
    ]
    assert rows(endpoint, "SELECT * {}") == [{}]


def test_a_prefix_that_the_query_declares_wins_over_ours(endpoint: SparqlEndpoint) -> None:
    text = f"PREFIX HP: <{BASE}> SELECT ?x {{ BIND(HP:y AS ?x) }}"
    assert rows(endpoint, text) == [{"x": f"{BASE}y"}]


def test_an_answer_is_cut_at_the_row_limit_and_says_so(folder: Path) -> None:
    with SparqlEndpoint(folder, timeout_seconds=20, max_rows=3) as endpoint:
        cut = endpoint.query(EVERYTHING, "csv")
        assert cut.truncated
        assert len(cut.body.decode().strip().splitlines()) == 1 + 3
        assert not endpoint.query(f"{EVERYTHING} LIMIT 3", "csv").truncated
        graph = endpoint.query("CONSTRUCT WHERE { ?s ?p ?o }", "nt")
        assert graph.truncated
        assert graph.body.count(b"\n") == 3


# --- refused

UPDATES = {
    "INSERT": "INSERT DATA { <http://a/s> <http://a/p> 1 }",
    "DELETE": "DELETE WHERE { ?s ?p ?o }",
    "LOAD": "LOAD <file:///etc/passwd>",
    "CLEAR": "CLEAR ALL",
    "DROP": f"DROP GRAPH {LOCAL}",
    "CREATE": "CREATE GRAPH <http://a/g>",
    "ADD": f"ADD DEFAULT TO {LOCAL}",
    "MOVE": f"MOVE {LOCAL} TO DEFAULT",
    "COPY": f"COPY {LOCAL} TO DEFAULT",
}
CALL = "SERVICE <http://127.0.0.1/> { ?a ?b ?c }"
SERVICES = (
    f"SELECT * {{ {CALL} }}",
    "SELECT * { SERVICE SILENT <http://127.0.0.1/> { ?a ?b ?c } }",
    f"SELECT * {{ {CALL.lower()} }}",
    f"SELECT * {{ ?s ?p ?o OPTIONAL {{ {CALL} }} }}",
    f"SELECT * {{ ?s ?p ?o FILTER NOT EXISTS {{ {CALL} }} }}",
    f"SELECT * {{ {{ SELECT * {{ {CALL} }} }} UNION {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH ?g {{ ?s ?p ?o MINUS {{ {CALL} }} }} }}",
    f"ASK {{ {CALL} }}",
    f"CONSTRUCT {{ ?a ?b ?c }} {{ {CALL} }}",
    f"DESCRIBE ?a {{ {CALL} }}",
    f"SELECT * {{ ?s ?p ?o # said to be a comment\r {CALL} }}",
    f'SELECT * {{ ?s ?p "#" . {CALL} }}',
    f"SELECT * {{ ?s ?p '''\"''' . {CALL} }}",
    f"PREFIX x: <http://a/> SELECT * {{ ?s x:a\\#b ?o . {CALL} }}",
)


@pytest.mark.parametrize("form", sorted(UPDATES))
def test_every_update_is_refused_by_name(endpoint: SparqlEndpoint, form: str) -> None:
    with pytest.raises(ForbiddenQuery, match=form) as refusal:
        endpoint.query(UPDATES[form])
    assert refusal.value.form == form


@pytest.mark.parametrize("text", SERVICES)
def test_service_is_refused_wherever_it_hides(endpoint: SparqlEndpoint, text: str) -> None:
    with pytest.raises(ForbiddenQuery, match="SERVICE"):
        endpoint.query(text)


@pytest.mark.parametrize(
    "clause",
    [
        "FROM <http://example.org/data.ttl>",
        "FROM NAMED <file:///etc/passwd>",
        "FROM rdfs:label",
        f"FROM {LOCAL} FROM <http://example.org/>",
    ],
)
def test_a_graph_from_elsewhere_is_refused(endpoint: SparqlEndpoint, clause: str) -> None:
    with pytest.raises(ForbiddenQuery, match="FROM"):
        endpoint.query(f"SELECT * {clause} {{ ?s ?p ?o }}")


def test_words_of_updates_inside_names_and_texts_are_no_offence(endpoint: SparqlEndpoint) -> None:
    text = """PREFIX load: <http://a/> # DROP ALL
    SELECT ?service { ?service load:service "DELETE it", 'INSERT'@en-add, <http://a/COPY> }"""
    assert rows(endpoint, text) == []


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELEKT * { ?s ?p ?o }", 1, 1),
        ("SELECT *\n{ ?s ?p }", 2, 8),
        ("SELECT * {\n ?s nobody:knows ?o }", 2, 5),
        ("# nobody: knows\nSELECT * { ?s rdf:type 'nobody:', <nobody:x>, nobody:y }", 2, 47),
        ("SELECT * { ?s rdf:type\n :it }", 2, 2),
        ("SELECT * { BIND(1 AS ?x)\n BIND(2 AS ?x) }", 2, None),
        ("SELECT * { ?s ?p '\\u0027 }", 1, 19),
        ("SELECT * { ?s ?p '\\U99999999' }", 1, 19),
        ("SELECT * { ?s ?p '\ud800' }", 1, 19),
        ("", 1, 1),
    ],
)
def test_a_malformed_query_is_told_where_it_breaks(
    endpoint: SparqlEndpoint, text: str, line: int, column: int | None
) -> None:
    with pytest.raises(MalformedQuery) as refusal:
        endpoint.query(text)
    assert (refusal.value.line, refusal.value.column) == (line, column or refusal.value.column)


def test_an_undeclared_prefix_is_named(endpoint: SparqlEndpoint) -> None:
    with pytest.raises(MalformedQuery, match="'nobody' is not declared"):
        endpoint.query("SELECT * { ?s nobody:knows ?o }")


def test_a_query_nested_without_end_is_refused_or_stopped_but_never_stops_the_rest(
    endpoint: SparqlEndpoint,
) -> None:
    deep = "SELECT * " + "{" * 4000 + "}" * 4000
    with pytest.raises((MalformedQuery, QueryTooHungry)):
        endpoint.query(deep)
    with pytest.raises(MalformedQuery, match="too deeply"):
        check_query(deep)
    assert rows(endpoint, "SELECT * {}") == [{}]


def test_a_query_of_eight_kilobytes_is_read_and_one_byte_more_is_not(
    endpoint: SparqlEndpoint,
) -> None:
    text = "ASK {} #" + "é" * ((MAX_QUERY_BYTES - 8) // 2)
    assert b"true" in endpoint.query(text).body
    for longer in (text + "x", "ASK {} #" + "x" * MAX_QUERY_BYTES):
        with pytest.raises(QueryTooLong, match="at most 8192"):
            endpoint.query(longer)


def test_a_long_list_of_plain_triples_is_no_deep_nesting(endpoint: SparqlEndpoint) -> None:
    text = "ASK { " + " . ".join(f"?s{i} rdfs:label ?o{i}" for i in range(200)) + " }"
    assert b"true" in endpoint.query(text).body


@pytest.mark.parametrize(
    ("text", "asked", "form"),
    [
        (EVERYTHING, "ttl", "SELECT"),
        ("ASK {}", "nt", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", "CONSTRUCT"),
        ("DESCRIBE RXCUI:36567", "json", "DESCRIBE"),
        (EVERYTHING, "pickle", "SELECT"),
    ],
)
def test_a_format_that_cannot_hold_the_answer_is_refused_with_those_that_can(
    endpoint: SparqlEndpoint, text: str, asked: str, form: str
) -> None:
    with pytest.raises(UnsuitableFormat, match=f"{form} does not answer in '{asked}'"):
        endpoint.query(text, asked)


# --- stopped


def test_a_runaway_query_is_killed_and_the_next_one_is_answered(folder: Path) -> None:
    with SparqlEndpoint(folder, timeout_seconds=1.0) as endpoint:
        for _ in range(2):
            with pytest.raises(QueryTimeout, match="after 1 seconds"):
                endpoint.query(RUNAWAY)
            assert b"true" in endpoint.query("ASK { ?s ?p ?o }").body


def test_a_query_that_eats_memory_is_stopped_and_the_next_one_is_answered(folder: Path) -> None:
    with SparqlEndpoint(folder, timeout_seconds=60, memory_mb=64) as endpoint:
        with pytest.raises(QueryTooHungry, match="64 MB"):
            endpoint.query(HUNGRY)
        assert b"true" in endpoint.query("ASK { ?s ?p ?o }").body


def test_a_second_query_waits_no_longer_than_the_time_limit_for_a_worker(folder: Path) -> None:
    with SparqlEndpoint(folder, timeout_seconds=3.0) as endpoint:
        endpoint.query("ASK {}")
        outcomes: list[str] = []
        begun = threading.Barrier(3)

        def ask() -> None:
            begun.wait()
            try:
                endpoint.query(RUNAWAY)
            except (QueryTimeout, EndpointBusy) as error:
                outcomes.append(type(error).__name__)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        begun.wait()
        for thread in threads:
            thread.join()
        assert outcomes[0] in {"EndpointBusy", "QueryTimeout"}
        assert "QueryTimeout" in outcomes


def test_two_workers_answer_many_threads_each_its_own(folder: Path) -> None:
    with SparqlEndpoint(folder, timeout_seconds=30, workers=2) as endpoint:
        answers: dict[int, list[dict[str, str]]] = {}

        def ask(number: int) -> None:
            answers[number] = rows(endpoint, f"SELECT ?x {{ BIND({number} AS ?x) }}")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: [{"x": str(number)}] for number in range(12)}


def test_a_closed_endpoint_answers_no_more(folder: Path) -> None:
    endpoint = SparqlEndpoint(folder, timeout_seconds=0.1)
    endpoint.close()
    with pytest.raises(EndpointBusy):
        endpoint.query("ASK {}")


def test_an_endpoint_over_no_store_or_a_broken_one_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(MissingStore):
        SparqlEndpoint(tmp_path / "nowhere")
    with pytest.raises(DamagedStore):
        SparqlEndpoint(tmp_path)


# --- workers that cannot start


class Starts:
    """Counts the workers that are started, and refuses to start more once told so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started: list[QueryWorker] = []
        self.most = 1000
        begin = QueryWorker.__init__

        def count(worker: QueryWorker, serve: Serve, folder: Path, limits: Limits) -> None:
            if len(self.started) >= self.most:
                raise OSError("no more processes")
            begin(worker, serve, folder, limits)
            self.started.append(worker)

        monkeypatch.setattr(QueryWorker, "__init__", count)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    return Starts(monkeypatch)


def ends_at_once(*_: object) -> None:
    """A worker that falls before it can say anything."""


def test_a_store_that_is_taken_away_is_said_at_once_until_it_is_back(
    folder: Path, tmp_path: Path, starts: Starts
) -> None:
    store, away = tmp_path / "store", tmp_path / "away"
    shutil.copytree(folder, store)
    with SparqlEndpoint(store, timeout_seconds=20) as endpoint:
        assert rows(endpoint, "SELECT * {}") == [{}]
        store.rename(away)
        starts.started[0]._process.kill()
        with pytest.raises(QueryTooHungry):
            endpoint.query("ASK {}")
        begun = time.monotonic()
        for _ in range(3):
            with pytest.raises(MissingStore):
                endpoint.query("ASK {}")
        assert time.monotonic() - begun < 1
        assert len(starts.started) == 1, "nothing is started over a store that is not there"
        away.rename(store)
        assert rows(endpoint, "SELECT * {}") == [{}]


@pytest.mark.parametrize(("name", "error"), [("nowhere", MissingStore), ("", DamagedStore)])
def test_a_worker_that_finds_no_sound_store_says_so_and_is_not_started_again_by_itself(
    name: str,
    error: type[Exception],
    tmp_path: Path,
    starts: Starts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kg.query_worker.open_store", lambda folder: None)
    with SparqlEndpoint(tmp_path / name, timeout_seconds=20) as endpoint:
        for _ in range(2):
            with pytest.raises(error) as refusal:
                endpoint.query("ASK {}")
            assert str(refusal.value).count("RDF store") == 1
    assert len(starts.started) == 2, "one for each query"


def test_a_worker_that_falls_before_it_begins_did_not_meet_a_hungry_query(
    folder: Path, starts: Starts
) -> None:
    pool = WorkerPool(ends_at_once, folder, Limits(20, 10, 64), 1)
    with pytest.raises(DamagedStore, match="a query worker ended while it opened it"):
        pool.answer(QueryRequest("ASK {}"))
    pool.close()
    assert len(starts.started) == 1


def test_a_place_is_kept_for_a_worker_that_could_not_be_started_again(
    folder: Path, starts: Starts
) -> None:
    with SparqlEndpoint(folder, timeout_seconds=1.0) as endpoint:
        endpoint.query("ASK {}")
        starts.most = 1
        with pytest.raises(QueryTimeout):
            endpoint.query(RUNAWAY)
        with pytest.raises(OSError, match="no more processes"):
            endpoint.query("ASK {}")
        starts.most = 2
        assert b"true" in endpoint.query("ASK {}").body


def test_a_pool_of_which_one_worker_cannot_be_started_leaves_none_behind(
    folder: Path, starts: Starts
) -> None:
    starts.most = 1
    with pytest.raises(OSError, match="no more processes"):
        SparqlEndpoint(folder, workers=2)
    (worker,) = starts.started
    assert not worker._process.is_alive()


def test_a_query_is_read_in_the_worker_and_never_in_this_process(
    endpoint: SparqlEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise AssertionError(text)

    monkeypatch.setattr("kg.sparql.check_query", fail)
    monkeypatch.setattr("kg.sparql.parseQuery", fail)
    assert endpoint.query("ASK {}", "csv", "ttl").media_type.startswith("text/csv")
    assert endpoint.query("DESCRIBE RXCUI:36567", "csv", "ttl").media_type == "text/turtle"
    with pytest.raises(UnsuitableFormat, match="json, tsv, xml"):
        endpoint.query("ASK {}", "", "ttl")
