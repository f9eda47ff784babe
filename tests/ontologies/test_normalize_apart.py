"""Unlike structures, unlike names, classes and what a person has told apart are never joined."""

from __future__ import annotations

import pandas as pd
import pytest

from ontologies.heavy_atoms import composition, drawing
from ontologies.known_apart import MalformedCut, alike, drawings_of, hand_cuts
from ontologies.normalize import Normalizer, Trust
from ontologies.vocabulary import Category

DRUG, CLASS = Category.DRUG.value, Category.DRUG_CLASS.value
COLUMNS = ["id", "category", "name", "xref", "source", "synonym", "drawing"]
TRUST = Trust(doubted=frozenset({"machine"}), synonyms=frozenset({"vocabulary"}))

Cells = tuple[str, ...]


def normalizer(*rows: Cells) -> Normalizer:
    full = [(*row, *[""] * (len(COLUMNS) - len(row))) for row in rows]
    return Normalizer.from_mappings(pd.DataFrame(full, columns=COLUMNS), TRUST)


def the_reason(names: Normalizer) -> str:
    (reason,) = names.report["reason"]
    return str(reason)


def joined(names: Normalizer, left: str, right: str) -> bool:
    return names.preferred(left) == names.preferred(right)


def test_two_structures_of_unlike_heavy_atoms_are_cut_and_reported() -> None:
    names = normalizer(
        ("DRUGBANK:DB02729", DRUG, "sd146", "CHEBI:1", "a", "", drawing("CCN")),
        ("CHEMBL.COMPOUND:CHEMBL1126", DRUG, "penicillin g", "CHEBI:1", "b", "", drawing("CCS")),
    )
    assert not joined(names, "DRUGBANK:DB02729", "CHEMBL.COMPOUND:CHEMBL1126")
    assert the_reason(names) == "unlike heavy atoms: C2N, C2S"


def test_two_drawings_of_equal_atoms_are_one_drug_in_whatever_order_they_are_drawn() -> None:
    names = normalizer(
        ("DRUGBANK:DB1", DRUG, "ethanol", "CHEMBL.COMPOUND:CHEMBL1", "a", "", drawing("CCO")),
        ("CHEMBL.COMPOUND:CHEMBL1", DRUG, "alcohol", "", "b", "", drawing("[OH]CC")),
    )
    assert joined(names, "DRUGBANK:DB1", "CHEMBL.COMPOUND:CHEMBL1")


def test_a_counter_ion_that_one_source_draws_and_another_does_not_is_no_other_drug() -> None:
    names = normalizer(
        ("DRUGBANK:DB1", DRUG, "one", "CHEBI:1", "a", "", drawing("CC(=O)[O-].[Na+]")),
        ("CHEMBL.COMPOUND:CHEMBL1", DRUG, "one", "CHEBI:1", "b", "", drawing("CC(=O)O")),
    )
    assert joined(names, "DRUGBANK:DB1", "CHEMBL.COMPOUND:CHEMBL1")


def test_a_structure_that_the_table_explains_is_not_held_against_a_drug() -> None:
    drawn = "C24N6O3"
    assert drawings_of("PHARMGKB.DRUG:PA448765", [drawn]) == frozenset()
    assert drawings_of("PHARMGKB.DRUG:PA448765", ["C1"]) == {"C1"}
    assert drawings_of("DRUGBANK:DB13919", [drawn]) == {drawn}


@pytest.mark.parametrize(("source", "one"), [("machine", False), ("person", True)])
def test_a_doubted_source_joins_no_unlike_names(source: str, one: bool) -> None:
    names = normalizer(
        ("DRUGBANK:DB02619", DRUG, "bromododecanol", "CHEBI:2619", source),
        ("CHEMBL.COMPOUND:CHEMBL1569", DRUG, "amantadine", "CHEBI:2619", "person"),
    )
    assert joined(names, "DRUGBANK:DB02619", "CHEMBL.COMPOUND:CHEMBL1569") is one
    if not one:
        assert the_reason(names) == "unlike names: 'amantadine', 'bromododecanol'"


@pytest.mark.parametrize(
    ("name", "synonym", "atoms"),
    [("gw-813893", "", ""), ("metacresol", "3-cresol", ""), ("catechol", "", "C6O2")],
)
def test_a_spelling_a_synonym_or_a_structure_clears_the_doubt(
    name: str, synonym: str, atoms: str
) -> None:
    other = {"gw-813893": "gw813893", "metacresol": "3-cresol"}.get(name, "dihydroxybenzene")
    names = normalizer(
        ("DRUGBANK:DB1", DRUG, name, "CHEBI:1", "machine", synonym, atoms),
        ("CHEMBL.COMPOUND:CHEMBL1", DRUG, other, "CHEBI:1", "person", "", atoms),
    )
    assert joined(names, "DRUGBANK:DB1", "CHEMBL.COMPOUND:CHEMBL1")


def test_a_drugs_own_synonym_is_no_witness_for_another_name() -> None:
    names = normalizer(
        ("DRUGBANK:DB15766", DRUG, "retifanlimab", "CHEBI:791", "machine"),
        ("PHARMGKB.DRUG:PA1", DRUG, "estrone", "CHEBI:791", "person", "estrone"),
    )
    assert not joined(names, "DRUGBANK:DB15766", "PHARMGKB.DRUG:PA1")


def test_a_synonym_that_one_drug_alone_has_joins_the_international_name() -> None:
    names = normalizer(
        ("DRUGBANK:DB00182", DRUG, "Amphetamine", "", "vocabulary", "Amfetamine|Phenopromin"),
        ("ATC:N06BA01", DRUG, "amfetamine", "", "atc"),
    )
    assert names.preferred("ATC:N06BA01") == "DRUGBANK:DB00182"


@pytest.mark.parametrize(
    ("name", "synonym"),
    [("follitropin delta", "follitropin delta"), ("menthol", "menthol")],
)
def test_a_synonym_with_more_words_or_of_two_drugs_joins_nothing(name: str, synonym: str) -> None:
    names = normalizer(
        ("DRUGBANK:DB00066", DRUG, "Follitropin", "", "vocabulary", "follitropin delta|menthol"),
        ("DRUGBANK:DB00067", DRUG, "Levomenthol", "", "vocabulary", "menthol"),
        ("ATC:G03GA10", DRUG, name, "", "atc"),
    )
    assert names.preferred("ATC:G03GA10") == "ATC:G03GA10"


def test_a_class_of_drugs_is_never_a_drug_that_refers_to_it() -> None:
    names = normalizer(
        ("CHEBI:35475", CLASS, "non-steroidal anti-inflammatory drug", "", "a"),
        ("DRUGBANK:DB07111", DRUG, "hydroxydocosahexaenoic acid", "CHEBI:35475", "b"),
    )
    assert names.preferred("CHEBI:35475") == "CHEBI:35475"
    assert "a class of drugs" in the_reason(names)


def test_what_a_person_has_told_apart_stays_apart_and_the_rest_of_the_clique_joins() -> None:
    names = normalizer(
        ("CHEMBL.COMPOUND:CHEMBL1231248", DRUG, "theracys", "DRUGBANK:DB01515", "a"),
        ("RXCUI:94297", DRUG, "TheraCys", "", "b"),
        ("DRUGBANK:DB01515", DRUG, "Benzoylecgonine", "", "c"),
    )
    assert names.preferred("RXCUI:94297") == "RXCUI:94297"
    assert names.preferred("CHEMBL.COMPOUND:CHEMBL1231248") == "DRUGBANK:DB01515"
    assert "kept apart by hand" in the_reason(names)


def test_a_number_of_several_substances_is_joined_with_none() -> None:
    names = normalizer(("DRUGBANK:DB00755", DRUG, "Tretinoin", "PUBCHEM.COMPOUND:5538", "a"))
    assert names.preferred("PUBCHEM.COMPOUND:5538") == "PUBCHEM.COMPOUND:5538"
    assert "isotretinoin" in the_reason(names)


def test_the_hand_kept_pairs_differ_and_every_cut_has_a_reason() -> None:
    cuts = hand_cuts()
    assert all(left != right for left, right in cuts.forms)
    assert all(len(reason) > 20 for reason in cuts.several.values())
    marked: dict[str, set[str]] = {}
    for marks in cuts.marks.values():
        for mark, curie in marks.items():
            marked.setdefault(mark, set()).add(curie)
    assert marked
    assert all(len(curies) == 2 for curies in marked.values())


def test_a_cut_of_no_known_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["identity", "A:1", "a", "A:2", "b", "c"], ["identiy", "A:1", "a", "A:2", "b", "c"]]
    monkeypatch.setattr("ontologies.known_apart._rows", lambda _: rows)
    with pytest.raises(MalformedCut, match="row 3: 'identiy' is no cut") as refusal:
        hand_cuts.__wrapped__()
    assert (refusal.value.row, refusal.value.value) == (3, "identiy")


def test_only_words_that_name_a_drug_make_two_names_alike() -> None:
    assert alike({"fludarabine"}, {"fludarabin phosphate"})
    assert alike({"zinc (PubChem 24424)"}, {"zinc"})
    assert not alike({"sodium phosphate"}, {"sodium chloride"})


def test_heavy_atoms_are_those_of_the_largest_part_with_carbon_and_of_the_whole() -> None:
    assert drawing("C[N+](C)(C)C.[I-]") == "C4N|C4IN"
    assert drawing("O=[Mg]") == "MgO"
    assert composition("[se]1cccc1") == "C4Se"
