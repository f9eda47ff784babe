"""Why two drugs are linked, as the graph tells it: the same through every door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.convert import candidate_json, evidence_json
from api.errors import InvalidRequest, UnresolvedDrug
from api.notes import read_loosely
from api.state import State
from kg.metapaths.engine import Metapaths, metapaths_of
from kg.metapaths.links import Reason
from kg.metapaths.words import reason_json, tally_json
from kg.model import Edge, Evidence, worst
from kg.screening.documented import MECHANISM_NAMES, headline
from ontologies.curie import Curie
from ontologies.lexicon import Resolution

MOST_REASONS = 50
"""More are not given at a time."""
DISCLAIMER = (
    "A path is a way to an interaction, not a proof of one: it says what the sources state of each "
    "drug alone, and weights order paths for reading. Where nothing is found, the combination is "
    "not thereby safe."
)
PERMUTED = (
    "How unusual a count is, is measured on pairs of drugs with as many neighbours in graphs whose "
    "edges were dealt out anew, every drug and every gene, effect, condition or class keeping the "
    "number of its edges."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The two drugs that were meant, their paths, and the answer as plain data."""

    drugs: tuple[Curie, Curie]
    reasons: tuple[Reason, ...]
    answer: dict[str, Any]


def explanation(drugs: tuple[str, ...], top: int, state: State) -> Explanation:
    """Answer ``GET /v1/explain`` and ``coprescribe explain``.

    Raises:
        InvalidRequest: Not two drugs, the same one twice, one that holds several, or a number out
            of bounds.
        UnresolvedDrug: A drug is not known, or may be several.
    """
    if len(drugs) != 2:
        raise InvalidRequest(f"an explanation is of two drugs; given: {len(drugs)}")
    if not 1 <= top <= MOST_REASONS:
        raise InvalidRequest(f"top: {top} is not accepted: a whole number from 1 to {MOST_REASONS}")
    read = [state.lexicon.lookup(text) for text in drugs]
    first, second = (_meant(resolution, state) for resolution in read)
    if first == second:
        name = state.graph.name(first)
        raise InvalidRequest(f"{drugs[0]!r} and {drugs[1]!r} are one drug, {name}; give two drugs")
    paths = metapaths_of(state.graph)
    pair = (first, second)
    reasons = paths.reasons(first, second, top)
    tallies = [tally_json(tally, pair) for tally in paths.tallies(first, second)]
    stated = _stated(pair, state)
    answer = {
        "drugs": [
            {"query": text, "curie": str(drug), "name": state.graph.name(drug)}
            for text, drug in zip(drugs, pair, strict=True)
        ],
        "stated": stated,
        "reasons": [reason_json(state.graph, reason) for reason in reasons],
        "counts": sorted(tallies, key=lambda tally: float(tally["permuted"]["share_at_least"])),
        "graph": state.graph_json(),
        "notes": [
            *read_loosely(read),
            *_notes(pair, paths, reasons, state),
            *([PERMUTED] if tallies else []),
        ],
        "disclaimer": DISCLAIMER,
    }
    return Explanation(pair, reasons, answer)


def _meant(resolution: Resolution, state: State) -> Curie:
    """The drug that a text means: itself, its base, or its only ingredient."""
    text = resolution.query
    found = resolution.candidate
    if found is None:
        candidates = [candidate_json(candidate) for candidate in resolution.candidates]
        raise UnresolvedDrug(text, "explain", resolution.status, candidates)
    held = state.contents.drugs(Curie.parse(found.curie))
    if len(held) > 1:
        names = ", ".join(state.graph.name(part) for part in held)
        raise InvalidRequest(f"{text!r} holds several drugs; ask of each: {names}")
    return held[0]


def _stated(pair: tuple[Curie, Curie], state: State) -> list[dict[str, Any]]:
    """What sources state of the two drugs together, the worst first."""
    told = []
    for edge in state.graph.pair_edges(*pair):
        evidence = tuple(said for said in edge.evidence if said.primary)
        if evidence:
            told.append((edge, evidence))
    told.sort(key=lambda each: (-_rank(each[1]), str(each[0].object)))
    return [_stated_json(edge, evidence, state) for edge, evidence in told]


def _rank(evidence: tuple[Evidence, ...]) -> int:
    severity = worst(map(headline, evidence))
    return severity.rank if severity else 0


def _stated_json(edge: Edge, evidence: tuple[Evidence, ...], state: State) -> dict[str, Any]:
    severity = worst(map(headline, evidence))
    kind = edge.qualifier("mechanism")
    return {
        "effect": {"curie": str(edge.object), "name": state.graph.name(edge.object)},
        "mechanism": MECHANISM_NAMES.get(kind, kind) if kind else None,
        "severity": severity.value if severity else None,
        "evidence": [evidence_json(said) for said in evidence],
    }


def _notes(
    pair: tuple[Curie, Curie], paths: Metapaths, reasons: tuple[Reason, ...], state: State
) -> Iterator[str]:
    unknown = [drug for drug in pair if not paths.covers(drug)]
    for drug in unknown:
        yield (
            f"Nothing that a path could go through is stated of {state.graph.name(drug)}: no "
            "enzyme, transporter, target, liability, indication or class."
        )
    if not unknown and not reasons:
        one, other = map(state.graph.name, pair)
        yield f"No path that explains anything leads from {one} to {other} in this graph."
