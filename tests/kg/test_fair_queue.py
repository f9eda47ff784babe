"""Whoever waits longest is served first, and what is put back is never lost."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter

import pytest

from kg.fair_queue import FairQueue


def test_what_was_put_back_last_is_taken_first() -> None:
    things = FairQueue[str]()
    things.put("cold")
    things.put("warm")
    assert [things.get(0), things.get(0)] == ["warm", "cold"]


def test_nothing_that_comes_free_in_time_is_said_and_nobody_waits_on() -> None:
    things = FairQueue[str]()
    for timeout in (0, 0.01):
        with pytest.raises(queue.Empty):
            things.get(timeout)
    things.put("late")
    assert things.take_all() == ["late"]
    assert things.take_all() == []


def test_a_thread_that_never_pauses_does_not_keep_the_others_waiting() -> None:
    things = FairQueue[str]()
    things.put("the only one")
    taken: Counter[int] = Counter()
    begun, is_over = threading.Barrier(5), threading.Event()

    def use(number: int) -> None:
        begun.wait()
        while not is_over.is_set():
            thing = things.get(5)
            taken[number] += 1
            time.sleep(0.001)
            things.put(thing)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(0.3)
    is_over.set()
    for thread in threads:
        thread.join()
    assert min(taken[number] for number in range(4)) >= max(taken.values()) // 2
    assert things.take_all() == ["the only one"]


def test_what_is_handed_over_as_somebody_gives_up_is_not_lost() -> None:
    things = FairQueue[int]()
    kept: list[int] = []

    def ask() -> None:
        try:
            kept.append(things.get(0.001))
        except queue.Empty:
            return

    for number in range(200):
        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.001)
        things.put(number)
        thread.join()
        kept.extend(things.take_all())
    assert sorted(kept) == list(range(200))
