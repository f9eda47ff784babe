"""Timings are logged without contents, and the collector is left as it was found."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest

from api.timing import kept_for_good, timed


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector, put back as it was."""
    was_enabled = gc.isenabled()
    yield
    gc.unfreeze()
    if was_enabled:
        gc.enable()


def test_a_block_is_timed_only_when_it_ends_well(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "coprescribe"):
        with timed("the first"):
            pass
        with pytest.raises(KeyError), timed("the second"):
            raise KeyError
    assert [record.getMessage() for record in caplog.records] == ["the first in 0.00 s"]


@pytest.mark.usefixtures("collector")
def test_nothing_is_collected_inside_and_what_was_made_is_kept() -> None:
    gc.enable()
    gc.unfreeze()
    with kept_for_good():
        assert not gc.isenabled()
        made = [[] for _ in range(100)]  # type: list[list[object]]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)


@pytest.mark.usefixtures("collector")
def test_an_error_inside_leaves_the_collector_as_it_was() -> None:
    gc.enable()
    with pytest.raises(KeyError), kept_for_good():
        raise KeyError
    assert gc.isenabled()
    gc.disable()
    with kept_for_good():
        pass
    assert not gc.isenabled()
