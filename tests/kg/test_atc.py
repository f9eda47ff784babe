"""ATC: a tree of classes whose last level names substances, combinations and rests."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.atc import ATC, FILE, HAS_ACTIVE_INGREDIENT
from kg.sources.base import ChunkKind, MalformedSource
from ontologies.vocabulary import Category
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def test_a_substance_is_a_drug_and_a_rest_stays_a_class(tmp_path: Path) -> None:
    nodes = rows_of(ATC, packed_sample(ATC, tmp_path), ChunkKind.NODES).set_index("id")
    assert nodes.loc["ATC:C09AA05", "category"] == Category.DRUG.value
    for group in ("ATC:C09CA99", "ATC:C09BB97", "ATC:C09AA", "ATC:C"):
        assert nodes.loc[group, "category"] == Category.DRUG_CLASS.value
    assert nodes.index.is_unique, "a code with two daily doses is one node"


def test_a_combination_of_listed_substances_points_to_each(tmp_path: Path) -> None:
    edges = rows_of(ATC, packed_sample(ATC, tmp_path), ChunkKind.EDGES)
    parts = edges[edges["predicate"] == HAS_ACTIVE_INGREDIENT]
    assert parts[["subject", "object"]].to_numpy().tolist() == [
        ["ATC:C09BB99", "ATC:C09AA05"],
        ["ATC:C09BB99", "ATC:C09CA98"],
    ]


def test_every_code_but_the_first_level_hangs_below_the_next_wider_one(tmp_path: Path) -> None:
    edges = rows_of(ATC, packed_sample(ATC, tmp_path), ChunkKind.EDGES)
    wider = dict(zip(edges["subject"], edges["object"], strict=True))
    assert wider["ATC:C09AA05"] == "ATC:C09AA"
    assert wider["ATC:C09A"] == "ATC:C09"
    assert "ATC:C" not in wider


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"C09AA05,ramipril,2.5,mg,O", b"C9AA05,ramipril,2.5,mg,O", "code 'C9AA05'"),
        (b"C09AA,", b"C08AA,", "wider classes are missing"),
        (b"C09AA05,ramipril,2.5,mg,O", b"C09AA05, ,2.5,mg,O", "with name ' '"),
    ],
)
def test_a_code_out_of_the_tree_is_refused(
    old: bytes, new: bytes, said: str, tmp_path: Path
) -> None:
    files = packed_sample(ATC, tmp_path)
    pack(files[FILE], plain(ATC, FILE).replace(old, new))
    with pytest.raises(MalformedSource, match=said):
        list(ATC.read(files))


@pytest.mark.shared
def test_no_group_word_of_the_published_tree_passes_for_a_substance(shared_data: Path) -> None:
    nodes = rows_of(ATC, real_files(ATC, shared_data), ChunkKind.NODES)
    drugs = set(nodes.loc[nodes["category"] == Category.DRUG.value, "name"])
    assert {"simvastatin", "warfarin", "atorvastatin and ezetimibe"} <= drugs
    assert drugs.isdisjoint({"combinations", "various", "flowers", "bromides", "textiles"})
    assert len(nodes) == 6_996
