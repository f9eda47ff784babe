"""Which links lead a form to its drug: those that names bear out, and those that names show."""

from __future__ import annotations

import pandas as pd
import pytest

from kg.forms import Forms
from kg.identity import identify
from ontologies.vocabulary import Category, Predicate

DRUG, CLASS = Category.DRUG.value, Category.DRUG_CLASS.value
COLUMNS = ["id", "category", "name", "synonym", "xref", "language", "source"]
NAMED = (
    ("RXCUI:214354", DRUG, "candesartan"),
    ("RXCUI:135481", DRUG, "candesartan cilexetil"),
    ("RXCUI:300195", DRUG, "tenofovir disoproxil"),
    ("RXCUI:117466", DRUG, "tenofovir"),
    ("RXCUI:322248", DRUG, "tenofovir disoproxil fumarate"),
    ("RXCUI:69120", DRUG, "tiotropium"),
    ("ATC:R03BB04", DRUG, "tiotropium bromide"),
    ("ATC:R03BB", CLASS, "anticholinergics"),
    ("RXCUI:1886", DRUG, "caffeine"),
    ("ATC:N02BE01", DRUG, "paracetamol"),
    ("ATC:D07AC01", DRUG, "betamethasone"),
    ("RXCUI:1516", DRUG, "betamethasone valerate"),
    ("DRUGBANK:DB00131", DRUG, "adenosine phosphate"),
    ("DRUGBANK:DB00640", DRUG, "adenosine"),
    ("RXCUI:8591", DRUG, "potassium chloride"),
    ("RXCUI:8588", DRUG, "potassium"),
)


@pytest.fixture(scope="module")
def forms() -> Forms:
    rows = [(curie, category, name, "", "", "en", "a") for curie, category, name in NAMED]
    stated = pd.DataFrame(rows, columns=COLUMNS)
    identity = identify(stated)
    return Forms.of(stated, identity.nodes, identity.normalizer)


def links(*ends: tuple[str, str]) -> pd.DataFrame:
    rows = [(subject, Predicate.SUBCLASS_OF.value, target) for subject, target in ends]
    return pd.DataFrame(rows, columns=["subject", "predicate", "object"])


def test_a_code_of_another_drug_makes_no_form_of_it_and_is_reported(forms: Forms) -> None:
    kept, cut = forms.checked(links(("RXCUI:1886", "ATC:N02BE01")))
    assert kept.empty
    assert cut.to_dict("records") == [
        {
            "left": "RXCUI:1886",
            "right": "ATC:N02BE01",
            "reason": "no form of it: 'caffeine', 'paracetamol'",
        }
    ]


def test_a_code_whose_name_the_form_bears_stays(forms: Forms) -> None:
    kept, cut = forms.checked(links(("RXCUI:1516", "ATC:D07AC01")))
    assert (len(kept), len(cut)) == (1, 0)


def test_a_code_of_the_salt_puts_the_drug_into_the_class_of_the_code(forms: Forms) -> None:
    kept, cut = forms.checked(links(("RXCUI:69120", "ATC:R03BB04")))
    assert kept["object"].tolist() == ["ATC:R03BB"]
    assert cut.empty


def test_what_no_list_of_classes_states_is_left_as_it_is(forms: Forms) -> None:
    kept, cut = forms.checked(links(("RXCUI:1886", "RXCUI:214354"), ("RXCUI:1886", "ATC:R03BB")))
    assert (len(kept), len(cut)) == (2, 0)


def test_a_name_leads_a_salt_or_an_ester_to_the_nearest_drug(forms: Forms) -> None:
    found = forms.named([("RXCUI:1516", "ATC:D07AC01")])
    assert sorted(zip(found["subject"], found["object"], strict=True)) == [
        ("ATC:R03BB04", "RXCUI:69120"),
        ("RXCUI:135481", "RXCUI:214354"),
        ("RXCUI:300195", "RXCUI:117466"),
        ("RXCUI:322248", "RXCUI:300195"),
    ]
    assert found["text"].str.contains("by its name").all()


def test_what_is_linked_the_other_way_round_is_not_linked_back(forms: Forms) -> None:
    stated = [("RXCUI:214354", "RXCUI:135481")]
    assert "RXCUI:135481" not in set(forms.named(stated)["subject"])


def test_a_nucleotide_and_an_inorganic_salt_are_no_form_of_their_base(forms: Forms) -> None:
    subjects = set(forms.named([])["subject"])
    assert not subjects & {"DRUGBANK:DB00131", "RXCUI:8591"}
    kept, cut = forms.checked(links(("DRUGBANK:DB00131", "DRUGBANK:DB00640")))
    assert (len(kept), len(cut)) == (0, 1)
