"""Facts are unordered, unique, and the same however they are written."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.triples import (
    Facts,
    MalformedTriples,
    UnreadableTriples,
    curie_of,
    read_facts,
)
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import BLEEDING, SEDATION, class_rules, drug, tables_of

TRIPLES = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from(("x", "y", "z")), st.sampled_from("abcdef")
    ),
    max_size=40,
)


def test_a_fact_is_the_same_in_either_order_of_its_drugs() -> None:
    facts = Facts.of([("a", "x", "b"), ("b", "x", "a"), ("a", "x", "c")])
    assert facts.triples() == [("a", "x", "b"), ("a", "x", "c")]


def test_a_drug_with_itself_is_no_fact() -> None:
    assert len(Facts.of([("a", "x", "a")])) == 0


@given(TRIPLES)
def test_rows_are_unique_sorted_and_put_the_lower_drug_first(
    triples: list[tuple[str, str, str]],
) -> None:
    facts = Facts.of(triples)
    assert (facts.array[:, 0] < facts.array[:, 2]).all()
    assert (np.diff(facts.codes) > 0).all()
    expected = {(min(a, b), e, max(a, b)) for a, e, b in triples if a != b}
    assert set(facts.triples()) == expected


@given(TRIPLES, TRIPLES)
def test_excluding_takes_away_just_the_facts_that_the_other_states_in_either_order(
    ours: list[tuple[str, str, str]], theirs: list[tuple[str, str, str]]
) -> None:
    left = Facts.of(ours).excluding(Facts.of([(b, e, a) for a, e, b in theirs]))
    stated = {frozenset((a, b)) | {e} for a, e, b in theirs}
    assert set(left.triples()) == {
        (a, e, b) for a, e, b in Facts.of(ours).triples() if frozenset((a, b)) | {e} not in stated
    }


def test_the_digest_does_not_depend_on_order_or_vocabulary() -> None:
    one = Facts.of([("a", "x", "b"), ("c", "y", "b")])
    other = Facts.of([("b", "y", "c"), ("b", "x", "a"), ("d", "z", "e")]).excluding(
        Facts.of([("d", "z", "e")])
    )
    assert one.digest == other.digest


def test_a_graph_gives_its_pairs_and_their_effects(graph: KnowledgeGraph) -> None:
    facts = Facts.from_tables(graph.tables)
    assert set(facts.triples()) == set(Facts.of(class_rules()).triples())


def test_an_interaction_without_a_named_effect_is_no_fact() -> None:
    tables = tables_of([(drug(1), "coprescribe:unnamed_effect", drug(2))])
    assert len(Facts.from_tables(tables)) == 0


def test_a_pair_node_with_one_drug_gives_no_fact() -> None:
    tables = tables_of([(drug(1), BLEEDING, drug(2)), (drug(3), SEDATION, drug(4))])
    edges = tables.edges[tables.edges["object"] != drug(2)]
    kept = type(tables)(tables.nodes, edges, tables.evidence)
    assert Facts.from_tables(kept).triples() == [(drug(3), SEDATION, drug(4))]


@pytest.mark.parametrize(
    ("written", "curie"),
    [
        ("CID000003746", "PUBCHEM.COMPOUND:3746"),
        ("DRUG:CID000003746", "PUBCHEM.COMPOUND:3746"),
        ("SE:C0262627", "UMLS:C0262627"),
        ("C0262627", "UMLS:C0262627"),
        ("DRUG:RXCUI:11289", "RXCUI:11289"),
    ],
)
def test_an_identifier_is_read_in_every_form_that_files_use(written: str, curie: str) -> None:
    assert curie_of(written) == curie


def test_a_compressed_file_is_read_and_its_drugs_are_renamed(tmp_path: Path) -> None:
    path = tmp_path / "facts.tsv.xz"
    with lzma.open(path, "wt") as stream:
        stream.write("CID000000002\tC0000001\tCID000000001\n")
    facts = read_facts(path, {"PUBCHEM.COMPOUND:1": "RXCUI:7"})
    assert facts.triples() == [("PUBCHEM.COMPOUND:2", "UMLS:C0000001", "RXCUI:7")]


def test_a_line_that_is_no_fact_is_named(tmp_path: Path) -> None:
    path = tmp_path / "facts.tsv"
    path.write_text("a\tx\tb\na\tb\n")
    with pytest.raises(MalformedTriples, match=r"facts.tsv, line 2.*'a\\tb'"):
        read_facts(path)


@pytest.mark.parametrize(
    ("name", "content"), [("a.xz", b"no xz"), ("a.gz", b"x"), ("a", b"\xff\t")]
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableTriples, match=name):
        read_facts(path)


def test_columns_of_categories_give_the_same_facts_as_triples() -> None:
    triples = [("b", "y", "a"), ("a", "x", "b"), ("b", "x", "a"), ("c", "x", "c")]
    table = pd.DataFrame(triples, columns=["a", "effect", "b"], dtype="category")
    facts = Facts.of_columns(table["a"], table["effect"], table["b"])
    assert facts.triples() == Facts.of(triples).triples() == [("a", "x", "b"), ("a", "y", "b")]
    assert facts.vocabulary == (("a", "b"), ("x", "y"))


def test_a_digest_tells_what_is_stated_in_whatever_vocabulary() -> None:
    facts = Facts.of([("a", "x", "b")])
    assert facts.over((("0", "a", "b", "c"), ("w", "x"))).digest == facts.digest
    assert facts.digest != Facts.of([("a", "x", "c")]).digest
