"""The tables of exposure and absorption are read; a row that cannot be read is quoted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import pytest

from kg.model import Severity
from kg.rules.absorption import load_absorption_roles, load_absorption_rules
from kg.rules.exposure import (
    load_exposure_classes,
    load_exposure_rules,
    load_exposure_tables,
    load_margin_rules,
    load_margins,
    load_measurements,
    with_guides,
)
from kg.rules.rows import MalformedRule
from kg.screening.absorption import ACTING, DEPENDENCES, GRADES
from kg.screening.exposure import MARGINS, Measurement, class_of
from kg.sources.base import MalformedSource
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

HEADS = {
    "exposure_classes.tsv": "direction\tleast_ratio\tchange\tseverity\treference",
    "exposure_ratios.tsv": "precipitant_id\tsubstrate_id\tratio\tcircumstances\treference",
    "margins.tsv": "drug_id\tmargin\treference",
    "dose_guides.tsv": "drug_id\tmeasure\treference",
    "margin_rules.tsv": "margin\tseverity\tbecomes\treference",
    "absorption_roles.tsv": "drug_id\trole\tgrade\treference",
    "absorption_rules.tsv": "acting\taffected\tacting_grade\taffected_grade\tseverity\teffect_id"
    "\trecommendation\treference",
}
TABLES = (
    "exposure_ratios.tsv",
    "margins.tsv",
    "dose_guides.tsv",
    "absorption_roles.tsv",
    "absorption_rules.tsv",
)
Load = Callable[[Path], Sequence[object]]


def table(folder: Path, file: str, *rows: str) -> Path:
    (folder / file).write_text("\n".join([HEADS[file], *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_measured_pair_is_read(tmp_path: Path) -> None:
    row = "RXCUI:21212\tRXCUI:36567\t10\t500 mg twice daily\tjacobson-2004"
    (found,) = load_measurements(table(tmp_path, "exposure_ratios.tsv", row))
    drugs = Curie("RXCUI", "21212"), Curie("RXCUI", "36567")
    assert found == Measurement(*drugs, 10.0, "500 mg twice daily", "jacobson-2004")
    assert found.direction == "raised"


def test_a_margin_can_make_a_severity_no_finding(tmp_path: Path) -> None:
    (rule,) = load_margin_rules(table(tmp_path, "margin_rules.tsv", "wide\tminor\tnone\tref"))
    assert (rule.severity, rule.becomes) == (Severity.MINOR, None)


@pytest.mark.parametrize(
    ("load", "file", "row", "value"),
    [
        (load_exposure_classes, "exposure_classes.tsv", "up\t2\t2-5\tmoderate\tref", "'up'"),
        (load_exposure_classes, "exposure_classes.tsv", "raised\t0.5\tx\tmoderate\tref", "'0.5'"),
        (load_exposure_classes, "exposure_classes.tsv", "raised\t2\t2-5\tbad\tref", "'bad'"),
        (load_measurements, "exposure_ratios.tsv", "RXCUI:1\tRXCUI:2\tmuch\t\tref", "'much'"),
        (load_measurements, "exposure_ratios.tsv", "RXCUI:1\tRXCUI:2\t0\t\tref", "'0'"),
        (load_measurements, "exposure_ratios.tsv", "RXCUI:1\tRXCUI:2\tinf\t\tref", "'inf'"),
        (load_measurements, "exposure_ratios.tsv", "aspirin\tRXCUI:2\t2\t\tref", "'aspirin'"),
        (load_margins, "margins.tsv", "RXCUI:1\tslim\tref", "'slim'"),
        (load_margin_rules, "margin_rules.tsv", "narrow\tnone\tmajor\tref", "'none'"),
        (load_absorption_roles, "absorption_roles.tsv", "RXCUI:1\tsponge\tstrong\tref", "'sponge'"),
        (load_absorption_roles, "absorption_roles.tsv", "RXCUI:1\tbinder\tminor\tref", "'minor'"),
        (load_absorption_roles, "absorption_roles.tsv", "RXCUI:1\tbound\tstrong\tref", "'strong'"),
        (
            load_absorption_rules,
            "absorption_rules.tsv",
            "binder\tchelated\tstrong\tsensitive\tmajor\tUMLS:C0151598\tWait.\tref",
            "'chelated'",
        ),
        (
            load_absorption_rules,
            "absorption_rules.tsv",
            "binder\tbound\tstrong\t\tmajor\tUMLS:C0151598\tWait.\tref",
            "''",
        ),
        (
            load_absorption_rules,
            "absorption_rules.tsv",
            "binder\tRXCUI:1\t\t\tmajor\tUMLS:C0151598\tWait.\tref",
            "'binder'",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_quoted_with_its_row(
    load: Load, file: str, row: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedRule, match=rf"{file}, row 2: {value} is not"):
        load(table(tmp_path, file, row))


def test_what_guides_a_dose_is_read_with_its_reference(tmp_path: Path) -> None:
    margins = load_margins(table(tmp_path, "margins.tsv", "RXCUI:1\tnarrow\tone"))
    (found,) = with_guides(margins, table(tmp_path, "dose_guides.tsv", "RXCUI:1\tthe INR\ttwo"))
    assert (found.guide, found.reference) == ("the INR", "one|two")


@pytest.mark.parametrize("margin", ["RXCUI:1\twide\tref", "RXCUI:2\tnarrow\tref"])
def test_only_a_drug_of_narrow_margin_has_a_guide(margin: str, tmp_path: Path) -> None:
    margins = load_margins(table(tmp_path, "margins.tsv", margin))
    with pytest.raises(MalformedRule, match="'RXCUI:1' is not a drug of a narrow margin"):
        with_guides(margins, table(tmp_path, "dose_guides.tsv", "RXCUI:1\tthe INR\tref"))


def test_a_pair_that_was_measured_twice_is_refused(tmp_path: Path) -> None:
    row = "RXCUI:1\tRXCUI:2\t2\t\tref"
    with pytest.raises(MalformedRule, match="row 3: 'RXCUI:1 RXCUI:2' is not a question asked"):
        load_measurements(table(tmp_path, "exposure_ratios.tsv", row, row))


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "margins.tsv").write_text("drug_id\tmargin\n", encoding="utf-8")
    with pytest.raises(MalformedSource, match="'reference'"):
        load_margins(tmp_path)


# What the shipped tables say


def test_the_shipped_tables_have_their_size() -> None:
    tables = load_exposure_tables()
    assert len(tables.measured) >= 450
    assert len(tables.margins) >= 50
    assert len(load_absorption_roles()) >= 120
    assert len(load_absorption_rules()) >= 240


@pytest.mark.parametrize("file", TABLES)
def test_every_cited_reference_is_listed(file: str) -> None:
    known = set(read_table("curated", FOLDER / "references.tsv", ("id",))["id"])
    cells = read_table("curated", FOLDER / file, ("reference",))["reference"]
    assert {name for cell in cells for name in cell.split("|")} <= known


@pytest.mark.parametrize("file", TABLES)
def test_rows_are_clean(file: str) -> None:
    text = (FOLDER / file).read_text(encoding="utf-8")
    assert '"' not in text
    assert "\r" not in text
    assert all(line == line.strip(" ") for line in text.splitlines())


def test_no_drug_is_its_own_precipitant() -> None:
    assert all(m.precipitant != m.affected for m in load_measurements())


def test_the_rules_by_strength_and_the_classes_of_ratios_grade_alike() -> None:
    graded = {c.change: c.severity for c in load_exposure_classes()}
    for rule in load_exposure_rules():
        if rule.change and not rule.activates:
            assert graded[rule.change] is rule.severity


@pytest.mark.parametrize(
    ("ratio", "change"),
    [
        (7, ">=5"), (5, ">=5"), (4.9, "2-5"), (2, "2-5"), (1.25, "1.25-2"), (1.24, None),
        (1, None), (0.81, None), (0.8, "0.5-0.8"), (0.5, "0.2-0.5"), (0.2, "<=0.2"),
    ],
)  # fmt: skip
def test_a_ratio_falls_into_the_class_of_the_guidance(ratio: float, change: str | None) -> None:
    found = class_of(ratio, load_exposure_classes())
    assert (found.change if found else None) == change


def test_a_narrow_margin_never_contraindicates_and_never_lowers() -> None:
    for rule in load_margin_rules():
        if rule.width == "narrow":
            assert rule.becomes is not None
            assert rule.severity.rank <= rule.becomes.rank < Severity.CONTRAINDICATED.rank
        else:
            assert rule.becomes is None or rule.becomes.rank < rule.severity.rank
    graded = (Severity.MINOR, Severity.MODERATE, Severity.MAJOR)
    answered = {(rule.width, rule.severity) for rule in load_margin_rules()}
    assert answered == set(product(MARGINS, graded))


def test_every_meeting_of_strong_roles_in_the_gut_has_an_answer() -> None:
    rules = {(r.acting, r.acting_grade, r.affected_grade): r for r in load_absorption_rules()}
    roles = load_absorption_roles()
    for acting, (affected, _, _) in ACTING.items():
        grades = {role.grade for role in roles if role.role == acting}
        depend = {role.grade for role in roles if role.role == affected} - {"minor"}
        for grade, dependence in product(grades, depend):
            assert rules[acting, grade, dependence].reference


def test_a_stronger_hindrance_is_never_judged_milder() -> None:
    found = {
        (r.acting, r.acting_grade, r.affected_grade): r.severity.rank
        for r in load_absorption_rules()
        if not r.is_of_pair
    }
    for (acting, grade, dependence), rank in found.items():
        stronger = GRADES[: GRADES.index(grade)]
        assert all(found.get((acting, one, dependence), 9) >= rank for one in stronger)
        more = DEPENDENCES[: DEPENDENCES.index(dependence)]
        assert all(found.get((acting, grade, one), 9) >= rank for one in more)


def test_what_the_gut_does_is_told_once() -> None:
    """A pair that the absorption rules answer has no measured ratio beside them."""
    pairs = {(r.acting, r.affected) for r in load_absorption_rules() if r.is_of_pair}
    measured = {(str(m.precipitant), str(m.affected)) for m in load_measurements()}
    assert pairs & measured == set()
