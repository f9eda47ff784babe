"""What the adapters of DrugBank's files and of the identifier maps make of their samples."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source
from kg.sources.drug_mappings import DRUG_MAPPINGS
from kg.sources.drugbank_interactions import DRUGBANK_INTERACTIONS, TYPES, load_types
from kg.sources.drugbank_proteins import DRUGBANK_PROTEINS, UNSAID
from kg.sources.drugbank_release import DRUGBANK_RELEASE
from kg.sources.drugbank_smiles import DRUGBANK_SMILES, read_smiles
from kg.sources.drugbank_vocabulary import DRUGBANK_VOCABULARY
from kg.sources.exact_xrefs import exact_xrefs
from kg.sources.pharmgkb_drugs import PHARMGKB_DRUGS
from ontologies.vocabulary import Category, Predicate
from tests.kg.samples_drugbank import SOURCES, copy_packed, write_packed

EXPECTED = {
    "drug_mappings": {"nodes": 22_303},
    "drugbank_interactions": {"nodes": 1_758, "pairs": 192_325},
    "drugbank_proteins": {"nodes": 2_343, "edges": 17_316},
    "drugbank_release": {"nodes": 10_360, "edges": 14_213},
    "drugbank_smiles": {"nodes": 8_807},
    "drugbank_vocabulary": {"nodes": 19_842, "edges": 127},
    "pharmgkb_drugs": {"nodes": 8_407, "edges": 3_442},
}
"""Rows by kind of chunk that the published files give."""


def chunks(source: Source, folder: Path, kind: ChunkKind) -> list[pd.DataFrame]:
    return [c.frame for c in source.read(copy_packed(source, folder)) if c.kind is kind]


def nodes_of(source: Source, folder: Path) -> pd.DataFrame:
    return pd.concat(chunks(source, folder, ChunkKind.NODES)).set_index("id")


def edges_of(source: Source, folder: Path) -> pd.DataFrame:
    return pd.concat(chunks(source, folder, ChunkKind.EDGES))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.info.name)
def test_every_end_of_a_statement_is_a_node_of_the_graph_that_the_sources_make(
    source: Source, tmp_path: Path
) -> None:
    read = list(source.read(copy_packed(source, tmp_path)))
    ends = {
        end
        for chunk in read
        for column in ("object", "drug_a", "drug_b", "effect")
        if column in chunk.frame.columns
        for end in chunk.frame[column]
    }
    nodes = {curie for c in read if c.kind is ChunkKind.NODES for curie in c.frame["id"]}
    assert ends <= nodes


def test_an_identifier_that_two_drugs_share_is_the_identity_of_neither() -> None:
    stated = [("A", "CAS:1"), ("B", "CAS:1"), ("A", "UNII:1"), ("B", "UNII:2"), ("B", "UNII:3")]
    frame = pd.DataFrame(stated, columns=["id", "xref"])
    assert exact_xrefs(frame).to_dict() == {"A": "UNII:1"}


def test_the_vocabulary_gives_a_drug_its_names_and_its_own_numbers(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK_VOCABULARY, tmp_path)
    assert nodes.loc["DRUGBANK:DB90001", "name"] == "Alphamine"
    assert nodes.loc["DRUGBANK:DB90001", "xref"] == (
        "CAS:90001-01-1|INCHIKEY:ALPHAMINEALPHA-UHFFFAOYSA-N|UNII:AAAAAAAAA1"
    )
    assert nodes.loc["DRUGBANK:DB90003", "synonym"] == "Bétaprofène"
    assert nodes.loc["DRUGBANK:DB90005", "name"] == "NA"


def test_a_labelled_drug_does_not_share_the_number_of_the_plain_one(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK_VOCABULARY, tmp_path)
    assert nodes.loc["DRUGBANK:DB90003", "xref"] == "UNII:AAAAAAAAA3"
    assert nodes.loc["DRUGBANK:DB90004", "xref"] == ""


def test_a_salt_is_no_synonym_of_its_base_but_a_form_of_it(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK_VOCABULARY, tmp_path)
    assert nodes.loc["DRUGBANK:DB90001", "synonym"] == "Alfamina|2,3-alphaminol"
    (edge,) = edges_of(DRUGBANK_VOCABULARY, tmp_path).to_dict("records")
    assert edge["subject"] == "DRUGBANK:DB90002"
    assert edge["predicate"] == Predicate.SUBCLASS_OF.value
    assert edge["object"] == "DRUGBANK:DB90001"
    assert edge["knowledge_level"] == "logical_entailment", "the names say so, not the source"


def test_a_drug_whose_number_now_means_another_structure_lends_it_no_name(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK_RELEASE, tmp_path)
    changed = nodes.loc["DRUGBANK:DB90008"]
    assert (changed["name"], changed["synonym"], changed["xref"]) == ("", "", "")
    edges = edges_of(DRUGBANK_RELEASE, tmp_path)
    assert "ATC:J05AF91" in set(edges.loc[edges["subject"] == "DRUGBANK:DB90008", "object"])


def test_an_older_name_is_no_name_and_a_salt_of_the_drug_no_synonym(tmp_path: Path) -> None:
    nodes = nodes_of(DRUGBANK_RELEASE, tmp_path)
    current, older = nodes.loc["DRUGBANK:DB90001"], nodes.loc["DRUGBANK:DB90003"]
    assert (current["name"], current["synonym"]) == ("Alphamine", "Alphadrin")
    assert (older["name"], older["synonym"]) == ("", "Beta/prof")
    assert nodes.loc["DRUGBANK:DB90010", "name"] == "Retiredine", "the vocabulary has it no more"


def test_a_pubchem_number_of_two_drugs_is_taken_for_neither(tmp_path: Path) -> None:
    xrefs = nodes_of(DRUGBANK_RELEASE, tmp_path)["xref"]
    assert xrefs["DRUGBANK:DB90001"] == "PUBCHEM.COMPOUND:900001"
    assert xrefs[["DRUGBANK:DB90003", "DRUGBANK:DB90006"]].tolist() == ["", ""]


def test_a_drug_is_of_its_codes_and_categories_and_only_related_to_its_groups(
    tmp_path: Path,
) -> None:
    edges = edges_of(DRUGBANK_RELEASE, tmp_path)
    own = edges[edges["subject"] == "DRUGBANK:DB90001"]
    said = dict(zip(own["object"], own["predicate"], strict=True))
    subclass, related = Predicate.SUBCLASS_OF.value, Predicate.RELATED_TO.value
    assert said == {
        "ATC:N06AX91": subclass,
        "DRUGBANK.CATEGORY:invented-amines": subclass,
        "DRUGBANK.CATEGORY:tests": subclass,
        "DRUGBANK.CATEGORY:group-approved": related,
        "DRUGBANK.CATEGORY:group-withdrawn": related,
    }


def test_roles_stand_under_the_gene_with_category_action_and_papers(tmp_path: Path) -> None:
    edges = edges_of(DRUGBANK_PROTEINS, tmp_path)
    rows = edges[["subject", "predicate", "object", "qualifiers"]].to_numpy().tolist()
    substrate, affects = Predicate.SUBSTRATE_OF.value, Predicate.AFFECTS.value
    assert rows == [
        ["DRUGBANK:DB90001", substrate, "NCBIGene:1576", "category=enzyme"],
        ["DRUGBANK:DB90001", affects, "NCBIGene:1576", "category=enzyme|role=inhibitor"],
        ["DRUGBANK:DB90001", affects, "NCBIGene:5243", "category=transporter|role=inducer"],
        [
            "DRUGBANK:DB90003",
            affects,
            "NCBIGene:5742",
            "category=target|role=inhibitor_competitive",
        ],
        ["DRUGBANK:DB90003", UNSAID, "UniProtKB:P35354", "category=target"],
        ["DRUGBANK:DB90003", UNSAID, "NCBIGene:213", "category=carrier"],
        ["DRUGBANK:DB90003", substrate, "NCBIGene:1559", "category=enzyme"],
    ]
    assert edges["publications"].iloc[0] == "PMID:9000001|PMID:9000002"
    assert edges["text"].iloc[3] == "target; pharmacological action: yes"


def pairs_of(folder: Path) -> pd.DataFrame:
    (pairs,) = chunks(DRUGBANK_INTERACTIONS, folder, ChunkKind.PAIRS)
    return pairs


def test_the_drug_that_acts_stands_first_and_the_text_says_what_it_does(tmp_path: Path) -> None:
    said = pairs_of(tmp_path).set_index("statement")
    assert said.loc["drugbank-86/47", "text"] == "gammazole slows down the metabolism of betaprofen"
    assert said.loc["drugbank-86/47", "drug_a"] == "DRUGBANK:DB90006", "the second of the row acts"
    assert said.loc["drugbank-86/4", "text"] == "gammazole speeds up the metabolism of betaprofen"
    assert said.loc["drugbank-86/64", "text"] == "alphamine + betaprofen: serotonergic effects"
    assert set(said["severity"]) == {""}, "the file states none"


def test_a_type_of_two_effects_gives_both_and_one_of_none_says_so(tmp_path: Path) -> None:
    effects = pairs_of(tmp_path).groupby("statement")["effect"].agg(list)
    assert effects["drugbank-86/41"] == ["HP:0002615", "UMLS:C0151559"]
    assert effects["drugbank-86/49"] == ["coprescribe:unnamed_effect"]


def test_a_drug_that_the_vocabulary_does_not_name_goes_by_its_number(tmp_path: Path) -> None:
    text = pairs_of(tmp_path).set_index("statement").loc["drugbank-86/49", "text"]
    assert text == "alphamine + DB99999: adverse effects"


def test_a_type_beyond_the_86_is_refused(tmp_path: Path) -> None:
    files = copy_packed(DRUGBANK_INTERACTIONS, tmp_path)
    write_packed(files["ddi86.txt.xz"], b"drug1\tdrug2\tLabel\nDB90001\tDB90002\t87\n")
    with pytest.raises(MalformedSource, match=r"types \['87'\] are none of the 86"):
        list(DRUGBANK_INTERACTIONS.read(files))


def test_the_table_of_types_knows_all_86_and_says_how_it_knows_who_acts() -> None:
    types = load_types()
    assert sorted(types["type"].map(int)) == list(range(1, 87))
    basis = pd.read_csv(TYPES, sep="\t", dtype=str, keep_default_na=False)["basis"]
    assert ((types["acts"] != "") == (basis != "")).all()


def test_a_type_that_acts_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ddi86_types.tsv"
    path.write_text(TYPES.read_text(encoding="utf-8").replace("\tfirst\t", "\tboth\t", 1))
    with pytest.raises(MalformedSource, match="acts otherwise"):
        load_types(path)


def test_a_map_gives_what_is_one_to_one_and_well_formed(tmp_path: Path) -> None:
    nodes = nodes_of(DRUG_MAPPINGS, tmp_path)
    assert nodes["xref"].to_dict() == {
        "DRUGBANK:DB90001": "CAS:90001-01-1|CHEBI:900001|CHEMBL.COMPOUND:CHEMBL9000001"
        "|PUBCHEM.COMPOUND:900001|UMLS:C9000001",
        "DRUGBANK:DB90002": "CAS:90002-02-2|PUBCHEM.COMPOUND:900002",
        "DRUGBANK:DB90003": "CHEMBL.COMPOUND:CHEMBL9000003|PUBCHEM.COMPOUND:900003",
        "DRUGBANK:DB90004": "PUBCHEM.COMPOUND:900004",
        "CHEMBL.COMPOUND:CHEMBL9000007": "CHEBI:900007|PUBCHEM.COMPOUND:900007",
    }


def test_pharmgkb_gives_single_matches_as_identity_and_codes_as_classes(tmp_path: Path) -> None:
    nodes = nodes_of(PHARMGKB_DRUGS, tmp_path)
    drugs = nodes.loc[nodes["category"] == Category.DRUG.value, "xref"]
    assert drugs.to_dict() == {
        "PHARMGKB.DRUG:PA900001": "CHEBI:900001|DRUGBANK:DB90001|RXCUI:9000001",
        "PHARMGKB.DRUG:PA900003": "",
        "PHARMGKB.DRUG:PA900004": "",
    }
    edges = edges_of(PHARMGKB_DRUGS, tmp_path)
    assert edges[["subject", "object"]].to_numpy().tolist() == [
        ["PHARMGKB.DRUG:PA900001", "ATC:N06AX91"],
        ["PHARMGKB.DRUG:PA900004", "ATC:M01A"],
    ]


def test_structures_are_read_by_drug_and_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    path = copy_packed(DRUGBANK_SMILES, tmp_path)["drugbank_smiles.txt.gz"]
    smiles = read_smiles(path).set_index("id")["smiles"]
    assert smiles["DRUGBANK:DB90006"] == "[Na+].[O-]C(=O)c1ccccc1"
    write_packed(path, b"DB90001\tCCO\nDB90002\tnot one\n")
    with pytest.raises(MalformedSource, match="row 2"):
        read_smiles(path)


@pytest.mark.parametrize(
    ("kind", "role", "least"),
    [("4", "inducer", 0.99), ("47", "inhibitor", 0.97), ("73", "inhibitor", 0.84),
     ("75", "inducer", 0.96), ("77", "inhibitor", 0.97)],
)  # fmt: skip
def test_the_side_that_acts_is_the_side_with_the_role_in_the_enzyme_table(
    kind: str, role: str, least: float, shared_data: Path
) -> None:
    """Counted over the pairs in which only one of the two sides can be the one that acts."""
    folder = shared_data / "drugbank"
    files = {name: folder / name for name in DRUGBANK_INTERACTIONS.files}
    *_, pairs = (chunk.frame for chunk in DRUGBANK_INTERACTIONS.read(files))
    pairs = pairs[pairs["statement"] == f"drugbank-86/{kind}"]
    proteins = {"proteins.tsv.gz": folder / "proteins.tsv.gz"}
    _, roles = (chunk.frame for chunk in DRUGBANK_PROTEINS.read(proteins))
    acting = roles[roles["qualifiers"].str.endswith(f"role={role}")]
    handled = roles[roles["predicate"] == Predicate.SUBSTRATE_OF.value]
    links = acting.merge(handled, on="object")
    known = set(zip(links["subject_x"], links["subject_y"], strict=True))
    ends = list(zip(pairs["drug_a"], pairs["drug_b"], strict=True))
    right = sum((a, b) in known and (b, a) not in known for a, b in ends)
    wrong = sum((b, a) in known and (a, b) not in known for a, b in ends)
    assert right / (right + wrong) >= least


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.info.name)
def test_the_published_files_give_what_they_hold(source: Source, shared_data: Path) -> None:
    found = {path.name: path for path in sorted(shared_data.rglob("*")) if path.is_file()}
    read: list[Chunk] = list(source.read({name: found[name] for name in source.files}))
    counts: dict[str, int] = {}
    for chunk in read:
        counts[chunk.kind.value] = counts.get(chunk.kind.value, 0) + len(chunk.frame)
    assert counts == EXPECTED[source.info.name]
