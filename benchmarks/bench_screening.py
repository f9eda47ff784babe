"""How long one answer takes, by the length of the medicine list.

Lists of random covered drugs of the graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset),
and of the 150 of which most pairs are stated, one more drug added, in process, with the newest
model that fits. Of each length: the time of the screening alone
and of the whole answer with its JSON text, median and 99th percentile of questions that the process
meets for the second time, and the median of those that it meets for the first; the share of each
detector in the screening of 10 drugs. Times are of the processor, in milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from api.convert import resolve
from api.service import answer, parse_request
from api.state import State, open_state
from kg.screening.detector import Detector
from kg.screening.engine import Known, Question, screen
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

LENGTHS = ((5, 200), (10, 200), (20, 50), (50, 10), (99, 5))
"""Length of the list, and how many lists."""
SEED = 1
BUSIEST = 150
_Body = dict[str, object]


def main() -> None:
    """Print one line per length, then one per detector."""
    state = open_state(Path(os.environ.get("COPRESCRIBE_HOME", "artifacts")))
    nodes = state.graph.nodes(Category.DRUG)
    drugs = sorted(str(node.curie) for node in nodes if state.graph.covers(node.curie))
    model = state.bundle.id if state.bundle else "no model"
    sys.stdout.write(f"graph {state.graph.id}, {model}, {len(drugs)} covered drugs\n")
    for name, pool in (("covered", drugs), ("busiest", busiest(drugs, state))):
        sys.stdout.write(f"{name} drugs:\n")
        _measure(pool, state)


def busiest(drugs: Sequence[str], state: State) -> list[str]:
    """The drugs of which most pairs are stated: what people take, and what says most."""

    def pairs(drug: str) -> tuple[int, str]:
        return -state.graph.count_to(Curie.parse(drug), Predicate.HAS_PARTICIPANT), drug

    return sorted(drugs, key=pairs)[:BUSIEST]


def _measure(drugs: Sequence[str], state: State) -> None:
    chance = random.Random(SEED)  # noqa: S311
    for length, repeats in LENGTHS:
        lists = [chance.sample(drugs, length + 1) for _ in range(repeats)]
        bodies: list[_Body] = [{"add": drugs[0], "taking": drugs[1:]} for drugs in lists]
        questions = [resolve(parse_request(body), state).question for body in bodies]
        told = [_timed(_screening(question, state)) for question in questions]
        again = [_timed(_screening(question, state)) for question in questions]
        whole = [_timed(_answering(body, state)) for body in bodies]
        sys.stdout.write(
            f"{length:3} drugs: screening first {statistics.median(told):6.1f}, "
            f"then {_middle_and_worst(again)}; answer {_middle_and_worst(whole)}\n"
        )
        for name, milliseconds in _shares(questions, state) if length == _SHARES_OF else ():
            sys.stdout.write(f"    {name:24} {milliseconds:6.3f}\n")


_SHARES_OF = 10


def _screening(question: Question, state: State) -> Callable[[], object]:
    context = state.patient_rules.context
    return lambda: screen(
        question, state.graph, state.panel, state.families, Known(pairs=state.pairs), context
    )


def _answering(body: _Body, state: State) -> Callable[[], object]:
    return lambda: json.dumps(answer(body, state))


def _timed(ask: Callable[[], object]) -> float:
    started = time.process_time()
    ask()
    return (time.process_time() - started) * 1000


def _middle_and_worst(times: Sequence[float]) -> str:
    worst = sorted(times)[int(0.99 * len(times))]
    return f"p50 {statistics.median(times):6.1f} p99 {worst:6.1f}"


def _shares(questions: Sequence[Question], state: State) -> list[tuple[str, float]]:
    """Mean time that each detector takes for the list after the change."""
    found = []
    for detector in state.panel:
        times = [_timed(_detecting(detector, question)) for question in questions]
        found.append((type(detector).__name__, statistics.mean(times)))
    return sorted(found, key=lambda item: -item[1])


def _detecting(detector: Detector, question: Question) -> Callable[[], object]:
    return lambda: list(detector.detect(question.after, question.patient))


if __name__ == "__main__":
    main()
