"""The HTTP door: the same answer as anywhere, and a problem document for every error."""

from __future__ import annotations

import errno
import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from api.app import create_app
from api.log import WithoutContents
from api.service import answer
from api.settings import find_home
from api.state import State, open_state
from kg.artifact import DamagedArtifact, MissingGraph
from kg.rdf import DamagedStore, MissingStore
from kg.tables import DamagedTable

JSON = {"content-type": "application/json"}
PLACE = Path("/srv/coprescribe/kg/open-1/store")
SIMVASTATIN_SHARES_CYP3A4 = (
    "SELECT DISTINCT ?name { RXCUI:36567 biolink:is_substrate_of ?gene . "
    "?drug biolink:is_substrate_of ?gene ; rdfs:label ?name } ORDER BY ?name"
)


def problem_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_the_answer_is_the_one_of_the_service(
    client: TestClient, state: State, demo: dict[str, Any], answer_schema: dict[str, Any]
) -> None:
    response = client.post("/v1/screen", json=demo)
    assert response.status_code == 200
    assert response.json() == answer(demo, state)
    jsonschema.validate(response.json(), answer_schema)


def test_an_answer_names_its_graph_and_is_not_to_be_kept(
    client: TestClient, state: State, demo: dict[str, Any]
) -> None:
    headers = client.post("/v1/screen", json=demo).headers
    assert headers["x-graph-id"] == state.graph.id
    assert headers["cache-control"] == "no-store"
    assert headers["etag"]


@pytest.mark.parametrize(
    ("content", "status", "quoted"),
    [
        (b"", 400, "line 1"),
        (b"{", 400, "line 1"),
        (b"[1]", 400, "object"),
        (b'{"taking": NaN}', 400, "NaN"),
        (b'{"taking": ' + b"[" * 100_000, 400, "nested"),
        (b'{"taking": ["warfarin"], "taking": ["metformin"]}', 400, "'taking'"),
        (b'{"tking": []}', 422, "tking"),
        (b'{"add": "zzyzx"}', 422, "zzyzx"),
        (b'{"stop": "warfarin"}', 422, "warfarin"),
        (b'{"patient": {"diplotypes": {"CYP2C19": "*2"}}}', 422, "*2"),
        (b'{"patient": {"diplotypes": {"NOGENE1": "*1/*2"}}}', 422, "NOGENE1"),
        (b'{"resourceType": "Practitioner"}', 400, "Practitioner"),
        (b" " * (1024 * 1024 + 1), 413, "1048576"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_body_that_is_not_accepted_is_a_problem_that_quotes_it(
    client: TestClient, content: bytes, status: int, quoted: str
) -> None:
    response = client.post("/v1/screen", content=content, headers=JSON)
    assert quoted in problem_of(response, status)["detail"]


def test_a_body_that_hides_its_length_is_cut_off_too(client: TestClient) -> None:
    chunks = (b" " * 65_536 for _ in range(17))
    problem_of(client.post("/v1/screen", content=chunks, headers=JSON), 413)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", ""])
def test_another_media_type_is_refused(client: TestClient, media_type: str) -> None:
    response = client.post("/v1/screen", content=b"{}", headers={"content-type": media_type})
    problem_of(response, 415)


def test_candidates_come_with_a_name_that_is_not_clear(client: TestClient) -> None:
    problem = problem_of(client.post("/v1/screen", json={"add": "zocro"}), 422)
    assert "simvastatin" in {row["name"] for row in problem["candidates"]}


def test_what_is_not_there_and_what_is_not_done_are_problems(client: TestClient) -> None:
    assert "/nowhere" in problem_of(client.get("/nowhere"), 404)["detail"]
    response = client.get("/v1/screen")
    problem_of(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_drug_is_found_by_its_brand_and_described_by_any_code(client: TestClient) -> None:
    found = client.get("/v1/drugs", params={"q": "Zocor"}).json()
    assert (found["status"], found["name"]) == ("resolved", "simvastatin")
    described = client.get(f"/v1/drugs/{found['curie']}").json()
    assert described["name"] == "simvastatin"
    assert described["covered"] is True
    assert client.get("/v1/drugs/DRUGBANK:DB00641").json() == described


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/drugs", 422),
        ("/v1/drugs?q=", 422),
        ("/v1/drugs?q=x&limit=many", 422),
        ("/v1/drugs/simvastatin", 422),
        ("/v1/drugs/NOPREFIX:1", 422),
        ("/v1/drugs/RXCUI:9999999", 404),
        ("/v1/drugs/HGNC:2637", 404),
    ],
)
def test_a_drug_that_cannot_be_looked_up_is_a_problem(
    client: TestClient, path: str, status: int
) -> None:
    problem_of(client.get(path), status)


def test_what_is_known_already_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/v1/sources")
    again = client.get("/v1/sources", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_sources_come_with_version_and_licence(client: TestClient) -> None:
    rows = client.get("/v1/sources").json()["sources"]
    assert {"infores:ansm", "infores:coprescribe"} <= {row["source"] for row in rows}
    assert all(row["version"] and row["licence"] for row in rows)


def test_the_service_tells_how_it_is(client: TestClient, state: State) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json()["graph"] == state.graph.id
    assert client.get("/version").json()["graph"] == state.graph.id


def test_the_interface_describes_question_and_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    known = document["components"]["schemas"]
    assert {"ScreenRequest", "ScreeningAnswer", "PatientBody"} <= known.keys()
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= known.keys()
    assert "HTTPValidationError" not in text
    assert "$defs" not in text


def test_simvastatin_shares_cyp3a4_with_others(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": SIMVASTATIN_SHARES_CYP3A4, "format": "csv"})
    assert response.headers["content-type"].startswith("text/csv")
    names = response.text.split()
    assert {"simvastatin", "amlodipine", "midazolam"} <= set(names)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("image/png, application/sparql-results+xml;q=0.5", "application/sparql-results+xml"),
        ("text/csv;q=0.1, text/tab-separated-values", "text/tab-separated-values"),
    ],
)
def test_a_query_answers_in_the_type_that_is_accepted(
    client: TestClient, accept: str | None, media_type: str
) -> None:
    headers = {"accept": accept} if accept else {}
    response = client.get("/sparql", params={"query": "ASK {}"}, headers=headers)
    assert response.headers["content-type"].partition(";")[0] == media_type


def test_a_query_may_come_in_the_body_or_in_a_form(client: TestClient) -> None:
    plain = {"content-type": "application/sparql-query"}
    assert client.post("/sparql", content="ASK {}", headers=plain).json()["boolean"] is True
    assert client.post("/sparql", data={"query": "ASK {}", "format": "csv"}).text == "true"
    turtle = client.post("/sparql", content="DESCRIBE RXCUI:36567", headers=plain)
    assert turtle.headers["content-type"].startswith("text/turtle")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("ASK {", 400),
        ("DROP ALL", 400),
        ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", 400),
        ("SELECT * { ?s ?p ?o } #" + "x" * 9000, 400),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_query_that_is_refused_is_a_problem(client: TestClient, query: str, status: int) -> None:
    problem_of(client.get("/sparql", params={"query": query}), status)


def test_a_query_that_cannot_be_read_or_answered_is_a_problem(client: TestClient) -> None:
    asked = {"query": "ASK {}"}
    problem_of(client.get("/sparql", params=asked, headers={"accept": "image/png"}), 406)
    problem_of(client.get("/sparql", params={**asked, "format": "pdf"}), 422)
    problem_of(client.post("/sparql", data={"format": "csv"}), 422)
    problem_of(client.post("/sparql", json=asked), 415)


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    home = tmp_path_factory.mktemp("empty")
    return TestClient(create_app(lambda: open_state(home)), raise_server_exceptions=False)


def test_without_a_graph_the_service_lives_and_every_question_gets_503(
    unbuilt: TestClient,
) -> None:
    with unbuilt as client:
        assert client.get("/health").status_code == 200
        assert client.get("/version").json()["graph"] is None
        for path in ("/ready", "/v1/sources", "/v1/drugs?q=x", "/sparql?query=ASK{}"):
            response = client.get(path)
            assert "coprescribe build" in problem_of(response, 503)["detail"]
            assert response.headers["retry-after"]
        problem_of(client.post("/v1/screen", json={}), 503)


def test_without_a_graph_nobody_is_told_where_it_was_looked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(lambda: open_state(tmp_path))) as client:
        assert str(tmp_path) not in client.get("/ready").text
    assert str(tmp_path) in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        MissingGraph(PLACE, None, ()),
        MissingStore(PLACE),
        DamagedStore(PLACE, "no such column"),
        DamagedTable(PLACE, "truncated"),
        OSError(errno.ENOSPC, "No space left on device", str(PLACE)),
        OSError(f"cannot map {PLACE}"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_problem_of_the_disk_tells_no_place(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    broken = APIRouter()

    @broken.get("/broken")
    def fail() -> None:
        raise error

    app = create_app(lambda: open_state(tmp_path))
    app.include_router(broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/broken")
    assert "/srv" not in response.text
    assert "log" in problem_of(response, 503)["detail"]
    assert str(PLACE.parent) in caplog.text


def test_a_question_too_many_is_told_to_come_back(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(body: object, opened: object) -> dict[str, Any]:
        del body, opened
        begun.set()
        assert go_on.wait(30)
        return {}

    monkeypatch.setattr("api.routes.screen.answer", slow)
    with (
        TestClient(create_app(lambda: state, max_in_flight=1)) as client,
        ThreadPoolExecutor() as pool,
    ):
        first = pool.submit(client.post, "/v1/screen", json={})
        assert begun.wait(30)
        refused = client.post("/v1/screen", json={})
        assert client.get("/health").status_code == 200
        go_on.set()
        assert first.result().status_code == 200
        assert client.post("/v1/screen", json={}).status_code == 200
    assert "1 question" in problem_of(refused, 503)["detail"]
    assert refused.headers["retry-after"] == "1"


def test_a_question_that_fails_gives_its_place_back(state: State) -> None:
    with TestClient(create_app(lambda: state, max_in_flight=1)) as client:
        for _ in range(3):
            problem_of(client.post("/v1/screen", json={"add": "zzyzx"}), 422)


def test_a_damaged_graph_keeps_the_service_from_starting(tmp_path: Path) -> None:
    folder = tmp_path / "kg" / "open-1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with (
        pytest.raises(DamagedArtifact, match="open-1"),
        TestClient(create_app(lambda: open_state(tmp_path))),
    ):
        pass


def test_a_defect_is_a_problem_that_tells_no_internals(tmp_path: Path) -> None:
    broken = APIRouter()

    @broken.get("/broken")
    def fail() -> None:
        raise KeyError("simvastatin of a patient")

    app = create_app(lambda: open_state(tmp_path))
    app.include_router(broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/broken")
    assert "simvastatin" not in response.text
    problem_of(response, 500)


def test_no_log_line_tells_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "coprescribe"):
        client.get("/v1/drugs", params={"q": "simvastatin"})
        client.get("/v1/drugs/RXCUI:36567")
        client.post("/v1/screen", json={"taking": ["simvastatin"], "add": "zzyzx"})
    assert "GET /v1/drugs 200" in caplog.text
    assert "POST /v1/screen 422" in caplog.text
    for told in ("simvastatin", "36567", "zzyzx"):
        assert told not in caplog.text


def test_a_logged_exception_loses_its_message() -> None:
    try:
        raise KeyError("simvastatin")
    except KeyError as error:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, None)
        record.exc_info = (KeyError, error, error.__traceback__)
    assert WithoutContents().filter(record)
    written = logging.Formatter().format(record)
    assert "KeyError (withheld)" in written
    assert "KeyError: 'simvastatin'" not in written


def test_no_library_logs_what_was_asked() -> None:
    script = (
        "import asyncio, gc, logging.config\n"
        "from api.log import log_config\n"
        "logging.config.dictConfig(log_config(verbose=2, quiet=False))\n"
        "async def forget():\n"
        "    async def fail(): raise KeyError('simvastatin of a patient')\n"
        "    asyncio.ensure_future(fail())\n"
        "    await asyncio.sleep(0)\n"
        "    gc.collect()\n"
        "asyncio.run(forget())\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "ERROR asyncio: (message withheld)" in done.stderr
    assert "KeyError (withheld)" in done.stderr
    assert "KeyError('simvastatin" not in done.stderr
    assert "KeyError: 'simvastatin" not in done.stderr


def test_the_home_is_the_one_given_else_of_the_environment_else_of_the_platform(
    tmp_path: Path,
) -> None:
    assert find_home(tmp_path, {"COPRESCRIBE_HOME": "elsewhere"}) == tmp_path
    assert find_home(None, {"COPRESCRIBE_HOME": "elsewhere"}) == Path("elsewhere")
    assert find_home(None, {}).name == "coprescribe"
