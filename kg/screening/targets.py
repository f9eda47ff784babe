"""What a rule is about: one drug, the drugs of an ATC group, or those that share a liability. Pure.

A target is written as ``RXCUI:11289``, ``ATC:M01A``, ``liability:qt`` or ``liability:qt:high``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kg.graph import KnowledgeGraph
from kg.screening.recent import Recent, of_drugs
from kg.screening.rules import POINTS, UNSTATED_GRADE
from ontologies.curie import Curie, MalformedCurie
from ontologies.vocabulary import Predicate

ATC_LEVELS = (1, 3, 4, 5, 7)
"""Lengths of the codes of the five levels of ATC."""

_OF_DRUG, _OF_GRADE = 20, 1
_LIABILITY = re.compile(r"liability:[a-z_]+(:(low|moderate|high))?")
_ATC = re.compile(r"ATC:[A-V](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")


class MalformedTarget(ValueError):
    """A text names no target."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no target: expected a drug such as RXCUI:11289, a group such as "
            "ATC:M01A, or liability:NAME with :low, :moderate or :high after it at most"
        )
        self.text = text


def checked_target(text: str) -> str:
    """Give a target back as it is written.

    Raises:
        MalformedTarget: It is none.
    """
    if text.startswith("liability:"):
        if _LIABILITY.fullmatch(text):
            return text
    elif text.startswith("ATC:"):
        if _ATC.fullmatch(text):
            return text
    else:
        try:
            return str(Curie.parse(text))
        except MalformedCurie:
            pass
    raise MalformedTarget(text)


def precision(target: str) -> int:
    """How narrow a target is: a drug counts more than any class, a class by its level.

    >>> precision("RXCUI:11289") > precision("ATC:B01AA") > precision("ATC:B01")
    True
    """
    if target.startswith("liability:"):
        return _OF_GRADE * target.count(":")
    return len(target) if target.startswith("ATC:") else _OF_DRUG


def names_drug(target: str) -> bool:
    """Tell whether a target is one drug, and no class.

    >>> names_drug("RXCUI:11289"), names_drug("ATC:B01AA")
    (True, False)
    """
    return precision(target) == _OF_DRUG


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets that each drug of a graph falls under; asked once per drug."""

    graph: KnowledgeGraph
    _known: Recent[Curie, frozenset[str]] = field(
        default_factory=of_drugs, repr=False, compare=False
    )

    def of(self, drug: Curie) -> frozenset[str]:
        """Every target that a drug falls under, itself by every identifier among them.

        A liability of one grade counts under each lower grade too, and one whose grade nobody
        states as moderate.
        """
        found = self._known.get(drug)
        if found is None:
            named = (*self._names(drug), *self._groups(drug), *self._liabilities(drug))
            found = self._known.put(drug, frozenset(named))
        return found

    def holds(self, drug: Curie, target: str) -> bool:
        """Tell whether a drug falls under a target."""
        return target in self.of(drug)

    def atc_codes(self, drug: Curie) -> tuple[str, ...]:
        """ATC codes of a drug, the fifth level where it is stated, sorted.

        A code that names the drug counts alone: lists put an ingredient into the groups of every
        combination that holds it, hydrochlorothiazide among the renin inhibitors.
        """
        others = self.graph.node(drug).equivalents if self.graph.has(drug) else ()
        own = {code.identifier for code in (drug, *others) if code.prefix == "ATC"}
        if own:
            return tuple(sorted(own))
        edges = self.graph.edges_from(drug, Predicate.SUBCLASS_OF)
        return tuple(sorted({e.object.identifier for e in edges if e.object.prefix == "ATC"}))

    def links(self, drug: Curie, target: str) -> tuple[str, ...]:
        """Ids of the edges by which a drug falls under a target; none where it is the target."""
        prefix, _, name = target.partition(":")
        if prefix == "ATC":
            edges = self.graph.edges_from(drug, Predicate.SUBCLASS_OF)
            return tuple(e.id for e in edges if str(e.object).startswith(target))
        if prefix == "liability":
            edges = self.graph.edges_from(drug, Predicate.PREDISPOSES_TO)
            liability = name.partition(":")[0]
            return tuple(e.id for e in edges if e.qualifier("liability") == liability)
        return ()

    def _names(self, drug: Curie) -> list[str]:
        """Identifiers of a drug: a rule names one of them, whichever the graph prefers."""
        others = self.graph.node(drug).equivalents if self.graph.has(drug) else ()
        return [str(drug), *map(str, others)]

    def _groups(self, drug: Curie) -> list[str]:
        codes = self.atc_codes(drug)
        return [f"ATC:{code[:n]}" for code in codes for n in ATC_LEVELS if n <= len(code)]

    def _liabilities(self, drug: Curie) -> list[str]:
        found = []
        for edge in self.graph.edges_from(drug, Predicate.PREDISPOSES_TO):
            name = f"liability:{edge.qualifier('liability')}"
            grade = POINTS[edge.qualifier("grade") or UNSTATED_GRADE]
            found += [name, *(f"{name}:{lower}" for lower, n in POINTS.items() if n <= grade)]
        return found
