"""What came of looking a written drug name up: one drug, several that it may mean, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["resolved", "ambiguous", "unresolved"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drug that a text may mean: its own name, the name that matched, and how well (0 to 100)."""

    curie: str
    name: str
    matched: str
    score: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of a text; `candidate` is set only when it is resolved, `candidates` best first."""

    query: str
    status: Status
    candidate: Candidate | None
    candidates: tuple[Candidate, ...]
