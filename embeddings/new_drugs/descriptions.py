"""What is known of single drugs: effects reported of the drug alone, genes, structure.

Effects are knowledge from after a drug was marketed; genes and structure are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from embeddings.structures import bits_of

KINDS = ("effects", "targets", "affects", "substrate_of", "structure")
COLUMNS = ("drug", "kind", "object")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of one drug, by kind: CURIEs of effects and of genes, numbers of Morgan bits.

    A drug binds its ``targets``, changes the activity of what it ``affects``, and is changed or
    carried by what it is a ``substrate_of``. A bit is written as its number.
    """

    effects: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    affects: frozenset[str] = frozenset()
    substrate_of: frozenset[str] = frozenset()
    structure: frozenset[str] = frozenset()

    @classmethod
    def drawn(cls, smiles: str, targets: Iterable[str] = ()) -> Description:
        """Describe a drug by its SMILES and its targets, where these are known.

        Raises:
            UnreadableSmiles: The text is no SMILES.
            ModuleNotFoundError: RDKit is not installed.
        """
        return cls(targets=frozenset(targets), structure=written(bits_of(smiles)))

    @property
    def genes(self) -> frozenset[str]:
        """All genes, whatever the drug has to do with them."""
        return self.targets | self.affects | self.substrate_of

    def of(self, kind: str) -> frozenset[str]:
        """What is known of one kind of ``KINDS``."""
        known: frozenset[str] = getattr(self, kind)
        return known


@dataclass(frozen=True, eq=False)
class Descriptions:
    """Descriptions of many drugs: rows drug, kind and object, sorted, each once.

    ``licences`` are those of what states them.
    """

    table: pd.DataFrame
    licences: tuple[str, ...] = ()

    @classmethod
    def of_rows(
        cls, rows: Iterable[tuple[str, str, str]], licences: Iterable[str] = ()
    ) -> Descriptions:
        """Make them from rows (drug, kind, object) in any order."""
        frame = pd.DataFrame(sorted(set(rows)), columns=list(COLUMNS), dtype=str)
        return cls(frame, tuple(sorted(set(licences) - {""})))

    def of(self, drug: str) -> Description:
        """What is known of a drug; nothing where it is not among them."""
        return self._by_drug.get(drug, Description())

    @cached_property
    def _by_drug(self) -> dict[str, Description]:
        known: dict[str, dict[str, frozenset[str]]] = {}
        for (drug, kind), objects in self.table.groupby(["drug", "kind"])["object"]:
            known.setdefault(str(drug), {})[str(kind)] = frozenset(objects)
        return {drug: Description(**kinds) for drug, kinds in known.items()}


def written(bits: Iterable[int]) -> frozenset[str]:
    """Write Morgan bits as descriptions have them."""
    return frozenset(str(bit) for bit in bits)
