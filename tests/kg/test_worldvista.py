"""World Vista: misprints read as meant, class rules expanded, each pair under its own condition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.worldvista import CLASSES, EXPANDED, RULES, WORLDVISTA
from kg.sources.worldvista_files import read_expanded, severity
from kg.sources.worldvista_tables import FOLDER, Medicines, class_names, readings
from kg.sources.xml_files import parse_xml
from ontologies.vocabulary import Category
from tests.kg.samples_g3 import pack, packed_sample, plain, real_files, rows_of

CLARITHROMYCIN, FENOFIBRATE, GEMFIBROZIL = "RXCUI:21212", "RXCUI:8703", "RXCUI:4719"
FUROSEMIDE, LITHIUM, SIMVASTATIN = "RXCUI:4603", "RXCUI:6448", "RXCUI:36567"


@pytest.fixture
def pairs(tmp_path: Path) -> pd.DataFrame:
    return rows_of(WORLDVISTA, packed_sample(WORLDVISTA, tmp_path), ChunkKind.PAIRS)


@pytest.fixture
def said(pairs: pd.DataFrame) -> Callable[[str, str], list[tuple[str, str]]]:
    def of(one: str, other: str) -> list[tuple[str, str]]:
        first, second = sorted((one, other))
        ends = pairs[["drug_a", "drug_b"]].apply(sorted, axis="columns", result_type="expand")
        rows = pairs[(ends[0] == first) & (ends[1] == second)]
        return list(zip(rows["severity"], rows["condition"], strict=True))

    return of


def test_a_rule_written_from_both_sides_counts_once(
    said: Callable[[str, str], list[tuple[str, str]]],
) -> None:
    assert said(SIMVASTATIN, CLARITHROMYCIN) == [("contraindicated", "")]


def test_a_rule_about_some_members_is_not_spread_over_the_class(
    said: Callable[[str, str], list[tuple[str, str]]],
) -> None:
    assert said(SIMVASTATIN, GEMFIBROZIL) == [("contraindicated", "")]
    assert said(SIMVASTATIN, FENOFIBRATE) == []


def test_other_members_of_a_class_are_its_members_without_the_drug_itself(
    said: Callable[[str, str], list[tuple[str, str]]], pairs: pd.DataFrame
) -> None:
    assert said(GEMFIBROZIL, FENOFIBRATE) == [("major", "")]
    assert (pairs["drug_a"] != pairs["drug_b"]).all()


def test_a_level_that_one_side_leaves_out_is_taken_from_the_other_and_a_misprinted_code_corrected(
    said: Callable[[str, str], list[tuple[str, str]]],
) -> None:
    assert said(LITHIUM, FUROSEMIDE) == [("major", "")]


def test_a_dose_or_a_route_stays_a_condition(
    said: Callable[[str, str], list[tuple[str, str]]],
) -> None:
    dose = "With doses of methotrexate > 20 mg/week"
    assert said("RXCUI:6851", "RXCUI:1191") == [("contraindicated", dose)]
    assert said("RXCUI:6960", CLARITHROMYCIN) == [("major", "with the midazolam by mouth")]


def test_what_the_hand_expanded_file_adds_is_taken_and_what_it_repeats_is_not(
    pairs: pd.DataFrame,
) -> None:
    added = pairs[pairs["file"] == EXPANDED]
    assert added[["drug_a", "drug_b"]].to_numpy().tolist() == [["RXCUI:1525", GEMFIBROZIL]]


def test_what_is_no_medicine_is_no_drug(tmp_path: Path) -> None:
    nodes = rows_of(WORLDVISTA, packed_sample(WORLDVISTA, tmp_path), ChunkKind.NODES)
    drugs = nodes[nodes["category"] == Category.DRUG.value]
    assert "latex condoms" not in set(drugs["name"])
    assert dict(zip(drugs["id"], drugs["name"], strict=True))["RXCUI:7512"] == "norepinephrine"


def test_members_belong_to_their_class(tmp_path: Path) -> None:
    edges = rows_of(WORLDVISTA, packed_sample(WORLDVISTA, tmp_path), ChunkKind.EDGES)
    fibrates = edges[edges["object"] == "WORLDVISTA.CLASS:fibrates"]
    assert sorted(fibrates["subject"]) == [GEMFIBROZIL, FENOFIBRATE]


def test_the_mechanism_is_read_off_the_class(pairs: pd.DataFrame) -> None:
    kinds = dict(zip(pairs["statement"], pairs["mechanism"], strict=True))
    assert kinds["simvastatin / strong inhibitors of cyp3a4"] == "enzyme_inhibition"
    assert kinds["fibrates / fibrates"] == "additive_pharmacodynamic"


@pytest.mark.parametrize(
    ("printed", "ours"),
    [
        ("C0NTRAINDICATION", "contraindicated"),
        ("CONTRAINDICATIOIN", "contraindicated"),
        ("Nor recommended", "major"),
        ("Not recommended with:", "major"),
        ("Precaution of use", "moderate"),
        ("Tale into account", "minor"),
        ("", ""),
        ("Harmless", None),
    ],
)
def test_misprinted_levels_are_read_and_unknown_ones_are_not(
    printed: str, ours: str | None
) -> None:
    assert severity(printed) == ours


def test_a_name_without_a_code_takes_the_one_code_that_the_files_give_it() -> None:
    medicines = Medicines([("Ramipril ", "35296"), ("ramipril", ""), ("Boldo", "")])
    assert [m.curie for n in ("RAMIPRIL", "boldo") if (m := medicines.find(n, ""))] == [
        "RXCUI:35296",
        "WORLDVISTA.DRUG:boldo",
    ]


def test_a_doctype_is_refused_before_anything_is_expanded(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n<x>&b;</x>'
    with pytest.raises(MalformedSource, match="has a DOCTYPE") as refusal:
        parse_xml("x", "bomb.xml", bomb)
    assert refusal.value.row == 2
    files = packed_sample(WORLDVISTA, tmp_path)
    pack(files[RULES], bomb.encode())
    with pytest.raises(MalformedSource, match="has a DOCTYPE"):
        list(WORLDVISTA.read(files))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (RULES, b"Take into account", b"Harmless", "row 9: unknown severity"),
        (RULES, b"<DESCRIPTION>No medicine<", b"<DESCRIPTION><", "row 9: DESCRIPTION is missing"),
        (RULES, b'<DRUG name="LATEX CONDOMS">', b"<DRUG>", "a DRUG has no name"),
        (CLASSES, b"<CLASSES>", b"<CLASSES><CLASS>", "not XML"),
        (EXPANDED, b"Not recommended", b"Harmless", "row 2: unknown severity"),
    ],
)
def test_what_no_rule_can_be_read_from_is_refused(
    file: str, old: bytes, new: bytes, said: str, tmp_path: Path
) -> None:
    files = packed_sample(WORLDVISTA, tmp_path)
    pack(files[file], plain(WORLDVISTA, file).replace(old, new))
    with pytest.raises(MalformedSource, match=said):
        list(WORLDVISTA.read(files))


@pytest.mark.shared
def test_every_row_expanded_by_hand_is_among_those_that_we_expand(shared_data: Path) -> None:
    files = real_files(WORLDVISTA, shared_data)
    pairs = rows_of(WORLDVISTA, files, ChunkKind.PAIRS)
    assert len(read_expanded(files[EXPANDED])) == 944
    assert set(pairs["file"]) == {RULES}
    assert len(pairs) == 35_651


@pytest.mark.shared
def test_our_readings_name_only_rules_classes_and_drugs_of_the_files(shared_data: Path) -> None:
    files = real_files(WORLDVISTA, shared_data)
    nodes = rows_of(WORLDVISTA, files, ChunkKind.NODES)
    pairs = rows_of(WORLDVISTA, files, ChunkKind.PAIRS)
    classes = set(nodes.loc[nodes["category"] == Category.DRUG_CLASS.value, "name"])
    drugs = set(nodes.loc[nodes["category"] == Category.DRUG.value, "name"])
    members = {name: frozenset({name}) for name in classes}
    found = readings(members)
    assert set(found) <= set(pairs["statement"])
    named = {drug for rows in found.values() for row in rows for drug in row.one | row.other}
    assert named - classes - {"any", "others"} <= drugs
    assert set(class_names().values()) <= classes


def test_the_hand_kept_tables_are_sorted_and_cite_their_source() -> None:
    for table in sorted(FOLDER.glob("worldvista_*.tsv")):
        header, *rows = table.read_text(encoding="utf-8").splitlines()
        assert header.endswith("\treference")
        assert rows == sorted(set(rows), key=lambda row: row.split("\t"))
        assert all(row.endswith("\tworldvista-2016") for row in rows)
