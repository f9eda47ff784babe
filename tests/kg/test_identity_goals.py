"""The drugs of the sources are resolved and no merge joins two substances, on samples and in full.

The tests of a full graph run where COPRESCRIBE_FULL_HOME names the home that holds one.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.identity import (
    COLUMNS,
    GOAL,
    SOURCES,
    Drugs,
    compare_structures,
    decagon_cids,
    mistyped,
    report,
    share,
    skeletons,
    unnamed,
)
from kg.artifact import Artifact, find_graph
from kg.build import BuildRequest, build
from kg.mapping_report import COLUMNS as REPORTED
from kg.recipe import load_recipe
from kg.sources.registry import SOURCES as REGISTERED
from kg.tables import Tables, read_tables
from ontologies.vocabulary import Category, Predicate
from tests.kg.sample_home import lay
from tests.kg.source_samples import copy_sample

SAMPLED = ("ansm", "chembl", "ddinter", "drugbank", "drugbank_vocabulary", "hgnc", "hpo")
DRUG, CLASS = Category.DRUG.value, Category.DRUG_CLASS.value
ONE = "RXCUI:1", DRUG, "one", "DRUGBANK:DB1|INCHIKEY:AAAAAAAAAAAAAA-UHFFFAOYSA-N", "ddinter"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """A graph of the samples of some sources."""
    home = tmp_path_factory.mktemp("home")
    members = {}
    for name in SAMPLED:
        files = copy_sample(REGISTERED[name], tmp_path_factory.mktemp(name))
        members[name] = {file: path.read_bytes() for file, path in files.items()}
    return build(BuildRequest(load_recipe(str(lay(home, members))), home), lambda message: None)


@pytest.fixture(scope="module")
def full() -> Tables:
    """What the check reads of the full graph."""
    home = os.environ.get("COPRESCRIBE_FULL_HOME")
    if not home:
        pytest.skip("COPRESCRIBE_FULL_HOME names no home of a full graph")
    return read_tables(find_graph(Path(home)), COLUMNS)


@pytest.fixture(scope="module")
def full_drugs(full: Tables) -> Drugs:
    return Drugs.of(full.nodes, full.edges)


def drugs_of(*rows: tuple[str, ...], wider: tuple[tuple[str, str], ...] = ()) -> Drugs:
    edges = [(narrow, Predicate.SUBCLASS_OF.value, wide) for narrow, wide in wider]
    return Drugs.of(
        pd.DataFrame(rows, columns=list(COLUMNS["nodes"])),
        pd.DataFrame(edges, columns=list(COLUMNS["edges"])),
    )


def test_no_clique_of_the_samples_holds_two_skeletons_or_a_class(sample: Artifact) -> None:
    tables = read_tables(sample.folder, COLUMNS)
    drugs = Drugs.of(tables.nodes, tables.edges)
    found = skeletons(drugs)
    assert found
    assert all(len(blocks) == 1 for blocks in found.values())
    assert not mistyped(drugs)


def test_the_drugs_of_the_samples_that_stay_unresolved_are_in_the_report(sample: Artifact) -> None:
    tables = read_tables(sample.folder, COLUMNS)
    listed = pd.read_csv(
        sample.folder / "mapping_report.tsv", sep="\t", quoting=3, keep_default_na=False
    )
    assert list(listed.columns) == list(REPORTED)
    assert listed["reason"].ne("").all()
    drugs = Drugs.of(tables.nodes, tables.edges)
    public = ("RXCUI:", "DRUGBANK:", "CHEMBL.COMPOUND:", "PUBCHEM.COMPOUND:")
    stray = {node for node in drugs.typed if not node.startswith(public)}
    assert stray == set(listed["preferred"]) & drugs.typed
    ddinter = share(drugs, *SOURCES[0])
    assert ddinter.drugs
    assert ddinter.own <= ddinter.own_or_base <= ddinter.drugs


def test_the_printed_table_has_a_line_per_source_and_category(sample: Artifact) -> None:
    tables = read_tables(sample.folder, COLUMNS)
    text = report(tables.nodes, tables.edges)
    assert all(f"{title}: " in text for title, _, _ in SOURCES)
    assert f"{DRUG}: " in text


def test_a_form_counts_by_its_drug_but_not_as_resolved_itself() -> None:
    form = ("DDINTER.DRUG:DDInter2", DRUG, "one (topical)", "", "ddinter")
    drug = ("RXCUI:1", DRUG, "one", "DDINTER.DRUG:DDInter1", "ddinter")
    drugs = drugs_of(drug, form, wider=((form[0], drug[0]),))
    found = share(drugs, *SOURCES[0])
    assert (found.drugs, found.own, found.own_or_base) == (2, 1, 2)


def test_a_clique_of_two_skeletons_is_seen() -> None:
    second = ("RXCUI:2", DRUG, "two", f"{ONE[3]}|INCHIKEY:BBBBBBBBBBBBBB-UHFFFAOYSA-N", "x")
    assert [len(found) for found in skeletons(drugs_of(ONE, second)).values()] == [1, 2]


def test_a_substance_that_became_a_class_is_seen() -> None:
    assert mistyped(drugs_of(("RXCUI:1", CLASS, "C01BB01", "DRUGBANK:DB1", "x"))) == [
        "RXCUI:1 C01BB01"
    ]
    assert not mistyped(drugs_of(("ATC:C01BB", CLASS, "class Ib", "", "atc")))


@pytest.mark.parametrize(
    ("name", "named"),
    [("lidocaine", True), ("C01BB01", False), ("PUBCHEM.COMPOUND:3676", False), ("", False)],
)
def test_a_drug_that_bears_a_code_has_no_name(name: str, named: bool) -> None:
    drugs = drugs_of(("RXCUI:1", DRUG, name, "PUBCHEM.COMPOUND:3676|ATC:C01BB01", "decagon"))
    assert unnamed(drugs, ["3676", "1"]) == (["1"] if named else ["1", "3676"])


def test_two_drawings_of_one_clique_are_held_against_each_other() -> None:
    drugs = drugs_of(("RXCUI:1", DRUG, "one", "DRUGBANK:DB1|PUBCHEM.COMPOUND:7", "x"))
    assert not compare_structures(drugs, {"7": "CCO"}, {"DB1": "OCC"}).unlike
    (unlike,) = compare_structures(drugs, {"7": "CCO"}, {"DB1": "CC"}).unlike
    assert unlike == "RXCUI:1 one: 7 C2O, DRUGBANK:DB1 C2"


@pytest.mark.parametrize("source", SOURCES)
def test_the_full_graph_resolves_the_drugs_of_a_source(
    full_drugs: Drugs, source: tuple[str, str, str]
) -> None:
    found = share(full_drugs, *source)
    assert found.drugs
    assert found.own_or_base >= GOAL * found.drugs, str(found)


def test_no_clique_of_the_full_graph_holds_two_skeletons(full_drugs: Drugs) -> None:
    found = skeletons(full_drugs)
    assert len(found) > 10_000
    assert not [node for node, blocks in found.items() if len(blocks) > 1]


def test_no_substance_of_the_full_graph_is_a_class(full_drugs: Drugs) -> None:
    assert mistyped(full_drugs) == []


def test_the_full_graph_names_every_drug_of_decagon(full_drugs: Drugs, shared_data: Path) -> None:
    cids = decagon_cids(shared_data)
    assert len(cids) == 645
    assert unnamed(full_drugs, cids) == []
