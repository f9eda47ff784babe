"""The doors against a stranger: the OWASP API Security Top 10 of 2023, and hostile requests."""

from __future__ import annotations

import asyncio
import inspect
import re
import socket
from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.serve import serve
from api.deps import read_body
from api.problems import UnfinishedBody
from api.state import State
from api.tokens import Access
from tests.api.described_doors import DOCUMENT, NAMES, OPERATIONS, filled
from tests.api.full_bodies import CALL, SCREEN
from tests.api.mutants import Path as Place
from tests.api.mutants import replaced

OF_GRAPH = {"curie", "rxcui", "service"}
"""What is named in a path: things of the graph and of the service, never somebody's."""
WITHOUT_TOKEN = {"/", "/health", "/page/words.json", "/ready"}
TOKEN, ADMIN = "t" * 40, "a" * 40


@pytest.fixture(scope="module")
def guarded(state: State) -> Iterator[TestClient]:
    """The doors where every caller, and the keeper, must bear a token."""
    app = create_app(lambda: state, access=Access(TOKEN, ADMIN))
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


# API1: nothing here is somebody's.


def test_no_address_names_what_belongs_to_somebody() -> None:
    named = {
        each["name"]
        for _, _, operation in OPERATIONS
        for each in operation.get("parameters", ())
        if each["in"] == "path"
    }
    assert named <= OF_GRAPH


def test_nobody_is_told_what_another_asked(client: TestClient) -> None:
    told = client.post("/v1/screen", json=SCREEN).json()
    client.post("/v1/screen", json={"taking": ["warfarin", "aspirin"]})
    assert client.post("/v1/screen", json=SCREEN).json() == told


# API2 and API5: who may ask, and who may do.


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_with_a_token_set_every_door_asks_for_it(
    method: str, path: str, operation: dict[str, Any], guarded: TestClient
) -> None:
    for sent in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        refused = guarded.request(method, filled(path), headers=sent)
        if path in WITHOUT_TOKEN:
            assert refused.status_code == 200
        else:
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_a_caller_is_not_the_keepers(guarded: TestClient, client: TestClient) -> None:
    bearing = {"authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/version", headers=bearing).status_code == 200
    assert guarded.post("/admin/reload", headers=bearing).status_code == 401
    assert client.post("/admin/reload", headers=bearing).status_code == 403
    unchanged = guarded.post("/admin/reload", headers={"authorization": f"Bearer {ADMIN}"})
    assert unchanged.status_code == 503


# API3: only what is described is read and told.


@pytest.mark.parametrize("place", [(), ("patient",), ("patient", "labs", 0), ("taking", 2)])
def test_a_field_that_is_not_described_is_refused_at_every_depth(
    place: Place, client: TestClient
) -> None:
    body = replaced(SCREEN, (*place, "severity"), "minor")
    refused = client.post("/v1/screen", json=body)
    assert refused.status_code in {400, 422}
    assert "severity" in refused.json()["detail"]


@pytest.mark.parametrize("value", [False, "70", "NaN", [70], 10**400])
def test_what_is_no_number_is_not_made_one(value: object, client: TestClient) -> None:
    refused = client.post("/v1/screen", json=replaced(SCREEN, ("patient", "age_years"), value))
    assert refused.status_code in {400, 422}


# API4: what one request may take.


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("add",), ["warfarin"] * 101),
        (("stop",), ["warfarin"] * 101),
        (("replace",), {str(number): "warfarin" for number in range(101)}),
        (("taking",), ["warfarin"] * 101),
        (("patient", "conditions"), ["gout"] * 101),
        (("patient", "allergies"), ["penicillin"] * 101),
        (("patient", "labs"), [{"loinc": "2823-3", "value": 1}] * 201),
        (("patient", "diplotypes"), {str(number): "*1/*1" for number in range(51)}),
        (("patient", "phenotypes"), {str(number): "x" for number in range(51)}),
        (("add",), "x" * 201),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_every_list_and_text_has_an_end(place: Place, value: object, client: TestClient) -> None:
    assert client.post("/v1/screen", json=replaced(SCREEN, place, value)).status_code == 422


def test_a_body_that_dribbles_or_breaks_off_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.deps.BODY_SECONDS", 0.02)

    async def dribbled() -> dict[str, Any]:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def broken_off() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/screen", "headers": headers}
    for receive in (dribbled, broken_off):
        with pytest.raises(UnfinishedBody):
            asyncio.run(read_body(Request(scope, receive), ("application/json",)))


# API6: there is no flow to be misused, nothing is sold, booked or sent.
# API7: no address that a caller names is asked for anything.


def test_no_address_in_a_question_is_called(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []

    def refuse(own: socket.socket, address: object) -> None:
        called.append(address)
        raise OSError("no call is made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *named, **more: called.append(named))
    named = replaced(CALL, ("fhirServer",), "http://127.0.0.1:9/fhir")
    partly = replaced(named, ("prefetch", "medications"), None)
    for body in (named, partly):
        assert client.post("/cds-services/order-select", json=body).status_code == 200
    for query in ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }", "LOAD <http://a/>"):
        assert client.get("/sparql", params={"query": query}).status_code == 400
    graph = {"query": "ASK {}", "default-graph-uri": "http://127.0.0.1:9/"}
    assert client.get("/sparql", params=graph).status_code == 400
    assert called == []


# API8: how the service is set up when nobody says anything.


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_no_answer_is_kept_or_guessed_at(
    method: str, path: str, operation: dict[str, Any], client: TestClient
) -> None:
    response = client.request(method, filled(path), params={"drugs": "simvastatin,warfarin"})
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in response.headers["cache-control"] or (
        "server" not in response.headers and path in OF_NOBODY
    )
    assert "server" not in response.headers


OF_NOBODY = {"/", "/.well-known/void", "/page/words.json", "/v1/sources", "/version"}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "OPTIONS", "ODD"])
@pytest.mark.parametrize("path", ["/health", "/v1/screen", "/sparql", "/cds-services", "/"])
def test_a_method_that_is_not_described_is_refused(
    method: str, path: str, client: TestClient
) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    known = {name.upper() for name in DOCUMENT["paths"][path]}
    assert set(response.headers["allow"].split(", ")) - {"HEAD"} == known


@pytest.mark.parametrize("path", ["/version", "/v1/drugs?q=Zocor", "/sparql", "/nowhere"])
def test_head_tells_what_get_would(path: str, client: TestClient) -> None:
    bare, whole = client.head(path), client.get(path)
    assert (bare.status_code, bare.content) == (whole.status_code, b"")
    assert bare.headers.get("etag") == whole.headers.get("etag")


@pytest.mark.parametrize(
    "path",
    [
        "/page/%2e%2e/app.py",
        "/page/x/..%2f..%2fapp.py",
        "/page/x/%2e%2e%2fapp.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/page//etc/passwd",
        "/v1/drugs/..%2f..%2fetc%2fpasswd",
        "/page/x/index.html%00.js",
        "/%ff%fe",
    ],
)
def test_no_path_leads_out_of_the_service(path: str, client: TestClient) -> None:
    response = client.get(path, follow_redirects=False)
    assert response.status_code == 404
    assert "root:" not in response.text


@pytest.mark.parametrize("host", ["[", "evil.example", "a" * 5000, "x/y?z#", "a@b:c"])
def test_a_host_that_is_made_up_leads_nowhere(host: str, client: TestClient) -> None:
    for path in ("/version", "/nowhere", "/REST/rxcui?name=a", "/sparql", "/fhir/metadata"):
        response = client.get(path, headers={"host": host}, follow_redirects=False)
        assert response.status_code in {200, 404, 406}
        assert "location" not in response.headers
    cards = client.post("/cds-services/order-sign", json=CALL, headers={"host": host})
    assert cards.status_code < 500


def test_a_parameter_that_stands_twice_is_refused_and_none_is_lost(client: TestClient) -> None:
    refused = client.get("/v1/interactions?drugs=simvastatin,a&drugs=clarithromycin,b")
    assert refused.status_code in {400, 422}
    assert "'drugs' is given 2 times" in refused.json()["detail"]


def test_the_server_listens_to_this_machine_alone_unless_told() -> None:
    assert inspect.signature(serve).parameters["host"].default == "127.0.0.1"


# API9: what is not described is not there.

BESIDE = {"/docs", "/openapi.json"}


def test_every_address_is_described(client: TestClient) -> None:
    assert DOCUMENT["info"]["version"] == version("coprescribe")
    for path in ("/admin", "/v0/screen", "/v2/screen", "/debug", "/redoc", "/graphql", "/.env"):
        assert client.get(path).status_code == 404
    assert all(client.get(path).status_code == 200 for path in BESIDE)


def test_the_page_of_the_routes_shows_each_and_loads_nothing(client: TestClient) -> None:
    shown = client.get("/docs")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in shown.text
    assert re.findall(r"(?:src|href)=\"(?!#)([^\"]*)", shown.text) == ["openapi.json"]
    for method, path, _ in OPERATIONS:
        assert f"<h2><code>{method} {escape(path)}</code></h2>" in shown.text


def test_the_document_on_security_names_tests_that_exist(checkout: Path) -> None:
    told = (checkout / "docs" / "security.md").read_text(encoding="utf-8")
    files = {path: path.read_text(encoding="utf-8") for path in checkout.glob("tests/**/test_*.py")}
    known = {name for text in files.values() for name in re.findall(r"^def (test_\w+)", text, re.M)}
    assert set(re.findall(r"`(test_\w+)`", told)) - known == set()
    assert all((checkout / path).is_file() for path in re.findall(r"`(tests/[\w/.]+)`", told))


# API10: tests/kg/test_fetch.py, tests/test_architecture.py and tests/api/test_tokens.py.
