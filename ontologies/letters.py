"""Which letters a text has, as bits: two texts a few edits apart differ in few bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Marks = npt.NDArray[np.uint64]

BITS_PER_EDIT = 2
"""An edit changes at most so many bits: a letter that is taken for another changes one of each."""

_PLACES = {letter: place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
_OTHERS = 52
_FIRSTS, _SECONDS = np.uint64((1 << 26) - 1), np.uint64(26)
_BITS = np.zeros(256, np.uint64)
_BITS[[ord(letter) for letter in _PLACES]] = [1 << place for place in _PLACES.values()]
_BITS[[ord(str(digit)) for digit in range(10)]] = [1 << _OTHERS + digit for digit in range(10)]


def mark(text: str) -> int:
    """Give a number whose bits say which letters a folded text has once, and which twice or more.

    Bits 0 to 25 stand for the first a to z, 26 to 51 for a second one, 52 to 61 for the digits;
    exchanging two letters changes nothing.

    >>> (mark("warfarin") ^ mark("warfrain")).bit_count()
    0
    >>> (mark("warfarin") ^ mark("warfarine")).bit_count()
    1
    """
    bits = 0
    for letter in text:
        place = _PLACES.get(letter)
        if place is None:
            bits |= 1 << (_OTHERS + int(letter)) if letter.isdecimal() else 0
        else:
            first = 1 << place
            bits |= first << 26 if bits & first else first
    return bits


def marks_of(texts: Sequence[str]) -> Marks:
    """Give the marks of many folded texts, in their order.

    >>> [int(bits) for bits in marks_of(["warfarin", "c3"])] == [mark("warfarin"), mark("c3")]
    True
    """
    marks = np.zeros(len(texts), np.uint64)
    lengths = np.fromiter((len(text) for text in texts), np.int32, len(texts))
    for length in np.unique(lengths[lengths > 0]):
        places = np.flatnonzero(lengths == length)
        block = "".join(texts[int(place)] for place in places).encode("ascii")
        columns = np.frombuffer(block, np.uint8).reshape(-1, length).T
        found = np.zeros(len(places), np.uint64)
        for bits in _BITS[columns]:
            found |= bits | (found & bits & _FIRSTS) << _SECONDS
        marks[places] = found
    return marks


def differing_bits(text: str, marks: Marks) -> npt.NDArray[np.uint8]:
    """Count in how many bits each of some marks differs from that of a text."""
    counts: npt.NDArray[np.uint8] = np.bitwise_count(marks ^ np.uint64(mark(text)))
    return counts
