"""What hinders absorption is found once per pair, with how to space the two."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kg.model import Severity
from kg.rules.absorption import load_absorption_roles, load_absorption_rules
from kg.screening.absorption import AbsorptionChanges, AbsorptionRole, AbsorptionRule
from kg.screening.effects import LOWERED_EXPOSURE
from kg.screening.finding import Finding, Step
from kg.screening.patient import Entry, Patient, Regimen
from ontologies.curie import Curie
from tests.tiny import CITALOPRAM, LEVOTHYROXINE, OMEPRAZOLE, SIMVASTATIN, WARFARIN, graph_of

ROLES = (
    AbsorptionRole(CITALOPRAM, "chelator", "strong", "a"),
    AbsorptionRole(LEVOTHYROXINE, "chelated", "moderate", "b"),
    AbsorptionRole(LEVOTHYROXINE, "needs_gastric_acid", "minor", "b"),
    AbsorptionRole(OMEPRAZOLE, "raises_gastric_ph", "strong", "a"),
)


def rule(acting: str, affected: str, grades: str, severity: Severity, say: str) -> AbsorptionRule:
    one, _, other = grades.partition("/")
    return AbsorptionRule(acting, affected, one, other, severity, LOWERED_EXPOSURE, say, "rule")


RULES = (
    rule("chelator", "chelated", "strong/moderate", Severity.MODERATE, "Keep 4 hours between."),
    rule("raises_gastric_ph", "needs_gastric_acid", "strong/minor", Severity.MINOR, "Check."),
)
PAIR = rule(str(CITALOPRAM), str(LEVOTHYROXINE), "", Severity.MAJOR, "Do not combine.")


def found(
    *drugs: Curie | Entry,
    rules: Iterable[AbsorptionRule] = RULES,
    roles: Iterable[AbsorptionRole] = ROLES,
) -> list[Finding]:
    entries = [d if isinstance(d, Entry) else Entry(d, str(d)) for d in drugs]
    detector = AbsorptionChanges(graph_of(), tuple(rules), tuple(roles))
    return list(detector.detect(Regimen.written(entries), Patient()))


def test_two_roles_that_meet_are_a_finding_with_its_spacing() -> None:
    (finding,) = found(LEVOTHYROXINE, CITALOPRAM)
    assert (finding.precipitants, finding.affected) == ((CITALOPRAM,), (LEVOTHYROXINE,))
    assert (finding.effect, finding.severity) == (LOWERED_EXPOSURE, Severity.MODERATE)
    assert finding.recommendation == "Keep 4 hours between."
    assert finding.mechanism is not None
    assert (finding.mechanism.name, finding.mechanism.kind) == (
        "chelation in the gut",
        "absorption",
    )
    assert finding.mechanism.path[0] == Step("citalopram", "chelates in the gut", "levothyroxine")
    assert finding.evidence[0].reference == "rule|a|b"


def test_a_rule_about_the_pair_wins_over_the_roles() -> None:
    (finding,) = found(LEVOTHYROXINE, CITALOPRAM, rules=(*RULES, PAIR))
    assert (finding.severity, finding.recommendation) == (Severity.MAJOR, "Do not combine.")
    assert finding.id == found(LEVOTHYROXINE, CITALOPRAM)[0].id


def test_a_pair_without_roles_is_found_too() -> None:
    (finding,) = found(LEVOTHYROXINE, CITALOPRAM, rules=[PAIR], roles=[])
    assert finding.mechanism is not None
    assert finding.mechanism.name == "change of absorption"


def test_of_several_roles_the_worst_counts_once() -> None:
    both = AbsorptionRole(CITALOPRAM, "raises_gastric_ph", "strong", "a")
    (finding,) = found(LEVOTHYROXINE, CITALOPRAM, roles=(*ROLES, both))
    assert finding.severity is Severity.MODERATE


@pytest.mark.parametrize("drugs", [(LEVOTHYROXINE,), (SIMVASTATIN, WARFARIN), ()])
def test_drugs_that_do_not_meet_in_the_gut_find_nothing(drugs: tuple[Curie, ...]) -> None:
    assert found(*drugs) == []


def test_two_acting_drugs_do_not_affect_each_other() -> None:
    assert found(CITALOPRAM, OMEPRAZOLE) == []


@pytest.mark.parametrize(("route", "count"), [("oral", 1), (None, 1), ("intravenous", 0)])
def test_a_drug_that_is_not_swallowed_takes_no_part(route: str | None, count: int) -> None:
    entry = Entry(LEVOTHYROXINE, "levothyroxine", route=route)
    assert len(found(entry, CITALOPRAM)) == count


def test_a_drug_taken_by_mouth_and_otherwise_takes_part() -> None:
    entries = [Entry(LEVOTHYROXINE, "a", route="oral"), Entry(LEVOTHYROXINE, "b", route="topical")]
    assert len(found(*entries, CITALOPRAM)) == 1


def test_levothyroxine_with_omeprazole_is_minor_in_the_shipped_tables() -> None:
    rules, roles = load_absorption_rules(), load_absorption_roles()
    (finding,) = found(LEVOTHYROXINE, OMEPRAZOLE, rules=rules, roles=roles)
    assert finding.severity is Severity.MINOR


def test_the_advice_names_the_two_drugs() -> None:
    say = "Take {affected} 2 hours before {acting}."
    graded = rule("chelator", "chelated", "strong/moderate", Severity.MODERATE, say)
    (finding,) = found(LEVOTHYROXINE, CITALOPRAM, rules=(graded,))
    assert finding.recommendation == "Take levothyroxine 2 hours before citalopram."
