"""A phenotype as somebody wrote it: in words, in two letters, or as an activity score. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.phenotype_rules import INDETERMINATE
from kg.screening.gene_rules import GeneRules

__all__ = ["HLA_RESULT", "UnknownPhenotype", "labelled", "read_phenotype"]

HLA_RESULT = re.compile(r"(?P<allele>\*\d{2,3}:\d{2,3}) (?P<result>positive|negative)")
_SCORE = re.compile(
    r"(?P<phenotype>.*?)[\s,;(]*(?:activity score|as)?\s*[:=]?\s*(?:≥|>=)?\s*"
    r"(?<![\d.-])(?P<score>\d+(?:\.\d+)?)\)?",
    re.IGNORECASE,
)
"""An activity score, alone or behind the phenotype that it makes."""
_HIGHEST_SCORE = 20.0
"""More copies than anybody was found to carry; what is higher is a slip."""
_SHORT = {
    "pm": "poor metabolizer",
    "im": "intermediate metabolizer",
    "nm": "normal metabolizer",
    "em": "normal metabolizer",
    "rm": "rapid metabolizer",
    "um": "ultrarapid metabolizer",
    "extensive": "normal",
    "metaboliser": "metabolizer",
    "ultra-rapid": "ultrarapid",
}
_KINDS = (" metabolizer", " function", " response", " susceptibility")


class UnknownPhenotype(LookupError):
    """A text names no phenotype that the gene can have."""

    def __init__(self, symbol: str, text: str, known: Iterable[str], *, scored: bool = False):
        names = ", ".join(sorted(known))
        scores = f", or an activity score from 0 to {_HIGHEST_SCORE:g}" if scored else ""
        super().__init__(f"{symbol} has no phenotype {text!r}; known: {names}{scores}")
        self.symbol, self.text = symbol, text


def labelled(symbol: str, phenotype: str) -> str:
    """Write a phenotype with its gene, which some phenotypes name themselves.

    >>> labelled("CYP2D6", "Poor Metabolizer"), labelled("G6PD", "G6PD Deficient")
    ('CYP2D6 Poor Metabolizer', 'G6PD Deficient')
    """
    return phenotype if phenotype.startswith(symbol) else f"{symbol} {phenotype}"


def read_phenotype(rules: GeneRules, text: str) -> tuple[str, float | None]:
    """Give the phenotype that a text names, and the activity score where it holds one.

    Only a gene with ranges of scores has them; a score alone gives the phenotype of its range.

    Raises:
        UnknownPhenotype: The gene has no such phenotype or score.
    """
    found = _SCORE.fullmatch(text.strip()) if rules.scores else None
    score = float(found["score"]) if found else None
    written = _folded(rules.symbol, found["phenotype"] if found else text)
    named = _named(rules, written) if written or score is None else rules.phenotype_at(score)
    if named is None or (score is not None and score > _HIGHEST_SCORE):
        raise UnknownPhenotype(
            rules.symbol, text.strip(), rules.phenotypes, scored=bool(rules.scores)
        )
    return named, score


def _named(rules: GeneRules, wanted: str) -> str | None:
    if rules.symbol.startswith("HLA-") and all(map(HLA_RESULT.fullmatch, wanted.split("; "))):
        return wanted
    known = {_folded(rules.symbol, phenotype): phenotype for phenotype in rules.phenotypes}
    short = {_without_kind(folded): phenotype for folded, phenotype in known.items()}
    found = known.get(wanted) or short.get(wanted)
    if found is None and wanted == INDETERMINATE.casefold():
        return INDETERMINATE
    return found


def _folded(symbol: str, text: str) -> str:
    plain = re.sub(r"ultra[- ]rapid", "ultrarapid", text.casefold())
    words = [_SHORT.get(word, word) for word in plain.split()]
    return " ".join(words).removeprefix(symbol.casefold()).strip()


def _without_kind(folded: str) -> str:
    for kind in _KINDS:
        folded = folded.removesuffix(kind)
    return folded
