"""The daily dose goes through every door: words of a list, an own body, FHIR, CDS Hooks."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.errors import AlreadyTaken
from api.fhir.doses import written_dose
from api.notes import NO_LIMIT
from api.service import answer
from api.state import State
from ontologies.doses.daily import daily_dose
from tests.api.cds_calls import bundle, call, draft, order

ABOVE = "40 mg a day, is above 20 mg"


def pair(told: dict[str, Any]) -> dict[str, Any]:
    names = {"amlodipine", "simvastatin"}
    pairs = (f for f in told["findings"] if f["kind"] == "drug_drug")
    return next(
        f for f in pairs if {x["name"] for x in (*f["precipitants"], *f["affected"])} == names
    )


@pytest.mark.parametrize(
    "line",
    [
        "simvastatin 40 mg nightly",
        {"drug": "simvastatin", "dose": "40 mg daily"},
        {"drug": "simvastatin 20 mg tablet", "dose": "2 tablets at night"},
        {"drug": "RXCUI:36567", "dose": "40 mg once daily"},
    ],
)
def test_the_dose_of_a_line_is_read_and_told(line: object, state: State) -> None:
    told = answer({"taking": [line], "add": "amlodipine"}, state)
    (dose,) = told["taking"][0]["doses"]
    assert (dose["name"], dose["mg_a_day"], dose["up_to"]) == ("simvastatin", 40, False)
    assert "doses" not in told["adding"][0]
    assert (pair(told)["severity"], pair(told)["change"]) == ("major", "created")
    assert ABOVE in pair(told)["recommendation"]
    assert not [note for note in told["notes"] if "taking.dose" in note]


def test_a_line_whose_dose_was_read_was_not_read_by_its_name_alone(state: State) -> None:
    taking = [{"drug": "simvastatin 20 mg", "dose": "2 tablets nightly"}, "amlodipine 5 mg"]
    dosed, plain = answer({"taking": taking}, state)["taking"]
    assert ([dose["mg_a_day"] for dose in dosed["doses"]], "read_by_name" in dosed) == ([40], False)
    assert ("doses" in plain, plain["read_by_name"]) == (False, True)


def test_what_is_not_read_is_said(state: State) -> None:
    taking = [{"drug": "simvastatin", "dose": "as directed"}, "amlodipine"]
    told = answer({"taking": taking}, state)
    assert "doses" not in told["taking"][0]
    assert [note for note in told["notes"] if "taking.dose" in note]
    assert pair(told) == pair(answer({"taking": ["simvastatin", "amlodipine"]}, state))


def test_a_combination_tells_the_dose_of_each_drug_in_it(state: State) -> None:
    line = "hydrocodone-acetaminophen 5-325 mg 2 tabs every 6 hours"
    (told,) = answer({"taking": [line]}, state)["taking"]
    assert {d["name"]: d["mg_a_day"] for d in told["doses"]} == {
        "hydrocodone": 40,
        "acetaminophen": 2600,
    }


def test_a_dose_can_be_changed_and_not_added_on_top(state: State) -> None:
    taking = ["simvastatin 40 mg nightly", "amlodipine"]
    swap = {"simvastatin 40 mg nightly": "simvastatin 20 mg nightly"}
    told = answer({"taking": taking, "replace": swap}, state)
    assert (pair(told)["change"], pair(told)["severity"]) == ("improved", "minor")
    assert not [note for note in told["notes"] if "taken twice" in note]
    with pytest.raises(AlreadyTaken):
        answer({"taking": taking, "add": "simvastatin 20 mg nightly"}, state)
    with pytest.raises(AlreadyTaken):
        answer({"taking": taking, "stop": "simvastatin", "add": "simvastatin"}, state)


def test_the_doses_of_two_lines_are_added_and_a_note_says_so(state: State) -> None:
    taking = ["simvastatin 20 mg nightly", "simvastatin 10 mg nightly", "amlodipine"]
    told = answer({"taking": taking}, state)
    assert "30 mg a day" in pair(told)["recommendation"]
    assert [note for note in told["notes"] if note.endswith("its doses are added.")]
    assert len(told["taking"]) == 3


DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
QUANTITY = {"doseQuantity": {"value": 40, "unit": "mg"}}
TABLETS = {"doseQuantity": {"value": 2, "unit": "tablet"}}
PIECE = {"doseQuantity": {"value": 1}}
WEEKLY = {"frequency": 1, "period": 1, "periodUnit": "wk"}
AT_MORN = {"repeat": {"when": ["MORN"]}}
EVENING = {
    "timing": {"repeat": {"when": ["EVE"]}},
    "doseQuantity": {"value": 20, "unit": "mg"},
}


@pytest.mark.parametrize(
    ("dosage", "called", "mg"),
    [
        ([{"timing": DAILY, "doseAndRate": [QUANTITY]}], "simvastatin", 40),
        ([{"timing": DAILY, **QUANTITY}], "simvastatin", 40),
        ([{"timing": DAILY, "doseAndRate": [TABLETS]}], "Simvastatin 20 MG Oral Tablet", 40),
        ([{"timing": {"code": {"coding": [{"code": "BID"}]}}, **QUANTITY}], "x", 80),
        ([{"timing": {"repeat": {"when": ["MORN", "HS"]}}, **QUANTITY}], "x", 80),
        (
            [{"timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}, **QUANTITY}],
            "x",
            160,
        ),
        (
            [{"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "wk"}}, **QUANTITY}],
            "x",
            80 / 7,
        ),
        ([{"text": "40 mg nightly"}], "x", 40),
        ([{"timing": DAILY, "doseAndRate": [TABLETS]}], "simvastatin", None),
        ([{"timing": DAILY, **PIECE}], "Simvastatin 20 MG Oral Tablet", 20),
        ([{"timing": DAILY, **PIECE}], "simvastatin 20 mg", 20),
        ([{"timing": DAILY, **PIECE}], "simvastatin", None),
        ([{"timing": DAILY, **PIECE}], "amoxicillin 50 MG/ML Oral Suspension", None),
        ([{"timing": DAILY, **PIECE}], "testosterone 50 MG Topical Gel", None),
        ([{"timing": DAILY, **PIECE}], "insulin lispro 100 UNT/ML", None),
        ([{"timing": {"repeat": {"dayOfWeek": ["mon", "fri"]}}, **QUANTITY}], "x", 80 / 7),
        ([{"timing": {"repeat": WEEKLY | {"dayOfWeek": ["mon"]}}, **QUANTITY}], "x", 40 / 7),
        ([{"timing": {"repeat": WEEKLY | {"dayOfWeek": ["mon", "x"]}}, **QUANTITY}], "x", None),
        ([{"timing": {"repeat": {"timeOfDay": ["08:00", "20:00"]}}, **QUANTITY}], "x", 80),
        ([{"timing": {"code": {"text": "twice daily"}}, **QUANTITY}], "x", 80),
        ([{"sequence": 1, "timing": AT_MORN, **QUANTITY}, EVENING | {"sequence": 1}], "x", 60),
        ([{"sequence": 1, "timing": AT_MORN, **QUANTITY}, EVENING | {"sequence": 2}], "x", None),
        ([{"doseAndRate": [QUANTITY]}], "simvastatin", None),
        ([{"timing": DAILY, **QUANTITY}, {"text": "20 mg nightly"}], "simvastatin", None),
        ([{"text": "20 mg daily " + "as long as it is needed and " * 3 + "then 80 mg"}], "x", None),
        ([], "simvastatin", None),
    ],
)
def test_a_dosage_of_fhir_is_a_daily_dose_where_it_is_plain(
    dosage: list[dict[str, Any]], called: str, mg: float | None
) -> None:
    words = written_dose(dosage, called) or ""
    found = daily_dose(words)
    assert len(words) <= 80
    assert (found and found.mg) == (None if mg is None else pytest.approx(mg))


def test_a_range_and_what_is_taken_as_needed_are_the_most() -> None:
    span = {"doseRange": {"low": {"value": 20, "unit": "mg"}, "high": {"value": 40, "unit": "mg"}}}
    for dosage in (
        {"timing": DAILY, "doseAndRate": [span]},
        {"timing": DAILY, "asNeededBoolean": True, **QUANTITY},
    ):
        found = daily_dose(written_dose([dosage], "x") or "")
        assert found is not None
        assert (found.mg, found.is_most) == (40, True)


@pytest.mark.parametrize(
    ("most", "mg"),
    [
        ({"value": 3, "unit": "g"}, 3000),
        ({"value": 8, "unit": "tablet"}, 2600),
        ({"value": 8, "unit": "mL"}, 3900),
    ],
)
def test_the_most_of_a_day_is_read_where_it_is_told_in_mg_or_tablets(
    most: dict[str, Any], mg: float
) -> None:
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 4, "periodUnit": "h"}},
        "asNeededCodeableConcept": {"text": "pain"},
        "doseQuantity": {"value": 2, "unit": "tablet"},
        "maxDosePerPeriod": {"numerator": most, "denominator": {"value": 24, "code": "h"}},
    }
    found = daily_dose(written_dose([dosage], "acetaminophen 325 MG Oral Tablet") or "")
    assert found is not None
    assert (found.mg, found.is_most) == (mg, True)


def test_one_piece_of_a_combination_tells_the_dose_of_each_drug(state: State) -> None:
    called = "Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet"
    words = written_dose([{"timing": DAILY, **PIECE}], called)
    lines = [{"drug": drug, "dose": words} for drug in ("acetaminophen", "hydrocodone")]
    told = answer({"taking": lines}, state)["taking"]
    doses = [dose for line in told for dose in line["doses"]]
    assert {d["name"]: d["mg_a_day"] for d in doses} == {"hydrocodone": 7.5, "acetaminophen": 325}
    (listed,) = answer({"taking": ["co-codamol 30/500 x 2 QID"]}, state)["taking"]
    assert {d["name"]: d["mg_a_day"] for d in listed["doses"]} == {
        "codeine": 240,
        "acetaminophen": 4000,
    }


def test_a_record_and_a_card_speak_of_the_dose(state: State, client: TestClient) -> None:
    dosage = [{"timing": DAILY, "doseAndRate": [QUANTITY]}]
    taken = order("s", "simvastatin", dosageInstruction=dosage)
    body = bundle(taken, draft("d", "amlodipine"), {"resourceType": "Patient", "id": "p1"})
    told = client.post("/fhir/$screen", json=body).json()
    assert ABOVE in str(told)
    sent = call([draft("d", "amlodipine")], [taken])
    (card,) = client.post("/cds-services/order-sign", json=sent).json()["cards"]
    assert "(major)" in card["summary"]
    assert ABOVE in card["detail"]


def test_the_command_line_passes_the_dose(state: State) -> None:
    from api.cli.question import body_of

    change = {"taking": ["simvastatin 40 mg nightly, amlodipine"], "add": None, "stop": None}
    lists = dict.fromkeys(("diplotypes", "phenotypes", "conditions", "allergies", "labs"))
    body = body_of({**change, "replace": None}, {}, lists, alternatives=False)
    assert pair(answer(body, state))["severity"] == "major"


def test_two_lines_of_one_drug_and_dose_are_added_and_the_same_words_count_once(
    state: State,
) -> None:
    def told_of(*taking: str) -> dict[str, Any]:
        return answer({"taking": list(taking)}, state)

    two = told_of("paracetamol 1000 mg four times a day", "paracetamol 500 mg 2 tablets qds")
    assert "8000 mg a day" in str(two["findings"])
    assert len(two["taking"]) == 2
    assert [note for note in two["notes"] if note.endswith("its doses are added.")]
    one = told_of("paracetamol 1000 mg qds", "Paracetamol 1000mg QDS")
    assert "mg a day, is above" not in str(one["findings"])
    assert len(one["taking"]) == 1
    assert [note for note in one["notes"] if note.endswith("it counts once.")]


def test_doses_that_nothing_checks_are_named_once_and_no_others(state: State) -> None:
    taking = ["ramipril 10 mg daily", "warfarin 5 mg daily", "simvastatin 20 mg nightly"]
    notes = answer({"taking": [*taking, "amlodipine"]}, state)["notes"]
    (told,) = [note for note in notes if note.startswith(NO_LIMIT)]
    assert told == f"{NO_LIMIT}: ramipril, warfarin."
    notes = answer({"taking": ["lisinopril", "warfarin 5 mg", taking[2]]}, state)["notes"]
    assert not [note for note in notes if note.startswith(NO_LIMIT)]
    alone = answer({"taking": ["pravastatin 80 mg daily"]}, state)["notes"]
    assert f"{NO_LIMIT}: pravastatin." in alone
    beside = answer({"taking": ["pravastatin 80 mg daily", "clarithromycin"]}, state)["notes"]
    assert not [note for note in beside if note.startswith(NO_LIMIT)]


def dosed(mg: float) -> dict[str, Any]:
    quantity = {"doseQuantity": {"value": mg, "unit": "mg"}}
    return {"dosageInstruction": [{"timing": DAILY, "doseAndRate": [quantity]}]}


def products(old: float, new: float, *, is_named_by_strength: bool) -> tuple[str, str]:
    names = (f"simvastatin {mg:g} MG Oral Tablet" for mg in (old, new))
    first, second = names if is_named_by_strength else ("simvastatin", "simvastatin")
    return first, second


@pytest.mark.parametrize("is_named_by_strength", [True, False])
@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [(20, 80, "major"), (10, 40, "major"), (10, 20, None), (80, 40, None), (80, 80, None)],
)
def test_an_order_of_another_dose_is_screened_for_the_new_dose(
    old: float,
    new: float,
    severity: str | None,
    is_named_by_strength: bool,
    client: TestClient,
) -> None:
    first, second = products(old, new, is_named_by_strength=is_named_by_strength)
    current = [order("s", first, **dosed(old)), order("a", "amlodipine")]
    sent = call([draft("d", second, **dosed(new))], current)
    told = client.post("/cds-services/order-sign", json=sent).json()
    limit = f"{new:g} mg a day, is above 20 mg"
    cards = [
        c for c in told["cards"] if "amlodipine" in c["summary"].lower() and limit in c["detail"]
    ]
    own = [c for c in cards if "taken already" not in c["summary"]]
    assert [("(major)" in card["summary"]) for card in own] == ([True] if severity else [])
    assert f"{old + new:g} mg a day" not in str(told)
    body = bundle(
        *current, draft("d", second, **dosed(new)), {"resourceType": "Patient", "id": "p1"}
    )
    issues = str(client.post("/fhir/$screen", json=body).json())
    assert (limit in issues) == (new > 20)
    assert f"{old + new:g} mg a day" not in issues
