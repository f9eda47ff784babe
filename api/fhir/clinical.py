"""Conditions and allergies of a record, each in a way to write it that the graph knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from api.fhir.chart import Chart, Words, quoted
from api.fhir.elements import (
    Resource,
    codings,
    concept_texts,
    day_of,
    first_code,
    mapping_of,
    mappings_of,
)
from api.fhir.resources import Found
from api.fhir.tables import absent, curie_of
from kg.rules.conditions import Condition, load_conditions
from kg.screening.background import PREGNANCY

__all__ = ["allergies_of", "conditions_of"]

_PAST = frozenset({"inactive", "remission", "resolved"})
_UNTRUE = frozenset({"entered-in-error", "refuted"})
_DOUBTFUL = frozenset({"differential", "provisional", "unconfirmed"})
_DRUGS = ("RXCUI", "ATC", "UNII", "NDFRT", "UMLS")
"""Prefixes of codes of allergens; their names come first, for groups of them are told by words."""
PREGNANCY_LASTS = timedelta(days=300)
"""For so long a pregnancy that is on record, and was never ended there, may still last."""
_MOST = 100
_MOST_TEXT = 200
_MOST_WAYS = 10
"""Of so many ways in which one thing is written the first are looked up."""


def conditions_of(chart: Chart) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give the conditions that hold on the day; refuted ones are left out, past ones are named."""
    found = [e for e in chart.all("Condition") if _is_true(e.resource)]
    ended = [_is_past(each, chart) for each in found]
    current = [each for each, is_past in zip(found, ended, strict=True) if not is_past]
    past = [_called(e.resource) for e, is_past in zip(found, ended, strict=True) if is_past]
    counted = current[:_MOST]
    ways = _written(counted, chart.words.knows_condition, ("SNOMEDCT", "ICD10CM"))
    named = (_in_words(way, each.resource, chart.words) for each, way in ways)
    listed = list(dict.fromkeys(named))
    notes = [*_doubt("condition", counted), *_too_many("conditions", current)]
    if past:
        notes.append(f"Not counted among the conditions, being past: {quoted(past)}.")
    facts: dict[str, Any] = {"conditions": listed} if listed else {}
    if any(_is_pregnancy(each.resource) for each in current):
        facts["pregnant"] = True
    return facts, tuple(notes)


def allergies_of(chart: Chart) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give the allergies and intolerances that hold; a record that there is none is no allergy."""
    found = [e for e in chart.all("AllergyIntolerance") if _is_true(e.resource)]
    current = [each for each in found if not _is_past(each, chart)]
    counted = current[:_MOST]
    ways = _written(counted, chart.words.knows_allergy, _DRUGS)
    listed = list(dict.fromkeys(way for _, way in ways))
    notes = [*_doubt("allergy", counted), *_too_many("allergies", current)]
    return ({"allergies": listed} if listed else {}), tuple(notes)


def _is_true(resource: Resource) -> bool:
    code = resource.get("code")
    is_said = first_code(resource.get("verificationStatus")) not in _UNTRUE
    is_kept = first_code(resource.get("status")) not in _UNTRUE
    return is_said and is_kept and not absent(code)


def _is_past(each: Found, chart: Chart) -> bool:
    resource = each.resource
    if first_code(resource.get("clinicalStatus")) in _PAST:
        return True
    if _is_pregnancy(resource) and chart.on - _began(resource, chart.on) > PREGNANCY_LASTS:
        return True
    period = mapping_of(resource.get("abatementPeriod"))
    ended = day_of(resource.get("abatementDateTime")) or day_of(period.get("end"))
    return resource.get("abatementBoolean") is True or (ended is not None and ended <= chart.on)


def _began(resource: Resource, on: date) -> date:
    """Give the day on which a condition began, or was written down; the day itself if unknown."""
    period = mapping_of(resource.get("onsetPeriod"))
    plain = ("onsetDateTime", "recordedDate", "assertedDate")
    told = (day_of(period.get("start")), *(day_of(resource.get(name)) for name in plain))
    return next((day for day in told if day), on)


def _is_pregnancy(resource: Resource) -> bool:
    """Tell whether a condition is pregnancy itself, by the row of the curated conditions."""
    row, words = _pregnancy()
    if any(text.casefold() in words for text in concept_texts(resource.get("code"))):
        return True
    curies = (curie_of(coding).partition(":") for coding in codings(resource.get("code")))
    return any(
        (prefix == "SNOMEDCT" and code in row.snomed)
        or (prefix == "ICD10CM" and code.startswith(row.icd10))
        for prefix, _, code in curies
    )


@lru_cache(maxsize=1)
def _pregnancy() -> tuple[Condition, frozenset[str]]:
    row = next(row for row in load_conditions() if row.curie == PREGNANCY)
    return row, frozenset((row.name, *row.synonyms))


def _written(
    found: Iterable[Found], knows: Callable[[str], bool], prefixes: tuple[str, ...]
) -> Iterator[tuple[Found, str]]:
    """Yield each resource with the way to write it that is known, or what it is called."""
    told = ((each, _first_known(each.resource, knows, prefixes)) for each in found)
    return ((each, text) for each, text in told if text)


def _in_words(way: str, resource: Resource, words: Words) -> str:
    """Give the record's own words in place of a code, where both mean the same to the graph."""
    texts = concept_texts(resource.get("code"))[:_MOST_WAYS]
    short = (text for text in texts if len(text) <= _MOST_TEXT)
    return next((text for text in short if words.is_one_condition(text, way)), way)


def _first_known(
    resource: Resource, knows: Callable[[str], bool], prefixes: tuple[str, ...]
) -> str:
    concepts: list[object] = [resource.get("code")]
    reactions = islice(mappings_of(resource.get("reaction")), _MOST_WAYS)
    concepts += [each.get("substance") for each in reactions]
    for concept in concepts:
        curies = [curie_of(coding) for coding in codings(concept)]
        codes = [c for prefix in prefixes for c in curies if c.partition(":")[0] == prefix]
        texts = concept_texts(concept)[:_MOST_WAYS]
        codes = codes[:_MOST_WAYS]
        ways = (*texts, *codes) if prefixes is _DRUGS else (*codes, *texts)
        known = next((way for way in ways if len(way) <= _MOST_TEXT and knows(way)), "")
        if known:
            return known
    return _called(resource)[:_MOST_TEXT]


def _called(resource: Resource) -> str:
    texts = concept_texts(resource.get("code"))
    codes = (coding.code for coding in codings(resource.get("code")))
    return next((*texts, *codes).__iter__(), "")


def _doubt(what: str, found: Iterable[Found]) -> Iterator[str]:
    for each in found:
        said = first_code(each.resource.get("verificationStatus"))
        called = _called(each.resource)
        if said in _DOUBTFUL and called:
            yield f"The {what} {called!r} is not confirmed ({said}); it was counted."


def _too_many(what: str, found: list[Found]) -> Iterator[str]:
    if len(found) > _MOST:
        left_out = [_called(each.resource) for each in found[_MOST:]]
        yield f"Of {len(found)} {what} the first {_MOST} were used, not: {quoted(left_out)}."
