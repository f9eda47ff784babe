"""What the server counts, for Prometheus: numbers by route, status and kind, never names.

The workers of a server write their numbers to files of one private folder, so that any of them
answers for all. A file is named after the place of a worker and not after its process: who comes
to the place later counts on.
"""

from __future__ import annotations

import os
from collections import Counter as CounterOf
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.middleware.watching import Seen, Watched

if TYPE_CHECKING:
    from starlette.types import ASGIApp

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 10.24)


@dataclass(slots=True)
class _Place:
    """Which place this process holds; the crew itself counts nothing."""

    name: str = "crew"


_place = _Place()


@dataclass(slots=True)
class _Asked:
    """One question while it is answered: whether it was counted, and the findings that were."""

    is_answered: bool = False
    told: set[tuple[str, str]] = field(default_factory=set)


_asked: ContextVar[_Asked | None] = ContextVar("asked", default=None)


@contextmanager
def one_question() -> Iterator[None]:
    """Count all screenings of a block, in its threads too, as those of one question."""
    before = _asked.set(_Asked())
    try:
        yield
    finally:
        _asked.reset(before)


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
            "coprescribe_shed",
            "Requests refused because too many were under way, by route.",
            ("route",),
            registry=own,
        )
        self._questions = Counter(
            "coprescribe_questions", "Questions answered by screenings.", registry=own
        )
        self._screenings = Counter(
            "coprescribe_screenings",
            "Screenings, of which one question may take several.",
            registry=own,
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

    def shed(self, route: str) -> None:
        """Count a request that was refused because too many were under way."""
        self._shed.labels(route).inc()

    def screened(self, answer: Mapping[str, Any]) -> None:
        """Count a screening, and what it is the first to tell of the question that it is for."""
        self._screenings.inc()
        asked = _asked.get() or _Asked()
        if not asked.is_answered:
            asked.is_answered = True
            self._questions.inc()
        new = {(f["id"], f["change"]): f["kind"] for f in answer["findings"]}
        told = CounterOf((new[key], key[1]) for key in new.keys() - asked.told)
        asked.told |= new.keys()
        for (kind, change), number in told.items():
            self._findings.labels(kind, change).inc(number)

    def sparql_stopped(self, limit: str) -> None:
        """Count a query that was killed for its ``time`` or its ``memory``."""
        self._sparql_stopped.labels(limit).inc()

    def serving(self, graph: str | None, model: str | None, version: str) -> None:
        """Say what this process serves."""
        self._serving.labels(graph or "none", model or "none", version).set(1)

    def began(self) -> None:
        """Count a request that came."""
        self._under_way.inc()

    def ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered, by a route and a method that are known."""
        self._under_way.dec()
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All numbers as Prometheus reads them, of all processes where they share a folder."""
        registry = self._registry
        if values.ValueClass is not values.MutexValue:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class Measured(Watched):
    """ASGI middleware: every request is counted by its route, all unknown addresses as one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        super().__init__(app)
        self._metrics = metrics

    def began(self) -> None:
        """Count a request that came."""
        self._metrics.began()

    def ended(self, seen: Seen) -> None:
        """Count a request that was answered, and whether it was shed."""
        self._metrics.ended(seen.route, seen.method, seen.status, seen.seconds)
        if seen.is_shed:
            self._metrics.shed(seen.route)
