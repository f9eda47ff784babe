"""DGIdb: links with and without a kind, groups of genes, and a copy that breaks off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.dgidb import DGIDB, GENE_CLASS, INTERACTS, NOT_PROVIDED
from ontologies.vocabulary import KnowledgeLevel, Predicate
from tests.kg.samples_targets import pack_sample


def frames(files: dict[str, Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    chunks = list(DGIDB.read(files))
    nodes = pd.concat([c.frame for c in chunks if c.kind is ChunkKind.NODES])
    return nodes, pd.concat([c.frame for c in chunks if c.kind is ChunkKind.EDGES])


@pytest.fixture
def sample(tmp_path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return frames(pack_sample(DGIDB, tmp_path))


def test_a_link_of_a_stated_kind_acts_and_any_other_only_interacts(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    edges = sample[1][sample[1]["file"] == "interactions.tsv.gz"]
    typed = edges[edges["predicate"] == Predicate.AFFECTS.value]
    assert typed["qualifiers"].tolist() == ["action=blocker", "action=inhibitor"]
    assert set(typed["publications"]) == {"PMID:10000001|PMID:10000002"}
    plain = edges[edges["predicate"] == INTERACTS]
    assert plain["qualifiers"].tolist() == ["", "", ""]
    assert not edges["qualifiers"].str.contains("role=").any()


def test_a_link_without_a_drug_or_a_gene_that_is_identified_is_left_out(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    assert not sample[1]["text"].str.contains("AZ6089|Pyridazinone").any()


def test_what_machines_gathered_does_not_pass_for_written_by_hand(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    edges = sample[1][sample[1]["file"] == "interactions.tsv.gz"]
    levels = dict(zip(edges["text"].str.partition(":")[0], edges["knowledge_level"], strict=True))
    assert levels == {
        "TEND": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "GuideToPharmacology": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "DTC": NOT_PROVIDED,
        "NCI": NOT_PROVIDED,
    }


def test_two_identifiers_under_one_name_are_told_apart_within_a_vocabulary(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    names = sample[0].set_index("id")["name"]
    assert names["CHEMBL.COMPOUND:CHEMBL561339"] == "adl-5747 (CHEMBL561339)"
    assert names["WIKIDATA:Q20801763"] == names["CHEMBL.COMPOUND:CHEMBL1201438"] == "aldesleukin"
    assert names["CHEMBL.COMPOUND:CHEMBL602552"] == "CHEMBL602552"


def test_a_gene_belongs_to_its_groups(sample: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    nodes, edges = sample
    groups = nodes[nodes["category"] == GENE_CLASS].set_index("id")["name"]
    assert groups["DGIDB.CATEGORY:cytochrome-p450"] == "cytochrome p450"
    members = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
    assert members["subject"].tolist() == ["NCBIGene:1565", "NCBIGene:5243", "NCBIGene:5243"]


def test_the_known_break_of_the_copy_costs_its_last_line_and_no_other_break_does(
    tmp_path: Path,
) -> None:
    def break_off(path: Path, end: str) -> None:
        path.write_text(path.read_text(encoding="utf-8") + end, encoding="utf-8")

    whole = frames(pack_sample(DGIDB, tmp_path))[1]
    link_file = "interactions.tsv.gz"
    known = pack_sample(DGIDB, tmp_path, link_file, lambda path: break_off(path, "ESR1\t2099"))
    pd.testing.assert_frame_equal(frames(known)[1], whole)
    other = pack_sample(DGIDB, tmp_path, link_file, lambda path: break_off(path, "ESR1\t209"))
    with pytest.raises(MalformedSource, match="cut short"):
        frames(other)


def test_a_drug_identifier_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    def rename(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("wikidata:", "elsewhere:"), encoding="utf-8")

    files = pack_sample(DGIDB, tmp_path, "drugs.tsv.gz", rename)
    with pytest.raises(MalformedSource, match="'elsewhere:Q20801763'"):
        frames(files)


def test_the_real_files_give_every_identified_link(shared_data: Path) -> None:
    nodes, edges = frames({name: shared_data / "dgidb" / name for name in DGIDB.files})
    counts = edges.groupby("file").size()
    assert counts["interactions.tsv.gz"] >= 13900
    assert counts["categories.tsv.gz"] == 19970
    assert set(edges["subject"]) | set(edges["object"]) <= set(nodes["id"])
    assert not nodes["id"].duplicated().any()
