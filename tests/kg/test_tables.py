"""Tables keep every cell, give the same bytes for the same rows, and say when they are damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.tables import (
    CO_REPORT_COLUMNS,
    COLUMNS,
    DamagedTable,
    Tables,
    joined,
    read_co_reports,
    read_tables,
    split,
    write_tables,
)

PARTS = st.text(st.characters(exclude_characters="|"), min_size=1)


def test_what_is_written_is_read_again(tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    again = read_tables(tmp_path)
    for name in COLUMNS:
        written: pd.DataFrame = getattr(tables, name)
        read: pd.DataFrame = getattr(again, name)
        assert read.to_numpy().tolist() == written[list(COLUMNS[name])].to_numpy().tolist()
    assert again.counts() == tables.counts()


def test_a_table_keeps_its_columns_in_order_and_no_others(tables: Tables, tmp_path: Path) -> None:
    more = Tables(tables.nodes.assign(colour="red"), tables.edges, tables.evidence)
    write_tables(more, tmp_path)
    assert tuple(read_tables(tmp_path).nodes.columns) == COLUMNS["nodes"]


def test_the_same_rows_give_the_same_bytes(tables: Tables, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_tables(tables, tmp_path / name)
    for name in COLUMNS:
        file = f"{name}.parquet"
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_primary_stays_a_truth_value(tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    assert read_tables(tmp_path).evidence["primary"].dtype == bool


def test_tables_without_rows_are_tables(tmp_path: Path) -> None:
    frames = {name: pd.DataFrame(columns=list(columns)) for name, columns in COLUMNS.items()}
    write_tables(Tables(**frames), tmp_path)
    assert read_tables(tmp_path).counts() == {
        "nodes": 0,
        "edges": 0,
        "evidence": 0,
        "co_reports": 0,
    }


@pytest.mark.parametrize("n_bytes", [0, 3, 400])
def test_a_truncated_table_is_named(n_bytes: int, tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    path = tmp_path / "edges.parquet"
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(DamagedTable, match=r"the table 'edges\.parquet' in .* is damaged") as found:
        read_tables(tmp_path)
    assert found.value.path == path


def test_a_missing_table_is_named(tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    (tmp_path / "evidence.parquet").unlink()
    with pytest.raises(DamagedTable, match=r"evidence\.parquet"):
        read_tables(tmp_path)


def test_a_table_that_lacks_a_column_is_damaged(tables: Tables, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    path = tmp_path / "nodes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["category"]), path)
    with pytest.raises(DamagedTable, match="category"):
        read_tables(tmp_path)


def with_co_reports(tables: Tables) -> Tables:
    rows = [
        (drug, "D:z", "E:x", "infores:a", "1", "CC0-1.0", "level", "agent")
        for drug in ("D:a", "D:b")
    ]
    frame = pd.DataFrame(rows, columns=list(CO_REPORT_COLUMNS), dtype="category")
    return replace(tables, co_reports=frame)


def test_co_reports_are_read_again_only_when_asked_for(tables: Tables, tmp_path: Path) -> None:
    full = with_co_reports(tables)
    write_tables(full, tmp_path)
    assert read_tables(tmp_path).co_reports.empty
    again = read_co_reports(tmp_path)
    assert again.astype(str).equals(full.co_reports.astype(str))
    assert {str(kind) for kind in again.dtypes} == {"category"}
    assert full.counts()["co_reports"] == 2


def test_the_same_co_reports_give_the_same_bytes(tables: Tables, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_tables(with_co_reports(tables), tmp_path / name)
    one, two = (tmp_path / name / "co_reports.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_graph_without_co_reports_has_an_empty_table_of_them(
    tables: Tables, tmp_path: Path
) -> None:
    write_tables(tables, tmp_path)
    again = read_co_reports(tmp_path)
    assert tuple(again.columns) == CO_REPORT_COLUMNS
    assert again.empty


@pytest.mark.parametrize("n_bytes", [0, 3, 400])
def test_truncated_co_reports_are_named(n_bytes: int, tables: Tables, tmp_path: Path) -> None:
    write_tables(with_co_reports(tables), tmp_path)
    path = tmp_path / "co_reports.parquet"
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(DamagedTable, match=r"co_reports\.parquet"):
        read_co_reports(tmp_path)


@given(st.lists(PARTS))
def test_a_joined_list_comes_apart_again(parts: list[str]) -> None:
    assert split(joined(parts)) == tuple(parts)
