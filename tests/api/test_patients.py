"""From the words of a request about a patient to the values of the engine, with nothing lost."""

from __future__ import annotations

import pytest

from api.contents import Contents
from api.notes import NO_MEDICINE
from api.patients import PatientReader
from api.schemas import Lab, Medicine, PatientBody
from kg.rules.patients import open_patient_rules
from kg.serving.drug_names import drug_names
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon
from tests import tiny


@pytest.fixture(scope="module")
def reader() -> PatientReader:
    """The tiny graph with the curated tables."""
    graph = tiny.graph_of(*tiny.EDGES)
    lexicon = Lexicon.from_names(drug_names(graph))
    return PatientReader(open_patient_rules(graph), Contents(graph, lexicon))


def test_conditions_become_nodes_and_an_unknown_one_is_quoted(reader: PatientReader) -> None:
    read = reader.read(PatientBody(conditions=["Asthma", "asthma", "frobnicatosis"]))
    assert read.patient.conditions == (Curie("DOID", "2841"),)
    assert read.notes == ("Condition not known, and so not used: 'frobnicatosis'.",)


def test_a_condition_that_no_rule_asks_for_is_named(reader: PatientReader) -> None:
    read = reader.read(PatientBody(conditions=["drug level increased"]))
    assert len(read.patient.conditions) == 1
    assert read.notes == ("No rule of this release asks for the condition: Drug level increased.",)


@pytest.mark.parametrize(
    ("written", "groups", "drugs"),
    [
        ("Allergy to statins", ("statins",), ()),
        ("simvastatin anaphylaxis", ("statins",), (tiny.SIMVASTATIN,)),
        ("RXCUI:36567", ("statins",), (tiny.SIMVASTATIN,)),
        ("warfarin", (), (tiny.WARFARIN,)),
    ],
)
def test_an_allergy_names_groups_and_drugs(
    reader: PatientReader, written: str, groups: tuple[str, ...], drugs: tuple[Curie, ...]
) -> None:
    read = reader.read(PatientBody(allergies=[written]))
    (allergy,) = read.patient.allergies
    named = "simvastatin" if written.startswith("RXCUI:") else written
    assert (allergy.written, allergy.groups, allergy.drugs) == (named, groups, drugs)
    assert read.notes == ()


@pytest.mark.parametrize(
    "written",
    [
        "no warfarin allergy",
        "not allergic to warfarin",
        "denies warfarin allergy",
        "Warfarin allergy: no",
        "NKDA",
        "NKDA (no known drug allergies)",
        "No known drug allergies.",
        "no statin, warfarin or latex allergy",
        "no longer allergic to warfarin",
        "none known",
        "aucune allergie connue",
    ],
)
def test_a_denial_is_no_allergy_and_is_said(reader: PatientReader, written: str) -> None:
    read = reader.read(PatientBody(allergies=[written]))
    (allergy,) = read.patient.allergies
    assert (allergy.groups, allergy.drugs) == ((), ())
    assert read.notes == (f"Recorded as absent, and so not used: {written!r}.",)


@pytest.mark.parametrize(
    "written",
    [
        "no longer tolerates a statin",
        "no statin",
        "does not tolerate any statin",
        "no statins due to allergy",
        "no known drug allergies except statin",
        "NKDA, statin caused a rash",
        "not allergic to warfarin but allergic to statins",
    ],
)
def test_what_only_looks_like_a_denial_stays_an_allergy(
    reader: PatientReader, written: str
) -> None:
    read = reader.read(PatientBody(allergies=[written]))
    assert [allergy.groups for allergy in read.patient.allergies] == [("statins",)]
    assert read.notes == ()


def test_a_condition_that_is_denied_is_told_apart_from_an_unknown_one(
    reader: PatientReader,
) -> None:
    read = reader.read(PatientBody(conditions=["no asthma", "frobnicatosis"]))
    assert read.patient.conditions == ()
    assert read.notes == (
        "Condition not known, and so not used: 'frobnicatosis'.",
        "Recorded as absent, and so not used: 'no asthma'.",
    )


def test_an_allergy_is_never_guessed_at(reader: PatientReader) -> None:
    read = reader.read(PatientBody(allergies=["nuts", "warfarine-like weeds"]))
    assert all(allergy.drugs == () for allergy in read.patient.allergies)
    assert read.notes == ("Allergy not known, and so not used: 'nuts', 'warfarine-like weeds'.",)


def test_an_allergen_of_the_air_is_told_apart_from_what_may_be_a_medicine(
    reader: PatientReader,
) -> None:
    written = ["Allergy to tree pollen", "Dander (animal) allergy", "frobnicillin"]
    unknown, airborne = reader.read(PatientBody(allergies=written)).notes
    assert unknown == "Allergy not known, and so not used: 'frobnicillin'."
    assert airborne.startswith(NO_MEDICINE)
    assert airborne.endswith(": Allergy to tree pollen, Dander (animal) allergy.")


def test_a_laboratory_value_that_cannot_be_read_is_told(reader: PatientReader) -> None:
    labs = [
        Lab(loinc="2160-0", value=90),
        Lab(loinc="2823-3", value=4, unit="stone"),
        Lab(loinc="4548-4", value=7),
    ]
    creatinine, potassium, unknown = reader.read(PatientBody(labs=labs)).notes
    assert creatinine.startswith("creatinine (2160-0) of 90 without a unit cannot be in mg/dL")
    assert "4 stone" in potassium
    assert unknown == "No rule of this release asks for the laboratory test: 4548-4."


def test_a_line_bears_its_route_and_its_duration(reader: PatientReader) -> None:
    found = reader.contents.lexicon.lookup("warfarin")
    medicine = Medicine(drug="warfarin", route="PO", duration_days=3)
    (entry,) = reader.entries([found], [medicine])
    assert (entry.drug, entry.route, entry.duration_days) == (tiny.WARFARIN, "oral", 3)
    (plain,) = reader.entries([found])
    assert (plain.route, plain.duration_days) == (None, None)


def test_a_route_that_is_none_is_quoted(reader: PatientReader) -> None:
    medicines: list[str | Medicine] = [
        "x",
        Medicine(drug="y", route="telepathic"),
        Medicine(drug="z", route="eye drops"),
    ]
    (note,) = reader.route_notes(medicines)
    assert "'telepathic'" in note
    assert "eye" not in note
