"""``GET /v1/explain`` as a picture: the one that the command draws."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from api.cli.main import main
from api.state import State

PATH = "/v1/explain?drugs=simvastatin,clarithromycin&top=3"
SVG = {"accept": "image/svg+xml"}


def test_the_picture_is_the_one_that_the_command_draws(
    client: TestClient, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.explain.open_state", lambda *_: state)
    file = tmp_path / "why.svg"
    drawn = ["simvastatin", "clarithromycin", "--top", "3", "--plot", str(file)]
    assert main(["explain", *drawn]) == 0
    response = client.get(PATH, headers=SVG)
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.content == file.read_bytes()
    assert ET.fromstring(response.text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314


def test_a_picture_runs_nothing_and_is_told_apart_from_the_words(client: TestClient) -> None:
    words, picture = client.get(PATH), client.get(PATH, headers=SVG)
    policy = picture.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert words.headers["etag"] != picture.headers["etag"]
    for response in (words, picture):
        assert "accept" in response.headers["vary"].lower().replace(" ", "").split(",")
        assert response.headers["cache-control"] == "no-store"
    known = {**SVG, "if-none-match": picture.headers["etag"]}
    assert client.get(PATH, headers=known).status_code == 304
    assert client.get(PATH, headers={**known, "accept": "*/*"}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json, image/svg+xml;q=0.5", "application/json"),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/svg+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_accept_chooses(client: TestClient, accept: str, media_type: str) -> None:
    response = client.get(PATH, headers={"accept": accept})
    assert response.headers["content-type"] == media_type


def test_what_cannot_be_given_and_what_cannot_be_drawn_are_problems(client: TestClient) -> None:
    assert client.get(PATH, headers={"accept": "text/csv"}).status_code == 406
    unknown = client.get("/v1/explain?drugs=simvastatin,zzyzx", headers=SVG)
    assert unknown.status_code == 422
    assert unknown.headers["content-type"] == "application/problem+json"


def test_the_interface_shows_a_picture(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/explain"]["get"]
    example = operation["responses"]["200"]["content"]["image/svg+xml"]["example"]
    assert ET.fromstring(example).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
