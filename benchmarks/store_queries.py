"""How fast a store answers: opened, asked directly, asked by way of the safe executor, by many.

Pairs and drugs are drawn with a fixed seed from the pairs of the store. Oxigraph itself, asked in
the same process for the same rows, is the rival: each query is put to it and to the executor in
turn, and to both once before, so that neither waits for the disk. What the executor takes more is
checking, the way to a worker and back, and writing JSON.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import pyoxigraph

from kg.query_errors import EndpointBusy, QueryTimeout, QueryTooHungry
from kg.rdf import BASE, COMMON_PREFIXES, open_store
from kg.sparql import SparqlEndpoint, query_prefixes

QUERIES = {
    "a pair": (
        "SELECT ?effect ?severity ?source {{ ?association biolink:subject <{pair}> ; "
        "biolink:object ?effect ; coprescribe:severity ?severity ; "
        "biolink:primary_knowledge_source ?source }}"
    ),
    "effects of a pair": "SELECT ?effect {{ <{pair}> biolink:has_adverse_event ?effect }}",
    "a pair by its drugs": (
        "SELECT ?effect ?severity ?source {{ ?pair biolink:has_participant <{drug}>, <{other}> . "
        "?association biolink:subject ?pair ; biolink:object ?effect ; "
        "coprescribe:severity ?severity ; biolink:primary_knowledge_source ?source }}"
    ),
    "pairs of a drug, counted": (
        "SELECT (COUNT(DISTINCT ?pair) AS ?n) {{ ?pair biolink:has_participant <{drug}> }}"
    ),
    "facts of a drug, counted by predicate": (
        "SELECT ?predicate (COUNT(*) AS ?n) {{ <{drug}> ?predicate ?o }} GROUP BY ?predicate"
    ),
    "severities of a drug's pairs, counted": (
        "SELECT ?severity (COUNT(*) AS ?n) {{ ?pair biolink:has_participant <{drug}> . "
        "?association biolink:subject ?pair ; coprescribe:severity ?severity }} GROUP BY ?severity"
    ),
}
"""What is asked, with places for a pair and its drugs; some of it has a goal."""
GOALS_MS = {"a pair": 0.3, "effects of a pair": 0.3, "pairs of a drug, counted": 1.0}
CLIENTS = 50
QUERIES_PER_CLIENT = 20
WORKERS = 2
DRAWN = 200
PAIR = pyoxigraph.NamedNode(f"{BASE}DrugPair")
TYPE = pyoxigraph.NamedNode(f"{COMMON_PREFIXES['rdf']}type")
PARTICIPANT = pyoxigraph.NamedNode("https://w3id.org/biolink/vocab/has_participant")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pair and its two drugs, by IRI."""

    pair: str
    drug: str
    other: str

    def asked(self, query: str) -> str:
        """A query about this pair or its first drug."""
        return query.format(pair=self.pair, drug=self.drug, other=self.other)


def answer_lines(folder: Path) -> Iterator[str]:
    """Ask the store of a folder; one line of text for each figure."""
    yield f"opening: {_median_ms(partial(open_store, folder), 5):.0f} ms (goal: 1,000)\n"
    store = open_store(folder)
    drawn = draw(store)
    began = time.perf_counter()
    with SparqlEndpoint(folder, timeout_seconds=30, workers=WORKERS) as endpoint:
        for _ in range(WORKERS):
            endpoint.query("ASK {}")
        yield f"a worker ready after {time.perf_counter() - began:.1f} s\n"
        for name, query in QUERIES.items():
            yield _compared(name, query, drawn, store, endpoint)
    yield from _crowd(folder, drawn)


def direct_ms(folder: Path, name: str) -> float:
    """Median milliseconds of one of the queries through the store alone."""
    store = open_store(folder)
    asked = [one.asked(QUERIES[name]) for one in draw(store)]
    return statistics.median(_ms(partial(ask, store, text)) for text in asked)


def draw(store: pyoxigraph.Store) -> list[Drawn]:
    """Some pairs of the store, the same whenever it is the same."""
    pairs = {str(quad.subject)[1:-1] for quad in store.quads_for_pattern(None, TYPE, PAIR)}
    chance = random.Random(0)  # noqa: S311
    chosen = chance.sample(sorted(pairs), min(DRAWN, len(pairs)))
    return [Drawn(pair, *_drugs(store, pair)) for pair in chosen]


def _drugs(store: pyoxigraph.Store, pair: str) -> tuple[str, str]:
    found = store.quads_for_pattern(pyoxigraph.NamedNode(pair), PARTICIPANT, None)
    drugs = sorted({str(quad.object)[1:-1] for quad in found})
    return drugs[0], drugs[-1]


def ask(store: pyoxigraph.Store, text: str) -> int:
    """Put a query to Oxigraph itself and read all rows; gives their number."""
    found = store.query(text, prefixes=query_prefixes(), use_default_graph_as_union=True)
    rows: list[object] = list(cast("pyoxigraph.QuerySolutions", found))
    return len(rows)


def _compared(
    name: str, query: str, drawn: list[Drawn], store: pyoxigraph.Store, endpoint: SparqlEndpoint
) -> str:
    direct, safe, n_rows = [], [], 0
    for one in drawn:
        text = one.asked(query)
        n_rows += ask(store, text)
        direct.append(_ms(partial(ask, store, text)))
        endpoint.query(text)
        safe.append(_ms(partial(endpoint.query, text)))
    more = statistics.median(b - a for a, b in zip(direct, safe, strict=True))
    goal = f" (goal: {GOALS_MS[name]:g})" if name in GOALS_MS else ""
    return (
        f"{name}: p50 {_quantile(direct, 50):.3f} ms{goal}, p90 {_quantile(direct, 90):.3f} "
        f"through the store; p50 {_quantile(safe, 50):.3f} ms, p90 {_quantile(safe, 90):.3f} "
        f"through the executor, {more:.3f} more (goal: 3); {n_rows / len(drawn):.1f} rows\n"
    )


def _crowd(folder: Path, drawn: list[Drawn]) -> Iterator[str]:
    """Many clients at once, each asking one query after the other."""
    outcomes, took = Counter[str](), list[float]()
    names = list(GOALS_MS)
    begun = threading.Barrier(CLIENTS + 1)
    with SparqlEndpoint(folder, workers=WORKERS) as endpoint:
        for _ in range(WORKERS):
            endpoint.query("ASK {}")

        def client(number: int) -> None:
            begun.wait()
            for turn in range(QUERIES_PER_CLIENT):
                one = drawn[(number * QUERIES_PER_CLIENT + turn) % len(drawn)]
                text = one.asked(QUERIES[names[turn % len(names)]])
                try:
                    took.append(_ms(partial(endpoint.query, text)))
                    outcomes["answered"] += 1
                except (EndpointBusy, QueryTimeout, QueryTooHungry) as error:
                    outcomes[type(error).__name__] += 1

        threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        begun.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
    said = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    yield (
        f"{CLIENTS} clients, {WORKERS} workers: {said}; {len(took) / seconds:,.0f} queries/s, "
        f"p50 {_quantile(took, 50):.1f} ms, p99 {_quantile(took, 99):.1f} ms\n"
    )


def _median_ms(work: Callable[[], object], repeats: int) -> float:
    return statistics.median(_ms(work) for _ in range(repeats))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def _quantile(found: list[float], percent: int) -> float:
    return sorted(found)[min(len(found) * percent // 100, len(found) - 1)]
