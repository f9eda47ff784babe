"""A daily dose is read where the words are plain, and nothing is guessed where they are not."""

from __future__ import annotations

import csv
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.doses.combinations import ORDERS_TABLE, dose_texts
from ontologies.doses.daily import daily_dose
from ontologies.doses.directions import without_directions
from ontologies.doses.rates import TIMES_TABLE


@pytest.mark.parametrize(
    ("text", "mg"),
    [
        ("simvastatin 80 mg nightly", 80),
        ("simvastatin 40mg po daily", 40),
        ("simvastatin 40 mg tablet - take 1/2 tablet at bedtime", 20),
        ("simvastatin 40 mg tablet, half a tablet nightly", 20),
        ("warfarin 5 mg tablets, 1 1/2 tablets daily", 7.5),
        ("acetaminophen 1000 mg q6h", 4000),
        ("acetaminophen 500 mg 2 tablets three times a day", 3000),
        ("2 x 500 mg paracetamol qds", 4000),
        ("metformin 500 mg tablet 1000 mg bid", 2000),
        ("metformin 1,000 mg b.i.d.", 2000),
        ("metformin 850 mg with breakfast and dinner", 1700),
        ("metformin XR 500 mg 4 tablets daily with the evening meal", 2000),
        ("methotrexate 2.5 mg tablets, 6 tablets once a week", 15 / 7),
        ("digoxin 0.125 mg every other day", 0.0625),
        ("digoxin 125 mcg daily", 0.125),
        ("gabapentin 300 mg 1-0-1", 600),
        ("gabapentin 600 mg 3x/day", 1800),
        ("amoxicillin 400 mg/5 mL, 10 mL twice daily", 1600),
        ("aspirin 81 mg/day", 81),
        ("prednisone 40 mg daily for 5 days", 40),
        ("simvastatin 20 mg tablet nightly disp #30 tablets", 20),
        ("Take 1 tablet (20 mg total) by mouth nightly", 20),
        ("take 2 tablets (1,000 mg total) by mouth twice daily", 2000),
        ("fentanyl 0.5 g every 72 hours", 500 / 3),
        ("metformin 500 mg in the morning and 1000 mg in the evening", 1500),
        ("metformin 500 mg am, 1000 mg pm", 1500),
        ("metformin 500 mg tablet, 1 tablet in the morning and 2 tablets in the evening", 1500),
        ("metformin 500 mg in the morning and at noon, 1000 mg at night", 2000),
        ("metformin 1000 mg tablet: 1000 mg am, 500 mg (1/2 tablet) pm", 1500),
        ("metformin 500 mg 1-0-2", 1500),
        ("metformin 500/500/1000 mg tid", 2000),
        ("metformin 500-500-1000 mg daily", 2000),
        ("metformin 500 mg take 2 tablets (1000 mg) by mouth twice daily", 2000),
        ("paracetamol 500 mg x 2 qid", 4000),
        ("warfarin 5 mg mon wed fri", 15 / 7),
        ("warfarin 5 mg Mon/Wed/Fri and 2.5 mg Tue/Thu/Sat/Sun", 25 / 7),
        ("warfarin 5 mg mon-wed-fri", 15 / 7),
        ("methotrexate 2.5 mg 6 tablets every Friday", 15 / 7),
        ("methotrexate 15 mg once weekly on Monday", 15 / 7),
        ("trimethoprim 160 mg twice daily on Mon Wed Fri", 960 / 7),
        ("prednisone 40 mg daily x 5 days", 40),
    ],
)
def test_a_plain_dose_is_read(text: str, mg: float) -> None:
    found = daily_dose(text)
    assert found is not None
    assert found.mg == pytest.approx(mg)
    assert not found.is_most
    assert found.read_from == text


@pytest.mark.parametrize(
    ("text", "mg"),
    [
        ("acetaminophen 650 mg every 4 to 6 hours as needed", 3900),
        ("acetaminophen 1 g q4-6h prn (max 3 g/day)", 3000),
        ("acetaminophen 325 mg 2 tabs q6h prn, not to exceed 3000 mg per day", 2600),
        ("tramadol 50 mg 1-2 tablets every 6 hours as needed", 400),
        ("citalopram 20-40 mg daily", 40),
        ("ibuprofen 400 mg up to three times a day", 1200),
        ("furosemide 40 mg am and 20 mg prn at noon", 60),
    ],
)
def test_of_a_dose_that_varies_the_most_is_told_as_such(text: str, mg: float) -> None:
    found = daily_dose(text)
    assert found is not None
    assert found.mg == pytest.approx(mg)
    assert found.is_most


@pytest.mark.parametrize(
    "text",
    [
        "",
        "simvastatin",
        "simvastatin 40 mg",
        "Simvastatin 40 MG Oral Tablet",
        "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet",
        "azithromycin 500 mg once",
        "fluconazole 150 mg single dose",
        "prednisone 40 mg daily for 5 days then 20 mg daily",
        "metformin 500 mg in the morning and 2 tablets in the evening",
        "metformin 500 mg in the morning, 1000 mg in the morning",
        "metformin 500 mg morning, 1000 mg evening every other day",
        "metformin 500/500/1000",
        "metformin 500/1000 mg bid",
        "sumatriptan 25/50/100 mg prn",
        "warfarin 5 mg Mon-Fri",
        "warfarin 5 mg monday to friday",
        "warfarin 5 mg daily except 2.5 mg on Monday",
        "warfarin 5 mg daily except Sunday",
        "levothyroxine 100 mcg daily, 50 mcg on sunday",
        "alendronate 70 mg weekly on mon and thu",
        "prednisone 40 mg x 5 days",
        "take 2 tablets (1000 mg) by mouth twice daily",
        "paracetamol 500 mg tablets 1-2 qds",
        "enoxaparin 1 mg/kg q12h",
        "fentanyl 25 mcg/hr patch every 72 hours",
        "metformin 1.000 mg daily",
        "insulin glargine 20 units nightly",
        "diclofenac 1% gel twice daily",
        "simvastatin 40 mg as directed",
        "lisinopril 10 mg daily weekly",
        "x 10 mg 30 tablets daily",
        "acetaminophen 160 mg/0 ml 5 ml q6h",
        "simvastatin 0 mg daily",
        "simvastatin 9999999999 mg daily",
    ],
)
def test_what_is_unclear_is_no_dose(text: str) -> None:
    assert daily_dose(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "oxycodone/acetaminophen 5/325 1 tab q6h",
            {"oxycodone": "5 mg 1 tab q6h", "acetaminophen": "325 mg 1 tab q6h"},
        ),
        (
            "amoxicillin-clavulanate 875 mg-125 mg bid",
            {"amoxicillin": "875 mg bid", "clavulanate": "125 mg bid"},
        ),
        ("simvastatin 20-40 mg daily", {}),
        (
            "Percocet 5-325 mg 1 tab q6h",
            {"oxycodone": "5 mg 1 tab q6h", "acetaminophen": "325 mg 1 tab q6h"},
        ),
        (
            "co-codamol 30/500 x 2 QID",
            {"codeine": "30 mg x 2 QID", "acetaminophen": "500 mg x 2 QID"},
        ),
        ("metformin 500/500/1000 mg tid", {}),
        ("simvastatin 40 mg tablet - take 1/2 tablet at bedtime", {}),
    ],
)
def test_a_combination_is_told_apart_where_its_names_are(text: str, parts: object) -> None:
    assert dict(dose_texts(text)) == parts


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("simvastatin 40 mg tablet - take 1/2 tablet at bedtime", "simvastatin 40 mg"),
        ("acetaminophen 500 mg 2 tablets three times a day", "acetaminophen 500 mg"),
        ("aspirin 81 mg daily and warfarin", None),
        ("aspirin 81 mg clopidogrel 75 mg", None),
        ("simvastatin 40 mg", None),
    ],
)
def test_directions_are_cut_off_and_never_a_substance(text: str, shorter: str | None) -> None:
    assert without_directions(text) == shorter


@given(st.text(alphabet="0123456789/-.,x mgtabdilyqhprn()", max_size=80))
def test_whatever_is_written_is_a_positive_dose_or_none(text: str) -> None:
    found = daily_dose(text)
    assert found is None or 0 < found.mg <= 1e6
    dose_texts(text)
    without_directions(text)


def test_no_text_takes_long() -> None:
    started = time.process_time()
    for text in ("1-" * 100, "1 tab " * 33, "one half " * 22, "(" * 200, "5/5 " * 50, "a " * 100):
        daily_dose(text)
        dose_texts(text)
        without_directions(text)
    assert time.process_time() - started < 1


def test_the_table_of_times_is_sorted_and_says_where_its_words_stand() -> None:
    lines = TIMES_TABLE.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["words"] for row in rows] == sorted({row["words"] for row in rows})
    kinds = {row["kind"].partition(":")[0] for row in rows}
    assert kinds == {"day", "needed", "number", "part", "unclear", "weekday"}
    assert all(row["said_by"] for row in rows)


def test_the_table_of_strengths_is_sorted_and_names_at_least_two_parts() -> None:
    lines = ORDERS_TABLE.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert lines[1:] == sorted(set(lines[1:]))
    assert all("/" in row["parts"] and row["said_by"] for row in rows)
