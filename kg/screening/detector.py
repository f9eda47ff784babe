"""What the engine asks of a detector: findings of one regimen, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from kg.screening.finding import Finding
from kg.screening.patient import Patient, Regimen


class Detector(Protocol):
    """Looks at a whole regimen and tells what it finds; pure, so that two can be compared."""

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield every finding of the regimen, whether or not a drug is new."""
        ...


class ChangeDetector(Protocol):
    """Looks at what changes between two lists, where a drug that is gone still acts; pure."""

    def detect_change(
        self, before: Regimen, after: Regimen, told: Callable[[Regimen], Iterable[Finding]]
    ) -> Iterator[Finding]:
        """Yield what comes of the change itself; ``told`` finds what the drugs of a list do."""
        ...
