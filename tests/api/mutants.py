"""Bodies of which one part is another: what a stranger, or a defect of a client, may send."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

Path = tuple[str | int, ...]
GONE: Final = object()
"""In place of a part: the part is left out."""
HOSTILE: tuple[Any, ...] = (
    GONE,
    None,
    True,
    -1,
    1e308,
    10**200,
    "",
    " ",
    "\x00",
    "\ud800",
    "a" * 5000,
    "<script>alert(1)</script>",
    "'; DROP TABLE shown; --",
    "٣",
    "1e999",
    "#",
    "../../etc/passwd",
    [],
    [None],
    [[]],
    {},
    {"": None},
    {"resourceType": "Bundle"},
)
"""Values that nobody expects, one of each kind of trouble."""


def parts(body: object, above: Path = ()) -> Iterator[Path]:
    """Yield the place of every part of a body, the whole aside."""
    within: Any = ()
    if isinstance(body, dict):
        within = body.items()
    elif isinstance(body, list):
        within = enumerate(body)
    for key, part in within:
        yield (*above, key)
        yield from parts(part, (*above, key))


def texts(body: object) -> Iterator[Path]:
    """Yield the place of every text of a body."""
    yield from (place for place in parts(body) if isinstance(part_at(body, place), str))


def part_at(body: Any, place: Path) -> Any:
    """The part at a place."""
    for key in place:
        body = body[key]
    return body


def replaced(body: dict[str, Any], place: Path, value: Any) -> dict[str, Any]:
    """A copy of a body with another value at a place."""
    made = copy.deepcopy(body)
    holder = part_at(made, place[:-1])
    if value is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return made


def mutants(
    body: dict[str, Any], is_taken: Callable[[int], bool] = lambda number: True
) -> Iterator[dict[str, Any]]:
    """Yield the body with each hostile value at each place, of which only those taken are made."""
    number = 0
    for place in parts(body):
        for value in HOSTILE:
            number += 1
            if is_taken(number):
                yield replaced(body, place, value)
