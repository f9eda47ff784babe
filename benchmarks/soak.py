"""Does a server grow? Asks it at a steady rate and watches the memory of its worker.

``python -m benchmarks.soak --minutes 10 --rate 100`` starts ``coprescribe serve`` over the
preferred graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset), asks at that rate, each
question of another patient, and prints what the worker has written of its own
(``Private_Dirty``) every half minute. What was asked for is kept within bounds, which the first
half of the time fills; in the second half, the last doubling of the questions, memory may grow
by ``--most`` (5 MB) by a line through what was seen, and from the start to the end by
``--most-in-all`` (220 MB, of which about 100 MB are pages that the crew had opened and that become
the worker's own when it counts references). Ends with 1 where it grows more, or where an answer
was not 200.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from api.state import NO_MODEL, open_state
from benchmarks.bench_screening import SEED
from benchmarks.bench_serving import Running, ask, covered, megabytes, question, serving

PORT = 8944
_PAUSE_SECONDS = 30.0
Seen = Sequence[tuple[float, float]]
"""MB of a worker by seconds."""


def main() -> int:
    """Ask, watch, and judge."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    )
    parser.add_argument("--model", help="a model by name, or none; else the newest that fits")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--most", type=float, default=5.0, help="MB in the second half")
    parser.add_argument("--most-in-all", type=float, default=220.0, help="MB from the start")
    told = parser.parse_args()
    state = open_state(told.home, None, told.model)
    model = state.bundle.id if state.bundle else NO_MODEL
    with (
        tempfile.TemporaryDirectory() as folder,
        serving("--home", str(told.home), "--model", model, port=PORT) as server,
    ):
        asking = _Asking(Path(folder) / "questions.ndjson", covered(state))
        del state
        seen, refused = _watched(server, asking, told.minutes, told.rate)
    late, in_all = late_growth(seen), seen[-1][1] - seen[0][1]
    sys.stdout.write(
        f"grown by {in_all:.1f} MB, in the second half by {late:.1f} MB; "
        f"{refused} questions not answered\n"
    )
    return int(late > told.most or in_all > told.most_in_all or refused > 0)


class _Asking:
    """A file of questions that nobody asked before."""

    def __init__(self, file: Path, drugs: Sequence[str]) -> None:
        self._file, self._drugs = file, drugs
        self._chance = random.Random(SEED)  # noqa: S311

    def written(self, number: int) -> Path:
        lines = (json.dumps(question(self._chance, self._drugs)) for _ in range(number))
        self._file.write_text("\n".join(lines), encoding="utf-8")
        return self._file


def _watched(server: Running, asking: _Asking, minutes: float, rate: float) -> tuple[Seen, int]:
    """Ask for so long; gives MB by seconds, and how many answers were not 200."""
    began, seen = time.monotonic(), [(0.0, _own(server))]
    refused = 0
    while (now := time.monotonic() - began) < 60 * minutes:
        pause = min(_PAUSE_SECONDS, 60 * minutes - now)
        file = asking.written(int(rate * pause) + 1)
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
    return seen, refused


def _own(server: Running) -> float:
    # Pages of the graph that are read for the first time are its file's, and no growth.
    return sum(megabytes(worker, "Private_Dirty") for worker in server.workers)


def late_growth(seen: Seen) -> float:
    """MB that were added in the second half of the time, by a line through what was seen then.

    >>> late_growth([(0, 90), (900, 100), (1800, 101), (2700, 102), (3600, 103)])
    2.0
    """
    kept = np.array(seen[len(seen) // 2 :])
    if len(kept) < 2:
        return 0.0
    seconds = kept[-1, 0] - kept[0, 0]
    return round(float(np.polyfit(kept[:, 0], kept[:, 1], 1)[0] * seconds), 6)


if __name__ == "__main__":
    sys.exit(main())
