"""A written diplotype, taken apart: two haplotypes, each an allele, copies of one, or a tandem."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from kg.screening.gene_rules import Allele

__all__ = [
    "Haplotype",
    "MalformedDiplotype",
    "UnknownAllele",
    "allele_names",
    "hla_alleles",
    "read_haplotype",
    "two_alleles",
]

_ACCEPTED = (
    "two alleles with a slash between, such as *1/*4, *1x2/*4 for two copies, *1xN/*4 where they "
    "are not counted, *36+*10/*1 for a tandem, Reference/rs2231142 or, for HLA genes, *57:01/*58:01"
)
_COPIES = re.compile(
    r"(?P<allele>\*.+?) ?[x\u00d7] ?(?:\u2265|>=)?(?P<copies>[1-9]\d?|n)", re.IGNORECASE
)
_UNCOUNTED = "n"
FEWEST_COPIES, MOST_COPIES = 2, 13
"""How many copies an uncounted duplication may have; thirteen of CYP2D6*2 are the most that were
found on one chromosome (Johansson et al. 1993, DOI:10.1073/pnas.90.24.11825)."""
_SUBALLELE = re.compile(r"(?P<core>\*\d+)\.\d{3}")
_HLA = re.compile(r"\*?(?P<group>\d{2,3}):(?P<protein>\d{2,3})(:\d{2,3}){0,2}[A-Z]?")
_TWO_NAMES = re.compile(r"(?P<change>.+?) \((?P<star>\*\w+)\)")
_MITOCHONDRIAL = "m."
"""How a change of mitochondrial DNA begins; some reports leave it out."""
_PLAIN_STATES = {" reference": True, " variant": False}


class MalformedDiplotype(ValueError):
    """A text is not a diplotype."""

    def __init__(self, symbol: str, diplotype: str) -> None:
        super().__init__(f"{diplotype!r} is not a diplotype of {symbol}; expected {_ACCEPTED}")
        self.symbol, self.diplotype = symbol, diplotype


class UnknownAllele(LookupError):
    """No loaded source knows an allele of the gene under a name."""

    def __init__(self, symbol: str, allele: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(allele, names, n=3, cutoff=0.5) or names[:5]
        super().__init__(
            f"{symbol} has no allele {allele!r}; {len(names)} are known, such as {', '.join(near)}"
        )
        self.symbol, self.allele = symbol, allele


@dataclass(frozen=True, slots=True)
class Haplotype:
    """What one chromosome carries: each allele with its number of copies, in the order written.

    Copies that nobody counted (``xN``) stand with the fewest that they can be; ``uncounted`` holds
    their alleles.
    """

    parts: tuple[tuple[Allele, int], ...]
    uncounted: tuple[Allele, ...] = ()

    @property
    def allele(self) -> Allele | None:
        """The one allele of an ordinary haplotype; ``None`` for several copies or a tandem."""
        return self.parts[0][0] if len(self.parts) == 1 and self.parts[0][1] == 1 else None

    @property
    def activity(self) -> float | None:
        """Sum of the activity scores over all copies; ``None`` when one of them is not known.

        The least sum where copies were not counted.
        """
        total = 0.0
        for allele, copies in self.parts:
            if allele.activity is None:
                return None
            total += allele.activity * copies
        return total

    @property
    def activities(self) -> tuple[float, ...]:
        """Every sum that the activity scores may have, rising; none when one is not known."""
        least = self.activity
        if least is None:
            return ()
        step = sum(allele.activity or 0.0 for allele in self.uncounted)
        more = MOST_COPIES - FEWEST_COPIES + 1 if step else 1
        return tuple(least + step * copies for copies in range(more))

    def __str__(self) -> str:
        """Give the haplotype in star notation."""
        return "+".join(
            allele.name if copies == 1 else f"{allele.name}x{self._counted(allele, copies)}"
            for allele, copies in self.parts
        )

    def _counted(self, allele: Allele, copies: int) -> str:
        return "N" if allele in self.uncounted else str(copies)


def two_alleles(
    symbol: str, diplotype: str, lone: str | None = None, names: Container[str] = ()
) -> tuple[str, str]:
    """Divide a diplotype at its slash; a gene before the star goes (CYP2D6*1 is *1).

    A mitochondrial gene has one allele only, which then stands twice; ``lone`` is what stands
    beside the one allele that a man has of a gene on X. ``names`` are the folded names of the
    alleles: one that holds a slash itself (Telti/Kobe) is kept whole where only that gives two
    alleles. Raises MalformedDiplotype.
    """
    own = re.compile(rf"^(?:{re.escape(symbol)}|{re.escape(symbol.removeprefix('HLA-'))})(?=\*)")
    parts = [own.sub("", part.strip()) for part in _divided(diplotype, names)]
    if symbol.startswith("MT-") and len(parts) == 1:
        parts *= 2
    if lone is not None and len(parts) == 1:
        parts.append(lone)
    if len(parts) != 2 or not all(parts):
        raise MalformedDiplotype(symbol, diplotype)
    return parts[0], parts[1]


def allele_names(alleles: Mapping[str, Allele]) -> dict[str, str]:
    """Every way to write the alleles of a gene, folded, with the name that it means.

    An allele with two names, `c.1905+1G>A (*2A)`, answers to both. The reference allele answers to
    `*1`, `reference`, `wild-type` and `wt`, and a lone variant to `rs2231142 variant (T)`.
    """
    names: dict[str, set[str]] = {}
    for allele in alleles.values():
        for written in _spellings(allele):
            names.setdefault(written.casefold(), set()).add(allele.name)
    exact = {name.casefold(): name for name in alleles}
    return {written: min(found) for written, found in names.items() if len(found) == 1} | exact


def read_haplotype(
    symbol: str, written: str, alleles: Mapping[str, Allele], names: Mapping[str, str]
) -> Haplotype:
    """Read one side of a diplotype; ``names`` are those of `allele_names`.

    ``*1x2``, ``*1x3`` (or ``*1x>=3``, which tables count as three) and ``*1xN`` are copies.
    Raises UnknownAllele.
    """
    whole = _find(written, alleles, names)
    if whole is not None:
        return Haplotype(((whole, 1),))
    parts, uncounted = [], []
    for part in written.split("+") if written.startswith("*") else [written]:
        copies = _COPIES.fullmatch(part.strip())
        allele = _find(copies["allele"] if copies else part, alleles, names)
        if allele is None:
            raise UnknownAllele(symbol, part, alleles)
        count = copies["copies"].lower() if copies else "1"
        if count == _UNCOUNTED:
            uncounted.append(allele)
        parts.append((allele, FEWEST_COPIES if count == _UNCOUNTED else int(count)))
    return Haplotype(tuple(parts), tuple(uncounted))


def hla_alleles(symbol: str, diplotype: str) -> tuple[str, str]:
    """Two HLA alleles in two fields (`*57:01`). Raises MalformedDiplotype."""
    left, right = (_HLA.fullmatch(part) for part in two_alleles(symbol, diplotype))
    if left is None or right is None:
        raise MalformedDiplotype(symbol, diplotype)
    first, second = (f"*{found['group']}:{found['protein']}" for found in (left, right))
    return first, second


def _divided(diplotype: str, names: Container[str]) -> list[str]:
    parts = diplotype.split("/")
    if len(parts) == 2 and diplotype.strip().casefold() in names:
        return [diplotype]
    places = range(1, len(parts)) if len(parts) > 2 else ()
    halves = [("/".join(parts[:at]), "/".join(parts[at:])) for at in places]
    whole = [pair for pair in halves if all(half.strip().casefold() in names for half in pair)]
    return list(whole[0]) if len(whole) == 1 else parts


def _spellings(allele: Allele) -> Iterable[str]:
    yield allele.name
    two = _TWO_NAMES.fullmatch(allele.name)
    if two is not None:
        yield from (two["change"], two["star"])
    if allele.name.startswith(_MITOCHONDRIAL):
        yield allele.name.removeprefix(_MITOCHONDRIAL)
    if allele.reference:
        yield from ("*1", "reference", "wild-type", "wild type", "wt")


def _find(written: str, alleles: Mapping[str, Allele], names: Mapping[str, str]) -> Allele | None:
    text = re.sub(r"\s+", " ", written.strip()).casefold()
    suballele = _SUBALLELE.fullmatch(text)
    name = names.get(text) or names.get(suballele["core"] if suballele else "")
    if name is None:
        name = _state(re.sub(r" \([acgt]+\)$", "", text), names)
    return alleles.get(name) if name else None


def _state(text: str, names: Mapping[str, str]) -> str | None:
    """Read `rs2231142 reference` as the reference allele and `rs2231142 variant` as rs2231142."""
    for ending, is_reference in _PLAIN_STATES.items():
        change = text.removesuffix(ending)
        if change != text and change in names:
            return names.get("reference") if is_reference else names[change]
    return None
