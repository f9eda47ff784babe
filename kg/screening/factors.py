"""Facts about a patient on which a rule depends, written in one small closed language. Pure.

A condition of a rule is one or more terms joined by `` & ``: ``age>=65``, ``egfr<30``,
``weight<50``, ``child_pugh>=B``, ``sex=female``, ``pregnant``, ``lactating``,
``lab:2823-3>5.5``, ``condition:DOID:1470``, ``taking:ATC:A02BC``, ``route=topical|nasal``,
``route:ATC:M01A=topical`` (of those drugs alone), ``duration_days<=3``. A condition that is not
recorded is not known to be absent.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets, checked_target
from ontologies.curie import Curie, MalformedCurie

EGFR = "33914-3"
"""LOINC code under which an estimated glomerular filtration rate stands."""

_COMPARED = re.compile(r"(age|egfr|weight|duration_days)(>=|<=|<|>)(\d+(?:\.\d+)?)")
_CHILD_PUGH = re.compile(r"(child_pugh)(>=|<=|=)([ABC])")
_EQUAL = re.compile(r"(sex)(=)(female|male)")
_ROUTE = re.compile(r"(route(?::[^=\s]+)?)(=)([a-z]+(?:\|[a-z]+)*)")
_LAB = re.compile(r"(lab:\d{1,7}-\d)(>=|<=|<|>)(\d+(?:\.\d+)?)")
_SINGLE = re.compile(r"(pregnant|lactating)()()")
_NAMED = re.compile(r"(condition|taking):(\S+)")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_DIRECTIONS: Mapping[str, int] = {">": -1, ">=": -1, "<": 1, "<=": 1}
_CONDITIONS_KEPT = 4_096
_LINE = ("route", "duration_days")
OF_ENTRIES = frozenset(_LINE)
"""What is asked of the lines of the list that a finding is about."""
OF_LIST = frozenset({"taking", *OF_ENTRIES})
"""What is asked of the list rather than of the patient."""


class MalformedFactor(ValueError):
    """A condition of a rule is not in the closed language."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no factor: expected terms such as age>=65, egfr<30, pregnant, "
            "lab:2823-3>5.5, condition:DOID:1470, taking:ATC:A02BC or route=topical|nasal, joined "
            "by ' & '"
        )
        self.text = text


@dataclass(frozen=True, slots=True)
class Term:
    """One fact: what is asked, how it is compared, and with what."""

    what: str
    compare: str
    value: str
    kind: str = field(init=False, repr=False, compare=False)
    """What is asked, without the test or the target that it is asked of."""
    text: str = field(init=False, repr=False, compare=False)
    """The term as it stands in a table."""

    def __post_init__(self) -> None:
        """Note what is asked again and again."""
        named = self.what in {"condition", "taking"}
        text = f"{self.what}:{self.value}" if named else self.what + self.compare + self.value
        object.__setattr__(self, "kind", self.what.partition(":")[0])
        object.__setattr__(self, "text", text)

    def __str__(self) -> str:
        """Write the term as it stands in a table."""
        return self.text


@dataclass(frozen=True, slots=True)
class Situation:
    """One patient with one regimen, asked for facts; ``None`` means that nobody told us."""

    patient: Patient
    regimen: Regimen
    targets: Targets
    conditions: frozenset[Curie]
    """Conditions of the patient with everything more general that they are."""
    values: Mapping[str, float]
    """Laboratory values in the units of the rules, by LOINC code."""
    pregnant: bool | None
    stated: frozenset[str] = field(init=False, repr=False, compare=False)
    """What anybody told of the lines of the list, of ``route`` and ``duration_days``."""
    _told: dict[str, bool | None] = field(default_factory=dict, repr=False, compare=False)
    _takers: dict[str, tuple[Curie, ...]] = field(default_factory=dict, repr=False, compare=False)
    _places: Mapping[Curie, list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note what is told of the lines, and where each drug stands."""
        places: dict[Curie, list[int]] = {}
        for place, entry in enumerate(self.regimen.entries):
            places.setdefault(entry.drug, []).append(place)
        object.__setattr__(self, "_places", places)
        facts = ((e.route is not None, e.duration_days is not None) for e in self.regimen.entries)
        told = {name for fact in facts for name, known in zip(_LINE, fact, strict=True) if known}
        object.__setattr__(self, "stated", frozenset(told))

    def holds(
        self, terms: Iterable[Term], entries: Sequence[Entry] = (), *, of_any: bool = False
    ) -> bool | None:
        """Tell whether all terms hold; false as soon as one is known not to.

        Args:
            terms: What must hold together.
            entries: The lines of the list that a finding is about. Their routes and durations are
                meant, and they are not meant by ``taking``. Of several drugs all but one must fit:
                where one alone is left beside them, nothing meets any more.
            of_any: Whether one of several lines of a drug is enough; else each of them must fit.
        """
        is_unknown = False
        for term in terms:
            answer = self._answer(term, entries, of_any=of_any)
            if answer is False:
                return False
            is_unknown = is_unknown or answer is None
        return None if is_unknown else True

    def depends_on_lines(self, terms: Iterable[Term]) -> bool:
        """Tell whether it may matter to some terms which lines a finding is about."""
        told = {term: self._is_of_lines(term) for term in terms}
        others = (term for term, is_of_lines in told.items() if not is_of_lines)
        return any(told.values()) and self.holds(others) is not False

    def lines(self, drugs: Iterable[Curie]) -> tuple[Entry, ...]:
        """Give the lines of the list in which some drugs stand."""
        places = sorted(place for drug in {*drugs} for place in self._places.get(drug, ()))
        return tuple(self.regimen.entries[place] for place in places)

    def _answer(self, term: Term, entries: Sequence[Entry], *, of_any: bool) -> bool | None:
        if term.what == "taking":
            return self._taking(term.value, entries)
        if term.kind in OF_ENTRIES:
            told = term.kind in self.stated
            return _of_most(term, self._meant(term, entries), of_any=of_any) if told else None
        if term.text not in self._told:
            self._told[term.text] = self._of_patient(term)
        return self._told[term.text]

    def _meant(self, term: Term, entries: Sequence[Entry]) -> list[Entry]:
        """Lines whose route is asked: those of one target where the term names it."""
        _, _, target = term.what.partition(":")
        return [e for e in entries if not target or self.targets.holds(e.drug, target)]

    def _of_patient(self, term: Term) -> bool | None:
        if term.what == "condition":
            return True if _named_condition(term.value) in self.conditions else None
        if term.what in {"pregnant", "lactating"}:
            stated = self.pregnant if term.what == "pregnant" else self.patient.lactating
            return False if stated is None and self.patient.sex == "male" else stated
        return _compared(term, self.value(term))

    def _is_of_lines(self, term: Term) -> bool:
        if term.what == "taking":
            return bool(self._takers_of(term.value))
        return term.kind in self.stated

    def _taking(self, target: str, entries: Sequence[Entry]) -> bool:
        takers = self._takers_of(target)
        if len(takers) > len(entries):
            return True
        return any(all(entry.drug != drug for entry in entries) for drug in takers)

    def _takers_of(self, target: str) -> tuple[Curie, ...]:
        takers = self._takers.get(target)
        if takers is None:
            found = (drug for drug in self.regimen.drugs if self.targets.holds(drug, target))
            takers = self._takers[target] = tuple(found)
        return takers

    def value(self, term: Term) -> float | str | None:
        """What the patient has where a term asks for a number or a class; else nothing."""
        if term.kind == "lab":
            return self.values.get(term.what.removeprefix("lab:"))
        stated: Mapping[str, float | str | None] = {
            "age": self.patient.age_years,
            "weight": self.patient.weight_kg,
            "sex": self.patient.sex,
            "child_pugh": self.patient.child_pugh,
            "egfr": self.values.get(EGFR),
        }
        return stated.get(term.what)


@lru_cache(_CONDITIONS_KEPT)
def _named_condition(text: str) -> Curie:
    return Curie.parse(text)


def parse_terms(text: str) -> tuple[Term, ...]:
    """Read a condition of a rule.

    >>> [str(term) for term in parse_terms("age>=65 & taking:ATC:A02BC")]
    ['age>=65', 'taking:ATC:A02BC']

    Raises:
        MalformedFactor: A term is not in the closed language.
        MalformedTarget: What is taken is no target.
    """
    return tuple(_term(part, text) for part in text.split(" & "))


def conditions_in(conditions: Iterable[Iterable[Term]]) -> frozenset[Curie]:
    """Give the conditions that some rules ask for."""
    named = (t.value for terms in conditions for t in terms if t.what == "condition")
    return frozenset(map(Curie.parse, named))


def width(terms: Iterable[Term]) -> float:
    """How much the bounds of numbers let through: of two that hold the smaller is narrower."""
    bounds = [t for t in terms if t.compare in _DIRECTIONS and t.value[0].isdigit()]
    return sum(_DIRECTIONS[term.compare] * float(term.value) for term in bounds)


def _term(part: str, text: str) -> Term:
    if found := _NAMED.fullmatch(part):
        return Term(found[1], "", _named(found[1], found[2], text))
    for pattern in (_COMPARED, _CHILD_PUGH, _EQUAL, _ROUTE, _LAB, _SINGLE):
        if found := pattern.fullmatch(part):
            if found[1].startswith("route:"):
                checked_target(found[1].removeprefix("route:"))
            return Term(found[1], found[2], found[3])
    raise MalformedFactor(text)


def _named(what: str, name: str, text: str) -> str:
    if what == "taking":
        return checked_target(name)
    try:
        return str(Curie.parse(name))
    except MalformedCurie:
        raise MalformedFactor(text) from None


def _compared(term: Term, value: float | str | None) -> bool | None:
    if value is None:
        return None
    wanted = term.value if isinstance(value, str) else float(term.value)
    return _OPERATORS[term.compare](value, wanted)


def _of_most(term: Term, entries: Iterable[Entry], *, of_any: bool) -> bool | None:
    """Tell whether a term fits every drug of some lines, or all but one of several."""
    by_drug: dict[Curie, set[bool | None]] = {}
    for entry in entries:
        by_drug.setdefault(entry.drug, set()).add(_of_entry(term, entry))
    order = (True, None, False) if of_any else (False, None, True)
    answers = [next(answer for answer in order if answer in told) for told in by_drug.values()]
    needed = max(1, len(answers) - 1)
    if answers.count(True) >= needed:
        return True
    return None if answers.count(True) + answers.count(None) >= needed else False


def _of_entry(term: Term, entry: Entry) -> bool | None:
    if term.kind == "route":
        return None if entry.route is None else entry.route in term.value.split("|")
    return _compared(term, entry.duration_days)
