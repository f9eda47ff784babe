"""CDS Hooks: which cards a call gets, what they say, and that silence is never an error."""

from __future__ import annotations

import base64
import copy
import json
import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cds.answer import EXTENSION
from api.cds.feedback import FeedbackStore
from api.cds.tables import SYSTEM, prefetches
from api.service import answer
from api.state import State, open_state
from ontologies.vocabulary import Category
from tests.api.cds_calls import PATIENT, bundle, call, draft, order

CLARITHROMYCIN = draft("d1", "clarithromycin", "21212")
SIMVASTATIN = order("a1", "simvastatin", "36567")
Post = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def door(state: State, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(lambda: state)
    app.state.feedback = FeedbackStore(tmp_path_factory.mktemp("cds") / "feedback.sqlite")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    app.state.feedback.close()


@pytest.fixture
def ask(door: TestClient) -> Post:
    """Call the service of a hook; gives the answer, which must be one of cards."""

    def asked(body: dict[str, Any]) -> dict[str, Any]:
        response = door.post(f"/cds-services/{body['hook']}", json=body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        for card in found["cards"]:
            keeps_the_shape(card)
        return found

    return asked


def keeps_the_shape(card: dict[str, Any]) -> None:
    """What CDS Hooks 3.0 requires of a card."""
    UUID(card["uuid"])
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] in {"info", "warning", "critical"}
    assert card["source"]["label"]
    assert card["source"]["topic"]["code"]
    suggestions = card.get("suggestions", [])
    assert ("selectionBehavior" in card) == bool(suggestions)
    for suggestion in suggestions:
        assert suggestion["label"]
        UUID(suggestion["uuid"])
        for action in suggestion["actions"]:
            assert action["description"]
            assert ("resource" in action) == (action["type"] == "create")
            assert ("resourceId" in action) == (action["type"] == "delete")
    for link in card.get("links", []):
        assert link["url"].startswith("http")
        assert link["type"] == "absolute"


def refused(door: TestClient, body: Any, service: str = "order-sign") -> tuple[int, str, Any]:
    """Status and text of an answer that must be an OperationOutcome."""
    response = door.post(f"/cds-services/{service}", json=body)
    assert response.headers["content-type"].startswith("application/fhir+json")
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["severity"] == "error"
    return response.status_code, outcome["issue"][0]["diagnostics"], outcome


def summaries(found: dict[str, Any]) -> list[str]:
    return [card["summary"] for card in found["cards"]]


def test_discovery_tells_three_services_and_what_they_need(door: TestClient) -> None:
    response = door.get("/cds-services")
    services = response.json()["services"]
    assert [s["hook"] for s in services] == ["order-select", "order-sign", "medication-prescribe"]
    for service in services:
        assert service["id"] == service["hook"]
        assert set(service["prefetch"]) == {part.key for part in prefetches()}
        assert all("{{context.patientId}}" in query for query in service["prefetch"].values())
        assert {"title", "description", "usageRequirements", "version", "hookVersion"} <= set(
            service
        )


def test_an_order_that_harms_gets_a_card_that_names_both_drugs_and_the_harm(
    ask: Post, state: State
) -> None:
    found = ask(call([CLARITHROMYCIN], [SIMVASTATIN]))
    card = found["cards"][0]
    assert card["summary"] == "Clarithromycin + simvastatin: rhabdomyolysis (contraindicated)"
    assert card["indicator"] == "critical"
    for told in ("CYP3A4", "Do not combine", "ANSM", "2020-10", "CONTRE-INDICATION", "licence"):
        assert told in card["detail"]
    assert {reason["system"] for reason in card["overrideReasons"]} == {SYSTEM}
    body = {"add": "clarithromycin", "taking": ["simvastatin"], "patient": {"sex": "female"}}
    ids = [finding["id"] for finding in answer(body, state)["findings"]]
    assert found["extension"][EXTENSION]["findings"] == ids
    assert found["extension"][EXTENSION]["graph"] == state.graph.id


def test_suggestions_order_something_better_or_take_the_order_back(ask: Post) -> None:
    card = ask(call([CLARITHROMYCIN], [SIMVASTATIN]))["cards"][0]
    *instead, cancel = card["suggestions"]
    assert card["selectionBehavior"] == "at-most-one"
    assert cancel["label"] == "Do not order clarithromycin"
    assert [a["type"] for a in cancel["actions"]] == ["delete"]
    assert instead
    for suggestion in instead:
        create, delete = suggestion["actions"]
        new = create["resource"]
        assert (new["resourceType"], new["status"]) == ("MedicationRequest", "draft")
        assert new["subject"] == {"reference": "Patient/p1"}
        assert "dosageInstruction" not in new
        assert new["medicationCodeableConcept"]["coding"][0]["code"].isdigit()
        assert delete["resourceId"] == "MedicationRequest/d1"


def test_nothing_major_is_suggested_and_an_order_without_an_id_gets_no_suggestion(
    ask: Post,
) -> None:
    ulcer = {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": "peptic ulcer"},
        "subject": {"reference": "Patient/p1"},
    }
    found = ask(call([draft("d1", "ketorolac")], [order("a1", "warfarin")], ulcer))
    assert "ketorolac" in found["cards"][0]["summary"].lower()
    labels = [s["label"] for card in found["cards"] for s in card["suggestions"]]
    assert not [label for label in labels if "major" in label]
    nameless = {k: v for k, v in CLARITHROMYCIN.items() if k != "id"}
    assert "suggestions" not in ask(call([nameless], [SIMVASTATIN]))["cards"][0]


def test_links_lead_to_the_page_with_the_drugs_alone(ask: Post) -> None:
    page, paths = ask(call([CLARITHROMYCIN], [SIMVASTATIN]))["cards"][0]["links"]
    packed = page["url"].partition("#v1=")[2]
    state = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert state == {
        "taking": [{"t": "simvastatin", "c": "RXCUI:36567"}],
        "adding": [{"t": "clarithromycin", "c": "RXCUI:21212"}],
    }
    assert paths["url"].endswith("/v1/explain?drugs=RXCUI:21212,RXCUI:36567")


def test_nothing_to_say_is_no_card(ask: Post) -> None:
    found = ask(call([draft("d1", "levothyroxine")], [order("a1", "amlodipine")]))
    assert found["cards"] == []
    assert found["extension"][EXTENSION]["checked"] is True


def test_what_is_on_the_list_already_makes_no_card(ask: Post) -> None:
    """Clarithromycin and simvastatin are both taken; the order of a third drug changes nothing."""
    taken = [SIMVASTATIN, order("a2", "clarithromycin")]
    found = ask(call([draft("d1", "levothyroxine")], taken))
    assert not [s for s in summaries(found) if "simvastatin" in s.lower()]


def test_an_order_written_like_a_current_one_renews_it(ask: Post) -> None:
    taken = [SIMVASTATIN, order("a2", "clarithromycin")]
    found = ask(call([draft("d1", "simvastatin", "36567")], taken))
    assert found["cards"] == []
    assert found["extension"][EXTENSION]["renewed"] == ["MedicationRequest/d1"]


def test_another_strength_of_what_is_taken_is_one_card_that_tells_what_stands(ask: Post) -> None:
    taken = [order("a1", "simvastatin 20 MG Oral Tablet"), order("a2", "clarithromycin")]
    (card,) = ask(call([draft("d1", "simvastatin 40 MG Oral Tablet")], taken))["cards"]
    assert card["summary"] == (
        "Clarithromycin + simvastatin: rhabdomyolysis (contraindicated); "
        "simvastatin is taken already, a change of dose?"
    )
    assert "rhabdomyolysis" in card["detail"]
    assert [s["label"] for s in card["suggestions"]] == [
        "Do not order simvastatin 40 MG Oral Tablet"
    ]
    assert "will-monitor" not in [reason["code"] for reason in card["overrideReasons"]]


EGFR = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "62238-1"}]},
    "effectiveDateTime": "2026-01-05",
    "valueQuantity": {"value": 18, "unit": "mL/min/{1.73_m2}"},
}


@pytest.mark.parametrize(
    "new",
    [
        draft("d1", "metformin 500 mg"),
        draft("d1", "metformin 1000 mg", priorPrescription={"reference": "MedicationRequest/a1"}),
        draft("d1", "metformin 1000 mg"),
    ],
    ids=["renewed", "followed", "again"],
)
def test_what_goes_on_is_still_held_against_the_patient(ask: Post, new: dict[str, Any]) -> None:
    found = ask(call([new], [order("a1", "metformin 500 mg")], EGFR))
    card = found["cards"][0]
    assert card["summary"] == "Metformin + eGFR 18 mL/min: lactic acidosis (contraindicated)"
    assert "**Read of the patient:** eGFR 18 mL/min/1.73 m2 \\(2026-01-05\\)" in card["detail"]
    assert "it is taken already, and this order goes on with it" in card["detail"]
    assert found["extension"][EXTENSION]["findings"] == []
    assert len(found["extension"][EXTENSION]["standing"]) == 1


def test_reasons_to_go_on_are_those_of_the_kind_of_card(ask: Post) -> None:
    def codes(card: dict[str, Any]) -> list[str]:
        return [reason["code"] for reason in card["overrideReasons"]]

    (kidney,) = ask(call([draft("d1", "metformin")], [], EGFR))["cards"]
    assert codes(kidney)[0] == "value-out-of-date"
    assert codes(kidney)[-1] == "will-monitor", "to watch is no first answer to a prohibition"
    assert "tolerated-before" not in codes(kidney)
    assert "Do not start it." in kidney["detail"]
    allergy = {"resourceType": "AllergyIntolerance", "id": "g1", "code": {"text": "penicillin"}}
    (card,) = ask(call([draft("d1", "amoxicillin")], [], allergy))["cards"]
    assert codes(card)[0] == "no-true-allergy"
    assert not {"will-monitor", "short-course", "tolerated-before"} & {*codes(card)}
    pair = ask(call([draft("d1", "aspirin")], [order("a1", "warfarin")]))["cards"][0]
    assert {"will-monitor", "tolerated-before", "short-course"} <= {*codes(pair)}


@pytest.mark.parametrize(
    ("ordered", "taken"),
    [
        ("cyclosporine", "simvastatin"),
        ("morphine", "diazepam"),
        ("rivaroxaban", "aspirin"),
        ("Diclofenac 1% gel", "warfarin"),
    ],
)
def test_no_button_swaps_what_is_not_swapped_in_passing(
    ask: Post, ordered: str, taken: str
) -> None:
    for card in ask(call([draft("d1", ordered)], [order("a1", taken)]))["cards"]:
        assert [s["label"] for s in card["suggestions"]] == [f"Do not order {ordered}"]


def test_a_reading_that_loses_nothing_makes_no_card(ask: Post) -> None:
    text = "enoxaparin 40 mg/0.4 mL injection"
    told = summaries(ask(call([draft("d1", text)], [order("a1", "aspirin")])))
    assert told == ["Aspirin + enoxaparin: abnormal bleeding (major)"]


def test_an_order_that_replaces_another_is_screened_without_it(ask: Post) -> None:
    taken = [SIMVASTATIN, order("a2", "clarithromycin")]
    new = draft("d1", "rosuvastatin", priorPrescription={"reference": "MedicationRequest/a1"})
    assert not [s for s in summaries(ask(call([new], taken))) if "simvastatin" in s.lower()]
    again = draft(
        "d1", "simvastatin 40 mg", priorPrescription={"reference": "MedicationRequest/a1"}
    )
    assert ask(call([again], taken))["extension"][EXTENSION]["renewed"]


def test_an_order_is_replaced_however_it_is_referred_to(ask: Post) -> None:
    address = "urn:uuid:3f0e2b5c-6a0c-4a67-8d5e-0f5b8a1c2d3e"
    body = call(
        [draft("d1", "rosuvastatin", priorPrescription={"reference": address})], [SIMVASTATIN]
    )
    assert summaries(ask(body)) == ["Rosuvastatin + simvastatin (moderate)"]
    body["prefetch"]["medicationRequests"]["entry"][0]["fullUrl"] = address
    assert summaries(ask(body)) == []


def test_a_drug_that_goes_on_under_another_order_is_not_ended_with_one(ask: Post) -> None:
    stop = order("a1", "simvastatin", "36567", "stopped")
    taken = [SIMVASTATIN, order("a2", "simvastatin", "36567")]
    found = summaries(ask(call([stop, CLARITHROMYCIN], taken)))
    assert found == ["Clarithromycin + simvastatin: rhabdomyolysis (contraindicated)"]


def test_an_order_whose_text_names_what_is_taken_is_screened_by_its_code(ask: Post) -> None:
    found = summaries(
        ask(call([draft("d1", "simvastatin", "21212")], [order("a1", "simvastatin")]))
    )
    assert found[0] == "Clarithromycin + simvastatin: rhabdomyolysis (contraindicated)"
    assert any("Not everything was checked" in summary for summary in found)


@pytest.mark.parametrize("system", [[], {}, ["x"], 1, None], ids=repr)
def test_a_value_whose_unit_has_an_odd_system_is_read_all_the_same(ask: Post, system: Any) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]}
    head = {"resourceType": "Observation", "id": "l1", "status": "final", "code": code}
    value = {"valueQuantity": {"value": 5, "unit": "mmol/L", "system": system}}
    assert ask(call([CLARITHROMYCIN], [SIMVASTATIN], head | value))["cards"]


@pytest.mark.parametrize("status", ["stopped", "cancelled"])
def test_an_order_that_is_stopped_ends_the_medicine(ask: Post, status: str) -> None:
    stop = order("a1", "simvastatin", "36567", status)
    assert summaries(ask(call([stop, CLARITHROMYCIN], [SIMVASTATIN]))) == []


def test_what_is_not_to_be_given_is_no_order(ask: Post) -> None:
    never = draft("d1", "clarithromycin", doNotPerform=True)
    assert ask(call([never], [SIMVASTATIN]))["cards"] == []


def test_a_draft_that_the_record_holds_too_is_not_current(ask: Post) -> None:
    same = order("d1", "clarithromycin", "21212")
    assert ask(call([CLARITHROMYCIN], [SIMVASTATIN, same]))["cards"][0]["indicator"] == "critical"


def test_selecting_looks_at_the_selected_order_beside_the_other_drafts(ask: Post) -> None:
    drafts = [CLARITHROMYCIN, draft("d2", "simvastatin"), draft("d3", "levothyroxine")]
    of_first = ask(call(drafts, hook="order-select", selections=["MedicationRequest/d1"]))
    assert summaries(of_first)[0].startswith("Clarithromycin + simvastatin")
    assert [s["actions"][-1]["resourceId"] for s in of_first["cards"][0]["suggestions"]][-1] == (
        "MedicationRequest/d1"
    )
    of_third = ask(call(drafts, hook="order-select", selections=["MedicationRequest/d3"]))
    assert not [s for s in summaries(of_third) if "simvastatin" in s]
    whole = ask(call(drafts, hook="order-sign"))
    assert summaries(whole)[0].startswith("Clarithromycin + simvastatin")


def test_the_oldest_shape_is_read(ask: Post) -> None:
    body = call([], [], hook="medication-prescribe")
    body["user"] = body["context"].pop("userId")
    del body["context"]["draftOrders"], body["prefetch"]
    body["context"]["medications"] = {"resourceType": "Bundle", "entry": [CLARITHROMYCIN]}
    answered = {"response": {"status": "200 OK"}, "resource": {"resourceType": "Bundle"}}
    answered["resource"]["entry"] = [SIMVASTATIN]  # type: ignore[assignment]
    body["context"]["prefetch"] = {"item1": answered, "item2": None}
    found = summaries(ask(body))
    assert found[0].startswith("Clarithromycin + simvastatin")
    assert found[-1].startswith("Not everything was checked: item2")


def test_an_order_of_an_unknown_medicine_says_that_it_was_not_checked(ask: Post) -> None:
    found = ask(call([draft("d0", "frobnicol forte"), CLARITHROMYCIN], [SIMVASTATIN]))
    assert summaries(found)[1] == "Not checked: frobnicol forte (the medicine is not known)"
    assert [card["indicator"] for card in found["cards"]] == ["critical", "warning"]
    assert ask(call([draft("d1", "frobnicol")]))["extension"][EXTENSION]["checked"] is False


def test_unknown_current_medicines_and_parts_that_are_lacking_are_told(ask: Post) -> None:
    body = call([CLARITHROMYCIN], [order("a1", "frobnicol")])
    body["prefetch"]["medicationStatements"] = None
    body["prefetch"]["allergies"] = {"resourceType": "OperationOutcome", "issue": []}
    card = ask(body)["cards"][-1]
    assert card["indicator"] == "warning"
    for told in ("frobnicol", "medicines that the patient says are taken", "allergies"):
        assert told in card["detail"]


def test_a_search_of_which_one_page_came_is_told(ask: Post) -> None:
    body = call([draft("d1", "levothyroxine")], [order("a1", "amlodipine")])
    body["prefetch"]["medicationRequests"]["link"] = [{"relation": "next", "url": "x"}]
    (card,) = ask(body)["cards"]
    assert "came in part" in card["detail"]


def test_a_record_without_any_list_of_medicines_is_told(ask: Post) -> None:
    body = call([CLARITHROMYCIN])
    del body["prefetch"]["medicationRequests"]
    (card,) = ask(body)["cards"]
    assert card["indicator"] == "warning"
    assert "no list of current medicines came along" in card["detail"]
    body["prefetch"]["medicationRequests"] = bundle()
    assert ask(body)["cards"] == []


def test_orders_of_the_second_draft_of_fhir_are_read_and_nothing_is_suggested(ask: Post) -> None:
    old = {**SIMVASTATIN, "resourceType": "MedicationOrder"}
    (card,) = ask(call([{**CLARITHROMYCIN, "resourceType": "MedicationOrder"}], [old]))["cards"]
    assert card["indicator"] == "critical"
    assert "suggestions" not in card


def test_an_allergy_that_nobody_knows_is_told_and_one_that_is_known_is_used(ask: Post) -> None:
    def allergy(name: str) -> dict[str, Any]:
        head = {"resourceType": "AllergyIntolerance", "id": "al", "code": {"text": name}}
        return {**head, "patient": {"reference": "Patient/p1"}}

    known = ask(call([draft("d1", "amoxicillin")], [], allergy("penicillin")))["cards"][0]
    assert known["summary"].startswith("Amoxicillin")
    assert known["indicator"] == "critical"
    body = call([draft("d1", "levothyroxine")], [], allergy("frobnicol"))
    assert "frobnicol" in ask(body)["cards"][-1]["detail"]


def observed(loinc: str, **value: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{loinc}",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "effectiveDateTime": "2026-04-01",
        **value,
    }


GENE = {"code": {"coding": [{"code": "48018-6", "system": "http://loinc.org"}]}}
CYP2C19 = {"component": [{**GENE, "valueCodeableConcept": {"text": "CYP2C19"}}]}


@pytest.mark.parametrize(
    ("drug", "fact", "summary"),
    [
        (
            "metformin",
            observed("33914-3", valueQuantity={"value": 22, "unit": "mL/min/{1.73_m2}"}),
            "Metformin + eGFR 22 mL/min: lactic acidosis (contraindicated)",
        ),
        (
            "clopidogrel",
            observed("84413-4", valueCodeableConcept={"text": "*2/*2"}, **CYP2C19),
            "Clopidogrel + CYP2C19 Poor Metabolizer: therapeutic response decreased (major)",
        ),
    ],
    ids=["a value", "a genotype"],
)
def test_what_of_the_patient_harms_is_named(
    ask: Post, drug: str, fact: dict[str, Any], summary: str
) -> None:
    card = ask(call([draft("d1", drug)], [], fact))["cards"][0]
    assert card["summary"] == summary
    labels = [s["label"] for s in card["suggestions"]]
    assert "Order aspirin instead of clopidogrel" not in " ".join(labels), "not advised"


def test_an_order_of_which_no_source_says_anything_is_told(ask: Post, state: State) -> None:
    silent = next(
        node.name
        for node in state.graph.nodes(Category.DRUG)
        if answer({"add": str(node.curie)}, state)["coverage"]["not_covered"]
    )
    (card,) = ask(call([draft("d1", silent)], [SIMVASTATIN]))["cards"]
    assert card["indicator"] == "warning"
    assert "Ordered medicines of which no source says anything" in card["detail"]


def test_whatever_a_client_sends_it_gets_cards_or_a_refusal(door: TestClient) -> None:
    """A part of a good call is replaced by something else, again and again."""
    chance = random.Random(7)  # noqa: S311
    odd: list[Any] = [None, True, -1, 1e308, "", "x", [], {}, [{}], ["x"], {"coding": [None]}]
    odd += [{"reference": 1}, {"resourceType": "Bundle", "entry": "x"}, "9999-99-99"]
    for _ in range(150):
        body = copy.deepcopy(GOOD)
        places = [*places_of(body)]
        inner, key = chance.choice(places)
        inner[key] = chance.choice(odd)
        response = door.post("/cds-services/order-sign", json=body)
        assert response.status_code in {200, 400, 412, 422}, (key, inner[key])


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places_of(value[key])


def test_guesses_and_slight_findings_do_not_interrupt(ask: Post) -> None:
    body = call([CLARITHROMYCIN], [order("a1", "omeprazole")])
    found = ask(body)
    asked = {**body, "extension": {"pddi-configuration-items": {"alert-non-serious": True}}}
    silent = found["extension"][EXTENSION]["folded"]
    assert len(ask(asked)["cards"]) == len(found["cards"]) + len(silent)


def test_the_evidence_is_left_out_for_a_client_that_asks_so(ask: Post) -> None:
    body = call([CLARITHROMYCIN], [SIMVASTATIN])
    body["extension"] = {"pddi-configuration-items": {"show-evidence-support": False}}
    assert "**Evidence" not in ask(body)["cards"][0]["detail"]


def test_at_most_ten_findings_have_a_card_and_one_names_the_rest(ask: Post) -> None:
    names = (
        "simvastatin|warfarin|amiodarone|digoxin|colchicine|carbamazepine|phenytoin|tacrolimus|"
        "cyclosporine|quetiapine|ergotamine|midazolam|sildenafil|theophylline|citalopram|pimozide"
    )
    taken = [order(f"a{n}", name) for n, name in enumerate(names.split("|"))]
    found = ask(call([CLARITHROMYCIN], taken))
    cards = [card for card in found["cards"] if "overrideReasons" in card]
    assert len(cards) == 10
    ranks = [card["summary"].rpartition("(")[2] for card in cards]
    assert ranks == sorted(ranks, key=["contraindicated)", "major)", "moderate)"].index)
    rest = next(card for card in found["cards"] if "more findings" in card["summary"])
    assert rest["indicator"] == "info"
    marks = [card["indicator"] for card in found["cards"]]
    assert marks == sorted(marks, key=["critical", "warning", "info"].index)


def test_hostile_names_stay_text(ask: Post) -> None:
    name = "[win](http://evil.example) <img src=x onerror=alert(1)> *b* \u202e\x07\n# warfarin"
    card = ask(call([draft("d1", name)]))["cards"][0]
    assert "](http:" not in card["detail"]
    assert "<img" not in card["detail"] + card["summary"]
    assert "\u202e" not in card["detail"] + card["summary"]
    assert "\n# " not in card["detail"]


@pytest.mark.parametrize("letters", ["ω" * 200, "\U0001f48a" * 60, "x" * 5000, "a\u0301" * 120])
def test_a_summary_stays_short_whatever_is_ordered(ask: Post, letters: str) -> None:
    assert ask(call([draft("d1", letters)]))["cards"]


def test_a_call_for_another_hook_or_an_unknown_service_is_refused(door: TestClient) -> None:
    body = call([CLARITHROMYCIN])
    status, told, _ = refused(door, {**body, "hook": "patient-view"})
    assert status == 400
    assert "'patient-view'" in told
    assert "'order-sign'" in told
    assert refused(door, body, "nowhere")[0] == 404
    assert door.put("/cds-services/order-sign").json()["resourceType"] == "OperationOutcome"


def without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed


def with_value(body: dict[str, Any], value: Any, *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


GOOD = call([CLARITHROMYCIN], [SIMVASTATIN])
OTHER = {**CLARITHROMYCIN, "subject": {"reference": "Patient/p2"}}
DRAFTS = ("context", "draftOrders")
BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no hook": (without(GOOD, "hook"), 400, "hook"),
    "no instance": (without(GOOD, "hookInstance"), 400, "hookInstance"),
    "no context": (without(GOOD, "context"), 400, "context"),
    "no user": (without(GOOD, "context", "userId"), 400, "context.userId"),
    "no patient": (without(GOOD, "context", "patientId"), 400, "context.patientId"),
    "no drafts": (without(GOOD, *DRAFTS), 400, "context.draftOrders"),
    "drafts are a text": (with_value(GOOD, "x", *DRAFTS), 400, "context.draftOrders"),
    "drafts are no Bundle": (with_value(GOOD, {"a": 1}, *DRAFTS), 400, "context.draftOrders"),
    "entry is a text": (
        with_value(GOOD, {"resourceType": "Bundle", "entry": ["x"]}, *DRAFTS),
        400,
        "entry[0]",
    ),
    "300 drafts": (call([draft(f"d{n}", "aspirin") for n in range(300)]), 400, "300"),
    "one id twice": (call([CLARITHROMYCIN, CLARITHROMYCIN]), 400, "one id"),
    "300 current": (call([CLARITHROMYCIN], [order(f"a{n}", "x") for n in range(300)]), 422, "100"),
    "of another patient": (call([OTHER]), 400, "another patient"),
    "record of another": (call([CLARITHROMYCIN], [{**OTHER, "id": "a"}]), 400, "another patient"),
    "another Patient": (with_value(GOOD, {**PATIENT, "id": "p9"}, "prefetch", "patient"), 400, ""),
    "prefetch of texts": (with_value(GOOD, "x", "prefetch", "patient"), 400, "prefetch.patient"),
    "prefetch is a list": (with_value(GOOD, [], "prefetch"), 400, "prefetch"),
    "a part is no list": (
        with_value(GOOD, "x", "prefetch", "medicationRequests", "entry"),
        400,
        "prefetch.medicationRequests.entry",
    ),
    "no prefetch": (without(GOOD, "prefetch"), 412, "fhirServer"),
    "nothing had": (
        with_value(GOOD, {"patient": None, "x": {"resourceType": "OperationOutcome"}}, "prefetch"),
        412,
        "prefetch",
    ),
}


@pytest.mark.parametrize(("body", "status", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_refused_in_the_words_of_fhir(
    door: TestClient, body: dict[str, Any], status: int, told: str
) -> None:
    found, text, outcome = refused(door, body)
    assert (found, told in text) == (status, True), text
    assert "p2" not in json.dumps(outcome)


@pytest.mark.parametrize(
    "selections", [None, [], "x", [1], ["MedicationRequest/elsewhere"]], ids=str
)
def test_selections_must_be_among_the_drafts(door: TestClient, selections: Any) -> None:
    body = call([CLARITHROMYCIN], [SIMVASTATIN], hook="order-select")
    if selections is not None:
        body["context"]["selections"] = selections
    status, told, _ = refused(door, body, "order-select")
    assert status == 400
    assert told.startswith("context.selections")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"x" * (20 * 1024 * 1024), "application/json", 413),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json", 400),
        (b'{"hook": "\\ud800"}', "application/json", 400),
        (b"{}", "text/plain", 415),
    ],
    ids=["too long", "no JSON", "a list", "deep", "half a character", "another type"],
)
def test_a_body_that_is_no_object_is_refused(
    door: TestClient, content: bytes, media_type: str, status: int
) -> None:
    headers = {"content-type": media_type}
    response = door.post("/cds-services/order-sign", content=content, headers=headers)
    assert response.status_code == status
    assert response.json()["resourceType"] == "OperationOutcome"


def test_without_a_graph_nothing_is_answered(tmp_path: Path) -> None:
    with TestClient(create_app(lambda: open_state(tmp_path))) as client:
        response = client.post("/cds-services/order-sign", json=GOOD)
        assert response.status_code == 503
        assert response.json()["resourceType"] == "OperationOutcome"
        assert response.headers["retry-after"]
        assert client.get("/cds-services").status_code == 200


def test_nobody_is_named_in_the_log(
    ask: Post, door: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    body = call([draft("canary-order", "clarithromycin")], [SIMVASTATIN])
    text = json.dumps(body).replace("p1", "canary-patient").replace("u1", "canary-user")
    with caplog.at_level(logging.DEBUG, "coprescribe"):
        ask(json.loads(text))
        refused(door, {**json.loads(text), "hook": "canary-hook"})
    assert "canary" not in caplog.text


def test_an_order_that_refers_to_a_medication_is_read(ask: Post) -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": {"text": "clarithromycin"}}
    inner = {k: v for k, v in CLARITHROMYCIN.items() if k != "medicationCodeableConcept"}
    for reference, beside in (("#m1", {"contained": [medication]}), ("Medication/m1", {})):
        asked = {**inner, **beside, "medicationReference": {"reference": reference}}
        body = call([asked], [SIMVASTATIN])
        body["prefetch"]["medications"] = bundle(medication)
        assert summaries(ask(body))[0].startswith("Clarithromycin + simvastatin")
