"""One thing that is wrong with a graph, and the list of many of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_LISTED = 50
"""Problems of one kind that are listed one by one; the rest is counted in one more."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is not as it should be, or ``count`` of them; ``fatal`` ones stop the build.

    Where there are several of a kind, the first are listed and the last stands for the rest.
    """

    check: str
    subject: str
    detail: str
    fatal: bool = True
    count: int = 1


def listed(
    check: str, subjects: Sequence[str], detail: str, *, fatal: bool = True
) -> list[Problem]:
    """List the first of many and count the rest, so that counts stay true."""
    problems = [Problem(check, subject, detail, fatal) for subject in subjects[:MAX_LISTED]]
    rest = len(subjects) - len(problems)
    if rest:
        problems.append(Problem(check, f"{rest} more", detail, fatal, count=rest))
    return problems
