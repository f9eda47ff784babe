"""NDF-RT: only what is certainly one ingredient gets an identifier from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.ndfrt import DRUGBANK, NDFRT, RXNORM
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of


def xrefs(folder: Path) -> dict[str, str]:
    nodes = rows_of(NDFRT, packed_sample(NDFRT, folder), ChunkKind.NODES)
    return dict(zip(nodes["id"], nodes["xref"], strict=True))


def test_products_dose_forms_classes_and_cut_names_are_no_ingredients(tmp_path: Path) -> None:
    concepts = {curie for curie in xrefs(tmp_path) if curie.startswith("NDFRT:")}
    assert concepts == {f"NDFRT:N000099000{last}" for last in "1278"}


def test_a_tagged_ingredient_bears_its_bare_name(tmp_path: Path) -> None:
    nodes = rows_of(NDFRT, packed_sample(NDFRT, tmp_path), ChunkKind.NODES).set_index("id")
    assert nodes.loc["NDFRT:N0000990002", "name"] == "Mesna"


def test_a_drugbank_code_counts_where_name_and_drug_agree(tmp_path: Path) -> None:
    found = xrefs(tmp_path)
    assert found["NDFRT:N0000990007"] == "RXCUI:733|DRUGBANK:DB00415"
    assert found["NDFRT:N0000990001"] == "RXCUI:44", "the map gives it the name of another"
    assert found["NDFRT:N0000990008"] == "RXCUI:7004", "the map leads the name to two drugs"


def test_a_unii_takes_no_code_from_the_row_of_a_brand_or_a_salt(tmp_path: Path) -> None:
    found = {curie: x for curie, x in xrefs(tmp_path).items() if curie.startswith("UNII:")}
    assert found == {
        "UNII:7C782967RD": "DRUGBANK:DB00415|RXCUI:733|CHEBI:28971",
        "UNII:YL5FZ2Y5U1": "DRUGBANK:DB00563|RXCUI:6851",
    }


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [(RXNORM, b"44;N", b"4 4;N"), (DRUGBANK, b"drugbank:DB00415", b"drugbank:415")],
)
def test_a_code_of_another_form_is_refused_with_its_row(
    file: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    files = packed_sample(NDFRT, tmp_path)
    pack(files[file], plain(NDFRT, file).replace(old, new, 1))
    with pytest.raises(MalformedSource) as refusal:
        list(NDFRT.read(files))
    assert (refusal.value.file, refusal.value.row) == (file, 2)


@pytest.mark.shared
def test_no_concept_of_the_published_maps_has_two_drugbank_drugs(shared_data: Path) -> None:
    nodes = rows_of(NDFRT, real_files(NDFRT, shared_data), ChunkKind.NODES)
    assert len(nodes) == 8_400
    assert nodes["xref"].str.count("DRUGBANK:").max() == 1
