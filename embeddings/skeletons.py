"""Which drugs are forms of one compound, told from their SMILES without a chemistry library.

The parent of a drug is its largest part that holds carbon, or the whole drawing where none does.
Its skeleton is the parent's heavy atoms and which of them are joined, each atom with the number of
bonds that it has beyond single ones, so that both Kekulé forms of a ring are one. Charges,
hydrogens and stereochemistry are left out: a salt and its base have one skeleton, and so have
stereoisomers.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\[\d*(?P<bracket>[A-Z][a-z]?|[a-z]+)[^\]]*\]|(?P<plain>Cl|Br|[BCNOPSFI]|[bcnops])"
    r"|(?P<bond>[-=#$:/\\~])|(?P<ring>%\d\d|\d)|(?P<mark>[().])"
)
_BEYOND_SINGLE = {"=": 1, "#": 2, "$": 3}
_ROUNDS = 24


class UnreadableSmiles(ValueError):
    """A text is no SMILES that can be followed."""

    def __init__(self, smiles: str) -> None:
        super().__init__(f"expected a SMILES, found {smiles!r}")
        self.smiles = smiles


def skeleton(smiles: str) -> str:
    """Give a digest that is equal for drawings of one parent compound.

    Raises:
        UnreadableSmiles: The text cannot be followed.

    >>> skeleton("CC(=O)[O-].[Na+]") == skeleton("OC(C)=O"), skeleton("CCO") == skeleton("COC")
    (True, False)
    """
    drawing = _Drawing()
    end = 0
    for match in _TOKEN.finditer(smiles):
        if match.start() != end:
            raise UnreadableSmiles(smiles)
        end = match.end()
        drawing.take(match, smiles)
    if end != len(smiles) or not smiles or drawing.rings:
        raise UnreadableSmiles(smiles)
    return drawing.digest()


def twins_among(smiles: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Give for each drug that has twins the others of its skeleton, from SMILES by drug.

    A drug whose drawing cannot be read has none.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for drug, text in smiles.items():
        try:
            groups[skeleton(text)].add(drug)
        except UnreadableSmiles:
            continue
    return {
        drug: frozenset(group - {drug})
        for group in groups.values()
        if len(group) > 1
        for drug in group
    }


@dataclass(slots=True)
class _Drawing:
    atoms: list[str] = field(default_factory=list)
    beyond: list[int] = field(default_factory=list)
    bonds: list[tuple[int, int]] = field(default_factory=list)
    rings: dict[str, tuple[int, int]] = field(default_factory=dict)
    _branches: list[int | None] = field(default_factory=list)
    _last: int | None = None
    _order: int = 0

    def take(self, match: re.Match[str], smiles: str) -> None:
        """Follow one token."""
        kind, text = match.lastgroup, match.group()
        if kind in ("bracket", "plain"):
            self._atom(match.group(str(kind)))
        elif kind == "bond":
            self._order = _BEYOND_SINGLE.get(text, 0)
        elif kind == "ring":
            self._ring(text, smiles)
        elif text == "(":
            self._branches.append(self._last)
        elif text == ".":
            self._last = None
        elif self._branches:
            self._last = self._branches.pop()
        else:
            raise UnreadableSmiles(smiles)

    def digest(self) -> str:
        """Digest of the largest part that holds carbon, else of the whole."""
        labelled = [(len(part), self._labels(part)) for part in self._parts()]
        organic = [one for one in labelled if "C" in re.split(r"[0-9;]", one[1])]
        labels = [max(organic)[1]] if organic else sorted(label for _, label in labelled)
        return hashlib.blake2b(".".join(labels).encode(), digest_size=12).hexdigest()

    def _atom(self, element: str) -> None:
        if element.capitalize() == "H":
            return
        self.atoms.append(element.capitalize())
        self.beyond.append(int(element == "c"))
        if self._last is not None:
            self._join(self._last, len(self.atoms) - 1, self._order)
        self._last, self._order = len(self.atoms) - 1, 0

    def _ring(self, number: str, smiles: str) -> None:
        if self._last is None:
            raise UnreadableSmiles(smiles)
        if number in self.rings:
            start, order = self.rings.pop(number)
            self._join(start, self._last, order or self._order)
        else:
            self.rings[number] = (self._last, self._order)
        self._order = 0

    def _join(self, one: int, other: int, beyond_single: int) -> None:
        self.bonds.append((one, other))
        self.beyond[one] += beyond_single
        self.beyond[other] += beyond_single

    def _parts(self) -> list[list[int]]:
        root = list(range(len(self.atoms)))
        for one, other in self.bonds:
            kept, moved = sorted((root[one], root[other]))
            root = [kept if value == moved else value for value in root]
        groups: dict[int, list[int]] = defaultdict(list)
        for atom, value in enumerate(root):
            groups[value].append(atom)
        return list(groups.values())

    def _labels(self, part: Iterable[int]) -> str:
        """Say the whole structure: labels of atoms, refined by those of their neighbours."""
        chosen = sorted(part)
        near: dict[int, list[int]] = defaultdict(list)
        for one, other in self.bonds:
            near[one].append(other)
            near[other].append(one)
        plain = {atom: f"{self.atoms[atom]}{self.beyond[atom]}" for atom in chosen}
        label = plain
        for _ in range(min(_ROUNDS, len(chosen))):
            label = {
                atom: _short(label[atom] + "|" + ",".join(sorted(label[o] for o in near[atom])))
                for atom in chosen
            }
        return ";".join([*sorted(plain.values()), *sorted(label.values())])


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
