"""Many questions in one request: each answered alone, in order, while others still come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import batch
from api.app import create_app
from api.batch import Ahead, Lines
from api.in_flight import LONG_AT_ONCE
from api.routes import rxnav
from api.routes.batch import PATH, BatchResponse
from api.rxnav.interactions import Interactions
from api.service import answer
from api.state import State, open_state

NDJSON = {"content-type": "application/x-ndjson"}
QUESTION: dict[str, Any] = {"taking": ["simvastatin", "warfarin"], "add": "clarithromycin"}


def ndjson(*questions: object) -> bytes:
    return b"".join(json.dumps(question).encode() + b"\n" for question in questions)


def asked(client: TestClient, content: bytes | Iterator[bytes]) -> list[dict[str, Any]]:
    response = client.post(PATH, content=content, headers=NDJSON)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.split("\n")[:-1]]


@contextmanager
def full(client: TestClient) -> Iterator[None]:
    """As many long answers under way as a server gives at a time."""
    with ExitStack() as places:
        for _ in range(LONG_AT_ONCE):
            places.enter_context(client.app.state.long_in_flight.one_more())  # type: ignore[attr-defined]
        yield


def test_each_line_gets_the_answer_that_it_gets_alone(
    client: TestClient, state: State, demo: dict[str, Any]
) -> None:
    assert asked(client, ndjson(QUESTION, demo)) == [answer(QUESTION, state), answer(demo, state)]


def test_a_last_line_without_an_end_and_other_ends_of_lines_are_read(client: TestClient) -> None:
    content = ndjson(QUESTION).replace(b"\n", b"\r\n") + b"\n \r\n" + json.dumps(QUESTION).encode()
    first, second = asked(client, content)
    assert first == second
    assert asked(client, b"") == []


@pytest.mark.parametrize(
    ("line", "status", "quoted"),
    [
        (b"{", 400, "line 2"),
        (b"[]", 400, "line 2"),
        (b"\xff{}", 400, "UTF-8"),
        (b'{"tking": []}', 422, "tking"),
        (b'{"add": "zzyzx"}', 422, "zzyzx"),
        (b'{"resourceType": "Practitioner"}', 400, "Practitioner"),
        (b'{"taking": ' + b"[" * 50_000, 400, "nested"),
        (b'{"add": "' + b"x" * (1024 * 1024) + b'"}', 413, "1048576"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_bad_line_is_a_problem_in_its_place_and_the_others_go_on(
    client: TestClient, line: bytes, status: int, quoted: str
) -> None:
    before, problem, after = asked(client, ndjson(QUESTION) + line + b"\n" + ndjson(QUESTION))
    assert before == after
    assert before["findings"]
    assert (problem["line"], problem["status"]) == (2, status)
    assert problem["title"]
    assert quoted in problem["detail"]


def test_a_defect_at_one_line_ends_no_other_and_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(body: dict[str, Any], state: State) -> dict[str, Any]:
        if "stop" in body:
            raise TypeError("simvastatin of a patient")
        return answer(body, state)

    monkeypatch.setattr(batch, "answer", failing)
    first, problem, last = asked(client, ndjson(QUESTION, {"stop": "simvastatin"}, QUESTION))
    assert first == last
    assert (problem["status"], problem["kind"], problem["line"]) == (500, "TypeError", 2)
    assert "simvastatin" not in json.dumps(problem) + caplog.text


def test_a_batch_has_an_end(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_QUESTIONS", 2)
    *answered, problem = asked(client, ndjson(*[{}] * 5))
    assert [("findings" in each) for each in answered] == [True, True]
    assert (problem["line"], problem["status"]) == (3, 413)


def test_another_media_type_is_refused(client: TestClient) -> None:
    response = client.post(PATH, content=ndjson(QUESTION), headers={"content-type": "text/csv"})
    assert response.status_code == 415
    assert response.headers["content-type"] == "application/problem+json"


def test_a_batch_too_many_and_one_without_a_graph_are_told_to_come_back(
    state: State, tmp_path: Path
) -> None:
    with TestClient(create_app(lambda: open_state(tmp_path))) as unbuilt:
        closed = unbuilt.post(PATH, content=ndjson(QUESTION), headers=NDJSON)
    with TestClient(create_app(lambda: state)) as client, full(client):
        refused = client.post(PATH, content=ndjson(QUESTION), headers=NDJSON)
    for response in (closed, refused):
        assert response.status_code == response.json()["status"] == 503
        assert response.headers["retry-after"]


def test_long_answers_and_short_ones_have_places_of_their_own(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Interactions({"nlmDisclaimer": ""}, ())
    monkeypatch.setattr(rxnav._singles, "interactions", lambda *_: told)
    single = "/REST/interaction/interaction.json?rxcui=36567"
    with TestClient(create_app(lambda: state, max_in_flight=1)) as client:
        with full(client):
            assert client.post("/v1/screen", json=QUESTION).status_code == 200
            refused = client.get(single)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (
            'coprescribe_shed_total{route="/REST/interaction/interaction.json"} 1.0'
            in client.get("/metrics").text
        )
        with client.app.state.in_flight.one_more():  # type: ignore[attr-defined]
            assert client.post("/v1/screen", json=QUESTION).status_code == 503
            assert client.get(single).status_code == 200
            assert len(asked(client, ndjson(QUESTION))) == 1


def test_an_answer_is_stamped_and_not_to_be_kept(client: TestClient, state: State) -> None:
    headers = client.post(PATH, content=ndjson(QUESTION), headers=NDJSON).headers
    assert headers["x-graph-id"] == state.graph.id
    assert headers["cache-control"] == "no-store"
    assert "content-length" not in headers
    assert "content-encoding" not in headers


def test_a_batch_gives_its_place_back(state: State) -> None:
    with TestClient(create_app(lambda: state, max_in_flight=1)) as client:
        for _ in range(6):
            assert len(asked(client, ndjson({"add": "zzyzx"}))) == 1


def test_lines_are_cut_the_same_wherever_a_chunk_ends() -> None:
    text = b'{"a": 1}\n\n{"b": "\xc3\xa9"}\r\n  \n{"c": 3}'
    for size in range(1, len(text) + 1):
        lines = Lines()
        found = [each for i in range(0, len(text), size) for each in lines.cut(text[i : i + size])]
        found += lines.end()
        assert [line.number for line in found] == [1, 3, 5]
        assert b"".join(line.content or b"" for line in found).count(b"{") == 3


class Caller:
    """One who sends a text in chunks, and notes what comes back."""

    def __init__(self, chunks: Iterator[bytes], *, leaves_after: int | None = None) -> None:
        self._chunks = chunks
        self._leaves_after = leaves_after
        self._left = asyncio.Event()
        self.n_sent = self.n_taken = self.most_unanswered = 0

    async def receive(self) -> MutableMapping[str, Any]:
        """Give the next chunk; once they are at an end, wait until the caller leaves."""
        chunk = next(self._chunks, None)
        if chunk is None:
            await self._left.wait()
        if self._left.is_set() or chunk is None:
            return {"type": "http.disconnect"}
        self.n_sent += chunk.count(b"\n")
        self.most_unanswered = max(self.most_unanswered, self.n_sent - self.n_taken)
        return {"type": "http.request", "body": chunk, "more_body": chunk != b"\n"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take a line."""
        self.n_taken += bool(message.get("body"))
        if self.n_taken == self._leaves_after:
            self._left.set()
        await asyncio.sleep(0)


def with_caller(caller: Caller, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer a batch with an answer that costs nothing."""

    async def quick(line: batch.Line, _: State) -> bytes:
        return b"%d\n" % line.number

    monkeypatch.setattr(batch, "_answered", quick)
    asyncio.run(BatchResponse(state, ExitStack())({}, caller.receive, caller.send))


def test_ten_thousand_patients_never_lie_in_memory_together(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "AHEAD_BYTES", 4096)
    line = b'{"taking": ["simvastatin"]}\n'
    caller = Caller(iter([*[line * 10] * 1000, b"\n"]))
    with_caller(caller, state, monkeypatch)
    assert caller.n_taken == 10_000
    assert caller.most_unanswered * len(line) < 2 * 4096


def test_nothing_is_answered_to_a_caller_who_left(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(iter([b"{}\n"] * 1000), leaves_after=5)
    with_caller(caller, state, monkeypatch)
    assert caller.n_taken < 20


def test_a_caller_who_falls_silent_is_told_so(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SILENCE_SECONDS", 0.05)

    async def told() -> list[bytes]:
        async def receive() -> MutableMapping[str, Any]:
            await asyncio.sleep(30)
            return {}

        ahead = Ahead(receive)
        reading = asyncio.create_task(ahead.read())
        lines = [line async for line in batch.answers(ahead, state)]
        reading.cancel()
        return lines

    (line,) = asyncio.run(told())
    assert json.loads(line)["status"] == 408
