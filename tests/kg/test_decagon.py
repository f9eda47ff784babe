"""Decagon: which medicine each number is, what its files say, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import FIELDS, Chunk, ChunkKind, MalformedSource
from kg.sources.decagon import COMBO, DECAGON, MONO, PPI, STRUCTURES, patches
from ontologies.curie import PrefixMap
from ontologies.heavy_atoms import composition
from ontologies.vocabulary import Predicate
from tests.kg.samples_side_effects import copy_packed, plain, write_packed

CID = "PUBCHEM.COMPOUND:"


@pytest.fixture
def chunks(tmp_path: Path) -> list[Chunk]:
    return list(DECAGON.read(copy_packed(DECAGON, tmp_path)))


def of_kind(chunks: list[Chunk], kind: ChunkKind) -> pd.DataFrame:
    return pd.concat([chunk.frame for chunk in chunks if chunk.kind is kind], ignore_index=True)


def said(nodes: pd.DataFrame, curie: str) -> list[str]:
    return [str(nodes[column][curie]) for column in ("name", "xref")]


def from_file(chunks: list[Chunk], file: str) -> pd.DataFrame:
    edges = of_kind(chunks, ChunkKind.EDGES)
    return edges[edges["file"] == file]


def test_every_column_is_text_and_every_curie_has_its_form(chunks: list[Chunk]) -> None:
    known = PrefixMap.load()
    for chunk in chunks:
        assert tuple(chunk.frame.columns) == FIELDS[chunk.kind]
        ends = {"id", "xref", "subject", "object", "drug_a", "drug_b", "effect"}
        for column in ends & set(chunk.frame.columns):
            curies = {curie for curie in chunk.frame[column] if curie}
            assert [c for c in sorted(curies) if str(known.standard(c)) != c] == []


def test_every_end_of_a_statement_is_a_node_and_no_node_stands_twice(chunks: list[Chunk]) -> None:
    kinds = (ChunkKind.NODES, ChunkKind.EDGES, ChunkKind.CO_REPORTS)
    nodes, edges, pairs = (of_kind(chunks, kind) for kind in kinds)
    ends = {*edges["subject"], *edges["object"], *pairs["drug_a"], *pairs["drug_b"]}
    assert ends | set(pairs["effect"]) <= set(nodes["id"])
    assert not nodes["id"].duplicated().any()


def test_a_drug_bears_its_name_and_means_the_medicine_of_the_patch_table(
    chunks: list[Chunk],
) -> None:
    nodes = of_kind(chunks, ChunkKind.NODES).set_index("id")
    assert said(nodes, CID + "6691") == ["warfarin", "DRUGBANK:DB00682"]
    assert nodes.loc[CID + "28112", "name"] == "lithium"
    assert said(nodes, CID + "99000001") == ["", ""]


def test_a_number_that_several_medicines_share_is_joined_with_none(chunks: list[Chunk]) -> None:
    nodes = of_kind(chunks, ChunkKind.NODES).set_index("id")
    assert nodes.loc[CID + "5538", "name"] == "retinoic acid, isomer not stated"
    assert nodes.loc[CID + "5538", "xref"] == ""


def test_an_ester_is_a_form_of_its_parent_and_not_the_same(chunks: list[Chunk]) -> None:
    forms = from_file(chunks, STRUCTURES).set_index("subject")
    assert forms.loc[CID + "130881", "predicate"] == Predicate.SUBCLASS_OF.value
    assert forms.loc[CID + "130881", "object"] == "DRUGBANK:DB00275"
    assert patches().loc[CID + "130881", "xref"] == "RXCUI:118463"


def test_reports_under_two_drugs_are_co_reports_that_say_no_more_than_that(
    chunks: list[Chunk],
) -> None:
    reports = of_kind(chunks, ChunkKind.CO_REPORTS)
    assert len(reports) == 10
    assert reports.iloc[0].tolist() == [CID + "2173", CID + "6691", "UMLS:C0019080", COMBO]
    assert ChunkKind.PAIRS not in {chunk.kind for chunk in chunks}


def test_effects_bear_the_names_that_the_files_give_and_others_none(chunks: list[Chunk]) -> None:
    nodes = of_kind(chunks, ChunkKind.NODES).set_index("id")
    assert nodes.loc["UMLS:C0017181", "name"] == "bleeding, gastrointestinal"
    assert nodes.loc["UMLS:C0011991", "name"] == ""
    assert set(from_file(chunks, MONO)["predicate"]) == {Predicate.CO_REPORTED.value}


def test_a_flat_and_a_plain_number_of_a_target_are_one_compound(chunks: list[Chunk]) -> None:
    targets = from_file(chunks, "bio-decagon-targets-all.csv.gz")
    assert targets["subject"].tolist().count(CID + "3345") == 2


def test_an_effect_belongs_to_a_class_that_is_the_disease_ontology_s(chunks: list[Chunk]) -> None:
    nodes = of_kind(chunks, ChunkKind.NODES).set_index("id")
    classes = from_file(chunks, "bio-decagon-effectcategories.csv").set_index("subject")
    curie, other = (str(classes["object"][cui]) for cui in ("UMLS:C0027497", "UMLS:C0033775"))
    assert said(nodes, curie) == ["gastrointestinal system disease", "DOID:77"]
    assert said(nodes, other) == ["rare skin whim", ""]


def test_links_of_proteins_are_between_genes(chunks: list[Chunk]) -> None:
    links = from_file(chunks, PPI)
    assert len(links) == 9
    assert links.iloc[0, :3].tolist() == [
        "NCBIGene:185",
        "biolink:physically_interacts_with",
        "NCBIGene:2931",
    ]


def test_the_patch_table_names_645_drugs_once_and_says_why_where_it_had_to_decide() -> None:
    table = patches()
    assert len(table) == 645
    assert table.index.is_unique
    assert table["name"].is_unique
    assert set(table["basis"]) == {"structure", "drawing", "reports", "likeness", "unclear"}
    assert (table.loc[table["basis"] != "structure", "why"] != "").all()
    joined = table["basis"].isin(["structure", "reports", "likeness"])
    assert (table.loc[joined, "xref"] != "").all()
    assert (table.loc[table["basis"] == "unclear", "xref"] == "").all()
    xrefs = table.loc[table["xref"] != "", "xref"]
    assert xrefs.is_unique, "two numbers would become one drug"
    known = PrefixMap.load()
    assert [x for x in [*xrefs, *table["form_of"]] if x and str(known.standard(x)) != x] == []
    assert ((table["form_of"] == "") == (table["form_of_name"] == "")).all()


@pytest.mark.parametrize(
    ("number", "xref"),
    [
        ("6691", "DRUGBANK:DB00682"),
        ("3161", "DRUGBANK:DB00254"),
        ("9052", "DRUGBANK:DB01418"),
        ("4200", "DRUGBANK:DB01017"),
        ("5412", "DRUGBANK:DB00759"),
        ("4856", "DRUGBANK:DB00554"),
        ("4052", "DRUGBANK:DB00814"),
        ("443871", "DRUGBANK:DB00731"),
        ("65027", "DRUGBANK:DB00932"),
        ("10631", "RXCUI:6691"),
        ("2308", "RXCUI:1347"),
        ("9433", "DRUGBANK:DB01223"),
        ("2153", "DRUGBANK:DB00277"),
        ("2891", "DRUGBANK:DB00115"),
        ("4479097", "DRUGBANK:DB00200"),
    ],
)
def test_numbers_that_other_maps_miss_or_confuse_are_told_apart(number: str, xref: str) -> None:
    assert patches().loc[CID + number, "xref"] == xref


def test_the_atoms_of_a_structure_are_counted_without_hydrogen() -> None:
    assert composition("[2H]C([nH]1cccc1)[C@@H](Br)[Na+]") == "C6BrNNa"


def test_a_structure_of_another_compound_is_refused(tmp_path: Path) -> None:
    files = copy_packed(DECAGON, tmp_path)
    drawn = json.loads(files[STRUCTURES].read_text(encoding="utf-8"))
    drawn["CID000006691"] = "CCO"
    files[STRUCTURES].write_text(json.dumps(drawn), encoding="utf-8")
    with pytest.raises(MalformedSource, match="CID000006691 has the atoms C2O, not C19O4"):
        list(DECAGON.read(files))


def test_a_drug_of_another_form_is_refused_by_its_row(tmp_path: Path) -> None:
    files = copy_packed(DECAGON, tmp_path)
    content = plain(DECAGON, COMBO).replace(b"CID000002244", b"CID 00002244", 1)
    write_packed(files[COMBO], content)
    with pytest.raises(MalformedSource, match=r"combo.*row 5: STITCH 1 is 'CID 00002244'"):
        list(DECAGON.read(files))


def test_the_published_files_give_every_row_and_every_drug_its_name(shared_data: Path) -> None:
    folder = shared_data / "decagon"
    chunks = DECAGON.read({name: folder / name for name in DECAGON.files})
    rows: dict[str, int] = {}
    named: dict[str, str] = {}
    for chunk in chunks:
        if chunk.kind is ChunkKind.NODES:
            named |= dict(zip(chunk.frame["id"], chunk.frame["name"], strict=True))
        else:
            assert len(chunk.frame) <= 500_000
            for file, size in chunk.frame["file"].value_counts().items():
                rows[str(file)] = rows.get(str(file), 0) + int(size)
    drugs = pd.read_csv(folder / "decagon_drugs_645.csv")["pubchem_cid"]
    assert [cid for cid in drugs if not named[f"{CID}{cid}"]] == []
    assert rows == {
        COMBO: 4_192_245,
        MONO: 174_977,
        PPI: 715_612,
        "bio-decagon-targets.csv.gz": 18_690,
        "bio-decagon-targets-all.csv.gz": 131_034,
        "bio-decagon-effectcategories.csv": 561,
        STRUCTURES: 10,
    }
