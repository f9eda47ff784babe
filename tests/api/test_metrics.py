"""Numbers for Prometheus: by route, status and kind, of all workers, and of no patient."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import CountedEndpoint, create_app
from api.in_flight import InFlight
from api.middleware.overload import AT_ONCE, SlowRefusals
from api.state import State
from kg.artifact import MissingGraph
from kg.query_errors import EndpointBusy, QueryTimeout, QueryTooHungry
from kg.sparql import SparqlEndpoint
from tests.api.cds_calls import call, draft, order

_LINE = re.compile(r'[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? -?[0-9.e+Inf]+')


@pytest.fixture
def counting(state: State) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: state), raise_server_exceptions=False) as client:
        yield client


def numbers(client: TestClient) -> dict[str, float]:
    """Every line but the comments."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    assert all(_LINE.fullmatch(line) for line in lines)
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_requests_are_counted_by_route_and_never_by_address(counting: TestClient) -> None:
    for path in ("/v1/drugs/RXCUI:36567", "/v1/drugs/RXCUI:21212", "/canary-1", "/canary-2"):
        counting.get(path)
    counting.request("CANARY", "/v1/screen")
    found = numbers(counting)
    requests = "coprescribe_requests_total"
    assert found[f'{requests}{{method="GET",route="/v1/drugs/{{curie}}",status="200"}}'] == 2
    assert found[f'{requests}{{method="GET",route="(no route)",status="404"}}'] == 2
    assert found['coprescribe_request_seconds_count{route="/v1/drugs/{curie}"}'] == 2
    assert found["coprescribe_requests_under_way"] == 1
    assert "canary" not in str(found).lower()


def test_findings_are_counted_by_kind_and_no_drug_is_named(
    counting: TestClient, demo: dict[str, Any], state: State
) -> None:
    answer = counting.post("/v1/screen", json=demo).json()
    counting.get("/v1/interactions?drugs=Zocor,Biaxin")
    found = numbers(counting)
    assert found["coprescribe_screenings_total"] == found["coprescribe_questions_total"] == 2
    kinds = [(each["kind"], each["change"]) for each in answer["findings"]]
    gene = 'coprescribe_findings_total{change="unchanged",kind="drug_gene"}'
    assert found.get(gene, 0) == kinds.count(("drug_gene", "unchanged"))
    told = {kind for kind, _ in kinds}
    assert all(f'kind="{kind}"' in str(found) for kind in told)
    for name in ("simvastatin", "clarithromycin", "zocor", "rxcui", "cyp2c19"):
        assert name not in str(found).lower()
    serving = f'coprescribe_serving{{graph="{state.graph.id}",model="none",version="0.1.0"}}'
    assert found[serving] == 1


def test_who_is_refused_is_counted(state: State, demo: dict[str, Any]) -> None:
    with TestClient(create_app(lambda: state, max_in_flight=0)) as client:
        assert client.post("/v1/screen", json=demo).status_code == 503
        assert numbers(client)[shed_at("/v1/screen")] == 1


def shed_at(route: str) -> str:
    return f'coprescribe_shed_total{{route="{route}"}}'


def test_every_door_that_refuses_a_crowd_is_counted(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a batch, a drug with all others, and queries, at either bound of theirs."""

    def busy(*_: object, **__: object) -> None:
        raise EndpointBusy(2.0)

    app = create_app(lambda: state, max_in_flight=0)
    app.state.long_in_flight = InFlight(0)
    with TestClient(app) as client:
        monkeypatch.setattr(SparqlEndpoint, "query", busy)
        asked = {
            "/sparql": client.get("/sparql?query=ASK{}"),
            "/REST/interaction/interaction.json": client.get(
                "/REST/interaction/interaction.json?rxcui=36567"
            ),
            "/v1/screen/batch": client.post(
                "/v1/screen/batch", content="{}", headers={"content-type": "application/x-ndjson"}
            ),
            "/fhir/$screen": client.post("/fhir/$screen", json={"resourceType": "Bundle"}),
            "/cds-services/{service}": client.post("/cds-services/order-sign", json={}),
        }
        found = numbers(client)
        assert {response.status_code for response in asked.values()} == {503}
        assert {shed_at(route): 1 for route in asked}.items() <= found.items()
    with TestClient(create_app(lambda: state)) as client:
        monkeypatch.setattr("api.routes.sparql._queries_in_flight", InFlight(0))
        assert client.get("/sparql?query=ASK{}").status_code == 503
        assert numbers(client)[shed_at("/sparql")] == 1
    with TestClient(create_app(_no_graph)) as client:
        assert client.post("/v1/screen", json={}).status_code == 503
        assert "shed_total{" not in str(numbers(client)), "no graph is not too many questions"


def _no_graph() -> State:
    raise MissingGraph(Path("nowhere"), None, ())


def test_a_call_of_cds_hooks_is_one_question_however_often_it_screens(
    counting: TestClient,
) -> None:
    """The first screening of it finds harm, the second looks for something better."""
    body = call([draft("d1", "clarithromycin")], [order("a1", "simvastatin")])
    cards = counting.post("/cds-services/order-sign", json=body).json()["cards"]
    assert cards[0]["indicator"] == "critical"
    found = numbers(counting)
    assert found["coprescribe_questions_total"] == 1
    assert found["coprescribe_screenings_total"] == 2
    assert found['coprescribe_findings_total{change="created",kind="drug_drug"}'] == 1


@pytest.mark.parametrize(
    ("error", "limit"), [(QueryTimeout(2.0), "time"), (QueryTooHungry(1024), "memory")]
)
def test_queries_that_are_killed_are_counted(
    counting: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, limit: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(SparqlEndpoint, "query", fail)
    assert counting.get("/sparql?query=ASK{}").status_code == 422
    assert numbers(counting)[f'coprescribe_sparql_stopped_total{{limit="{limit}"}}'] == 1
    assert issubclass(CountedEndpoint, SparqlEndpoint)


def test_any_worker_answers_for_all_and_what_ended_ones_counted_stays(tmp_path: Path) -> None:
    script = f"""
import os
from pathlib import Path
from api import metrics
metrics.share(Path({str(tmp_path)!r}))
counted = metrics.Metrics()
for place in ("0-0", "0-1", "0-0"):
    child = os.fork()
    if child == 0:
        metrics.take_place(place)
        counted.began()
        counted.began()
        counted.ended("/v1/screen", "POST", 200, 0.01)
        counted.shed("/v1/screen")
        os._exit(0)
    os.waitpid(child, 0)
    if place == "0-0":
        metrics.free_place(place)
print(counted.text().decode())
"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert 'coprescribe_shed_total{route="/v1/screen"} 3.0' in done.stdout
    assert 'coprescribe_request_seconds_count{route="/v1/screen"} 3.0' in done.stdout
    assert "coprescribe_requests_under_way 1.0" in done.stdout


async def _refused(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})


def test_a_crowd_that_is_refused_hears_of_it_late(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        del message

    monkeypatch.setattr("api.middleware.overload.asyncio.sleep", sleep)
    monkeypatch.setattr("api.middleware.overload.time.monotonic", lambda: 5.0)
    slow = SlowRefusals(_refused)

    async def crowd() -> None:
        for _ in range(AT_ONCE + 3):
            await slow({"type": "http"}, receive, send)

    asyncio.run(crowd())
    assert len(waited) == 3
    assert all(1 <= seconds < 2 for seconds in waited)
    assert len(set(waited)) == 3
