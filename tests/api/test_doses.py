"""The daily dose goes through every door: words of a list, an own body, FHIR, CDS Hooks."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.errors import AlreadyTaken
from api.fhir.doses import written_dose
from api.service import answer
from api.state import State
from ontologies.doses import daily_dose
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
        ([{"timing": DAILY, "doseQuantity": {"value": 1}}], "simvastatin 20 mg", None),
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
