"""Facts of rules in plain words, as they stand in findings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kg.screening.factors import Term
from kg.screening.laboratory import LabTests
from ontologies.curie import Curie

SUBJECTS: Mapping[str, str] = {
    "age": "age",
    "child_pugh": "liver function",
    "condition": "condition",
    "egfr": "kidney function",
    "lab": "laboratory value",
    "lactating": "breast-feeding",
    "pregnant": "pregnancy",
    "sex": "sex",
    "weight": "body weight",
}
"""What a rule about the patient is about, by the first word of its terms."""
OF_PATIENT = "drug and "
"""How the name of a mechanism begins that is about facts of the patient; its path says them."""
_COMPARED: Mapping[str, str] = {
    ">=": "{} or more",
    ">": "above {}",
    "<": "below {}",
    "<=": "{} or less",
}
_NAMES: Mapping[str, tuple[str, str]] = {
    "age": ("age", "years"),
    "egfr": ("eGFR", "mL/min"),
    "weight": ("body weight", "kg"),
    "duration_days": ("course", "days"),
}


def subjects(terms: Iterable[Term]) -> tuple[str, ...]:
    """Give what the terms about the patient are about, each word once, sorted.

    >>> from kg.screening.factors import parse_terms
    >>> subjects(parse_terms("age>=65 & egfr<30 & taking:ATC:M01A"))
    ('age', 'kidney function')
    """
    kinds = {term.kind for term in terms}
    return tuple(sorted({SUBJECTS[kind] for kind in kinds if kind in SUBJECTS}))


def fact_of(term: Term, value: float | str | None, words: str, tests: LabTests) -> str:
    """Say what is known of the patient where a term asks for a number or a class, else the term.

    ``value`` is the patient's, ``words`` are those of :func:`in_words`.
    """
    if value is None:
        return words
    if term.what == "child_pugh":
        return f"Child-Pugh class {value}"
    test = tests.of(term.what.removeprefix("lab:"))
    named, unit = (test.name, test.unit) if test else _NAMES.get(term.what, (term.what, ""))
    shown = f"{value:g}" if isinstance(value, float | int) else value
    bare = unit.startswith("{") or (unit == "years" and shown.isdigit())
    return f"{named} {shown}" if bare else f"{named} {shown} {unit}".rstrip()


def in_words(term: Term, name: Callable[[Curie], str], tests: LabTests) -> str:
    """Say a term in words; ``name`` gives the name of a condition or a drug."""
    what, value = term.what, term.value
    if what == "condition":
        return name(Curie.parse(value))
    if what == "taking":
        return f"taking {value if value.startswith('liability:') else name(Curie.parse(value))}"
    if what in {"pregnant", "lactating"}:
        return SUBJECTS[what]
    if what == "child_pugh":
        worse = " or worse" if term.compare == ">=" and value != "C" else ""
        return f"Child-Pugh class {value}{worse}"
    if term.kind in {"sex", "route"}:
        return f"{term.kind} {value.replace('|', ' or ')}"
    return _measured(term, tests)


def _measured(term: Term, tests: LabTests) -> str:
    test = tests.of(term.what.removeprefix("lab:"))
    named, unit = (test.name, test.unit) if test else _NAMES.get(term.what, (term.what, ""))
    shown = "" if unit.startswith("{") else f" {unit}"
    return f"{named} {_COMPARED[term.compare].format(term.value + shown)}"
