"""RxNorm's own files: what a product holds, which name is a brand, which substance a salt."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.rxnorm_rrf import CONCEPTS, RELATIONS, RXNORM_RRF
from ontologies.vocabulary import Predicate
from tests.kg.samples_own import pack, packed_sample, plain, rows_of


@pytest.fixture
def edges(tmp_path: Path) -> pd.DataFrame:
    return rows_of(RXNORM_RRF, packed_sample(RXNORM_RRF, tmp_path), ChunkKind.EDGES)


@pytest.fixture
def nodes(tmp_path: Path) -> pd.DataFrame:
    files = packed_sample(RXNORM_RRF, tmp_path)
    return rows_of(RXNORM_RRF, files, ChunkKind.NODES).set_index("id")


def contents(edges: pd.DataFrame, rxcui: str) -> list[list[str]]:
    stated = edges[edges["predicate"] == Predicate.HAS_ACTIVE_INGREDIENT.value]
    own = stated[stated["subject"] == f"RXCUI:{rxcui}"]
    return own[["object", "qualifiers"]].to_numpy().tolist()


def test_a_product_leads_to_its_ingredient_and_keeps_the_route(edges: pd.DataFrame) -> None:
    assert contents(edges, "9000007") == [["RXCUI:9000001", "route=oral"]]


def test_a_branded_product_holds_what_the_product_without_the_brand_holds(
    edges: pd.DataFrame,
) -> None:
    assert contents(edges, "9000008") == [["RXCUI:9000001", "route=oral"]]


def test_a_combination_holds_all_its_ingredients(edges: pd.DataFrame) -> None:
    assert contents(edges, "9000009") == [
        ["RXCUI:9000001", "route=ophthalmic"],
        ["RXCUI:9000002", "route=ophthalmic"],
    ]
    assert contents(edges, "9000005") == [["RXCUI:9000001", ""], ["RXCUI:9000002", ""]]


def test_a_brand_leads_to_its_ingredient(edges: pd.DataFrame) -> None:
    assert contents(edges, "9000004") == [["RXCUI:9000001", ""]]


def test_a_salt_is_a_form_of_its_base_and_no_ingredient_of_the_product(edges: pd.DataFrame) -> None:
    salts = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
    assert salts[["subject", "object"]].to_numpy().tolist() == [["RXCUI:9000003", "RXCUI:9000001"]]
    assert "RXCUI:9000003" not in set(edges["object"])


def test_a_base_and_its_salt_keep_their_own_names_and_identifiers(nodes: pd.DataFrame) -> None:
    assert nodes.loc["RXCUI:9000001", "xref"] == "DRUGBANK:DB99001|UNII:ABCDE12345"
    assert nodes.loc["RXCUI:9000001", "synonym"] == "examplAMINE|examplaminum"
    assert nodes.loc["RXCUI:9000003", "xref"] == "UNII:FGHIJ67890"


def test_what_is_obsolete_or_for_animals_only_is_left_out(nodes: pd.DataFrame) -> None:
    assert not {"RXCUI:9000011", "RXCUI:9000013"} & set(nodes.index)


def test_a_concept_that_is_no_number_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(RXNORM_RRF, tmp_path)
    pack(files[CONCEPTS], plain(RXNORM_RRF, CONCEPTS).replace(b"9000002|ENG", b"9O00002|ENG", 1))
    with pytest.raises(MalformedSource, match=r"RXNCONSO.RRF, row 6: RXCUI is '9O00002'"):
        list(RXNORM_RRF.read(files))


def test_a_circle_of_relations_ends(tmp_path: Path) -> None:
    files = packed_sample(RXNORM_RRF, tmp_path)
    circle = b"9000007||CUI|RO|9000006||CUI|isa|1||RXNORM|RXNORM||||4096|\n"
    pack(files[RELATIONS], plain(RXNORM_RRF, RELATIONS) + circle)
    assert contents(rows_of(RXNORM_RRF, files, ChunkKind.EDGES), "9000007") == [
        ["RXCUI:9000001", "route=oral"]
    ]
