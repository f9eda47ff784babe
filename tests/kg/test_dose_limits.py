"""A dose above its limit is told, one that keeps it is no alarm, and one not told changes words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.rules.dose_limits import FILE, load_dose_limits
from kg.rules.rows import MalformedRule
from kg.screening.background import Background
from kg.screening.doses.cases import DoseCases, DoseLimit
from kg.screening.doses.limits import DoseLimits
from kg.screening.factors import parse_terms
from kg.screening.finding import Finding, FindingKind
from kg.screening.laboratory import LabTests
from kg.screening.patient import Entry, Patient, Regimen
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.doses.daily import DailyDose
from tests import tiny
from tests.tiny import CITALOPRAM, CLARITHROMYCIN, RHABDOMYOLYSIS, SIMVASTATIN, TORSADE

PAIR = DoseLimit(
    drug=str(SIMVASTATIN),
    beside=str(CLARITHROMYCIN),
    terms=(),
    phenotype=None,
    mg=20,
    days=1,
    is_below=False,
    above=Severity.MAJOR,
    within=Severity.MINOR,
    effect=RHABDOMYOLYSIS,
    recommendation="At most 20 mg of simvastatin a day.",
    reference="label-simvastatin",
)
AGED = replace(
    PAIR,
    drug=str(CITALOPRAM),
    beside="",
    terms=parse_terms("age>60"),
    effect=TORSADE,
    recommendation="At most 20 mg of citalopram a day.",
)
ANYBODY = replace(AGED, terms=(), mg=40, within=None)
OTHER = Entry(CLARITHROMYCIN, "clarithromycin")
ADVICE = "Watch the muscles. « text »"


def graph_of_pair() -> KnowledgeGraph:
    return tiny.graph_of(*tiny.EDGES)


def told(
    *lines: Entry,
    limits: tuple[DoseLimit, ...] = (PAIR, AGED, ANYBODY),
    findings: tuple[Finding, ...] = (),
    patient: Patient | None = None,
) -> list[Finding]:
    background = Background.of(graph_of_pair(), LabTests())
    weighing = DoseLimits(DoseCases(background, limits, None, frozenset({"topical"})))
    situation = background.situation(patient or Patient(), Regimen.written(lines))
    return list(weighing.applied(findings, situation))


def simvastatin(mg: float | None, route: str | None = None, *, is_most: bool = False) -> Entry:
    dose = None if mg is None else DailyDose(mg, f"{mg} mg daily", is_most)
    return Entry(SIMVASTATIN, "simvastatin", route, dose=dose)


def of_pair(severity: Severity = Severity.MODERATE, advice: str | None = ADVICE) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(CLARITHROMYCIN,),
        affected=(SIMVASTATIN,),
        evidence=(tiny.said(severity, source="infores:coprescribe"),),
        effect=RHABDOMYOLYSIS,
        recommendation=advice,
    )


def test_a_dose_above_the_limit_of_a_pair_raises_what_is_told_of_it() -> None:
    was = of_pair()
    (found,) = told(simvastatin(40), OTHER, findings=(was,))
    assert (found.severity, found.id) == (Severity.MAJOR, was.id)
    assert found.recommendation == (
        "Simvastatin as written, 40 mg a day, is above 20 mg. At most 20 mg of simvastatin a day. "
        "Watch the muscles. « text »"
    )
    assert found.modifiers[0].effect_on_severity == "raises"
    assert found.modifiers[0].evidence[0].reference == "label-simvastatin"
    assert found.evidence[-1].severity is Severity.MAJOR


def test_a_dose_that_keeps_the_limit_is_no_alarm() -> None:
    (found,) = told(simvastatin(20), OTHER, findings=(of_pair(Severity.MAJOR),))
    assert found.severity is Severity.MINOR
    assert found.modifiers[0].effect_on_severity == "lowers"
    assert "within the limit of 20 mg" in str(found.recommendation)


def test_a_dose_that_nobody_told_leaves_the_grade_and_adds_the_limit() -> None:
    was = of_pair()
    (found,) = told(simvastatin(None), OTHER, findings=(was,))
    said = "Watch the muscles. At most 20 mg of simvastatin a day. « text »"
    assert found == replace(was, recommendation=said)
    (same,) = told(simvastatin(None), OTHER, findings=(of_pair(advice="Not above 20 mg."),))
    assert same.recommendation == "Not above 20 mg."
    (forbidden,) = told(simvastatin(None), OTHER, findings=(of_pair(advice="Do not combine."),))
    assert forbidden.recommendation == "Do not combine."


def test_a_dose_above_a_limit_is_told_where_nothing_else_is() -> None:
    (found,) = told(simvastatin(40), OTHER)
    assert (found.kind, found.severity) == (FindingKind.DRUG_DRUG, Severity.MAJOR)
    assert (found.precipitants, found.affected) == ((CLARITHROMYCIN,), (SIMVASTATIN,))
    assert told(simvastatin(20), OTHER) == []
    assert told(simvastatin(None), OTHER) == []
    assert told(simvastatin(40)) == []


def test_lines_of_one_drug_are_added_and_one_not_told_keeps_no_limit() -> None:
    two = (simvastatin(15), replace(simvastatin(10), written="Zocor"), OTHER)
    (above,) = told(*two, findings=(of_pair(),))
    assert above.severity is Severity.MAJOR
    assert "25 mg a day" in str(above.recommendation)
    unknown = (simvastatin(10), replace(simvastatin(None), written="Zocor"), OTHER)
    assert told(*unknown, findings=(of_pair(),))[0].severity is Severity.MODERATE
    known = (simvastatin(30), replace(simvastatin(None), written="Zocor"), OTHER)
    assert "at least 30 mg" in str(told(*known, findings=(of_pair(),))[0].recommendation)


def test_what_acts_in_place_is_no_daily_dose() -> None:
    assert told(simvastatin(400, "topical"), OTHER) == []
    assert told(simvastatin(40), replace(OTHER, route="topical")) == []


def test_a_line_without_a_dose_is_more_than_a_limit_that_the_others_reach() -> None:
    more = replace(simvastatin(None), written="Zocor")
    (found,) = told(simvastatin(20), more, OTHER, findings=(of_pair(),))
    said = "20 mg a day and a line without a dose, is above 20 mg."
    assert said in str(found.recommendation)
    assert found.severity is Severity.MAJOR


@pytest.mark.parametrize("mg", [10.0, None])
def test_of_a_drug_taken_twice_the_limit_of_all_lines_together_is_told(mg: float | None) -> None:
    twice = Finding(
        kind=FindingKind.DUPLICATION,
        severity=Severity.MAJOR,
        precipitants=(SIMVASTATIN, SIMVASTATIN),
        affected=(),
        evidence=(tiny.said(Severity.MAJOR, source="infores:coprescribe"),),
        recommendation="Stop one.",
    )
    limits = (replace(PAIR, beside="", mg=40, within=None, recommendation="At most 40 mg a day."),)
    lines = (simvastatin(10), replace(simvastatin(mg), written="Zocor"))
    (found,) = told(*lines, limits=limits, findings=(twice,))
    assert found.severity is Severity.MAJOR
    assert found.recommendation == "Stop one. At most 40 mg a day."
    assert told(*lines, limits=limits) == []


def test_what_another_source_explains_stands_below_the_limit_too() -> None:
    forbids = tiny.said(Severity.CONTRAINDICATED, recommendation="Never.")
    was = replace(of_pair(Severity.CONTRAINDICATED), evidence=(forbids,))
    (found,) = told(simvastatin(10), OTHER, findings=(was,))
    assert found.severity is Severity.CONTRAINDICATED
    cited = replace(PAIR, reference="ansm-2020-10|label-simvastatin")
    (found,) = told(simvastatin(10), OTHER, limits=(cited,), findings=(was,))
    assert found.severity is Severity.MINOR


@pytest.mark.parametrize(
    ("mg", "age", "limit"),
    [(60, 70, "20"), (60, 40, "40"), (60, None, "40"), (30, 70, "20"), (30, 40, None)],
)
def test_the_limit_of_the_patient_is_the_one_that_is_told(
    mg: float, age: float | None, limit: str | None
) -> None:
    line = Entry(CITALOPRAM, "citalopram", dose=DailyDose(mg, "as told"))
    found = told(line, patient=Patient(age_years=age))
    assert len(found) == (limit is not None)
    for finding in found:
        assert finding.kind is FindingKind.DRUG_CONDITION
        assert f"is above {limit} mg" in str(finding.recommendation)


def test_a_limit_that_is_itself_too_much_and_one_of_a_week() -> None:
    below = replace(PAIR, mg=4000, is_below=True, beside="")
    assert "reaches 4000 mg" in str(told(simvastatin(4000), limits=(below,))[0].recommendation)
    assert told(simvastatin(3999), limits=(below,)) == []
    weekly = replace(below, mg=20, days=7, is_below=False)
    (found,) = told(simvastatin(10, is_most=True), limits=(weekly,))
    assert "up to 70 mg a week, is above 20 mg" in str(found.recommendation)
    assert told(simvastatin(20 / 7), limits=(weekly,)) == []


def test_every_row_names_documents_and_effects_that_the_tables_know() -> None:
    listed = set(read_table("curated", FOLDER / "references.tsv", ("id",))["id"])
    rows = read_table("curated", FOLDER / FILE, ("reference", "effect_id", "effect_name"))
    assert [r for cell in rows["reference"] for r in cell.split("|") if r not in listed] == []
    names: dict[str, set[str]] = {}
    for file in ("drug_conditions.tsv", "class_pairs.tsv", "liability_rules.tsv"):
        told_there = read_table("curated", FOLDER / file, ("effect_id", "effect_name"))
        for curie, name in told_there[["effect_id", "effect_name"]].itertuples(index=False):
            names.setdefault(curie, set()).add(name)
    effects = rows[["effect_id", "effect_name"]].drop_duplicates()
    assert [(c, n) for c, n in effects.itertuples(index=False) if n not in names.get(c, ())] == []


def test_the_table_is_sorted_and_has_a_limit_for_what_people_take() -> None:
    lines = (FOLDER / FILE).read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines)
    limits = load_dose_limits()
    assert len(limits) >= 120
    assert {str(SIMVASTATIN), str(CITALOPRAM)} <= {limit.drug for limit in limits}


ROW = "RXCUI:1\tx\tRXCUI:2\ty\t{when}\t{mg}\t{days}\t{above}\t{within}\tHP:0001664\tz\tSay.\tref\n"
FITTING = {"when": "", "mg": "20", "days": "1", "above": "major", "within": ""}


@pytest.mark.parametrize(
    "wrong",
    [
        {"when": "hungry"},
        {"when": "lab:2823-3>5"},
        {"when": "taking:RXCUI:3"},
        {"mg": "much"},
        {"mg": "0"},
        {"days": "0"},
        {"days": "1.5"},
        {"above": "bad"},
        {"within": "bad"},
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(wrong: dict[str, str], tmp_path: Path) -> None:
    head = (FOLDER / FILE).read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / FILE
    path.write_text(f"{head}\n{ROW.format(**FITTING)}", encoding="utf-8")
    assert load_dose_limits(tmp_path)[0].mg == 20
    path.write_text(f"{head}\n{ROW.format(**{**FITTING, **wrong})}", encoding="utf-8")
    with pytest.raises(MalformedRule, match=f"{FILE}, row 2"):
        load_dose_limits(tmp_path)
