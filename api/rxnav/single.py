"""All interactions of one RxCUI: the drug is screened with every other that a source knows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

from api.errors import UnknownDrug
from api.rxnav.interactions import (
    Interactions,
    aside,
    asked_of,
    code_of,
    disclaimer_of,
    not_checked,
)
from api.rxnav.shapes import Asked, Told, by_source, comment_of, item, told_of
from api.service import answer
from api.state import State
from ontologies.vocabulary import Category

MOST_KEPT = 8
"""One of a common drug takes 2.4 MB (warfarin in `full`)."""
Key = tuple[str, str | None, str]


class Singles:
    """Answers of ``/REST/interaction/interaction.json``, of which the last ones are kept.

    One takes as many screenings as there are drugs; the same graph and model answer the same.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Interactions] = OrderedDict()
        self._lock = Lock()

    def interactions(self, rxcui: str, state: State) -> Interactions:
        """Give the pairs of one drug with all others, the worst first.

        Raises:
            UnknownDrug: The graph has no such RxCUI.
        """
        key = (state.graph.id, state.bundle.id if state.bundle else None, rxcui)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = single_interactions(rxcui, state)
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept


def single_interactions(rxcui: str, state: State) -> Interactions:
    """Screen one drug with each that a source knows; raises as :class:`Singles` tells."""
    asked = asked_of(rxcui, state)
    if asked.drug is None:
        raise UnknownDrug(code_of(rxcui))
    others = list(_others(asked, state))
    told = [each for other in others for each in _told(asked, other, state)]
    concept = item(asked, state.graph)
    groups = [
        {
            "sourceDisclaimer": group.disclaimer,
            "sourceName": group.name,
            "interactionType": [
                {
                    "comment": comment_of([asked], state.graph),
                    "minConceptItem": concept,
                    "interactionPair": [each.pair_json(state.graph) for each in group.told],
                }
            ],
        }
        for group in by_source(told, state.graph_json()["sources"])
    ]
    silent = not_checked([asked], state)
    alone = answer({"taking": [code_of(rxcui)]}, state)
    value: dict[str, Any] = {
        "nlmDisclaimer": disclaimer_of(silent),
        **({"interactionTypeGroup": groups} if groups else {}),
        "coprescribe": {**aside(alone, silent), "screened_with": len(others)},
    }
    return Interactions(value, tuple(silent))


def _others(asked: Asked, state: State) -> Iterator[Asked]:
    """Yield the drugs that a source says anything of and that an RxCUI names."""
    for node in state.graph.nodes(Category.DRUG):
        named = node.curie.prefix == "RXCUI" and str(node.curie) not in asked.drugs
        if named and node.curie != asked.drug and state.graph.covers(node.curie):
            yield asked_of(node.curie.identifier, state)


def _told(asked: Asked, other: Asked, state: State) -> Iterator[Told]:
    """Yield what is told of two drugs, the one that was asked first."""
    found = answer({"taking": [code_of(asked.rxcui), code_of(other.rxcui)]}, state)
    for finding in found["findings"]:
        for told in told_of(finding, (asked, other)):
            yield told if told.asked[0] is asked else told.turned()
