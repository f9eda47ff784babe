"""The rule tables are read into rules, and a row that cannot be read is quoted."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from kg.model import Severity
from kg.rules.additive import load_additive_rules
from kg.rules.exposure import load_exposure_rules
from kg.rules.rows import MalformedRule
from kg.screening.rules import (
    ACTING,
    DEPENDING,
    POINTS,
    SITES,
    ExposureRule,
    Requirement,
    site_of,
)
from kg.sources.base import MalformedSource
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie

EXPOSURE = "site\trole\tprecipitant\tsubstrate\tactivates\tchange\tseverity\treference\n"
ADDITIVE = "liability\tname\teffect_id\trequires\tseverity\trecommendation\treference\n"


def exposure_table(folder: Path, *rows: str) -> Path:
    (folder / "exposure_rules.tsv").write_text(EXPOSURE + "".join(row + "\n" for row in rows))
    return folder


def additive_table(folder: Path, requires: str, severity: str = "major") -> Path:
    row = f"qt_prolongation\ttwo\tHP:0001664\t{requires}\t{severity}\tStop one.\tref\n"
    (folder / "liability_rules.tsv").write_text(ADDITIVE + row)
    return folder


def test_a_row_becomes_a_rule(tmp_path: Path) -> None:
    row = "enzyme\tinhibitor\tstrong\tsensitive\tyes\tless active form\tmajor\tfda"
    (rule,) = load_exposure_rules(exposure_table(tmp_path, row))
    assert (rule.role, rule.precipitant, rule.substrate) == ("inhibitor", "strong", "sensitive")
    assert rule.activates
    assert rule.severity is Severity.MAJOR
    assert not rule.silent


def test_an_empty_severity_is_not_stated_and_none_is_silence(tmp_path: Path) -> None:
    unstated = "enzyme\tinhibitor\tstrong\t\tno\t\t\t"
    silent = "transporter\tinhibitor\t\t\tno\t\tnone\t"
    first, second = load_exposure_rules(exposure_table(tmp_path, unstated, silent))
    assert (first.severity, first.silent, first.site) == (None, False, "enzyme")
    assert (second.severity, second.silent, second.site) == (None, True, "transporter")


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("ribosome\tinhibitor\tstrong\tsensitive\tno\t>=5\tmajor\tfda", "'ribosome'"),
        ("enzyme\tsubstrate\tstrong\tsensitive\tno\t>=5\tmajor\tfda", "'substrate'"),
        ("enzyme\tinhibitor\tsensitive\tsensitive\tno\t>=5\tmajor\tfda", "'sensitive'"),
        ("enzyme\tinhibitor\tstrong\tstrong\tno\t>=5\tmajor\tfda", "'strong'"),
        ("enzyme\tinhibitor\tstrong\tsensitive\t\t>=5\tmajor\tfda", "''"),
        ("enzyme\tinhibitor\tstrong\tsensitive\tno\t\tmajor\tfda", "''"),
        ("enzyme\tinhibitor\tstrong\tsensitive\tno\t>=5\t\tfda", "'>=5'"),
        ("enzyme\tinhibitor\tstrong\tsensitive\tno\t>=5\tnone\tfda", "'>=5'"),
    ],
)
def test_a_word_outside_its_list_is_quoted_with_its_row(
    row: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedRule, match=rf"exposure_rules\.tsv, row 2: {value} is not a"):
        load_exposure_rules(exposure_table(tmp_path, row))


def test_a_question_answered_twice_is_refused(tmp_path: Path) -> None:
    row = "enzyme\tinhibitor\tstrong\tsensitive\tno\t>=5\tmajor\tfda"
    with pytest.raises(MalformedRule, match=r"row 3: .* is not a question asked once"):
        load_exposure_rules(exposure_table(tmp_path, row, row))


@pytest.mark.parametrize(
    ("term", "requirement"),
    [
        ("drugs>=2", Requirement("drugs", "", 2)),
        ("groups>=3", Requirement("groups", "", 3)),
        ("points>=5", Requirement("points", "", 5)),
        ("high>=1", Requirement("drugs", "high", 1)),
        ("graded:moderate>=2", Requirement("drugs", "moderate", 2)),
        ("group:nsaid", Requirement("group", "nsaid", 1)),
        ("group:nsaid>=2", Requirement("group", "nsaid", 2)),
    ],
)
def test_every_word_of_the_language_of_requirements_is_read(
    term: str, requirement: Requirement, tmp_path: Path
) -> None:
    (rule,) = load_additive_rules(additive_table(tmp_path, term))
    assert rule.requires == (requirement,)
    assert rule.effect == Curie("HP", "0001664")


def test_terms_are_joined_by_and(tmp_path: Path) -> None:
    (rule,) = load_additive_rules(additive_table(tmp_path, "group:nsaid & high>=2"))
    assert rule.requires == (Requirement("group", "nsaid", 1), Requirement("drugs", "high", 2))


@pytest.mark.parametrize("term", ["", "drugs>2", "severe>=1", "drugs>=2 | high>=1", "group:NSAID"])
def test_a_requirement_outside_the_language_is_quoted_with_its_row(
    term: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedRule, match=r"liability_rules\.tsv, row 2: .* is not") as refusal:
        load_additive_rules(additive_table(tmp_path, term))
    assert (refusal.value.row, refusal.value.file) == (2, "liability_rules.tsv")


def test_an_unknown_severity_is_quoted_beside_the_known(tmp_path: Path) -> None:
    row = "enzyme\tinhibitor\tstrong\tsensitive\tno\t>=5\tsevere\tfda"
    with pytest.raises(MalformedRule, match="row 2: 'severe' is not one of minor, moderate, major"):
        load_exposure_rules(exposure_table(tmp_path, row))


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exposure_rules.tsv").write_text("role\tprecipitant\ninhibitor\tstrong\n")
    with pytest.raises(MalformedSource, match="'substrate', 'activates', 'change'"):
        load_exposure_rules(tmp_path)


def key_of(rule: ExposureRule) -> tuple[str, str, str, str, bool]:
    return (rule.site, rule.role, rule.precipitant, rule.substrate, rule.activates)


def test_every_question_that_enzymes_can_ask_has_an_answer_or_a_silence() -> None:
    keys = {key_of(rule) for rule in load_exposure_rules()}
    roles = ("inhibitor", "inducer")
    asked = product(SITES, roles, (*ACTING, ""), (*DEPENDING, ""), [True, False])
    assert keys == set(asked)


def test_a_transporter_role_without_a_strength_is_silence() -> None:
    """Transporters were listed long before they were graded: most roles have no strength."""
    for rule in load_exposure_rules():
        if rule.site == "transporter" and (not rule.precipitant or not rule.substrate):
            assert rule.silent


def test_every_meeting_of_two_shipped_roles_has_an_answer_or_a_silence() -> None:
    keys = {key_of(rule) for rule in load_exposure_rules()}
    columns = ("gene", "role", "strength", "activates")
    roles = read_table("curated", FOLDER / "enzymes.tsv", columns)
    substrates = roles[roles["role"] == "substrate"]
    met = roles[roles["role"] != "substrate"].merge(substrates, on="gene", suffixes=("", "_of"))
    asked = {
        (site_of(row["gene"]), row["role"], row["strength"], row["strength_of"], activates)
        for row in met.to_dict("records")
        for activates in [row["activates_of"] == "yes"]
    }
    assert asked - keys == set()


def test_what_is_not_stated_is_never_taken_for_harmless() -> None:
    """Silence only where nothing worse than minor, or for a prodrug moderate, could be meant."""
    rules = {key_of(rule): rule for rule in load_exposure_rules()}
    for (site, role, acting, depending, activates), rule in rules.items():
        if site == "enzyme" and rule.silent and "" in {acting, depending}:
            assert acting == "weak" or depending == "minor"
            meant = [
                rules[site, role, one, other, activates]
                for one in ([acting] if acting else ACTING)
                for other in ([depending] if depending else DEPENDING)
            ]
            limit = Severity.MODERATE if activates else Severity.MINOR
            assert all(r.severity is None or r.severity.rank <= limit.rank for r in meant)


def test_the_genes_of_transporters_are_told_by_their_symbols() -> None:
    genes = set(read_table("curated", FOLDER / "enzymes.tsv", ("gene",))["gene"])
    transporters = {gene for gene in genes if site_of(gene) == "transporter"}
    assert {"ABCB1", "ABCG2", "SLCO1B1", "SLC22A2"} <= transporters
    assert {gene[:3] for gene in genes - transporters} == {"CYP", "UGT"}


def test_a_stronger_precipitant_is_never_judged_milder() -> None:
    found = {
        (r.site, r.role, r.activates, r.substrate, r.precipitant): r.severity.rank
        for r in load_exposure_rules()
        if r.severity is not None
    }
    for stronger, weaker in (("strong", "moderate"), ("moderate", "weak")):
        for (*question, precipitant), rank in found.items():
            if precipitant == weaker:
                assert found[(*question, stronger)] >= rank


def test_the_strengths_of_the_shipped_roles_are_those_that_rules_know() -> None:
    columns = ("role", "strength", "activates")
    roles = read_table("curated", FOLDER / "enzymes.tsv", columns)
    assert set(roles["role"]) == {"inhibitor", "inducer", "substrate"}
    assert set(roles["activates"]) <= {"yes", "no"}
    acting = roles.loc[roles["role"] != "substrate", "strength"]
    assert set(acting) <= {"strong", "moderate", "weak", ""}
    assert set(roles.loc[roles["role"] == "substrate", "strength"]) <= {
        "sensitive", "moderate", "minor", "",
    }  # fmt: skip


def test_every_group_that_a_shipped_rule_asks_for_has_a_drug() -> None:
    drugs = read_table("curated", FOLDER / "liabilities.tsv", ("liability", "group", "grade"))
    known = set(zip(drugs["liability"], drugs["group"], strict=True))
    asked = {
        (rule.liability, term.argument)
        for rule in load_additive_rules()
        for term in rule.requires
        if term.measure == "group"
    }
    assert asked - known == set()
    assert set(drugs["grade"]) <= set(POINTS)


def test_every_shipped_liability_has_one_effect_of_its_own() -> None:
    rules = pd.DataFrame([(r.liability, str(r.effect)) for r in load_additive_rules()])
    pairs = rules.drop_duplicates()
    assert pairs[0].is_unique
    assert pairs[1].is_unique, "two liabilities with one effect would hide each other"
