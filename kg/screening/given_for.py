"""What drugs are given for, by the table of purposes, and which of them come first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

from kg.screening.recent import Recent, of_drugs
from kg.screening.targets import Targets, precision
from ontologies.curie import Curie

__all__ = ["Choice", "GivenFor", "Member", "Purpose"]


class Choice(StrEnum):
    """How soon a drug is thought of for a purpose, soonest first.

    A ``partner`` serves it in a product with others and never stands in alone.
    """

    FIRST = "first"
    USUAL = "usual"
    RARE = "rare"
    PARTNER = "partner"

    @property
    def rank(self) -> int:
        """Place in the order, 0 for the first choice."""
        return list(Choice).index(self)


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something that drugs are given for.

    ``whole`` tells that one drug does what a product of several does for it, ``any_route`` that it
    does not matter how a drug is given for it. What is ``aside`` counts where a condition of the
    patient says so, and of drugs that are given for nothing else. ``conditions`` are those of a
    patient that say that this purpose is meant.
    """

    name: str
    whole: bool = False
    any_route: bool = False
    aside: bool = False
    conditions: frozenset[Curie] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A drug, or all of an ATC group, that is given for a purpose."""

    purpose: str
    target: str
    choice: Choice = Choice.USUAL

    @property
    def drug(self) -> Curie | None:
        """The drug, where it is one and no group."""
        return None if self.target.startswith("ATC:") else Curie.parse(self.target)


@dataclass(frozen=True)
class GivenFor:
    """Answers what a drug is given for; rows of the drug itself stand before those of its groups.

    Of two groups that tell one purpose in two ways, the narrower counts.
    Nothing is concluded of a drug without rows.
    """

    targets: Targets
    purposes: Mapping[str, Purpose]
    members: tuple[Member, ...]
    _by_target: dict[str, list[Member]] = field(init=False, repr=False, compare=False)
    _known: Recent[Curie, Mapping[str, Choice]] = field(
        default_factory=of_drugs, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Index the rows by their targets."""
        found: dict[str, list[Member]] = {}
        for member in self.members:
            found.setdefault(member.target, []).append(member)
        object.__setattr__(self, "_by_target", found)

    def of(self, drug: Curie) -> Mapping[str, Choice]:
        """What a drug is given for, each with how soon it is thought of."""
        known = self._known.get(drug)
        if known is None:
            # Of two groups that say otherwise, the narrower counts: it comes last.
            targets = sorted(self.targets.of(drug), key=lambda t: (precision(t), t))
            rows = [m for t in targets for m in self._by_target.get(t, ())]
            own = [member for member in rows if member.drug]
            known = self._known.put(drug, {m.purpose: m.choice for m in own or rows})
        return known

    def is_named(self, drug: Curie) -> bool:
        """Tell whether a drug has rows of its own."""
        return any(m.drug for t in self.targets.of(drug) for m in self._by_target.get(t, ()))

    def meant(self, drug: Curie, conditions: Set[Curie]) -> frozenset[str]:
        """For what of its purposes a drug is given to a patient of such conditions; may be none."""
        return frozenset(p for p in self.of(drug) if self.purposes[p].conditions & conditions)

    def main(self, drug: Curie) -> frozenset[str]:
        """For what a drug is given as far as nobody says otherwise."""
        every = frozenset(self.of(drug))
        return frozenset(p for p in every if not self.purposes[p].aside) or every

    def serves(self, other: Curie, purposes: Set[str]) -> bool:
        """Tell whether a drug by itself is given for one of some purposes."""
        return any(self.of(other).get(p, Choice.PARTNER) is not Choice.PARTNER for p in purposes)

    def shared(self, drug: Curie, other: Curie) -> frozenset[str]:
        """For what both are given, other than as a partner in products."""
        return frozenset(p for p in self.of(drug) if self.serves(other, {p}))

    def is_apart(self, drug: Curie, other: Curie) -> bool:
        """Tell whether another drug is known to be given for nothing that a drug is given for."""
        return bool(self.of(drug) and self.of(other)) and not self.shared(drug, other)

    def sharing(self, drug: Curie) -> tuple[Curie, ...]:
        """Drugs named in the table that are given for something that a drug is given for."""
        purposes = self.of(drug).keys()
        members = (m for m in self.members if m.purpose in purposes)
        drugs = (m.drug for m in members if m.drug and m.choice is not Choice.PARTNER)
        return tuple(dict.fromkeys(drugs))

    def choice(self, other: Curie, purposes: Set[str]) -> Choice:
        """How soon a drug is thought of for one of some purposes; usual where that is unknown."""
        choices = (choice for p, choice in self.of(other).items() if p in purposes)
        return min(choices, key=lambda choice: choice.rank, default=Choice.USUAL)

    def ignores_route(self, drug: Curie, other: Curie) -> bool:
        """Tell whether it does not matter how the drugs are given."""
        return any(self.purposes[p].any_route for p in self.shared(drug, other))

    def whole(self, drugs: Iterable[Curie]) -> Curie | None:
        """Of the drugs of a product, the one whose relatives do what all of it does, if any."""
        serving = (
            (choice.rank, drug)
            for drug in drugs
            for purpose, choice in self.of(drug).items()
            if self.purposes[purpose].whole
        )
        return min(serving, default=(0, None))[1]
