"""Which names were read without no more than their strength: the answer marks them."""

from __future__ import annotations

import pytest

from api.plain_readings import is_plain
from api.service import answer
from api.state import State


@pytest.mark.parametrize(
    ("written", "name", "plain"),
    [
        ("warfarin 5 mg tablet", "Warfarin", True),
        ("warfarin", "warfarin", True),
        ("insulin glargine", "insulin", False),
        ("insulin 70/30", "insulin", False),
        ("diclofenac 1% gel", "diclofenac", False),
        ("x/y 875-125 mg tablet", "x/y", True),
        ("metoprolol 50mg ER", "metoprolol", True),
        ("heparin 5,000 units", "heparin", True),
        ("enoxaparin 40 mg/0.4 mL injection", "enoxaparin", False),
        ("timolol 0.5 % drops", "timolol", False),
        ("Zocors 40 mg", "Zocor", False),
        ("ferrous 65 mgs", "ferrous", False),
    ],
)
def test_a_plain_reading_has_a_strength_and_swallowing_behind_the_name(
    written: str,
    name: str,
    plain: bool,
) -> None:
    assert is_plain(written, name) is plain


def test_an_answer_marks_the_names_that_were_read_so(state: State) -> None:
    listed = ["warfarin 5 mg tablet", "diclofenac 1% gel", "simvastatin"]
    found = answer({"taking": listed, "add": "aspirin 81 mg"}, state)
    marked = [e["query"] for e in found["taking"] + found["adding"] if e.get("read_by_name")]
    assert marked == ["warfarin 5 mg tablet", "aspirin 81 mg"]
