"""Drawings of drugs as Morgan bits: which surroundings of atoms a compound has. Needs RDKit.

Rogers, Hahn, Extended-Connectivity Fingerprints (2010). RDKit is the extra ``structures``; without
it a function of this module raises ``ModuleNotFoundError``, which the doors turn into an advice.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from embeddings.skeletons import UnreadableSmiles

RADIUS = 2
BITS = 4_096
MOST_LETTERS = 10_000
"""A longer text is refused: the longest drawing of a drug that we know has some 1,000 letters."""


def rdkit_version() -> str | None:
    """Version of RDKit that is installed; ``None`` where none is."""
    try:
        return version("rdkit")
    except PackageNotFoundError:
        return None


def bits_of(smiles: str) -> tuple[int, ...]:
    """Give the Morgan bits of the parent of a compound, ascending.

    The parent is the largest part of the drawing, uncharged: a salt is placed where its base is.

    Raises:
        UnreadableSmiles: RDKit cannot read the text.
        ModuleNotFoundError: RDKit is not installed.
    """
    from rdkit import rdBase
    from rdkit.Chem import MolFromSmiles, rdFingerprintGenerator
    from rdkit.Chem.MolStandardize import rdMolStandardize

    text = smiles.strip()
    if not text or len(text) > MOST_LETTERS or len(text.split()) > 1:
        raise UnreadableSmiles(smiles[:80])
    # RDKit writes what it dislikes to the standard error; the error below says it.
    with rdBase.BlockLogs():
        compound: Any = MolFromSmiles(text)
        if compound is None or not compound.GetNumAtoms():
            raise UnreadableSmiles(smiles)
        parent = rdMolStandardize.ChargeParent(compound)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    return tuple(sorted(generator.GetFingerprint(parent).GetOnBits()))
