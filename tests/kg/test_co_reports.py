"""Co-reports of all sources become one table: preferred names, one order, each once per release."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.co_reports import PAIR_COLUMNS, CoReports, Release, merge_co_reports
from kg.model import pair_id
from kg.sources.base import Chunk, ChunkKind
from kg.tables import CO_REPORT_COLUMNS
from ontologies.vocabulary import AgentType, KnowledgeLevel

OLD = Release("reports", "infores:reports", "1", "CC0-1.0")
NEW = Release("reports", "infores:reports", "2", "CC0-1.0")
OTHER_TERMS = Release("reports", "infores:reports", "2", "terms not stated")
OTHER = Release("others", "infores:others", "1", "terms not stated")
SAME = {"D:warfarine": "D:warfarin", "E:haemorrhage": "E:bleeding"}
Part = tuple[Release, pd.DataFrame]


def preferred(name: str) -> str:
    return SAME.get(name, name)


def part(release: Release, *rows: tuple[str, str, str]) -> Part:
    frame = pd.DataFrame(list(rows), columns=["drug_a", "drug_b", "effect"], dtype=str)
    return release, Chunk.of(ChunkKind.CO_REPORTS, frame.assign(file="reports.csv")).frame


def merged(*parts: Part) -> CoReports:
    return merge_co_reports(parts, preferred)


def rows(found: CoReports, *columns: str) -> list[tuple[str, ...]]:
    return list(found.table[list(columns)].astype(str).itertuples(index=False, name=None))


def stated(found: CoReports) -> list[tuple[str, ...]]:
    return rows(found, "drug_a", "drug_b", "effect")


def test_drugs_and_effects_stand_under_their_preferred_names() -> None:
    found = merged(part(OLD, ("D:amiodarone", "D:warfarine", "E:haemorrhage")))
    assert stated(found) == [("D:amiodarone", "D:warfarin", "E:bleeding")]


def test_both_orders_of_two_drugs_and_all_their_names_are_one_co_report() -> None:
    found = merged(
        part(
            OLD,
            ("D:warfarin", "D:amiodarone", "E:bleeding"),
            ("D:amiodarone", "D:warfarin", "E:bleeding"),
        ),
        part(OLD, ("D:warfarine", "D:amiodarone", "E:haemorrhage")),
    )
    assert stated(found) == [("D:amiodarone", "D:warfarin", "E:bleeding")]
    assert len(found.pairs) == 1


def test_the_order_of_a_pair_is_that_of_its_preferred_names() -> None:
    by_its_own_name = part(OLD, ("D:abc", "D:b", "E:bleeding"))
    found = merge_co_reports([by_its_own_name], lambda name: name.replace("D:abc", "D:z"))
    assert stated(found) == [("D:b", "D:z", "E:bleeding")]


def test_a_drug_beside_itself_is_dropped_under_whatever_names() -> None:
    found = merged(
        part(OLD, ("D:warfarin", "D:warfarine", "E:bleeding"), ("D:b", "D:b", "E:bleeding"))
    )
    assert stated(found) == []
    assert found.pairs.empty


def test_releases_stay_apart_and_each_states_its_terms() -> None:
    row = ("D:a", "D:b", "E:bleeding")
    found = merged(part(OLD, row), part(NEW, row), part(OTHER, row), part(OTHER_TERMS, row))
    assert rows(found, "source", "version", "licence") == [
        ("infores:others", "1", "terms not stated"),
        ("infores:reports", "1", "CC0-1.0"),
        ("infores:reports", "2", "CC0-1.0"),
        ("infores:reports", "2", "terms not stated"),
    ]
    assert set(stated(found)) == {row}


def test_releases_that_differ_in_their_terms_alone_have_one_order(checkout: Path) -> None:
    module = "tests.kg.test_co_reports"
    names = "NEW, OTHER_TERMS, merged, part, rows"
    row = "('D:a', 'D:b', 'E:bleeding')"
    code = (
        f"from {module} import {names}; "
        f"print(rows(merged(part(NEW, {row}), part(OTHER_TERMS, {row})), 'licence'))"
    )
    orders = {
        subprocess.check_output(  # noqa: S603
            [sys.executable, "-c", code], cwd=checkout, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for seed in ("1", "3")
    }
    assert len(orders) == 1


def test_a_co_report_is_an_association_found_by_a_pipeline() -> None:
    found = merged(part(OLD, ("D:a", "D:b", "E:bleeding")))
    assert rows(found, "knowledge_level", "agent_type") == [
        (
            KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
            AgentType.DATA_ANALYSIS_PIPELINE.value,
        )
    ]


def test_each_pair_is_given_once_for_each_release() -> None:
    found = merged(
        part(OLD, ("D:b", "D:a", "E:bleeding"), ("D:a", "D:b", "E:rash"), ("D:a", "D:c", "E:rash")),
        part(OTHER, ("D:a", "D:b", "E:rash")),
    )
    assert tuple(found.pairs.columns) == PAIR_COLUMNS
    assert found.pairs[["pair", "source"]].to_numpy().tolist() == [
        [pair_id("D:a", "D:b"), "others"],
        [pair_id("D:a", "D:b"), "reports"],
        [pair_id("D:a", "D:c"), "reports"],
    ]


@pytest.mark.parametrize("parts", [[], [part(OLD)], [part(OLD), part(OTHER)]])
def test_nothing_reported_is_an_empty_table_of_the_same_layout(parts: Sequence[Part]) -> None:
    found = merge_co_reports(parts, preferred)
    assert tuple(found.table.columns) == CO_REPORT_COLUMNS
    assert tuple(found.pairs.columns) == PAIR_COLUMNS
    assert len(found.table) == len(found.pairs) == 0
    assert {str(kind) for kind in found.table.dtypes} == {"category"}


NAMES = st.sampled_from(["D:a", "D:b", "D:c", "D:warfarin", "D:warfarine"])
ROWS = st.tuples(NAMES, NAMES, st.sampled_from(["E:bleeding", "E:haemorrhage", "E:rash"]))
RELEASES = (OLD, NEW, OTHER, OTHER_TERMS)
PARTS = st.lists(st.tuples(st.sampled_from(RELEASES), st.lists(ROWS, max_size=6)), max_size=5)


@given(PARTS, st.randoms())
def test_the_order_of_parts_does_not_matter(
    drawn: list[tuple[Release, list[tuple[str, str, str]]]], chance: Random
) -> None:
    parts = [part(release, *reports) for release, reports in drawn]
    others = list(parts)
    chance.shuffle(others)
    one, other = merged(*parts), merged(*others)
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.pairs, other.pairs)


@given(PARTS)
def test_the_merge_says_what_saying_it_row_by_row_would_say(
    drawn: list[tuple[Release, list[tuple[str, str, str]]]],
) -> None:
    found = merged(*(part(release, *reports) for release, reports in drawn))
    expected = {
        (*sorted((preferred(a), preferred(b))), preferred(e), r.infores, r.version, r.licence)
        for r, reports in drawn
        for a, b, e in reports
        if preferred(a) != preferred(b)
    }
    said = rows(found, "drug_a", "drug_b", "effect", "source", "version", "licence")
    assert set(said) == expected
    assert len(said) == len(expected)
