"""The interactions of a list of RxCUIs, in the shape of the service that ended in January 2024."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from api.errors import InvalidRequest
from api.rxnav.shapes import Asked, Told, by_source, comment_of, item, told_of
from api.service import answer
from api.state import State
from kg.screening.engine import PairStatus
from ontologies.curie import Curie

MOST_RXCUIS = 50
"""So many the old service took at a time."""
DISCLAIMER = (
    "This answer comes from coprescribe, which has no tie to the National Library of Medicine. It "
    "lists what the named sources state and what follows from it, for qualified health "
    "professionals; where it says nothing, the combination is not thereby safe."
)
NOT_CHECKED = "coprescribe: not checked"
"""Name of the group that holds the pairs which nobody could look at."""
NOT_CHECKED_NOTE = (
    "These are not interactions: they are the pairs of the list that could not be looked at."
)
_BETWEEN = re.compile(r"[\s,+]+")
_RXCUI = re.compile(r"[0-9]{1,8}")


class MalformedRxcuis(InvalidRequest):
    """What should be RxCUIs is none, too many, or something else."""

    status = 400
    title = "The RxCUIs are not accepted"


@dataclass(frozen=True, slots=True)
class Interactions:
    """An answer of the old shape, and the RxCUIs that it says nothing about."""

    value: dict[str, Any]
    not_checked: tuple[str, ...]


def rxcuis_of(texts: Iterable[str], most: int = MOST_RXCUIS) -> tuple[str, ...]:
    """Read RxCUIs with blanks, commas or plus signs between them; each is given once.

    Raises:
        MalformedRxcuis: None is given, more than ``most``, or one is not a number.

    >>> rxcuis_of(["207106 152923", "656659,207106"])
    ('207106', '152923', '656659')
    """
    written = [part for text in texts for part in _BETWEEN.split(text) if part]
    wrong = next((part for part in written if not _RXCUI.fullmatch(part)), None)
    if wrong is not None:
        raise MalformedRxcuis(f"{wrong[:50]!r} is not an RxCUI, which is a number such as 36567")
    found = tuple(dict.fromkeys(part.lstrip("0") or "0" for part in written))
    if not found:
        raise MalformedRxcuis("no RxCUI is given; give numbers such as 36567, or 36567+21212")
    if len(found) > most:
        raise MalformedRxcuis(f"{len(found)} RxCUIs are given; at most {most} are read")
    return found


def code_of(rxcui: str) -> str:
    """Write an RxCUI as every door reads it."""
    return f"RXCUI:{rxcui}"


def asked_of(rxcui: str, state: State) -> Asked:
    """Look up what an RxCUI means here."""
    found = state.lexicon.lookup(code_of(rxcui)).candidate
    if found is None:
        return Asked(rxcui)
    drug = Curie.parse(found.curie)
    drugs = state.contents.drugs(drug)
    return Asked(rxcui, drug, tuple(map(str, drugs)))


def list_interactions(rxcuis: Sequence[str], state: State) -> Interactions:
    """Answer ``/REST/interaction/list.json``: what ``POST /v1/screen`` finds in the same list."""
    asked = [asked_of(rxcui, state) for rxcui in rxcuis]
    found = answer({"taking": [code_of(rxcui) for rxcui in rxcuis]}, state)
    told = [each for finding in found["findings"] for each in told_of(finding, asked)]
    groups = [
        {
            "sourceDisclaimer": group.disclaimer,
            "sourceName": group.name,
            "fullInteractionType": list(_full_types(group.told, state)),
        }
        for group in by_source(told, found["graph"]["sources"])
    ]
    unchecked = list(_unchecked(asked, found, state))
    if unchecked:
        groups.append(
            {
                "sourceDisclaimer": NOT_CHECKED_NOTE,
                "sourceName": NOT_CHECKED,
                "fullInteractionType": unchecked,
            }
        )
    silent = not_checked(asked, state)
    return Interactions(
        {
            "nlmDisclaimer": disclaimer_of(silent),
            **({"fullInteractionTypeGroup": groups} if groups else {}),
            "coprescribe": {
                **aside(found, silent),
                "not_of_two": sorted(
                    {f["id"] for f in found["findings"]} - {each.finding["id"] for each in told}
                ),
            },
        },
        tuple(silent),
    )


def not_checked(asked: Iterable[Asked], state: State) -> dict[str, str]:
    """Why nothing is said of some of the RxCUIs."""
    silent = {}
    for each in asked:
        if each.drug is None:
            silent[each.rxcui] = f"RxCUI {each.rxcui} is not known to this graph"
        elif not any(state.graph.covers(Curie.parse(drug)) for drug in each.drugs):
            name = state.graph.name(each.drug)
            silent[each.rxcui] = f"no loaded source says anything of {name} (RxCUI {each.rxcui})"
    return silent


def disclaimer_of(silent: dict[str, str]) -> str:
    """Our own disclaimer, and before it what was not checked."""
    reasons = "; ".join(silent.values())
    return f"Not checked: {reasons}. {DISCLAIMER}" if reasons else DISCLAIMER


def aside(found: dict[str, Any], silent: dict[str, str]) -> dict[str, Any]:
    """What the old shape has no place for."""
    return {
        "graph": found["graph"]["id"],
        "model": found["model"] and found["model"]["id"],
        "not_checked": [{"rxcui": rxcui, "reason": reason} for rxcui, reason in silent.items()],
        "notes": found["notes"],
    }


def _full_types(told: Iterable[Told], state: State) -> Iterator[dict[str, Any]]:
    """Yield each pair of the list once, with all that is told of it, the worst first."""
    pairs: dict[frozenset[str], list[Told]] = {}
    for each in told:
        pairs.setdefault(frozenset(asked.rxcui for asked in each.asked), []).append(each)
    for several in pairs.values():
        first, second = several[0].asked
        yield {
            "comment": comment_of((first, second), state.graph),
            "minConcept": [item(first, state.graph), item(second, state.graph)],
            "interactionPair": [each.pair_json(state.graph) for each in several],
        }


def _unchecked(
    asked: Sequence[Asked], found: dict[str, Any], state: State
) -> Iterator[dict[str, Any]]:
    """Yield the pairs that nobody could look at, so that no old client takes them for checked."""
    not_covered = {
        frozenset(pair["drugs"])
        for pair in found["coverage"]["pairs"]
        if pair["status"] == PairStatus.NOT_COVERED
    }
    for first, second in combinations(asked, 2):
        pairs = {frozenset((a, b)) for a in first.drugs for b in second.drugs}
        if first.drug and second.drug and not pairs & not_covered:
            continue
        reasons = not_checked((first, second), state).values() or (
            "no loaded source says anything of one of their ingredients",
        )
        concepts = [item(first, state.graph), item(second, state.graph)]
        yield {
            "comment": comment_of((first, second), state.graph),
            "minConcept": concepts,
            "interactionPair": [
                {
                    "interactionConcept": [
                        {
                            "minConceptItem": concept,
                            "sourceConceptItem": {"id": "NA", "name": concept["name"], "url": "NA"},
                        }
                        for concept in concepts
                    ],
                    "severity": "N/A",
                    "description": f"NOT CHECKED: {'; '.join(reasons)}. This is no interaction, "
                    "and no sign that the two may be combined.",
                }
            ],
        }
