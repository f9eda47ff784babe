"""Groups of identifiers that mean one thing, joined link by link under rules of exclusion."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ontologies.fold import fold
from ontologies.known_apart import Known, alike, run_together
from ontologies.salts import differ_in_form, moiety

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Two identifiers that may mean one thing, and the reason to think so.

    A link that is ``doubted`` joins no two things of unlike names.
    """

    left: str
    right: str
    reason: str
    doubted: bool = False


class Cliques:
    """A union-find that may refuse a join, and keeps what it joined and cut, with reasons."""

    def __init__(
        self,
        names: Mapping[str, Iterable[str]],
        exclusive: frozenset[str],
        base_prefix: str | None = None,
        known: Known | None = None,
    ) -> None:
        """Start with every identifier of `names` alone.

        `exclusive` are the prefixes of which a clique holds one identifier at most. With a
        `base_prefix`, names tell forms: a combination is never joined to one substance, and a salt
        only to a base that has an identifier of that prefix and of no other exclusive one, while
        the salt has another: then one vocabulary lists the base alone and one the salt alone
        (medroxyprogesterone in RxNorm, its acetate in DrugBank), and both mean one medicine. What
        is `known` besides keeps unlike structures apart, and what a person has told apart.
        """
        self._parent = {curie: curie for curie in names}
        self._members = {curie: {curie} for curie in names}
        self._names = {curie: set(written) for curie, written in names.items()}
        self._exclusive = exclusive
        self._known = known or Known()
        self._held = {curie: self._held_by(curie) for curie in names}
        self._drawn = {curie: self._known.drawings.get(curie, frozenset()) for curie in names}
        self._base_prefix = base_prefix
        self.joined: list[Link] = []
        self.cuts: set[tuple[str, str, str]] = set()

    def _held_by(self, curie: str) -> dict[str, str]:
        """Give what a clique may hold one of: identifiers by prefix, hand-kept marks by reason."""
        prefix = curie.partition(":")[0]
        own = {prefix: curie} if prefix in self._exclusive else {}
        return {**own, **self._known.marks.get(curie, {})}

    def root(self, curie: str) -> str:
        """Give the identifier that stands for the clique of `curie` at this moment."""
        while self._parent[curie] != curie:
            self._parent[curie] = self._parent[self._parent[curie]]
            curie = self._parent[curie]
        return curie

    def members(self) -> list[set[str]]:
        """Give the cliques, single identifiers included, in a stable order."""
        return [self._members[root] for root in sorted(self._members)]

    def join_tier(self, links: Iterable[Link]) -> None:
        """Join links that are equally well founded.

        Where two of them pull one clique towards two that exclude each other, nothing says which
        is right and neither is joined.
        """
        tier = sorted(links, key=lambda link: (link.left, link.right, link.reason))
        contested = self._contested(tier)
        for link in tier:
            reason = contested.get(link) or self._obstacle(link)
            if reason:
                self.cuts.add((link.left, link.right, reason))
            else:
                self._join(link)

    def _contested(self, tier: Iterable[Link]) -> dict[Link, str]:
        pulls: dict[str, list[tuple[str, Link]]] = defaultdict(list)
        for link in tier:
            if self._obstacle(link) is None:
                pulls[self.root(link.left)].append((link.right, link))
                pulls[self.root(link.right)].append((link.left, link))
        contested: dict[Link, str] = {}
        for centre in sorted(centre for centre, pulled in pulls.items() if len(pulled) > 1):
            contested |= self._rivals(pulls[centre])
        return contested

    def _rivals(self, pulled: Iterable[tuple[str, Link]]) -> dict[Link, str]:
        """Find the links of one clique whose far ends hold two identifiers of one prefix."""
        towards: dict[str, dict[str, list[Link]]] = defaultdict(lambda: defaultdict(list))
        for end, link in pulled:
            for prefix, held in self._held[self.root(end)].items():
                towards[prefix][held].append(link)
        return {
            link: f"contested between {', '.join(sorted(rivals))}"
            for rivals in towards.values()
            if len(rivals) > 1
            for links in rivals.values()
            for link in links
        }

    def _obstacle(self, link: Link) -> str | None:
        """Say why the cliques of two identifiers must stay apart; `None` when they need not."""
        one, other = self.root(link.left), self.root(link.right)
        if one == other:
            return None
        for end in (link.left, link.right):
            if end in self._known.lone:
                return self._known.lone[end]
        return (
            self._rivalry(one, other)
            or self._unlike_drawings(one, other)
            or (self._unlike_names(one, other) if link.doubted else None)
            or (self._other_form(one, other) if self._base_prefix else None)
        )

    def _rivalry(self, one: str, other: str) -> str | None:
        for kind, held in sorted(self._held[one].items()):
            rival = self._held[other].get(kind)
            if rival and rival != held:
                reason = f"two {kind} identifiers" if kind in self._exclusive else kind
                return f"{reason}: {', '.join(sorted((held, rival)))}"
        return None

    def _unlike_drawings(self, one: str, other: str) -> str | None:
        left, right = self._drawn[one], self._drawn[other]
        if not left or not right or left & right:
            return None
        return f"unlike heavy atoms: {', '.join(sorted((min(left), min(right))))}"

    def _unlike_names(self, one: str, other: str) -> str | None:
        left, right = self._names[one], self._names[other]
        if not left or not right or self._drawn[one] & self._drawn[other]:
            return None
        if alike(left, right) or self._has_synonym(one, right) or self._has_synonym(other, left):
            return None
        return f"unlike names: {', '.join(sorted((repr(min(left)), repr(min(right)))))}"

    def _has_synonym(self, one: str, names: set[str]) -> bool:
        """Say whether some name is a synonym of a member of a clique."""
        return not run_together(names).isdisjoint(self._known.synonyms_of(self._members[one]))

    def _other_form(self, one: str, other: str) -> str | None:
        if not self._names[one].isdisjoint(self._names[other]):
            return None
        for left in sorted(self._names[one]):
            for right in sorted(self._names[other]):
                form = differ_in_form(left, right)
                if form == "combination" or (form and not self._completes(one, other)):
                    return f"{form}: {', '.join(sorted((repr(left), repr(right))))}"
        return None

    def _completes(self, one: str, other: str) -> bool:
        """Say whether one clique is a base of one vocabulary and the other its salt of another."""
        for base, salt in ((one, other), (other, one)):
            held = self._exclusive.intersection(self._held[base])
            if held == {self._base_prefix} and self._exclusive.intersection(self._held[salt]):
                return all(moiety(name) == fold(name) for name in self._names[base])
        return False

    def _join(self, link: Link) -> None:
        self.joined.append(link)
        one, other = sorted((self.root(link.left), self.root(link.right)))
        if one == other:
            return
        self._parent[other] = one
        self._members[one] |= self._members.pop(other)
        self._names[one] |= self._names.pop(other)
        self._held[one] |= self._held.pop(other)
        self._drawn[one] |= self._drawn.pop(other)
