"""RxNorm: a product's name leads to its ingredients, its route and its brand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.rxnorm import EXPORT, HAS_ACTIVE_INGREDIENT, MEDICINES, RXNORM
from kg.sources.rxnorm_names import parse_product
from ontologies.vocabulary import Predicate
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def contents(folder: Path) -> dict[str, set[tuple[str, str]]]:
    edges = rows_of(RXNORM, packed_sample(RXNORM, folder), ChunkKind.EDGES)
    found: dict[str, set[tuple[str, str]]] = {}
    active = edges[edges["predicate"] == HAS_ACTIVE_INGREDIENT]
    for subject, target, route in active[["subject", "object", "qualifiers"]].to_numpy():
        found.setdefault(subject.removeprefix("RXCUI:"), set()).add((target, route))
    return found


@pytest.mark.parametrize(
    ("name", "ingredients", "route"),
    [
        ("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]",
         ("metoprolol succinate",), "oral"),
        ("10 ML Furosemide 10 MG/ML Injection", ("Furosemide",), "injection"),
        ("Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet", ("Amoxicillin", "Clavulanate"),
         "oral"),
        ("Timolol 5 MG/ML Ophthalmic Solution", ("Timolol",), "ophthalmic"),
        ("Simvastatin 10 MG", ("Simvastatin",), ""),
        ("NDA020800 0.3 ML Epinephrine 1 MG/ML Auto-Injector", ("Epinephrine",), "injection"),
        ("Vitamin B 12 5 MG/ML Injectable Solution", ("Vitamin B 12",), "injection"),
        ("Fusidate Topical Ointment", ("Fusidate",), "topical"),
        ("Diclofenac / Misoprostol Pill", ("Diclofenac", "Misoprostol"), "oral"),
        ("{21 (Ethinyl Estradiol 0.02 MG / Norethindrone 1 MG Oral Tablet) / 7 (Inert Ingredients "
         "1 MG Oral Tablet) } Pack [Loestrin]",
         ("Ethinyl Estradiol", "Norethindrone", "Inert Ingredients"), "oral"),
        ("{1 (295 ML) (Acetaminophen 21.7 MG/ML Oral Solution) } Pack", ("Acetaminophen",), "oral"),
    ],
)  # fmt: skip
def test_a_name_says_what_is_in_a_product_and_how_it_is_given(
    name: str, ingredients: tuple[str, ...], route: str
) -> None:
    parsed = parse_product(name, frozenset({"Topical Ointment"}))
    assert (parsed.ingredients, parsed.route) == (ingredients, route)


def test_a_product_leads_to_the_salt_that_it_names(tmp_path: Path) -> None:
    assert contents(tmp_path)["860975"] == {("RXCUI:235743", "route=oral")}


def test_a_product_of_two_ingredients_leads_to_both(tmp_path: Path) -> None:
    assert {code for code, _ in contents(tmp_path)["990012"]} == {"RXCUI:4815", "RXCUI:235743"}


def test_a_pack_leads_to_what_its_full_name_lists(tmp_path: Path) -> None:
    assert {code for code, _ in contents(tmp_path)["990015"]} == {"RXCUI:4815", "RXCUI:235743"}


def test_a_brand_leads_to_what_all_its_products_hold(tmp_path: Path) -> None:
    assert contents(tmp_path)["151827"] == {("RXCUI:235743", "")}


def test_a_mixture_leads_to_its_parts_and_a_newer_product_is_read_too(tmp_path: Path) -> None:
    found = contents(tmp_path)
    assert {code for code, _ in found["284743"]} == {"RXCUI:4815", "RXCUI:6809"}
    assert found["990021"] == {("RXCUI:4815", "route=injection")}


def test_a_brand_is_never_taken_for_an_ingredient(tmp_path: Path) -> None:
    found = contents(tmp_path)
    assert "990011" not in found, "a branded form without strength names a brand"
    assert "990014" not in found, "its ingredient has no code"


def test_a_salt_leads_to_its_base(tmp_path: Path) -> None:
    edges = rows_of(RXNORM, packed_sample(RXNORM, tmp_path), ChunkKind.EDGES)
    bases = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
    assert bases[["subject", "object"]].to_numpy().tolist() == [["RXCUI:235743", "RXCUI:6809"]]


def test_a_display_name_is_a_synonym(tmp_path: Path) -> None:
    nodes = rows_of(RXNORM, packed_sample(RXNORM, tmp_path), ChunkKind.NODES).set_index("id")
    assert nodes.loc["RXCUI:860981", "synonym"] == "Glucophage 500 MG Oral Tablet"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (EXPORT, b"RXNORM/860975,", b"RXNORM/86 0975,"),
        (MEDICINES, b'"990021"', b'"99 0021"'),
        (MEDICINES, b"2 ML Glyburide 5 MG/ML Injection", b" "),
    ],
)
def test_a_code_or_a_name_of_another_form_is_refused(
    file: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    files = packed_sample(RXNORM, tmp_path)
    pack(files[file], plain(RXNORM, file).replace(old, new))
    with pytest.raises(MalformedSource) as refusal:
        list(RXNORM.read(files))
    assert refusal.value.file == file


@pytest.mark.shared
@pytest.mark.slow
def test_the_published_names_lead_most_products_to_their_ingredients(shared_data: Path) -> None:
    edges = rows_of(RXNORM, real_files(RXNORM, shared_data), ChunkKind.EDGES)
    active = edges[edges["predicate"] == HAS_ACTIVE_INGREDIENT]
    assert active["subject"].nunique() > 89_000
    of = active.groupby("subject")["object"].agg(set)
    assert of["RXCUI:562251"] == {"RXCUI:723", "RXCUI:48203"}
    assert of["RXCUI:748962"] == {"RXCUI:7514"}
