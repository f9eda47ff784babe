"""NCBI Gene and UniProt: one node for a gene, only identifiers that name it alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import MalformedSource, Source
from kg.sources.ncbi_gene import NCBI_GENE
from kg.sources.uniprot import UNIPROT
from tests.kg.samples_targets import pack_sample


def nodes_of(source: Source, files: dict[str, Path]) -> pd.DataFrame:
    (chunk,) = source.read(files)
    return chunk.frame.set_index("id")


def test_a_gene_has_its_symbol_its_other_names_and_its_identifiers(tmp_path: Path) -> None:
    nodes = nodes_of(NCBI_GENE, pack_sample(NCBI_GENE, tmp_path))
    gene = nodes.loc["NCBIGene:1576"]
    assert gene["name"] == "CYP3A4"
    assert gene["synonym"] == "CYP3A|NF-25|cytochrome P450, family 3"
    assert gene["xref"] == "ENSEMBL:ENSG00000160868|HGNC:2637"
    assert nodes.loc["NCBIGene:5243", "synonym"] == "ATP-binding cassette B1|MDR1|P/gp"


def test_human_genes_that_can_matter_for_a_drug_are_kept(tmp_path: Path) -> None:
    names = nodes_of(NCBI_GENE, pack_sample(NCBI_GENE, tmp_path))["name"]
    assert set(names) == {"CYP3A4", "RNR1", "UGT1A", "NA", "ABCB1", "ABCB4"}


def test_an_identifier_of_two_genes_or_one_of_two_names_neither(tmp_path: Path) -> None:
    xrefs = nodes_of(NCBI_GENE, pack_sample(NCBI_GENE, tmp_path))["xref"]
    assert xrefs["NCBIGene:5243"] == "HGNC:40", "two Ensembl genes"
    assert xrefs["NCBIGene:5244"] == "HGNC:45", "an Ensembl gene that another number has too"
    assert xrefs["NCBIGene:100001"] == ""


def test_a_row_of_another_length_is_refused_by_its_number(tmp_path: Path) -> None:
    def shorten(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\tMTRNR1", "", 1), encoding="utf-8")

    files = pack_sample(NCBI_GENE, tmp_path, "Homo_sapiens.gene_info.xz", shorten)
    with pytest.raises(MalformedSource, match="has 14 cells where the header has 15") as refusal:
        nodes_of(NCBI_GENE, files)
    assert refusal.value.row == 3


def test_a_protein_is_its_gene_unless_several_genes_encode_it(tmp_path: Path) -> None:
    nodes = nodes_of(UNIPROT, pack_sample(UNIPROT, tmp_path))
    assert nodes["xref"].to_dict() == {
        "UniProtKB:P08684": "HGNC:2637",
        "UniProtKB:E7EVM8": "HGNC:2637",
        "UniProtKB:P10635": "HGNC:2625",
        "UniProtKB:P62805": "",
    }


def test_a_gene_that_is_not_an_hgnc_identifier_is_refused_by_its_row(tmp_path: Path) -> None:
    def spoil(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("HGNC:2625", "CYP2D6"), encoding="utf-8")

    with pytest.raises(MalformedSource, match="CYP2D6") as refusal:
        nodes_of(UNIPROT, pack_sample(UNIPROT, tmp_path, "uniprot_HGNC.tsv.gz", spoil))
    assert refusal.value.row == 4


def test_the_real_files_name_the_genes_of_drug_metabolism(shared_data: Path) -> None:
    folder = shared_data / "genes"
    genes = nodes_of(NCBI_GENE, {name: folder / name for name in NCBI_GENE.files})
    assert len(genes) >= 24000
    assert genes.loc["NCBIGene:1565", "xref"] == "ENSEMBL:ENSG00000100197|HGNC:2625"
    proteins = nodes_of(UNIPROT, {name: folder / name for name in UNIPROT.files})
    assert len(proteins) == 67393
    assert proteins.loc["UniProtKB:P08183", "xref"] == "HGNC:40"
