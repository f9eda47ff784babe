"""Which medicine a line of a record means: the name in it, and what its brackets and joints say.

Half of a combination never stands for the whole: the parts of a name must all be known and some
held medicine must hold exactly those, and what stands in brackets must be the same medicine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Protocol

from ontologies.base_names import base_names
from ontologies.product_text import MOST_PARTS
from ontologies.record_lines import parts, read_line, with_salt_behind
from ontologies.resolution import Candidate, Resolution


class HeldMedicines(Protocol):
    """What is asked of a lexicon."""

    def named(self, text: str, limit: int) -> Resolution | None:
        """Give what a name means, without strengths and forms; ``None`` where it is not held."""

    def substances(self, curie: str) -> frozenset[str]:
        """Give what a drug holds; itself where it holds nothing else."""


def meaning_of_line(text: str, held: HeldMedicines, limit: int) -> Resolution | None:
    """Read a text as a line of a record; ``None`` where that is not certain."""
    line = read_line(text)
    found = _named(line.name, held, limit) if line else None
    if line is None or found is None:
        return None
    if line.beside and not all(_is_same(found, name, held) for name in line.beside):
        return None
    return replace(found, query=text)


def _named(name: str, held: HeldMedicines, limit: int) -> Resolution | None:
    return held.named(name, limit) or _joined(name, held, limit)


def _is_same(found: Resolution, name: str, held: HeldMedicines) -> bool:
    other = _named(name, held, 1)
    if found.candidate is None or other is None or other.candidate is None:
        return False
    return held.substances(found.candidate.curie) == held.substances(other.candidate.curie)


def _joined(name: str, held: HeldMedicines, limit: int) -> Resolution | None:
    """Give the medicine that holds exactly the substances whose names are joined."""
    pieces = parts(name)
    if not 1 < len(pieces) <= MOST_PARTS:
        return None
    known = [each for each in (_part(piece, held) for piece in pieces) if each]
    substances = [held.substances(each.curie) for each in known]
    wanted = frozenset[str]().union(*substances)
    if len(known) < len(pieces) or len(wanted) < sum(map(len, substances)):
        return None
    for written in (pieces, tuple(each.name for each in known)):
        for order in permutations(written):
            found = held.named(" / ".join(order), limit)
            if found and found.candidate and held.substances(found.candidate.curie) == wanted:
                return found
    return None


def _part(piece: str, held: HeldMedicines) -> Candidate | None:
    """Give what one of several joined names means; its salt may be shortened and stand first."""
    tried = (held.named(name, 1) for name in _ways(piece))
    return next((found.candidate for found in tried if found and found.candidate), None)


def _ways(piece: str) -> Iterator[str]:
    yield piece
    salt = with_salt_behind(piece)
    if salt:
        yield salt
    yield from base_names(salt or piece)
