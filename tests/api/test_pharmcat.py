"""A PharmCAT report becomes the gene results of a patient; what cannot be used is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from api.body import read_question
from api.pharmcat import REPORT, MalformedReport, ReportedGene, report_body, with_report
from api.service import answer
from api.state import State
from kg.screening.genotype import Genotypes
from tests.kg.pgx_graph import graph_of


@pytest.fixture(scope="module")
def genotypes() -> Genotypes:
    return Genotypes(graph_of())


def gene(symbol: str, *diplotypes: tuple[str, list[str], str | None]) -> dict[str, Any]:
    called = [
        {"label": label, "phenotypes": phenotypes, "activityScore": score}
        for label, phenotypes, score in diplotypes
    ]
    return {"geneSymbol": symbol, "recommendationDiplotypes": called, "sourceDiplotypes": called}


def report(*genes: dict[str, Any]) -> dict[str, Any]:
    return {
        "pharmcatVersion": "3.1.0",
        "genes": {gene["geneSymbol"]: gene for gene in genes},
        "drugs": {},
    }


CYP2D6 = gene("CYP2D6", ("*1/*4", ["Intermediate Metabolizer"], "1.0"))


def test_a_report_is_told_apart_by_its_shape_and_read() -> None:
    content = json.dumps(report(CYP2D6)).encode()
    assert read_question(content, "report.json") == {
        REPORT: (ReportedGene("CYP2D6", "*1/*4", "Intermediate Metabolizer (activity score 1.0)"),)
    }


def test_genes_without_a_call_say_nothing() -> None:
    unknown = gene("HLA-A", ("Unknown/Unknown", ["No Result"], None))
    body = report_body(report(CYP2D6, unknown), "report.json")
    assert [result.symbol for result in body[REPORT]] == ["CYP2D6"]


def test_candidates_that_disagree_are_indeterminate_and_those_that_agree_are_not() -> None:
    unclear = gene(
        "CYP2C19", ("*1/*2", ["Intermediate Metabolizer"], None), ("*2/*2", ["PM"], None)
    )
    alike = gene("CYP2C19", ("*2/*3", ["PM"], None), ("*2/*2", ["PM"], None))
    told = [report_body(report(found), "r")[REPORT][0] for found in (unclear, alike)]
    assert told == [
        ReportedGene("CYP2C19", None, "Indeterminate"),
        ReportedGene("CYP2C19", None, "PM"),
    ]


def test_an_older_report_that_lists_genes_by_guideline_body_is_read() -> None:
    older = {"genes": {"CPIC": {"CYP2D6": CYP2D6}, "DPWG": {"CYP2D6": CYP2D6}}, "drugs": {}}
    assert report_body(older, "r") == report_body(report(CYP2D6), "r")


def test_a_guideline_body_without_a_phenotype_hides_none_of_another() -> None:
    bare = gene("CYP2D6", ("*1/*4", ["No Result"], None))
    older = {"genes": {"CPIC": {"CYP2D6": CYP2D6}, "DPWG": {"CYP2D6": bare}}, "drugs": {}}
    assert report_body(older, "r") == report_body(report(CYP2D6), "r")


@pytest.mark.parametrize(
    "document",
    [
        {"pharmcatVersion": "3.1.0"},
        {"genes": {}, "drugs": {}},
        {"genes": {"CYP2D6": {"geneSymbol": "CYP2D6"}}, "drugs": {}},
        {"genes": {"CYP2D6": None}, "drugs": {}},
        {"genes": {"CYP2D6": {**CYP2D6, "geneSymbol": 5}}, "drugs": {}},
        {"genes": {"A": gene("HLA-A", ("Unknown/Unknown", [], None))}, "drugs": {}},
    ],
)
def test_a_report_that_cannot_be_read_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(MalformedReport, match=r"report\.json"):
        report_body(document, "report.json")


def test_both_parts_of_a_result_are_used_where_the_tables_agree(genotypes: Genotypes) -> None:
    body, notes = with_report(report_body(report(CYP2D6), "r"), genotypes)
    assert body["patient"]["diplotypes"] == {"CYP2D6": "*1/*4"}
    assert body["patient"]["phenotypes"] == {
        "CYP2D6": "Intermediate Metabolizer (activity score 1.0)"
    }
    assert notes == ()


@pytest.mark.parametrize("label", ["*1/*999", "*2/*2"])
def test_an_unknown_or_contradicting_diplotype_gives_way_to_the_phenotype(
    genotypes: Genotypes, label: str
) -> None:
    found = gene("CYP2C19", (label, ["Normal Metabolizer"], None))
    body, notes = with_report(report_body(report(found), "r"), genotypes)
    assert body["patient"] == {"diplotypes": {}, "phenotypes": {"CYP2C19": "Normal Metabolizer"}}
    assert notes == ()


def test_what_nothing_here_knows_is_left_out_and_named(genotypes: Genotypes) -> None:
    found = gene("CYP9Z9", ("*1/*1", ["Normal Metabolizer"], None))
    body, notes = with_report(report_body(report(CYP2D6, found), "r"), genotypes)
    assert "CYP9Z9" not in body["patient"]["diplotypes"]
    assert notes == ("PharmCAT report, CYP9Z9 *1/*1: not known here, not used.",)


def test_what_the_question_states_itself_comes_before_the_report(genotypes: Genotypes) -> None:
    body = {
        "add": "codeine",
        "patient": {"diplotypes": {"cyp2d6": "*4/*4"}, "age_years": 40},
        **report_body(report(CYP2D6), "r"),
    }
    answered, _ = with_report(body, genotypes)
    assert answered == {
        "add": "codeine",
        "patient": {"diplotypes": {"cyp2d6": "*4/*4"}, "phenotypes": {}, "age_years": 40},
    }


def test_a_question_without_a_report_stays_as_it_is(genotypes: Genotypes) -> None:
    assert with_report({"add": "codeine"}, genotypes) == ({"add": "codeine"}, ())


@pytest.mark.shared
def test_the_example_of_pharmcat_is_answered(shared_data: Path, state: State) -> None:
    path = shared_data.parent / "cases" / "pharmcat" / "example.report.json.gz"
    body = read_question(gzip.decompress(path.read_bytes()), path.name)
    told = answer({"add": "codeine", **body}, state)
    assert not [note for note in told["notes"] if "not known here" in note]
    abacavir = answer({"add": "abacavir", **body}, state)["findings"]
    assert [(f["kind"], f["severity"]) for f in abacavir] == [("drug_gene", "contraindicated")]
