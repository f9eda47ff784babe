"""Anticholinergic burden: a score per drug and scale, routes kept, zeros silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.anticholinergic import ANTICHOLINERGIC, EFFECT, FILE
from kg.sources.base import ChunkKind, MalformedSource
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def said_of(drug: str, folder: Path) -> list[str]:
    edges = rows_of(ANTICHOLINERGIC, packed_sample(ANTICHOLINERGIC, folder), ChunkKind.EDGES)
    assert set(edges["object"]) == {EFFECT[0]}
    return sorted(edges.loc[edges["subject"] == f"ACB.DRUG:{drug}", "qualifiers"])


def test_every_scale_speaks_for_itself(tmp_path: Path) -> None:
    assert said_of("warfarin", tmp_path) == [
        "scale=ACBcalc|score=1",
        "scale=Boustani2008|score=1",
        "scale=Carnahan2006|score=1",
    ]


def test_a_name_with_a_trailing_blank_is_the_same_drug(tmp_path: Path) -> None:
    assert "scale=Bishara2020|score=3" in said_of("amitriptyline", tmp_path)


def test_a_route_goes_with_the_score_of_the_drug(tmp_path: Path) -> None:
    assert said_of("dexamethasone", tmp_path) == ["scale=Carnahan2006|score=1|route=not nasal"]
    assert said_of("ketotifen", tmp_path) == ["scale=Carnahan2006|score=1|route=ophthalmic"]


def test_a_misspelt_name_is_read_as_the_drug_that_is_meant(tmp_path: Path) -> None:
    assert said_of("bupropion", tmp_path) == ["scale=Bishara2020|score=1"]
    assert said_of("na", tmp_path) == ["scale=ACBcalc|score=1"]


def test_a_score_off_the_scale_is_refused_with_its_row(tmp_path: Path) -> None:
    files = packed_sample(ANTICHOLINERGIC, tmp_path)
    pack(
        files[FILE], plain(ANTICHOLINERGIC, FILE).replace(b"amitriptyline,3,", b"amitriptyline,7,")
    )
    with pytest.raises(MalformedSource, match="Boustani2008 is '7'") as refusal:
        list(ANTICHOLINERGIC.read(files))
    assert refusal.value.row == 2


@pytest.mark.shared
def test_the_collated_table_gives_the_burdens_that_were_counted(shared_data: Path) -> None:
    edges = rows_of(ANTICHOLINERGIC, real_files(ANTICHOLINERGIC, shared_data), ChunkKind.EDGES)
    assert len(edges) == 614
    assert edges["subject"].nunique() == 213
    assert not edges["qualifiers"].str.endswith("route=").any()
