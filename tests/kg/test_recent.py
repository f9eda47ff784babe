"""What was asked for last is kept within a bound, and found by those who share it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from kg.screening.recent import Recent


@given(st.integers(1, 12), st.lists(st.integers(0, 20), max_size=60))
def test_at_most_so_many_are_kept_and_each_under_its_own_key(most: int, keys: list[int]) -> None:
    kept = Recent[int, str](most)
    for key in keys:
        assert (kept.get(key) or kept.put(key, str(key))) == str(key)
        assert len(kept) <= max(2, most)


@given(st.lists(st.integers(0, 20), max_size=40), st.lists(st.integers(0, 3), max_size=20))
def test_half_of_the_bound_is_never_forgotten(before: list[int], last: list[int]) -> None:
    kept = Recent[int, str](8)
    for key in (*before, *last):
        kept.get(key) or kept.put(key, str(key))
    assert all(kept.get(key) == str(key) for key in last)


def test_many_threads_share_it() -> None:
    kept = Recent[int, int](16)

    def ask(start: int) -> bool:
        keys = [(start * 7 + i * 5) % 40 for i in range(2000)]
        return all((kept.get(key) or kept.put(key, key + 1)) == key + 1 for key in keys)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
    assert len(kept) <= 16
