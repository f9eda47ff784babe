"""Workers share what was opened once, are replaced when they fall, and are swapped in peace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from api.serving.listening import address_of, listen
from tests.api.toy_server import SECRET

TOY = Path(__file__).with_name("toy_server.py")
ROOT = Path(__file__).parents[2]


@dataclass
class Toy:
    """A running toy server."""

    folder: Path
    process: subprocess.Popen[str]
    port: int = 0

    def name(self, graph: str) -> None:
        """Make another graph the newest."""
        (self.folder / "graph").write_text(graph, encoding="utf-8")

    def ask(
        self, path: str = "/graph", method: str = "GET", token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Ask over a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        found = response.status, json.loads(response.read())
        connection.close()
        return found

    def reload(self) -> tuple[int, dict[str, Any]]:
        """Ask for the newest graph."""
        return self.ask("/admin/reload", "POST", SECRET)

    def serving(self) -> str:
        """The graph that answers now."""
        return str(self.ask()[1]["graph"])

    def end(self) -> tuple[int, str]:
        """Stop it; gives exit code and log."""
        self.process.terminate()
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err


@contextmanager
def toy(folder: Path, workers: int = 2, graph: str = "one") -> Iterator[Toy]:
    """A server over a graph of a name, ready to be asked."""
    (folder / "graph").write_text(graph, encoding="utf-8")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, str(TOY), str(folder), str(workers)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        server = Toy(folder, process)
        try:
            until(lambda: (folder / "port").is_file() or process.poll() is not None)
            if (folder / "port").is_file():
                server.port = int((folder / "port").read_text(encoding="utf-8"))
            yield server
        finally:
            process.kill()


def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something, at most so long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    with toy(tmp_path_factory.mktemp("toy")) as running:
        yield running


@dataclass
class Traffic:
    """Callers who never pause, some over connections that stay open."""

    server: Toy
    graphs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    is_over: bool = False

    def keep_asking(self, *, stays: bool) -> None:
        """Ask until it is over."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        while not self.is_over:
            try:
                connection.request("GET", "/graph?seconds=0.005")
                response = connection.getresponse()
                content = response.read()
                if response.status == 200:
                    self.graphs.append(json.loads(content)["graph"])
                else:
                    self.broken.append(str(response.status))
            except (OSError, HTTPException) as error:
                self.broken.append(repr(error))
                connection.close()
            if not stays:
                connection.close()
        connection.close()


@contextmanager
def traffic(server: Toy) -> Iterator[Traffic]:
    """Four callers in the background while the block runs."""
    found = Traffic(server)
    threads = [
        threading.Thread(target=found.keep_asking, kwargs={"stays": place % 2 == 0})
        for place in range(4)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.is_over = True
        for thread in threads:
            thread.join(timeout=30)


def test_not_one_request_is_dropped_while_graphs_are_swapped(server: Toy) -> None:
    server.name("first")
    assert server.reload() == (200, {"graph": "first", "model": None})
    with traffic(server) as asking:
        for graph in ("second", "third"):
            server.name(graph)
            assert server.reload() == (200, {"graph": graph, "model": None})
            seen = len(asking.graphs)
            until(lambda seen=seen: len(asking.graphs) > seen + 40)  # type: ignore[misc]
        server.name("fourth")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "fourth" in asking.graphs[-4:])
    assert asking.broken == []
    assert set(asking.graphs) == {"first", "second", "third", "fourth"}
    assert len(asking.graphs) > 100


def test_a_request_that_lasts_is_answered_by_the_crew_that_began_it(server: Toy) -> None:
    server.name("before")
    server.reload()
    found: list[tuple[int, dict[str, Any]]] = []
    slow = threading.Thread(target=lambda: found.append(server.ask("/graph?seconds=1.0")))
    slow.start()
    time.sleep(0.3)
    server.name("after")
    server.reload()
    assert server.serving() == "after"
    slow.join(timeout=20)
    assert [(status, told["graph"]) for status, told in found] == [(200, "before")]


@pytest.mark.parametrize(("name", "reason"), [("bad", "edges.parquet"), ("crash", "signal 7")])
def test_a_reload_that_fails_leaves_the_graph_before_it_serving(
    server: Toy, name: str, reason: str
) -> None:
    server.name("good")
    server.reload()
    server.name(name)
    status, told = server.reload()
    assert status == 503
    assert reason in told["detail"]
    assert "nothing has changed" in told["detail"]
    assert server.serving() == "good"


def test_workers_share_one_crew_and_a_dead_one_is_replaced(server: Toy) -> None:
    server.name("alive")
    server.reload()
    told = [server.ask("/graph?seconds=0.01")[1] for _ in range(10)]
    (crew,) = {each["crew"] for each in told}
    fallen = told[-1]["pid"]
    os.kill(fallen, signal.SIGKILL)
    until(lambda: server.ask()[0] == 200)
    again = [server.ask()[1] for _ in range(10)]
    assert {each["crew"] for each in again} == {crew}
    assert fallen not in {each["pid"] for each in again}


def test_a_crew_that_is_killed_is_made_anew(server: Toy) -> None:
    server.name("anew")
    crew = server.ask()[1]["crew"]
    os.kill(crew, signal.SIGKILL)
    until(lambda: server.ask()[1]["crew"] not in {crew, 1})
    assert server.serving() == "anew"


def test_a_server_that_stops_answers_what_it_began(tmp_path: Path) -> None:
    with toy(tmp_path, workers=1) as server:
        server.ask()
        found: list[tuple[int, dict[str, Any]]] = []
        slow = threading.Thread(target=lambda: found.append(server.ask("/graph?seconds=0.6")))
        slow.start()
        time.sleep(0.3)
        code, log = server.end()
        slow.join(timeout=20)
    assert code == 0, log
    assert "running on http://127.0.0.1" in log
    assert [status for status, _ in found] == [200]


def test_no_process_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with toy(tmp_path) as server:
        told = server.ask()[1]
        server.process.kill()
        until(lambda: not any(Path(f"/proc/{told[who]}").exists() for who in ("pid", "crew")))


def test_workers_that_end_again_and_again_end_the_server(tmp_path: Path) -> None:
    with toy(tmp_path, workers=1, graph="frail") as server:
        for _ in range(200):
            if server.process.poll() is not None:
                break
            try:
                server.ask()
            except (OSError, HTTPException):
                time.sleep(0.02)
        _, log = server.process.communicate(timeout=20)
    assert server.process.returncode == 3, log
    assert "ended soon after their start" in log
    assert "exit code 7" in log


def test_an_address_that_is_taken_is_named() -> None:
    with (
        listen("127.0.0.1", 0) as taken,
        pytest.raises(OSError, match=f"127.0.0.1:{taken.getsockname()[1]}"),
    ):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(OSError, match=r"nowhere\.invalid:0"):
        listen("nowhere.invalid", 0)


def test_answers_are_sent_at_once_and_not_kept_for_more() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert address_of(listener).startswith("http://127.0.0.1:")
