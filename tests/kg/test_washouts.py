"""What a stopped drug leaves behind: times to keep, what holds on, what wears off."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.model import Severity
from kg.rules.exposure import load_exposure_classes, load_exposure_rules, load_margin_rules
from kg.rules.rows import MalformedRule, rows_of
from kg.rules.washouts import load_lingering, load_washouts
from kg.screening.effects import LOWERED_EXPOSURE, RAISED_EXPOSURE
from kg.screening.engine import Question, Screening, screen
from kg.screening.exposure import ExposureTables, Margin
from kg.screening.finding import Change, Finding, FindingKind
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Entry, Regimen
from kg.screening.targets import Targets
from kg.screening.washouts import Persisting, Washout, Washouts
from kg.screening.wearing_off import Lingering, WearingOff
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    CYP3A4,
    OMEPRAZOLE,
    SIMVASTATIN,
    TORSADE,
    WARFARIN,
    cleared_by,
    edge,
    graph_of,
    inhibits,
    said,
)

LOCAL = frozenset({"topical"})
RIFAMPIN, FLUOXETINE, PHENELZINE = (Curie("RXCUI", code) for code in ("9384", "4493", "8123"))
SSRI, MAOI = Curie("ATC", "N06AB"), Curie("ATC", "N06AF")
GRAPH = graph_of(
    inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
    edge(RIFAMPIN, Predicate.AFFECTS, CYP3A4, "role=inducer|protein=CYP3A4|strength=strong"),
    edge(OMEPRAZOLE, Predicate.AFFECTS, CYP3A4, "role=inducer|protein=CYP3A4|strength=strong"),
    cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    cleared_by(WARFARIN, CYP3A4, "moderate"),
    edge(FLUOXETINE, Predicate.SUBCLASS_OF, SSRI),
    edge(CITALOPRAM, Predicate.SUBCLASS_OF, SSRI),
    edge(PHENELZINE, Predicate.SUBCLASS_OF, MAOI),
)


def washout(former: object, latter: object, time: str, second: str = "begun") -> Washout:
    return Washout(
        str(former),
        str(latter),
        second,
        "not yet worn off",
        time,
        BLEEDING,
        "additive_pharmacodynamic",
        Severity.CONTRAINDICATED,
        "Mind it.",
        "label-fluoxetine",
    )


RULES = (
    washout(SSRI, MAOI, "14 days"),
    washout(FLUOXETINE, MAOI, "5 weeks"),
    washout(CITALOPRAM, WARFARIN, "3 days", "kept"),
)
INDUCED = Persisting(
    str(RIFAMPIN), "enzyme_induction", "two weeks", Severity.MAJOR, "label-rifampin"
)
STAYING = Persisting(str(AMIODARONE), None, "months", Severity.MAJOR, "label-amiodarone")


def lingering(*, width: str = "", persisting: tuple[Persisting, ...] = (INDUCED,)) -> Lingering:
    tables = ExposureTables(
        classes=load_exposure_classes(),
        margins=(Margin(SIMVASTATIN, width, "label"),) if width else (),
        margin_rules=load_margin_rules(),
    )
    washouts = Washouts(Targets(GRAPH), RULES, persisting)
    exposure = ExposureChanges(GRAPH, load_exposure_rules(), tables)
    return Lingering(washouts, WearingOff(exposure, washouts), LOCAL)


def found(
    taking: tuple[Curie, ...],
    *,
    stop: tuple[Curie, ...],
    add: tuple[Curie, ...] = (),
    width: str = "",
    pair: tuple[Finding, ...] = (),
    persisting: tuple[Persisting, ...] = (INDUCED,),
) -> list[Finding]:
    before = Regimen.of(taking)
    after = before.changed(Regimen.of(add).entries, stop)
    detector = lingering(width=width, persisting=persisting)
    return list(detector.detect_change(before, after, lambda _: pair))


def test_the_narrowest_row_says_how_long_to_wait() -> None:
    (told,) = found((FLUOXETINE,), stop=(FLUOXETINE,), add=(PHENELZINE,))
    assert told.precipitants == (FLUOXETINE,)
    assert told.affected == (PHENELZINE,)
    assert told.severity is Severity.CONTRAINDICATED
    assert str(told.recommendation).startswith("Leave at least 5 weeks between the last dose of")
    (other,) = found((CITALOPRAM,), stop=(CITALOPRAM,), add=(PHENELZINE,))
    assert "14 days" in str(other.recommendation)


def test_the_other_order_is_another_finding_or_none() -> None:
    assert found((PHENELZINE,), stop=(PHENELZINE,), add=(FLUOXETINE,)) == []


def test_a_drug_that_is_kept_has_rows_of_its_own() -> None:
    (told,) = found((CITALOPRAM, WARFARIN), stop=(CITALOPRAM,))
    assert told.recommendation == "Mind it."
    assert found((CITALOPRAM,), stop=(CITALOPRAM,), add=(WARFARIN,)) == []


def test_nothing_is_left_behind_where_nothing_is_stopped() -> None:
    assert found((FLUOXETINE,), stop=(), add=(PHENELZINE,)) == []


def test_a_drug_that_acts_in_one_place_alone_leaves_nothing_behind() -> None:
    cream = Regimen((Entry(FLUOXETINE, "cream", "topical"),))
    after = Regimen.of((PHENELZINE,))
    assert list(lingering().detect_change(cream, after, lambda _: ())) == []


def test_the_end_of_an_inducer_raises_the_level_of_what_stays() -> None:
    (told,) = found((RIFAMPIN, SIMVASTATIN), stop=(RIFAMPIN,))
    assert told.effect == RAISED_EXPOSURE
    assert told.severity is Severity.MAJOR
    assert "wears off (two weeks)" in str(told.recommendation)
    assert [e.reference for e in told.evidence if "label-rifampin" in str(e.reference)]


def test_a_wide_margin_makes_the_end_of_an_inducer_no_finding() -> None:
    assert found((RIFAMPIN, SIMVASTATIN), stop=(RIFAMPIN,), width="wide") == []


def test_an_inducer_of_which_no_row_says_how_long_it_lasts_is_silent() -> None:
    assert found((OMEPRAZOLE, SIMVASTATIN), stop=(OMEPRAZOLE,)) == []


def test_another_inducer_that_stays_goes_on() -> None:
    assert found((RIFAMPIN, OMEPRAZOLE, SIMVASTATIN), stop=(RIFAMPIN,)) == []
    assert found((RIFAMPIN, SIMVASTATIN), stop=(RIFAMPIN,), add=(OMEPRAZOLE,)) == []


def test_the_end_of_an_inhibitor_counts_for_a_narrow_margin_alone() -> None:
    assert found((CLARITHROMYCIN, SIMVASTATIN), stop=(CLARITHROMYCIN,)) == []
    (told,) = found((CLARITHROMYCIN, SIMVASTATIN), stop=(CLARITHROMYCIN,), width="narrow")
    assert told.effect == LOWERED_EXPOSURE
    assert told.severity is Severity.MODERATE
    assert "wears off (within days)" in str(told.recommendation)


def test_what_is_said_of_a_pair_holds_on_while_the_stopped_drug_acts() -> None:
    grave = finding_of_pair(Severity.MAJOR)
    (told,) = found(
        (AMIODARONE,), stop=(AMIODARONE,), add=(CITALOPRAM,), pair=(grave,), persisting=(STAYING,)
    )
    assert told.precipitants == (AMIODARONE,)
    assert told.affected == (CITALOPRAM,)
    assert told.evidence[1:] == grave.evidence
    assert "months" in str(told.recommendation)
    assert told.id != grave.id


@pytest.mark.parametrize(
    ("severity", "persisting"),
    [
        (Severity.MODERATE, (STAYING,)),
        (None, (STAYING,)),
        (Severity.MAJOR, ()),
        (
            Severity.MAJOR,
            (Persisting(str(AMIODARONE), "enzyme_induction", "x", Severity.MINOR, "r"),),
        ),
    ],
)
def test_a_milder_pair_or_one_of_another_mechanism_does_not_hold_on(
    severity: Severity | None, persisting: tuple[Persisting, ...]
) -> None:
    pair = (finding_of_pair(severity),)
    told = found(
        (AMIODARONE,), stop=(AMIODARONE,), add=(CITALOPRAM,), pair=pair, persisting=persisting
    )
    assert told == []


def finding_of_pair(severity: Severity | None) -> Finding:
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(AMIODARONE, CITALOPRAM),
        affected=(),
        evidence=(said(severity),),
        effect=TORSADE,
        recommendation="Avoid.",
    )


def test_the_engine_tells_what_is_left_behind_as_created() -> None:
    question = Question(Regimen.of((RIFAMPIN, SIMVASTATIN)), stopping=(RIFAMPIN,))
    detector = lingering()
    panel = (detector.wearing_off.exposure,)
    answer: Screening = screen(question, GRAPH, panel, lingering=detector)
    changes = {changed.change: changed.finding.effect for changed in answer.findings}
    assert changes == {Change.CREATED: RAISED_EXPOSURE, Change.RESOLVED: LOWERED_EXPOSURE}


def test_the_tables_are_read_and_name_known_references() -> None:
    known = {row["id"] for _, row in rows_of(FOLDER, "references.tsv", ("id",))}
    rules, lasting = load_washouts(), load_lingering()
    cited = [*(row.reference for row in rules), *(row.reference for row in lasting)]
    assert {name for cell in cited for name in cell.split("|")} <= known
    assert len(rules) > 100


@pytest.mark.parametrize("name", ["washouts.tsv", "lingering.tsv"])
def test_the_tables_are_sorted_and_clean(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert lines[1:] == sorted(lines[1:])
    assert all(cell == cell.strip() for line in lines for cell in line.split("\t"))


HEADER = (
    "former\tlatter\tsecond\tname\ttime\teffect_id\teffect_name\tmechanism\tseverity\tadvice"
    "\treference\n"
)
ROW = "RXCUI:1\tRXCUI:2\tbegun\tn\t14 days\tHP:0001892\tbleeding\tunknown\tmajor\t\tr"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14 days", "a while"),
        ("14 days", "0 days"),
        ("begun", "kept"),
        ("begun", "later"),
        ("RXCUI:2", "nothing"),
        ("major", "none"),
        ("unknown", "magic"),
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "washouts.tsv").write_text(HEADER + ROW.replace(old, new) + "\n", encoding="utf-8")
    with pytest.raises(MalformedRule, match=r"washouts\.tsv, row 2"):
        load_washouts(tmp_path)


def test_how_long_a_drug_lasts_names_a_mechanism_or_any(tmp_path: Path) -> None:
    text = "target\tmechanism\ttime\tleast\treference\nRXCUI:1\tmagic\tlong\tmajor\tr\n"
    (tmp_path / "lingering.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(MalformedRule, match="magic"):
        load_lingering(tmp_path)
