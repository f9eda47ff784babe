"""A crew: a process that opens one graph and keeps workers over it, which share its memory.

It opens nothing after it began to fork, and starts no thread of its own.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from fastapi import FastAPI

from api.errors import BAD_DATA
from api.failures import failure_of, sentence
from api.serving.links import CLOSED, FAILED, HALT, LEAVE, READY, RELOAD, STOP, TOLD, Link, linked
from api.serving.signals import Signals
from api.serving.worker import LEAVE_SECONDS, STOP_SECONDS, work

TICK_SECONDS = 0.5
EARLY_SECONDS = 5.0
"""A worker that ends sooner after its start is likely to end again."""
MOST_EARLY_ENDS = 5
_END_SECONDS = {LEAVE: LEAVE_SECONDS + 10.0, STOP: STOP_SECONDS + 10.0, HALT: 0.0}
"""How long workers that were told to end may live, by how they were told."""
LOG = logging.getLogger("coprescribe.service")
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Served:
    """What a crew serves: the application over an open graph, and the names of graph and model."""

    app: FastAPI
    graph: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What every crew of a server does.

    ``open_newest`` opens the newest graph; it is told whether it may be without one, as it may at
    the first start. ``begun`` is called in each worker with its name, ``ended`` in the crew once
    that worker is gone; no two that live at one time bear one name.
    """

    open_newest: Callable[[bool], Served]
    listener: socket.socket
    workers: int = 1
    begun: Callable[[str], None] = lambda _: None
    ended: Callable[[str], None] = lambda _: None


@dataclass(slots=True)
class Worker:
    """One worker as its crew sees it."""

    name: str
    process: BaseProcess
    link: Link
    started: float = field(default_factory=time.monotonic)
    is_ready: bool = False
    is_closed: bool = False

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started


class Crew:
    """The life of a crew in its own process."""

    def __init__(self, plan: Plan, number: int, above: Link) -> None:
        self._plan, self._number, self._above = plan, number, above
        self._supervisor = os.getppid()
        self._workers: dict[int, Worker] = {}
        self._served: Served | None = None
        self._told_ready = False
        self._early_ends = 0
        self._deadline: float | None = None
        """When workers that still live are killed; set once the crew ends."""

    def live(self, *, may_lack: bool) -> None:
        """Open the newest graph, keep workers over it, and end when told so or left alone."""
        try:
            self._served = self._plan.open_newest(may_lack)
        except (ValueError, LookupError, OSError, RuntimeError, MemoryError) as error:
            failure = failure_of(error)
            if failure is None:
                raise
            self._above.say(FAILED, sentence=sentence(error), exit_code=failure.exit_code)
            return
        gc.collect()
        gc.freeze()
        with Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD) as signals:
            for place in range(self._plan.workers):
                self._start(place, signals)
            while self._workers:
                self._attend(signals)

    def _attend(self, signals: Signals) -> None:
        """Wait for what comes next, and do what it asks."""
        links = [worker.link for worker in self._workers.values() if worker.link.is_open]
        above = [self._above] if self._above.is_open else []
        wait([signals, *above, *links], TICK_SECONDS)  # type: ignore[list-item]
        if signal.SIGTERM in signals.arrived() or os.getppid() != self._supervisor:
            self._end(STOP)
        if self._above.is_open:
            self._obey()
        for place, worker in self._workers.items():
            self._hear(place, worker)
        self._replace_the_dead(signals)
        if self._deadline is not None and time.monotonic() > self._deadline:
            for worker in self._workers.values():
                worker.process.kill()

    def _obey(self) -> None:
        for message in self._above.heard():
            if message["kind"] == TOLD:
                worker = self._workers.get(message["worker"])
                if worker is not None:
                    worker.link.say(TOLD, **message["what"])
            else:
                self._end(message["kind"])

    def _hear(self, place: int, worker: Worker) -> None:
        for message in worker.link.heard() if worker.link.is_open else ():
            if message["kind"] == RELOAD:
                self._above.say(RELOAD, worker=place)
            elif message["kind"] == READY:
                worker.is_ready = True
                self._tell_ready()
            elif message["kind"] == CLOSED:
                worker.is_closed = True
                self._tell_closed()
            elif not self._told_ready:
                self._above.say(FAILED, **{k: v for k, v in message.items() if k != "kind"})
                self._end(STOP)
            else:
                LOG.error("a worker could not start: %s", message["sentence"])

    def _tell_ready(self) -> None:
        if self._told_ready or not all(worker.is_ready for worker in self._workers.values()):
            return
        self._told_ready = True
        if self._served is not None:
            self._above.say(READY, graph=self._served.graph, model=self._served.model)

    def _tell_closed(self) -> None:
        if all(worker.is_closed for worker in self._workers.values()):
            self._above.say(CLOSED)

    def _start(self, place: int, signals: Signals) -> None:
        ours, theirs = linked()
        crew, name = os.getpid(), f"{self._number}-{place}"
        app = self._served.app if self._served else FastAPI()

        def live() -> None:
            signals.leave()
            for link in (self._above, ours, *(each.link for each in self._workers.values())):
                link.close()
            self._plan.begun(name)
            work(app, self._plan.listener, theirs, crew)

        process = FORK.Process(target=live, name=f"worker {name}")
        process.start()
        theirs.close()
        self._workers[place] = Worker(name, process, ours)

    def _replace_the_dead(self, signals: Signals) -> None:
        for place, worker in list(self._workers.items()):
            code = worker.process.exitcode
            if code is None:
                continue
            worker.process.join()
            # What it said last is heard before it is forgotten.
            self._hear(place, worker)
            worker.link.close()
            self._plan.ended(worker.name)
            del self._workers[place]
            if self._deadline is None:
                self._early_ends = self._early_ends + 1 if worker.age < EARLY_SECONDS else 0
                if self._early_ends < MOST_EARLY_ENDS:
                    LOG.warning("a worker ended (%s) and is replaced", how_ended(code))
                    self._start(place, signals)
                else:
                    self._give_up(how_ended(code))

    def _give_up(self, how: str) -> None:
        said = f"{self._early_ends} workers ended soon after their start, the last one with {how}"
        LOG.error("%s", said)
        self._above.say(FAILED, sentence=said, exit_code=BAD_DATA)
        self._end(STOP)

    def _end(self, kind: str) -> None:
        """Have the workers finish: in peace, soon or at once; only a sooner end changes one."""
        deadline = time.monotonic() + _END_SECONDS[kind]
        if self._deadline is not None and self._deadline <= deadline:
            return
        self._deadline = deadline
        for worker in self._workers.values():
            worker.link.say(kind)


def how_ended(code: int) -> str:
    """Say how a process ended.

    >>> how_ended(-9), how_ended(3)
    ('signal 9', 'exit code 3')
    """
    return f"signal {-code}" if code < 0 else f"exit code {code}"
