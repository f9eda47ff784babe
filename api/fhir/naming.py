"""Which drugs a written medicine means, and which records tell of one and the same therapy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.contents import Contents
from api.errors import InvalidRequest
from api.fhir.dose_forms import route_in_all
from api.fhir.loose_names import before_strength, joined_medicines, loses_a_drug
from api.fhir.medicines import MEDICINES, WrittenMedicine
from api.fhir.words import GraphWords
from api.schemas import MAX_DRUGS
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import TRIMMED_SCORE, Candidate, Resolution, Status
from ontologies.salts import ingredient

MOST_MEDICINES = MAX_DRUGS
"""So many different medicines of a record are looked up at most."""
_MOST_RECORDS = 500
_EXACT = 100.0
"""Score of a name that is read as it is written; an allergy is not guessed at."""

__all__ = [
    "GraphWords",
    "Name",
    "Therapy",
    "TooManyMedicines",
    "chosen_name",
    "therapies",
    "way_of",
]


class TooManyMedicines(InvalidRequest):
    """A record has more different medicines than are screened at once."""

    def __init__(self, found: int) -> None:
        super().__init__(
            f"{found} records of medicines are too many; at most {MOST_MEDICINES} different "
            f"medicines in {_MOST_RECORDS} records are screened",
            {"code": "too-costly"},
        )


@dataclass(frozen=True, slots=True)
class Name:
    """How a written medicine is named in a question, and what that means.

    ``text`` is the name that was chosen, ``also`` what is screened beside it: the drug of the text
    where it is not that of the code, or the other ingredients. ``drugs`` are all they stand for;
    none where nothing was resolved. ``route`` is what its texts say of the form, where the product
    has none; ``held_route`` is that of the product.
    """

    text: str
    also: tuple[str, ...]
    status: Status
    drugs: tuple[Curie, ...]
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    route: str | None = None
    held_route: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that the question names for this medicine."""
        return (self.text, *self.also)

    @property
    def is_resolved(self) -> bool:
        """Whether it is known what the medicine is."""
        return self.status == "resolved"


@dataclass(frozen=True, slots=True)
class Therapy:
    """One medicine that is taken, with every record that tells of it; the first leads."""

    name: Name
    records: tuple[WrittenMedicine, ...]

    @property
    def medicine(self) -> WrittenMedicine:
        """The record that leads."""
        return self.records[0]


def chosen_name(medicine: WrittenMedicine, contents: Contents) -> Name:
    """Choose the name of a medicine: the first code that is known, else the first known text.

    Where code and text mean different drugs, both are screened and a note says so. Where neither
    is known, its ingredients are named one by one; a medicine of which nothing is known keeps what
    it is called, and is unresolved.
    """
    name = _name_of(medicine, contents)
    if not name.is_resolved:
        return name
    found = contents.lexicon.lookup(name.text).candidate
    entries = contents.entries(found) if found else ()
    held = next((entry.route for entry in entries if entry.route), None)
    return replace(name, route=None if held else route_in_all(medicine.texts), held_route=held)


def way_of(medicine: WrittenMedicine, name: Name) -> str | None:
    """Give how a medicine is given: as its record states, else as product or text tell."""
    return medicine.route or name.held_route or name.route


def _name_of(medicine: WrittenMedicine, contents: Contents) -> Name:
    by_code = _first(medicine.codes, contents)
    by_text = _first(medicine.texts, contents)
    first = by_code or by_text
    if first is None:
        return (
            _shortened(medicine, contents)
            or _by_parts(medicine, contents)
            or _by_ingredients(medicine, contents)
            or _unknown(medicine, contents)
        )
    drugs = _drugs(first, contents)
    if by_code is None or by_text is None or _is_held(by_text, drugs, contents):
        return Name(first.query, (), "resolved", drugs, first.candidates)
    other = _drugs(by_text, contents)
    note = (
        f"{_called(medicine)}: the code {by_code.query} means {_listed(drugs, contents)}, its text "
        f"{by_text.query!r} means {_listed(other, contents)}; both were screened."
    )
    both = tuple(dict.fromkeys((*drugs, *other)))
    return Name(by_code.query, (by_text.query,), "resolved", both, by_code.candidates, (note,))


def therapies(medicines: Iterable[WrittenMedicine], contents: Contents) -> tuple[Therapy, ...]:
    """Gather the records that tell of one therapy; their order is that of the first record.

    A statement, a dispense or a dose that was given, of the same ingredients as a request (or as a
    statement, where there is no request) and by no other route, tells of that therapy. Supplies of
    the same ingredients are one therapy, and so are doses. Two requests never are, nor are two
    statements: to take an ingredient twice is a finding.

    Raises:
        TooManyMedicines: More than are screened at once.
    """
    listed = list(_named(list(medicines), contents))
    rank = {kind: place for place, kind in enumerate(MEDICINES)}
    by_rank = sorted(range(len(listed)), key=lambda at: rank.get(listed[at][0].kind, len(rank)))
    leading: dict[int, list[int]] = {}
    for at in by_rank:
        lead = next((one for one in leading if _is_same(listed[one], listed[at])), None)
        leading.setdefault(at if lead is None else lead, []).append(at)
    return tuple(
        Therapy(listed[lead][1], tuple(listed[at][0] for at in leading[lead]))
        for lead in sorted(leading)
    )


def _named(
    medicines: Sequence[WrittenMedicine], contents: Contents
) -> Iterator[tuple[WrittenMedicine, Name]]:
    """Name each medicine; what is written alike is looked up once."""
    ways = {(medicine.names, medicine.ingredients) for medicine in medicines}
    if len(ways) > MOST_MEDICINES or len(medicines) > _MOST_RECORDS:
        raise TooManyMedicines(len(medicines))
    known: dict[object, Name] = {}
    for medicine in medicines:
        # A note of a name tells which record it is about, so that only silent names are shared.
        way = (medicine.names, medicine.ingredients, medicine.display)
        name = known.get(way) or chosen_name(medicine, contents)
        if not name.notes:
            known[way] = name
        yield medicine, name


_ALONE = frozenset(MEDICINES[:2])
"""Types of which each resource is a therapy of its own, beside another of its type."""


def _is_same(lead: tuple[WrittenMedicine, Name], other: tuple[WrittenMedicine, Name]) -> bool:
    (first, first_name), (second, second_name) = lead, other
    if first.kind == second.kind and first.kind in _ALONE:
        return False
    way, other_way = (fold(m.route or n.route or "") for m, n in (lead, other))
    if way and other_way and way != other_way:
        return False
    if first_name.is_resolved or second_name.is_resolved:
        return set(first_name.drugs) == set(second_name.drugs)
    return fold(first.display) == fold(second.display)


def _first(names: Iterable[str], contents: Contents) -> Resolution | None:
    found = (contents.lexicon.lookup(name) for name in names)
    return next((each for each in found if each.candidate), None)


def _drugs(found: Resolution, contents: Contents) -> tuple[Curie, ...]:
    return tuple(dict.fromkeys(entry.drug for entry in contents.of([found])))


def _is_held(found: Resolution, drugs: Iterable[Curie], contents: Contents) -> bool:
    """Tell whether a text names no drug beside those of a code; a doubtful reading names none."""
    if found.candidate is None or found.candidate.score < TRIMMED_SCORE:
        return True
    known = {_bare(drug, contents) for drug in drugs}
    return {_bare(drug, contents) for drug in _drugs(found, contents)} <= known


def _bare(drug: Curie, contents: Contents) -> str:
    """Give the name of a drug without its salt."""
    name = fold(contents.graph.name(drug))
    return ingredient(name) or name


def _shortened(medicine: WrittenMedicine, contents: Contents) -> Name | None:
    """Name a medicine by the words before its first strength, where nothing else is named behind.

    Only a name that is held as it stands counts, and a note tells how the text was read.
    """
    texts = [(text, before_strength(text)) for text in medicine.texts]
    for text, shorter in ((t, way) for t, s in texts if s for way in (s, s.partition(",")[0])):
        found = contents.lexicon.lookup(shorter)
        drugs = _drugs(found, contents)
        is_read = found.candidate and found.candidate.score >= _EXACT
        if found.candidate and is_read and not loses_a_drug(text, drugs, contents):
            note = f"{_called(medicine)} was read as {found.candidate.matched!r}."
            return Name(shorter, (), "resolved", drugs, found.candidates, (note,))
    return None


def _by_parts(medicine: WrittenMedicine, contents: Contents) -> Name | None:
    """Name a combination that is not held by its substances, if each has a strength."""
    for text in medicine.texts:
        found = joined_medicines(text, contents)
        if found:
            drugs = dict.fromkeys(drug for each in found for drug in _drugs(each, contents))
            first, *others = (each.query for each in found)
            return Name(first, tuple(others), "resolved", tuple(drugs))
    return None


def _by_ingredients(medicine: WrittenMedicine, contents: Contents) -> Name | None:
    """Name a medicine by the ingredients that its resource lists, one by one."""
    found = [(names, _first(names, contents)) for names in medicine.ingredients]
    known = [each for _, each in found if each is not None]
    if not known:
        return None
    unknown = [names[-1] for names, each in found if each is None]
    drugs = dict.fromkeys(drug for each in known for drug in _drugs(each, contents))
    told = f"{_called(medicine)} is known by its ingredients alone"
    missing = f"; not known, and so not checked: {', '.join(map(repr, unknown))}" if unknown else ""
    first, *others = (each.query for each in known)
    return Name(first, (*others, *unknown), "resolved", tuple(drugs), (), (f"{told}{missing}.",))


def _unknown(medicine: WrittenMedicine, contents: Contents) -> Name:
    """Name what is not known: what it is called, with what that may mean."""
    tried = [contents.lexicon.lookup(text) for text in medicine.texts]
    likely = max(tried, key=lambda each: each.status == "ambiguous", default=None)
    if likely is None:
        return Name(medicine.display, (), "unresolved", ())
    return Name(likely.query, (), likely.status, (), likely.candidates)


def _called(medicine: WrittenMedicine) -> str:
    where = f" ({medicine.reference})" if medicine.reference else ""
    return f"{medicine.display!r}{where}"


def _listed(drugs: Sequence[Curie], contents: Contents) -> str:
    return " and ".join(contents.graph.name(drug) for drug in drugs) or "nothing known"
