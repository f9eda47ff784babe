"""Class pairs: the table reads, the narrowest row speaks once per effect, and a route decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.model import Edge, Severity
from kg.rules.class_pairs import load_class_pairs
from kg.rules.rows import MalformedRule
from kg.screening.class_pairs import ClassPair, ClassPairs
from kg.screening.effects import LOST_EFFICACY
from kg.screening.finding import Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import edge, graph_of

HEADER = (
    "one\tother\tname\teffect_id\teffect_name\tmechanism\tseverity\trecommendation\treference\n"
)
HALOPERIDOL, CLOZAPINE, LEVODOPA, GENTAMICIN, TOBRAMYCIN, TIMOLOL, SALBUTAMOL = (
    Curie("RXCUI", code) for code in ("5093", "2626", "6375", "1596450", "10627", "10600", "435")
)
LOCAL = frozenset({"ophthalmic", "topical"})
SPASM, KIDNEY = Curie("HP", "0025428"), Curie("UMLS", "C0599918")


def in_class(drug: Curie, *codes: str) -> list[Edge]:
    return [edge(drug, Predicate.SUBCLASS_OF, Curie("ATC", code)) for code in codes]


def rule(
    one: str, other: str, severity: Severity | None, effect: Curie = LOST_EFFICACY
) -> ClassPair:
    return ClassPair(
        one, other, f"{one} with {other}", effect, "antagonism", severity, "Do.", "ref"
    )


GRAPH = graph_of(
    *in_class(HALOPERIDOL, "N05AD"),
    *in_class(CLOZAPINE, "N05AH"),
    *in_class(LEVODOPA, "N04BA"),
    *in_class(GENTAMICIN, "J01GB"),
    *in_class(TOBRAMYCIN, "J01GB", "S01AA"),
    *in_class(TIMOLOL, "C07AA", "S01ED"),
    *in_class(SALBUTAMOL, "R03AC", "R03CC"),
)
WIDE = rule("ATC:N05A", "ATC:N04BA", Severity.MAJOR)
MILD = rule(str(CLOZAPINE), "ATC:N04BA", Severity.MINOR)
SILENT = rule(str(CLOZAPINE), "ATC:N04BA", None)
TWO = rule("ATC:J01GB", "ATC:J01GB", Severity.MAJOR, KIDNEY)
EYES = (
    rule("ATC:S01ED", "ATC:R03AC", Severity.MODERATE, SPASM),
    rule("ATC:C07AA", "ATC:R03AC", Severity.MAJOR, SPASM),
)


def found(rules: tuple[ClassPair, ...], *taken: Curie | Entry) -> list[Finding]:
    entries = [t if isinstance(t, Entry) else Entry(t, str(t)) for t in taken]
    detector = ClassPairs(Targets(GRAPH), rules, LOCAL)
    return list(detector.detect(Regimen.written(entries), Patient()))


def test_a_class_that_works_against_another_is_a_finding_on_what_it_takes_away() -> None:
    (finding,) = found((WIDE,), LEVODOPA, HALOPERIDOL)
    assert (finding.kind, finding.severity) == (FindingKind.DRUG_DRUG, Severity.MAJOR)
    assert (finding.precipitants, finding.affected) == ((HALOPERIDOL,), (LEVODOPA,))
    assert finding.recommendation == "Do."
    assert finding.evidence[0].reference == "ref"
    assert len(finding.evidence[0].derived_from) == 2
    assert finding.mechanism is not None
    assert (finding.mechanism.name, finding.mechanism.kind) == ("opposed effects", "antagonism")


def test_the_order_of_the_drugs_does_not_matter() -> None:
    assert found((WIDE,), LEVODOPA, HALOPERIDOL) == found((WIDE,), HALOPERIDOL, LEVODOPA)


def test_a_row_about_the_drug_itself_counts_even_where_it_is_milder() -> None:
    (finding,) = found((WIDE, MILD), LEVODOPA, CLOZAPINE)
    assert finding.severity is Severity.MINOR


def test_a_row_that_is_silent_on_purpose_keeps_a_wider_one_from_speaking() -> None:
    assert found((WIDE, SILENT), LEVODOPA, CLOZAPINE) == []
    assert len(found((WIDE, SILENT), LEVODOPA, HALOPERIDOL)) == 1


def test_two_drugs_of_one_class_are_one_finding_without_a_direction() -> None:
    (finding,) = found((TWO,), TOBRAMYCIN, GENTAMICIN)
    assert set(finding.precipitants) == {GENTAMICIN, TOBRAMYCIN}
    assert finding.affected == ()


def test_one_drug_alone_meets_nothing() -> None:
    assert found((TWO, WIDE), GENTAMICIN, LEVODOPA) == []


@pytest.mark.parametrize(
    ("route", "severity"),
    [(None, Severity.MAJOR), ("oral", Severity.MAJOR), ("ophthalmic", Severity.MODERATE)],
)
def test_a_route_that_is_stated_leaves_out_the_classes_of_other_places(
    route: str | None, severity: Severity
) -> None:
    (finding,) = found(EYES, Entry(TIMOLOL, "timolol", route), SALBUTAMOL)
    assert finding.severity is severity


def test_a_drug_on_the_skin_takes_no_part_by_its_name() -> None:
    named = rule(str(GENTAMICIN), str(LEVODOPA), Severity.MAJOR)
    assert len(found((named,), GENTAMICIN, LEVODOPA)) == 1
    assert found((named,), Entry(GENTAMICIN, "gentamicin cream", "topical"), LEVODOPA) == []


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("N05A\tATC:N04BA\tx\tHP:0001300\tx\tantagonism\tmajor\tDo.\tr\n", "N05A"),
        ("ATC:N05A\tATC:N04BA\tx\tparkinson\tx\tantagonism\tmajor\tDo.\tr\n", "parkinson"),
        ("ATC:N05A\tATC:N04BA\tx\tHP:0001300\tx\topposed\tmajor\tDo.\tr\n", "opposed"),
        ("ATC:N05A\tATC:N04BA\tx\tHP:0001300\tx\tantagonism\tgrave\tDo.\tr\n", "grave"),
        (
            "ATC:N05A\tATC:N04BA\tx\tHP:0001300\tx\tantagonism\tmajor\tDo.\tr\n"
            "ATC:N04BA\tATC:N05A\tx\tHP:0001300\tx\tantagonism\tminor\tDo.\tr\n",
            "ATC:N04BA ATC:N05A",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_quoted(tmp_path: Path, rows: str, value: str) -> None:
    (tmp_path / "class_pairs.tsv").write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(MalformedRule) as refusal:
        load_class_pairs(tmp_path)
    assert refusal.value.value == value


def test_the_table_is_large_sorted_and_cites_what_is_listed() -> None:
    lines = (FOLDER / "class_pairs.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == sorted(set(lines[1:]))
    assert len(load_class_pairs()) == len(lines) - 1 >= 100
    listed = set(read_table("curated", FOLDER / "references.tsv", ("id",))["id"])
    for line in lines[1:]:
        *_, severity, recommendation, reference = line.split("\t")
        assert set(reference.split("|")) <= listed, line
        assert recommendation.endswith(".") == (severity != "none"), line


def test_an_effect_bears_one_name() -> None:
    frame = read_table("curated", FOLDER / "class_pairs.tsv", ("effect_id", "effect_name"))
    names = frame[["effect_id", "effect_name"]].drop_duplicates()
    assert names["effect_id"].is_unique
