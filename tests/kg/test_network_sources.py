"""OnSIDES, STRING, Hetionet and KGX: what becomes of labels, links and somebody's graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.hetionet import EDGES, HETIONET
from kg.sources.kgx import KGX
from kg.sources.onsides import CONTENTS, FOUND, ONSIDES
from kg.sources.string_db import LINKS, STRING_DB
from ontologies.vocabulary import Predicate
from tests.kg.samples_own import pack, packed_sample, plain, rows_of


def test_a_label_of_one_ingredient_speaks_of_the_ingredient_others_of_the_product(
    tmp_path: Path,
) -> None:
    edges = rows_of(ONSIDES, packed_sample(ONSIDES, tmp_path), ChunkKind.EDGES)
    found, stated = edges[edges["file"] == FOUND], "labels that state it: "
    assert found[["subject", "object", "qualifiers", "text"]].to_numpy().tolist() == [
        ["RXCUI:9000001", "MEDDRA:10000001", "section=adverse_reactions", f"{stated}2"],
        ["RXCUI:9000001", "MEDDRA:10000001", "section=boxed_warning", f"{stated}1"],
        ["RXCUI:9000009", "MEDDRA:10000002", "section=not_stated", f"{stated}1"],
    ]


def test_an_effect_or_an_ingredient_that_no_vocabulary_lists_is_refused(tmp_path: Path) -> None:
    files = packed_sample(ONSIDES, tmp_path)
    pack(files[FOUND], plain(ONSIDES, FOUND).replace(b"10000002", b"10000009"))
    with pytest.raises(MalformedSource, match=r"effects \['10000009'\] are not in"):
        list(ONSIDES.read(files))
    pack(files[CONTENTS], plain(ONSIDES, CONTENTS).replace(b"9000009,9000002", b"9000009,9000003"))
    with pytest.raises(MalformedSource, match=r"row 5: ingredient_id '9000003'"):
        list(ONSIDES.read(files))


def test_a_link_of_two_proteins_counts_once_and_only_if_string_is_sure(tmp_path: Path) -> None:
    edges = rows_of(STRING_DB, packed_sample(STRING_DB, tmp_path), ChunkKind.EDGES)
    assert edges["text"].tolist() == ["combined score 902 of 1000", "combined score 700 of 1000"]
    assert set(edges["predicate"]) == {Predicate.RELATED_TO.value}


def test_two_proteins_of_one_gene_are_not_identical_with_it(tmp_path: Path) -> None:
    nodes = rows_of(STRING_DB, packed_sample(STRING_DB, tmp_path), ChunkKind.NODES)
    assert nodes["xref"].tolist() == ["HGNC:90001", "HGNC:90002", "", ""]


def test_a_protein_of_another_species_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(STRING_DB, tmp_path)
    pack(files[LINKS], plain(STRING_DB, LINKS).replace(b"\n9606.", b"\n10090.", 1))
    with pytest.raises(MalformedSource, match=r"row 2: protein1 is '10090"):
        list(STRING_DB.read(files))


def test_hetionet_gives_the_kinds_in_use_and_turns_a_class_to_its_members(tmp_path: Path) -> None:
    files = packed_sample(HETIONET, tmp_path)
    edges = rows_of(HETIONET, files, ChunkKind.EDGES)
    assert len(edges) == 8, "neither expression in a gland nor regulation"
    members = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
    assert members[["subject", "object"]].to_numpy().tolist() == [
        ["DRUGBANK:DB99002", "NDFRT:N0000999001"]
    ]
    assert "NA" in set(rows_of(HETIONET, files, ChunkKind.NODES)["name"])


def test_an_edge_of_hetionet_to_no_node_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(HETIONET, tmp_path)
    content = plain(HETIONET, EDGES).replace(
        b"CcSE\tSide Effect::C9900001", b"CcSE\tSide Effect::C1"
    )
    pack(files[EDGES], content)
    with pytest.raises(MalformedSource, match=r"row 3: an end of"):
        list(HETIONET.read(files))


def test_two_drugs_that_interact_in_a_kgx_graph_are_a_pair(tmp_path: Path) -> None:
    pairs = rows_of(KGX, packed_sample(KGX, tmp_path), ChunkKind.PAIRS)
    assert pairs[["drug_a", "drug_b", "reference"]].to_numpy().tolist() == [
        ["DRUGBANK:DB99001", "RXCUI:9000002", "infores:example"]
    ]


def test_same_as_means_identity_and_a_mere_cross_reference_does_not(tmp_path: Path) -> None:
    nodes = rows_of(KGX, packed_sample(KGX, tmp_path), ChunkKind.NODES).set_index("id")
    assert nodes.loc["DRUGBANK:DB99001", "xref"] == "RXCUI:9000001"
    assert nodes.loc["CHEBI:99001", "synonym"] == "examplosum|Zucker/A"


def test_a_predicate_that_this_graph_has_not_is_kept_by_name(tmp_path: Path) -> None:
    edges = rows_of(KGX, packed_sample(KGX, tmp_path), ChunkKind.EDGES).set_index("statement")
    assert edges.loc["e3", "predicate"] == Predicate.RELATED_TO.value
    assert edges.loc["e3", "qualifiers"] == "relation=ameliorates_condition"
    assert edges.loc["e3", "knowledge_level"] == "not_provided"
    assert "e4" not in edges.index, "a process is no node of this graph"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("nodes.tsv", b"MONDO:9900001", b"FOO:9900001", r"nodes.tsv, row 5: no prefix is written"),
        (
            "edges.tsv",
            b"HGNC:90001\tprediction",
            b"HGNC:90009\tprediction",
            r"edges.tsv, row 3: an end of",
        ),
        ("nodes.jsonl", b'"HP:9900001"', b'""', r"nodes.jsonl, row 2: lacks one of"),
        ("edges.jsonl", b'{"id"', b'{"id', r"edges.jsonl, row 1: not JSON"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_by_its_row(
    name: str, old: bytes, new: bytes, said: str, tmp_path: Path
) -> None:
    files = packed_sample(KGX, tmp_path)
    assert old in plain(KGX, name)
    pack(files[name], plain(KGX, name).replace(old, new))
    with pytest.raises(MalformedSource, match=said):
        list(KGX.read(files))


def test_one_form_of_a_kgx_graph_is_enough_but_not_half_of_it(tmp_path: Path) -> None:
    files = packed_sample(KGX, tmp_path)
    assert list(KGX.read({name: files[name] for name in ("nodes.jsonl", "edges.jsonl")}))
    with pytest.raises(MalformedSource, match=r"edges.tsv: is not named beside nodes.tsv"):
        list(KGX.read({"nodes.tsv": files["nodes.tsv"]}))
