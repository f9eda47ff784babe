"""What an answer says beside its findings: names read loosely, repeated entries, unused values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from api.citations import unread_references
from api.schemas import Medicine, ScreenRequest, Strict
from kg.model import Evidence
from kg.screening.engine import Question
from kg.screening.finding import Finding
from kg.screening.patient import Entry, Regimen
from kg.screening.warfarin import WARFARIN
from ontologies.curie import Curie
from ontologies.lexicon import Candidate, Resolution
from ontologies.written_codes import is_code

NOT_CHECKED = "Not checked"
"""How the note about unresolved names begins."""
NOT_READ = "Cited by the curated tables without having been read"
"""How the note about documents that were not read begins."""
NO_RULE = "No rule of this release asks for"
"""How the notes begin that name what of the patient no rule knows; said before the findings."""
NO_USE = "No rule that applies here uses"
"""How the note begins that names what was told and changes nothing."""
NO_MEDICINE = "Taken to speak against no medicine"
"""How the note begins that names allergies to what is in the air."""
OF_ALL = "'all' unfolds the text"
"""How the note begins that says what ``all`` is for; where it is obeyed nobody need read it."""
NO_LIMIT = "Doses that no limit here is for, so that nothing checks them"
"""How the note begins that names drugs whose dose was read, and is held against nothing."""
AT_THE_FOOT = (NOT_READ, NO_USE, NO_MEDICINE, NO_LIMIT)
"""How the notes begin that a reader need not see before the findings."""
_ONCE = "it counts once"
FOR_WARFARIN_ALONE = frozenset({"ancestry", "height_cm"})
"""What only the dose of warfarin depends on: it is said to be unused in any other answer."""
USED_MEDICINE_FIELDS = frozenset({"drug", "duration_days", "route"})
"""What of a line of the list the detectors look at."""


def name_notes(
    taken: Sequence[Resolution], added: Sequence[Resolution], current: Regimen
) -> Iterator[str]:
    """Yield what a reader must know of how the names of a question were read."""
    yield from _unresolved(taken)
    yield from read_loosely((*taken, *added))
    yield from _repeated(taken, current)


def unused_notes(
    request: ScreenRequest, question: Question, dosed: Sequence[str | Medicine] = ()
) -> Iterator[str]:
    """Yield which values of a request nothing in its answer depends on.

    ``dosed`` are the lines whose dose was read; the answer tells it.
    """
    unused = frozenset() if WARFARIN in question.after.drugs else FOR_WARFARIN_ALONE
    used = set(type(request.patient).model_fields) - unused
    told = sorted(_given(request.patient, used))
    for place, listed in (("add", request.additions), ("taking", request.taking)):
        medicines = [entry for entry in listed if not isinstance(entry, str)]
        uses = [USED_MEDICINE_FIELDS | ({"dose"} if each in dosed else set()) for each in medicines]
        lines = (
            name for each, use in zip(medicines, uses, strict=True) for name in _given(each, use)
        )
        told += sorted({f"{place}.{name}" for name in lines})
    if told:
        yield f"{NO_USE}, and so nothing depends on: {', '.join(told)}."
    if request.all:
        yield f"{OF_ALL} of the command line and of reports; JSON holds every finding anyway."


def citation_notes(evidence: Iterable[Evidence]) -> Iterator[str]:
    """Yield which cited documents were known to the curated tables' authors, and not read."""
    cited = {name for e in evidence for name in (e.reference or "").split("|")}
    unread = sorted(cited & unread_references())
    if unread:
        yield f"{NOT_READ}: {', '.join(unread)}."


def evidence_told(finding: Finding) -> Iterator[Evidence]:
    """Yield all evidence of a finding, with that of the modifiers which hold."""
    yield from finding.evidence
    yield from (e for modifier in finding.modifiers if modifier.present for e in modifier.evidence)


def left_out_notes(left_out: Mapping[str, str]) -> Iterator[str]:
    """Yield which sources of the recipe the graph lacks, and why."""
    for source, reason in left_out.items():
        yield f"Source {source} was left out of this graph: {reason}."


def entry_of(found: Candidate) -> Entry:
    """Make the line of a list that a resolved name stands for; a code is written as its drug."""
    written = found.name if is_code(found.matched) else found.matched
    return Entry(Curie.parse(found.curie), written)


def _given(part: Strict, used: AbstractSet[str]) -> Iterator[str]:
    empty: tuple[object, ...] = (None, "", [], {})
    given = part.model_fields_set - used
    return (name for name in given if getattr(part, name) not in empty)


def _unresolved(taken: Iterable[Resolution]) -> Iterator[str]:
    unknown = [repr(resolution.query) for resolution in taken if resolution.candidate is None]
    if unknown:
        yield f"{NOT_CHECKED}, because the name could not be resolved: {', '.join(unknown)}."


def read_loosely(resolutions: Iterable[Resolution]) -> Iterator[str]:
    """Say of each name that was not read as it is written what it was read as."""
    for resolution in resolutions:
        found = resolution.candidate
        if found and found.score < 100:
            drug = "" if found.matched == found.name else f" ({found.name})"
            yield f"{resolution.query!r} was read as {found.matched!r}{drug}."


def _repeated(taken: Iterable[Resolution], current: Regimen) -> Iterator[str]:
    ways: dict[str, set[tuple[object, ...]]] = {}
    doses: dict[str, set[tuple[float, str]]] = {}
    for line in current.entries:
        written = line.written.casefold()
        ways.setdefault(written, set()).add((line.route, line.duration_days))
        if line.dose:
            doses.setdefault(written, set()).add(line.dose.told_as)
    lines: dict[Entry, list[str]] = {}
    for resolution in taken:
        if resolution.candidate:
            entry = entry_of(resolution.candidate)
            key = Entry(entry.drug, entry.written.casefold())
            lines.setdefault(key, []).append(resolution.query)
    for entry, queries in lines.items():
        if len(queries) > 1:
            times = f"stands {len(queries)} times in the list ({', '.join(queries)})"
            counted = "the worst counts" if len(ways.get(entry.written, ())) > 1 else _ONCE
            if len(doses.get(entry.written, ())) > 1:
                counted = "its doses are added"
            yield f"{entry.written} {times}; {counted}."
