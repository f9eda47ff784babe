"""What can be wrong with a question: errors that quote the bad value and know their HTTP status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

BAD_INPUT = 2
BAD_DATA = 3


class QuestionError(ValueError):
    """The question cannot be answered as it stands.

    ``status`` is the HTTP status, ``details`` go with the answer.
    """

    status = 422
    title = "The question cannot be answered as it stands"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.details = details or {}


class MissingExtra(RuntimeError):
    """A library that only an extra of the package brings is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"{library} is not installed; get it with: pip install 'coprescribe[{extra}]'"
        )
        self.library, self.extra = library, extra


class InvalidRequest(QuestionError):
    """A field has an impossible value or a wrong shape."""

    title = "A value is not accepted"


class UnresolvedDrug(QuestionError):
    """A drug to be added, stopped or replaced is not known, or may be several drugs."""

    title = "A drug cannot be identified"

    def __init__(
        self, query: str, role: str, status: str, candidates: Iterable[dict[str, Any]]
    ) -> None:
        found = list(candidates)
        names = likely_names(found, query)
        hint = f"; did you mean: {names}?" if names else ""
        if "," in query:
            hint += "; several drugs are given one by one"
        reason = (
            "may be several drugs"
            if status == "ambiguous" and len(found) > 1
            else "is not a drug that this graph knows"
        )
        super().__init__(
            f"the drug to {role}, {query!r}, {reason}{hint}", {"query": query, "candidates": found}
        )
        self.query = query


def likely_names(candidates: Iterable[Mapping[str, Any]], query: str) -> str:
    """Name what a text may mean: the drug, behind the name that resembles the text.

    A name that would not settle the question, for it was asked so or two drugs bear it, has the
    code of the drug beside it.

    >>> likely_names([{"curie": "RXCUI:36567", "name": "simvastatin", "matched": "Zocor"}], "zocr")
    'Zocor (simvastatin)'
    >>> likely_names([{"curie": "RXCUI:448", "name": "alcohol", "matched": "alcohol"}], "Alcohol")
    'alcohol (RXCUI:448)'
    """
    listed = list(candidates)
    names = Counter(str(c["matched"]).casefold() for c in listed)
    names[query.strip().casefold()] += 1
    told = []
    for found in listed:
        is_open = names[str(found["matched"]).casefold()] > 1
        is_own = found["matched"] == found["name"]
        own = () if is_own else (found["name"],)
        beside = (*own, found["curie"]) if is_open else own
        told.append(found["matched"] + (f" ({', '.join(beside)})" if beside else ""))
    return ", ".join(told)


class UnknownDrug(QuestionError):
    """No drug of the graph has a code."""

    status = 404
    title = "There is no such drug here"

    def __init__(self, code: str) -> None:
        super().__init__(f"the graph has no drug {code!r}", {"query": code})
        self.code = code


class AlreadyTaken(QuestionError):
    """A drug to be added is in the list under the same name."""

    title = "A drug is in the list already"

    def __init__(self, query: str) -> None:
        super().__init__(
            f"the drug to add, {query!r}, is among the current drugs; to ask of another product "
            "of it, name that product; to screen the list as it is, add nothing",
            {"query": query},
        )
        self.query = query


class NotTaken(QuestionError):
    """A drug to be stopped or replaced is not in the list."""

    title = "A drug is not in the list"

    def __init__(self, query: str, role: str) -> None:
        super().__init__(
            f"the drug to {role}, {query!r}, is not among the current drugs", {"query": query}
        )
        self.query = query
