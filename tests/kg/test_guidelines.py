"""The sources cpic and dpwg: how a guideline looks up a gene, what it advises, what is refused."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kg.phenotype_rules import NOT_TESTED
from kg.sources.base import ChunkKind, MalformedSource, Source
from kg.sources.guideline_keys import Lookup, UnreadableKey, lookups_of
from kg.sources.guidelines import CPIC, DPWG, plain
from tests.kg.samples_g4 import sample_chunks, write_sample

DPYD, CYP2D6 = "DPWG_fluorouracil_and_DPYD.json.gz", "CPIC_atomoxetine_and_CYP2D6.json.gz"


def edges_of(source: Source, folder: Path) -> pd.DataFrame:
    frames = [c.frame for c in sample_chunks(source, folder) if c.kind is ChunkKind.EDGES]
    return frames[0]


@pytest.fixture
def cpic(tmp_path: Path) -> pd.DataFrame:
    return edges_of(CPIC, tmp_path)


@pytest.fixture
def dpwg(tmp_path: Path) -> pd.DataFrame:
    return edges_of(DPWG, tmp_path)


def of(edges: pd.DataFrame, drug: str) -> pd.DataFrame:
    return edges[edges["statement"].str.startswith(f"{drug}:")]


def test_scores_of_a_phenotype_with_one_text_become_the_phenotype(cpic: pd.DataFrame) -> None:
    rows = of(cpic, "examplol")
    assert set(rows.loc[rows["recommendation"] == "Usual dose.", "qualifiers"]) == {
        "phenotype=Normal Metabolizer"
    }
    assert set(rows.loc[rows["recommendation"] == "Take another: this; that", "qualifiers"]) == {
        "phenotype=Ultrarapid Metabolizer"
    }


def test_scores_of_a_phenotype_with_several_texts_become_ranges(cpic: pd.DataFrame) -> None:
    rows = of(cpic, "examplol")
    middle = rows[rows["qualifiers"].str.contains("Intermediate")]
    assert middle["qualifiers"].tolist() == [
        "phenotype=Intermediate Metabolizer|score_max=0.5|score_min=0.25",
        "phenotype=Intermediate Metabolizer|score_max=0.5|score_min=0.25",
        "phenotype=Intermediate Metabolizer|score_max=1|score_min=1",
    ]


def test_each_recommendation_keeps_its_own_number(cpic: pd.DataFrame) -> None:
    numbers = of(cpic, "examplol")["statement"].str.extract(r"(PA\d+)")[0]
    assert numbers.nunique() == len(numbers) == 9


def test_a_recommendation_is_split_from_what_else_is_to_be_considered(cpic: pd.DataFrame) -> None:
    row = of(cpic, "examplol").query("recommendation == 'Usual dose & no more.'").iloc[0]
    assert row["text"] == "Measure it."


def test_a_text_that_gives_no_advice_is_no_recommendation(cpic: pd.DataFrame) -> None:
    rows = of(cpic, "examplol")
    silent = rows[rows["qualifiers"] == "phenotype=Indeterminate|recommendation=none"]
    assert silent["recommendation"].tolist() == ["", ""]
    assert silent["text"].iloc[1] == "xN is not a valid input. Count the copies."


def test_a_recommendation_names_guideline_and_papers(cpic: pd.DataFrame) -> None:
    row = of(cpic, "examplol").iloc[0]
    assert row["subject"] == "HGNC.SYMBOL:CYP2D6"
    assert row["object"] == "PHARMGKB.DRUG:PA990001"
    assert row["publications"] == "PMID:9000002|PMID:20000001"
    assert row["reference"] == "https://www.pharmgkb.org/guidelineAnnotation/PA980001"
    assert row["file"] == CYP2D6
    assert row["statement"] == "examplol: CYP2D6 Poor Metabolizer (PA900001, strong)"


def test_two_genes_stand_in_the_order_of_their_symbols(cpic: pd.DataFrame) -> None:
    rows = of(cpic, "tryptoxetine")
    assert set(rows["subject"]) == {"HGNC.SYMBOL:CYP2C19"}
    assert set(rows["qualifiers"]) == {
        f"gene2=HGNC.SYMBOL:CYP2D6|phenotype=Poor Metabolizer|phenotype2={NOT_TESTED}",
        "gene2=HGNC.SYMBOL:CYP2D6|phenotype=Poor Metabolizer|phenotype2=Intermediate Metabolizer",
    }


def test_advice_for_an_indication_says_for_whom(cpic: pd.DataFrame) -> None:
    assert set(of(cpic, "citrafib")["qualifiers"]) == {
        "phenotype=Poor Metabolizer|population=CVI ACS PCI",
        "phenotype=Poor Metabolizer|population=NVI",
    }


def test_advice_for_a_diplotype_names_it(dpwg: pd.DataFrame) -> None:
    stated = of(dpwg, "warfexan").set_index("qualifiers")["recommendation"]
    assert stated["diplotype=*1/*3"] == "Use 65% of the dose."
    assert stated["diplotype=*3/*3"] == "Use 20% of the dose."
    assert stated["phenotype=Intermediate Metabolizer"] == "Use 70% of the dose."


def test_one_score_with_two_meanings_is_told_apart_by_diplotypes(dpwg: pd.DataFrame) -> None:
    stated = of(dpwg, "fluoxapyr").groupby("recommendation")["qualifiers"].agg(set)
    assert stated["Start with half."] == {"phenotype=Intermediate Metabolizer"}
    assert stated["Avoid fluoxapyr."] == {"phenotype=Poor Metabolizer|score_max=0|score_min=0"}
    assert "diplotype=c.2846A>T/c.2846A>T" in stated["Measure the enzyme."]
    assert "phenotype=Poor Metabolizer|score_max=0.5|score_min=0.5" in stated["Measure the enzyme."]
    assert len(stated["Measure the enzyme."]) == 4


def test_two_alleles_of_an_hla_gene_are_two_lookups_of_it(dpwg: pd.DataFrame) -> None:
    assert (
        "gene2=HGNC.SYMBOL:HLA-B|phenotype=*15:02 positive|phenotype2=*15:11 positive"
        "|recommendation=none"
    ) in set(dpwg["qualifiers"])


@pytest.mark.parametrize(
    ("gene", "key", "said"),
    [
        ("CYP2D6", "≥3.0", "CYP2D6 Ultrarapid Metabolizer (activity score 3 or more)"),
        ("CYP2C9", "0.5", "CYP2C9 Poor Metabolizer (activity score 0.5)"),
        ("CYP2C9", "n/a", "CYP2C9 Indeterminate"),
        ("UGT1A1", {"*80+*28": 2.0}, "UGT1A1 *80+*28/*80+*28"),
        ("TPMT", "No Result", f"TPMT {NOT_TESTED}"),
    ],
)
def test_a_key_is_read_for_what_it_means(gene: str, key: object, said: str) -> None:
    assert [str(lookup) for way in lookups_of(gene, key) for lookup in way] == [said]


@pytest.mark.parametrize(
    ("gene", "key"),
    [("TPMT", "1.0"), ("DPYD", "7.5"), ("UGT1A1", {"*28": 3.0}), ("TPMT", None), ("TPMT", " ")],
)
def test_a_key_of_another_kind_is_refused(gene: str, key: object) -> None:
    with pytest.raises(UnreadableKey, match=gene):
        lookups_of(gene, key)


def test_a_range_with_an_open_end_stays_open() -> None:
    spanned = Lookup.spanning([Lookup("G", "p", low=3.0, high=3.0), Lookup("G", "p", low=4.0)])
    assert (spanned.low, spanned.high) == (3.0, None)


def test_blocks_of_html_end_like_sentences() -> None:
    assert plain("<p>Do this</p>\n<ul><li>a &gt; b</li><li>c.</li></ul>") == "Do this; a > b; c."


def spoilt(folder: Path, change: dict[str, Any]) -> dict[str, Path]:
    files = write_sample(DPWG, folder)
    guideline = json.loads(gzip.decompress(files[DPYD].read_bytes()))
    guideline["recommendations"][1] |= change
    files[DPYD].write_bytes(gzip.compress(json.dumps(guideline).encode()))
    return files


@pytest.mark.parametrize(
    "change",
    [
        {"lookupKey": {"DPYD": "9.0"}},
        {"lookupKey": {}},
        {"lookupKey": {"A": "x", "B": "x", "C": "x"}},
        {"lookupKey": {"DPYD": "a|b"}},
        {"text": None},
        {"relatedChemicals": [{}]},
        {"implications": None},
    ],
)
def test_a_recommendation_that_cannot_be_read_is_named(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(MalformedSource, match=rf"{DPYD}, row 2"):
        list(DPWG.read(spoilt(tmp_path, change)))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"{", b'{"guideline": 1, "recommendations": [], "citations": []}',
     b'{"guideline": {"url": ""}, "recommendations": 3, "citations": []}', b"\xff"],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    files = write_sample(DPWG, tmp_path)
    files[DPYD].write_bytes(gzip.compress(content))
    with pytest.raises(MalformedSource, match=DPYD):
        list(DPWG.read(files))


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    files = write_sample(DPWG, tmp_path)
    files[DPYD].write_bytes(files[DPYD].read_bytes()[:-20])
    with pytest.raises(MalformedSource, match=DPYD):
        list(DPWG.read(files))


def test_every_recommendation_of_the_real_files_becomes_an_edge(shared_data: Path) -> None:
    folder = shared_data / "pgx" / "guidelines"
    found: Counter[str] = Counter()
    drugs: set[str] = set()
    for source in (CPIC, DPWG):
        for chunk in source.read({name: folder / name for name in source.files}):
            if chunk.kind is ChunkKind.EDGES:
                found.update(chunk.frame["statement"].str.extract(r"\((PA\d+)")[0])
                drugs.update(chunk.frame["object"])
    assert len(CPIC.files) + len(DPWG.files) == len(list(folder.iterdir())) == 118
    assert len(found) == 2_583
    assert sum(found.values()) == 2_591
    assert len(drugs) == 98
