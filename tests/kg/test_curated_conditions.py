"""The tables about patients keep to their vocabularies and cite what is known."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from kg.rules.allergies import load_allergy_names, load_allergy_rules
from kg.rules.conditions import (
    load_conditions,
    load_drug_condition_rules,
    load_lab_tests,
)
from kg.rules.modifiers import load_modifier_rules
from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule
from kg.screening.factors import conditions_in
from kg.screening.modifiers import LOWERS, RAISES
from kg.sources.base import ChunkKind
from kg.sources.curated import CURATED, FOLDER
from ontologies.vocabulary import Predicate

Row = dict[str, str]
FILES = (
    "allergies",
    "conditions",
    "drug_classes",
    "drug_conditions",
    "lab_codes",
    "modifiers",
    "routes",
)
KEYS = {
    "allergies": ("group", "target_id"),
    "conditions": ("id",),
    "drug_classes": ("drug_id", "atc"),
    "drug_conditions": ("target_id", "when"),
    "lab_codes": ("loinc",),
    "modifiers": ("id",),
    "routes": ("written",),
}


def rows_of(name: str) -> list[Row]:
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


TABLES = {name: rows_of(name) for name in FILES}
TESTS = load_lab_tests()


@pytest.mark.parametrize("name", FILES)
def test_each_row_stands_once_in_order_and_cites_what_is_listed(name: str) -> None:
    keys = [tuple(row[key] for key in KEYS[name]) for row in TABLES[name]]
    assert keys == sorted(set(keys))
    known = {row["id"] for row in rows_of("references")}
    for row in TABLES[name]:
        cited = row["reference"].split("|")
        assert set(cited) <= known, row
        assert cited == sorted(set(cited)), row


@pytest.mark.parametrize("name", FILES)
def test_no_cell_has_a_stray_blank_or_a_quotation_mark(name: str) -> None:
    for row in TABLES[name]:
        for cell in row.values():
            assert cell == cell.strip(), row
            assert "  " not in cell, row
            assert '"' not in cell, row


def test_every_rule_asks_for_a_condition_and_a_test_that_the_tables_have() -> None:
    known = {condition.curie for condition in load_conditions()}
    rules = load_drug_condition_rules(TESTS)
    tables = load_modifier_rules(TESTS)
    assert conditions_in(rule.terms for rule in rules) <= known
    assert conditions_in(rule.terms for rule in tables.modifiers) <= known
    assert conditions_in(rule.terms for rule in tables.stated) <= known
    assert len(rules) >= 1500
    assert len(tables.modifiers) >= 140


def test_every_wider_condition_is_in_the_table_and_none_is_its_own_parent() -> None:
    parents = {
        row["id"]: set(filter(None, row["parents"].split("|"))) for row in TABLES["conditions"]
    }
    for own, wider in parents.items():
        assert wider <= parents.keys(), own
        met: set[str] = set()
        waiting = set(wider)
        while waiting:
            one = waiting.pop()
            assert one != own
            waiting |= parents[one] - met
            met.add(one)


def test_an_effect_and_a_drug_bear_one_name() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for row in TABLES["drug_conditions"]:
        names[row["effect_id"]].add(row["effect_name"])
        names[row["target_id"]].add(row["target"])
    assert {key: value for key, value in names.items() if len(value) > 1} == {}
    drugs: dict[str, set[str]] = defaultdict(set)
    for row in TABLES["drug_classes"]:
        drugs[row["drug_id"]].add(row["drug"])
        assert re.fullmatch(r"[A-V]\d\d[A-Z]{2}", row["atc"])
        drugs[row["atc"]].add(row["class"])
    assert all(len(value) == 1 for value in drugs.values())


def test_recommendations_and_sentences_are_sentences() -> None:
    for name, column in (
        ("drug_conditions", "recommendation"),
        ("allergies", "recommendation"),
        ("modifiers", "sentence"),
    ):
        for row in TABLES[name]:
            assert row[column].endswith("."), row


def test_a_route_of_a_rule_is_one_that_the_words_lead_to() -> None:
    known = set(load_routes().words.values())
    cells = [row["when"] for name in ("drug_conditions", "modifiers") for row in TABLES[name]]
    asked = {
        word
        for cell in cells
        for found in re.findall(r"=([a-z|]+)", cell)
        for word in found.split("|")
    }
    assert asked - {"female", "male"} <= known
    assert all(word == word.casefold() for word in load_routes().words)


def test_a_sulfonamide_antibiotic_speaks_against_no_diuretic() -> None:
    rules = [rule for rule in load_allergy_rules() if rule.group == "sulfonamide antibiotics"]
    assert rules
    assert all(not rule.target.startswith("ATC:C03") for rule in rules)


def test_an_allergy_is_recognised_in_whole_words() -> None:
    names = load_allergy_names()
    assert names.ground(["Allergy to Penicillin G (substance)"]) == ("penicillins",)
    assert "aspirin" in names.ground(["ASA"])
    assert names.ground(["asacol pegylated"]) == ()


def test_a_value_is_read_in_the_unit_of_its_test() -> None:
    creatinine = TESTS.of("38483-4")
    assert creatinine
    assert creatinine.read(88.4, "µmol/L") == pytest.approx(1.0, abs=0.01)
    assert creatinine.read(1.1, None) == 1.1
    assert creatinine.read(90, None) is None
    assert creatinine.read(1.1, "furlong") is None
    inr, gfr = TESTS.of("6301-6"), TESTS.of("33914-3")
    assert inr
    assert gfr
    assert inr.read(2.5, "{INR}") == inr.read(2.5, "ratio") == 2.5
    assert gfr.read(60, "mL/min/1.73 m2") == 60


def test_the_source_states_conditions_their_hierarchy_and_the_classes_of_drugs() -> None:
    chunks = list(CURATED.read({file: FOLDER / file for file in CURATED.files}))
    nodes = pd.concat([c.frame for c in chunks if c.kind is ChunkKind.NODES])
    edges = pd.concat([c.frame for c in chunks if c.kind is ChunkKind.EDGES])
    names = dict(zip(nodes["id"], nodes["name"], strict=True))
    assert names["coprescribe:condition-pregnancy"] == "pregnancy"
    assert names["ATC:M01AE"] == "propionic acid derivatives"
    links = set(zip(edges["subject"], edges["predicate"], edges["object"], strict=True))
    wider = Predicate.SUBCLASS_OF.value
    assert ("DOID:10808", wider, "DOID:750") in links
    assert ("RXCUI:7258", wider, "ATC:M01AE") in links
    assert all(edges["reference"] != "")


def copied(tmp_path: Path, name: str, old: str, new: str) -> Path:
    for path in FOLDER.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(
            text.replace(old, new, 1) if path.stem == name else text, encoding="utf-8"
        )
    return tmp_path


def read_all(folder: Path) -> None:
    tests = load_lab_tests(folder)
    load_drug_condition_rules(tests, folder)
    load_modifier_rules(tests, folder)
    load_allergy_rules(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "quoted"),
    [
        ("drug_conditions", "\tegfr<30\t", "\tegfr=<30\t", "egfr=<30"),
        ("drug_conditions", "\tmmol/L\t", "\tmg/L\t", "mg/L"),
        ("drug_conditions", "\tmajor\t", "\tterrible\t", "terrible"),
        ("drug_conditions", "ATC:A02BA", "ATC:A02B!", "ATC:A02B!"),
        ("modifiers", "\traise\t", "\tup\t", "up"),
        ("modifiers", "liability:bleeding\t", "liability:hiccups\t", "hiccups"),
        ("modifiers", "kind:drug_drug", "kind:drugs", "drugs"),
        ("modifiers", "liability:bleeding\tage>=65", "liability:bleeding\talways", "always"),
        ("allergies", "\tsame\t", "\tsimilar\t", "similar"),
        ("lab_codes", "nmol/L=0.781", "nmol/L=some", "some"),
    ],
)
def test_a_cell_that_cannot_be_read_is_quoted_with_its_file_and_row(
    tmp_path: Path, name: str, old: str, new: str, quoted: str
) -> None:
    folder = copied(tmp_path, name, old, new)
    with pytest.raises(MalformedRule, match=rf"{name}\.tsv, row \d+") as caught:
        read_all(folder)
    assert quoted in str(caught.value)


def test_what_is_given_together_on_purpose_is_lowered_whatever_the_patient() -> None:
    rules = [rule for rule in load_modifier_rules(TESTS).modifiers if not rule.terms]
    lowered = {rule.pair for rule in rules if rule.direction == LOWERS}
    assert ("RXCUI:6851", "RXCUI:4511") in lowered
    others = [rule.direction for rule in rules if rule.pair not in lowered]
    assert set(others) <= {RAISES}
