"""Indications: each resource is worth what its making allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.indications import FILE, INDICATIONS, TREATS
from ontologies.vocabulary import AgentType, KnowledgeLevel
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def test_two_resources_that_agree_are_two_statements(tmp_path: Path) -> None:
    edges = rows_of(INDICATIONS, packed_sample(INDICATIONS, tmp_path), ChunkKind.EDGES)
    ramipril = edges[edges["subject"] == "DRUGBANK:DB00178"]
    assert ramipril["reference"].tolist() == ["medi_hps", "labeledin"]
    assert set(edges["predicate"]) == {TREATS}


def test_a_mined_link_is_a_statistical_association(tmp_path: Path) -> None:
    edges = rows_of(INDICATIONS, packed_sample(INDICATIONS, tmp_path), ChunkKind.EDGES)
    levels = dict(zip(edges["reference"], edges["knowledge_level"], strict=True))
    agents = dict(zip(edges["reference"], edges["agent_type"], strict=True))
    assert levels["ehrlink"] == KnowledgeLevel.STATISTICAL_ASSOCIATION.value
    assert agents["labeledin"] == AgentType.MANUAL_AGENT.value


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"DOID:10763", b"D0ID:10763"), (b"DB00178", b"DB178"), (b"medi_hps", b"hearsay")],
)
def test_a_cell_of_another_form_is_refused_with_its_row(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    files = packed_sample(INDICATIONS, tmp_path)
    pack(files[FILE], plain(INDICATIONS, FILE).replace(old, new))
    with pytest.raises(MalformedSource) as refusal:
        list(INDICATIONS.read(files))
    assert refusal.value.row == 2


@pytest.mark.shared
def test_the_published_table_is_read_whole(shared_data: Path) -> None:
    files = real_files(INDICATIONS, shared_data)
    assert len(rows_of(INDICATIONS, files, ChunkKind.EDGES)) == 16_204
    assert len(rows_of(INDICATIONS, files, ChunkKind.NODES)) == 1_123 + 1_390
