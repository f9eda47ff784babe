"""Conditions in the words of sources: of two that exclude each other one holds, one does not."""

from __future__ import annotations

import re

import pytest

from kg.rules.conditions import load_lab_tests
from kg.rules.modifiers import load_modifier_rules
from kg.screening.factors import Term
from kg.screening.modifiers import MET, UNMET, StatedConditionRule


@pytest.fixture(scope="module")
def stated() -> tuple[StatedConditionRule, ...]:
    return load_modifier_rules(load_lab_tests()).stated


def answers(rules: tuple[StatedConditionRule, ...], text: str) -> dict[tuple[Term, ...], str]:
    about = (rule for rule in rules if re.search(rule.pattern, text, re.IGNORECASE))
    return {rule.terms: rule.answer for rule in about}


@pytest.mark.parametrize(
    ("clause", "mirror"),
    [
        (
            "en dehors des indications validées pour cette association dans les syndromes "
            "coronariens aigus.",
            "dans les indications validées pour cette association dans les syndromes coronariens "
            "aigus. Surveillance clinique.",
        ),
        (
            "aside from validated indications for this combination of drugs in acute coronary "
            "syndromes.",
            "dans les indications validées pour cette association dans les syndromes coronariens "
            "aigus. Surveillance clinique.",
        ),
        ("avec : - le diltiazem per os Surveillance", "avec : - le diltiazem IV Si"),
        ("avec : - le vérapamil per os Surveillance", "avec : - le vérapamil IV Si"),
        ("avec le midazolam per os", "avec : - avec le midazolam IV et sublingual Surveillance"),
        ("avec les sels de calcium IV, hormis", "avec les sels de calcium par voie orale."),
        ("chez les patients âgés", "En cas d’association chez les sujets non âgés, une réduction"),
        (
            "en cas d'altération de la fonction ventriculaire gauche.",
            "si la fonction ventriculaire gauche est normale.",
        ),
        (
            "en cas de fonction rénale faible à modérée.",
            "en cas de fonction rénale normale. Surveillance biologique",
        ),
    ],
)
def test_where_a_clause_does_not_hold_its_mirror_does(
    stated: tuple[StatedConditionRule, ...], clause: str, mirror: str
) -> None:
    one, other = answers(stated, clause), answers(stated, mirror)
    shared = one.keys() & other.keys()
    assert shared
    assert all({one[terms], other[terms]} == {MET, UNMET} for terms in shared)


@pytest.mark.parametrize(
    "text", ["chez le sujet de moins de 65 ans", "with patients under 65 years of age"]
)
def test_what_is_stated_for_the_young_is_decided_by_age(
    stated: tuple[StatedConditionRule, ...], text: str
) -> None:
    assert set(answers(stated, text).values()) == {MET, UNMET}
