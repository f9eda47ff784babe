"""How much one process grows by answering: its own memory after more and more questions.

``COPRESCRIBE_HOME=HOME python -m benchmarks.memory [--model none] [--pool covered|busiest|all]
[--questions 160000]`` opens the preferred graph, answers random questions in process, each of other
drugs and another patient, and prints what the process has written of its own (``Private_Dirty``)
after 1,000, 2,500, 5,000 and then each doubling. Ends with 1 where the last doubling grew by more
than ``--most`` (5 MB).

What was asked for is kept within bounds (`kg.screening.recent`, `lru_cache`), which fill in
the first tens of thousands of questions; after that nothing is left to grow.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from pathlib import Path

from api.service import answer
from api.state import State, open_state
from benchmarks.bench_screening import SEED, busiest
from benchmarks.bench_serving import covered, megabytes, question
from ontologies.vocabulary import Category

MARKS = (1_000, 2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)


def main() -> int:
    """Answer, and tell what it took."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", help="a model by name, or none; else the newest that fits")
    parser.add_argument("--pool", choices=("covered", "busiest", "all"), default="covered")
    parser.add_argument("--questions", type=int, default=160_000)
    parser.add_argument("--most", type=float, default=5.0, help="growth of the last doubling in MB")
    told = parser.parse_args()
    home = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
    state = open_state(home, None, told.model)
    drugs = _pool(told.pool, state)
    chance = random.Random(SEED)  # noqa: S311
    seen = [megabytes(os.getpid(), "Private_Dirty")]
    sys.stdout.write(f"{state.graph.id}, {len(drugs)} drugs: {seen[0]:.1f} MB at the start\n")
    for number in range(1, told.questions + 1):
        json.dumps(answer(question(chance, drugs), state))
        if number in MARKS:
            seen.append(megabytes(os.getpid(), "Private_Dirty"))
            sys.stdout.write(f"{number:7} {seen[-1]:7.1f} MB, {seen[-1] - seen[0]:+.1f}\n")
            sys.stdout.flush()
    return int(seen[-1] - seen[-2] > told.most)


def _pool(name: str, state: State) -> list[str]:
    """The drugs that are asked for, as their names or codes are looked up."""
    if name == "all":
        return sorted(str(node.curie) for node in state.graph.nodes(Category.DRUG))
    drugs = covered(state)
    return drugs if name == "covered" else busiest(drugs, state)


if __name__ == "__main__":
    sys.exit(main())
