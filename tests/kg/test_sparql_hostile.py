"""What a stranger may send and what may befall a store: typed errors, workers that live on."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.artifact import STORE
from kg.query_errors import (
    EndpointBusy,
    ForbiddenQuery,
    QueryRefused,
    QueryTimeout,
    QueryTooHungry,
    UnknownFunction,
)
from kg.query_results import MAX_ANSWER_CHARACTERS, cut
from kg.rdf import (
    BASE,
    GRAPH_BASE,
    STORE_MARKS,
    VOID_GRAPH,
    DamagedStore,
    graph_iri,
    open_store,
    write_store,
)
from kg.sparql import SparqlEndpoint
from ontologies.curie import default_prefixes
from tests.kg.rdf_graph import RELEASES, tiny_tables

FIRST, SECOND = (graph_iri(release.source, release.version) for release in RELEASES)
RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(8)) + " }"
GROWTH_MB = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "store"
    write_store(tiny_tables(), RELEASES, folder, default_prefixes())
    return folder


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[SparqlEndpoint]:
    with SparqlEndpoint(folder, timeout_seconds=20) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def open_folder(open_home: Path) -> Path:
    manifests = open_home.glob("kg/open-*/manifest.json")
    return max(manifests, key=lambda path: path.stat().st_mtime).parent / STORE


def rows(endpoint: SparqlEndpoint, text: str, **graphs: tuple[str, ...]) -> list[list[str]]:
    found = json.loads(endpoint.query(text, **graphs).body)["results"]["bindings"]
    return [[cell["value"] for cell in row.values()] for row in found]


def answers(endpoint: SparqlEndpoint) -> bool:
    return b"true" in endpoint.query("ASK { ?s ?p ?o }").body


def resident_mb(process: int) -> float:
    """Memory that a process holds (Linux)."""
    statm = Path(f"/proc/{process}/statm")
    if not statm.exists():
        pytest.skip("this system does not say how much memory a process holds")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def workers() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children()]


# --- more than anybody can use


def test_a_query_of_a_million_rows_is_cut_says_so_and_gives_its_memory_back(
    open_folder: Path,
) -> None:
    others = set(workers())
    with SparqlEndpoint(open_folder, timeout_seconds=20) as endpoint:
        (worker,) = set(workers()) - others
        held: list[tuple[float, float]] = []
        for _ in range(6):
            result = endpoint.query("SELECT * { ?s ?p ?o }", "csv")
            assert result.truncated
            assert result.body.count(b"\n") >= 10_000
            held.append((resident_mb(os.getpid()), resident_mb(worker)))
        (here, there), (here_after, there_after) = held[1], held[-1]
        assert here_after - here < GROWTH_MB
        assert there_after - there < GROWTH_MB
        assert set(workers()) - others == {worker}


def test_few_rows_of_great_length_are_cut_too(endpoint: SparqlEndpoint) -> None:
    doubled = " ".join(f"BIND(CONCAT(?t{i}, ?t{i}) AS ?t{i + 1})" for i in range(20))
    numbers = " ".join(str(number) for number in range(64))
    text = f'SELECT ?n ?t20 {{ VALUES ?n {{ {numbers} }} BIND("x" AS ?t0) {doubled} }}'
    result = endpoint.query(text, "csv")
    assert result.truncated
    assert 20 * 2**20 < len(result.body) <= MAX_ANSWER_CHARACTERS
    assert answers(endpoint)


@pytest.mark.parametrize(
    ("lengths", "most", "kept", "is_cut"),
    [
        ((3, 3, 3), 5, 3, False),
        ((3, 3, 3), 3, 3, False),
        ((3, 3, 3), 2, 2, True),
        ((5, 5, 1), 5, 2, True),
        ((5, 5), 5, 2, False),
        ((11,), 5, 0, True),
        ((), 0, 0, False),
    ],
)
def test_an_answer_is_cut_by_rows_or_by_size_whichever_is_reached(
    lengths: tuple[int, ...],
    most: int,
    kept: int,
    is_cut: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kg.query_results.MAX_ANSWER_CHARACTERS", 10)
    lines = ["x" * length for length in lengths]
    assert cut(lines, most) == (lines[:kept], is_cut)


# --- what explodes elsewhere


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "((((a{1,90}){1,90}){1,90}){1,90})", "(a?){500}a{500}b", "("]
)
def test_a_regular_expression_that_explodes_elsewhere_is_answered(
    endpoint: SparqlEndpoint, pattern: str
) -> None:
    text = f'ASK {{ FILTER(REGEX("{"a" * 5000}!", "{pattern}")) }}'
    assert b"false" in endpoint.query(text).body


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?from (!rdf:nil|^!rdf:nil)* ?to }",
        'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(REGEX(STR(?o), "(.*)(.*)(.*)x{500}", "i")) }',
    ],
    ids=["a path over everything", "an expression over everything"],
)
def test_what_walks_over_everything_is_stopped_and_the_next_query_is_answered(
    open_folder: Path, text: str
) -> None:
    others = set(workers())
    with SparqlEndpoint(open_folder, timeout_seconds=1.0) as endpoint:
        before = resident_mb(os.getpid())
        with pytest.raises((QueryTimeout, QueryTooHungry)):
            endpoint.query(text)
        assert answers(endpoint)
        assert resident_mb(os.getpid()) - before < GROWTH_MB
        assert len(set(workers()) - others) == 1


def test_of_two_hundred_queries_at_once_none_fails_without_a_reason_and_all_workers_answer_after(
    folder: Path,
) -> None:
    others = set(workers())
    with SparqlEndpoint(folder, timeout_seconds=1.0, workers=2) as endpoint:
        assert at_once(2, lambda _: answers(endpoint)) == {"True": 2}
        before = resident_mb(os.getpid())
        outcomes = at_once(200, lambda number: ask(endpoint, RUNAWAY if number < 5 else "ASK {}"))
        assert outcomes.total() == 200
        assert outcomes.keys() <= {"answered", "EndpointBusy", "QueryTimeout"}
        assert outcomes["answered"] > 0
        assert len(set(workers()) - others) == 2
        assert at_once(2, lambda _: answers(endpoint)) == {"True": 2}
        assert resident_mb(os.getpid()) - before < 2 * GROWTH_MB


def ask(endpoint: SparqlEndpoint, text: str) -> str:
    try:
        endpoint.query(text)
    except (EndpointBusy, QueryTimeout) as error:
        return type(error).__name__
    return "answered"


def at_once(number: int, call: Callable[[int], object]) -> Counter[str]:
    """What so many threads get that begin together; a thread that fails counts for nothing."""
    outcomes: Counter[str] = Counter()
    begun = threading.Barrier(number)

    def run(place: int) -> None:
        begun.wait()
        outcomes[str(call(place))] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "a query is stuck"
    return outcomes


# --- what is not understood


def test_a_function_that_nobody_knows_is_no_damage_to_the_store(endpoint: SparqlEndpoint) -> None:
    with pytest.raises(UnknownFunction, match="http://a/f> is no function") as refusal:
        endpoint.query("SELECT (<http://a/f>(1) AS ?x) {}")
    assert refusal.value.function == "<http://a/f>"
    assert answers(endpoint)


def test_queries_torn_and_mended_at_random_are_answered_or_refused(
    endpoint: SparqlEndpoint, checkout: Path
) -> None:
    page = (checkout / "docs" / "queries.md").read_text(encoding="utf-8")
    texts = [
        re.findall(r"\s+|\S+", text) for text in re.findall(r"```sparql\n(.*?)```", page, re.S)
    ]
    chance = random.Random(6)  # noqa: S311
    for _ in range(150):
        pieces = list(chance.choice(texts))
        for _ in range(chance.randint(1, 4)):
            stray = chance.choice(
                [*chance.choice(texts), '"', "{", "}", "\\", "\0", "é", "<", "(*"]
            )
            place = chance.randrange(len(pieces))
            pieces[place : place + chance.randint(0, 2)] = [stray]
        with suppress(QueryRefused):
            endpoint.query("".join(pieces))
    assert answers(endpoint)


# --- graphs that are chosen


def test_graphs_chosen_beside_the_query_are_all_that_it_sees(endpoint: SparqlEndpoint) -> None:
    severities = "SELECT DISTINCT ?x { ?s coprescribe:severity ?x }"
    assert rows(endpoint, severities, default_graphs=(SECOND,)) == [["major"]]
    both = rows(endpoint, severities, default_graphs=(FIRST, SECOND))
    assert sorted(both) == [["contraindicated"], ["major"]]
    assert rows(endpoint, severities, named_graphs=(SECOND,)) == []
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert rows(endpoint, graphs, named_graphs=(SECOND,)) == [[SECOND]]
    assert rows(endpoint, graphs, default_graphs=(FIRST,)) == []
    named_in_it = severities.replace("?x {", f"?x FROM <{FIRST}> {{")
    assert rows(endpoint, named_in_it, default_graphs=(SECOND,)) == [["major"]]


@pytest.mark.parametrize("graph", ["http://example.org/", "", "no IRI", f"{GRAPH_BASE}no IRI"])
def test_a_graph_from_elsewhere_cannot_be_chosen(endpoint: SparqlEndpoint, graph: str) -> None:
    for graphs in ({"default_graphs": (graph,)}, {"named_graphs": (FIRST, graph)}):
        with pytest.raises(ForbiddenQuery, match="a graph by anything but"):
            endpoint.query("ASK {}", **graphs)


def test_from_is_read_against_the_base_that_the_query_declares(endpoint: SparqlEndpoint) -> None:
    local = SECOND.removeprefix(GRAPH_BASE)
    text = "BASE <{}> PREFIX a: <http://a/> SELECT DISTINCT ?x FROM {} {{ ?s ?severity ?x }}"
    text = text.replace("?severity", "coprescribe:severity")
    assert rows(endpoint, text.format(GRAPH_BASE, f"<{local}>")) == [["major"]]
    for base, graph in (("http://a/", f"<{local}>"), (GRAPH_BASE, "a:b")):
        with pytest.raises(ForbiddenQuery, match="FROM"):
            endpoint.query(text.format(base, graph))


# --- stores that are not what they were


def spoil(folder: Path, pattern: str, change: Callable[[bytes], bytes | None]) -> None:
    for path in sorted(folder.glob(pattern)):
        changed = change(path.read_bytes())
        if changed is None:
            path.unlink()
        else:
            path.write_bytes(changed)


def flipped(content: bytes) -> bytes:
    return bytes(byte ^ 0x55 if place % 97 == 0 else byte for place, byte in enumerate(content))


@pytest.mark.parametrize("pattern", ["*.sst", "CURRENT", "MANIFEST-*"])
@pytest.mark.parametrize(
    "change",
    [lambda _: None, lambda _: b"", lambda content: content[: len(content) // 2], flipped],
    ids=["lost", "emptied", "cut short", "changed"],
)
def test_a_damaged_file_of_a_store_is_said_before_anything_is_answered(
    folder: Path, tmp_path: Path, pattern: str, change: Callable[[bytes], bytes | None]
) -> None:
    store = tmp_path / "store"
    shutil.copytree(folder, store)
    spoil(store, pattern, change)
    begun = time.monotonic()
    with pytest.raises(DamagedStore, match="build it again with --force"):
        SparqlEndpoint(store)
    assert time.monotonic() - begun < 5


def test_a_list_of_files_that_was_cut_anywhere_never_passes_for_a_smaller_graph(
    folder: Path, tmp_path: Path
) -> None:
    (listing,) = folder.glob("MANIFEST-*")
    content, n_quads = listing.read_bytes(), len(open_store(folder))
    for length in range(0, len(content), 211):
        store = tmp_path / str(length)
        shutil.copytree(folder, store)
        (store / listing.name).write_bytes(content[:length])
        try:
            assert len(open_store(store)) == n_quads
        except DamagedStore:
            continue


def test_damage_that_comes_while_a_store_is_open_is_said_and_ends_with_it(
    folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(folder, store)
    with SparqlEndpoint(store, timeout_seconds=20) as endpoint:
        endpoint.query("ASK {}")
        sound = {path: path.read_bytes() for path in store.glob("*.sst")}
        spoil(store, "*.sst", flipped)
        with pytest.raises(DamagedStore, match="Corruption"):
            rows(endpoint, "SELECT * { ?s ?p ?o }")
        for path, content in sound.items():
            path.write_bytes(content)
        assert len(rows(endpoint, "SELECT * { ?s ?p ?o }")) > 0


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ((), "another program wrote it"),
        (STORE_MARKS[1:], "it is not whole"),
        (
            (
                *STORE_MARKS[:1],
                Quad(
                    NamedNode(f"{BASE}dataset"),
                    NamedNode(f"{BASE}layout"),
                    Literal("2"),
                    NamedNode(VOID_GRAPH),
                ),
            ),
            """its layout is "2", not '1'""",
        ),
    ],
    ids=["of another program", "not whole", "of a later version"],
)
def test_a_store_that_another_version_wrote_is_not_asked(
    tmp_path: Path, marks: tuple[Quad, ...], reason: str
) -> None:
    store = Store(str(tmp_path / "store"))
    fact = Quad(NamedNode("http://a/s"), NamedNode("http://a/p"), Literal("x"), NamedNode(FIRST))
    store.bulk_extend((fact, *marks))
    store.flush()
    del store
    with pytest.raises(DamagedStore, match=reason):
        SparqlEndpoint(tmp_path / "store")


def test_a_store_of_the_first_layout_which_did_not_say_so_is_asked(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    store.bulk_extend(STORE_MARKS[:1])
    store.flush()
    del store
    assert len(open_store(tmp_path / "store")) == 1
