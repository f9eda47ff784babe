"""The key under which a guideline file looks up a gene, in the words of the graph.

The files speak of a phenotype (`Poor Metabolizer`), of an activity score (`0.25`, `≥3.0`, `n/a`,
`1.5 (Intermediate Metabolizer)`), of a diplotype (`{"*1": 1.0, "*28": 1.0}`), or of a gene that
was not tested (`No Result`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Self

from kg.phenotype_rules import INDETERMINATE, NOT_TESTED

__all__ = ["Lookup", "UnreadableKey", "lookups_of"]

_PHENOTYPES_BY_SCORE = {
    "CYP2D6": (
        (0.0, "Poor Metabolizer"),
        (1.0, "Intermediate Metabolizer"),
        (2.25, "Normal Metabolizer"),
        (inf, "Ultrarapid Metabolizer"),
    ),
    "CYP2C9": (
        (0.5, "Poor Metabolizer"),
        (1.5, "Intermediate Metabolizer"),
        (2.0, "Normal Metabolizer"),
    ),
    "DPYD": (
        (0.5, "Poor Metabolizer"),
        (1.5, "Intermediate Metabolizer"),
        (2.0, "Normal Metabolizer"),
    ),
}
"""The highest score of each phenotype, as the diplotype tables of CPIC give it.

Caudle et al. 2020, PMID:31647186 (CYP2D6); Theken et al. 2020, PMID:32189324 (CYP2C9); Amstutz et
al. 2018, PMID:29152729 (DPYD). The DPWG calls a CYP2D6 score of 2.5 normal: its advice for that
score stands under the phenotype that CPIC gives it, narrowed to the score.
"""
_HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"
_NAMED_DIPLOTYPES = {
    ("DPYD", "1.0 (Phenotyping)"): (
        f"{_HAPB3}/{_HAPB3}",
        f"{_HAPB3}/c.2846A>T",
        "c.2846A>T/c.2846A>T",
    ),
}
"""The diplotypes of decreased function on both sides for which the DPWG asks to measure the enzyme,
whereas it gives a dose for the same score from one normal allele (DPYD table of the DPWG in
PharmCAT, 2023-09-01)."""
_SCORE = re.compile(r"(?P<least>≥)?(?P<score>\d+\.\d+)(?: \([A-Za-z ]+\))?")
_NO_SCORE = frozenset({"n/a", "xN combinations"})
_BOTH_ALLELES = {("HLA-B", "1511 and 1502"): ("*15:02 positive", "*15:11 positive")}


class UnreadableKey(ValueError):
    """A gene is looked up by something that is none of the known keys."""

    def __init__(self, gene: str, key: object) -> None:
        super().__init__(f"cannot look up {gene} by {key!r}; expected phenotype, score, diplotype")
        self.gene, self.key = gene, key


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a gene must be for a recommendation to hold; a score range is closed, ``None`` open."""

    gene: str
    phenotype: str = ""
    diplotype: str = ""
    low: float | None = None
    high: float | None = None

    def without_score(self) -> Lookup:
        """Give the same whatever the activity score."""
        return replace(self, low=None, high=None)

    @classmethod
    def spanning(cls, lookups: Iterable[Self]) -> Lookup:
        """Join lookups that differ in their scores only into one range."""
        several = list(lookups)
        lows = [lookup.low for lookup in several if lookup.low is not None]
        highs = [lookup.high for lookup in several if lookup.high is not None]
        return replace(
            several[0],
            low=min(lows, default=None),
            high=max(highs) if len(highs) == len(several) else None,
        )

    def qualifiers(self, suffix: str) -> dict[str, str]:
        """Give the qualifiers of an edge; the suffix tells the second gene from the first."""
        stated = {
            "phenotype": self.phenotype,
            "diplotype": self.diplotype,
            "score_min": "" if self.low is None else f"{self.low:g}",
            "score_max": "" if self.high is None else f"{self.high:g}",
        }
        return {f"{key}{suffix}": value for key, value in stated.items() if value}

    def __str__(self) -> str:
        """Give the gene and what it must be, for people."""
        words = f"{self.gene} {self.phenotype or self.diplotype}"
        if self.low is None:
            return words
        if self.high is None:
            return f"{words} (activity score {self.low:g} or more)"
        same = self.low == self.high
        return f"{words} (activity score {self.low:g}{'' if same else f' to {self.high:g}'})"


def lookups_of(gene: str, key: object) -> tuple[tuple[Lookup, ...], ...]:
    """Ways in which a gene answers to a key, each one lookup, or two of one gene.

    Two lookups stand where a patient must carry two alleles of an HLA gene. Raises UnreadableKey.
    """
    if isinstance(key, dict):
        return ((Lookup(gene, diplotype=_diplotype(gene, key)),),)
    if not isinstance(key, str) or not key.strip():
        raise UnreadableKey(gene, key)
    if (gene, key) in _NAMED_DIPLOTYPES:
        return tuple((Lookup(gene, diplotype=d),) for d in _NAMED_DIPLOTYPES[gene, key])
    if (gene, key) in _BOTH_ALLELES:
        return (tuple(Lookup(gene, result) for result in _BOTH_ALLELES[gene, key]),)
    return ((_single(gene, key),),)


def _single(gene: str, key: str) -> Lookup:
    if key == "No Result":
        return Lookup(gene, NOT_TESTED)
    if key in _NO_SCORE:
        return Lookup(gene, INDETERMINATE)
    found = _SCORE.fullmatch(key)
    if found is None:
        return Lookup(gene, key)
    if gene not in _PHENOTYPES_BY_SCORE:
        raise UnreadableKey(gene, key)
    score = float(found["score"])
    ranges = _PHENOTYPES_BY_SCORE[gene]
    phenotype = next((name for highest, name in ranges if score <= highest), "")
    if not phenotype:
        raise UnreadableKey(gene, key)
    return Lookup(gene, phenotype, low=score, high=None if found["least"] else score)


def _diplotype(gene: str, key: dict[str, object]) -> str:
    """Write `{"*1": 1.0, "*28": 1.0}` as `*1/*28`."""
    alleles = sorted(name for name, n in key.items() for _ in range(int(str(n).partition(".")[0])))
    if len(alleles) != 2:
        raise UnreadableKey(gene, key)
    return "/".join(alleles)
