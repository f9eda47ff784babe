"""The medicines of a report: each as it was written, and what it was read as where that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from api.cli.phrases import plain
from api.cli.question import Answered
from api.plain_readings import is_plain
from ontologies.written_codes import is_code

READ_BY_NAME = "Read by the name; no daily dose was read, so that strengths are not used"
"""How the one line begins that lists what was read without its strength."""
_HOLDS = " holds "


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine of the list: as written, read as what, what is done with it, how it is taken."""

    written: str
    read_as: str
    change: str
    how: str
    is_checked: bool

    @property
    def beside(self) -> str:
        """What it was read as and how it is taken, and whether it changes."""
        return "; ".join(part for part in (self.read_as, self.how, self.change) if part)


def lines_of(answered: Answered) -> Iterator[Line]:
    """Yield the current medicines, then those that are added."""
    answer = answered.answer
    held = _held(answer["notes"])
    asked_lines = answered.body.get("taking") or ()
    ways: dict[str, dict[str, None]] = {}
    for each in (e for e in asked_lines if isinstance(e, Mapping)):
        ways.setdefault(each["drug"].strip(), {})[_way(each)] = None
    ended = [*answer["stopping"], *(swap["from"] for swap in answer["replacing"])]
    queries, names = {e["query"] for e in ended}, {e["name"] for e in ended}
    for entry in answer["taking"]:
        is_ended = entry["query"] in queries or (entry["name"] and entry["name"] in names)
        told = ways.get(entry["query"]) or {"": None}
        way = next(iter(told))
        if len(told) > 1:  # Another line of the same name is taken otherwise.
            del told[way]
        yield _line(entry, "stopped" if is_ended else "", way, held)
    for entry in [*answer["adding"], *(swap["to"] for swap in answer["replacing"])]:
        yield _line(entry, "added", "", held)


def question_of(answer: Mapping[str, Any]) -> str:
    """Say in a line what is to change; the list itself stands among the medicines.

    >>> question_of({"adding": [{"query": "Zocor"}], "stopping": [], "replacing": []})
    'Asked: what changes when Zocor is added'
    """
    swaps = answer["replacing"]
    changes = [
        *_done([*map(_shown, answer["adding"])], "added"),
        *_done([*map(_shown, answer["stopping"])], "stopped"),
        *(f"{_shown(swap['from'])} is replaced by {_shown(swap['to'])}" for swap in swaps),
    ]
    if changes:
        return f"Asked: what changes when {', and '.join(changes)}"
    return "Asked: a review of the list" if answer["taking"] else "Asked: nothing"


def parted(notes: Iterable[str], answer: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Part the notes that the medicines make needless from the others.

    What a product holds stands beside it. A reading is plain where a name and a strength are all
    that was written, as the answer says of each drug (``read_by_name``); all of them make one line.
    A reading with its daily dose needs none: that stands beside the medicine.
    What was read otherwise may be another medicine, or taken otherwise, and stays a note of its
    own.

    Returns:
        The other notes, and the line or nothing.
    """
    kept, read = list(notes), dict[str, None]()
    for entry in _entries(answer):
        names = {str(entry["query"]).casefold(), str(entry["name"]).casefold()}
        kept = [note for note in kept if note.partition(_HOLDS)[0].casefold() not in names]
        is_read = entry.get("read_by_name") or entry.get("doses")
        begin = f"{entry['query']!r} was read as " if is_read else None
        plainly = [note for note in kept if begin and note.startswith(begin)]
        kept = [note for note in kept if note not in plainly]
        read.update(dict.fromkeys([entry["query"]] if plainly and not entry.get("doses") else []))
    return kept, [f"{READ_BY_NAME}: {', '.join(read)}."] if read else []


def _done(names: Sequence[str], what: str) -> Iterator[str]:
    *firsts, last = names or [""]
    if firsts:
        yield f"{', '.join(firsts)} and {last} are {what}"
    elif last:
        yield f"{last} is {what}"


def _held(notes: Iterable[str]) -> dict[str, str]:
    """Give what each product holds, by its name in small letters."""
    parts = (note.removesuffix(".").partition(_HOLDS) for note in notes)
    return {product.casefold(): held for product, holds, held in parts if holds}


def _entries(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    swaps = chain.from_iterable((swap["from"], swap["to"]) for swap in answer["replacing"])
    return chain(answer["taking"], answer["adding"], answer["stopping"], swaps)


def _line(entry: Mapping[str, Any], change: str, how: str, held: Mapping[str, str]) -> Line:
    is_checked = entry["status"] == "resolved"
    written, name = str(entry["query"]), str(entry["name"] or entry["query"])
    holds = held.get(written.casefold()) or held.get(name.casefold(), "")
    if is_code(written):
        written, name = name, written
    read_as = "" if is_plain(written, name) else name
    inside = f"holds {holds}" if holds and not is_plain(written, holds) else ""
    beside = "; ".join(part for part in (read_as, inside, dose_of(entry)) if part)
    return Line(plain(written), plain(beside), change, plain(how), is_checked)


def dose_of(entry: Mapping[str, Any]) -> str:
    """Say the daily doses that were read of a medicine; nothing where none was.

    >>> dose_of({"doses": [{"name": "x", "mg_a_day": 40.0, "up_to": True}]})
    'up to 40 mg a day'
    """
    doses = entry.get("doses") or ()
    told = (
        f"{'up to ' if dose['up_to'] else ''}{dose['mg_a_day']:.10g} mg"
        f"{' of ' + dose['name'] if len(doses) > 1 else ''} a day"
        for dose in doses
    )
    return ", ".join(told)


def _shown(entry: Mapping[str, Any]) -> str:
    """Give what was written, and of a code the name."""
    query = str(entry["query"])
    return str(entry["name"] or query) if is_code(query) else query


def _way(entry: Mapping[str, Any]) -> str:
    days = entry.get("duration_days")
    parts: Sequence[str | None] = (
        entry.get("dose"),
        entry.get("route"),
        f"since {entry['started']}" if entry.get("started") else None,
        f"for {days:g} days" if days else None,
    )
    return ", ".join(part for part in parts if part)
