"""What may be given instead: relatives of a drug, each screened for the same patient. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from kg.model import Severity, worst
from kg.screening.advised import is_advised
from kg.screening.allergy import HYPERSENSITIVITY
from kg.screening.engine import Question, Screening
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.folding import is_slight
from kg.screening.kinship import Kinship, Relative, Relatives
from kg.screening.offers import NOT_GRADED, SLIGHT, Alternative, in_use, is_obscure, place_of
from kg.screening.patient import Entry
from ontologies.curie import Curie

__all__ = ["MOST_SCREENED", "MOST_SHOWN", "Alternative", "alternatives"]

MOST_SCREENED = 20
"""So many relatives are screened at most, over all drugs of a question."""
MOST_SHOWN = 10
"""So many of them are offered at most."""
_NEW = frozenset({Change.CREATED, Change.WORSENED})
_GONE = frozenset({Change.RESOLVED, Change.IMPROVED})
_GRAVE = _WORST_OFFERED = Severity.MAJOR.rank
_NEAR = 3
"""So many relatives by ATC are screened for each one by indication alone."""

Ask = Callable[[Question], Screening]
Owner = TypeVar("Owner")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Place:
    """One drug that others may stand in for, and what of the change stays beside such another.

    ``parts`` are the drug and, where one drug does what a whole product does, the others of it.
    """

    entry: Entry
    parts: tuple[Curie, ...]
    advised: frozenset[Curie]
    relatives: tuple[Relative, ...]
    others: tuple[Entry, ...]
    taken: frozenset[Curie]
    told: tuple[Finding, ...]

    @property
    def limit(self) -> int:
        """Rank of the gravest finding that an alternative may leave."""
        return min(_gravity(self.told, self), _WORST_OFFERED)

    def has_all(self, left: Iterable[Finding]) -> bool:
        """Tell whether the drug itself has all that another leaves, what is slight apart."""
        own = {self._problem(finding) for finding in self.told}
        return all(is_slight(finding) or self._problem(finding) in own for finding in left)

    def bars(self, finding: Finding) -> bool:
        """Tell whether an allergy speaks against a drug; of a way out of an allergy more is asked.

        So none that may react across classes stands in for what the patient must not have.
        """
        is_way_out = any(f.effect == HYPERSENSITIVITY and _rank(f) >= _GRAVE for f in self.told)
        least = NOT_GRADED if is_way_out else _GRAVE
        return finding.effect == HYPERSENSITIVITY and _rank(finding) >= least

    def _problem(self, finding: Finding) -> tuple[Curie | None, frozenset[Curie]]:
        """What happens and with which other drugs of the list."""
        beside = {entry.drug for entry in self.others} | self.taken
        return finding.effect, frozenset(beside.intersection(finding.drugs))


def alternatives(
    question: Question, screening: Screening, relatives: Relatives, ask: Ask
) -> tuple[Alternative, ...]:
    """Offer relatives of each drug that is added, else of each that is stopped, best first.

    The best leaves the mildest worst finding, all that is slight being alike, then the fewest that
    are not slight, then is the nearest relative. What is related by indication alone stands behind
    what ATC relates as long as that leaves nothing graver than moderate. None is offered that would
    be contraindicated or graver than the drug itself, none against which an allergy of the patient
    speaks, and none that is seldom given, little known or graver than moderate beside one that is
    neither. Where one drug is added, relatives of its own relatives that it replaces are asked too;
    where several are, one relative may stand in for each.

    Args:
        question: What was asked; its patient and list are those of every alternative.
        screening: The answer to it.
        relatives: Who may stand in for whom.
        ask: Answers a question; predictions in an answer count for nothing.
    """
    places = _places(question, screening, relatives)
    found: dict[Curie, list[Alternative]] = {place.entry.drug: [] for place in places}
    for place, relative in islice(_in_turn([(p, p.relatives) for p in places]), MOST_SCREENED):
        name = relatives.graph.name(relative.drug)
        entry = replace(place.entry, drug=relative.drug, written=name)
        answer = ask(replace(question, adding=(*place.others, entry)))
        left = _told_of(answer, (relative.drug,), _NEW)
        gravity = _gravity(left, place)
        if gravity <= place.limit and not any(_is_double(f) or place.bars(f) for f in left):
            found[place.entry.drug].append(_offered(relative, place, left, gravity))
    ranked = [(drug, sorted(in_use(offers), key=place_of)) for drug, offers in found.items()]
    shown = islice(_in_turn(ranked), MOST_SHOWN)
    return tuple(sorted((offered for _, offered in shown), key=place_of))


def _offered(
    relative: Relative, place: _Place, left: Sequence[Finding], gravity: int
) -> Alternative:
    return Alternative(
        relative,
        place.entry.drug,
        findings=len(left),
        weighty=sum(not is_slight(finding) for finding in left),
        worst_severity=worst(finding.severity for finding in left),
        gravity=max(gravity, NOT_GRADED) if is_obscure(relative) else gravity,
        replaces=place.parts,
        is_advised=relative.drug in place.advised,
        leads=relative.drug in place.advised and gravity <= NOT_GRADED and place.has_all(left),
    )


def _places(question: Question, screening: Screening, relatives: Relatives) -> list[_Place]:
    """Give the drugs that others may stand in for, each with those that may."""
    local = relatives.rules.local
    added = _by_drug(question.adding, local)
    ended = set(question.stopping) - added.keys()
    stopped = _by_drug((e for e in question.taking.entries if e.drug in ended), local)
    changes = _NEW if added else _GONE
    taken = {*question.taking.drugs, *added}
    places = []
    for parts in _wholes((added or stopped).values(), relatives):
        entry, drugs = parts[0], tuple(part.drug for part in parts)
        swapped = (e for e in stopped.values() if _is_kin(entry, e, relatives))
        replaced = tuple(swapped) if len(added) == 1 else ()
        kin = [r for e in (entry, *replaced) for r in _kin(e, relatives, question)]
        told = tuple(_told_of(screening, drugs, changes))
        advised = _advised(kin, told, relatives)
        kin.sort(key=lambda r: (r.drug not in advised, *_promise(r)))
        fresh = {r.drug: r for r in reversed(kin) if r.drug not in taken}
        listed = tuple(_by_turns(list(reversed(fresh.values()))))
        others = tuple(e for e in question.adding if e.drug not in drugs)
        current = frozenset(question.taking.drugs)
        places.append(_Place(entry, drugs, advised, listed, others, current, told))
    return places


def _kin(entry: Entry, relatives: Relatives, question: Question) -> list[Relative]:
    """Relatives of a drug that serve what it is meant for in the patient."""
    found = relatives.of(entry.drug, entry.route)
    return relatives.serving(entry.drug, found, question.patient.conditions)


def _is_kin(one: Entry, other: Entry, relatives: Relatives) -> bool:
    """Tell whether one of two drugs may stand in for the other."""
    ways = ((one, other), (other, one))
    return any(b.drug in {r.drug for r in relatives.of(a.drug, a.route)} for a, b in ways)


def _promise(relative: Relative) -> tuple[int, bool, float]:
    return (relative.choice.rank, relative.little_known, -relative.nearness)


def _wholes(entries: Iterable[Entry], relatives: Relatives) -> Iterator[tuple[Entry, ...]]:
    """Put together what comes in one product that one drug can stand in for, that part first."""
    products: dict[str, list[Entry]] = {}
    for entry in entries:
        products.setdefault(entry.written.casefold(), []).append(entry)
    for parts in products.values():
        lead = relatives.given.whole(part.drug for part in parts)
        if lead is None:
            yield from ((part,) for part in parts)
        else:
            yield tuple(sorted(parts, key=lambda part: part.drug != lead))


def _advised(
    kin: Iterable[Relative], told: Iterable[Finding], relatives: Relatives
) -> frozenset[Curie]:
    """Relatives that what is said of a drug names as what to use."""
    advice = {finding.recommendation for finding in told if finding.recommendation}
    names = {r.drug: relatives.graph.name(r.drug) for r in kin} if advice else {}
    return frozenset(drug for drug, name in names.items() if is_advised(name, advice))


def _by_turns(kin: Sequence[Relative]) -> Iterator[Relative]:
    """Put a relative by indication alone after every few by ATC, for those fill the places."""
    outside = [r for r in kin if r.kinship is Kinship.INDICATION]
    near = [r for r in kin if r.kinship is not Kinship.INDICATION]
    while near or outside:
        yield from (*near[:_NEAR], *outside[:1])
        near, outside = near[_NEAR:], outside[1:]


def _by_drug(entries: Iterable[Entry], local: Container[str | None]) -> dict[Curie, Entry]:
    """Give one line of each drug, of several one that is not given where the drug acts."""
    found: dict[Curie, Entry] = {}
    for entry in entries:
        if entry.drug not in found or found[entry.drug].route in local:
            found[entry.drug] = entry
    return found


def _in_turn(
    held: Iterable[tuple[Owner, Iterable[Item]]],
) -> Iterator[tuple[Owner, Item]]:
    """Take one thing of each owner, then the next of each, until none is left."""
    waiting = [(owner, iter(items)) for owner, items in held]
    while waiting:
        kept = []
        for owner, rest in waiting:
            for item in islice(rest, 1):
                kept.append((owner, rest))
                yield owner, item
        waiting = kept


def _told_of(
    screening: Screening, drugs: Iterable[Curie], changes: Container[Change]
) -> list[Finding]:
    """Findings that a drug has a part in and that change in some way, predictions apart."""
    asked = set(drugs)
    return [
        changed.finding
        for changed in screening.findings
        if changed.change in changes
        and not asked.isdisjoint(changed.finding.drugs)
        and changed.finding.kind is not FindingKind.PREDICTED_EFFECT
    ]


def _gravity(left: Iterable[Finding], place: _Place) -> int:
    """Rank of the worst finding, 0 without any.

    One that nobody graded is minor where the default view folds it. Else, not to be taken for
    harmless, it counts like what the drug itself has with one of the same other drugs, or as
    moderate.
    """
    return max((f.severity.rank if f.severity else _ungraded(f, place) for f in left), default=0)


def _ungraded(finding: Finding, place: _Place) -> int:
    if is_slight(finding):
        return SLIGHT
    partners = set(finding.drugs)
    alike = [f.severity.rank for f in place.told if f.severity and partners & {*f.drugs}]
    return min(max(alike, default=NOT_GRADED), _WORST_OFFERED)


def _is_double(finding: Finding) -> bool:
    """Tell whether a drug would only be one of its class too many."""
    graded = finding.severity is not None and finding.severity.rank >= NOT_GRADED
    return finding.kind is FindingKind.DUPLICATION and graded


def _rank(finding: Finding) -> int:
    return finding.severity.rank if finding.severity else 0
