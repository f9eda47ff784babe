"""Names and RxCUIs of drugs, in the shape of the look-ups that stood beside the old service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.convert import candidate_json
from api.rxnav.interactions import asked_of
from api.rxnav.shapes import item, term_type
from api.state import State
from ontologies.curie import Curie
from ontologies.lexicon import TRIMMED_SCORE, Candidate, Resolution
from ontologies.vocabulary import Predicate
from ontologies.written_codes import is_code

MOST_ENTRIES = 100
"""So many candidates the old service gave at most."""
_EXACT = frozenset({100.0})
_SCORES = {
    0: _EXACT,
    1: _EXACT | {TRIMMED_SCORE},
    2: _EXACT | {TRIMMED_SCORE},
}
"""How well a name must match under each precision of a search; under 9, as well as it may."""


def ids_of_name(name: str, search: int, state: State) -> dict[str, Any]:
    """Answer ``/REST/rxcui.json``: the RxCUI of the one drug that a name means.

    A name that may mean several drugs, or is not known, brings none, and says what it may mean.
    """
    found = state.lexicon.lookup(name)
    group: dict[str, Any] = {"name": name}
    meant = _meant(found, search)
    if meant is None:
        return {"idGroup": group, "coprescribe": _open(found)}
    return {"idGroup": {**group, "rxnormId": [meant]}}


def approximate(term: str, most: int, state: State) -> dict[str, Any]:
    """Answer ``/REST/approximateTerm.json``: what a text may mean, the likeliest first."""
    candidates = [c for c in state.lexicon.lookup(term, most).candidates if _rxcui(c)]
    scores = sorted({candidate.score for candidate in candidates}, reverse=True)
    rows = [
        {
            "rxcui": _rxcui(candidate),
            "rxaui": "",
            "score": f"{candidate.score:.1f}",
            "rank": str(scores.index(candidate.score) + 1),
            "name": candidate.name if is_code(candidate.matched) else candidate.matched,
            "source": "COPRESCRIBE",
        }
        for candidate in candidates
    ]
    return {"approximateGroup": {"inputTerm": term, **({"candidate": rows} if rows else {})}}


def properties(rxcui: str, state: State) -> dict[str, Any]:
    """Answer ``/REST/rxcui/{id}/properties.json``; nothing for an RxCUI that is not known."""
    asked = asked_of(rxcui, state)
    if asked.drug is None:
        return {}
    return {"properties": _properties(item(asked, state.graph))}


def products(name: str, state: State) -> dict[str, Any]:
    """Answer ``/REST/drugs.json``: the drug that a name means, and what the graph says holds it."""
    found = state.lexicon.lookup(name)
    if found.candidate is None:
        return {"drugGroup": {"name": name}, "coprescribe": _open(found)}
    drug = Curie.parse(found.candidate.curie)
    holders = state.graph.edges_to(drug, Predicate.HAS_ACTIVE_INGREDIENT)
    groups: dict[str, list[dict[str, str]]] = {}
    for curie in dict.fromkeys((drug, *(edge.subject for edge in holders))):
        if curie.prefix == "RXCUI":
            tty = term_type(curie, state.graph)
            concept = {"rxcui": curie.identifier, "name": state.graph.name(curie), "tty": tty}
            groups.setdefault(tty, []).append(_properties(concept))
    listed = [{"tty": tty, "conceptProperties": rows} for tty, rows in groups.items()]
    return {"drugGroup": {"name": name, **({"conceptGroup": listed} if listed else {})}}


def _properties(concept: dict[str, str]) -> dict[str, str]:
    constant = {"language": "ENG", "suppress": "N", "umlscui": ""}
    return {"rxcui": concept["rxcui"], "name": concept["name"], "synonym": ""} | {
        "tty": concept["tty"],
        **constant,
    }


def _meant(found: Resolution, search: int) -> str | None:
    if found.candidate is None:
        return None
    fits = search not in _SCORES or found.candidate.score in _SCORES[search]
    return _rxcui(found.candidate) if fits else None


def _open(found: Resolution) -> dict[str, Any]:
    """What a name that gave no RxCUI may mean, so that nobody takes it for a drug unknown."""
    return {"status": found.status, "candidates": _listed(found.candidates)}


def _listed(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    return [candidate_json(candidate) for candidate in candidates]


def _rxcui(candidate: Candidate) -> str | None:
    curie = Curie.parse(candidate.curie)
    return curie.identifier if curie.prefix == "RXCUI" else None
