"""What may be given instead: relatives of a drug, each screened for the same patient. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from kg.model import Severity, worst
from kg.screening.engine import Question, Screening
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.kinship import Kinship, Relative, Relatives
from kg.screening.patient import Entry
from ontologies.curie import Curie

__all__ = ["MOST_SCREENED", "MOST_SHOWN", "Alternative", "alternatives"]

MOST_SCREENED = 20
"""So many relatives are screened at most, over all drugs of a question."""
MOST_SHOWN = 10
"""So many of them are offered at most."""
_NEW = frozenset({Change.CREATED, Change.WORSENED})
_GONE = frozenset({Change.RESOLVED, Change.IMPROVED})
_WORST_OFFERED = Severity.MAJOR.rank
_NOT_GRADED = Severity.MODERATE.rank
_KINSHIPS = tuple(Kinship)

Ask = Callable[[Question], Screening]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A drug that may be given instead of another, and what it would bring or make worse.

    ``worst_severity`` is ``None`` where nothing remains or nothing that remains is graded;
    ``gravity`` ranks what remains as alternatives are compared, 0 where nothing does.
    """

    relative: Relative
    instead_of: Curie
    findings: int
    worst_severity: Severity | None
    gravity: int

    @property
    def drug(self) -> Curie:
        """The drug that is offered."""
        return self.relative.drug


@dataclass(frozen=True, slots=True)
class _Place:
    """One drug that others may stand in for, and what of the change stays beside such another."""

    entry: Entry
    relatives: tuple[Relative, ...]
    others: tuple[Entry, ...]
    told: tuple[Finding, ...]

    @property
    def limit(self) -> int:
        """Rank of the gravest finding that an alternative may leave."""
        return min(_gravity(self.told, self), _WORST_OFFERED)


def alternatives(
    question: Question, screening: Screening, relatives: Relatives, ask: Ask
) -> tuple[Alternative, ...]:
    """Offer relatives of each drug that is added, else of each that is stopped, best first.

    The best leaves the mildest worst finding, then the fewest, then is the nearest relative. None
    is offered that would be contraindicated or graver than the drug itself. Where one drug is
    added, relatives of the drugs that it replaces are asked too.

    Args:
        question: What was asked; its patient and list are those of every alternative.
        screening: The answer to it.
        relatives: Who may stand in for whom.
        ask: Answers a question; predictions in an answer count for nothing.
    """
    found: dict[Curie, Alternative] = {}
    for place, relative in islice(_in_turn(_places(question, screening, relatives)), MOST_SCREENED):
        name = relatives.graph.name(relative.drug)
        entry = replace(place.entry, drug=relative.drug, written=name)
        answer = ask(replace(question, adding=(*place.others, entry)))
        left = _told_of(answer, relative.drug, _NEW)
        gravity = _gravity(left, place)
        if gravity <= place.limit:
            severity = worst(finding.severity for finding in left)
            offered = Alternative(relative, place.entry.drug, len(left), severity, gravity)
            found.setdefault(relative.drug, offered)
    return tuple(sorted(found.values(), key=_rank)[:MOST_SHOWN])


def _places(question: Question, screening: Screening, relatives: Relatives) -> list[_Place]:
    """Give the drugs that others may stand in for, each with those that may."""
    local = relatives.rules.local
    added = _by_drug(question.adding, local)
    ended = set(question.stopping) - added.keys()
    stopped = _by_drug((e for e in question.taking.entries if e.drug in ended), local)
    changes = _NEW if added else _GONE
    taken = {*question.taking.drugs, *added}
    places = []
    for entry in (added or stopped).values():
        replaced = stopped.values() if len(added) == 1 else ()
        kin = [r for e in (entry, *replaced) for r in relatives.of(e.drug, e.route)]
        kin.sort(key=lambda relative: _KINSHIPS.index(relative.kinship))
        fresh = {r.drug: r for r in reversed(kin) if r.drug not in taken}
        listed = tuple(dict.fromkeys(fresh[r.drug] for r in kin if r.drug in fresh))
        others = tuple(e for e in question.adding if e.drug != entry.drug)
        told = tuple(_told_of(screening, entry.drug, changes))
        places.append(_Place(entry, listed, others, told))
    return places


def _by_drug(entries: Iterable[Entry], local: Container[str | None]) -> dict[Curie, Entry]:
    """Give one line of each drug, of several one that is not given where the drug acts."""
    found: dict[Curie, Entry] = {}
    for entry in entries:
        if entry.drug not in found or found[entry.drug].route in local:
            found[entry.drug] = entry
    return found


def _in_turn(places: Iterable[_Place]) -> Iterator[tuple[_Place, Relative]]:
    """Take one relative of each drug, then the next of each, until none is left."""
    waiting = [(place, iter(place.relatives)) for place in places]
    while waiting:
        kept = []
        for place, rest in waiting:
            relative = next(rest, None)
            if relative is not None:
                kept.append((place, rest))
                yield place, relative
        waiting = kept


def _told_of(screening: Screening, drug: Curie, changes: Container[Change]) -> list[Finding]:
    """Findings that a drug has a part in and that change in some way, predictions apart."""
    return [
        changed.finding
        for changed in screening.findings
        if changed.change in changes
        and drug in changed.finding.drugs
        and changed.finding.kind is not FindingKind.PREDICTED_EFFECT
    ]


def _gravity(left: Iterable[Finding], place: _Place) -> int:
    """Rank of the worst finding, 0 without any.

    One that nobody graded counts like what the drug itself has with one of the same other drugs;
    else, not to be taken for harmless, as moderate.
    """
    return max((f.severity.rank if f.severity else _ungraded(f, place) for f in left), default=0)


def _ungraded(finding: Finding, place: _Place) -> int:
    partners = set(finding.drugs)
    alike = [f.severity.rank for f in place.told if f.severity and partners & {*f.drugs}]
    return min(max(alike, default=_NOT_GRADED), _WORST_OFFERED)


def _rank(offered: Alternative) -> tuple[int, bool, int, int]:
    ungraded = bool(offered.findings) and offered.worst_severity is None
    kinship = _KINSHIPS.index(offered.relative.kinship)
    return (offered.gravity, ungraded, offered.findings, kinship)
