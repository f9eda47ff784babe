"""Drugs that may stand in for another: by ATC group and by what both are given for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from string import ascii_uppercase

from kg.graph import KnowledgeGraph
from kg.screening.background import Hierarchy
from kg.screening.familiarity import LITTLE, Familiarity
from kg.screening.given_for import Choice, GivenFor
from kg.screening.kin_rules import SYSTEMIC, KinRules
from kg.screening.purposes import Purposes
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.salts import ingredient, is_combination
from ontologies.vocabulary import Predicate

__all__ = ["SYSTEMIC", "KinRules", "Kinship", "Relative", "Relatives"]

_APPROVED = Curie("DRUGBANK.CATEGORY", "group-approved")
ORAL = "oral"
_WAYS = frozenset({ORAL, "injection", "transdermal", "implant", "sublingual", "buccal"})
"""Ways into the whole body, between which a patient cannot simply be moved."""
_COMBINED = 50
"""From this number on, codes of the fifth level are of combinations."""
_SUBGROUP, _GROUP = 5, 4
"""Lengths of codes of the fourth and the third level."""
_LEAST_KNOWN = 0.2
"""Share of the pairs of a drug that the graph must state of a relative that is little known."""
_LEAST_ALIKE_IN_GROUP, _LEAST_ALIKE_IN_MIXED = 0.08, 0.25
"""How alike in purpose drugs of one third level are at least; of one whose members are unlike."""
_LEAST_ALIKE, _LEAST_TREATED = 0.3, 0.1
"""The same for drugs without a group in common, in all and in what they are given for ..."""
_LEAST_ALIKE_TREATING, _LEAST_TREATING = 0.2, 0.28
"""... or less, where what both are given for is this much alike."""


class Kinship(StrEnum):
    """How near a drug is to another, nearest first."""

    SUBGROUP = "ATC level 4"
    GROUP = "ATC level 3"
    PURPOSE = "same purpose"
    INDICATION = "shared indication"


_GROUP_COUNTS = {
    Kinship.SUBGROUP: 0.3,
    Kinship.GROUP: 0.2,
    Kinship.PURPOSE: 0.2,
    Kinship.INDICATION: 0.0,
}
"""What a group or a purpose in common adds to being alike."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A drug that may stand in for another, and the ATC group that both belong to, if any.

    ``alike`` is how alike the two are in purpose, from 0 to 1. ``known`` is how much is stated of
    this one for what is stated of the other, in kinds of facts, 1 at most. ``choice`` is how soon
    this one is thought of for what the other is given for; ``is_named`` tells that the table of
    purposes names this drug itself.
    """

    drug: Curie
    kinship: Kinship
    shared_class: str | None
    alike: float = 0.0
    known: float = 1.0
    choice: Choice = Choice.USUAL
    is_named: bool = False

    @property
    def nearness(self) -> float:
        """How near it is: alike, and more so for a group in common; less if little is known."""
        return round((self.alike + _GROUP_COUNTS[self.kinship]) * self.known, 2)

    @property
    def little_known(self) -> bool:
        """Tell whether so little is stated that finding nothing says nothing."""
        return self.known < LITTLE


@dataclass(frozen=True)
class Relatives:
    """Finds the relatives of drugs of one graph; what was asked for is kept.

    Only single ingredients in use are relatives: they have an RxCUI and an ATC code and are not
    withdrawn. Of one that is little known the graph states at least a fifth of the pairs that it
    states of the drug itself.
    """

    targets: Targets
    rules: KinRules
    purposes: Purposes = field(init=False, repr=False, compare=False)
    given: GivenFor = field(init=False, repr=False, compare=False)
    hierarchy: Hierarchy = field(init=False, repr=False, compare=False)
    familiarity: Familiarity = field(init=False, repr=False, compare=False)
    _members: dict[str, tuple[Curie, ...]] = field(default_factory=dict, repr=False, compare=False)
    _found: dict[tuple[Curie, str | None], tuple[Relative, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Prepare the comparison of purposes and the count of what is known."""
        object.__setattr__(self, "purposes", Purposes(self.graph))
        purposes = {purpose.name: purpose for purpose in self.rules.purposes}
        object.__setattr__(self, "given", GivenFor(self.targets, purposes, self.rules.members))
        object.__setattr__(self, "hierarchy", Hierarchy(self.graph))
        familiarity = Familiarity(self.targets, self.rules.conditioned)
        object.__setattr__(self, "familiarity", familiarity)

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.targets.graph

    def of(self, drug: Curie, route: str | None = None) -> tuple[Relative, ...]:
        """Relatives of a drug: those that are well known first, of these the nearest.

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

    def serving(
        self, drug: Curie, kin: Iterable[Relative], conditions: Iterable[Curie]
    ) -> list[Relative]:
        """Leave of the relatives of a drug those that serve what it is meant for in a patient.

        Where the table of purposes knows nothing of the drug, those that have the indication of it
        that the patient has, or all where there are none.
        """
        wider = self.hierarchy.of_all(conditions)
        meant = self.given.meant(drug, wider)
        asked = meant or self.given.main(drug)
        kept = list(kin)
        if asked:
            kept = [
                relative
                for relative in kept
                if self.given.serves(relative.drug, asked)
                or not (meant or self.given.of(relative.drug))
            ]
        else:
            treated = self.purposes.surely_treated(drug) & wider
            kept = [r for r in kept if treated & self.purposes.treated(r.drug)] or kept
        return [self._chosen(relative, drug, asked) for relative in kept]

    def _chosen(self, relative: Relative, drug: Curie, purposes: Set[str]) -> Relative:
        """Say how soon a relative is thought of; seldom if nobody sells it and it has no row."""
        other, sold = relative.drug, self.familiarity.is_in_use
        named = self.given.is_named(other)
        known = named or sold(other) or not sold(drug)
        choice = self.given.choice(other, purposes) if known else Choice.RARE
        return replace(relative, choice=choice, is_named=named)

    def _relatives(self, drug: Curie, route: str | None) -> list[Relative]:
        codes = self._codes(drug, route)
        ways: Set[str] = {ORAL} if route == ORAL else self._ways(drug)
        if route in self.rules.local:
            ways = frozenset()
        found: dict[Curie, Relative] = {}
        for relative in chain(
            self._by_group(codes, _SUBGROUP, Kinship.SUBGROUP),
            self._alike(drug, self._by_group(codes, _GROUP, Kinship.GROUP)),
            self._by_purpose(drug, route),
            self._by_indication(drug, codes),
        ):
            other = relative.drug
            if other in found or not self._stands_in(other, drug):
                continue
            apart = route not in self.rules.local and self.given.is_apart(drug, other)
            any_way = self.given.ignores_route(drug, other)
            if not apart and (any_way or self._fits(other, ways)):
                found[other] = self._measured(relative, drug)
        return sorted(found.values(), key=self._order)

    def _order(self, relative: Relative) -> tuple[bool, float, int, Curie]:
        """Sort what is well known and near first, of what is as near what more is stated of."""
        pairs = self.familiarity.pairs(relative.drug)
        return (relative.little_known, -relative.nearness, -pairs, relative.drug)

    def _measured(self, relative: Relative, drug: Curie) -> Relative:
        alike = self.purposes.alike(drug, relative.drug)
        return replace(relative, alike=alike, known=self.familiarity.share(relative.drug, drug))

    def _fits(self, other: Curie, ways: Set[str]) -> bool:
        """Tell whether a drug is given in one of some ways, as far as that is told."""
        theirs = self._ways(other) if ways else ways
        return not theirs or bool(ways & theirs)

    def _by_group(
        self, codes: tuple[str, ...], length: int, kinship: Kinship
    ) -> Iterator[Relative]:
        for group in sorted({code[:length] for code in codes if len(code) >= length}):
            if length == _GROUP or group not in self.rules.mixed:
                for other in self._of_group(group):
                    yield Relative(other, kinship, f"ATC:{group}")

    def _alike(self, drug: Curie, relatives: Iterator[Relative]) -> Iterator[Relative]:
        """Leave out those for other purposes, and all of unlike groups but those for the same."""
        for relative in relatives:
            alike = self.purposes.alike(drug, relative.drug)
            if (relative.shared_class or "").removeprefix("ATC:") in self.rules.mixed:
                kept = alike >= _LEAST_ALIKE_IN_MIXED
            else:
                stated = self.purposes.is_stated(drug) and self.purposes.is_stated(relative.drug)
                kept = alike >= _LEAST_ALIKE_IN_GROUP or not stated
            if kept:
                yield relative

    def _by_purpose(self, drug: Curie, route: str | None) -> Iterator[Relative]:
        if route not in self.rules.local:
            for other in self.given.sharing(drug):
                if self.graph.has(other):
                    yield Relative(other, Kinship.PURPOSE, None)

    def _by_indication(self, drug: Curie, codes: tuple[str, ...]) -> Iterator[Relative]:
        routes = {self.rules.route(code) for code in codes}
        for other in self.purposes.sharing(drug):
            treating = self.purposes.alike_by_indication(drug, other)
            least = _LEAST_ALIKE_TREATING if treating >= _LEAST_TREATING else _LEAST_ALIKE
            if treating >= _LEAST_TREATED and self.purposes.alike(drug, other) >= least:
                acting = {self.rules.route(code) for code in self.targets.atc_codes(other)}
                if routes & acting:
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
        if other == drug or other in self.rules.withdrawn:
            return False
        if self.given.is_named(other) and self.given.shared(drug, other):
            return self.graph.covers(other)
        if other.prefix != "RXCUI":
            return False
        name = self.graph.name(other)
        if is_combination(name) or ingredient(name) not in {None, name.casefold()}:
            return False
        codes = self.targets.atc_codes(other)
        if not codes or not self.graph.covers(other) or self._is_on_trial(other):
            return False
        if self.rules.is_apart(codes, self.targets.atc_codes(drug)):
            return False
        pairs = self.familiarity.pairs
        few = pairs(other) < max(1, _LEAST_KNOWN * pairs(drug))
        return not few or self.familiarity.share(other, drug) >= LITTLE

    def _is_on_trial(self, drug: Curie) -> bool:
        """Tell whether a list grades a drug, never as approved, and no list of interactions has it.

        DrugBank's groups of 2015 call some experimental that are approved since.
        """
        edges = self.graph.edges_to(drug, Predicate.RELATED_TO)
        groups = {edge.subject for edge in edges if edge.subject.identifier.startswith("group-")}
        return bool(groups) and _APPROVED not in groups and not self.familiarity.is_listed(drug)

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
