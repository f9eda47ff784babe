"""The doors to SPARQL leave the reading of a query to the worker, and choose its format before."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app
from api.routes import sparql

TABLE, TRIPLES = "ASK {}", "DESCRIBE RXCUI:36567"


@pytest.fixture(autouse=True)
def nobody_reads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to parse a query in this process fail; the worker is another one."""

    def fail(text: str) -> None:
        raise AssertionError(f"read outside of the worker: {text}")

    monkeypatch.setattr("kg.sparql.check_query", fail)
    monkeypatch.setattr("kg.sparql.parseQuery", fail)


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (TABLE, "*/*", "application/sparql-results+json"),
        (TABLE, "text/turtle, text/csv;q=0.5", "text/csv"),
        (TRIPLES, "text/turtle;q=0.5, text/csv", "text/turtle"),
        (TRIPLES, "application/n-triples", "application/n-triples"),
    ],
)
def test_the_type_of_an_answer_follows_what_the_query_turns_out_to_be(
    query: str, accept: str, media_type: str, client: TestClient
) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize(
    ("query", "accept", "named"),
    [
        (TABLE, "text/turtle", "text/csv"),
        (TRIPLES, "text/csv", "text/turtle"),
        (TABLE, "image/png", "text/csv"),
        (TABLE, "image/png", "text/turtle"),
    ],
)
def test_a_type_that_the_answer_cannot_have_is_refused_with_those_that_it_can(
    query: str, accept: str, named: str, client: TestClient
) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert response.status_code == 406
    assert named in response.json()["detail"]


def test_a_format_that_was_asked_for_but_does_not_suit_is_no_matter_of_accept(
    client: TestClient,
) -> None:
    response = client.get("/sparql", params={"query": TABLE, "format": "ttl"})
    assert response.status_code == 400
    assert "csv" in response.json()["detail"]


def test_a_crowd_of_queries_leaves_threads_to_the_other_doors(client: TestClient) -> None:
    """Of forty threads that answer, a query holds one while it waits for a worker."""
    assert sparql.QUERIES_AT_ONCE < 40
    asked = {"query": TABLE}
    with ExitStack() as crowd:
        for _ in range(sparql.QUERIES_AT_ONCE):
            crowd.enter_context(sparql._queries_in_flight.one_more())
        for refused in (client.get("/sparql", params=asked), client.post("/sparql", data=asked)):
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "1"
        assert client.get("/v1/drugs", params={"q": "Zocor"}).status_code == 200
    assert client.get("/sparql", params=asked).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ((TABLE,), "yes"),
        ((TABLE, "--json"), "{"),
        ((TABLE, "--format", "csv"), "true"),
        ((TRIPLES,), "@prefix"),
        ((TRIPLES, "--json"), "@prefix"),
    ],
)
def test_the_command_line_leaves_the_reading_to_the_worker_too(
    arguments: tuple[str, ...], start: str, open_home: Path
) -> None:
    ended = CliRunner().invoke(app, ["query", *arguments, "--home", str(open_home)])
    assert ended.exit_code == 0
    assert ended.stdout.startswith(start)
