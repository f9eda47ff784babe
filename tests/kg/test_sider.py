"""SIDER: compounds and their flat numbers, preferred terms, frequencies, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import FIELDS, Chunk, ChunkKind, MalformedSource
from kg.sources.sider import ATC, EFFECTS, FREQUENCIES, INDICATIONS, SIDER
from ontologies.curie import PrefixMap
from ontologies.vocabulary import AgentType, Category, Predicate
from tests.kg.samples_side_effects import copy_packed, plain, write_packed

CID = "PUBCHEM.COMPOUND:"


@pytest.fixture
def chunks(tmp_path: Path) -> list[Chunk]:
    return list(SIDER.read(copy_packed(SIDER, tmp_path)))


def nodes_of(chunks: list[Chunk]) -> pd.DataFrame:
    frames = [chunk.frame for chunk in chunks if chunk.kind is ChunkKind.NODES]
    return pd.concat(frames).set_index("id")


def edges_of(chunks: list[Chunk], file: str, predicate: str) -> pd.DataFrame:
    edges = pd.concat([chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES])
    return edges[(edges["file"] == file) & (edges["predicate"] == predicate)]


def test_every_column_is_text_and_every_curie_has_its_form(chunks: list[Chunk]) -> None:
    known = PrefixMap.load()
    for chunk in chunks:
        assert tuple(chunk.frame.columns) == FIELDS[chunk.kind]
        for column in {"id", "subject", "object"} & set(chunk.frame.columns):
            assert [c for c in chunk.frame[column] if str(known.standard(c)) != c] == []


def test_every_end_of_a_statement_is_a_node_and_no_node_stands_twice(chunks: list[Chunk]) -> None:
    nodes = nodes_of(chunks)
    edges = pd.concat([chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES])
    assert {*edges["subject"], *edges["object"]} <= set(nodes.index)
    assert nodes.index.is_unique


def test_effects_stand_at_the_compound_under_the_preferred_term_only(
    chunks: list[Chunk],
) -> None:
    stated = edges_of(chunks, EFFECTS, Predicate.CO_REPORTED.value)
    assert stated[["subject", "object"]].to_numpy().tolist() == [
        [CID + "2771", "UMLS:C0015230"],
        [CID + "146570", "UMLS:C0015230"],
        [CID + "146570", "UMLS:C0000737"],
        [CID + "10917", "UMLS:C0000737"],
        [CID + "10917", "UMLS:C0851353"],
        [CID + "2244", "UMLS:C0040264"],
        [CID + "2244", "UMLS:C0015230"],
    ]
    assert set(stated["agent_type"]) == {AgentType.TEXT_MINING_AGENT.value}


def test_an_isomer_is_linked_with_its_flat_number_but_not_the_same(chunks: list[Chunk]) -> None:
    links = edges_of(chunks, EFFECTS, Predicate.RELATED_TO.value)
    assert links[["subject", "object", "qualifiers"]].to_numpy().tolist() == [
        [CID + "146570", CID + "2771", "relation=stereoisomer"],
        [CID + "10917", CID + "85", "relation=stereoisomer"],
    ]


def test_a_cut_name_never_joins_two_numbers(chunks: list[Chunk]) -> None:
    names = nodes_of(chunks)["name"]
    assert names[CID + "2771"] == "citalopram (PubChem 2771)"
    assert names[CID + "146570"] == "citalopram (PubChem 146570)"
    assert names[CID + "9999"] == "", "a number that only the indications have bears no name"
    assert set(nodes_of(chunks)["xref"]) == {""}


def test_frequencies_are_listed_beside_those_under_placebo(chunks: list[Chunk]) -> None:
    stated = edges_of(chunks, FREQUENCIES, Predicate.CO_REPORTED.value)
    texts = stated.set_index(["subject", "object"])["text"]
    assert texts[CID + "2771", "UMLS:C0015230"] == (
        "frequency: postmarketing, 2%; under placebo: 1%"
    )
    assert texts[CID + "2244", "UMLS:C0040264"] == "frequency: 1% to 9% (9 values)"


def test_a_frequency_under_placebo_alone_says_nothing_of_the_drug(chunks: list[Chunk]) -> None:
    stated = edges_of(chunks, FREQUENCIES, Predicate.CO_REPORTED.value)
    assert CID + "146570" not in set(stated["subject"])


def test_indications_stand_at_the_one_compound_or_at_the_flat_number(chunks: list[Chunk]) -> None:
    stated = edges_of(chunks, INDICATIONS, "biolink:treats_or_applied_or_studied_to_treat")
    assert stated[["subject", "object", "qualifiers"]].to_numpy().tolist() == [
        [CID + "2771", "UMLS:C0011570", "found_by=phrase"],
        [CID + "2771", "UMLS:C0011570", "found_by=mention"],
        [CID + "10917", "UMLS:C0015544", "found_by=phrase"],
        [CID + "2244", "UMLS:C0015230", "found_by=mention"],
        [CID + "2244", "UMLS:C0851444", "found_by=mention"],
        [CID + "9999", "UMLS:C0030193", "found_by=phrase"],
    ]


def test_a_precondition_is_no_indication(chunks: list[Chunk]) -> None:
    assert "UMLS:C0151766" not in nodes_of(chunks).index


def test_a_term_is_a_disease_only_if_no_drug_has_it_as_an_effect(chunks: list[Chunk]) -> None:
    categories = nodes_of(chunks)["category"]
    assert categories["UMLS:C0015230"] == Category.PHENOTYPIC_FEATURE.value
    assert categories["UMLS:C0011570"] == Category.DISEASE.value
    assert nodes_of(chunks)["name"]["UMLS:C0012833"] == "Dizziness"


def test_a_drug_belongs_to_the_class_of_its_codes(chunks: list[Chunk]) -> None:
    stated = edges_of(chunks, ATC, Predicate.SUBCLASS_OF.value)
    assert stated[["subject", "object", "text"]].to_numpy().tolist() == [
        [CID + "10917", "ATC:A16AA", "code: A16AA01"],
        [CID + "2771", "ATC:N06AB", "code: N06AB04"],
        [CID + "2771", "ATC:N06AB", "code: N06AB10"],
        [CID + "2244", "ATC:B01AC", "code: B01AC06"],
        [CID + "2244", "ATC:N02BA", "code: N02BA01"],
    ]


def test_a_code_that_is_cut_short_is_refused_by_its_row(tmp_path: Path) -> None:
    files = copy_packed(SIDER, tmp_path)
    write_packed(files[ATC], plain(SIDER, ATC)[:-2])
    with pytest.raises(MalformedSource, match=r"drug_atc\.tsv, row 5: atc is 'N02BA'"):
        list(SIDER.read(files))


def test_the_published_files_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "sider"
    chunks = list(SIDER.read({name: folder / name for name in SIDER.files}))
    nodes, edges = (
        nodes_of(chunks),
        pd.concat([chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES]),
    )
    assert {*edges["subject"], *edges["object"]} <= set(nodes.index)
    assert edges.groupby(["file", "predicate"]).size().to_dict() == {
        (ATC, Predicate.SUBCLASS_OF.value): 1_668,
        (EFFECTS, Predicate.CO_REPORTED.value): 153_660,
        (EFFECTS, Predicate.RELATED_TO.value): 590,
        (FREQUENCIES, Predicate.CO_REPORTED.value): 61_575,
        (INDICATIONS, "biolink:treats_or_applied_or_studied_to_treat"): 13_663,
    }
