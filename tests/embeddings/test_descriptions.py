"""What a graph states of single drugs and what a home has drawn of them describe a drug."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.new_drugs import describing
from embeddings.new_drugs.describing import described_drug, descriptions_of
from embeddings.new_drugs.descriptions import Description, Descriptions
from embeddings.skeletons import UnreadableSmiles
from embeddings.structures import bits_of
from kg.graph import KnowledgeGraph
from kg.model import SourceRelease
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests import tiny
from tests.embeddings.conftest import Triple, drug

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
ANSM = "infores:ansm"
SIMVASTATIN, WARFARIN = str(tiny.SIMVASTATIN), str(tiny.WARFARIN)


def silent(message: str) -> None:
    del message


@pytest.fixture
def drawn_home(tmp_path: Path) -> Path:
    """A home that keeps a drawing, of a compound that the graph calls simvastatin."""
    folder = tmp_path / "raw" / "decagon" / "2018"
    folder.mkdir(parents=True)
    (folder / "cid2smiles_645.json").write_text(json.dumps({"CID000054454": ASPIRIN}))
    return tmp_path


@pytest.fixture
def told() -> KnowledgeGraph:
    """The tiny graph, in which an event is reported under simvastatin."""
    reported = tiny.edge(
        tiny.SIMVASTATIN, Predicate.CO_REPORTED, tiny.BLEEDING, "", tiny.said(source=ANSM)
    )
    tables = tiny.tables_of((*tiny.EDGES, reported))
    named = np.where(tables.nodes["id"] == SIMVASTATIN, "PUBCHEM.COMPOUND:54454", "")
    decagon = SourceRelease("infores:decagon", "2018", "licence of drawings")
    return KnowledgeGraph(
        "told", replace(tables, nodes=tables.nodes.assign(xref=named)), (decagon,)
    )


def test_a_drug_is_described_by_its_reports_its_genes_and_its_drawing(
    told: KnowledgeGraph, drawn_home: Path
) -> None:
    pytest.importorskip("rdkit")
    aliases = {"PUBCHEM.COMPOUND:54454": SIMVASTATIN}
    found = descriptions_of(told, drawn_home, (SIMVASTATIN, WARFARIN), aliases, silent)
    own = found.of(SIMVASTATIN)
    assert own.effects == {str(tiny.BLEEDING)}
    assert own.substrate_of == {str(tiny.CYP3A4)}
    assert own.structure == {str(bit) for bit in bits_of(ASPIRIN)}
    assert found.of(WARFARIN).structure == frozenset()
    assert found.licences == ("Apache-2.0", "licence of drawings", "terms not stated")
    assert described_drug(told, drawn_home, tiny.SIMVASTATIN) == own
    assert described_drug(told, drawn_home, Curie("RXCUI", "1")) == Description()


def test_without_rdkit_structures_are_left_out_and_it_is_said(
    told: KnowledgeGraph, drawn_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(smiles: str) -> Iterable[int]:
        raise ModuleNotFoundError(f"no rdkit for {smiles}", name="rdkit")

    monkeypatch.setattr(describing, "bits_of", missing)
    said: list[str] = []
    aliases = {"PUBCHEM.COMPOUND:54454": SIMVASTATIN}
    found = descriptions_of(told, drawn_home, (SIMVASTATIN,), aliases, said.append)
    assert found.of(SIMVASTATIN).substrate_of == {str(tiny.CYP3A4)}
    assert not found.of(SIMVASTATIN).structure
    assert said == ["rdkit is not installed: new drugs are known by genes and effects only"]
    assert described_drug(told, drawn_home, tiny.SIMVASTATIN).structure == frozenset()


def test_rows_of_descriptions_have_one_order() -> None:
    rows: list[Triple] = [(drug(2), "targets", "g"), (drug(1), "effects", "e")]
    one, other = (Descriptions.of_rows(some) for some in (rows, rows[::-1] + rows))
    assert one.table.equals(other.table)
    assert one.of(drug(1)) == Description(effects=frozenset({"e"}))
    assert one.of(drug(3)) == Description()


def test_a_drawing_has_the_bits_of_its_compound_however_it_is_written() -> None:
    pytest.importorskip("rdkit")
    assert bits_of(ASPIRIN) == bits_of(" O=C(C)Oc1c(C(O)=O)cccc1 ")
    assert bits_of(ASPIRIN) == bits_of("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]")
    assert bits_of(ASPIRIN) != bits_of("CCO")
    assert all(0 <= bit < 4_096 for bit in bits_of(ASPIRIN))
    assert Description.drawn("CCO", ("HGNC:1",)).targets == {"HGNC:1"}


@pytest.mark.parametrize("text", ["", "C1CC", "no drawing", "C?C", "C(C", "C" * 10_001])
def test_what_is_no_drawing_is_quoted(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rdkit")
    with pytest.raises(UnreadableSmiles, match=f"found '{text[:1]}"):
        bits_of(text)
    assert capfd.readouterr() == ("", "")
