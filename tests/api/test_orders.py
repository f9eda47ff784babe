"""Orders of what is taken already do the same through every door that reads orders.

Each case is a record, orders that are being written, and the question that they ask in our words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app as command_line
from api.service import answer
from api.state import State
from tests.api.cds_calls import PATIENT, bundle, call, draft, order

Json = dict[str, Any]
TODAY = datetime.now(UTC).date()
STATIN, MACROLIDE = order("a1", "simvastatin", "36567"), order("a2", "clarithromycin")
RUBBED: Json = {"dosageInstruction": [{"route": {"text": "topical"}}]}
FOLLOWS: Json = {"priorPrescription": {"reference": "MedicationRequest/a1"}}
GEL: Json = {"drug": "diclofenac", "route": "topical"}


def bare(key: str, code: str, status: str = "active") -> Json:
    """An order that says a code and no word."""
    made = order(key, "-", code, status)
    del made["medicationCodeableConcept"]["text"]
    del made["medicationCodeableConcept"]["coding"][0]["display"]
    return made


CASES: Mapping[str, tuple[Sequence[Json], Sequence[Json], Json]] = {
    "the same again": (
        [STATIN, MACROLIDE],
        [draft("d", "simvastatin", "36567")],
        {"taking": ["simvastatin", "clarithromycin"]},
    ),
    "another strength": (
        [order("a1", "simvastatin 20 MG Oral Tablet"), MACROLIDE],
        [draft("d", "simvastatin 40 MG Oral Tablet")],
        {"taking": ["simvastatin", "clarithromycin"]},
    ),
    "one text and two codes": (
        [order("a1", "warfarin", "855332"), order("a2", "aspirin")],
        [draft("d", "warfarin", "855296")],
        {"taking": ["warfarin", "aspirin"]},
    ),
    "another product": (
        [order("a1", "Zocor"), MACROLIDE],
        [draft("d", "simvastatin")],
        {"taking": ["Zocor", "clarithromycin"], "add": "simvastatin"},
    ),
    "a gel beside the tablet": (
        [order("a1", "diclofenac 50 mg tablet"), order("a2", "warfarin")],
        [draft("d", "diclofenac 1% gel")],
        {"taking": ["diclofenac", "warfarin"], "add": GEL},
    ),
    "a gel by one text with the tablet": (
        [order("a1", "diclofenac"), order("a2", "warfarin")],
        [draft("d", "diclofenac", **RUBBED)],
        {"taking": ["diclofenac", "warfarin"], "add": GEL},
    ),
    "the tablet beside a gel": (
        [order("a1", "diclofenac", **RUBBED), order("a2", "warfarin")],
        [draft("d", "diclofenac")],
        {"taking": [GEL, "warfarin"], "add": "diclofenac"},
    ),
    "a gel in place of the tablet": (
        [order("a1", "diclofenac 50 mg tablet"), order("a2", "warfarin")],
        [draft("d", "diclofenac 1% gel", **FOLLOWS)],
        {"taking": ["diclofenac", "warfarin"], "stop": ["diclofenac"], "add": GEL},
    ),
    "a nasal spray beside an inhaler": (
        [order("a1", "fluticasone inhaler")],
        [draft("d", "fluticasone nasal spray")],
        {
            "taking": [{"drug": "fluticasone", "route": "inhaled"}],
            "add": {"drug": "fluticasone", "route": "nasal"},
        },
    ),
    "another drug in place of one": (
        [STATIN, MACROLIDE],
        [draft("d", "pravastatin", **FOLLOWS)],
        {"taking": ["simvastatin", "clarithromycin"], "replace": {"simvastatin": "pravastatin"}},
    ),
    "another strength in place of one": (
        [STATIN, MACROLIDE],
        [draft("d", "simvastatin 40 mg", **FOLLOWS)],
        {"taking": ["simvastatin", "clarithromycin"]},
    ),
    "one stops as another begins": (
        [STATIN, order("a2", "warfarin")],
        [order("a1", "simvastatin", "36567", "stopped"), draft("d", "clarithromycin", "21212")],
        {"taking": ["simvastatin", "warfarin"], "stop": ["simvastatin"], "add": "clarithromycin"},
    ),
    "one strength stops as another begins": (
        [order("a1", "simvastatin 20 MG Oral Tablet"), MACROLIDE],
        [
            order("a1", "simvastatin 20 MG Oral Tablet", status="cancelled"),
            draft("d", "simvastatin 40 MG Oral Tablet"),
        ],
        {"taking": ["simvastatin", "clarithromycin"]},
    ),
    "one of two orders of a drug stops": (
        [STATIN, order("a2", "simvastatin", "36567"), MACROLIDE | {"id": "a3"}],
        [order("a1", "simvastatin", "36567", "stopped")],
        {"taking": ["simvastatin", "clarithromycin"]},
    ),
    "one drug ordered twice": (
        [MACROLIDE],
        [draft("d", "simvastatin"), draft("e", "simvastatin 40 mg")],
        {"taking": ["clarithromycin"], "add": "simvastatin"},
    ),
    "an order that the record holds as well": (
        [STATIN, order("d", "clarithromycin")],
        [draft("d", "clarithromycin", "21212")],
        {"taking": ["simvastatin"], "add": "clarithromycin"},
    ),
    "what is not to be given": (
        [STATIN],
        [draft("d", "clarithromycin", doNotPerform=True)],
        {"taking": ["simvastatin"]},
    ),
    "codes without a word": (
        [bare("a1", "36567"), bare("a2", "11289")],
        [bare("d", "21212", "draft")],
        {"taking": ["RXCUI:36567", "RXCUI:11289"], "add": "RXCUI:21212"},
    ),
}
EVERY = pytest.mark.parametrize("name", CASES)


def parameters(record: Sequence[Json], drafts: Sequence[Json], **more: str) -> Json:
    parts: list[Json] = [{"name": "record", "resource": bundle(PATIENT, *record)}]
    parts += [{"name": "draft", "resource": each} for each in drafts]
    parts += [{"name": name, "valueDate": day} for name, day in more.items()]
    return {"resourceType": "Parameters", "parameter": parts}


def in_our_words(body: Json) -> Json:
    """The question with the patient that every record here is of."""
    age = TODAY.year - 1950 - ((TODAY.month, TODAY.day) < (3, 1))
    return {**body, "patient": {"age_years": age, "sex": "female"}}


def told(findings: Sequence[Json]) -> Counter[tuple[str, str]]:
    return Counter((finding["id"], finding["change"]) for finding in findings)


def outcome_and_issues(client: TestClient, sent: Json) -> tuple[str, list[Json]]:
    response = client.post("/fhir/$screen", json=sent)
    assert response.status_code == 200, response.text
    outcome, *detected = (entry["resource"] for entry in response.json()["entry"])
    return "\n".join(issue["diagnostics"] for issue in outcome["issue"]), detected


@EVERY
def test_an_order_does_the_same_through_every_door(
    client: TestClient, state: State, name: str
) -> None:
    record, drafts, question = CASES[name]
    found = answer(in_our_words(question), state)["findings"]
    sent = parameters(record, drafts)
    _, detected = outcome_and_issues(client, sent)
    ids = Counter((d["id"], d["extension"][0]["valueCode"]) for d in detected)
    assert ids == told(found)
    own = client.post("/v1/screen", json=sent)
    assert own.status_code == 200, own.text
    assert told(own.json()["findings"]) == told(found)
    cards = client.post("/cds-services/order-sign", json=call(drafts, record))
    assert cards.status_code == 200, cards.text
    (about,) = cards.json()["extension"].values()
    new = [f for f in found if f["change"] in {"created", "worsened"}]
    assert {*about["findings"]} == {f["id"] for f in new if not f["folded"]}
    assert {*about["folded"]} == {f["id"] for f in new if f["folded"]}


def test_the_command_line_reads_them_too(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.screen.open_state", lambda *_: state)
    for name in ("another strength", "a gel in place of the tablet", "one drug ordered twice"):
        record, drafts, question = CASES[name]
        file = tmp_path / "asked.json"
        file.write_text(json.dumps(parameters(record, drafts)), encoding="utf-8")
        ended = CliRunner().invoke(command_line, ["screen", "--patient", str(file), "--json", "-q"])
        assert ended.exit_code == 0, ended.output
        expected = told(answer(in_our_words(question), state)["findings"])
        assert told(json.loads(ended.stdout)["findings"]) == expected, name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("the same again", "'simvastatin' renews 'simvastatin' (MedicationRequest/a1)"),
        ("another strength", "takes the place of that (a renewal, another dose)"),
        ("one text and two codes", "it would be taken twice"),
        ("another product", "is of the same drug as 'Zocor' (MedicationRequest/a1)"),
        ("another strength in place of one", "goes on with MedicationRequest/a1"),
        ("one drug ordered twice", "is of the same drug as 'simvastatin' (MedicationRequest/d)"),
        ("a gel in place of the tablet", "ended: diclofenac 50 mg tablet"),
        ("what is not to be given", "says what is not to be given"),
        ("codes without a word", "Screened: clarithromycin added to simvastatin, warfarin."),
    ],
)
def test_what_becomes_of_an_order_is_said(client: TestClient, name: str, said: str) -> None:
    record, drafts, _ = CASES[name]
    assert said in outcome_and_issues(client, parameters(record, drafts))[0]


@pytest.mark.parametrize(
    ("name", "indicator", "said"),
    [
        ("a gel beside the tablet", "warning", "Diclofenac twice"),
        ("the tablet beside a gel", "warning", "Diclofenac twice"),
        ("one text and two codes", "warning", "warfarin is taken already, a change of dose?"),
        ("one drug ordered twice", "warning", "simvastatin 40 mg: ordered twice"),
    ],
)
def test_a_card_tells_of_what_would_be_taken_twice(
    client: TestClient, name: str, indicator: str, said: str
) -> None:
    record, drafts, _ = CASES[name]
    cards = client.post("/cds-services/order-sign", json=call(drafts, record)).json()["cards"]
    assert [c["indicator"] for c in cards if said in c["summary"]] == [indicator], cards


def test_a_renewal_is_among_what_a_standing_finding_implicates(client: TestClient) -> None:
    record, drafts, _ = CASES["the same again"]
    _, detected = outcome_and_issues(client, parameters(record, drafts))
    pointed = [[r["reference"] for r in d["implicated"]] for d in detected]
    renewed = [each for each in pointed if "MedicationRequest/a1" in each]
    assert renewed
    assert all("MedicationRequest/d" in each for each in renewed)


# --- the day -------------------------------------------------------------------------------------


def ended_on(day: date) -> Json:
    """Clarithromycin up to a day."""
    bounds = {"timing": {"repeat": {"boundsPeriod": {"end": day.isoformat()}}}}
    return order("a2", "clarithromycin", dosageInstruction=[bounds])


def written(day: date) -> Json:
    return draft("d", "simvastatin", authoredOn=day.isoformat())


def test_a_draft_that_was_copied_from_an_old_one_is_asked_of_today(client: TestClient) -> None:
    """Half a year ago clarithromycin was taken; today nobody takes it."""
    old, past = TODAY - timedelta(days=180), ended_on(TODAY - timedelta(days=170))
    text, detected = outcome_and_issues(client, parameters([past], [written(old)]))
    assert detected == []
    assert f"first written on {old.isoformat()}; the record was read as it stands today" in text
    cards = client.post("/cds-services/order-sign", json=call([written(old)], [past])).json()
    assert cards["cards"] == []
    text, detected = outcome_and_issues(
        client, parameters([past], [written(old)], on=old.isoformat())
    )
    assert [d["severity"] for d in detected] == ["high"], "who names the day gets that day"
    assert detected[0]["identifiedDateTime"] == old.isoformat()
    assert "first written" not in text


@pytest.mark.parametrize(("days", "asked"), [(-2, 0), (-1, -1), (0, 0), (1, 1), (2, 0)])
def test_a_draft_of_yesterday_or_tomorrow_is_of_another_clock(
    client: TestClient, days: int, asked: int
) -> None:
    new = written(TODAY + timedelta(days=days))
    _, detected = outcome_and_issues(client, parameters([order("a2", "clarithromycin")], [new]))
    assert detected[0]["identifiedDateTime"] == (TODAY + timedelta(days=asked)).isoformat()


# --- codes by name -------------------------------------------------------------------------------


def coded(kind: str, key: str, system: str, code: str, text: str = "") -> Json:
    concept: Json = {"coding": [{"system": system, "code": code}]}
    concept |= {"text": text} if text else {}
    about = {"reference": "Patient/p1"}
    whose = "patient" if kind == "AllergyIntolerance" else "subject"
    return {"resourceType": kind, "id": key, whose: about, "code": concept}


def test_a_code_is_told_by_its_name(client: TestClient) -> None:
    snomed, loinc = "http://snomed.info/sct", "http://loinc.org"
    rxnorm = STATIN["medicationCodeableConcept"]["coding"][0]["system"]
    potassium = coded("Observation", "o", loinc, "2823-3")
    potassium |= {"status": "final", "valueQuantity": {"value": 5.6, "unit": "mmol/L"}}
    record = [
        PATIENT,
        bare("a1", "36567"),
        bare("a2", "11289", "on-hold"),
        coded("Condition", "c1", snomed, "44054006", "Diabetes mellitus type 2"),
        coded("Condition", "c2", snomed, "38341003"),
        coded("AllergyIntolerance", "g", rxnorm, "2670"),
        coded("AllergyIntolerance", "h", rxnorm, "1191"),
        potassium,
        bare("d", "21212", "draft"),
        bare("e", "1191", "draft"),
    ]
    text, detected = outcome_and_issues(client, bundle(*record))
    told = text + json.dumps([d["detail"] for d in detected])
    assert "'warfarin' (MedicationRequest/a2)" in told
    assert "Diabetes mellitus type 2, hypertension" in told
    assert "allergies: codeine, aspirin" in told
    assert "patient has recorded aspirin" in told
    for code in ("SNOMEDCT", "RXCUI", "2823-3"):
        assert code not in told
    page = client.post("/v1/report", json=bundle(*record)).text
    for shown in (
        "what changes when clarithromycin and aspirin are added",
        "Diabetes mellitus type 2, hypertension (SNOMEDCT:38341003)",
        "codeine (RXCUI:2670), aspirin (RXCUI:1191)",
        "Potassium",
    ):
        assert shown in page
    assert "LOINC" not in page
    body = call([bare("d", "21212", "draft")], record[1:3])
    cards = json.dumps(client.post("/cds-services/order-sign", json=body).json()["cards"])
    assert "ordered: clarithromycin" in cards
    assert "RXCUI:21212 " not in cards
