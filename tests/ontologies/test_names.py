"""Folding, salts and ontology terms."""

from __future__ import annotations

import pytest

from ontologies.fold import fold, without_accents
from ontologies.ontology import Ontology, Term, UnknownTerm
from ontologies.salts import differ_in_form, ingredient, is_combination, moiety

RHABDO, MYOPATHY, MUSCLE, OLD, LOST = "HP:1", "HP:2", "HP:3", "HP:4", "HP:5"


@pytest.fixture
def hpo() -> Ontology:
    return Ontology.from_terms(
        [
            Term(RHABDO, "Rhabdomyolysis", ("Muscle breakdown",), (MYOPATHY,), ("HP:11",)),
            Term(MYOPATHY, "Myopathy", ("Muscle disease",), (MUSCLE,)),
            Term(MUSCLE, "Abnormality of the musculature"),
            Term(OLD, "Old rhabdomyolysis", obsolete=True, replaced_by="HP:11"),
            Term(LOST, "Lost term", obsolete=True),
        ]
    )


def test_folding_forgets_case_accents_blanks_and_punctuation() -> None:
    assert fold("  Acétylsalicylique,  (ACIDE) ") == "acetylsalicylique acide"
    assert fold("St. John’s Wort") == fold("st john's wort")
    assert fold("α-tocopherol") == "alpha tocopherol"


def test_accents_go_and_letters_stay() -> None:
    assert without_accents("Cœur, Ménière") == "Coeur, Meniere"


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("Metoprolol succinate", "metoprolol"),
        ("clopidogrel hydrogen", "clopidogrel hydrogen"),
        ("penicillin g benzathine", "penicillin g"),
        ("sodium", "sodium"),
    ],
)
def test_the_moiety_is_the_name_without_trailing_salt_words(name: str, base: str) -> None:
    assert moiety(name) == base


@pytest.mark.parametrize("name", ["potassium chloride", "silver nitrate", "isosorbide mononitrate"])
def test_an_inorganic_salt_or_a_nitrate_ester_has_no_ingredient_behind_it(name: str) -> None:
    assert ingredient(name) is None


def test_a_salt_and_a_combination_differ_from_the_plain_substance() -> None:
    assert differ_in_form("metoprolol tartrate", "metoprolol succinate") == "salt form"
    assert differ_in_form("trimethoprim", "sulfamethoxazole / trimethoprim") == "combination"
    assert differ_in_form("acetaminophen", "paracetamol") is None
    assert differ_in_form("Simvastatin", "simvastatin") is None


def test_a_name_of_several_substances_is_a_combination() -> None:
    assert is_combination("amoxicillin and clavulanate")
    assert not is_combination("candesartan")


def test_a_term_is_found_by_name_before_synonym_whatever_its_case(hpo: Ontology) -> None:
    assert hpo.find("RHABDOMYOLYSIS") == (RHABDO,)
    assert hpo.find("muscle disease") == (MYOPATHY,)
    assert hpo.find("Rhabdomyolisis") == ()
    assert hpo.find("") == ()


def test_an_obsolete_name_is_not_found(hpo: Ontology) -> None:
    assert hpo.find("Old rhabdomyolysis") == ()


def test_ancestors_climb_to_the_top(hpo: Ontology) -> None:
    assert hpo.ancestors(RHABDO) == {MYOPATHY, MUSCLE}
    assert hpo.ancestors(MUSCLE) == frozenset()


def test_an_alternative_or_replaced_id_leads_to_the_term_in_force(hpo: Ontology) -> None:
    assert hpo.current("HP:11") == RHABDO
    assert hpo.current(OLD) == RHABDO
    assert hpo.current(RHABDO) == RHABDO
    assert hpo.current(LOST) is None
    assert hpo.current("HP:999") == "HP:999"


def test_terms_that_replace_one_another_in_a_ring_stay_themselves() -> None:
    ring = Ontology.from_terms(
        [
            Term("X:1", "one", obsolete=True, replaced_by="X:2"),
            Term("X:2", "two", obsolete=True, replaced_by="X:1"),
        ]
    )
    assert ring.current("X:1") == "X:1"


def test_a_ring_of_parents_ends() -> None:
    ring = Ontology.from_terms([Term("X:1", "a", (), ("X:2",)), Term("X:2", "b", (), ("X:1",))])
    assert "X:2" in ring.ancestors("X:1")


def test_an_unknown_term_is_quoted(hpo: Ontology) -> None:
    assert "HP:11" in hpo
    assert "HP:999" not in hpo
    assert len(hpo) == 5
    with pytest.raises(UnknownTerm, match="HP:999"):
        hpo.term("HP:999")
