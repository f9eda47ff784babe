"""Heavy atoms of a structure, counted from its SMILES: a check that needs no chemistry library.

Two drawings of one substance may differ in charges, hydrogens, stereochemistry and the order of
atoms, none of which is counted. Isomers are therefore not told apart.
"""

from __future__ import annotations

import re
from collections import Counter

_ATOM = re.compile(r"\[\d*([A-Z][a-z]?|[a-z]+)[^\]]*\]|(Cl|Br|[BCNOPSFI])|([bcnops])")
_FRAGMENT = "."
"""Stands in a SMILES between two parts that no bond joins (OpenSMILES 1.0, section 3.8)."""


def composition(smiles: str) -> str:
    """Give the heavy atoms of a structure, carbon first.

    >>> composition("[O-]S(=O)(=O)[O-]"), composition("CC(=O)Cl")
    ('O4S', 'C2ClO')
    """
    return _written(_counted(smiles))


def drawing(smiles: str) -> str:
    """Give the heavy atoms of the largest part that holds carbon and of the whole, joined by ``|``.

    A salt and its base draw the same largest part; they are told apart by their names.

    >>> drawing("CC(=O)[O-].[Na+]"), drawing("[Zn+2].[O-2]"), drawing("")
    ('C2O2|C2NaO2', 'OZn', '')
    """
    parts = [_counted(part) for part in smiles.split(_FRAGMENT)]
    largest = max(parts, key=lambda part: ("C" in part, sum(part.values()), _written(part)))
    whole = _written(sum(parts, Counter()))
    return "|".join(dict.fromkeys((_written(largest), whole) if "C" in largest else (whole,)))


def _counted(smiles: str) -> Counter[str]:
    found = Counter("".join(match.groups("")).capitalize() for match in _ATOM.finditer(smiles))
    found.pop("H", None)
    return found


def _written(atoms: Counter[str]) -> str:
    order = sorted(atoms, key=lambda element: (element != "C", element))
    return "".join(
        element + (str(atoms[element]) if atoms[element] > 1 else "") for element in order
    )
