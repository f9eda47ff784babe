"""The source clinpgx: which names and identities its terms get, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.clinpgx import CHEMICALS, CLINPGX, DRUGS, HAS_ACTIVE_INGREDIENT, PHENOTYPES, names
from kg.sources.clinpgx_cells import items, mixtures
from ontologies.vocabulary import Category, Predicate
from tests.kg.samples_g4 import sample_chunks, write_sample

EXAMPLOL, CITRAFIB = "PHARMGKB.DRUG:PA990001", "PHARMGKB.DRUG:PA990003"
BOTH, DUOVIA = "PHARMGKB.DRUG:PA990007", "coprescribe:product/Duovia"


@pytest.fixture
def nodes(tmp_path: Path) -> pd.DataFrame:
    frames = [c.frame for c in sample_chunks(CLINPGX, tmp_path) if c.kind is ChunkKind.NODES]
    return pd.concat(frames).drop_duplicates().set_index("id")


@pytest.fixture
def edges(tmp_path: Path) -> pd.DataFrame:
    frames = [c.frame for c in sample_chunks(CLINPGX, tmp_path) if c.kind is ChunkKind.EDGES]
    return pd.concat(frames)


def xref(nodes: pd.DataFrame, curie: str) -> str:
    return str(nodes.loc[curie, "xref"])


def targets(edges: pd.DataFrame, subject: str, predicate: str) -> set[str]:
    found = (edges["subject"] == subject) & (edges["predicate"] == predicate)
    return set(edges.loc[found, "object"])


def test_a_drug_has_the_identifiers_of_which_it_states_one(nodes: pd.DataFrame) -> None:
    assert nodes.loc[EXAMPLOL, "xref"] == (
        "CHEBI:990001|DRUGBANK:DB99001|MESH:D990001|PUBCHEM.COMPOUND:990001|RXCUI:990001"
        "|UMLS:C9900001"
    )


def test_several_identifiers_of_a_vocabulary_are_no_identity(nodes: pd.DataFrame) -> None:
    assert "RXCUI" not in xref(nodes, CITRAFIB)
    assert "DRUGBANK" not in xref(nodes, CITRAFIB)


def test_an_identifier_of_two_rows_is_no_identity(nodes: pd.DataFrame) -> None:
    assert xref(nodes, CITRAFIB) == xref(nodes, BOTH) == ""


def test_names_are_synonyms_but_not_those_of_mixtures(nodes: pd.DataFrame) -> None:
    assert nodes.loc[EXAMPLOL, "synonym"] == (
        "examplol, (R)-|Examplolum [INN-Latin]|Exemplar|Examplor"
    )


def test_each_name_has_its_kind(tmp_path: Path) -> None:
    found = set(names(write_sample(CLINPGX, tmp_path)[DRUGS]))
    assert ("examplol", EXAMPLOL, "name") in found
    assert ("Examplolum [INN-Latin]", EXAMPLOL, "synonym") in found
    assert ("Examplor", EXAMPLOL, "brand") in found
    assert not any(name == "Duovia" for name, _, _ in found)


def test_a_metabolite_is_no_drug_and_a_class_is_a_class(nodes: pd.DataFrame) -> None:
    assert nodes.loc["PHARMGKB.DRUG:PA990010", "category"] == Category.CHEMICAL_ENTITY.value
    assert nodes.loc["PHARMGKB.DRUG:PA990008", "category"] == Category.DRUG_CLASS.value
    assert nodes.loc["PHARMGKB.DRUG:PA990008", "xref"] == "ATC:C07A"
    assert nodes.loc[CITRAFIB, "category"] == Category.DRUG.value


def test_a_single_drug_is_not_in_the_class_of_a_combination(edges: pd.DataFrame) -> None:
    assert targets(edges, EXAMPLOL, Predicate.SUBCLASS_OF.value) == {"ATC:C07AB09"}
    assert targets(edges, BOTH, Predicate.SUBCLASS_OF.value) == {"ATC:C07BB52"}


def test_combinations_and_branded_mixtures_have_ingredients(
    nodes: pd.DataFrame, edges: pd.DataFrame
) -> None:
    assert targets(edges, BOTH, HAS_ACTIVE_INGREDIENT) == {EXAMPLOL, CITRAFIB}
    assert targets(edges, DUOVIA, HAS_ACTIVE_INGREDIENT) == {EXAMPLOL, CITRAFIB}
    assert nodes.loc[DUOVIA, "name"] == "Duovia"


def test_a_mixture_with_an_unknown_part_is_left_out(nodes: pd.DataFrame) -> None:
    assert "coprescribe:product/Kitty" not in nodes.index


def test_a_phenotype_is_another_term_only_under_one_of_its_names(nodes: pd.DataFrame) -> None:
    fever = nodes.loc["PHARMGKB.DISEASE:PA990020"]
    assert fever["xref"] == "HP:9900020|MESH:D990020|UMLS:C9900020"
    assert fever["category"] == Category.PHENOTYPIC_FEATURE.value
    assert fever["synonym"] == "Fever, Example|Examplitis"


def test_a_disease_keeps_what_is_said_once(nodes: pd.DataFrame) -> None:
    syndrome = nodes.loc["PHARMGKB.DISEASE:PA990021"]
    assert syndrome["xref"] == "MONDO:9900021"
    assert syndrome["category"] == Category.DISEASE.value


def test_a_part_with_a_comma_stays_whole() -> None:
    assert items('"""a, b"", ""c"""') == ["a, b", "c"]
    assert items("a, c") == ["a", "c"]
    assert items("") == []


def test_a_mixture_is_a_brand_with_two_parts_or_more() -> None:
    cell = "Kivexa (Abacavir Sulfate + Lamivudine), Solo (lamivudine), Duo (a (b) + c)"
    assert list(mixtures(cell)) == [
        ("Kivexa", ("Abacavir Sulfate", "Lamivudine")),
        ("Duo", ("a (b)", "c")),
    ]


@pytest.mark.parametrize("file", [CHEMICALS, DRUGS, PHENOTYPES])
@pytest.mark.parametrize(
    ("content", "place"),
    [(b"", ""), (b"other\tcolumns\n", ""), (b"\xff\n", ""), (b"cut", "")],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, file: str, content: bytes, place: str
) -> None:
    files = write_sample(CLINPGX, tmp_path)
    files[file].write_bytes(gzip.compress(content))
    with pytest.raises(MalformedSource, match=file + place):
        list(CLINPGX.read(files))


def test_a_row_with_a_missing_cell_is_named(tmp_path: Path) -> None:
    files = write_sample(CLINPGX, tmp_path)
    content = gzip.decompress(files[DRUGS].read_bytes()) + b"PA1\tshort\n"
    files[DRUGS].write_bytes(gzip.compress(content))
    with pytest.raises(MalformedSource, match=f"{DRUGS}, row 6"):
        list(CLINPGX.read(files))


def test_every_term_of_the_real_files_is_a_node(shared_data: Path) -> None:
    folder = shared_data / "pgx" / "clinpgx"
    chunks = list(CLINPGX.read({name: folder / name for name in CLINPGX.files}))
    nodes = pd.concat([c.frame for c in chunks if c.kind is ChunkKind.NODES]).drop_duplicates()
    terms = nodes["id"].str.startswith(("PHARMGKB.DRUG:", "PHARMGKB.DISEASE:"))
    assert (terms.sum(), len(nodes) - terms.sum()) == (5_210 + 1_614, 534)
    assert nodes["id"].is_unique
    warfarin = nodes.set_index("id").loc["PHARMGKB.DRUG:PA451906"]
    assert {"RXCUI:11289", "DRUGBANK:DB00682"} <= set(warfarin["xref"].split("|"))
