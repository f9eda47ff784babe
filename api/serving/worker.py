"""A worker: one process that answers over HTTP, and leaves without dropping a request."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI

from api.failures import failure_of, sentence
from api.serving.links import CLOSED, FAILED, LEAVE, READY, RELOAD, STOP, TOLD, Link, Message

KEEP_ALIVE_SECONDS = 5
"""How long a connection may be silent between two requests."""
STOP_SECONDS = 30
"""How long requests under way are waited for when the server stops."""
LEAVE_SECONDS = 600
"""How long they are waited for when another crew serves: as long as a large batch takes."""
_PAUSE_SECONDS = 0.05
_SWITCH_SECONDS = 0.001
"""How long a screening may keep the interpreter to itself while other requests wait to be read."""


@dataclass(slots=True)
class Wishes:
    """Questions of this worker to the supervisor that wait for an answer, in order."""

    link: Link
    waiting: list[asyncio.Future[Message]] = field(default_factory=list)

    async def reload(self) -> Message:
        """Have the newest graph served; gives ``graph`` and ``model``, or ``sentence``."""
        told: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.waiting.append(told)
        self.link.say(RELOAD)
        return await told

    def answer(self, message: Message) -> None:
        """Give the answer to who waits longest."""
        told = self.waiting.pop(0)
        if not told.done():
            told.set_result(message)

    def give_up(self) -> None:
        """Tell all who wait that there is nobody to ask any more."""
        while self.waiting:
            self.answer({"sentence": "the server is ending"})


class WorkerServer(uvicorn.Server):
    """A server that obeys its crew by a pipe, and signals not at all."""

    def __init__(self, config: uvicorn.Config, wishes: Wishes, crew: int) -> None:
        super().__init__(config)
        self._wishes, self._crew = wishes, crew
        self._is_leaving = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals as :func:`work` put them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and tell so."""
        await super().startup(sockets)
        link = self._wishes.link
        asyncio.get_running_loop().add_reader(link.fileno(), self._listen)
        link.say(READY)

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to end; without its crew a worker ends."""
        if os.getppid() != self._crew:
            self._is_leaving = self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was begun and end; who leaves lets go of every connection in peace."""
        if self._is_leaving:
            await self._let_go()
        await super().shutdown(sockets)

    def _listen(self) -> None:
        for message in self._wishes.link.heard():
            if message["kind"] == TOLD:
                self._wishes.answer(message)
            elif message["kind"] in {STOP, LEAVE}:
                self._is_leaving = message["kind"] == LEAVE and not self.should_exit
                self.config.timeout_graceful_shutdown = (
                    LEAVE_SECONDS if self._is_leaving else STOP_SECONDS
                )
                self.should_exit = True
        if not self._wishes.link.is_open:
            asyncio.get_running_loop().remove_reader(self._wishes.link.fileno())
            self._wishes.give_up()
            # Others may serve already at the same address.
            self._is_leaving = self.should_exit = True

    async def _let_go(self) -> None:
        """Accept nobody more, and close each connection by its next answer or when it is silent.

        A connection that was accepted may have a request on its way: to close it now would drop it.
        """
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
        self._wishes.link.say(CLOSED)
        headers = self.server_state.default_headers
        self.server_state.default_headers = [*headers, (b"connection", b"close")]
        end = time.monotonic() + KEEP_ALIVE_SECONDS + 1
        # The pause also lets connections appear that were accepted at the last moment.
        await asyncio.sleep(2 * _PAUSE_SECONDS)
        while self.server_state.connections and time.monotonic() < end:
            await asyncio.sleep(_PAUSE_SECONDS)


def work(app: FastAPI, listener: socket.socket, link: Link, crew: int) -> None:
    """Answer until the crew says otherwise or is gone; what keeps it from starting is told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    wishes = Wishes(link)
    app.state.reload = wishes.reload
    config = uvicorn.Config(
        app,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="on",
        ws="none",
    )
    server = WorkerServer(config, wishes, crew)

    def end(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, end)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        server.run([listener])
    except SystemExit:
        error = getattr(app.state, "failure", None)
        failure = failure_of(error) if error else None
        if error is None or failure is None:
            raise
        link.say(FAILED, sentence=sentence(error), exit_code=failure.exit_code)
