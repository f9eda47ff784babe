"""The table of combinations names each product once, and a graph gets its ingredients from it."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.curated import CURATED, FOLDER
from kg.sources.curated_combinations import combination_chunks
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

Row = dict[str, str]
HEADER = ("product_id", "product", "synonyms", "ingredient_ids", "ingredients", "reference")
COTRIMOXAZOLE = Row(
    zip(
        HEADER,
        (
            "RXCUI:10831",
            "sulfamethoxazole / trimethoprim",
            "co-trimoxazole|cotrimoxazole",
            "RXCUI:10180|RXCUI:10829",
            "sulfamethoxazole|trimethoprim",
            "rxnorm-export",
        ),
        strict=True,
    )
)
TITLES = {"rxnorm-export": "RxNorm"}


def rows_of(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = rows_of("combinations.tsv")


def chunks_of(*rows: Row) -> dict[ChunkKind, pd.DataFrame]:
    tables = {"combinations.tsv": pd.DataFrame(rows)}
    return {chunk.kind: chunk.frame for chunk in combination_chunks(tables, TITLES)}


def test_a_combination_is_a_drug_with_all_its_names_and_an_edge_to_each_ingredient() -> None:
    chunks = chunks_of(COTRIMOXAZOLE)
    nodes, edges = chunks[ChunkKind.NODES], chunks[ChunkKind.EDGES]
    names = dict(zip(nodes["id"], nodes["name"], strict=True))
    assert names["RXCUI:10829"] == "trimethoprim"
    assert nodes.set_index("id")["synonym"]["RXCUI:10831"] == "co-trimoxazole|cotrimoxazole"
    assert set(edges["predicate"]) == {Predicate.HAS_ACTIVE_INGREDIENT.value}
    assert list(zip(edges["subject"], edges["object"], strict=True)) == [
        ("RXCUI:10831", "RXCUI:10180"),
        ("RXCUI:10831", "RXCUI:10829"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"ingredient_ids": "RXCUI:10180"},
        {"ingredient_ids": "RXCUI:10180", "ingredients": "sulfamethoxazole"},
    ],
)
def test_a_product_without_two_named_ingredients_is_refused_with_its_name(change: Row) -> None:
    with pytest.raises(MalformedSource, match="sulfamethoxazole / trimethoprim"):
        chunks_of(COTRIMOXAZOLE | change)


def test_a_reference_that_is_not_listed_is_refused() -> None:
    with pytest.raises(MalformedSource, match="unheard-of"):
        chunks_of(COTRIMOXAZOLE | {"reference": "unheard-of"})


def test_each_product_stands_once_in_order_and_cites_what_is_listed() -> None:
    names = [(row["product"].lower(), row["product_id"]) for row in ROWS]
    assert names == sorted(set(names))
    assert len({row["product_id"] for row in ROWS}) == len(ROWS) >= 700
    assert {row["reference"] for row in ROWS} <= {row["id"] for row in rows_of("references.tsv")}


def test_a_name_belongs_to_one_product_and_an_ingredient_has_one_id() -> None:
    names = [
        name.lower()
        for row in ROWS
        for name in (row["product"], *filter(None, row["synonyms"].split("|")))
    ]
    assert len(names) == len(set(names))
    named: dict[str, set[str]] = {}
    for row in ROWS:
        ids, ingredients = row["ingredient_ids"].split("|"), row["ingredients"].split("|")
        for identifier, ingredient in zip(ids, ingredients, strict=True):
            named.setdefault(ingredient, set()).add(str(Curie.parse(identifier)))
    assert {name for name, ids in named.items() if len(ids) > 1} == set()


def test_a_brand_holds_what_the_combination_of_its_ingredients_is_named_after() -> None:
    brands = [row for row in ROWS if " / " not in row["product"]]
    combinations = {row["ingredients"] for row in ROWS if " / " in row["product"]}
    assert {row["product"] for row in brands if row["ingredients"] not in combinations} == set()


@pytest.mark.parametrize(
    ("brand", "ingredients"),
    [
        ("Microgynon", "ethinyl estradiol|levonorgestrel"),
        ("Logynon", "ethinyl estradiol|levonorgestrel"),
        ("Marvelon", "desogestrel|ethinyl estradiol"),
        ("Cilest", "ethinyl estradiol|norgestimate"),
        ("Seretide", "fluticasone propionate|salmeterol"),
        ("Fostair", "beclomethasone dipropionate|formoterol"),
        ("Septrin", "sulfamethoxazole|trimethoprim"),
        ("Frumil", "amiloride|furosemide"),
        ("Soliqua", "insulin glargine|lixisenatide"),
        ("Claritin-D", "loratadine|pseudoephedrine"),
        ("NyQuil", "acetaminophen|dextromethorphan|doxylamine"),
        ("Solpadeine Plus", "acetaminophen|caffeine|codeine"),
    ],
)
def test_a_brand_that_sources_file_under_one_part_holds_all(brand: str, ingredients: str) -> None:
    assert {row["product"]: row["ingredients"] for row in ROWS}[brand] == ingredients


def test_the_source_reads_the_table() -> None:
    files = {file: FOLDER / file for file in CURATED.files}
    edges = pd.concat(c.frame for c in CURATED.read(files) if c.kind is ChunkKind.EDGES)
    held = edges[edges["predicate"] == Predicate.HAS_ACTIVE_INGREDIENT.value]
    assert len(held) == sum(len(row["ingredient_ids"].split("|")) for row in ROWS)


def test_the_table_is_clean() -> None:
    text = Path(FOLDER / "combinations.tsv").read_text(encoding="utf-8")
    assert "\r" not in text
    assert '"' not in text
    assert all(cell == cell.strip() for line in text.splitlines() for cell in line.split("\t"))
