"""A reader of a path gets chunks as they are made, and whoever fails says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.byte_streams import read_through_pipe

CHUNKS = (b"one ", memoryview(b"two "), b"", b"x" * 2**20)


def n_open() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def broken() -> Iterator[bytes]:
    yield b"x" * 2**20
    raise LookupError("no more")


def test_what_is_made_arrives_whole_and_in_order() -> None:
    found = list[bytes]()
    before = n_open()
    read_through_pipe(CHUNKS, lambda path: found.append(Path(path).read_bytes()))
    assert found == [b"".join(CHUNKS)]
    assert n_open() == before


def test_an_error_of_the_maker_comes_out_and_the_reader_ends() -> None:
    before, sizes = n_open(), list[int]()
    with pytest.raises(LookupError, match="no more"):
        read_through_pipe(broken(), lambda path: sizes.append(len(Path(path).read_bytes())))
    assert n_open() == before


def test_an_error_of_a_reader_that_ends_early_comes_out() -> None:
    def refuse(path: str) -> None:
        raise OSError(28, "No space left on device", path)

    with pytest.raises(OSError, match="No space left"):
        read_through_pipe(CHUNKS, refuse)
    with pytest.raises(OSError, match="No space left"):
        read_through_pipe((b"x" * 2**20 for _ in range(4)), refuse)


def test_nobody_waits_where_the_reader_has_enough() -> None:
    read_through_pipe(CHUNKS, lambda path: None)
