"""What a patient's diseases, values, allergies and circumstances make of a medicine list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.model import Severity
from kg.screening.allergy import ANY_GROUP, CROSS_REACTIVE, ITSELF, SAME, Allergies, AllergyRule
from kg.screening.background import Background
from kg.screening.context import Context
from kg.screening.documented import ADVICE, DocumentedInteractions
from kg.screening.drug_condition import DrugConditionRule, DrugConditions
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.entailment import OWN_SOURCE
from kg.screening.factors import parse_terms
from kg.screening.finding import Finding, FindingKind
from kg.screening.laboratory import LabTests
from kg.screening.modifier_index import ModifierIndex
from kg.screening.modifiers import ModifierRule, StatedConditionRule
from kg.screening.patient import Allergy, Entry, Patient, Regimen
from kg.screening.stated_conditions import StatedConditions
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny

ULCER, GASTRIC_ULCER = Curie("DOID", "750"), Curie("DOID", "10808")
KIDNEY = Curie("DOID", "557")
GI_BLEED = Curie("HP", "0002239")
EDGES = (
    *tiny.EDGES,
    tiny.edge(GASTRIC_ULCER, Predicate.SUBCLASS_OF, ULCER),
    tiny.edge(GI_BLEED, Predicate.SUBCLASS_OF, tiny.BLEEDING),
)
WARFARIN, STATINS = str(tiny.WARFARIN), str(tiny.STATINS)


@pytest.fixture
def background() -> Background:
    return Background.of(tiny.graph_of(*EDGES), LabTests())


def rule(
    target: str, when: str, severity: Severity = Severity.MODERATE, effect: Curie = tiny.BLEEDING
) -> DrugConditionRule:
    return DrugConditionRule(target, parse_terms(when), severity, effect, f"Mind {when}.", "ref")


def found(
    background: Background, patient: Patient, *rules: DrugConditionRule, drug: Curie = tiny.WARFARIN
) -> list[Finding]:
    return list(DrugConditions(background, rules).detect(Regimen.of([drug]), patient))


def test_a_rule_is_found_through_the_hierarchy_and_shows_what_was_recorded(
    background: Background,
) -> None:
    patient = Patient(conditions=(GASTRIC_ULCER,))
    (finding,) = found(background, patient, rule(WARFARIN, "condition:DOID:750", Severity.MAJOR))
    assert finding.kind is FindingKind.DRUG_CONDITION
    assert (finding.affected, finding.precipitants) == ((tiny.WARFARIN,), ())
    assert finding.conditions == (GASTRIC_ULCER,)
    assert (finding.severity, finding.effect) == (Severity.MAJOR, tiny.BLEEDING)
    assert finding.evidence[0].source == OWN_SOURCE
    assert finding.evidence[0].reference == "ref"


def test_nothing_follows_from_what_is_not_known(background: Background) -> None:
    rules = (rule(WARFARIN, "egfr<30"), rule(WARFARIN, "condition:DOID:750"))
    assert found(background, Patient(age_years=50), *rules) == []
    assert found(background, Patient(), *rules) == []


def test_the_narrower_case_wins_even_when_it_is_milder(background: Background) -> None:
    wide = rule(WARFARIN, "pregnant", Severity.CONTRAINDICATED)
    narrow = rule(WARFARIN, "pregnant & condition:DOID:750", Severity.MAJOR)
    patient = Patient(pregnant=True, conditions=(ULCER,))
    (finding,) = found(background, patient, wide, narrow)
    assert finding.severity is Severity.MAJOR
    assert len(finding.evidence) == 1


def test_a_rule_of_the_drug_wins_over_the_same_rule_of_its_class(background: Background) -> None:
    of_class = rule(STATINS, "age>=65", Severity.MAJOR)
    of_drug = rule(str(tiny.SIMVASTATIN), "age>=65", Severity.MINOR)
    (finding,) = found(background, Patient(age_years=70), of_class, of_drug, drug=tiny.SIMVASTATIN)
    assert finding.severity is Severity.MINOR
    assert (
        found(background, Patient(age_years=70), of_class, drug=tiny.SIMVASTATIN)[0]
        .evidence[0]
        .derived_from
    )


def test_a_second_disease_keeps_its_advice_in_the_problem_that_both_share(
    background: Background,
) -> None:
    worst = rule(WARFARIN, "condition:DOID:750", Severity.CONTRAINDICATED)
    other = rule(WARFARIN, "condition:DOID:557", Severity.MAJOR)
    lesser = rule(WARFARIN, "age>=75")
    patient = Patient(age_years=80, conditions=(ULCER, KIDNEY))
    (finding,) = found(background, patient, worst, other, lesser)
    assert finding.recommendation == "Mind condition:DOID:750. Mind condition:DOID:557."
    assert finding.conditions == tuple(sorted((ULCER, KIDNEY)))


def test_one_effect_or_one_fact_is_one_problem_as_bad_as_its_worst_rule(
    background: Background,
) -> None:
    rules = (
        rule(WARFARIN, "condition:DOID:750", Severity.MAJOR),
        rule(WARFARIN, "age>=75"),
        rule(WARFARIN, "age>=65", Severity.MINOR, tiny.TORSADE),
        rule(WARFARIN, "egfr<30", Severity.MINOR, tiny.RHABDOMYOLYSIS),
    )
    patient = Patient(age_years=80, egfr_ml_min=20, conditions=(ULCER,))
    first, second = found(background, patient, *rules)
    assert (first.severity, first.effect, len(first.evidence)) == (
        Severity.MAJOR,
        tiny.BLEEDING,
        3,
    )
    assert first.recommendation == "Mind condition:DOID:750."
    assert second.effect == tiny.RHABDOMYOLYSIS


def test_a_recorded_kidney_disease_and_a_low_egfr_tell_one_problem(background: Background) -> None:
    rules = (
        rule(WARFARIN, "condition:DOID:557", Severity.MINOR),
        rule(WARFARIN, "egfr<30", Severity.MAJOR, tiny.TORSADE),
    )
    patient = Patient(egfr_ml_min=20, conditions=(KIDNEY,))
    (finding,) = found(background, patient, *rules)
    assert (finding.severity, len(finding.evidence)) == (Severity.MAJOR, 2)


def test_of_two_bounds_the_narrower_speaks(background: Background) -> None:
    rules = (rule(WARFARIN, "egfr<60"), rule(WARFARIN, "egfr<30"))
    (finding,) = found(background, Patient(egfr_ml_min=20), *rules)
    assert finding.recommendation == "Mind egfr<30."


def test_adding_a_drug_that_a_rule_asks_for_keeps_the_id(background: Background) -> None:
    rules = (
        rule(WARFARIN, "age>=60", Severity.MODERATE),
        rule(WARFARIN, "age>=60 & taking:ATC:C10AA", Severity.MAJOR),
    )
    detector, patient = DrugConditions(background, rules), Patient(age_years=70)
    (alone,) = detector.detect(Regimen.of([tiny.WARFARIN]), patient)
    (both,) = detector.detect(Regimen.of([tiny.WARFARIN, tiny.SIMVASTATIN]), patient)
    assert alone.id == both.id
    assert (alone.severity, both.severity) == (Severity.MODERATE, Severity.MAJOR)


ALLERGIES = (
    AllergyRule(ANY_GROUP, ITSELF, SAME, Severity.CONTRAINDICATED, "Not again.", "ref"),
    AllergyRule("statins", STATINS, SAME, Severity.CONTRAINDICATED, "No statin.", "ref"),
    AllergyRule("macrolides", STATINS, CROSS_REACTIVE, Severity.MINOR, "Watch.", "ref"),
)


@pytest.mark.parametrize(
    ("allergy", "severity", "mechanism"),
    [
        (
            Allergy("simvastatin", (), (tiny.SIMVASTATIN,)),
            Severity.CONTRAINDICATED,
            "allergy to simvastatin",
        ),
        (Allergy("statins", ("statins",)), Severity.CONTRAINDICATED, "allergy to statins"),
        (Allergy("macrolides", ("macrolides",)), Severity.MINOR, "allergy to macrolides"),
    ],
)
def test_an_allergy_speaks_against_the_drug_its_class_and_what_cross_reacts(
    background: Background, allergy: Allergy, severity: Severity, mechanism: str
) -> None:
    detector = Allergies(background.targets, ALLERGIES)
    regimen = Regimen.of([tiny.SIMVASTATIN, tiny.WARFARIN])
    (finding,) = detector.detect(regimen, Patient(allergies=(allergy,)))
    assert (finding.severity, finding.affected) == (severity, (tiny.SIMVASTATIN,))
    assert finding.mechanism
    assert finding.mechanism.name == mechanism
    assert repr(allergy.written) in str(finding.evidence[0].statement)


def test_several_allergies_to_one_drug_are_one_finding(background: Background) -> None:
    allergies = (Allergy("macrolides", ("macrolides",)), Allergy("statins", ("statins",)))
    detector = Allergies(background.targets, ALLERGIES)
    (finding,) = detector.detect(Regimen.of([tiny.SIMVASTATIN]), Patient(allergies=allergies))
    assert (finding.severity, len(finding.evidence)) == (Severity.CONTRAINDICATED, 2)


def modifier(
    name: str,
    when: str,
    direction: str,
    *,
    effects: frozenset[Curie] = frozenset({tiny.BLEEDING}),
    kind: str = "",
    pair: tuple[str, ...] = (),
) -> ModifierRule:
    terms = parse_terms(when)
    return ModifierRule(name, terms, direction, f"{name}.", "ref", kind, pair, effects)


OLD = modifier("old", "age>=65", "raise")
ILL = modifier("ill", "condition:DOID:750", "raise")
SAFE = modifier("safe", f"taking:{tiny.OMEPRAZOLE}", "lower")
PAIR = (str(tiny.CLARITHROMYCIN), WARFARIN)


def judged(
    background: Background,
    patient: Patient,
    *rules: ModifierRule,
    drugs: tuple[Curie, ...] = (tiny.CLARITHROMYCIN, tiny.WARFARIN),
    families: EffectFamilies = NO_FAMILIES,
    stated: tuple[StatedConditionRule, ...] = (),
    entries: tuple[Entry, ...] = (),
) -> Finding:
    graph = background.targets.graph
    regimen = Regimen.written(entries) if entries else Regimen.of(drugs)
    index = ModifierIndex(background, rules, families)
    context = Context(index, StatedConditions(graph, stated))
    findings = DocumentedInteractions(graph).detect(regimen, patient)
    (finding,) = context.apply(findings, regimen, patient)
    return finding


def test_what_raises_raises_one_level_together_and_follows_the_advice(
    background: Background,
) -> None:
    plain = judged(background, Patient())
    assert plain.severity is Severity.MODERATE
    patient = Patient(age_years=80, conditions=(ULCER,))
    raised = judged(background, patient, OLD, ILL)
    assert raised.severity is Severity.MAJOR
    assert [(m.factor, m.present, m.effect_on_severity) for m in raised.modifiers] == [
        ("old.", True, "raises"),
        ("ill.", True, "raises"),
    ]
    asks = "old. ill. Ask whether both are needed; if they are, monitor more closely than usual."
    assert str(raised.recommendation).startswith(asks)
    assert raised.id == plain.id


def test_what_lowers_lowers_and_both_together_change_nothing(background: Background) -> None:
    drugs = (tiny.CLARITHROMYCIN, tiny.WARFARIN, tiny.OMEPRAZOLE)
    assert judged(background, Patient(), SAFE, drugs=drugs).severity is Severity.MINOR
    both = judged(background, Patient(age_years=80), SAFE, OLD, drugs=drugs)
    assert both.severity is Severity.MODERATE


def test_what_a_label_forbids_in_a_patient_is_contraindicated_whatever_lowers_it(
    background: Background,
) -> None:
    young = modifier("young", "age<0.08", "forbid")
    drugs = (tiny.CLARITHROMYCIN, tiny.WARFARIN, tiny.OMEPRAZOLE)
    forbidden = judged(background, Patient(age_years=0.01), young, SAFE, drugs=drugs)
    assert forbidden.severity is Severity.CONTRAINDICATED
    assert str(forbidden.recommendation).startswith(ADVICE[Severity.CONTRAINDICATED])
    shown = [(m.factor, m.present, m.effect_on_severity) for m in forbidden.modifiers]
    assert shown[0] == ("young.", True, "contraindicated")
    assert judged(background, Patient(age_years=30), young).severity is Severity.MODERATE
    unknown = judged(background, Patient(), young)
    assert unknown.severity is Severity.MODERATE
    assert [(m.factor, m.present) for m in unknown.modifiers] == [("young.", None)]


def test_what_is_not_known_is_shown_and_changes_nothing(background: Background) -> None:
    finding = judged(background, Patient(), OLD, SAFE)
    assert finding.severity is Severity.MODERATE
    assert [(m.factor, m.present) for m in finding.modifiers] == [("old.", None), ("safe.", False)]


def test_no_modifier_makes_a_contraindication_or_takes_a_stated_one_below_major(
    background: Background,
) -> None:
    drugs = (tiny.CLARITHROMYCIN, tiny.SIMVASTATIN)
    muscle = frozenset({tiny.RHABDOMYOLYSIS})
    lower = modifier("a", "age>=65", "lower", effects=muscle)
    again = modifier("b", "sex=male", "lower", effects=muscle)
    patient = Patient(age_years=70, sex="male")
    assert judged(background, patient, lower, again, drugs=drugs).severity is Severity.MAJOR
    raises = tuple(modifier(name, "age>=65", "raise", effects=muscle) for name in "ab")
    finding = judged(background, patient, *raises, drugs=drugs)
    assert finding.severity is Severity.CONTRAINDICATED


def test_a_rule_speaks_of_narrower_effects_and_a_wide_one_of_its_family(
    background: Background,
) -> None:
    wider = modifier("wider", "age>=65", "raise", effects=frozenset({GI_BLEED}))
    old = Patient(age_years=70)
    assert judged(background, old, wider).severity is Severity.MODERATE
    families = EffectFamilies({GI_BLEED: "bleeding", tiny.BLEEDING: "bleeding"})
    assert judged(background, old, wider, families=families).severity is Severity.MODERATE
    wide = replace(wider, wide=True)
    assert judged(background, old, wide, families=families).severity is Severity.MAJOR


def test_a_rule_of_a_pair_counts_for_that_pair_and_stands_for_a_general_one(
    background: Background,
) -> None:
    pair = modifier("pair", "age>=65", "raise", effects=frozenset(), pair=PAIR)
    finding = judged(background, Patient(age_years=70), OLD, pair)
    assert [m.factor for m in finding.modifiers] == ["pair."]
    other = replace(pair, pair=(WARFARIN, STATINS))
    assert judged(background, Patient(age_years=70), other).severity is Severity.MODERATE


def test_at_most_five_modifiers_are_shown_what_holds_first(background: Background) -> None:
    known = [modifier(f"k{n}", "age>=65", "raise", effects=frozenset(), pair=PAIR) for n in "a"]
    unknown = [modifier(f"u{n}", f"condition:DOID:{n}", "raise") for n in range(1, 9)]
    finding = judged(background, Patient(age_years=70), *unknown, *known)
    assert len(finding.modifiers) == 5
    assert finding.modifiers[0].factor == "ka."


def test_a_topical_drug_lowers_a_pair(background: Background) -> None:
    topical = modifier("skin", "route=topical", "lower", effects=frozenset(), kind="drug_drug")
    entries = (
        Entry(tiny.CLARITHROMYCIN, "c", "topical"),
        Entry(tiny.WARFARIN, "w", "oral"),
    )
    finding = judged(background, Patient(), topical, entries=entries)
    assert finding.severity is Severity.MINOR
    assert judged(background, Patient(), topical).modifiers == ()


STATED = (
    StatedConditionRule("met", "renal failure", parse_terms("egfr<30"), "met", "Met.", "ref"),
    StatedConditionRule("unmet", "renal failure", parse_terms("egfr>=60"), "unmet", "Not.", "ref"),
)


@pytest.mark.parametrize(
    ("egfr", "severity", "present"),
    [(None, Severity.MODERATE, None), (20, Severity.MAJOR, True), (90, Severity.MINOR, False)],
)
def test_a_condition_that_a_source_states_counts_as_the_patient_data_say(
    egfr: float | None, severity: Severity, present: bool | None
) -> None:
    said = (
        tiny.said(Severity.MAJOR, condition="in renal failure", recommendation="avoid"),
        tiny.said(Severity.MINOR, statement="otherwise", recommendation="take care"),
    )
    graph = tiny.graph_of(
        *tiny.interaction(tiny.CLARITHROMYCIN, tiny.WARFARIN, tiny.BLEEDING, None, *said)
    )
    background = Background.of(graph, LabTests())
    finding = judged(background, Patient(egfr_ml_min=egfr), stated=STATED)
    assert finding.severity is severity
    assert [m.present for m in finding.modifiers] == [present]
    told = {None: "« in renal failure »", True: "Met.", False: "Not."}
    assert [m.factor for m in finding.modifiers] == [told[present]]
    assert len(finding.evidence) == 2
    quoted = "avoid" if present else "take care"
    assert f"« {quoted} »" in str(finding.recommendation)


def test_a_pair_whose_only_statement_the_patient_contradicts_stays_as_minor() -> None:
    said = tiny.said(Severity.MAJOR, condition="in renal failure")
    graph = tiny.graph_of(
        *tiny.interaction(tiny.CLARITHROMYCIN, tiny.WARFARIN, tiny.BLEEDING, None, said)
    )
    background = Background.of(graph, LabTests())
    finding = judged(background, Patient(egfr_ml_min=90), stated=STATED)
    assert finding.severity is Severity.MINOR
