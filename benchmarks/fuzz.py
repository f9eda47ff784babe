"""Generated requests against every route that the OpenAPI document tells of, with all checks.

``python -m benchmarks.fuzz [--home HOME] [--cases N] [--seed N] [--only TEXT]`` (or ``make fuzz``)
opens the graph that a command would open under ``HOME`` (``COPRESCRIBE_HOME``, else ``artifacts``)
and sends at least ``N`` requests (10,000) to the application in this process, a like number to each
route: values that the document allows, values that it forbids, and its own examples. Schemathesis
makes them and checks every answer: no 5xx, no status, media type, header or shape that is not
described, nothing forbidden that is accepted. Routes whose cases cost a worker or seconds get
fewer (``_COSTLY``).

Every kind of failure is printed once for each route, with the request in curl's words; the exit
code is 1 if there is one. It needs the extra ``fuzz``.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from api.app import create_app
from api.routes.batch import PATH as BATCH
from api.state import open_state

CASES, SEED = 10_000, 20261120
_REFUSED = ["2xx", "3xx", "4xx"]
_COSTLY: Mapping[str, int] = {
    "/REST/interaction/interaction.json": 40,
    "/sparql": 400,
}
"""The most generated requests of a route: all pairs of a drug take seconds, queries a worker."""
_NEVER_FORBIDDEN = (BATCH, "/REST/interaction/list.json")
"""Where a forbidden value may look as an allowed one: any text is a body of lines, and an empty
object in an address is written as an empty text."""
_SERVED = ("kg", "models", "current")


@schemathesis.serializer("application/sparql-query", "application/x-ndjson")
def as_text(context: object, value: Any) -> bytes:
    """Send a body of text as it is, and anything else in its place as JSON."""
    del context
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace")


@dataclass(slots=True)
class Tally:
    """What was sent and what came of it."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Print how many requests were sent, what they got, and every failure."""
    told = _arguments()
    logging.disable(logging.CRITICAL)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        home = _copied(Path(told.home), Path(scratch))
        tally = _fuzzed(home, told)
    _print(tally, time.monotonic() - started)
    sys.exit(1 if tally.failures or tally.errors else 0)


def _copied(home: Path, scratch: Path) -> Path:
    """A home with the same artifacts, in which what the doors write may be thrown away."""
    for name in _SERVED:
        if (home / name).exists():
            (scratch / name).symlink_to((home / name).resolve())
    return scratch


def _fuzzed(home: Path, told: argparse.Namespace) -> Tally:
    state = open_state(home, None, None)
    app = create_app(lambda: state, max_in_flight=1024)
    paths = {
        path: sum(_may_vary(operation) for operation in operations.values())
        for path, operations in app.openapi()["paths"].items()
    }
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=SchemathesisConfig.from_dict(_config(paths, told))
    )
    tally = Tally()
    for event in from_schema(schema).execute():
        _count(event, tally)
    return tally


def _may_vary(operation: Mapping[str, Any]) -> bool:
    return bool(operation.get("parameters") or operation.get("requestBody"))


def _config(paths: Mapping[str, int], told: argparse.Namespace) -> dict[str, Any]:
    """How requests are made: the same ones each time, without links from one to the next."""
    left_out = [path for path in paths if told.only not in path]
    paths = {path: n for path, n in paths.items() if told.only in path}
    costly = {path: most for path, most in _COSTLY.items() if path in paths}
    n_cheap = sum(n for path, n in paths.items() if path not in costly) or 1
    share = max(1, (told.cases - sum(n * costly.get(p, 0) for p, n in paths.items())) // n_cheap)
    return {
        "seed": told.seed,
        "continue-on-failure": True,
        "output": {"sanitization": {"enabled": False}},
        "generation": {
            "mode": "all",
            "max-examples": share,
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
        },
        "phases": {"stateful": {"enabled": False}},
        "checks": {
            # What a name means decides the graph: one that is a string may still be no drug.
            "positive_data_acceptance": {"expected-statuses": _REFUSED},
        },
        "operations": [
            *({"include-path": path, "enabled": False} for path in left_out),
            *(
                {"include-path": path, "generation": {"max-examples": most}}
                for path, most in costly.items()
            ),
            *(
                {"include-path": path, "checks": {"negative_data_rejection": {"enabled": False}}}
                for path in _NEVER_FORBIDDEN
            ),
        ],
    }


def _count(event: events.EngineEvent, tally: Tally) -> None:
    if isinstance(event, events.NonFatalError):
        tally.errors.append(f"{event.label}: {event.info.format()}")
    elif isinstance(event, events.FatalError):
        raise event.exception
    elif isinstance(event, events.ScenarioFinished):
        label = event.recorder.label
        tally.seconds[label] += event.elapsed_time
        for key, interaction in event.recorder.interactions.items():
            tally.sent[label] += 1
            if interaction.response is not None:
                tally.statuses[interaction.response.status_code] += 1
            for check in event.recorder.checks.get(key, ()):
                if check.status == Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    kind = (label, failure.title, failure.message[:80])
                    tally.failures.setdefault(
                        kind, f"{failure.message}\n{check.failure_info.code_sample}"
                    )


def _print(tally: Tally, seconds: float) -> None:
    out = sys.stdout.write
    for label, n in sorted(tally.sent.items()):
        out(f"{n:6d} {tally.seconds[label]:7.1f} s  {label}\n")
    statuses = ", ".join(f"{n} x {status}" for status, n in sorted(tally.statuses.items()))
    out(f"{sum(tally.sent.values())} requests in {seconds:.0f} s: {statuses}\n")
    for (label, title, _), text in sorted(tally.failures.items()):
        out(f"\n{label}: {title}\n{text}\n")
    for error in tally.errors:
        out(f"\nnot run: {error}\n")
    out(f"{len(tally.failures)} kinds of failure, {len(tally.errors)} routes not run\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    parser.add_argument("--cases", type=int, default=CASES, help="requests to generate, at least")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", help="only routes whose path holds this text")
    return parser.parse_args()


if __name__ == "__main__":
    main()
