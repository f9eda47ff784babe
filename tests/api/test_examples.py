"""What lies under examples/ runs, against a live server."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import create_app
from api.body import read_question
from api.cli.main import main
from api.service import parse_request
from api.state import State

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PATIENT = EXAMPLES / "demo-patient.json"


@pytest.fixture(scope="module")
def server(state: State) -> Iterator[str]:
    """The address of a live server."""
    config = uvicorn.Config(create_app(lambda: state), port=0, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    deadline = time.monotonic() + 60
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.02)
    host, port = running.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    running.should_exit = True
    thread.join(timeout=60)


def example(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "screen_over_http.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603


def test_the_example_asks_a_live_server_and_tells_each_finding(
    server: str, state: State, capsys: pytest.CaptureFixture[str], open_home: Path
) -> None:
    done = example(PATIENT, server)
    assert (done.returncode, done.stderr) == (0, "")
    assert "created, contraindicated: clarithromycin -> simvastatin: Rhabdomyolysis" in done.stdout
    options = ("--home", str(open_home), "--model", "none", "--json")
    assert main(["screen", "--patient", str(PATIENT), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert done.stdout.count("infores:") >= len(told["findings"])
    assert told["graph"]["id"] == state.graph.id


def test_the_example_says_what_the_server_refuses(server: str, tmp_path: Path) -> None:
    path = tmp_path / "question.json"
    path.write_text('{"add": "zzyzx", "taking": ["warfarin"]}', encoding="utf-8")
    done = example(path, server)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'zzyzx'" in done.stderr


def test_the_example_says_when_nobody_listens() -> None:
    done = example(PATIENT, "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr


def test_the_demo_patient_is_a_question() -> None:
    assert parse_request(read_question(PATIENT.read_bytes(), PATIENT.name)).add == "clarithromycin"


CURL = re.compile(r"""^\s*(?:\$ )?curl ((?:'[^']*'|"[^"]*"|[^\n'"])*)""", re.MULTILINE)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), EXAMPLES / "README.md"]
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def curls() -> list[Any]:
    """The calls by curl that the documents show, but those with something of the reader's own."""
    found = []
    for path in DOCUMENTS:
        for block in FENCED.findall(path.read_text(encoding="utf-8")):
            for call in CURL.findall(block.replace("\\\n", " ")):
                # A value of the reader's; a model, which lacks here.
                own = "$" in call.replace("/fhir/$screen", "") or "/v1/predictions" in call
                if "localhost:8000" in call and not own:
                    found.append(pytest.param(call, id=f"{path.name}: {call[:60]}"))
    return found


def request_of(call: str) -> dict[str, Any]:
    """What a call by curl sends."""
    words = iter(shlex.split(call.partition(" | ")[0]))
    sent: dict[str, Any] = {"method": "GET", "headers": {}}
    for word in words:
        if "localhost:8000" in word:
            sent["url"] = word.partition("localhost:8000")[2] or "/"
        elif word in {"-H", "--header"}:
            name, _, value = next(words).partition(":")
            sent["headers"][name.strip()] = value.strip()
        elif word in {"-d", "--data", "--data-binary"}:
            body = next(words)
            sent["method"] = "POST"
            held = (ROOT / body[1:]).read_text(encoding="utf-8") if body[0] == "@" else body
            sent["content"] = held.encode()
        elif word == "-X":
            sent["method"] = next(words)
        elif word == "--data-urlencode":
            raise FileNotFoundError(next(words))
        elif word in {"-o", "--output"}:
            next(words)
    return sent


@pytest.mark.parametrize("call", curls())
def test_a_call_that_a_document_shows_is_answered(client: TestClient, call: str) -> None:
    try:
        sent = request_of(call)
    except FileNotFoundError:
        pytest.skip("the file is the reader's own")
    answered = client.request(**sent)
    assert answered.status_code < 400, answered.text[:300]
