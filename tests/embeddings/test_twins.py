"""Forms of one compound are found from drawings; what they give away is counted once."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from embeddings.skeletons import UnreadableSmiles, skeleton, twins_among
from embeddings.triples import Facts, curie_of, read_facts
from embeddings.twins import through_twins, twins_of
from kg.graph import KnowledgeGraph
from tests.embeddings.conftest import Triple, drug

THEOPHYLLINE = "CN1C2=C(C(=O)N(C1=O)C)NC=N2"
AMINOPHYLLINE = f"{THEOPHYLLINE}.{THEOPHYLLINE}.C(CN)N"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (THEOPHYLLINE, AMINOPHYLLINE),
        ("CC(=O)O", "[Na+].CC([O-])=O"),
        ("C1=CC=CC=C1O", "OC1=CC=CC=C1"),
        ("C1=CC=C(C=C1)O", "c1ccccc1O"),
        ("C[C@H](N)C(=O)O", "CC(N)C(O)=O"),
        ("CCN(CC)CC.Cl", "CC[NH+](CC)CC.[Cl-]"),
        ("C%10CCCC%10", "C1CCCC1"),
    ],
)
def test_forms_of_one_compound_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CCO", "COC"),
        ("C1CCCCC1", "C1=CC=CC=C1"),
        ("[Na+].[Cl-]", "[K+].[Cl-]"),
        ("CCC(C)C", "CCCCC"),
        ("CC(=O)C", "CC(O)=C(C)C"),
        ("ClC", "BrC"),
    ],
)
def test_other_compounds_have_other_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("text", ["", "CC)C", "C1CC", "1CC", "C?C", "no drawing"])
def test_what_cannot_be_followed_is_quoted(text: str) -> None:
    with pytest.raises(UnreadableSmiles, match="SMILES"):
        skeleton(text)


def test_a_drug_that_cannot_be_read_has_no_twin() -> None:
    twins = twins_among({"a": THEOPHYLLINE, "b": AMINOPHYLLINE, "c": "??", "d": "??", "e": "CCO"})
    assert twins == {"a": frozenset("b"), "b": frozenset("a")}


def over_one_vocabulary(train: list[Triple], asked: list[Triple]) -> tuple[Facts, Facts]:
    everything = Facts.of([*train, *asked])
    first, second = (Facts.of(triples).over(everything.vocabulary) for triples in (train, asked))
    return first, second


def test_a_fact_is_readable_through_a_twin_of_either_drug_or_of_both() -> None:
    train, asked = over_one_vocabulary(
        [("a", "x", "c"), ("b", "y", "p")],
        [("b", "x", "c"), ("c", "x", "p"), ("a", "y", "q"), ("b", "y", "c")],
    )
    twins = {"a": frozenset("b"), "b": frozenset("a"), "p": frozenset("q"), "q": frozenset("p")}
    found = through_twins(asked, train, twins)
    assert asked.keep(found).triples() == [("b", "x", "c"), ("a", "y", "q")]


def test_a_pair_of_twins_is_no_fact_of_one_drug_with_itself() -> None:
    train, asked = over_one_vocabulary([("a", "x", "c")], [("a", "x", "b")])
    twins = {"a": frozenset("b"), "b": frozenset("a")}
    assert not through_twins(asked, train, twins).any()


def test_drawings_that_the_home_keeps_tell_twins(graph: KnowledgeGraph, tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "decagon" / "2018"
    folder.mkdir(parents=True)
    drawn = {"CID000002153": THEOPHYLLINE, "CID000009433": AMINOPHYLLINE}
    (folder / "cid2smiles_645.json").write_text(json.dumps(drawn))
    aliases = {"PUBCHEM.COMPOUND:9433": drug(101)}
    found = twins_of(graph, tmp_path, (drug(101), "PUBCHEM.COMPOUND:2153"), aliases)
    assert found[drug(101)] == {"PUBCHEM.COMPOUND:2153"}


def test_without_drawings_twins_are_a_drug_and_what_it_is_a_form_of(
    graph: KnowledgeGraph, tmp_path: Path
) -> None:
    form = ("form", drug(101), "biolink:subclass_of", drug(102), "")
    told = pd.DataFrame([form], columns=graph.tables.edges.columns)
    edges = pd.concat([graph.tables.edges, told], ignore_index=True)
    graph = KnowledgeGraph("forms", replace(graph.tables, edges=edges), ())
    found = twins_of(graph, tmp_path, (drug(101), drug(102), drug(103)), {})
    assert found == {drug(101): {drug(102)}, drug(102): {drug(101)}}


@pytest.mark.shared
@pytest.mark.slow
def test_three_pairs_of_compounds_give_182_validation_rows_of_decagon_away(
    shared_data: Path,
) -> None:
    folder = shared_data / "decagon"
    smiles = json.loads((folder / "cid2smiles_645.json").read_text())
    twins = twins_among({curie_of(drug): text for drug, text in smiles.items()})
    assert len(twins) == 6
    with lzma.open(folder / "bio-decagon-combo.csv.xz", "rt") as stream:
        rows = pd.read_csv(stream, usecols=[0, 1, 2], dtype="category")
    renamed = [rows[name].cat.rename_categories(curie_of) for name in rows.columns]
    everything = Facts.of_columns(renamed[0], renamed[2], renamed[1])
    held_out = read_facts(folder / "split-valid.tsv.xz").over(everything.vocabulary)
    train = everything.excluding(held_out)
    assert through_twins(held_out, train, twins).sum() == 182
