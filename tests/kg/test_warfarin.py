"""The dose of warfarin: the published equations, whom they hold for, and how near they come."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.warfarin import subjects
from kg.rules.rows import MalformedRule
from kg.rules.warfarin import load_dose_rules
from kg.screening.genotype import GenePhenotype
from kg.screening.patient import Patient
from kg.screening.warfarin import Dose, Equation, Terms, Undosed, dose_for, weekly_mg
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

RULES = load_dose_rules()
AMIODARONE, PHENYTOIN = Curie("RXCUI", "703"), Curie("RXCUI", "8183")
PATIENT = Patient(age_years=67, height_cm=170, weight_kg=80, ancestry="White")
TABLES = tuple(f"warfarin_{name}.tsv" for name in ("equations", "drugs", "ancestries", "bounds"))


def vkorc1(phenotype: str) -> GenePhenotype:
    return GenePhenotype(Curie("HGNC", "23663"), "VKORC1", phenotype)


def cyp2c9(phenotype: str, diplotype: str | None = None) -> GenePhenotype:
    return GenePhenotype(Curie("HGNC", "2623"), "CYP2C9", phenotype, diplotype=diplotype)


def dose(
    patient: Patient = PATIENT, *genes: GenePhenotype, drugs: tuple[Curie, ...] = ()
) -> Dose | Undosed:
    return dose_for(patient, frozenset(drugs), {gene.symbol: gene for gene in genes}, RULES)


def test_both_equations_square_the_sum_of_their_terms() -> None:
    terms = Terms(67, 170, 80, race="white", vkorc1="G/G", cyp2c9="*1/*1")
    genetic = (5.6044 - 0.2614 * 6 + 0.0087 * 170 + 0.0128 * 80) ** 2
    clinical = (4.0376 - 0.2546 * 6 + 0.0118 * 170 + 0.0134 * 80) ** 2
    by = RULES.coefficients
    assert weekly_mg(terms, by[Equation.PHARMACOGENETIC]) == pytest.approx(genetic)
    assert weekly_mg(terms, by[Equation.CLINICAL]) == pytest.approx(clinical)
    assert genetic == pytest.approx(42.8, abs=0.1)
    assert clinical == pytest.approx(31.2, abs=0.1)


def test_without_a_gene_the_clinical_equation_speaks() -> None:
    found = dose()
    assert isinstance(found, Dose)
    assert (found.equation, found.terms.race) == (Equation.CLINICAL, "white")


def test_one_known_gene_is_enough_for_the_other_equation() -> None:
    found = dose(PATIENT, vkorc1("-1639 AA"))
    assert isinstance(found, Dose)
    assert found.equation is Equation.PHARMACOGENETIC
    assert (found.terms.vkorc1, found.terms.cyp2c9) == ("A/A", "unknown")


def test_variants_and_amiodarone_lower_the_dose_and_an_inducer_raises_it() -> None:
    usual = dose(PATIENT, vkorc1("-1639 GG"), cyp2c9("Normal Metabolizer", "*1/*1"))
    variant = dose(PATIENT, vkorc1("-1639 AA"), cyp2c9("Poor Metabolizer", "*3/*3"))
    with_both = [dose(drugs=(drug,)) for drug in (AMIODARONE, PHENYTOIN)]
    plain = dose()
    assert isinstance(usual, Dose)
    assert isinstance(variant, Dose)
    assert isinstance(plain, Dose)
    assert variant.weekly_mg < usual.weekly_mg / 2
    amounts = [found.weekly_mg for found in with_both if isinstance(found, Dose)]
    assert amounts[0] < plain.weekly_mg < amounts[1]


@pytest.mark.parametrize(
    ("patient", "lacking"),
    [
        (replace(PATIENT, age_years=None), ("age",)),
        (replace(PATIENT, height_cm=None), ("height",)),
        (replace(PATIENT, weight_kg=None), ("weight",)),
        (Patient(), ("age", "height", "weight")),
    ],
)
def test_no_dose_is_made_up_where_a_measure_is_not_known(
    patient: Patient, lacking: tuple[str, ...]
) -> None:
    assert dose(patient) == Undosed(missing=lacking)


@pytest.mark.parametrize(
    ("patient", "genes", "told"),
    [
        (replace(PATIENT, age_years=9), (), "9 years"),
        (replace(PATIENT, age_years=125), (), "125 years"),
        (replace(PATIENT, height_cm=1.7), (), "1.7 cm"),
        (replace(PATIENT, height_cm=67), (), "height from 120 to 220 cm"),
        (replace(PATIENT, weight_kg=400), (), "400 kg"),
        (PATIENT, (cyp2c9("Intermediate Metabolizer", "*1/*5"),), "*1/*5"),
        (PATIENT, (cyp2c9("Poor Metabolizer"),), "Poor Metabolizer"),
    ],
)
def test_whom_the_equations_do_not_know_gets_no_dose(
    patient: Patient, genes: tuple[GenePhenotype, ...], told: str
) -> None:
    found = dose(patient, *genes)
    assert isinstance(found, Undosed)
    assert found.reason is not None
    assert told in found.reason


def test_an_indeterminate_gene_counts_as_unknown() -> None:
    found = dose(PATIENT, cyp2c9("Indeterminate", "*1/*2"))
    assert isinstance(found, Dose)
    assert found.equation is Equation.CLINICAL


def test_an_ancestry_of_another_name_is_not_guessed() -> None:
    found = dose(replace(PATIENT, ancestry="mixed"))
    assert isinstance(found, Dose)
    assert found.terms.race == "unknown"


def test_every_row_names_a_known_reference() -> None:
    text = (FOLDER / "references.tsv").read_text(encoding="utf-8")
    listed = {line.split("\t")[0] for line in text.splitlines()}
    for file in TABLES:
        rows = (FOLDER / file).read_text(encoding="utf-8").splitlines()[1:]
        assert rows == sorted(rows)
        assert {row.split("\t")[-1] for row in rows} <= listed


@pytest.mark.parametrize(
    ("file", "row", "value"),
    [
        ("warfarin_equations.tsv", "guess\tage\t1\tx", "guess"),
        ("warfarin_equations.tsv", "clinical\tage\t1\tx", "age"),
        ("warfarin_equations.tsv", "clinical\tVKORC1 A/A\t1\tx", "VKORC1 A/A"),
        ("warfarin_equations.tsv", "clinical\tage_decades\tten\tx", "ten"),
        ("warfarin_equations.tsv", "clinical\tage_decades\tinf\tx", "inf"),
        ("warfarin_equations.tsv", 2 * "clinical\tintercept\t1\tx\n", "clinical intercept"),
        ("warfarin_drugs.tsv", "RXCUI:1\tx\tinhibitor\tx", "inhibitor"),
        ("warfarin_drugs.tsv", "x\tx\tinducer\tx", "x"),
        ("warfarin_drugs.tsv", 2 * "RXCUI:1\tx\tinducer\tx\n", "RXCUI:1"),
        ("warfarin_ancestries.tsv", "x\tgreen\tx", "green"),
        ("warfarin_ancestries.tsv", "x\twhite\tx\nX\tblack\tx", "X"),
        ("warfarin_bounds.tsv", "age\tdays\t1\t2\tx", "days"),
        ("warfarin_bounds.tsv", "girth\tcm\t1\t2\tx", "girth"),
        ("warfarin_bounds.tsv", "age\tyears\t2\t1\tx", "1"),
        ("warfarin_bounds.tsv", 2 * "age\tyears\t1\t2\tx\n", "age"),
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(
    tmp_path: Path, file: str, row: str, value: str
) -> None:
    for name in TABLES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        head = text.splitlines()[0]
        told = f"{head}\n{row.strip()}\n" if name == file else text
        (tmp_path / name).write_text(told, encoding="utf-8")
    with pytest.raises(MalformedRule) as refusal:
        load_dose_rules(tmp_path)
    assert (refusal.value.file, refusal.value.value) == (file, value)


@pytest.mark.parametrize(
    ("file", "start", "lacking"),
    [
        ("warfarin_equations.tsv", "pharmacogenetic\tCYP2C9 *2/*3", "CYP2C9 *2/*3"),
        ("warfarin_equations.tsv", "clinical\trace", "race asian, race black, race unknown"),
        ("warfarin_bounds.tsv", "height", "height"),
    ],
)
def test_a_table_that_lacks_a_term_is_refused_before_any_patient_comes(
    tmp_path: Path, file: str, start: str, lacking: str
) -> None:
    for name in TABLES:
        rows = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if name != file or not row.startswith(start)]
        (tmp_path / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(MalformedRule) as refusal:
        load_dose_rules(tmp_path)
    assert refusal.value.value.startswith(lacking)


ROW = {
    "Therapeutic Dose of Warfarin": "35",
    "Subject Reached Stable Dose of Warfarin": "1",
    "Height (cm)": "170",
    "Weight (kg)": "80",
    "Age": "60 - 69",
    "Race": "Asian",
    "Carbamazepine (Tegretol)": "NA",
    "Phenytoin (Dilantin)": "NA",
    "Rifampin or Rifampicin": "1",
    "Amiodarone (Cordarone)": "0",
    "CYP2C9 consensus": "*1/*11",
    "VKORC1 -1639 consensus": "NA",
    "VKORC1 1173 consensus": "C/T",
    "VKORC1 2255 consensus": "NA",
    "VKORC1 1542 consensus": "NA",
}


def test_a_subject_of_the_cohort_is_read_as_the_equations_ask() -> None:
    (found,) = subjects([ROW], RULES)
    assert found.weekly_mg == 35
    assert found.terms == Terms(60, 170, 80, "asian", "A/G", "unknown", inducer=True)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Subject Reached Stable Dose of Warfarin", "0"),
        ("Therapeutic Dose of Warfarin", "NA"),
        ("Age", "NA"),
        ("Height (cm)", "NA"),
        ("Weight (kg)", "NA"),
    ],
)
def test_a_subject_without_a_measure_or_a_stable_dose_does_not_count(
    column: str, value: str
) -> None:
    assert list(subjects([ROW | {column: value}], RULES)) == []


def test_the_errors_on_the_cohort_are_within_the_goals(shared_data: Path, checkout: Path) -> None:
    data = shared_data / "pgx" / "warfarin" / "iwpc_dev.csv.gz"
    command = [sys.executable, "benchmarks/warfarin.py", "--data", str(data)]
    told = json.loads(subprocess.check_output(command, cwd=checkout, text=True))  # noqa: S603
    assert told["n"] > 2000
    assert told["pharmacogenetic"]["mae_mg_week"] <= 8.9
    assert told["clinical"]["mae_mg_week"] <= 10.3
    assert set(told["by_ancestry"]) == {"asian", "black", "unknown", "white"}
