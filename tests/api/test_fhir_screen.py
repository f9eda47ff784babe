"""``POST /fhir/$screen`` and ``--patient bundle.json``: what goes in, and what comes out."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B import get_fhir_model_class
from typer.testing import CliRunner

from api.app import create_app
from api.body import read_question
from api.cli.main import app as command_line
from api.fhir.ask import MalformedFhir
from api.fhir.bodies import FHIR
from api.service import answer
from api.state import State
from kg.artifact import MissingGraph

TYPE = "application/fhir+json"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
EXAMPLE = Path(__file__).parents[2] / "examples" / "fhir-parameters.json"
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-03-02"}
Json = dict[str, Any]


def request(name: str, text: str, status: str = "active", **more: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": text},
        **more,
    }


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection"} | {
        "entry": [{"resource": resource} for resource in resources]
    }


def parameters(record: Json, *drafts: Json, **more: Any) -> Json:
    parts = [{"name": "record", "resource": record}]
    parts += [{"name": "draft", "resource": draft} for draft in drafts]
    return {"resourceType": "Parameters", "parameter": [*parts, *more.get("parts", ())]}


def screened(client: TestClient, body: Json) -> tuple[list[Json], list[Json]]:
    """The issues of the OperationOutcome, and the DetectedIssues; everything is valid R4B."""
    response = client.post("/fhir/$screen", json=body, headers={"content-type": TYPE})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == TYPE
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    get_fhir_model_class("Bundle").model_validate(told)
    outcome, *detected = (entry["resource"] for entry in told["entry"])
    assert {resource["resourceType"] for resource in detected} <= {"DetectedIssue"}
    return outcome["issue"], detected


def refused(client: TestClient, status: int, body: Any = None, **more: Any) -> list[Json]:
    content = {"json": body} if body is not None else {}
    headers = {"content-type": TYPE} | more.pop("headers", {})
    response = client.post("/fhir/$screen", **content, **more, headers=headers)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == TYPE
    told = response.json()
    get_fhir_model_class("OperationOutcome").model_validate(told)
    issues: list[Json] = told["issue"]
    return issues


def told_of(issues: list[Json], severity: str = "") -> str:
    chosen = (i for i in issues if not severity or i["severity"] == severity)
    return "\n".join(i["diagnostics"] for i in chosen)


def test_a_draft_in_a_bundle_is_answered_with_detected_issues(
    client: TestClient, state: State
) -> None:
    body = bundle(PATIENT, request("a", "simvastatin"), request("d", "clarithromycin", "draft"))
    issues, (first, *_) = screened(client, body)
    own = answer({"add": "clarithromycin", "taking": ["simvastatin"]}, state)["findings"][0]
    assert first["identifier"] == [
        {"system": "https://w3id.org/coprescribe/finding", "value": own["id"]}
    ]
    assert (first["severity"], first["status"]) == ("high", "final")
    assert first["code"]["coding"][0]["code"] == "DRG"
    assert first["patient"] == {"reference": "Patient/p"}
    pointed = {each["reference"] for each in first["implicated"]}
    assert pointed == {"MedicationRequest/a", "MedicationRequest/d"}
    assert first["detail"].startswith("clarithromycin + simvastatin: Rhabdomyolysis (contraindic")
    assert "created" in {e.get("valueCode") for e in first["extension"]}
    assert state.graph.id in told_of(issues)


def test_several_drafts_may_be_sent_beside_the_record(client: TestClient) -> None:
    record = bundle(PATIENT, request("a", "simvastatin"))
    drafts = [request("d", "clarithromycin", "draft"), request("e", "warfarin", "draft")]
    apart = screened(client, parameters(record, *drafts))
    together = screened(client, parameters(record, bundle(*drafts)))
    within = screened(client, bundle(*(e["resource"] for e in record["entry"]), *drafts))
    assert apart == together == within
    assert {r["reference"] for d in apart[1] for r in d["implicated"]} >= {"MedicationRequest/e"}


def test_kinds_of_findings_have_their_codes(client: TestClient) -> None:
    asthma = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p"},
        "code": {"text": "asthma"},
    }
    genotype = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
        "valueCodeableConcept": {"text": "CYP2C19*2/*2"},
    }
    drafts = [request("d", "propranolol", "draft"), request("e", "clopidogrel", "draft")]
    taken = request("a", "Inderal")
    _, detected = screened(client, bundle(PATIENT, asthma, genotype, taken, *drafts))
    codes = {d["code"]["coding"][0]["code"] for d in detected}
    assert {"COND", "GEN", "DUPTHPY"} <= codes


def test_an_empty_list_of_issues_never_reads_as_all_clear(client: TestClient) -> None:
    unknown = request("x", "zzyzx drops")
    body = bundle(PATIENT, unknown, request("a", "omeprazole"), request("d", "biotin", "draft"))
    issues, detected = screened(client, body)
    assert not detected
    assert "'zzyzx drops' was not checked" in told_of(issues, "warning")
    assert "not make these safe" in told_of(issues)
    nothing, _ = screened(client, bundle(PATIENT))
    assert "Nothing was screened" in told_of(nothing, "warning")


def test_a_draft_that_is_not_known_is_refused_with_what_it_may_be(client: TestClient) -> None:
    coded = {"coding": [{"system": RXNORM, "code": "9999999", "display": "simvastatine Z"}]}
    draft = request("d", "-", "draft", medicationCodeableConcept=coded)
    first, *candidates = refused(client, 422, parameters(bundle(PATIENT), draft))
    assert first["code"] == "not-found"
    assert "MedicationRequest/d" in first["diagnostics"]
    assert "RXCUI:9999999" in first["diagnostics"]
    assert any("simvastatin" in each["diagnostics"] for each in candidates)


def test_a_draft_that_is_not_known_is_told_and_the_rest_is_screened(client: TestClient) -> None:
    record = bundle(PATIENT, request("a", "simvastatin"))
    drafts = bundle(request("d", "qqxyz", "draft"), request("e", "clarithromycin", "draft"))
    issues, detected = screened(client, parameters(record, drafts))
    assert (issues[0]["severity"], issues[0]["code"]) == ("error", "not-found")
    assert "'qqxyz' was not checked" in issues[0]["diagnostics"]
    assert [d["severity"] for d in detected] == ["high"]
    issues, detected = screened(client, parameters(record, request("d", "qqxyz", "draft")))
    assert issues[0]["code"] == "not-found"
    assert "Screened: nothing added to simvastatin" in told_of(issues)


def test_notes_of_one_kind_are_one_issue(client: TestClient) -> None:
    listed = ("Simvastatin 20 MG Oral Tablet", "Warfarin Sodium 5 MG Oral Tablet")
    taken = [request(f"a{n}", text) for n, text in enumerate(listed)]
    draft = request("d", "Clarithromycin 500 MG Oral Tablet", "draft")
    issues, _ = screened(client, parameters(bundle(PATIENT, *taken), draft))
    readings = [i for i in issues if "was read as" in i["diagnostics"]]
    assert len(readings) == 1
    assert len(issues) <= 6
    assert issues[-1]["diagnostics"].startswith(("Cited by", "Answered from"))


@pytest.mark.parametrize("ordered", ["diclofenac 1% gel", "diclofenac"])
def test_the_form_of_a_draft_is_its_route_through_every_door(
    client: TestClient, ordered: str
) -> None:
    """A gel is lowered as every door lowers it, whether the text says so or the dosage."""
    draft = request("d", ordered, "draft")
    if "gel" not in ordered:
        draft["dosageInstruction"] = [{"route": {"text": "topical"}}]
    _, detected = screened(client, parameters(bundle(request("a", "warfarin")), draft))
    add = {"drug": "diclofenac", "route": "topical"}
    own = client.post("/v1/screen", json={"add": add, "taking": ["warfarin"]}).json()
    plain = client.post("/v1/screen", json={"add": "diclofenac", "taking": ["warfarin"]}).json()
    told = {
        d["id"]: d["severity"] for d in detected if d["code"]["text"] == "drug-drug interaction"
    }
    pairs = [f for f in own["findings"] if f["kind"] == "drug_drug"]
    assert told == {
        f["id"]: {"major": "high", "moderate": "moderate"}[f["severity"]] for f in pairs
    }
    assert pairs[0]["severity"] == "moderate"
    assert plain["findings"][0]["severity"] == "major"


def test_a_renewal_adds_nothing_and_another_product_is_told(client: TestClient) -> None:
    taken = request("a", "Warfarin Sodium 5 MG Oral Tablet")
    again = request("d", "Warfarin Sodium 5 MG Oral Tablet", "draft")
    issues, _ = screened(client, bundle(PATIENT, taken, again))
    assert "renews 'Warfarin Sodium 5 MG Oral Tablet' (MedicationRequest/a)" in told_of(issues)
    stronger = request("d", "Warfarin Sodium 7 MG Oral Tablet", "draft")
    issues, detected = screened(client, bundle(PATIENT, taken, stronger))
    is_told = "it would be taken twice" in told_of(issues, "warning")
    assert is_told or any(d["code"]["coding"][0]["code"] == "DUPTHPY" for d in detected)


def test_a_draft_by_name_of_what_is_taken_by_code_is_no_error(client: TestClient) -> None:
    coded = {"coding": [{"system": RXNORM, "code": "11289"}]}
    taken = request("a", "-", medicationCodeableConcept=coded)
    issues, _ = screened(client, bundle(PATIENT, taken, request("d", "warfarin", "draft")))
    assert "it would be taken twice" in told_of(issues, "warning")
    salt = request("d", "Coumadin", "draft")
    _, detected = screened(client, bundle(PATIENT, taken, salt))
    assert any(d["code"]["coding"][0]["code"] == "DUPTHPY" for d in detected)


def test_a_draft_that_follows_another_order_ends_it(client: TestClient) -> None:
    record = [PATIENT, request("a", "simvastatin"), request("b", "clarithromycin")]
    prior = {"priorPrescription": {"reference": "MedicationRequest/a"}}
    swap = request("d", "pravastatin", "draft", **prior)
    issues, _ = screened(client, bundle(*record, swap))
    assert "ended: simvastatin" in told_of(issues)
    higher = request("d", "simvastatin 40 mg", "draft", **prior)
    issues, _ = screened(client, bundle(*record, higher))
    assert "goes on with MedicationRequest/a" in told_of(issues)


@pytest.mark.parametrize(
    "nothing", [{"doNotPerform": True}, {"status": "cancelled"}, {"status": "stopped"}], ids=str
)
def test_a_draft_under_which_nothing_is_given_adds_no_drug(
    client: TestClient, nothing: Json
) -> None:
    draft = request("d", "clarithromycin", "draft") | nothing
    issues, detected = screened(
        client, parameters(bundle(PATIENT, request("a", "simvastatin")), draft)
    )
    assert detected == []
    assert "Screened: nothing added to simvastatin" in told_of(issues)
    assert "'clarithromycin' (MedicationRequest/d)" in told_of(issues)


def test_a_draft_that_is_stopped_ends_what_it_is_about_and_nothing_else(client: TestClient) -> None:
    """The same drug goes on under another order, and what is said of it must not get lost."""
    stop, add = request("a", "Zocor", "stopped"), request("d", "clarithromycin", "draft")
    taken = [request("a", "Zocor"), request("b", "simvastatin")]
    issues, detected = screened(client, parameters(bundle(PATIENT, *taken), stop, add))
    assert "it ends 'Zocor' (MedicationRequest/a)" in told_of(issues)
    assert [d["extension"][0]["valueCode"] for d in detected] == ["created"]
    issues, detected = screened(client, parameters(bundle(PATIENT, taken[0]), stop, add))
    assert detected == []
    again = request("e", "Zocor", "draft")
    issues, detected = screened(client, parameters(bundle(PATIENT, taken[0]), stop, add, again))
    assert [d["severity"] for d in detected] == ["high"]


def test_the_medication_of_a_draft_may_stand_beside_it(client: TestClient) -> None:
    draft = request("d", "", "draft", medicationReference={"reference": "Medication/m"})
    del draft["medicationCodeableConcept"]
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "clarithromycin"}}
    record = bundle(PATIENT, request("a", "simvastatin"))
    issues, _ = screened(client, parameters(record, bundle(draft, medication)))
    assert "Screened: clarithromycin added to simvastatin" in told_of(issues)


def test_what_was_read_of_the_patient_can_be_checked(client: TestClient) -> None:
    issues, _ = screened(client, json.loads(EXAMPLE.read_text(encoding="utf-8")))
    assert "age 74; female; eGFR 41 mL/min; allergies: penicillin" in told_of(issues)


def test_the_day_can_be_named(client: TestClient) -> None:
    day = {"name": "on", "valueDate": "2000-01-01"}
    issues, _ = screened(client, parameters(bundle(PATIENT), parts=[day]))
    assert "age 49" in told_of(issues)
    pregnant = {"resourceType": "Condition", "code": {"text": "pregnancy"}}
    about = {"subject": {"reference": "Patient/p"}, "onsetDateTime": "2020-01-01"}
    first = parameters(bundle(PATIENT, pregnant | about), parts=[day | {"valueDate": "0001-01-01"}])
    assert "age of the patient is not known" in told_of(screened(client, first)[0])
    unread = parameters(bundle(PATIENT), parts=[{"name": "on", "valueDate": "soon"}])
    assert refused(client, 400, unread)[0]["code"] == "value"


@pytest.mark.parametrize(
    ("content", "status", "code", "quoted"),
    [
        (b"{", 400, "structure", "not JSON"),
        (b"[]", 400, "structure", "an object is expected"),
        (b"{}", 400, "not-supported", "no resourceType"),
        (b'{"resourceType": "Goose"}', 400, "not-supported", "'Goose'"),
        (b'{"resourceType": 5}', 400, "not-supported", "is not read"),
        (b'{"resourceType": "Bundle", "entry": 5}', 400, "structure", "Bundle.entry"),
        (b'{"resourceType": "Bundle", "entry": [5]}', 400, "structure", "Bundle.entry[0]"),
        (
            b'{"resourceType": "Bundle", "entry": [{"resource": {"id": "x"}}]}',
            400,
            "structure",
            "Bundle.entry[0].resource",
        ),
        (
            b'{"resourceType": "Parameters", "parameter": [{"name": "x"}]}',
            400,
            "not-found",
            "there is no parameter 'x'",
        ),
        (
            b'{"resourceType": "Parameters", "parameter": [{"name": "draft"}]}',
            400,
            "required",
            "has no resource",
        ),
        (b'{"resourceType": "Bundle", "a": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "structure", ""),
        (b" " * (8 * 1024 * 1024 + 1), 413, "too-long", "8388608 bytes"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_not_the_fhir_that_is_expected_is_an_operation_outcome(
    content: bytes, status: int, code: str, quoted: str, client: TestClient
) -> None:
    first = refused(client, status, content=content)[0]
    assert first["code"] == code
    assert quoted in first["diagnostics"]


def test_a_resource_that_is_not_valid_is_quoted_by_its_element(client: TestClient) -> None:
    broken = request("a", "warfarin", dosageInstruction=[{"route": "oral"}], colour="red")
    issues = refused(client, 422, bundle(PATIENT, broken))
    places = [issue["expression"] for issue in issues]
    assert places == [
        ["MedicationRequest.dosageInstruction[0].route"],
        ["MedicationRequest.colour"],
    ]
    assert "MedicationRequest/a" in issues[0]["diagnostics"]
    nameless = request("a", "warfarin", contained=[{"id": "m"}])
    issues = refused(client, 422, bundle(PATIENT, nameless))
    assert issues[0]["expression"] == ["MedicationRequest.contained"]
    unread = {"resourceType": "Goal", "colour": "red"}
    screened(client, bundle(PATIENT, unread))


def test_more_than_can_be_read_at_once_is_refused_before_it_is_looked_up(
    client: TestClient,
) -> None:
    different = [request(f"a{n}", f"drug number {n}") for n in range(101)]
    alike = [request(f"a{n}", "warfarin") for n in range(501)]
    drafts = [request(f"d{n}", "warfarin", "draft") for n in range(101)]
    for medicines in (different, alike, drafts):
        assert refused(client, 422, bundle(PATIENT, *medicines))[0]["code"] == "too-costly"
    goals = [{"resourceType": "Goal"}] * 10_001
    assert refused(client, 413, content=json.dumps(bundle(*map(dict, goals))))[0]["code"] == (
        "too-costly"
    )


def test_other_errors_are_told_in_fhir_too(client: TestClient) -> None:
    other = {**PATIENT, "id": "q"}
    assert refused(client, 422, bundle(PATIENT, other))[0]["code"] == "business-rule"
    sent = refused(client, 415, content=b"{}", headers={"content-type": "text/plain"})
    assert "text/plain" in told_of(sent)
    for method, path, status in (
        ("GET", "/fhir/$screen", 405),
        ("GET", "/fhir/Patient/1", 404),
    ):
        response = client.request(method, path)
        assert response.status_code == status
        get_fhir_model_class("OperationOutcome").model_validate(response.json())


def test_without_a_graph_the_caller_is_told_to_come_again() -> None:
    def nothing() -> State:
        raise MissingGraph(Path("nowhere"), None, ())

    with TestClient(create_app(nothing), raise_server_exceptions=False) as client:
        issues = refused(client, 503, bundle(PATIENT))
        assert issues[0]["code"] == "transient"


def test_the_server_says_what_it_does(client: TestClient) -> None:
    for path, kind in (
        ("/fhir/metadata", "CapabilityStatement"),
        ("/fhir/OperationDefinition/screen", "OperationDefinition"),
    ):
        response = client.get(path)
        get_fhir_model_class(kind).model_validate(response.json())
        again = client.get(path, headers={"if-none-match": response.headers["etag"]})
        assert again.status_code == 304


def test_nothing_of_the_patient_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "Canary Zebrafinch"
    named = {**PATIENT, "id": "zebrafinch", "name": [{"text": canary}]}
    taken = request("a", "zebrafinch drops", subject={"reference": "Patient/zebrafinch"})
    with caplog.at_level("DEBUG"):
        screened(client, bundle(named, taken))
        draft = copy.deepcopy(taken) | {"status": "draft"}
        refused(client, 422, bundle(named, draft))
        refused(client, 422, bundle(named, {**named, "id": "zebrafinch2"}))
    assert "zebrafinch" not in caplog.text.casefold()


def test_a_bundle_is_a_body_of_its_own_and_its_facts_give_way_to_those_of_the_body(
    state: State,
) -> None:
    content = json.dumps(bundle(PATIENT, request("a", "simvastatin"))).encode()
    body = read_question(content, "patient.json")
    assert set(body) == {FHIR}
    told = answer({**body, "add": "clarithromycin", "patient": {"age_years": 20}}, state)
    alone = {"add": "clarithromycin", "taking": ["simvastatin"]}
    same = {**alone, "patient": {"age_years": 20, "sex": "female"}}
    assert told["findings"] == answer(same, state)["findings"]
    assert any(note.startswith("Read of the patient: age ") for note in told["notes"])


def test_the_key_of_a_record_means_nothing_in_json(client: TestClient) -> None:
    response = client.post("/v1/screen", json={FHIR: {"resourceType": "Bundle"}, "taking": []})
    assert response.status_code == 422


def test_the_command_line_reads_a_bundle_and_adds_to_it(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.screen.open_state", lambda *_: state)
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle(PATIENT, request("a", "simvastatin"))), encoding="utf-8")
    asked = ["screen", "--patient", str(file), "--add", "clarithromycin", "-q"]
    ended = CliRunner().invoke(command_line, asked)
    assert ended.exit_code == 0, ended.output
    assert "CONTRAINDICATED" in ended.stdout
    assert "Read of the patient: age" in " ".join(ended.stdout.split())
    file.write_text('{"resourceType": "Bundle", "entry": 5}', encoding="utf-8")
    assert isinstance(CliRunner().invoke(command_line, asked).exception, MalformedFhir)
