"""Facts about a patient: what is known to hold, what is known not to, and what nobody told."""

from __future__ import annotations

import pytest

from kg.graph import KnowledgeGraph
from kg.screening.background import PREGNANCY, Background
from kg.screening.factors import MalformedFactor, Situation, parse_terms
from kg.screening.laboratory import LabTest, LabTests
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import MalformedTarget, Targets, checked_target
from kg.screening.wording import fact_of, in_words
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny

POTASSIUM = LabTest(
    "2823-3", "potassium", "mmol/L", ("6298-4",), (("mEq/L", 1.0), ("mg/dL", 0.2558)), 1, 12, "ref"
)
ULCER, GASTRIC_ULCER = Curie("DOID", "750"), Curie("DOID", "10808")


@pytest.fixture
def background() -> Background:
    """The tiny graph, in which a gastric ulcer is a peptic ulcer."""
    link = tiny.edge(GASTRIC_ULCER, Predicate.SUBCLASS_OF, ULCER)
    return Background.of(tiny.graph_of(*tiny.EDGES, link), LabTests((POTASSIUM,)))


def situation(background: Background, patient: Patient, *entries: Entry) -> Situation:
    return background.situation(patient, Regimen.written(entries))


def line(drug: Curie, route: str | None = None, days: float | None = None) -> Entry:
    return Entry(drug, str(drug), route, days)


@pytest.mark.parametrize(
    ("text", "patient", "answer"),
    [
        ("age>=65", Patient(age_years=65), True),
        ("age>=65", Patient(age_years=64), False),
        ("age>=65", Patient(), None),
        ("egfr<30", Patient(egfr_ml_min=30), False),
        ("egfr<30", Patient(labs=(("33914-3", 12.0, None),)), None),
        ("weight<50", Patient(weight_kg=49), True),
        ("child_pugh>=B", Patient(child_pugh="C"), True),
        ("child_pugh>=B", Patient(child_pugh="A"), False),
        ("sex=female", Patient(sex="male"), False),
        ("pregnant", Patient(), None),
        ("pregnant", Patient(sex="male"), False),
        ("pregnant", Patient(pregnant=False), False),
        ("pregnant", Patient(conditions=(PREGNANCY,)), True),
        ("condition:coprescribe:condition-pregnancy", Patient(pregnant=True), True),
        ("lactating", Patient(lactating=True), True),
        ("condition:DOID:750", Patient(conditions=(GASTRIC_ULCER,)), True),
        ("condition:DOID:10808", Patient(conditions=(ULCER,)), None),
        ("condition:DOID:750", Patient(), None),
        ("lab:2823-3>5.5", Patient(labs=(("6298-4", 6.0, "mEq/L"),)), True),
        ("lab:2823-3>5.5", Patient(labs=(("2823-3", 4.0, None),)), False),
        ("lab:2823-3>5.5", Patient(labs=(("2823-3", 60.0, "g/L"),)), None),
        ("lab:2823-3>5.5", Patient(labs=(("2823-3", 400.0, None),)), None),
        ("age>=65 & egfr<30", Patient(age_years=40), False),
        ("age>=65 & egfr<30", Patient(age_years=70), None),
        ("age>=65 & egfr<30", Patient(age_years=70, egfr_ml_min=20), True),
    ],
)
def test_a_fact_holds_fails_or_is_not_known(
    background: Background, text: str, patient: Patient, answer: bool | None
) -> None:
    assert situation(background, patient).holds(parse_terms(text)) is answer


def test_what_is_taken_besides_the_drugs_of_a_finding_is_known_either_way(
    background: Background,
) -> None:
    told = situation(background, Patient(), line(tiny.SIMVASTATIN), line(tiny.WARFARIN))
    statin, any_qt = (
        parse_terms("taking:ATC:C10AA"),
        parse_terms("taking:liability:qt_prolongation"),
    )
    assert told.holds(statin) is True
    assert told.holds(statin, [line(tiny.SIMVASTATIN)]) is False
    assert told.holds(any_qt) is False


@pytest.mark.parametrize(
    ("routes", "answer"),
    [
        (("topical",), True),
        (("oral",), False),
        ((None,), None),
        (("topical", None), True),
        (("oral", "oral"), False),
        (("oral", None), None),
        (("topical", "oral", "oral"), False),
        (("topical", "nasal", "oral"), True),
        (("topical", None, "oral"), None),
    ],
)
def test_a_route_holds_when_it_leaves_one_drug_at_most(
    background: Background, routes: tuple[str | None, ...], answer: bool | None
) -> None:
    """Of two drugs one is enough; of three one leaves two that still meet."""
    drugs = (tiny.CITALOPRAM, tiny.AMIODARONE, tiny.CLARITHROMYCIN)
    entries = tuple(line(drug, route) for drug, route in zip(drugs, routes, strict=False))
    told = situation(background, Patient(), *entries)
    assert told.holds(parse_terms("route=topical|nasal"), entries) is answer


def test_the_route_of_named_drugs_alone_can_be_asked(background: Background) -> None:
    entries = (line(tiny.SIMVASTATIN), line(tiny.WARFARIN, "oral"))
    told = situation(background, Patient(), *entries)
    assert told.holds(parse_terms("route=oral"), entries) is True
    assert told.holds(parse_terms("route:ATC:C10AA=oral"), entries) is None
    assert told.holds(parse_terms(f"route:{tiny.WARFARIN}=oral"), entries) is True


def test_a_course_is_short_when_it_is_stated_to_be(background: Background) -> None:
    entries = (line(tiny.WARFARIN, None, 2),)
    told = situation(background, Patient(), *entries)
    assert told.holds(parse_terms("duration_days<=3"), entries) is True
    assert told.holds(parse_terms("duration_days>14"), entries) is False


@pytest.mark.parametrize(
    "text", ["aged>=65", "age=>65", "age>=old", "egfr<30 and age>=65", "condition:gout", "sex=f"]
)
def test_a_word_outside_the_language_is_quoted(text: str) -> None:
    with pytest.raises(MalformedFactor, match="is no factor") as caught:
        parse_terms(text)
    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["ATC:9", "liability:", "warfarin", "liability:qt:huge"])
def test_what_is_no_target_is_quoted(text: str) -> None:
    with pytest.raises(MalformedTarget, match="is no target"):
        checked_target(text)
    with pytest.raises(MalformedTarget, match="is no target"):
        parse_terms(f"taking:{text}")


def test_a_drug_falls_under_itself_its_classes_and_its_liabilities(graph: KnowledgeGraph) -> None:
    targets = Targets(graph)
    assert targets.of(tiny.SIMVASTATIN) >= {str(tiny.SIMVASTATIN), "ATC:C10AA", "ATC:C10", "ATC:C"}
    found = targets.of(tiny.CLARITHROMYCIN)
    assert {"liability:qt_prolongation:low", "liability:qt_prolongation:moderate"} <= found
    assert "liability:qt_prolongation:high" not in found


def test_a_fact_of_the_patient_is_said_with_its_value(background: Background) -> None:
    patient = Patient(age_years=83, egfr_ml_min=22, child_pugh="C")
    known = situation(background, patient)
    name, tests = background.targets.graph.name, background.tests
    terms = parse_terms("age>=65 & egfr<30 & child_pugh>=B & weight<50 & pregnant")
    said = [fact_of(t, known.value(t), in_words(t, name, tests), tests) for t in terms]
    unknown = "body weight below 50 kg"
    assert said == ["age 83", "eGFR 22 mL/min", "Child-Pugh class C", unknown, "pregnancy"]


def test_terms_are_said_in_words(background: Background) -> None:
    name, tests = background.targets.graph.name, background.tests
    said = [
        in_words(term, name, tests)
        for term in parse_terms("age>=65 & egfr<30 & lab:2823-3>5.5 & pregnant & child_pugh>=B")
    ]
    assert said == [
        "age 65 years or more",
        "eGFR below 30 mL/min",
        "potassium above 5.5 mmol/L",
        "pregnancy",
        "Child-Pugh class B or worse",
    ]
