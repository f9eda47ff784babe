"""Names of one thing are joined for a reason, and what must stay apart stays apart."""

from __future__ import annotations

import random

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ontologies.normalize import Normalizer

DRUG, GENE, EFFECT, DISEASE = (
    "biolink:Drug", "biolink:Gene", "biolink:PhenotypicFeature", "biolink:Disease",
)  # fmt: skip
COLUMNS = ["id", "category", "name", "xref", "source"]
IDS = ("RXCUI:1", "RXCUI:2", "DRUGBANK:DB1", "DRUGBANK:DB2", "CHEBI:1", "CHEBI:2")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(IDS),
        st.just(DRUG),
        st.sampled_from(["", "warfarin", "warfarin sodium", "heparin"]),
        st.lists(st.sampled_from(IDS), max_size=2).map("|".join),
        st.sampled_from(["a", "b"]),
    ),
    max_size=12,
)

SHARED = ("HP:1", "HP:2", "DOID:1", "UMLS:C1", "UMLS:C2", "MESH:D1")
ROWS_OF_TWO_KINDS = st.lists(
    st.tuples(
        st.sampled_from(SHARED),
        st.sampled_from([EFFECT, DISEASE]),
        st.just(""),
        st.lists(st.sampled_from(SHARED), max_size=2).map("|".join),
        st.sampled_from(["a", "b"]),
    ),
    max_size=8,
)

TypeRow = tuple[str, str, str, str, str]


def normalizer(*rows: TypeRow) -> Normalizer:
    return Normalizer.from_mappings(pd.DataFrame(rows, columns=COLUMNS))


def reasons(names: Normalizer) -> dict[tuple[str, str], str]:
    rows = names.report.itertuples(index=False, name=None)
    return {(str(left), str(right)): str(reason) for left, right, reason in rows}


def test_a_stated_identity_joins_and_the_rxcui_is_preferred() -> None:
    names = normalizer(
        ("DRUGBANK:DB00641", DRUG, "Simvastatin", "PUBCHEM.COMPOUND:54454", "drugbank"),
        ("RXCUI:36567", DRUG, "simvastatin", "DRUGBANK:DB00641", "curated"),
    )
    assert names.preferred("PUBCHEM.COMPOUND:54454") == "RXCUI:36567"
    assert names.equivalents("DRUGBANK:DB00641") == (
        "RXCUI:36567",
        "DRUGBANK:DB00641",
        "PUBCHEM.COMPOUND:54454",
    )
    assert names.mapping["DRUGBANK:DB00641"] == "RXCUI:36567"
    assert names.report.empty


def test_the_reasons_lead_step_by_step_to_the_preferred_curie() -> None:
    names = normalizer(
        ("DRUGBANK:DB00641", DRUG, "Simvastatin", "PUBCHEM.COMPOUND:54454", "drugbank"),
        ("RXCUI:36567", DRUG, "simvastatin", "", "curated"),
    )
    assert names.explain("PUBCHEM.COMPOUND:54454") == (
        "PUBCHEM.COMPOUND:54454 = DRUGBANK:DB00641: stated by drugbank",
        "DRUGBANK:DB00641 = RXCUI:36567: same name 'simvastatin'",
    )
    assert names.explain("RXCUI:36567") == ()


def test_a_curie_that_nobody_mentions_is_its_own() -> None:
    names = normalizer()
    assert names.preferred("RXCUI:1") == "RXCUI:1"
    assert names.equivalents("RXCUI:1") == ("RXCUI:1",)
    assert names.explain("RXCUI:1") == ()


def test_two_rxcuis_never_share_a_clique_and_the_tie_is_reported() -> None:
    names = normalizer(("DRUGBANK:DB1", DRUG, "x", "RXCUI:1|RXCUI:2", "drugbank"))
    assert names.preferred("DRUGBANK:DB1") == "DRUGBANK:DB1"
    assert reasons(names)["DRUGBANK:DB1", "RXCUI:1"] == "contested between RXCUI:1, RXCUI:2"


def test_the_name_decides_between_two_stated_identities() -> None:
    names = normalizer(
        ("DRUGBANK:DB1", DRUG, "Warfarin", "RXCUI:1|RXCUI:2", "drugbank"),
        ("RXCUI:1", DRUG, "warfarin", "", "rxnorm"),
    )
    assert names.preferred("DRUGBANK:DB1") == "RXCUI:1"
    assert reasons(names)["DRUGBANK:DB1", "RXCUI:2"].startswith("two RXCUI identifiers")


def test_more_sources_outweigh_one() -> None:
    names = normalizer(
        ("DRUGBANK:DB1", DRUG, "", "RXCUI:1", "a"),
        ("DRUGBANK:DB1", DRUG, "", "RXCUI:2", "b"),
        ("DRUGBANK:DB1", DRUG, "", "RXCUI:2", "c"),
    )
    assert names.preferred("DRUGBANK:DB1") == "RXCUI:2"


def test_a_salt_is_not_its_base_even_if_a_source_says_so() -> None:
    names = normalizer(
        ("DRUGBANK:DB00264", DRUG, "Metoprolol", "", "drugbank"),
        ("CHEBI:6905", DRUG, "metoprolol succinate", "DRUGBANK:DB00264", "chebi"),
    )
    assert names.preferred("CHEBI:6905") == "CHEBI:6905"
    assert "salt form" in reasons(names)["CHEBI:6905", "DRUGBANK:DB00264"]


def test_a_salt_code_is_not_the_base_of_another_vocabulary() -> None:
    names = normalizer(
        ("DRUGBANK:DB00264", DRUG, "Metoprolol", "", "drugbank"),
        ("RXCUI:221124", DRUG, "metoprolol succinate", "DRUGBANK:DB00264", "a"),
    )
    assert names.preferred("DRUGBANK:DB00264") == "DRUGBANK:DB00264"


def test_a_medicine_listed_as_base_here_and_as_ester_there_is_one_when_stated() -> None:
    names = normalizer(
        ("RXCUI:6691", DRUG, "medroxyprogesterone", "DRUGBANK:DB00603", "a"),
        ("DRUGBANK:DB00603", DRUG, "Medroxyprogesterone acetate", "", "drugbank"),
    )
    assert names.preferred("DRUGBANK:DB00603") == "RXCUI:6691"


def test_a_base_that_both_vocabularies_list_keeps_the_ester_out() -> None:
    names = normalizer(
        ("RXCUI:214354", DRUG, "candesartan", "DRUGBANK:DB00796", "a"),
        ("DRUGBANK:DB13919", DRUG, "Candesartan", "", "drugbank"),
        ("DRUGBANK:DB00796", DRUG, "Candesartan cilexetil", "", "drugbank"),
    )
    assert names.preferred("DRUGBANK:DB13919") == "RXCUI:214354"
    assert names.preferred("DRUGBANK:DB00796") == "DRUGBANK:DB00796"


def test_a_combination_is_not_its_part() -> None:
    names = normalizer(
        ("RXCUI:10831", DRUG, "sulfamethoxazole / trimethoprim", "DRUGBANK:DB00440", "a"),
        ("DRUGBANK:DB00440", DRUG, "trimethoprim", "", "b"),
    )
    assert names.preferred("DRUGBANK:DB00440") == "DRUGBANK:DB00440"
    assert "combination" in reasons(names)["DRUGBANK:DB00440", "RXCUI:10831"]


def test_unlike_names_of_one_drug_are_joined_when_stated() -> None:
    names = normalizer(
        ("RXCUI:161", DRUG, "acetaminophen", "", "a"),
        ("ANSM.SUBSTANCE:paracetamol", DRUG, "paracetamol", "RXCUI:161", "ansm"),
    )
    assert names.preferred("ANSM.SUBSTANCE:paracetamol") == "RXCUI:161"


def test_a_shared_name_joins_drugs_but_not_genes_or_effects() -> None:
    names = normalizer(
        ("RXCUI:1", DRUG, "warfarin", "", "a"),
        ("DRUGBANK:DB1", DRUG, "Warfarin", "", "b"),
        ("HGNC:1", GENE, "CYP2D6", "", "a"),
        ("NCBIGene:1", GENE, "CYP2D6", "", "b"),
        ("HP:1", EFFECT, "Myopathy", "", "a"),
        ("UMLS:C1", EFFECT, "Myopathy", "", "b"),
    )
    assert names.preferred("DRUGBANK:DB1") == "RXCUI:1"
    assert names.preferred("NCBIGene:1") == "NCBIGene:1"
    assert names.preferred("UMLS:C1") == "UMLS:C1"


def test_a_name_that_two_rxcuis_bear_joins_neither_to_a_third() -> None:
    names = normalizer(
        ("RXCUI:1", DRUG, "insulin", "", "a"),
        ("RXCUI:2", DRUG, "insulin", "", "a"),
        ("DRUGBANK:DB1", DRUG, "insulin", "", "b"),
    )
    assert names.preferred("DRUGBANK:DB1") == "DRUGBANK:DB1"
    assert ("DRUGBANK:DB1", "RXCUI:1") in reasons(names)


def test_each_kind_has_its_own_preferred_prefix() -> None:
    names = normalizer(
        ("NCBIGene:1576", GENE, "CYP3A4", "HGNC:2637", "ncbi"),
        ("UMLS:C0035410", EFFECT, "rhabdomyolysis", "HP:0003201", "hpo"),
        ("MONDO:0005148", DISEASE, "type 2 diabetes", "DOID:9352", "mondo"),
    )
    assert names.preferred("NCBIGene:1576") == "HGNC:2637"
    assert names.preferred("UMLS:C0035410") == "HP:0003201"
    assert names.preferred("MONDO:0005148") == "DOID:9352"


def test_two_effects_of_one_source_are_not_drawn_together_by_a_wider_term() -> None:
    names = normalizer(("HP:1", EFFECT, "bleeding", "UMLS:C1|UMLS:C2", "hpo"))
    assert names.preferred("UMLS:C1") == "UMLS:C1"
    assert names.preferred("UMLS:C2") == "UMLS:C2"


def test_an_effect_and_a_disease_may_share_an_identifier_without_becoming_one() -> None:
    names = normalizer(
        ("HP:1", EFFECT, "gout", "UMLS:C1", "hpo"),
        ("DOID:1", DISEASE, "gout", "UMLS:C1", "doid"),
    )
    assert names.preferred("UMLS:C1") == "HP:1"
    assert names.preferred("DOID:1") == "DOID:1"
    assert names.equivalents("HP:1") == ("HP:1", "UMLS:C1")
    assert names.equivalents("DOID:1") == ("DOID:1",), "the effect has claimed UMLS:C1"


def test_a_claimed_identifier_is_no_bridge_to_a_clique_of_another_kind() -> None:
    names = normalizer(
        ("HP:1", EFFECT, "gout", "UMLS:C1", "hpo"),
        ("UMLS:C1", DISEASE, "gout", "MESH:D1", "doid"),
    )
    assert names.preferred("UMLS:C1") == "HP:1"
    assert names.preferred("MESH:D1") == "MESH:D1"


def test_blank_cells_state_nothing() -> None:
    frame = pd.DataFrame([("RXCUI:1", DRUG, None, None, "a")], columns=COLUMNS)
    assert Normalizer.from_mappings(frame).preferred("RXCUI:1") == "RXCUI:1"


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[TypeRow], chance: random.Random) -> None:
    mixed = rows.copy()
    chance.shuffle(mixed)
    one, other = normalizer(*rows), normalizer(*mixed)
    assert one.mapping == other.mapping
    assert one.report.equals(other.report)
    assert all(one.explain(curie) == other.explain(curie) for curie in IDS)


@given(ROWS)
def test_no_clique_holds_two_identifiers_of_an_exclusive_prefix(rows: list[TypeRow]) -> None:
    names = normalizer(*rows)
    for curie in names.mapping:
        prefixes = [other.partition(":")[0] for other in names.equivalents(curie)]
        assert prefixes.count("RXCUI") <= 1
        assert prefixes.count("DRUGBANK") <= 1


@given(ROWS)
def test_every_renamed_curie_can_be_explained(rows: list[TypeRow]) -> None:
    names = normalizer(*rows)
    for curie, preferred in names.mapping.items():
        steps = names.explain(curie)
        assert bool(steps) == (curie != preferred)
        if steps:
            assert steps[0].startswith(f"{curie} = ")
            assert f" = {preferred}: " in steps[-1]


@given(ROWS_OF_TWO_KINDS)
def test_a_preferred_curie_is_its_own_preferred_one(rows: list[TypeRow]) -> None:
    names = normalizer(*rows)
    for curie in SHARED:
        preferred = names.preferred(curie)
        assert names.preferred(preferred) == preferred
        assert curie in names.equivalents(curie)
        assert names.equivalents(curie)[0] == preferred
