"""The source fda_pgx: what a row of the two tables becomes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.fda_pgx import (
    ASSOCIATED_WITH_SENSITIVITY_TO,
    ASSOCIATIONS,
    BIOMARKERS,
    FDA_PGX,
    HAS_ACTIVE_INGREDIENT,
)
from ontologies.vocabulary import Predicate
from tests.kg.samples_g4 import sample_chunks, write_sample

NAMED = "coprescribe:drugname/"


@pytest.fixture
def edges(tmp_path: Path) -> pd.DataFrame:
    chunks = sample_chunks(FDA_PGX, tmp_path)
    return next(chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES)


@pytest.fixture
def nodes(tmp_path: Path) -> pd.DataFrame:
    chunks = sample_chunks(FDA_PGX, tmp_path)
    return next(c.frame for c in chunks if c.kind is ChunkKind.NODES).set_index("id")


def advised(edges: pd.DataFrame, drug: str) -> set[tuple[str, str]]:
    found = edges["predicate"] == Predicate.AFFECTS_RESPONSE_TO.value
    rows = edges[found & (edges["object"] == NAMED + drug)]
    return set(zip(rows["subject"].str.partition(":")[2], rows["qualifiers"], strict=True))


def test_each_phenotype_of_a_subgroup_is_an_edge(edges: pd.DataFrame) -> None:
    assert advised(edges, "examplol") == {
        ("CYP2D6", "phenotype=Intermediate Metabolizer"),
        ("CYP2D6", "phenotype=Poor Metabolizer"),
    }


def test_alleles_and_transporters_are_told_as_the_guidelines_tell_them(
    edges: pd.DataFrame,
) -> None:
    assert advised(edges, "citrafib") == {
        ("HLA-B", "phenotype=*57:01 positive"),
        ("SLCO1B1", "phenotype=Poor Function|recommendation=none"),
        ("SLCO1B1", "phenotype=Decreased Function|recommendation=none"),
    }


def test_carriers_of_a_variant_have_its_genotypes(edges: pd.DataFrame) -> None:
    assert advised(edges, "warfexan") == {
        ("VKORC1", "phenotype=-1639 AG"),
        ("VKORC1", "phenotype=-1639 AA"),
        ("CYP4F2", "variant=V433M variant carriers"),
    }


def test_either_of_two_genes_has_its_edge_and_an_unnamed_one_none(edges: pd.DataFrame) -> None:
    assert advised(edges, "purinex") == {
        ("TPMT", "phenotype=Poor Metabolizer"),
        ("NUDT15", "phenotype=Poor Metabolizer"),
    }


def test_only_the_section_on_treatment_advises(edges: pd.DataFrame) -> None:
    rows = edges[edges["predicate"] == Predicate.AFFECTS_RESPONSE_TO.value]
    silent = rows[rows["qualifiers"].str.contains("recommendation=none")]
    assert set(silent["recommendation"]) == {""}
    assert set(silent["text"]) == {"May result in higher concentrations."}
    assert rows["recommendation"].iloc[0] == ("Results in higher concentrations. Halve the dose.")


def test_a_biomarker_says_where_the_label_speaks_of_it(edges: pd.DataFrame) -> None:
    rows = edges[edges["predicate"] == ASSOCIATED_WITH_SENSITIVITY_TO]
    assert set(zip(rows["subject"], rows["object"], strict=True)) == {
        ("HGNC.SYMBOL:CYP2D6", NAMED + "examplol"),
        ("HGNC.SYMBOL:PGR", NAMED + "exomab"),
        ("HGNC.SYMBOL:G6PD", NAMED + "citrafib%20%2F%20examplol%20%2F%20warfexan"),
        ("HGNC.SYMBOL:PROC", NAMED + "synthetic%20conjugated%20estrogens%2C%20a"),
    }
    assert rows["qualifiers"].iloc[0] == "area=oncology|sections=boxed warning, warnings"


def test_a_combination_has_its_ingredients(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    rows = edges[edges["predicate"] == HAS_ACTIVE_INGREDIENT]
    assert set(rows["object"]) == {NAMED + "citrafib", NAMED + "examplol", NAMED + "warfexan"}
    assert set(edges["subject"]) | set(edges["object"]) == set(nodes.index)


def test_the_name_on_the_label_stays_a_synonym(nodes: pd.DataFrame) -> None:
    assert nodes.loc[NAMED + "exomab", "synonym"] == "Exomab-abcd"


def changed(folder: Path, file: str, change: dict[str, Any]) -> dict[str, Path]:
    files = write_sample(FDA_PGX, folder)
    table = json.loads(files[file].read_text("utf-8"))
    table["table"][1] |= change
    files[file].write_text(json.dumps(table), "utf-8")
    return files


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (ASSOCIATIONS, {"table": "rumour"}),
        (ASSOCIATIONS, {"Gene": "A|B"}),
        (BIOMARKERS, {"Drug": " "}),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    tmp_path: Path, file: str, change: dict[str, Any]
) -> None:
    with pytest.raises(MalformedSource, match=f"{file}, row 2"):
        list(FDA_PGX.read(changed(tmp_path, file, change)))


@pytest.mark.parametrize("file", FDA_PGX.files)
@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"{", b"\xff", b'{"table": [1]}', b'{"table": [{"Drug": "x"}]}']
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, file: str, content: bytes) -> None:
    files = write_sample(FDA_PGX, tmp_path)
    files[file].write_bytes(content)
    with pytest.raises(MalformedSource, match=file):
        list(FDA_PGX.read(files))


def test_the_real_tables_give_edges_for_all_named_genes(shared_data: Path) -> None:
    folder = shared_data / "pgx" / "fda"
    chunks = list(FDA_PGX.read({name: folder / name for name in FDA_PGX.files}))
    edges = next(chunk.frame for chunk in chunks if chunk.kind is ChunkKind.EDGES)
    counts = edges["predicate"].value_counts()
    assert counts[Predicate.AFFECTS_RESPONSE_TO.value] == 161
    assert counts[ASSOCIATED_WITH_SENSITIVITY_TO] == 448
