"""A defect of ours is told in the words of the door, with its headers, and tells of nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B import get_fhir_model_class

from api.app import create_app
from api.log import WithoutContents
from api.state import State
from tests.api.cds_calls import RXNORM, bundle, call, draft, order

ORIGIN = "https://clinic.example"
FHIR = "application/fhir+json"
RECORD = bundle(order("a1", "simvastatin"), draft("d1", "clarithromycin"))
CALL = call([draft("d1", "clarithromycin")], [order("a1", "simvastatin")])


class Failing:
    """A panel that quotes the whole question when it is asked."""

    def detect(self, regimen: Any, patient: Any) -> Iterator[Any]:
        raise TypeError(f"{regimen} {patient}")


@pytest.fixture
def failing(state: State) -> Iterator[TestClient]:
    broken = replace(state, panel=(Failing(), *state.panel))
    app = create_app(lambda: broken, origins=(ORIGIN,))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body"),
    [("/fhir/$screen", RECORD), ("/cds-services/order-sign", CALL)],
    ids=["fhir", "cds"],
)
def test_at_doors_of_fhir_a_defect_is_an_outcome(
    failing: TestClient, path: str, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    withheld = WithoutContents()
    with caplog.at_level(logging.DEBUG, "coprescribe"), caplog.filtering(withheld):
        told = failing.post(path, json=body, headers={"origin": ORIGIN})
    assert (told.status_code, told.headers["content-type"]) == (500, FHIR)
    get_fhir_model_class("OperationOutcome").model_validate(told.json())
    (issue,) = told.json()["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "exception")
    assert "nothing was answered" in issue["diagnostics"]
    _tells_nothing(told.text + str(told.headers) + caplog.text)
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["access-control-allow-origin"] == ORIGIN
    assert "TypeError (withheld)" in caplog.text


def test_at_the_other_doors_it_is_what_their_callers_read(failing: TestClient) -> None:
    old = failing.get("/REST/interaction/list.json?rxcuis=36567+21212")
    assert (old.status_code, old.headers["content-type"]) == (500, "application/json")
    assert "nothing was answered" in old.json()["error"]
    own = failing.post("/v1/screen", json={"taking": ["simvastatin"]})
    assert (own.status_code, own.headers["content-type"]) == (500, "application/problem+json")
    assert own.headers["cache-control"] == "no-store"
    _tells_nothing(old.text + own.text)
    assert 'status="500"' in failing.get("/metrics").text


def _tells_nothing(text: str) -> None:
    for word in ("simvastatin", "clarithromycin", "36567", "21212", RXNORM, "Patient/p1"):
        assert word not in text
    assert json.dumps("d1") not in text
