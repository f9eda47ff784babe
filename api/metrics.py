"""What the server counts, for Prometheus: numbers by route, status and kind, never names.

The workers of a server write their numbers to files of one private folder, so that any of them
answers for all. A file is named after the place of a worker and not after its process: who comes
to the place later counts on.
"""

from __future__ import annotations

import os
import time
from collections import Counter as CounterOf
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
NO_ROUTE = "(no route)"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 10.24)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


@dataclass(slots=True)
class _Place:
    """Which place this process holds; the crew itself counts nothing."""

    name: str = "crew"


_place = _Place()


def share(folder: Path) -> None:
    """Have all metrics that are made from now on written to a folder, for several processes."""
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: _place.name)  # type: ignore[no-untyped-call]


def take_place(name: str) -> None:
    """Write the numbers of this process under a name that no other living process has."""
    _place.name = name


def free_place(name: str) -> None:
    """Forget what was said of a process that ended: what it had under way; its counts stay."""
    mark_process_dead(name)  # type: ignore[no-untyped-call]


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._registry = own
        route = ("route", "method", "status")
        self._requests = Counter(
            "coprescribe_requests", "Requests answered, by route.", route, registry=own
        )
        self._seconds = Histogram(
            "coprescribe_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self._under_way = Gauge(
            "coprescribe_requests_under_way",
            "Requests being answered now.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._shed = Counter(
            "coprescribe_shed", "Questions refused because too many were under way.", registry=own
        )
        self._screenings = Counter(
            "coprescribe_screenings", "Questions answered by a screening.", registry=own
        )
        self._findings = Counter(
            "coprescribe_findings",
            "Findings told, by what they are and what the change does to them.",
            ("kind", "change"),
            registry=own,
        )
        self._of_the_process(own)

    def _of_the_process(self, own: CollectorRegistry) -> None:
        self._sparql_stopped = Counter(
            "coprescribe_sparql_stopped", "Queries killed at a limit.", ("limit",), registry=own
        )
        self._serving = Gauge(
            "coprescribe_serving",
            "Workers that serve a graph and a model, which the labels name.",
            ("graph", "model", "version"),
            multiprocess_mode="livesum",
            registry=own,
        )

    def shed(self) -> None:
        """Count a question that was refused."""
        self._shed.inc()

    def screened(self, answer: Mapping[str, Any]) -> None:
        """Count an answer and its findings."""
        self._screenings.inc()
        told = CounterOf((each["kind"], each["change"]) for each in answer["findings"])
        for (kind, change), number in told.items():
            self._findings.labels(kind, change).inc(number)

    def sparql_stopped(self, limit: str) -> None:
        """Count a query that was killed for its ``time`` or its ``memory``."""
        self._sparql_stopped.labels(limit).inc()

    def serving(self, graph: str | None, model: str | None, version: str) -> None:
        """Say what this process serves."""
        self._serving.labels(graph or "none", model or "none", version).set(1)

    def began(self) -> float:
        """Count a request that came; gives the time to hand to :meth:`ended`."""
        self._under_way.inc()
        return time.perf_counter()

    def ended(self, began: float, route: str, method: str, status: int) -> None:
        """Count a request that was answered."""
        self._under_way.dec()
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, status).inc()
        self._seconds.labels(route).observe(time.perf_counter() - began)

    def text(self) -> bytes:
        """All numbers as Prometheus reads them, of all processes where they share a folder."""
        registry = self._registry
        if values.ValueClass is not values.MutexValue:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class Measured:
    """ASGI middleware: every request is counted by its route, all unknown addresses as one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count it when it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._metrics.began(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            self._metrics.ended(began, route, scope["method"], status)
