"""What the store of feedback takes and gives: rows about findings, never about a patient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """One card that was shown: the finding, not the patient. Times are seconds of the epoch."""

    card: str
    finding: str
    kind: str
    severity: str
    indicator: str
    hook: str
    graph: str
    shown_at: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reader did with a card; of a comment, which may name a patient, the length alone."""

    card: str
    outcome: str
    reason: str
    suggestions: tuple[str, ...]
    comment_length: int
    judged_at: str


@dataclass(frozen=True, slots=True)
class Row:
    """One card that was shown with what became of it; empty text where nothing is known."""

    kind: str
    severity: str
    finding: str
    hook: str
    indicator: str
    outcome: str
    reason: str
    deeds: tuple[str, ...]


class StoreUnusable(OSError):
    """The file of feedback cannot be read or written; a card is answered all the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store of feedback cannot be used ({reason})")
