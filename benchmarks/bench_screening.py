"""How long one answer takes, by the length of the medicine list.

Lists of random covered drugs of the graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset),
one more drug added; median and worst of the repeats, in process, without the model.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from pathlib import Path

from api.service import answer
from api.state import State, open_state
from ontologies.vocabulary import Category

LENGTHS = (5, 10, 20, 50, 99)
REPEATS = 15
SEED = 1


def main() -> None:
    """Print one line per length: median and worst time, median number of findings."""
    state = open_state(Path(os.environ.get("COPRESCRIBE_HOME", "artifacts")), None, "none")
    nodes = state.graph.nodes(Category.DRUG)
    drugs = sorted(str(node.curie) for node in nodes if state.graph.covers(node.curie))
    sys.stdout.write(f"graph {state.graph.id}, {len(drugs)} covered drugs\n")
    chance = random.Random(SEED)  # noqa: S311
    for length in LENGTHS:
        times, findings = zip(
            *(_timed(chance.sample(drugs, length + 1), state) for _ in range(REPEATS)), strict=True
        )
        middle, worst = statistics.median(times), max(times)
        found = statistics.median(findings)
        sys.stdout.write(f"{length:3} drugs: median {middle:6.1f} ms, worst {worst:6.1f} ms, ")
        sys.stdout.write(f"findings {found:g}\n")


def _timed(drugs: list[str], state: State) -> tuple[float, int]:
    started = time.perf_counter()
    told = answer({"add": drugs[0], "taking": drugs[1:]}, state)
    return (time.perf_counter() - started) * 1000, len(told["findings"])


if __name__ == "__main__":
    main()
