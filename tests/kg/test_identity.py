"""Whose name a thing bears, which CURIE is preferred, and that nothing known of it is lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.identity import Identity, identify
from ontologies.vocabulary import Category

DRUG, GENE = Category.DRUG.value, Category.GENE.value
COLUMNS = ("id", "category", "name", "synonym", "xref", "language", "source")
ROWS = (
    ("ANSM.SUBSTANCE:simvastatine", DRUG, "simvastatine", "", "RXCUI:36567", "fr", "ansm"),
    ("DRUGBANK:DB00641", DRUG, "Simvastatin", "MK-733", "CHEBI:9150", "", "drugbank"),
    ("CHEMBL.COMPOUND:CHEMBL1064", DRUG, "simvastatin", "", "CHEBI:9150", "", "chembl"),
    ("RXCUI:36567", DRUG, "simvastatin", "", "", "", "curated"),
    ("HGNC:2637", GENE, "CYP3A4", "cytochrome P450 3A4", "HGNC.SYMBOL:CYP3A4", "", "hgnc"),
    ("HGNC.SYMBOL:CYP3A4", GENE, "CYP3A4", "", "", "", "pypgx"),
    ("ANSM.SUBSTANCE:theine", DRUG, "THÉINE", "", "", "fr", "ansm"),
)


def identity_of(*rows: tuple[str, ...]) -> Identity:
    return identify(pd.DataFrame(rows, columns=list(COLUMNS)))


@pytest.fixture
def nodes() -> pd.DataFrame:
    return identity_of(*ROWS).nodes.set_index("id")


def test_one_drug_under_four_identifiers_is_one_node(nodes: pd.DataFrame) -> None:
    assert sorted(nodes.index) == ["ANSM.SUBSTANCE:theine", "HGNC:2637", "RXCUI:36567"]
    assert nodes.loc["RXCUI:36567", "xref"] == (
        "DRUGBANK:DB00641|CHEMBL.COMPOUND:CHEMBL1064|CHEBI:9150|ANSM.SUBSTANCE:simvastatine"
    )
    assert nodes.loc["RXCUI:36567", "provided_by"] == "ansm|chembl|curated|drugbank"


def test_a_drug_bears_its_english_name_and_keeps_the_french_one(nodes: pd.DataFrame) -> None:
    assert nodes.loc["RXCUI:36567", "name"] == "simvastatin"
    assert nodes.loc["RXCUI:36567", "synonym"] == "MK-733|simvastatine"


def test_a_french_name_finds_the_drug_that_bears_its_english_form() -> None:
    identity = identity_of(
        ("ANSM.SUBSTANCE:simvastatine", DRUG, "simvastatine", "", "", "fr", "ansm"),
        ("DRUGBANK:DB00641", DRUG, "Simvastatin", "", "", "", "drugbank"),
    )
    (node,) = identity.nodes.to_dict("records")
    assert (node["id"], node["synonym"]) == ("DRUGBANK:DB00641", "simvastatine")
    assert identity.normalizer.preferred("ANSM.SUBSTANCE:simvastatine") == "DRUGBANK:DB00641"


def test_a_french_name_without_english_stays_as_it_is(nodes: pd.DataFrame) -> None:
    assert nodes.loc["ANSM.SUBSTANCE:theine", "name"] == "THÉINE"


def test_the_name_of_another_source_comes_before_a_french_one_that_nobody_translates() -> None:
    identity = identity_of(
        ("ANSM.SUBSTANCE:isophane", DRUG, "insuline isophane", "", "RXCUI:253181", "fr", "ansm"),
        ("RXCUI:253181", DRUG, "NPH insulin, human", "", "", "", "a source not listed"),
    )
    (node,) = identity.nodes.to_dict("records")
    assert (node["name"], node["synonym"]) == ("NPH insulin, human", "insuline isophane")


def test_a_gene_bears_its_symbol_whoever_names_it(nodes: pd.DataFrame) -> None:
    assert nodes.loc["HGNC:2637", "name"] == "CYP3A4"
    assert nodes.loc["HGNC:2637", "synonym"] == "cytochrome P450 3A4"


def test_the_name_of_the_better_source_is_taken_and_a_capital_alone_is_lowered() -> None:
    rows = [
        ("DRUGBANK:DB00641", DRUG, "Simvastatin", "", "RXCUI:36567", "", "drugbank"),
        ("RXCUI:36567", DRUG, "simvastatin acid lactone", "", "", "", "a source not listed"),
    ]
    assert identity_of(*rows).nodes["name"].tolist() == ["simvastatin"]


def test_a_name_with_capitals_inside_keeps_them() -> None:
    row = ("DRUGBANK:DB01440", DRUG, "Gamma-GHB", "", "", "", "drugbank")
    assert identity_of(row).nodes["name"].tolist() == ["Gamma-GHB"]


def test_two_rxcuis_stay_two_drugs_and_the_cut_is_reported() -> None:
    identity = identity_of(
        ("DRUGBANK:DB00641", DRUG, "Simvastatin", "", "RXCUI:36567|RXCUI:1", "", "drugbank"),
        ("RXCUI:36567", DRUG, "simvastatin", "", "", "", "curated"),
        ("RXCUI:1", DRUG, "another", "", "", "", "curated"),
    )
    assert list(identity.nodes["id"]) == ["RXCUI:1", "RXCUI:36567"]
    assert len(identity.normalizer.report) == 1


def test_a_synonym_is_not_repeated_beside_the_name() -> None:
    row = (
        "HP:0003201",
        Category.PHENOTYPIC_FEATURE.value,
        "Rash",
        "rash|Rash|Eruption",
        "",
        "",
        "",
    )
    assert identity_of(row).nodes["synonym"].tolist() == ["Eruption"]


@given(st.permutations(ROWS))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, ...]]) -> None:
    pd.testing.assert_frame_equal(identity_of(*rows).nodes, identity_of(*ROWS).nodes)


def test_a_code_that_one_source_calls_a_class_is_the_drug_that_another_knows() -> None:
    columns = ("id", "category", "name", "synonym", "xref", "language", "source")
    rows = [
        ("ATC:C01BB01", Category.DRUG_CLASS.value, "C01BB01", "", "", "en", "pypgx"),
        ("ATC:C01BB01", Category.DRUG.value, "lidocaine", "", "", "en", "atc"),
    ]
    nodes = identify(pd.DataFrame(rows, columns=list(columns))).nodes
    assert nodes[["name", "category"]].to_numpy().tolist() == [["lidocaine", "biolink:Drug"]]
