"""Drugs that may stand in for another: by ATC group, then by what both are given for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from string import ascii_uppercase

from kg.graph import KnowledgeGraph
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.salts import ingredient, is_combination
from ontologies.vocabulary import Predicate

__all__ = ["SYSTEMIC", "KinRules", "Kinship", "Relative", "Relatives"]

SYSTEMIC = "systemic"
"""Where a drug acts whose ATC group tells nothing else: in the whole body."""
_LABEL = "OPENFDA.INGREDIENT"
"""Prefix of ingredients of current labels in the United States."""
ORAL = "oral"
_WAYS = frozenset({ORAL, "injection", "transdermal", "implant", "sublingual", "buccal"})
"""Ways into the whole body, between which a patient cannot simply be moved."""
_COMBINED = 50
"""From this number on, codes of the fifth level are of combinations."""
_SUBGROUP, _GROUP = 5, 4
"""Lengths of codes of the fourth and the third level."""
_LEAST_KNOWN = 0.2
"""A relative of which much less is stated than of the drug itself looks harmless for no reason."""
_LEAST_KNOWN_OF_RARER = 0.5
"""The same for one without a current United States label, beside a drug that has one."""
_LEAST_ALIKE_IN_GROUP, _LEAST_ALIKE = 0.1, 0.3
"""Share of the indications of two drugs together that both have, in one ATC group and without."""
_LEAST_SHARED = 2
"""So many indications at least make a relative by themselves."""
_ENOUGH = 5
"""With so many relatives by ATC nobody is asked for by indication."""


class Kinship(StrEnum):
    """How near a drug is to another, nearest first."""

    SUBGROUP = "ATC level 4"
    GROUP = "ATC level 3"
    INDICATION = "shared indication"


_NEAREST = {kinship: number for number, kinship in enumerate(Kinship)}


@dataclass(frozen=True, slots=True)
class KinRules:
    """What makes no relatives.

    ``routes`` tells where the drugs of ATC groups act, by prefix, of which the longest counts.
    ``mixed`` are groups whose members serve unlike purposes; ``withdrawn`` are drugs out of use;
    ``local`` are the routes of a medicine list by which a drug acts where it is applied.
    """

    routes: Mapping[str, str]
    mixed: frozenset[str] = frozenset()
    withdrawn: frozenset[Curie] = frozenset()
    local: frozenset[str] = frozenset()

    def route(self, code: str) -> str:
        """Give where drugs of an ATC code act."""
        parts = (code[:n] for n in range(len(code), 0, -1))
        return next((self.routes[part] for part in parts if part in self.routes), SYSTEMIC)


@dataclass(frozen=True, slots=True)
class Relative:
    """A drug that may stand in for another, and the ATC group that both belong to, if any."""

    drug: Curie
    kinship: Kinship
    shared_class: str | None


@dataclass(frozen=True)
class Relatives:
    """Finds the relatives of drugs of one graph; what was asked for is kept.

    Only single ingredients in use are relatives: they have an RxCUI and an ATC code, are not
    withdrawn, and the graph states at least a fifth of the pairs that it states of the drug itself:
    half, where the drug has a label in the United States and they have none.
    """

    targets: Targets
    rules: KinRules
    _members: dict[str, tuple[Curie, ...]] = field(default_factory=dict, repr=False, compare=False)
    _treated: dict[Curie, frozenset[Curie]] = field(default_factory=dict, repr=False, compare=False)
    _found: dict[tuple[Curie, str | None], tuple[Relative, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.targets.graph

    def of(self, drug: Curie, route: str | None = None) -> tuple[Relative, ...]:
        """Relatives of a drug, nearest first; of one kinship the most usual first.

        Args:
            drug: The drug that others may stand in for.
            route: How it is given, one word such as ``oral`` or ``ophthalmic``; where it is not
                stated, systemic use is meant if the drug has one.
        """
        way = route if route in {ORAL, None, *self.rules.local} else SYSTEMIC
        key = (drug, way)
        if key not in self._found:
            self._found[key] = tuple(self._relatives(drug, way))
        return self._found[key]

    def _relatives(self, drug: Curie, route: str | None) -> list[Relative]:
        codes = self._codes(drug, route)
        ways: Set[str] = {ORAL} if route == ORAL else self._ways(drug)
        if route in self.rules.local:
            ways = frozenset()
        found: dict[Curie, Relative] = {}
        for relative in chain(
            self._by_group(codes, _SUBGROUP, Kinship.SUBGROUP),
            self._sharing(drug, self._by_group(codes, _GROUP, Kinship.GROUP)),
        ):
            self._keep(relative, drug, ways, found)
        if len(found) < _ENOUGH:
            for relative in self._by_indication(drug, codes):
                self._keep(relative, drug, ways, found)
        return sorted(found.values(), key=lambda r: (_NEAREST[r.kinship], *self._fame(r.drug)))

    def _keep(
        self, relative: Relative, drug: Curie, ways: Set[str], found: dict[Curie, Relative]
    ) -> None:
        other = relative.drug
        if other == drug or other in found or not self._stands_in(other, drug):
            return
        theirs = self._ways(other)
        if not ways or not theirs or ways & theirs:
            found[other] = relative

    def _by_group(
        self, codes: tuple[str, ...], length: int, kinship: Kinship
    ) -> Iterator[Relative]:
        groups = {code[:length] for code in codes if len(code) >= length}
        for group in sorted(groups - self.rules.mixed):
            for other in self._of_group(group):
                yield Relative(other, kinship, f"ATC:{group}")

    def _sharing(self, drug: Curie, relatives: Iterable[Relative]) -> Iterator[Relative]:
        """Leave out those of which it is stated that they are given for other things."""
        treated = self._indications(drug)
        for relative in relatives:
            theirs = self._indications(relative.drug)
            if not (treated and theirs) or _alike(treated, theirs) >= _LEAST_ALIKE_IN_GROUP:
                yield relative

    def _by_indication(self, drug: Curie, codes: tuple[str, ...]) -> Iterator[Relative]:
        treated = self._indications(drug)
        routes = {self.rules.route(code) for code in codes}
        others = (other for disease in sorted(treated) for other in self._treating(disease))
        for other in dict.fromkeys(others):
            theirs = self._indications(other)
            acting = {self.rules.route(code) for code in self.targets.atc_codes(other)}
            if len(treated & theirs) < _LEAST_SHARED or not routes & acting:
                continue
            if _alike(treated, theirs) >= _LEAST_ALIKE:
                yield Relative(other, Kinship.INDICATION, None)

    def _codes(self, drug: Curie, route: str | None) -> tuple[str, ...]:
        """ATC codes of a drug for one way of giving it; those of combinations count for nothing."""
        written = self.targets.atc_codes(drug)
        codes = tuple(c for c in written if len(c) <= _SUBGROUP or int(c[-2:]) < _COMBINED)
        meant = route if route in self.rules.local else SYSTEMIC
        fitting = tuple(code for code in codes if self.rules.route(code) == meant)
        return fitting or (() if route else codes)

    def _stands_in(self, other: Curie, drug: Curie) -> bool:
        """Tell whether a drug is a single ingredient in use, known well enough to be compared."""
        if other.prefix != "RXCUI" or other in self.rules.withdrawn:
            return False
        name = self.graph.name(other)
        if is_combination(name) or ingredient(name) not in {None, name.casefold()}:
            return False
        if not self.targets.atc_codes(other) or not self.graph.covers(other):
            return False
        rarer = self._is_labelled(drug) and not self._is_labelled(other)
        share = _LEAST_KNOWN_OF_RARER if rarer else _LEAST_KNOWN
        return self._known(other) >= max(1, share * self._known(drug))

    def _known(self, drug: Curie) -> int:
        return self.graph.count_to(drug, Predicate.HAS_PARTICIPANT)

    def _fame(self, drug: Curie) -> tuple[bool, int, Curie]:
        """Sort drugs with a current United States label first, then those told most of."""
        return (not self._is_labelled(drug), -self._known(drug), drug)

    def _is_labelled(self, drug: Curie) -> bool:
        node = self.graph.node(drug) if self.graph.has(drug) else None
        return node is not None and any(code.prefix == _LABEL for code in node.equivalents)

    def _ways(self, drug: Curie) -> frozenset[str]:
        """Systemic ways in which products of a drug are given; empty where nobody tells."""
        edges = self.graph.edges_to(drug, Predicate.HAS_ACTIVE_INGREDIENT)
        return frozenset(edge.qualifier("route") or "" for edge in edges) & _WAYS

    def _of_group(self, group: str) -> tuple[Curie, ...]:
        """Drugs of an ATC group of the third or fourth level, and of the groups in it.

        A graph without the tree of ATC has codes of the fifth level alone, so that each code that
        can be is asked for.
        """
        if group not in self._members:
            inner = [group] if len(group) == _SUBGROUP else [group + x for x in ascii_uppercase]
            codes = [
                group,
                *(c for g in inner for c in (g, *(f"{g}{n:02}" for n in range(_COMBINED)))),
            ]
            drugs = (drug for code in codes for drug in self._of_code(code))
            self._members[group] = tuple(dict.fromkeys(drugs))
        return self._members[group]

    def _of_code(self, code: str) -> Iterator[Curie]:
        edges = self.graph.edges_to(Curie("ATC", code), Predicate.SUBCLASS_OF)
        return (edge.subject for edge in edges if edge.subject.prefix == "RXCUI")

    def _indications(self, drug: Curie) -> frozenset[Curie]:
        """What a drug is given for by more than one statement, where that is said of anything."""
        if drug not in self._treated:
            edges = self.graph.edges_from(drug, Predicate.TREATS)
            sure = [edge for edge in edges if len(edge.evidence) > 1]
            self._treated[drug] = frozenset(edge.object for edge in sure or edges)
        return self._treated[drug]

    def _treating(self, disease: Curie) -> Iterable[Curie]:
        edges = self.graph.edges_to(disease, Predicate.TREATS)
        return (edge.subject for edge in edges if edge.subject.prefix == "RXCUI")


def _alike(first: Set[Curie], second: Set[Curie]) -> float:
    """Share of what two sets hold together that both hold; 1 for equal ones, 0 for none."""
    return len(first & second) / max(1, len(first | second))
