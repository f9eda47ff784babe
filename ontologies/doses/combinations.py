"""What a line of a medicine list says of the dose of each substance of a combination."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from ontologies.doses.amounts import AMOUNT, NUMBER
from ontologies.record_lines import parts

ORDERS_TABLE = files("ontologies") / "data" / "strength_orders.tsv"
"""Names of combinations, the substances in the order of their strengths, and where that stands."""
_JOINED = re.compile(
    rf"(?<![\w.,/-])(?P<all>(?:{NUMBER})(?:\s?m?c?g)?(?:\s?[-/]\s?(?:{NUMBER})(?:\s?m?c?g)?)+)(?![\w.,])"
)
_ONE_OF_JOINED = re.compile(rf"(?P<value>{NUMBER})\s?(?P<unit>mcg|mg|g)?")
_RELEASE = re.compile(r"\b(?:xr|er|sr|cr|ds|forte)\b")


def dose_texts(text: str) -> tuple[tuple[str, str], ...]:
    """Give each substance of a combination with what of a text is of its dose; else nothing.

    >>> dose_texts("acetaminophen 325 MG / codeine 30 MG Oral Tablet bid")
    (('acetaminophen', '325 MG Oral Tablet bid'), ('codeine', '30 MG Oral Tablet bid'))
    >>> dose_texts("Percocet 5-325 mg 2 tabs q6h")
    (('oxycodone', '5 mg 2 tabs q6h'), ('acetaminophen', '325 mg 2 tabs q6h'))
    """
    return tuple(_as_listed(text) or _as_joined(text))


def _as_listed(text: str) -> Iterator[tuple[str, str]] | None:
    pieces = text.split(" / ")
    found = [tuple(AMOUNT.finditer(piece.lower())) for piece in pieces]
    if len(pieces) < 2 or any(not amounts for amounts in found):
        return None
    tail = pieces[-1][found[-1][0].end() :]
    return (
        (piece[: amounts[0].start()].strip(), piece[amounts[0].start() : amounts[0].end()] + tail)
        for piece, amounts in zip(pieces, found, strict=True)
    )


def _as_joined(text: str) -> Iterator[tuple[str, str]]:
    found = _JOINED.search(text.lower())
    if found is None:
        return
    amounts = [(m["value"], m["unit"]) for m in _ONE_OF_JOINED.finditer(found["all"])]
    unit = amounts[-1][1]
    tail = text[found.end() :]
    if unit is None:
        given = re.match(r"\s?(mcg|mg|g)\b", tail, re.IGNORECASE)
        unit, tail = (given[1], tail[given.end() :]) if given else ("mg", tail)
    names = _names(text[: found.start()])
    if len(names) == len(amounts) and not re.search(r"\d", " ".join(names)):
        for name, (value, own) in zip(names, amounts, strict=True):
            yield name, f"{value} {own or unit}{tail}"


def _names(written: str) -> tuple[str, ...]:
    """Give the substances that stand before joined strengths, in the order of these."""
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", written).strip()
    short = " ".join(_RELEASE.sub(" ", plain.lower()).split())
    return _orders().get(short) or tuple(parts(plain))


@lru_cache(maxsize=1)
def _orders() -> Mapping[str, tuple[str, ...]]:
    lines = ORDERS_TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: tuple(row["parts"].split("/")) for row in rows}
