"""How long a call of a CDS Hooks service takes; such a service should answer within 500 ms.

Calls with random covered drugs of the graph under ``COPRESCRIBE_HOME`` (``artifacts`` when unset),
and with those of which most pairs are stated: so many current orders and one draft, signed, with a
patient, and with the search for alternatives wherever a finding is critical. And the calls of the
HL7 guide, where ``../shared/cases/cds-hooks`` stands. In process, with the body read and the answer
written as JSON, feedback kept in a file; without a model, for cards show no guesses. Milliseconds:
of calls that the process meets for the first time and for the second, by the wall and by the
processor.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api.body import read_object
from api.cds.answer import answer_call
from api.cds.feedback import FILE, FeedbackStore
from api.state import State, open_state
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

CASES = Path(__file__).parents[2] / "shared" / "cases" / "cds-hooks"
LENGTHS = ((5, 100), (10, 100), (20, 50), (40, 20))
"""Current orders of a call, and how many calls."""
SEED = 1
BUSIEST = 150
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_Times = list[tuple[float, float]]


def main() -> None:
    """Print one line per kind of call."""
    state = open_state(Path(os.environ.get("COPRESCRIBE_HOME", "artifacts")), None, "none")
    nodes = state.graph.nodes(Category.DRUG)
    known = (node.curie for node in nodes if state.graph.covers(node.curie))
    drugs = sorted(str(curie) for curie in known if curie.prefix == "RXCUI")
    sys.stdout.write(f"graph {state.graph.id}, {len(drugs)} covered drugs with an RxCUI\n")
    with tempfile.TemporaryDirectory() as folder:
        store = FeedbackStore(Path(folder) / FILE)
        _report("calls of the HL7 guide", _cases(), state, store)
        for name, pool in (("covered", drugs), ("busiest", _busiest(drugs, state))):
            for length, repeats in LENGTHS:
                calls = _calls(pool, length, repeats)
                _report(f"{length} current, {name} drugs", calls, state, store)
        store.close()


def _cases() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CASES.glob("*.json"))]


def _busiest(drugs: Sequence[str], state: State) -> list[str]:
    """The drugs of which most pairs are stated."""

    def pairs(drug: str) -> tuple[int, str]:
        return -state.graph.count_to(Curie.parse(drug), Predicate.HAS_PARTICIPANT), drug

    return sorted(drugs, key=pairs)[:BUSIEST]


def _calls(drugs: Sequence[str], length: int, repeats: int) -> list[bytes]:
    chance = random.Random(SEED)  # noqa: S311
    return [_call(chance.sample(drugs, length + 1)) for _ in range(repeats)]


def _call(drugs: Sequence[str]) -> bytes:
    orders = [_order(drug, number) for number, drug in enumerate(drugs)]
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01", "gender": "female"}
    body = {
        "hook": "order-sign",
        "hookInstance": "8a3c1f0e-5a8e-4d31-9b0b-5a5b6c6f2f51",
        "context": {
            "userId": "Practitioner/u",
            "patientId": "p",
            "draftOrders": _bundle(orders[:1]),
        },
        "prefetch": {"patient": person, "medicationRequests": _bundle(orders[1:])},
    }
    return json.dumps(body).encode()


def _order(drug: str, number: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": str(number),
        "status": "active" if number else "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {
            "coding": [{"system": _RXNORM, "code": drug.partition(":")[2]}]
        },
    }


def _bundle(resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


def _report(name: str, calls: Sequence[bytes], state: State, store: FeedbackStore) -> None:
    if not calls:
        sys.stdout.write(f"{name}: not there\n")
        return
    first = [_timed(call, state, store) for call in calls]
    again = [_timed(call, state, store) for call in calls]
    sys.stdout.write(f"{name}: first {_told(first)}; then {_told(again)}\n")


def _timed(content: bytes, state: State, store: FeedbackStore) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    body = read_object(content, "the call")
    found = answer_call(body, body["hook"], state, store, "http://x", date(2026, 5, 4))
    json.dumps(found, ensure_ascii=False).encode()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)


def _told(times: _Times) -> str:
    wall, processor = zip(*times, strict=True)
    return f"wall {_middle_and_worst(wall)}, processor {_middle_and_worst(processor)}"


def _middle_and_worst(values: Sequence[float]) -> str:
    ordered = sorted(values)
    worst = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return f"p50 {statistics.median(ordered):.0f} p99 {worst:.0f}"


if __name__ == "__main__":
    main()
