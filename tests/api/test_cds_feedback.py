"""What becomes of cards: kept without a word about the patient, shown once, and counted."""

from __future__ import annotations

import json
import resource
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cds.answer import EXTENSION
from api.cds.call import read_call
from api.cds.feedback import (
    DAYS_KEPT,
    DAYS_VARIABLE,
    FILE,
    FeedbackStore,
    Shown,
    StoreUnusable,
)
from api.cds.judgements import OTHER_REASON
from api.cds.repeats import KEY_SECONDS, WINDOW_SECONDS, remember, repeated
from api.cds.tables import SYSTEM
from api.cli.main import main
from api.errors import InvalidRequest
from api.state import State
from tests.api.cds_calls import INSTANCE, call, draft, order

AT = "2026-05-04T10:00:00+00:00"
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    made = FeedbackStore(tmp_path / FILE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def whole_door(state: State) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: state), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def door(whole_door: TestClient, store: FeedbackStore) -> TestClient:
    """The doors, with a store that is this test's alone."""
    app: Any = whole_door.app
    app.state.feedback = store
    return whole_door


@pytest.fixture
def ask(door: TestClient) -> Ask:
    def asked(body: dict[str, Any]) -> dict[str, Any]:
        response = door.post(f"/cds-services/{body['hook']}", json=body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    return asked


def tell(door: TestClient, *rows: dict[str, Any]) -> dict[str, Any]:
    response = door.post("/cds-services/order-sign/feedback", json={"feedback": list(rows)})
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def deed(card: str, outcome: str = "overridden", **more: Any) -> dict[str, Any]:
    return {"card": card, "outcome": outcome, "outcomeTimestamp": AT, **more}


def because(code: str, comment: str | None = None, system: str = SYSTEM) -> dict[str, Any]:
    told: dict[str, Any] = {"reason": {"code": code, "system": system}}
    return {"overrideReason": told | ({"userComment": comment} if comment else {})}


def selecting(drug: str = "clarithromycin", **more: Any) -> dict[str, Any]:
    drafts, taken = [draft("d1", drug)], [order("a1", "warfarin"), order("a2", "simvastatin")]
    chosen = ["MedicationRequest/d1"]
    return call(drafts, taken, hook="order-select", selections=chosen, **more)


def signing(body: dict[str, Any], **items: bool) -> dict[str, Any]:
    context = {k: v for k, v in body["context"].items() if k != "selections"}
    asked = {**body, "hook": "order-sign", "context": context}
    return asked | ({"extension": {"pddi-configuration-items": items}} if items else {})


def severities(found: dict[str, Any]) -> list[str]:
    return [card["summary"].rpartition("(")[2].rstrip(")") for card in found["cards"]]


def test_what_was_shown_at_selecting_is_not_repeated_at_signing_unless_contraindicated(
    ask: Ask,
) -> None:
    first = ask(selecting())
    assert severities(first) == ["contraindicated", "moderate"]
    then = ask(signing(selecting()))
    assert severities(then) == ["contraindicated"]
    about = then["extension"][EXTENSION]
    assert len(about["findings"]) == 2
    assert len(about["repeated"]) == 1


def test_the_client_decides_of_repeats(ask: Ask) -> None:
    ask(selecting())
    assert len(ask(signing(selecting(), **{"filter-out-repeated-alerts": False}))["cards"]) == 2
    assert ask(signing(selecting(), **{"filter-out-repeated-alerts": True}))["cards"] == []


def test_a_client_that_asks_not_to_be_remembered_is_not(ask: Ask) -> None:
    items = {"pddi-configuration-items": {"cache-for-order-sign-filtering": False}}
    ask(selecting(extension=items))
    assert len(ask(signing(selecting(), **{"filter-out-repeated-alerts": True}))["cards"]) == 2


@pytest.mark.parametrize(
    ("old", "new"), [("p1", "p2"), ("u1", "u2"), ("ehr.example", "other.example")]
)
def test_another_patient_user_or_server_is_shown_everything(ask: Ask, old: str, new: str) -> None:
    ask(selecting())
    body = signing(selecting(), **{"filter-out-repeated-alerts": True})
    other = json.loads(json.dumps(body).replace(old, new))
    assert len(ask(other)["cards"]) == 2


def test_signing_twice_shows_twice(ask: Ask) -> None:
    body = signing(selecting())
    assert ask(body)["cards"] != []
    assert len(ask(body)["cards"]) == 2


def test_what_was_shown_is_forgotten_after_an_hour_and_its_key_after_a_day(
    store: FeedbackStore,
) -> None:
    finding = {"id": "f1", "severity": "major"}
    select = read_call(selecting(), "order-select")
    sign = read_call(signing(selecting()), "order-sign")
    remember([finding], select, store, 1e9)
    assert repeated([finding], sign, store, 1e9 + WINDOW_SECONDS - 1) == {"f1"}
    assert repeated([{**finding, "severity": "moderate"}], sign, store, 1e9 + 1) == frozenset()
    assert repeated([finding], sign, store, 1e9 + WINDOW_SECONDS + 1) == frozenset()
    key = store.key(KEY_SECONDS, 1e9)
    assert store.key(KEY_SECONDS, 1e9 + KEY_SECONDS + 1) != key


def test_another_process_knows_what_was_shown(store: FeedbackStore) -> None:
    finding = {"id": "f1", "severity": "major"}
    remember([finding], read_call(selecting(), "order-select"), store)
    other = FeedbackStore(store.path)
    assert repeated([finding], read_call(signing(selecting()), "order-sign"), other) == {"f1"}
    other.close()


def test_feedback_is_kept_and_reported(
    ask: Ask, door: TestClient, store: FeedbackStore, capsys: pytest.CaptureFixture[str]
) -> None:
    worst, other = ask(selecting())["cards"]
    taken = {"acceptedSuggestions": [{"id": worst["suggestions"][0]["uuid"]}]}
    told = tell(
        door,
        deed(worst["uuid"], "accepted", **taken),
        deed(other["uuid"], **because("will-monitor")),
    )
    assert told == {"stored": 2, "unknown": [], "days_kept": DAYS_KEPT}
    assert main(["feedback", "--home", str(store.path.parent), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["shown"], report["accepted"], report["overridden"]) == (2, 1, 1)
    assert report["override_rate"] == 0.5
    assert report["by_kind"]["drug_drug"]["shown"] == 2
    assert report["by_severity"]["moderate"]["override_rate"] == 1.0
    assert report["override_reasons"] == {"will-monitor": 1}
    assert report["suggestions_taken"] == {"replace": 1}
    assert len(report["by_finding"]) == 2
    assert main(["feedback", "--home", str(store.path.parent)]) == 0
    text = capsys.readouterr().out
    for told_text in ("2 cards shown", "contraindicated", "will-monitor", "override rate", "100%"):
        assert told_text in text


def test_an_empty_store_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "--home", str(tmp_path)]) == 0
    assert "no card was shown yet" in capsys.readouterr().out
    assert not (tmp_path / FILE).exists()


def test_a_later_word_on_a_card_counts(ask: Ask, door: TestClient, store: FeedbackStore) -> None:
    card = ask(selecting())["cards"][0]["uuid"]
    tell(door, deed(card))
    tell(door, deed(f"urn:uuid:{card.upper()}", "accepted"))
    assert [row.outcome for row in store.rows() if row.outcome] == ["accepted"]


def test_a_card_that_was_never_shown_is_told(door: TestClient, store: FeedbackStore) -> None:
    told = tell(door, deed(INSTANCE))
    assert told == {"stored": 0, "unknown": [INSTANCE], "days_kept": DAYS_KEPT}
    assert store.rows() == ()


def test_a_reason_that_is_not_ours_counts_as_other(
    ask: Ask, door: TestClient, store: FeedbackStore
) -> None:
    card = ask(selecting())["cards"][0]["uuid"]
    tell(door, deed(card, **because("Mrs X says no", system="https://elsewhere.example")))
    assert [row.reason for row in store.rows() if row.outcome] == [OTHER_REASON]


BAD_ROWS = {
    "no card": ({"outcome": "accepted", "outcomeTimestamp": AT}, "card"),
    "no uuid": (deed("x"), "card"),
    "no outcome": ({"card": INSTANCE, "outcomeTimestamp": AT}, "outcome"),
    "another outcome": (deed(INSTANCE, "ignored"), "outcome"),
    "no time": ({"card": INSTANCE, "outcome": "accepted"}, "outcomeTimestamp"),
    "no such time": ({**deed(INSTANCE), "outcomeTimestamp": "soon"}, "outcomeTimestamp"),
    "a reason as text": (deed(INSTANCE, overrideReason="x"), "overrideReason"),
    "a reason without code": (deed(INSTANCE, overrideReason={"reason": {}}), "reason"),
    "a comment as number": (deed(INSTANCE, overrideReason={"userComment": 1}), "userComment"),
    "suggestions as text": (deed(INSTANCE, acceptedSuggestions="x"), "acceptedSuggestions"),
    "a text": ("x", "feedback[0]"),
}


@pytest.mark.parametrize(("row", "place"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_feedback_of_another_shape_is_refused(door: TestClient, row: Any, place: str) -> None:
    response = door.post("/cds-services/order-sign/feedback", json={"feedback": [row]})
    assert response.status_code == 400
    assert place in response.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": [{}] * 1000}])
def test_an_empty_or_endless_list_is_refused(door: TestClient, body: Any) -> None:
    response = door.post("/cds-services/order-sign/feedback", json=body)
    assert response.status_code == 400
    assert response.json()["resourceType"] == "OperationOutcome"
    assert door.post("/cds-services/nowhere/feedback", json=body).status_code == 404


def test_the_file_knows_nothing_of_the_patient(
    ask: Ask, door: TestClient, store: FeedbackStore
) -> None:
    body = selecting()
    text = json.dumps(body).replace("p1", "canarypatient").replace("u1", "canaryuser")
    text = text.replace("1950-03-01", "1951-12-13").replace("d1", "canaryorder")
    card = ask(json.loads(text.replace("ehr.example", "canaryserver.example")))["cards"][0]
    comment = "canarycomment about Mrs Shaw"
    tell(door, deed(card["uuid"], **because("canaryreason", comment)))
    store.close()
    content = b"".join(file.read_bytes() for file in store.path.parent.iterdir())
    assert b"drug_drug" in content
    for canary in (b"canary", b"1951", b"Shaw", b"clarithromycin", b"simvastatin", b"21212"):
        assert canary not in content
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_store_that_cannot_be_written_holds_no_card_back(
    whole_door: TestClient, tmp_path: Path
) -> None:
    app: Any = whole_door.app
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database" * 100)
    for path in (tmp_path / "nowhere" / FILE, tmp_path / "broken.sqlite"):
        app.state.feedback = FeedbackStore(path)
        for body in (selecting(), signing(selecting())):
            response = whole_door.post(f"/cds-services/{body['hook']}", json=body)
            assert len(response.json()["cards"]) == 2
        rows = {"feedback": [deed(INSTANCE)]}
        told = whole_door.post("/cds-services/order-sign/feedback", json=rows)
        assert told.status_code == 503
        assert told.json()["resourceType"] == "OperationOutcome"
        assert str(tmp_path) not in told.text


def test_the_command_says_that_a_file_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database" * 100)
    assert main(["feedback", "--home", str(tmp_path)]) == 3
    assert "store of feedback" in capsys.readouterr().err


def test_many_threads_and_files_write_at_once(tmp_path: Path) -> None:
    stores = [FeedbackStore(tmp_path / FILE) for _ in range(4)]
    stores[0].rows()
    failed: list[StoreUnusable] = []
    now = time.time()

    def write(number: int) -> None:
        for n in range(20):
            card = f"{number}-{n}"
            shown = Shown(card, "f", "drug_drug", "major", "critical", "order-sign", "g", now)
            try:
                stores[number % 4].keep([shown], {})
            except StoreUnusable as error:
                failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].rows()) == 160 - len(failed)
    for store in stores:
        store.close()


@pytest.mark.parametrize("told", ["0", "-1", "soon", "1e3", "9" * 5000, "\u0663"])
def test_an_impossible_number_of_days_keeps_the_server_from_starting(
    state: State, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(DAYS_VARIABLE, told)
    app = create_app(lambda: state)
    with pytest.raises(InvalidRequest, match=DAYS_VARIABLE), TestClient(app):
        pass
    assert isinstance(app.state.failure, InvalidRequest)


def test_a_stopped_server_leaves_one_file(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPRESCRIBE_FEEDBACK", str(tmp_path / FILE))
    monkeypatch.setenv(DAYS_VARIABLE, "7")
    with TestClient(create_app(lambda: state)) as client:
        card = client.post("/cds-services/order-sign", json=signing(selecting())).json()["cards"][0]
        assert tell(client, deed(card["uuid"]))["days_kept"] == 7
        assert len(list(tmp_path.iterdir())) > 1
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert len(FeedbackStore(tmp_path / FILE).rows()) == 2


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file grows beyond 64 KiB while this lasts, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_holds_no_card_back(ask: Ask, store: FeedbackStore) -> None:
    now = time.time()
    many = [
        Shown(f"{n:036}", "f", "drug_drug", "major", "critical", "order-sign", "g", now)
        for n in range(2000)
    ]
    with pytest.raises(StoreUnusable):
        store.keep(many, {})
    for n in range(0, 2000, 20):
        with suppress(StoreUnusable):
            store.keep(many[n : n + 20], {})
    with pytest.raises(StoreUnusable):
        store.keep(many[:100], {})
    assert len(ask(selecting())["cards"]) == 2
    assert ask(signing(selecting()))["cards"] != []
