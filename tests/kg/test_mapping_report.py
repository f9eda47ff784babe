"""What a source names without a public identifier is listed, with the reason; the rest is not."""

from __future__ import annotations

import pandas as pd
import pytest

from kg.identity import identify
from kg.mapping_report import COLUMNS, mapping_rows, unmapped
from ontologies.vocabulary import Category

DRUG, GENE, DISEASE = Category.DRUG.value, Category.GENE.value, Category.DISEASE.value
EFFECT, CLASS = Category.PHENOTYPIC_FEATURE.value, Category.DRUG_CLASS.value
STATED = ("id", "category", "name", "synonym", "xref", "language", "source")
TOPICAL, OWN = "DDINTER.DRUG:DDInter2", "WORLDVISTA.DRUG:boldo"
Row = tuple[str, str, str, str, str]


def table(*rows: Row) -> pd.DataFrame:
    """The report on rows of identifier, category, name, cross-references and source."""
    whole = [(curie, kind, name, "", xref, "", source) for curie, kind, name, xref, source in rows]
    stated = pd.DataFrame(whole, columns=list(STATED))
    return unmapped(stated, identify(stated))


def reasons(*rows: Row) -> dict[str, str]:
    found = table(*rows)
    return dict(zip(found["id"], found["reason"], strict=True))


@pytest.mark.parametrize(
    ("category", "curie"),
    [
        (DRUG, "RXCUI:6387"),
        (DRUG, "PUBCHEM.COMPOUND:3676"),
        (GENE, "NCBIGene:1576"),
        (EFFECT, "UMLS:C0020649"),
        (DISEASE, "MONDO:0005044"),
    ],
)
def test_what_has_a_public_identifier_of_its_kind_is_not_listed(category: str, curie: str) -> None:
    assert not reasons((curie, category, "a", "", "rxnorm"))
    assert not reasons((OWN, category, "a", curie, "worldvista"))


def test_a_class_of_drugs_needs_no_public_identifier() -> None:
    assert not reasons(("WORLDVISTA.CLASS:a", CLASS, "a", "", "worldvista"))


def test_a_drug_that_no_source_refers_onward_says_so() -> None:
    said = reasons((OWN, DRUG, "boldo", "WIKIDATA:Q833994", "worldvista"))
    assert said == {
        OWN: "no cross-reference stated to RXCUI, DRUGBANK, CHEMBL.COMPOUND, PUBCHEM.COMPOUND; "
        "known besides as WIKIDATA"
    }


def test_a_drug_between_two_identifiers_of_one_vocabulary_names_both() -> None:
    said = reasons(
        (OWN, DRUG, "boldo", "DRUGBANK:DB00001|DRUGBANK:DB00002", "worldvista"),
        ("DRUGBANK:DB00001", DRUG, "boldo one", "", "drugbank"),
        ("DRUGBANK:DB00002", DRUG, "boldo two", "", "drugbank"),
    )
    contested = "contested between DRUGBANK:DB00001, DRUGBANK:DB00002"
    assert said == {
        OWN: f"cut from DRUGBANK:DB00001: {contested}; cut from DRUGBANK:DB00002: {contested}"
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "tetracycline (topical)",
            "route, formulation or salt kept apart from RXCUI:10395 (tetracycline)",
        ),
        ("tetracycline phosphate", "salt kept apart from RXCUI:10395 (tetracycline)"),
        (
            "nystatin / tetracycline",
            "combination that no public vocabulary was stated to hold",
        ),
    ],
)
def test_a_form_or_a_combination_of_a_known_drug_is_said_to_be_one(name: str, reason: str) -> None:
    base = ("RXCUI:10395", DRUG, "tetracycline", "", "rxnorm")
    assert reasons(base, (TOPICAL, DRUG, name, "", "ddinter")) == {TOPICAL: reason}


def test_a_cut_salt_gives_the_reason_of_the_cut() -> None:
    said = reasons(
        ("RXCUI:5", DRUG, "tetracycline", "", "rxnorm"),
        (TOPICAL, DRUG, "tetracycline phosphate", "RXCUI:5", "ddinter"),
    )
    assert said[TOPICAL].startswith("cut from RXCUI:5: salt form: ")


def test_every_source_that_names_a_thing_has_its_own_row_in_order() -> None:
    rows = [
        (OWN, DRUG, "Boldo", "", "worldvista"),
        (OWN, DRUG, "Boldo", "", "worldvista"),
        (OWN, DRUG, "boldo", "", "ansm"),
    ]
    found = table(*rows)
    assert list(found["source"]) == ["ansm", "worldvista"]
    assert found.equals(table(*reversed(rows)))


def test_the_file_has_one_line_per_row_and_no_stray_tab() -> None:
    lines = mapping_rows(table((OWN, DRUG, "bol\tdo", "", "worldvista"))).splitlines()
    assert lines[0] == "\t".join(COLUMNS)
    assert lines[1].split("\t")[:4] == ["worldvista", OWN, "bol do", OWN]
    assert len(lines) == 2


def test_nothing_stated_gives_the_header_alone() -> None:
    empty = pd.DataFrame(columns=list(COLUMNS), dtype=str)
    assert mapping_rows(empty) == "\t".join(COLUMNS) + "\n"
