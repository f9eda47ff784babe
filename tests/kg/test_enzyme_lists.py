"""Lists of enzyme roles: a substrate has no strength, a family stands at its main gene."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.enzyme_lists import ENZYME_LISTS, GRADED
from ontologies.vocabulary import Predicate
from tests.kg.samples_own import packed_sample, rows_of

DRUG = "coprescribe:enzyme_lists_drug."


def test_a_role_keeps_its_strength_and_a_family_stands_at_its_main_gene(tmp_path: Path) -> None:
    edges = rows_of(ENZYME_LISTS, packed_sample(ENZYME_LISTS, tmp_path), ChunkKind.EDGES)
    affects, handled = Predicate.AFFECTS.value, Predicate.SUBSTRATE_OF.value
    columns = ["subject", "predicate", "object", "qualifiers"]
    assert edges[columns].to_numpy().tolist() == [
        [DRUG + "examplamine", affects, "HGNC.SYMBOL:CYP2B6", "role=inducer|strength=moderate"],
        [DRUG + "na", affects, "HGNC.SYMBOL:CYP2D6", "role=inhibitor|strength=weak"],
        [DRUG + "examplamine", affects, "HGNC.SYMBOL:ABCG2", "role=inhibitor"],
        [DRUG + "st-sample-wort", handled, "HGNC.SYMBOL:CYP3A4", ""],
        [DRUG + "samplozole", affects, "HGNC.SYMBOL:ABCB1", "role=inducer"],
    ]
    assert edges["statement"].tolist()[3] == "CYP3A substrate st. sample wort"


def test_an_enzyme_that_no_gene_stands_for_is_refused_by_its_row(tmp_path: Path) -> None:
    files = packed_sample(ENZYME_LISTS, tmp_path)
    text = files[GRADED].read_text(encoding="utf-8")
    files[GRADED].write_text(text.replace("CYP2D6", "CYP9Z9"), encoding="utf-8")
    with pytest.raises(MalformedSource, match=r"row 3: enzyme is 'CYP9Z9'"):
        list(ENZYME_LISTS.read(files))


def test_the_published_lists_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "pgx" / "enzymes"
    files = {name: folder / name for name in ENZYME_LISTS.files}
    assert len(rows_of(ENZYME_LISTS, files, ChunkKind.EDGES)) == 88 + 360
