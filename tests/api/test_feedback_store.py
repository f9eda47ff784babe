"""The file of feedback: how long it keeps what, and what other processes see of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest

from api.cds.feedback import (
    DAYS_KEPT,
    FILE,
    FORGET_SECONDS,
    FORGOTTEN_AT_ONCE,
    FeedbackStore,
    Judged,
    Shown,
    StoreUnusable,
)

AT = "2026-05-04T10:00:00+00:00"
DAY = 24 * 3600.0
NOW = 2e9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    made = FeedbackStore(tmp_path / FILE)
    yield made
    made.close()


def shown(card: str, days_ago: float) -> Shown:
    at = NOW - days_ago * DAY
    return Shown(card, "f", "drug_drug", "major", "critical", "order-sign", "g", at)


def count(store: FeedbackStore, table: str) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return found


def test_old_cards_go_with_what_became_of_them(store: FeedbackStore) -> None:
    cards = [shown("old", DAYS_KEPT + 1), shown("young", DAYS_KEPT - 1)]
    store.keep(cards, {"s1": ("old", "delete"), "s2": ("young", "delete")}, NOW - 2 * DAY)
    store.judge(Judged(each.card, "accepted", "", ("s1", "s2"), 0, AT) for each in cards)
    store.keep([shown("new", 0)], {}, NOW)
    assert [count(store, table) for table in ("shown", "suggested", "judged")] == [2, 1, 1]
    late = Judged("old", "overridden", "", (), 0, AT)
    assert store.judge([late]) == ("old",)
    assert count(store, "judged") == 1


def test_many_old_cards_go_in_small_lots_and_nobody_looks_all_the_time(
    store: FeedbackStore,
) -> None:
    n_old = 2 * FORGOTTEN_AT_ONCE + 10
    store.keep([shown(str(n), DAYS_KEPT + 1) for n in range(n_old)], {}, NOW - 2 * DAY)
    left = []
    for seconds in (0, 1, 10, 20, 30):
        store.keep([shown("new", 0)], {}, NOW + seconds)
        left.append(count(store, "shown") - 1)
    assert left == [30, 30, 10, 0, 0]
    store.keep([shown("aged", DAYS_KEPT + 1)], {}, NOW + 40)
    assert count(store, "shown") == 2
    store.keep([shown("new", 0)], {}, NOW + 20 + FORGET_SECONDS)
    assert count(store, "shown") == 1


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    FeedbackStore(folder / FILE).keep([shown("a", 0)], {})
    folder.chmod(0o500)
    (folder / FILE).chmod(0o400)
    was = os.geteuid()
    try:
        if was == 0:  # Nothing is forbidden to the superuser.
            os.seteuid(65534)
        with pytest.raises(StoreUnusable):
            FeedbackStore(folder / FILE).keep([shown("b", 0)], {})
    finally:
        os.seteuid(was)
        folder.chmod(0o700)


KEYS = """
import sys
from pathlib import Path
from api.cds.feedback import FeedbackStore
store = FeedbackStore(Path(sys.argv[1]))
for day in range(150):
    sys.stdin.readline()
    print(store.key(0.5, float(day)).hex(), flush=True)
"""


def _started(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KEYS, str(path)]
    return subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True)  # noqa: S603


def test_two_processes_that_need_a_key_at_once_get_one(store: FeedbackStore) -> None:
    store.key(0.5, -1.0)
    both = [_started(store.path) for _ in range(2)]
    for _ in range(150):
        for process in both:
            assert process.stdin
            process.stdin.write("now\n")
            process.stdin.flush()
        told = {process.stdout.readline() for process in both if process.stdout}
        assert len(told) == 1
        assert told != {""}
    for process in both:
        process.communicate(timeout=10)
