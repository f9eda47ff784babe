"""DrugCentral: mechanisms apart from measurements, names from the right column, classes, uses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.drugcentral import DRUGCENTRAL, OBSERVATION, TREATS
from ontologies.vocabulary import Category, KnowledgeLevel, Predicate
from tests.kg.samples_targets import pack_sample


def frames(files: dict[str, Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    chunks = list(DRUGCENTRAL.read(files))
    nodes = pd.concat([c.frame for c in chunks if c.kind is ChunkKind.NODES])
    return nodes, pd.concat([c.frame for c in chunks if c.kind is ChunkKind.EDGES])


@pytest.fixture
def sample(tmp_path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return frames(pack_sample(DRUGCENTRAL, tmp_path))


@pytest.fixture(scope="module")
def real(shared_data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    places = (shared_data / "drugcentral").rglob("*")
    found = {path.name: path for path in places if path.name in DRUGCENTRAL.files}
    return frames(found)


def test_a_drug_bears_the_name_of_its_activities_and_not_the_label_of_the_export(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    nodes = sample[0].set_index("id")
    assert nodes.loc["DRUGCENTRAL:2341", "name"] == "quinidine"
    assert nodes.loc["DRUGCENTRAL:2341", "synonym"] == "chinidin", "a salt is no synonym"
    assert nodes.loc["DRUGCENTRAL:105", "synonym"] == "albuterol|ventolin"
    assert nodes.loc["DRUGCENTRAL:9", "name"] == "NA"
    assert "DRUGCENTRAL:777" not in nodes.index, "it has a name nowhere"


def test_only_a_stated_mechanism_is_an_effect_on_a_gene(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    edges = sample[1]
    acts = edges[edges["predicate"] == Predicate.AFFECTS.value].set_index("object")["qualifiers"]
    assert acts["UniProtKB:P10635"] == "action=inhibitor"
    assert acts["UniProtKB:P07550"] == "action=agonist"
    assert "UniProtKB:P10632" not in acts.index, "an action that is no mechanism"
    assert not edges["qualifiers"].str.contains("role=").any()


def test_a_target_of_several_proteins_says_so_for_each(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    group = sample[1][sample[1]["qualifiers"].str.contains("scope=group")]
    assert sorted(group["object"]) == ["UniProtKB:P14867", "UniProtKB:P18507"]
    assert set(group["statement"]) == {"target/852/P14867|P18507"}


def test_a_measurement_is_an_observation_with_its_value(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    edges = sample[1].set_index("object")
    row = edges.loc["UniProtKB:Q12809"]
    assert row["qualifiers"] == "measure=IC50|relation=activity"
    assert row["knowledge_level"] == OBSERVATION
    assert row["text"].startswith("IC50 = 6.1 (-log10 of mol/l; CHEMBL)")
    assert "UniProtKB:P16257" not in edges.index, "measured in a rat"


def test_a_protein_or_number_without_a_symbol_is_called_by_itself(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    names = sample[0].set_index("id")["name"]
    assert names["UniProtKB:P10635"] == "CYP2D6"
    assert names["UniProtKB:P00000"] == "UniProtKB:P00000"
    assert names["NCBIGene:948361"] == "NCBIGene:948361"


def test_an_older_target_gives_one_edge_for_each_action_with_its_papers(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    rows = sample[1][sample[1]["object"] == "NCBIGene:154"]
    assert sorted(rows["qualifiers"]) == ["action=antagonist", "action=blocker"]
    assert set(rows["publications"]) == {"PMID:10000001|PMID:10000002"}


def test_classes_keep_the_vocabulary_that_they_come_from(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    members = sample[1][sample[1]["predicate"] == Predicate.SUBCLASS_OF.value]
    assert set(members["object"]) == {"CHEBI:35530", "MESH:D000319", "NDFRT:N0000175556"}


def test_an_indication_says_what_it_is_for_and_a_denied_one_is_not_given(
    sample: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    uses = sample[1][sample[1]["predicate"] == TREATS]
    assert uses[["subject", "object", "qualifiers"]].to_numpy().tolist() == [
        ["DRUGBANK:DB00571", "DOID:10763", "purpose=disease_modifying"],
        ["DRUGBANK:DB00571", "DOID:6364", "purpose=symptomatic"],
        ["DRUGBANK:DB00264", "DOID:10763", "purpose=not_stated"],
    ]


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("drug-to-class.tsv.gz", "DB00571\tPropranolol\tD9\tnone", "class 'D9' is not in"),
        ("indications.tsv", "DOID:1\tDB00571\tgout\tPropranolol\tMAYBE", "category 'MAYBE'"),
    ],
)
def test_a_word_that_no_list_knows_is_refused_with_its_row(
    file: str, row: str, reason: str, tmp_path: Path
) -> None:
    def add(path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], row, *lines[1:]]) + "\n", encoding="utf-8")

    files = pack_sample(DRUGCENTRAL, tmp_path, spoilt=file, spoil=add)
    with pytest.raises(MalformedSource, match=reason) as refusal:
        list(DRUGCENTRAL.read(files))
    assert (refusal.value.file, refusal.value.row) == (file, 2)


def test_the_real_files_give_every_target_class_and_indication(
    real: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    nodes, edges = real
    counts = edges.groupby("file").size()
    assert counts["drug-to-class.tsv.gz"] == 10959
    assert counts["indications.tsv"] == 671 - 25
    assert counts["targets.tsv.gz"] == 2991
    assert counts["drug.target.interaction.tsv.xz"] >= 14900
    assert set(edges["subject"]) | set(edges["object"]) <= set(nodes["id"])


def test_the_real_mechanisms_hold_what_every_pharmacist_knows(
    real: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    nodes, edges = real
    drugs = nodes[nodes["id"].str.startswith("DRUGCENTRAL:")].set_index("name")["id"]
    stated = edges[edges["knowledge_level"] == KnowledgeLevel.KNOWLEDGE_ASSERTION.value]
    known = set(zip(stated["subject"], stated["object"], stated["qualifiers"], strict=True))
    for name, protein, action in (
        ("simvastatin", "P04035", "inhibitor"),
        ("salbutamol", "P07550", "agonist"),
        ("propranolol", "P08588", "antagonist"),
    ):
        assert (drugs[name], f"UniProtKB:{protein}", f"action={action}") in known
    assert set(nodes["category"]) == {
        Category.DRUG.value, Category.GENE.value, Category.DRUG_CLASS.value, Category.DISEASE.value
    }  # fmt: skip
