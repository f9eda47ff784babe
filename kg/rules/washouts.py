"""Reads ``washouts.tsv`` and ``lingering.tsv``: what a drug still does after its last dose."""

from __future__ import annotations

import re
from pathlib import Path

from kg.rules.rows import MalformedRule, curie_of, one_of, rows_of, severity_of, target_of
from kg.screening.documented import MECHANISM_NAMES
from kg.screening.washouts import BEGUN, KEPT, Persisting, Washout
from kg.sources.curated import FOLDER

_WASHOUTS = "washouts.tsv"
_LINGERING = "lingering.tsv"
_ANY = "any"
_KEY = ("former", "latter", "second")
_TOLD = ("name", "time", "effect_id", "mechanism", "severity", "advice", "reference")
_TIME = re.compile(r"[1-9]\d* (hours|days|weeks)")


def load_washouts(folder: Path = FOLDER) -> tuple[Washout, ...]:
    """Read ``washouts.tsv``.

    Raises:
        MalformedRule: A target, time, effect, mechanism or severity cannot be read, a drug that is
            kept comes without advice, or a question is answered twice.
        MalformedSource: The file lacks a column.
    """
    return tuple(
        _washout(number, row) for number, row in rows_of(folder, _WASHOUTS, (*_KEY, *_TOLD), _KEY)
    )


def _washout(number: int, row: dict[str, str]) -> Washout:
    second = one_of(_WASHOUTS, number, row["second"], (BEGUN, KEPT))
    if not _TIME.fullmatch(row["time"]):
        raise MalformedRule(_WASHOUTS, number, row["time"], "a time such as 36 hours or 14 days")
    if second == KEPT and not row["advice"]:
        raise MalformedRule(_WASHOUTS, number, row["advice"], "advice on a drug that is kept")
    return Washout(
        former=target_of(_WASHOUTS, number, row["former"]),
        latter=target_of(_WASHOUTS, number, row["latter"]),
        second=second,
        name=row["name"],
        time=row["time"],
        effect=curie_of(_WASHOUTS, number, row["effect_id"]),
        mechanism=one_of(_WASHOUTS, number, row["mechanism"], MECHANISM_NAMES),
        severity=severity_of(_WASHOUTS, number, row["severity"]),
        advice=row["advice"],
        reference=row["reference"],
    )


def load_lingering(folder: Path = FOLDER) -> tuple[Persisting, ...]:
    """Read ``lingering.tsv``; the mechanism ``any`` lets all that a drug does hold on.

    Raises:
        MalformedRule: A target, mechanism or severity cannot be read, or a question is answered
            twice.
        MalformedSource: The file lacks a column.
    """
    key = ("target", "mechanism")
    found = []
    for number, row in rows_of(folder, _LINGERING, (*key, "time", "least", "reference"), key):
        mechanism = one_of(_LINGERING, number, row["mechanism"], (_ANY, *MECHANISM_NAMES))
        found.append(
            Persisting(
                drug=target_of(_LINGERING, number, row["target"]),
                mechanism=None if mechanism == _ANY else mechanism,
                time=row["time"],
                least=severity_of(_LINGERING, number, row["least"]),
                reference=row["reference"],
            )
        )
    return tuple(found)
