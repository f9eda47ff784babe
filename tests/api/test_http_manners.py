"""What every answer over HTTP has: an id, an entity tag, compression, and doors for browsers."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import InvalidRequest
from api.schemas import ScreenRequest
from api.service import answer
from api.settings import origins_of
from api.state import State, open_state

OURS = "https://clinic.example"
TAGGED = (
    "/v1/interactions?drugs=simvastatin,clarithromycin",
    "/v1/drugs?q=Zocor",
    "/v1/drugs/RXCUI:36567",
    "/v1/sources",
    "/version",
    "/sparql?query=ASK{}",
    "/sparql",
    "/.well-known/void",
    "/REST/rxcui.json?name=Zocor",
)


@pytest.fixture(scope="module")
def open_to_ours(state: State) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: state, origins=(OURS,))) as client:
        yield client


def test_interactions_are_the_answer_of_the_service_to_the_list(
    client: TestClient, state: State, answer_schema: dict[str, Any]
) -> None:
    names = ["Zocor", "RXCUI:21212", "zzyzx"]
    found = client.get("/v1/interactions", params={"drugs": ",".join(names)}).json()
    assert found == answer({"taking": names}, state)
    assert found["findings"]
    assert [each["status"] for each in found["taking"]] == ["resolved", "resolved", "unresolved"]
    jsonschema.validate(found, answer_schema)


@pytest.mark.parametrize(
    ("drugs", "quoted"),
    [
        ("", "drugs"),
        ("simvastatin", "at least two"),
        ("simvastatin,,warfarin", "must not be empty"),
        (",".join(["simvastatin"] * 101), "100"),
        ("x" * 201 + ",warfarin", "200"),
    ],
    ids=lambda value: value[:24],
)
def test_a_list_that_is_not_accepted_is_a_problem(
    client: TestClient, drugs: str, quoted: str
) -> None:
    response = client.get("/v1/interactions", params={"drugs": drugs})
    assert response.status_code == 422
    assert quoted in response.json()["detail"]


@pytest.mark.parametrize("path", TAGGED)
def test_what_is_known_already_is_not_sent_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_the_same_answer_from_another_graph_has_another_tag(
    client: TestClient, state: State
) -> None:
    other = renamed(state)
    with TestClient(create_app(lambda: other)) as elsewhere:
        here, there = client.get(TAGGED[1]), elsewhere.get(TAGGED[1])
    assert here.content == there.content
    assert here.headers["etag"] != there.headers["etag"]


def renamed(state: State) -> State:
    """The same facts under another name."""
    graph = copy.copy(state.graph)
    object.__setattr__(graph, "id", "open-other")
    other = copy.copy(state)
    object.__setattr__(other, "graph", graph)
    return other


def test_a_long_answer_is_sent_compressed_to_those_who_read_it(client: TestClient) -> None:
    packed = client.get(TAGGED[0], headers={"accept-encoding": "gzip"})
    plain = client.get(TAGGED[0], headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert packed.json() == plain.json()
    assert "content-encoding" not in client.get("/health").headers


@pytest.mark.parametrize("sent", ["ward-7:0042", "0af7651916cd43dd8448eb211c80319c"])
def test_a_sane_request_id_is_taken_over(client: TestClient, sent: str) -> None:
    for path, status in (("/health", 200), ("/nowhere", 404), ("/v1/drugs", 422)):
        response = client.get(path, headers={"x-request-id": sent})
        assert response.status_code == status
        assert response.headers["x-request-id"] == sent
        assert response.json().get("request_id", sent) == sent


@pytest.mark.parametrize("sent", [None, "", "simvastatin for Mrs X", "x" * 65, "a\tb", "<b>"])
def test_another_request_id_is_made_anew(client: TestClient, sent: str | None) -> None:
    headers = {} if sent is None else {"x-request-id": sent}
    answers = [client.get("/nowhere", headers=headers) for _ in range(2)]
    ids = {response.headers["x-request-id"] for response in answers}
    assert ids == {response.json()["request_id"] for response in answers}
    assert len(ids) == 2
    assert sent not in ids


def test_the_log_has_ids_that_cannot_be_a_number_of_a_patient(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with caplog.at_level(logging.INFO, "coprescribe"):
        made = client.get("/health").headers["x-request-id"]
        for sent in (trace, "mrn-1234567"):
            assert client.get("/health", headers={"x-request-id": sent}).status_code == 200
    assert made in caplog.text
    assert trace in caplog.text
    assert "1234567" not in caplog.text


def test_a_defect_bears_the_id_of_its_request_and_the_log_has_no_id_that_was_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = APIRouter()

    @broken.get("/broken")
    def fail() -> None:
        raise TypeError("simvastatin of a patient")

    app = create_app(lambda: open_state(tmp_path))
    app.include_router(broken)
    with (
        caplog.at_level(logging.DEBUG, "coprescribe"),
        TestClient(app, raise_server_exceptions=False) as client,
    ):
        response = client.get("/broken", headers={"x-request-id": "ward-7"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == response.json()["request_id"] == "ward-7"
    assert "ward-7" not in caplog.text


def test_pages_of_no_other_site_may_read_unless_somebody_says_so(client: TestClient) -> None:
    response = client.get("/v1/sources", headers={"origin": OURS})
    assert "access-control-allow-origin" not in response.headers
    asked = {"origin": OURS, "access-control-request-method": "POST"}
    assert client.options("/v1/screen", headers=asked).status_code == 405


def test_pages_of_a_site_that_is_named_may_ask_and_read(open_to_ours: TestClient) -> None:
    asked = {
        "origin": OURS,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    allowed = open_to_ours.options("/v1/screen", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == OURS
    for path in ("/v1/sources", "/nowhere"):
        read = open_to_ours.get(path, headers={"origin": OURS})
        assert read.headers["access-control-allow-origin"] == OURS
        assert "access-control-allow-credentials" not in read.headers
    refused = open_to_ours.options(
        "/v1/screen", headers={**asked, "origin": "https://evil.example"}
    )
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "text", ["clinic.example", "https://clinic.example/", "https://*.example", "null", "ftp://a"]
)
def test_what_is_no_origin_is_quoted(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is not accepted"):
        origins_of([text])


def test_an_origin_that_is_named_twice_counts_once() -> None:
    found = origins_of([OURS, "http://localhost:8000", "https://[::1]:8443", OURS])
    assert found == (OURS, "http://localhost:8000", "https://[::1]:8443")


def test_the_interface_shows_an_example_of_everything(
    client: TestClient, answer_schema: dict[str, Any]
) -> None:
    document = client.get("/openapi.json").json()
    for address, path in document["paths"].items():
        for method, operation in path.items():
            told = operation["responses"]["200"]["content"].values()
            asked = operation.get("requestBody", {}).get("content", {}).values()
            assert all("example" in each for each in asked), (method, address)
            assert any("example" in each for each in told), (method, address)
            for parameter in operation.get("parameters", ()):
                assert not parameter["required"] or parameter["schema"].get("examples"), address
    screen = document["paths"]["/v1/screen"]["post"]
    ScreenRequest.model_validate(screen["requestBody"]["content"]["application/json"]["example"])
    for operation in (screen, document["paths"]["/v1/interactions"]["get"]):
        content = operation["responses"]["200"]["content"]["application/json"]
        jsonschema.validate(content["example"], answer_schema)
    lines = document["paths"]["/v1/screen/batch"]["post"]["responses"]["200"]["content"]
    shown = lines["application/x-ndjson"]["example"].splitlines()
    jsonschema.validate(json.loads(shown[0]), answer_schema)
    assert json.loads(shown[1])["line"] == 2
