"""The supervisor: small, without a graph; it starts crews, swaps them, and ends when they fail."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from api.errors import BAD_DATA
from api.serving.crew import FORK, MOST_EARLY_ENDS, TICK_SECONDS, Crew, Plan, how_ended
from api.serving.links import CLOSED, FAILED, HALT, LEAVE, READY, RELOAD, STOP, TOLD, Link, linked
from api.serving.listening import address_of
from api.serving.signals import Signals

MOST_LEAVING = 4
"""Crews that still finish what they began; each keeps its graph in memory."""
_NUMBERS = 64
_EARLY_SECONDS = 30.0
_STOPPING = (signal.SIGTERM, signal.SIGINT)
LOG = logging.getLogger("coprescribe.service")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a server ended: an exit code and, where something was wrong, what."""

    exit_code: int = 0
    sentence: str | None = None


@dataclass(slots=True)
class Hired:
    """A crew as the supervisor sees it."""

    process: BaseProcess
    link: Link
    graph: str | None = None
    model: str | None = None
    failure: Ended | None = None
    wishes: list[Wish] = field(default_factory=list)
    """Who waits to hear that nobody is sent to this crew any more."""
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Wish:
    """A worker that asked for a reload and waits to hear what became of it."""

    crew: Hired
    worker: int


class Supervisor:
    """Keeps one crew serving; a new one takes its place only when all its workers are ready."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._serving: Hired | None = None
        self._coming: Hired | None = None
        self._leaving: list[Hired] = []
        self._wishes: list[Wish] = []
        """Wishes that the coming crew fulfils."""
        self._later: list[Wish] = []
        """Wishes that came while it was opening a graph already, which may not be the newest."""
        self._again = False
        self._n_started = 0
        self._early_ends = 0
        self._ended: Ended | None = None

    def run(self) -> Ended:
        """Serve until a signal or a failure ends it; a second signal does not wait for requests."""
        with Signals(*_STOPPING, signal.SIGHUP, signal.SIGCHLD) as signals:
            self._hire(signals)
            try:
                while self._ended is None or self._crews:
                    self._attend(signals)
            finally:
                self._say(STOP)
        return self._ended

    def _attend(self, signals: Signals) -> None:
        """Wait for what comes next, and do what it asks."""
        links = [crew.link for crew in self._crews if crew.link.is_open]
        wait([signals, *links], TICK_SECONDS)  # type: ignore[list-item]
        for number in signals.arrived():
            self._obey(number)
        for crew in self._crews:
            self._hear(crew)
        self._part_with_the_dead()
        if self._ended is None and self._coming is None and self._is_to_hire:
            self._hire(signals)

    @property
    def _crews(self) -> Sequence[Hired]:
        here = (self._serving, self._coming, *self._leaving)
        return [crew for crew in here if crew is not None]

    @property
    def _is_to_hire(self) -> bool:
        return self._serving is None or self._again

    def _hire(self, signals: Signals) -> None:
        """Start a crew over the newest graph."""
        self._wishes, self._later, self._again = self._later, [], False
        ours, theirs = linked()
        number, others = self._n_started % _NUMBERS, self._crews
        may_lack = self._n_started == 0
        self._n_started += 1

        def live() -> None:
            signals.leave()
            for link in (ours, *(crew.link for crew in others)):
                link.close()
            Crew(self._plan, number, theirs).live(may_lack=may_lack)

        process = FORK.Process(target=live, name=f"crew {number}")
        process.start()
        theirs.close()
        self._coming = Hired(process, ours)

    def _obey(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            self._reload(None)
        elif number in _STOPPING:
            if self._ended is not None:
                self._say(HALT)
            self._stop(Ended())

    def _reload(self, wish: Wish | None) -> None:
        """Note that the newest graph is wanted, or say why it is not to be had."""
        if self._ended is not None or len(self._leaving) >= MOST_LEAVING:
            reason = (
                "the server is ending"
                if self._ended is not None
                else f"{MOST_LEAVING} graphs still answer what they began; ask later"
            )
            LOG.warning("no reload: %s", reason)
            self._tell([wish] if wish else [], sentence=reason)
            return
        self._again = True
        self._later += [wish] if wish else []

    def _hear(self, crew: Hired) -> None:
        for message in crew.link.heard() if crew.link.is_open else ():
            if message["kind"] == RELOAD:
                self._reload(Wish(crew, message["worker"]))
            elif message["kind"] == READY:
                crew.graph, crew.model = message["graph"], message["model"]
                self._swap(crew)
            elif message["kind"] == CLOSED:
                self._tell_served(crew.wishes)
            elif message["kind"] == FAILED:
                crew.failure = Ended(message["exit_code"], message["sentence"])

    def _swap(self, crew: Hired) -> None:
        """Let a crew that is ready serve, and the one before it finish."""
        before, self._serving, self._coming = self._serving, crew, None
        what = f"graph {crew.graph or 'none'}, model {crew.model or 'none'}"
        if before is None:
            place = address_of(self._plan.listener)
            LOG.info("running on %s with %s, %d worker(s)", place, what, self._plan.workers)
        else:
            LOG.info("serving %s from now on", what)
        fulfilled, self._wishes = self._wishes, []
        if before is None:
            self._tell_served(fulfilled)
        else:
            before.wishes = fulfilled
            before.link.say(LEAVE)
            self._leaving.append(before)

    def _tell_served(self, wishes: list[Wish]) -> None:
        """Tell what is served, once nobody else accepts: who asks from now on is answered by it."""
        if self._serving is not None:
            self._tell(wishes, graph=self._serving.graph, model=self._serving.model)
        wishes.clear()

    def _tell(self, wishes: Sequence[Wish], **what: Any) -> None:
        for wish in wishes:
            wish.crew.link.say(TOLD, worker=wish.worker, what=what)

    def _part_with_the_dead(self) -> None:
        for crew in self._crews:
            code = crew.process.exitcode
            if code is None:
                continue
            # What it said last is heard before it is forgotten.
            self._hear(crew)
            crew.process.join()
            crew.link.close()
            self._part_with(crew, code)

    def _part_with(self, crew: Hired, code: int) -> None:
        if crew in self._leaving:
            self._leaving.remove(crew)
            self._tell_served(crew.wishes)
            return
        said = f"the process that opens the graph ended with {how_ended(code)}"
        failure = crew.failure or Ended(BAD_DATA, said)
        if crew is self._coming:
            self._coming = None
            self._tell(self._wishes, sentence=failure.sentence)
            self._wishes = []
            if self._serving is None:
                self._stop(failure)
            elif self._ended is None:
                LOG.error("the reload failed, nothing has changed: %s", failure.sentence)
        elif crew is self._serving:
            self._serving = None
            is_early = time.monotonic() - crew.started < _EARLY_SECONDS
            self._early_ends = self._early_ends + 1 if is_early else 0
            if crew.failure is not None or self._early_ends >= MOST_EARLY_ENDS:
                self._stop(failure)
            elif self._ended is None:
                LOG.error("%s; it is opened again", said)

    def _stop(self, ended: Ended) -> None:
        if self._ended is None:
            self._ended = ended
            self._say(STOP)

    def _say(self, kind: str) -> None:
        for crew in self._crews:
            crew.link.say(kind)
