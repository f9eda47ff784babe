"""The calls of the HL7 guide to potential drug-drug interactions, judged as a pharmacist would."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cds.answer import EXTENSION, answer_call
from api.cds.feedback import FILE, FeedbackStore
from api.state import State

pytestmark = pytest.mark.shared
CASES = Path(__file__).parents[3] / "shared" / "cases" / "cds-hooks"
DIGOXIN = "digoxin-cyclosporine-order"
SCENARIO = "request-digoxin-cyclosporine-scenario"
PAIR = "Cyclosporine + digoxin: drug level increased (major)"
AGAIN = f"{PAIR}; digoxin is taken already, a change of dose?"


@pytest.fixture
def ask(state: State, tmp_path: Path) -> Any:
    if not CASES.is_dir():
        pytest.skip("the folder ../shared/cases/cds-hooks is not beside the checkout")
    store = FeedbackStore(tmp_path / FILE)

    def asked(name: str) -> dict[str, Any]:
        body = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
        return answer_call(body, body["hook"], state, store, "http://x", date(2026, 5, 4))

    yield asked
    store.close()


def summaries(found: dict[str, Any]) -> list[str]:
    return [card["summary"] for card in found["cards"]]


@pytest.mark.parametrize("stage", ["select", "sign"])
def test_another_strength_of_digoxin_is_one_card_that_tells_of_ciclosporin(
    ask: Any, stage: str
) -> None:
    """Digoxin 0.25 mg and ciclosporin are taken: the pair is not new, and the dose is."""
    (card,) = ask(f"{DIGOXIN}-{stage}-no-coordination")["cards"]
    assert card["summary"] == AGAIN
    assert card["indicator"] == "warning"
    assert "Cyclosporine + digoxin: drug level increased \\(major\\)" in card["detail"]
    assert "P-gp inhibition" in card["detail"]
    assert "**Ordered:** Digoxin 0.2 MG Oral Capsule" in card["detail"]
    assert "**Taken already:** Digoxin 0.25 MG Oral Tablet" in card["detail"]
    assert "below 3.5" not in card["detail"], "potassium is 3.6: it must not be held against her"


def test_the_coordinated_pair_of_calls_says_it_once(ask: Any) -> None:
    assert summaries(ask(f"{DIGOXIN}-select-coordination")) == [AGAIN]
    then = ask(f"{DIGOXIN}-sign-coordination")
    assert then["cards"] == []
    assert len(then["extension"][EXTENSION]["repeated"]) >= 1


def test_the_uncoordinated_pair_of_calls_says_it_twice(ask: Any) -> None:
    for stage in ("select", "sign"):
        assert summaries(ask(f"{DIGOXIN}-{stage}-no-coordination")) == [AGAIN]


def test_a_high_level_of_digoxin_and_a_loop_diuretic_change_the_advice(ask: Any) -> None:
    worst = ask(f"{SCENARIO}-01")["cards"][0]
    assert worst["summary"] == PAIR
    assert "The digoxin level is above 2 ng/mL already: hold digoxin." in worst["detail"]
    assert "A loop diuretic is taken too: measure potassium and magnesium." in worst["detail"]
    assert "older than a year" in worst["detail"]


def test_a_low_potassium_changes_the_advice_and_the_order_itself_is_not_current(ask: Any) -> None:
    """The record of this call holds the order that is being written as an active one."""
    worst = ask(f"{SCENARIO}-02")["cards"][0]
    assert worst["summary"] == PAIR
    assert "Potassium is below 3.5 mmol/L: digoxin harms at lower levels." in worst["detail"]
    assert "hold digoxin" not in worst["detail"]


def test_ketorolac_beside_warfarin_after_a_bleeding_ulcer(ask: Any) -> None:
    ulcer, pair = ask("multi-update-draft-orders-1")["cards"]
    assert ulcer["summary"].startswith("Ketorolac + bleeding peptic ulcer")
    assert "(contraindicated)" in ulcer["summary"]
    assert "differential" in ulcer["detail"], "the diagnosis is not confirmed, which must be told"
    assert pair["summary"].endswith("abnormal bleeding (major)")
    assert {"warfarin", "ketorolac"} <= set(pair["summary"].lower().replace(":", "").split())
    assert "Peptic ulcer in the record" in pair["detail"]
    labels = [s["label"] for card in (ulcer, pair) for s in card["suggestions"]]
    assert set(labels) == {"Do not order Ketorolac Tromethamine 10 MG Oral Tablet"}
