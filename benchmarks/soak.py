"""Does a server grow? Asks it at a steady rate and watches the memory of its worker.

``python -m benchmarks.soak --minutes 10 --rate 100`` starts ``coprescribe serve`` over the
preferred graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset), asks at that rate, each
question of another patient, and prints what the worker has written of its own
(``Private_Dirty``) every half minute. The first half of the time fills the caches, which are
bounded; growth after it is told in MB an hour, by the slope of a line through the rest. Ends with 1
where that is more than ``--most`` (20), or where an answer was not 200.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from api.state import NO_MODEL, open_state
from benchmarks.bench_serving import Running, ask, bodies, megabytes, serving

PORT = 8944
_PAUSE_SECONDS = 30.0


def main() -> int:
    """Ask, watch, and judge."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    )
    parser.add_argument("--model", help="a model by name, or none; else the newest that fits")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--most", type=float, default=20.0, help="growth in MB an hour")
    told = parser.parse_args()
    state = open_state(told.home, None, told.model)
    model = state.bundle.id if state.bundle else NO_MODEL
    with (
        tempfile.TemporaryDirectory() as folder,
        serving("--home", str(told.home), "--model", model, port=PORT) as server,
    ):
        file = bodies(state, Path(folder))["covered"]
        del state
        grown, refused = _watched(server, file, told.minutes, told.rate)
    sys.stdout.write(f"growth {grown:.1f} MB an hour, {refused} questions not answered\n")
    return int(grown > told.most or refused > 0)


def _watched(server: Running, file: Path, minutes: float, rate: float) -> tuple[float, int]:
    """Ask for so long; gives growth in MB an hour, and how many answers were not 200."""
    began, seen = time.monotonic(), list[tuple[float, float]]()
    refused = 0
    while (now := time.monotonic() - began) < 60 * minutes:
        pause = min(_PAUSE_SECONDS, 60 * minutes - now)
        told, spent = ask(
            server, file, "--connections", "16", "--rate", str(rate), "--seconds", str(pause)
        )
        refused += sum(each["count"] for status, each in told.items() if status != "200")
        seen.append((time.monotonic() - began, _own(server)))
        sys.stdout.write(
            f"{seen[-1][0]:6.0f} s {seen[-1][1]:7.1f} MB, {spent:.2f} ms of the processor, "
            f"p99 {told.get('200', {}).get('p99', 0.0)} ms\n"
        )
        sys.stdout.flush()
    return slope(seen), refused


def _own(server: Running) -> float:
    # Pages of the graph that are read for the first time are its file's, and no growth.
    return sum(megabytes(worker, "Private_Dirty") for worker in server.workers)


def slope(seen: Sequence[tuple[float, float]]) -> float:
    """Growth in an hour of what was seen at some seconds, the first half left out.

    >>> slope([(0, 90), (900, 100), (1800, 101), (2700, 102), (3600, 103)])
    4.0
    """
    kept = np.array(seen[len(seen) // 2 :])
    if len(kept) < 2:
        return 0.0
    return round(float(np.polyfit(kept[:, 0], kept[:, 1], 1)[0] * 3600), 6)


if __name__ == "__main__":
    sys.exit(main())
