"""Descriptions for the class rules: drugs of one class share effects and targets of their own."""

from __future__ import annotations

from embeddings.new_drugs.descriptions import Descriptions
from tests.embeddings.conftest import drug


def described(size: int = 12, kinds: tuple[str, ...] = ("effects", "targets")) -> Descriptions:
    """Say of each drug of three classes, and of drug 0 of each, what its class has alone."""
    rows = [
        (drug(100 * group + place), kind, f"{kind}:{group}.{part}")
        for group in (1, 2, 3)
        for place in range(size + 1)
        for kind in kinds
        for part in range(3)
    ]
    own = [(name, kind, f"{kind}:of {name}") for name, kind, _ in rows]
    return Descriptions.of_rows([*rows, *own], ("licence of the descriptions",))
