"""What the text of a medicine says of its form; what it does not say is not taken for harmless."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.fhir import dose_forms
from api.fhir.dose_forms import place_of, route_in, route_in_all
from kg.rules.routes import load_routes
from kg.rules.rows import rows_of

FOLDER = Path(dose_forms.__file__).parent


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("Diclofenac Sodium 0.01 MG/MG Topical Gel", "topical"),
        ("ketoconazole 2% shampoo", "topical"),
        ("hydrocortisone 1% cream", "topical"),
        ("Timolol 5 MG/ML Ophthalmic Solution", "ophthalmic"),
        ("erythromycin eye ointment", "ophthalmic"),
        ("metronidazole vaginal gel", "vaginal"),
        ("hydrocortisone rectal cream", "rectal"),
        ("mupirocin nasal ointment", "nasal"),
        ("miconazole oral gel", "oral"),
        ("warfarin 5 mg tablet", "oral"),
        ("testosterone 1% gel", "transdermal"),
        ("Nitroglycerin 0.02 MG/MG Topical Ointment", "transdermal"),
        ("ibuprofen 200 mg gel capsule", None),
        ("Advil Liqui-Gels", None),
        ("tobramycin ophthalmic and otic solution", None),
        ("simvastatin", None),
    ],
)
def test_a_text_tells_a_route_or_none(text: str, route: str | None) -> None:
    assert route_in(text) == route


def test_texts_that_disagree_tell_nothing() -> None:
    assert route_in_all(["diclofenac", "diclofenac gel"]) == "topical"
    assert route_in_all(["diclofenac tablet", "diclofenac gel"]) is None


def test_every_route_of_the_table_is_one_of_the_rules() -> None:
    columns = ("written", "route", "tells", "reference")
    known = load_routes()
    rows = [row for _, row in rows_of(FOLDER, "dose_forms.tsv", columns, ("written",))]
    assert [row["written"] for row in rows] == sorted(row["written"] for row in rows)
    assert all(known.read(row["route"]) == row["route"] for row in rows)
    assert place_of("eye drops") == "ophthalmic"
    assert place_of("oral") is None
    assert place_of(None) is None
