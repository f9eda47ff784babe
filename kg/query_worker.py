"""Child processes that answer queries and can be killed; JSON and result bytes pass the pipe."""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kg.fair_queue import FairQueue
from kg.query_errors import (
    EndpointBusy,
    ForbiddenQuery,
    MalformedQuery,
    QueryTimeout,
    QueryTooHungry,
    QueryTooLong,
    UnknownFunction,
    UnknownGraph,
    UnsuitableFormat,
)
from kg.rdf import DamagedStore, MissingStore, open_store

_START_SECONDS = 60.0
_WORKER_DEPTH = 10_000
_FIRST_QUERY = "ASK {} # from"
"""Not plain by its last word, so that rdflib's parser is warm before memory is counted."""
_ERRORS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        ForbiddenQuery,
        MalformedQuery,
        QueryTooHungry,
        QueryTooLong,
        UnknownFunction,
        UnknownGraph,
        UnsuitableFormat,
    )
}


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """What a worker is asked: a query, how to write tables and triples, and of which graphs.

    Without any graph the query sees what it names itself, else all graphs of the store as one.
    """

    text: str
    format: str = "json"
    graph_format: str = "ttl"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def graphs(self) -> tuple[str, ...]:
        """Every graph that is asked for, by IRI."""
        return (*self.default_graphs, *self.named_graphs)


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer in bytes, its media type, and whether it was cut at the limit of rows or size."""

    body: bytes
    media_type: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take."""

    timeout_seconds: float
    max_rows: int
    memory_mb: int


def limit_memory(memory_mb: int) -> None:
    """Let this process map no more than so much beyond what it maps now (Linux counts in pages)."""
    statm = Path("/proc/self/statm")
    n_pages = int(statm.read_text().split()[0]) if statm.exists() else 0
    n_bytes = n_pages * resource.getpagesize() + memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


Serve = Callable[[Connection, Path, Limits], None]
"""What a worker runs: greet with one header, then a header and a body for every request.

A header that has ``error`` names what went wrong, with its ``facts``; after such a greeting the
worker ends.
"""


Answer = Callable[[Any, QueryRequest, Limits], tuple[dict[str, Any], bytes]]
"""How a worker answers one request over an open store: a header and a body."""


def serve(answer: Answer, pipe: Connection, folder: Path, limits: Limits) -> None:
    """Live as a worker: answer requests from a pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(_WORKER_DEPTH)
    try:
        store = open_store(folder)
        greeting, _ = answer(store, QueryRequest(_FIRST_QUERY), limits)
    except MissingStore:
        greeting = {"error": "MissingStore", "facts": {}}
    except DamagedStore as error:
        greeting = {"error": "DamagedStore", "facts": {"reason": error.reason}}
    if "error" in greeting:
        pipe.send_bytes(json.dumps(greeting).encode())
        return
    limit_memory(limits.memory_mb)
    # A worker that runs out of memory writes pages about itself: nobody's log needs them.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    pipe.send_bytes(json.dumps(greeting).encode())
    while True:
        try:
            request = QueryRequest(**json.loads(pipe.recv_bytes()))
        except EOFError:
            return
        # Should the parent be gone, nobody else stops a runaway query.
        signal.setitimer(signal.ITIMER_REAL, 2 * limits.timeout_seconds + 1)
        header, body = answer(store, request, limits)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send_bytes(json.dumps(header).encode())
        pipe.send_bytes(body)


class QueryWorker:
    """One child process and the pipe to it; once it is not usable, only ``stop`` is left."""

    def __init__(self, serve: Serve, folder: Path, limits: Limits) -> None:
        """Start the process.

        Raises:
            MissingStore: The folder is not there.
            DamagedStore: What is in it cannot be opened.
            OSError: The system starts no more processes.
        """
        # A process takes seconds to say what a look at the store says at once.
        open_store(folder)
        context = multiprocessing.get_context("spawn")
        self._folder, self._limits = folder, limits
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other, folder, limits), daemon=True)
        self._process.start()
        other.close()
        self.has_started = False
        self.is_usable = True

    def answer(self, request: QueryRequest) -> QueryResult:
        """Have one request answered.

        Raises as the pool does; after a timeout or a crash the worker is not usable.
        """
        self.is_usable = False
        self._await_start()
        try:
            self._pipe.send_bytes(json.dumps(asdict(request)).encode())
            if not self._pipe.poll(self._limits.timeout_seconds):
                raise QueryTimeout(self._limits.timeout_seconds)
            header, body = json.loads(self._pipe.recv_bytes()), self._pipe.recv_bytes()
        except (EOFError, ConnectionError):
            raise QueryTooHungry(self._limits.memory_mb) from None
        self.is_usable = True
        if "error" in header:
            raise self._error(header["error"], header["facts"])
        return QueryResult(body, **header)

    def _await_start(self) -> None:
        if self.has_started:
            return
        if not self._pipe.poll(_START_SECONDS):
            raise EndpointBusy(_START_SECONDS)
        try:
            greeting = json.loads(self._pipe.recv_bytes())
        except (EOFError, ConnectionError):
            raise DamagedStore(self._folder, "a query worker ended while it opened it") from None
        if "error" in greeting:
            raise self._error(greeting["error"], greeting["facts"])
        self.has_started = True

    def _error(self, name: str, facts: dict[str, Any]) -> Exception:
        if name == "DamagedStore":
            return DamagedStore(self._folder, facts["reason"])
        if name == "MissingStore":
            return MissingStore(self._folder)
        return _ERRORS[name](**facts)

    def stop(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class WorkerPool:
    """A few workers of one kind, replaced as they fall; safe to share between threads."""

    def __init__(self, serve: Serve, folder: Path, limits: Limits, n_workers: int) -> None:
        """Start the workers; raises as a worker does, and then leaves none behind."""
        self._serve, self._folder, self._limits = serve, folder, limits
        self._lock = threading.Lock()
        self._is_open = True
        # None is a place whose worker could not be started: the next query tries again.
        self._free = FairQueue[QueryWorker | None]()
        with ExitStack() as undo:
            undo.callback(self.close)
            for _ in range(n_workers):
                self._free.put(self._new_worker())
            undo.pop_all()

    def answer(self, request: QueryRequest) -> QueryResult:
        """Have a free worker answer one request.

        Raises:
            QueryRefused: The worker refused it.
            QueryTimeout: It took longer than the limit.
            QueryTooHungry: It needed more memory than the limit.
            EndpointBusy: No worker came free within the time limit, or the pool is closed.
            MissingStore: The store is not there any more.
            DamagedStore: The store cannot be read.
            OSError: The system starts no more processes.
        """
        try:
            worker = self._free.get(timeout=self._limits.timeout_seconds)
        except queue.Empty:
            raise EndpointBusy(self._limits.timeout_seconds) from None
        try:
            worker = worker or self._new_worker()
            return worker.answer(request)
        finally:
            self._give_back(worker)

    def _new_worker(self) -> QueryWorker:
        return QueryWorker(self._serve, self._folder, self._limits)

    def _give_back(self, worker: QueryWorker | None) -> None:
        with self._lock:
            if worker is not None and not (worker.is_usable and self._is_open):
                worker.stop()
                worker = self._successor(worker)
            if self._is_open:
                self._free.put(worker)

    def _successor(self, fallen: QueryWorker) -> QueryWorker | None:
        """Start a worker for one that fell at work; one that never began would fall again."""
        if not (fallen.has_started and self._is_open):
            return None
        try:
            return self._new_worker()
        except (OSError, MissingStore, DamagedStore):
            return None

    def close(self) -> None:
        """End the workers; a query under way still gets its answer."""
        with self._lock:
            self._is_open = False
            for worker in self._free.take_all():
                if worker is not None:
                    worker.stop()
