"""Grounding of French interaction texts, on sentences worded for these tests."""

from pathlib import Path

import pytest

import kg
from kg.effects import (
    COLUMNS,
    EffectPattern,
    Grounding,
    MalformedPattern,
    ground_text,
    load_patterns,
    plain_text,
)

TABLE = Path(kg.__file__).parent / "curated" / "effects_fr.tsv"
LEVEL_RAISED = ("UMLS:C0151599", "Drug level increased")
LEVEL_LOWERED = ("UMLS:C0151598", "Drug level decreased")
RESPONSE_LOWERED = ("UMLS:C0235827", "Therapeutic response decreased")
EFFECT_RAISED = ("UMLS:C0151730", "Drug effect increased")


@pytest.fixture(scope="module")
def patterns() -> tuple[EffectPattern, ...]:
    return load_patterns(TABLE)


def test_a_text_is_matched_without_case_accents_breaks_and_curly_apostrophes() -> None:
    assert plain_text("L’Effet\nest  élevé") == "l'effet est eleve"


def test_the_clinical_harm_comes_before_the_raised_level(
    patterns: tuple[EffectPattern, ...],
) -> None:
    text = "Taux de statine : augmentation des concentrations, risque de rhabdomyolyse."
    assert ground_text(text, "", patterns).effects == (
        ("HP:0003201", "Rhabdomyolysis"),
        LEVEL_RAISED,
    )


@pytest.mark.parametrize(
    ("text", "effect", "mechanism"),
    [
        ("Diminution des concentrations du produit.", LEVEL_LOWERED, None),
        ("Perte d’efficacité de l’antiviral.", RESPONSE_LOWERED, None),
        ("Baisse de l'activité par antagonisme.", RESPONSE_LOWERED, "antagonism"),
        (
            "Majoration des effets indésirables par inhibition de son métabolisme.",
            EFFECT_RAISED,
            "enzyme_inhibition",
        ),
        (
            "Diminution de l'efficacité par augmentation de son métabolisme.",
            RESPONSE_LOWERED,
            "enzyme_induction",
        ),
        ("Diminution de l'absorption du fer.", LEVEL_LOWERED, "absorption"),
        (
            "Hyperkaliémie, surtout chez le sujet âgé (addition des effets).",
            ("HP:0002153", "Hyperkalemia"),
            "additive_pharmacodynamic",
        ),
        (
            "Toxicité accrue (diminution de son élimination rénale).",
            ("UMLS:C0013221", "Drug toxicity"),
            "renal_excretion",
        ),
    ],
)
def test_a_sentence_gives_its_primary_effect_and_its_mechanism(
    patterns: tuple[EffectPattern, ...],
    text: str,
    effect: tuple[str, str],
    mechanism: str | None,
) -> None:
    grounding = ground_text(text, "", patterns)
    assert grounding.effects[0] == effect
    assert grounding.mechanism == mechanism


@pytest.mark.parametrize(
    "text",
    [
        "Association possible sans modification de l'efficacité.",
        "Sauf en cas d'hypokaliémie.",
        "Mesurer la créatininémie chez l'insuffisant cardiaque.",
        "Antagoniste du calcium et antihypertenseur.",
    ],
)
def test_a_negation_a_condition_or_a_class_name_is_no_effect(
    patterns: tuple[EffectPattern, ...], text: str
) -> None:
    assert ground_text(text, "", patterns) == Grounding(effects=(), mechanism=None)


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("Risk of intracranial hypertension", "Increased intracranial pressure"),
        ("Risk of hypotension and/or acute renal insufficiency", "Acute kidney injury"),
        ("Risk of hyperkalemia (addition of the hyperkalemia inducing effects)", "Hyperkalemia"),
        ("Hypotension, heart failure in patients with", "Congestive heart failure"),
    ],
)
def test_the_english_edition_names_the_effect_that_the_french_one_names(
    patterns: tuple[EffectPattern, ...], text: str, effect: str
) -> None:
    assert ground_text(text, "", patterns).effects[0][1] == effect


def test_an_effect_that_a_longer_word_contains_is_not_taken_for_the_general_one(
    patterns: tuple[EffectPattern, ...],
) -> None:
    grounding = ground_text("Majoration de la néphrotoxicité.", "", patterns)
    assert grounding.effects == (("UMLS:C0599918", "Nephrotoxicity"),)


def test_the_advice_is_read_only_where_the_mechanism_text_gives_no_effect(
    patterns: tuple[EffectPattern, ...],
) -> None:
    advice = "Contre-indiqué avec les médicaments donnant des torsades de pointes."
    assert ground_text("Prudence.", advice, patterns).effects == (
        ("HP:0001664", "Torsade de pointes"),
    )
    assert ground_text("Risque d'urée : uvéite.", advice, patterns).effects == (
        ("HP:0000554", "Uveitis"),
    )


def test_the_order_of_the_rows_given_does_not_matter(patterns: tuple[EffectPattern, ...]) -> None:
    text = "Augmentation des concentrations avec risque de saignement."
    assert ground_text(text, "", patterns[::-1]) == ground_text(text, "", patterns)


def test_every_row_of_the_table_has_an_order_of_its_own(
    patterns: tuple[EffectPattern, ...],
) -> None:
    orders = [row.order for row in patterns]
    assert orders == sorted(set(orders))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("ten\tx\tmechanism\t\t\tabsorption\tr", "order 'ten'"),
        ("1\t(x\tmechanism\t\t\tabsorption\tr", "bad pattern"),
        ("1\t\tmechanism\t\t\tabsorption\tr", "pattern is empty"),
        ("1\tx\telsewhere\t\t\tabsorption\tr", "'elsewhere'"),
        ("1\tx\tmechanism\t\t\tmagic\tr", "'magic'"),
        ("1\tx\tmechanism\tHP:0000554\t\t\tr", "must come together"),
        ("1\tx\tmechanism\tuveitis\tUveitis\t\tr", "not a CURIE"),
        ("1\tx\tmechanism\t\t\t\tr", "neither"),
        ("1\tx\tmechanism", "7 cells"),
        ("1\tx\tmechanism\t\t\tabsorption\tr\textra", "7 cells"),
    ],
)
def test_a_malformed_row_is_refused_with_its_file_and_line(
    tmp_path: Path, row: str, complaint: str
) -> None:
    path = tmp_path / "patterns.tsv"
    path.write_text("\t".join(COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(MalformedPattern, match=complaint) as caught:
        load_patterns(path)
    assert (caught.value.path, caught.value.row) == (path, 2)
    assert str(path) in str(caught.value)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "patterns.tsv"
    path.write_text("order\tpattern\n", encoding="utf-8")
    with pytest.raises(MalformedPattern, match="row 1"):
        load_patterns(path)
