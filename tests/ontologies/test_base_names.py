"""The name of a form leads to names of what it is a form of."""

from __future__ import annotations

import pytest

from ontologies.base_names import base_names, is_research_code


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("warfarin sodium", ["warfarin"]),
        ("warfarin", []),
        ("CYTARABINE LIPOSOME", ["cytarabine"]),
        ("vincristine sulfate liposome", ["vincristine"]),
        ("cetirizine hydrochloride (CHEMBL1607273)", ["cetirizine"]),
        ("fusidate", ["fusidic acid"]),
        ("etidronate disodium", ["etidronate", "etidronic acid"]),
        ("potassium chloride", []),
        ("isosorbide mononitrate", []),
        ("losartan / hydrochlorothiazide", []),
        ("Metoprolol tartrate 50 MG Oral Tablet", []),
    ],
)
def test_a_form_leads_to_its_base(name: str, bases: list[str]) -> None:
    assert list(base_names(name)) == bases


@pytest.mark.parametrize("name", ["GS-9350", "MK-0974", "BGB-3111", "TMC278"])
def test_a_code_of_a_firm_is_told_from_a_name(name: str) -> None:
    assert is_research_code(name)


@pytest.mark.parametrize("name", ["warfarin", "vitamin b12", "factor 8", "N-acetyl-4"])
def test_a_name_with_a_number_is_no_code_of_a_firm(name: str) -> None:
    assert not is_research_code(name)
