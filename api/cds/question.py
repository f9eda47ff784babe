"""The question of ``POST /v1/screen`` that a call of a service asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.cds.orders import Orders
from api.fhir.drafts import added_lines, drug_of, lines_of, what_ends
from api.fhir.naming import Name
from ontologies.lexicon import Lexicon

__all__ = ["asks_anything", "question_of"]


def asks_anything(orders: Orders) -> bool:
    """Tell whether orders change the list, or go on with a part of it."""
    return bool(orders.added or orders.ended or orders.renewed)


def question_of(orders: Orders, patient: Mapping[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """The body that asks what the selected orders do beside everything else.

    What is ordered again stays on the list, so that only what an order changes is told as new.
    """
    ending = list(what_ends(orders.ended, (*orders.kept, *orders.beside)))
    taking = [*lines_of((*orders.kept, *ending)), *lines_of(orders.beside)]
    added = [e for e in added_lines(orders.added) if lexicon.lookup(drug_of(e)).candidate]
    ended = _known((therapy.name for therapy in ending), lexicon)
    return {"add": added, "stop": ended, "taking": taking, "patient": dict(patient)}


def _known(names: Iterable[Name], lexicon: Lexicon) -> list[str]:
    """The names that the lexicon resolves, each once; the notes of a name tell the rest."""
    texts = dict.fromkeys(text for name in names if name.is_resolved for text in name.texts)
    return [text for text in texts if lexicon.lookup(text).candidate]
