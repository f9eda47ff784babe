"""What each detector finds in a list of drugs, and what it must not find."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import KnowledgeGraph
from kg.model import Evidence, Severity
from kg.rules.exposure import load_exposure_rules
from kg.screening.additive import AdditiveEffects
from kg.screening.detector import Detector
from kg.screening.documented import ADVICE, DocumentedInteractions, headline
from kg.screening.duplication import Duplications
from kg.screening.effects import (
    LOST_EFFICACY,
    LOWERED_EXPOSURE,
    RAISED_EFFECT,
    RAISED_EXPOSURE,
)
from kg.screening.exposure import ExposureTables
from kg.screening.finding import Finding, FindingKind, Step
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.rules import POINTS, AdditiveRule, Contribution, ExposureRule, Requirement, points
from kg.screening.targets import Targets
from ontologies.curie import Curie
from ontologies.vocabulary import KnowledgeLevel, Predicate
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    CLOPIDOGREL,
    CYP2C19,
    CYP3A4,
    DRUGS,
    EXPOSURE_RULES,
    LEVOTHYROXINE,
    OMEPRAZOLE,
    QT_RULES,
    RELEASES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    TORSADE,
    WARFARIN,
    cleared_by,
    edge,
    graph_of,
    inhibits,
    interaction,
    prolongs_qt,
    said,
    tables_of,
)

GRADES = st.sampled_from(sorted(POINTS))
PARTS = st.lists(
    st.builds(Contribution, st.sampled_from(sorted(DRUGS)), st.sampled_from("abc"), GRADES)
)


def found(detector: Detector, *drugs: Curie) -> list[Finding]:
    return list(detector.detect(Regimen.of(drugs), Patient()))


def exposure(graph: KnowledgeGraph, rules: Iterable[ExposureRule] = EXPOSURE_RULES) -> Detector:
    return ExposureChanges(graph, tuple(rules))


def stated(*by: Evidence, mechanism: str | None = None) -> DocumentedInteractions:
    return DocumentedInteractions(
        graph_of(*interaction(SIMVASTATIN, WARFARIN, BLEEDING, mechanism, *by))
    )


# What the sources state of a pair


def test_a_stated_pair_is_one_finding_with_its_severity_effect_and_source(
    graph: KnowledgeGraph,
) -> None:
    (finding,) = found(DocumentedInteractions(graph), SIMVASTATIN, CLARITHROMYCIN)
    assert finding.kind is FindingKind.DRUG_DRUG
    assert finding.severity is Severity.CONTRAINDICATED
    assert finding.effect == RHABDOMYOLYSIS
    assert [said.source for said in finding.evidence] == ["infores:ansm"]


def test_of_an_undirected_pair_both_are_precipitants(graph: KnowledgeGraph) -> None:
    (finding,) = found(DocumentedInteractions(graph), SIMVASTATIN, CLARITHROMYCIN)
    assert set(finding.precipitants) == {SIMVASTATIN, CLARITHROMYCIN}
    assert finding.affected == ()


def test_of_drugs_without_a_statement_nothing_is_found(graph: KnowledgeGraph) -> None:
    assert found(DocumentedInteractions(graph), SIMVASTATIN, LEVOTHYROXINE) == []
    assert found(DocumentedInteractions(graph), SIMVASTATIN) == []
    assert found(DocumentedInteractions(graph)) == []


def test_every_pair_of_a_list_is_looked_at(graph: KnowledgeGraph) -> None:
    effects = {f.effect for f in found(DocumentedInteractions(graph), *DRUGS)}
    assert effects == {RHABDOMYOLYSIS, BLEEDING}


def test_the_headline_of_a_conditional_contraindication_is_major() -> None:
    conditional = said(Severity.CONTRAINDICATED, condition="dose forte")
    (finding,) = found(stated(conditional), SIMVASTATIN, WARFARIN)
    assert finding.severity is Severity.MAJOR
    (modifier,) = finding.modifiers
    assert (modifier.factor, modifier.present) == ("« dose forte »", None)
    assert modifier.effect_on_severity == "contraindicated"


def test_a_contraindication_without_condition_stays_one_beside_a_conditional() -> None:
    detector = stated(
        said(Severity.CONTRAINDICATED), said(Severity.MODERATE, condition="dose faible")
    )
    (finding,) = found(detector, SIMVASTATIN, WARFARIN)
    assert finding.severity is Severity.CONTRAINDICATED
    assert [modifier.factor for modifier in finding.modifiers] == ["« dose faible »"]


@pytest.mark.parametrize(
    ("severity", "unconfirmed"),
    [
        (Severity.CONTRAINDICATED, Severity.MAJOR),
        (Severity.MAJOR, Severity.MODERATE),
        (Severity.MODERATE, Severity.MINOR),
        (Severity.MINOR, Severity.MINOR),
        (None, None),
    ],
)
def test_under_a_condition_that_nobody_confirmed_a_statement_counts_one_level_lower(
    severity: Severity | None, unconfirmed: Severity | None
) -> None:
    assert headline(said(severity, condition="dose")) is unconfirmed
    assert headline(said(severity)) is severity


def test_the_worst_of_several_statements_counts_and_none_is_lost() -> None:
    detector = stated(said(Severity.MINOR), said(Severity.MAJOR), said())
    (finding,) = found(detector, SIMVASTATIN, WARFARIN)
    assert finding.severity is Severity.MAJOR
    assert len(finding.evidence) == 3


def test_a_severity_that_nobody_states_is_none_and_asks_for_nothing() -> None:
    (finding,) = found(stated(said()), SIMVASTATIN, WARFARIN)
    assert finding.severity is None
    assert finding.recommendation is None


def test_a_statement_counts_under_its_main_effect_only() -> None:
    main = said(Severity.MAJOR, statement="rule")
    aside = said(Severity.MAJOR, statement="rule", primary=False)
    graph = graph_of(
        *interaction(SIMVASTATIN, WARFARIN, BLEEDING, None, main),
        *interaction(SIMVASTATIN, WARFARIN, RAISED_EXPOSURE, None, aside),
    )
    (finding,) = found(DocumentedInteractions(graph), SIMVASTATIN, WARFARIN)
    assert finding.effect == BLEEDING


def test_the_advice_of_the_source_is_quoted_after_ours() -> None:
    (finding,) = found(
        stated(said(Severity.MAJOR, recommendation="Éviter.")), SIMVASTATIN, WARFARIN
    )
    assert finding.recommendation == f"{ADVICE[Severity.MAJOR]} « Éviter. »"


def test_a_mechanism_class_has_a_name_and_is_kept() -> None:
    (finding,) = found(stated(said(), mechanism="absorption"), SIMVASTATIN, WARFARIN)
    assert finding.mechanism is not None
    assert finding.mechanism.name == "change of absorption"
    assert finding.mechanism.kind == "absorption"
    assert finding.mechanism.path == (
        Step("warfarin + simvastatin", "contributes to", "Abnormal bleeding"),
    )


# What the roles of enzymes entail


def test_an_inhibitor_raises_what_the_enzyme_clears(graph: KnowledgeGraph) -> None:
    (finding,) = found(exposure(graph), SIMVASTATIN, CLARITHROMYCIN)
    assert (finding.precipitants, finding.affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))
    assert finding.effect == RAISED_EXPOSURE
    assert finding.severity is Severity.MAJOR
    assert finding.evidence[0].knowledge_level is KnowledgeLevel.LOGICAL_ENTAILMENT
    assert len(finding.evidence[0].derived_from) == 2


def test_the_path_names_each_step_from_precipitant_to_effect(graph: KnowledgeGraph) -> None:
    (finding,) = found(exposure(graph), SIMVASTATIN, CLARITHROMYCIN)
    assert finding.mechanism is not None
    assert finding.mechanism.name == "CYP3A4 inhibition"
    assert finding.mechanism.path == (
        Step("clarithromycin", "inhibits (strong)", "CYP3A4"),
        Step("CYP3A4", "clears (sensitive substrate)", "simvastatin"),
        Step("simvastatin", "results in", "Drug level increased"),
    )


def test_an_inhibitor_leaves_less_of_what_the_enzyme_activates(graph: KnowledgeGraph) -> None:
    (finding,) = found(exposure(graph), CLOPIDOGREL, OMEPRAZOLE)
    assert finding.effect == LOST_EFFICACY
    assert (finding.precipitants, finding.affected) == ((OMEPRAZOLE,), (CLOPIDOGREL,))
    assert finding.recommendation == (
        "Omeprazole leaves less active clopidogrel; consider another drug instead of omeprazole, "
        "else instead of clopidogrel."
    )


@pytest.mark.parametrize(
    ("role", "activates", "effect"),
    [
        ("inhibitor", "no", RAISED_EXPOSURE),
        ("inhibitor", "yes", LOST_EFFICACY),
        ("inducer", "no", LOWERED_EXPOSURE),
        ("inducer", "yes", RAISED_EFFECT),
    ],
)
def test_the_effect_follows_role_and_activation(role: str, activates: str, effect: Curie) -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP3A4, "strong", role),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive", activates),
    )
    rule = ExposureRule(
        role, "strong", "sensitive", activates == "yes", "2-5", Severity.MODERATE, "ref"
    )
    (finding,) = found(exposure(graph, [rule]), SIMVASTATIN, WARFARIN)
    assert (finding.effect, finding.severity) == (effect, Severity.MODERATE)


def test_strengths_that_no_rule_knows_find_nothing() -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP3A4, "weak"), cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    )
    assert found(exposure(graph), SIMVASTATIN, WARFARIN) == []


UNSTATED = "how large the change is, is not stated"
ADVICE_WITHOUT_SIZE = {
    ("inhibitor", "no"): f"Warfarin raises the exposure to simvastatin; {UNSTATED}; watch for "
    "toxicity or adjust the dose.",
    ("inhibitor", "yes"): f"Warfarin leaves less active simvastatin; {UNSTATED}; consider another "
    "drug instead of warfarin, else instead of simvastatin.",
    ("inducer", "no"): f"Warfarin lowers the exposure to simvastatin; {UNSTATED}; watch for loss "
    "of effect or adjust the dose.",
    ("inducer", "yes"): f"Warfarin leaves more active simvastatin; {UNSTATED}; watch for toxicity.",
}


@pytest.mark.parametrize(("role", "activates"), sorted(ADVICE_WITHOUT_SIZE))
@pytest.mark.parametrize(
    ("acting", "depending"), [("strong", ""), ("moderate", ""), ("", "sensitive"), ("", "")]
)
def test_a_strength_that_is_not_stated_is_a_finding_without_severity(
    role: str, activates: str, acting: str, depending: str
) -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP3A4, acting, role),
        cleared_by(SIMVASTATIN, CYP3A4, depending, activates),
    )
    (finding,) = found(exposure(graph, load_exposure_rules()), SIMVASTATIN, WARFARIN)
    assert finding.severity is None
    assert finding.evidence[0].severity is None
    assert finding.evidence[0].severity_as_stated == UNSTATED
    assert finding.recommendation == ADVICE_WITHOUT_SIZE[role, activates]


def test_a_weak_inhibitor_of_a_minor_path_is_silence_on_purpose() -> None:
    graph = graph_of(inhibits(WARFARIN, CYP3A4, "weak"), cleared_by(SIMVASTATIN, CYP3A4, "minor"))
    assert found(exposure(graph, load_exposure_rules()), SIMVASTATIN, WARFARIN) == []


def test_transporters_have_no_strengths_and_find_nothing() -> None:
    p_gp = Curie("HGNC", "40")
    edges = (inhibits(WARFARIN, p_gp, ""), cleared_by(SIMVASTATIN, p_gp, ""))
    tables = tables_of(edges)
    tables.nodes.loc[tables.nodes["id"] == str(p_gp), "name"] = "ABCB1"
    graph = KnowledgeGraph("tiny", tables, RELEASES)
    assert found(exposure(graph, load_exposure_rules()), SIMVASTATIN, WARFARIN) == []


def test_a_booster_and_what_it_is_given_to_boost_find_nothing() -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP3A4, "strong"), cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    )
    boosted = frozenset({(WARFARIN, SIMVASTATIN)})
    detector = ExposureChanges(graph, EXPOSURE_RULES, ExposureTables(intended=boosted))
    assert found(detector, SIMVASTATIN, WARFARIN) == []
    assert found(exposure(graph), SIMVASTATIN, WARFARIN) != []


def test_what_a_booster_has_inhibited_no_other_inhibits_again() -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP3A4, "strong"),
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    )
    boosted = frozenset({(WARFARIN, SIMVASTATIN)})
    detector = ExposureChanges(graph, EXPOSURE_RULES, ExposureTables(intended=boosted))
    assert found(detector, SIMVASTATIN, WARFARIN, CLARITHROMYCIN) == []
    assert found(detector, SIMVASTATIN, CLARITHROMYCIN) != []


def test_a_role_that_was_rejected_counts_for_nothing() -> None:
    graph = graph_of(
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"), cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    )
    rejected = frozenset({("clarithromycin", "CYP3A4", "inhibitor")})
    detector = ExposureChanges(graph, EXPOSURE_RULES, ExposureTables(rejected=rejected))
    assert found(detector, SIMVASTATIN, CLARITHROMYCIN) == []


def test_a_role_at_another_enzyme_finds_nothing() -> None:
    graph = graph_of(
        inhibits(WARFARIN, CYP2C19, "strong"), cleared_by(SIMVASTATIN, CYP3A4, "sensitive")
    )
    assert found(exposure(graph), SIMVASTATIN, WARFARIN) == []


def test_a_drug_is_never_its_own_precipitant() -> None:
    graph = graph_of(
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"), cleared_by(CLARITHROMYCIN, CYP3A4, "sensitive")
    )
    twice = Regimen.written([Entry(CLARITHROMYCIN, "Biaxin"), Entry(CLARITHROMYCIN, "Klacid")])
    assert list(exposure(graph).detect(twice, Patient())) == []


def test_two_drugs_that_act_on_each_other_are_two_findings() -> None:
    drugs = (SIMVASTATIN, WARFARIN)
    graph = graph_of(
        *(inhibits(drug, CYP3A4, "strong") for drug in drugs),
        *(cleared_by(drug, CYP3A4, "sensitive") for drug in drugs),
    )
    affected = [finding.affected for finding in found(exposure(graph), *drugs)]
    assert sorted(affected) == [(WARFARIN,), (SIMVASTATIN,)]


# What adds up over a whole list


def test_two_drugs_with_one_liability_are_one_finding(graph: KnowledgeGraph) -> None:
    detector = AdditiveEffects(graph, QT_RULES)
    (finding,) = found(detector, CLARITHROMYCIN, CITALOPRAM, LEVOTHYROXINE)
    assert finding.kind is FindingKind.ADDITIVE_EFFECT
    assert set(finding.precipitants) == {CLARITHROMYCIN, CITALOPRAM}
    assert finding.effect == TORSADE
    assert finding.severity is Severity.MODERATE
    assert finding.points == POINTS["moderate"] + POINTS["high"]


def test_a_third_drug_makes_the_same_finding_worse(graph: KnowledgeGraph) -> None:
    detector = AdditiveEffects(graph, QT_RULES)
    (two,) = found(detector, CLARITHROMYCIN, CITALOPRAM)
    (three,) = found(detector, CLARITHROMYCIN, CITALOPRAM, AMIODARONE)
    assert three.severity is Severity.MAJOR
    assert three.points > two.points
    assert three.problem == two.problem


def test_an_additive_finding_begins_with_what_we_conclude_and_from_which_edges(
    graph: KnowledgeGraph,
) -> None:
    (finding,) = found(AdditiveEffects(graph, QT_RULES), AMIODARONE, CITALOPRAM)
    concluded, *stated_by = finding.evidence
    assert concluded.knowledge_level is KnowledgeLevel.LOGICAL_ENTAILMENT
    assert (concluded.severity, len(concluded.derived_from)) == (Severity.MODERATE, 2)
    assert (concluded.version, concluded.licence) == ("1", "Apache-2.0")
    assert stated_by


def test_a_grade_that_nobody_states_is_not_taken_for_the_lowest() -> None:
    ungraded = edge(WARFARIN, Predicate.PREDISPOSES_TO, TORSADE, "liability=qt_prolongation")
    graph = graph_of(ungraded, prolongs_qt(AMIODARONE, "antiarrhythmic", "high"))
    (finding,) = found(AdditiveEffects(graph, QT_RULES), AMIODARONE, WARFARIN)
    assert finding.points == POINTS["moderate"] + POINTS["high"]


def test_one_drug_alone_adds_nothing_up(graph: KnowledgeGraph) -> None:
    assert found(AdditiveEffects(graph, QT_RULES), AMIODARONE, LEVOTHYROXINE) == []


def test_a_drug_of_two_groups_is_still_one_drug() -> None:
    graph = graph_of(
        prolongs_qt(AMIODARONE, "antiarrhythmic", "high"), prolongs_qt(AMIODARONE, "other", "high")
    )
    assert found(AdditiveEffects(graph, QT_RULES), AMIODARONE, WARFARIN) == []


def test_a_rule_that_asks_for_groups_holds_only_with_them() -> None:
    needs = (Requirement("group", "nsaid", 1), Requirement("groups", "", 2))
    rule = AdditiveRule("l", "n", BLEEDING, needs, Severity.MAJOR, "Stop.", "ref")
    nsaid = Contribution(WARFARIN, "nsaid", "high")
    assert not rule.holds([nsaid, Contribution(SIMVASTATIN, "nsaid", "high")])
    assert not rule.holds([Contribution(SIMVASTATIN, "ssri", "high"), replaced(nsaid, "vka")])
    assert rule.holds([nsaid, Contribution(SIMVASTATIN, "ssri", "low")])


def replaced(part: Contribution, group: str) -> Contribution:
    return Contribution(part.drug, group, part.grade)


def test_a_grade_counts_the_drugs_of_at_least_that_grade() -> None:
    parts = [Contribution(WARFARIN, "a", "high"), Contribution(SIMVASTATIN, "a", "low")]
    assert Requirement("drugs", "moderate", 1).holds(parts)
    assert not Requirement("drugs", "moderate", 2).holds(parts)
    assert Requirement("drugs", "", 2).holds(parts)


@given(PARTS)
def test_each_drug_brings_the_points_of_its_worst_grade_once(parts: list[Contribution]) -> None:
    drugs = {part.drug for part in parts}
    worst = (max(POINTS[p.grade] for p in parts if p.drug == drug) for drug in drugs)
    assert points(parts) == sum(worst)


@given(PARTS, PARTS)
def test_one_more_drug_never_lowers_the_burden(
    parts: list[Contribution], more: list[Contribution]
) -> None:
    assert points(parts + more) >= points(parts)


# One ingredient twice


def test_one_ingredient_under_two_names_is_a_duplication(graph: KnowledgeGraph) -> None:
    regimen = Regimen.written([Entry(SIMVASTATIN, "Zocor"), Entry(SIMVASTATIN, "simvastatin")])
    (finding,) = Duplications(Targets(graph)).detect(regimen, Patient())
    assert finding.kind is FindingKind.DUPLICATION
    assert finding.precipitants == (SIMVASTATIN, SIMVASTATIN)
    assert finding.evidence[0].statement == (
        "Zocor and simvastatin hold the same ingredient, simvastatin"
    )


@pytest.mark.parametrize("again", ["Zocor", "ZOCOR", "zocor"])
def test_one_line_written_twice_is_no_duplication(again: str, graph: KnowledgeGraph) -> None:
    regimen = Regimen.written([Entry(SIMVASTATIN, "Zocor"), Entry(SIMVASTATIN, again)])
    assert list(Duplications(Targets(graph)).detect(regimen, Patient())) == []
    assert len(regimen.entries) == 1


def test_different_drugs_are_no_duplication(graph: KnowledgeGraph) -> None:
    for pair in combinations(DRUGS, 2):
        assert found(Duplications(Targets(graph)), *pair) == []
