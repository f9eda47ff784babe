"""What can be wrong with a question: errors that quote the bad value and know their HTTP status."""

from __future__ import annotations

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
        names = likely_names(found)
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


def likely_names(candidates: Iterable[Mapping[str, Any]]) -> str:
    """Name what a text may mean: the drug, behind the name that resembles the text.

    >>> likely_names([{"name": "simvastatin", "matched": "Zocor"}])
    'Zocor (simvastatin)'
    """
    return ", ".join(
        str(c["name"]) if c["matched"] == c["name"] else f"{c['matched']} ({c['name']})"
        for c in candidates
    )


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
