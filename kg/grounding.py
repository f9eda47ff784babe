"""Which effects the statements about pairs of drugs name: one row for each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.effects import EffectPattern, Grounding, ground_text

UNNAMED_EFFECT = ("coprescribe:unnamed_effect", "interaction, effect not named")
"""Stands where a source states an interaction but no pattern knows the effect it names."""


def ground(
    pairs: pd.DataFrame, patterns: Sequence[EffectPattern], preferred: Callable[[str], str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give one row per pair, statement and effect; and the statements without any effect."""
    unread = pairs.loc[
        pairs["effect"] == "", ["statement", "text", "recommendation"]
    ].drop_duplicates()
    known: dict[tuple[str, str], Grounding] = {}
    for _, text, info in unread.itertuples(index=False, name=None):
        key = (text, info)
        if key not in known:
            known[key] = ground_text(text, info, patterns)
    rows = [
        _Row(position, effect, mechanism, primary)
        for position, (effect, text, info) in enumerate(
            row_values(pairs, "effect", "text", "recommendation")
        )
        for effect, mechanism, primary in _effects_of(effect, known.get((text, info)))
    ]
    grounded = pairs.iloc[[row.position for row in rows]].copy()
    grounded["effect"] = texts(preferred(row.effect) for row in rows)
    grounded["mechanism"] = texts(
        row.mechanism or own for row, own in zip(rows, grounded["mechanism"].tolist(), strict=True)
    )
    grounded["primary"] = np.array([row.primary for row in rows], dtype=bool)
    missed = [
        not known[(text, info)].effects
        for text, info in row_values(unread, "text", "recommendation")
    ]
    ungrounded = unread[pd.Series(missed, index=unread.index, dtype=bool)]
    return grounded, ungrounded.sort_values(["statement", "text"])


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    effect: str
    mechanism: str | None
    primary: bool


def _effects_of(stated: str, grounding: Grounding | None) -> list[tuple[str, str | None, bool]]:
    if stated or grounding is None:
        return [(stated or UNNAMED_EFFECT[0], None, True)]
    if not grounding.effects:
        return [(UNNAMED_EFFECT[0], grounding.mechanism, True)]
    return [
        (curie, grounding.mechanism, not place)
        for place, (curie, _) in enumerate(grounding.effects)
    ]


def row_values(frame: pd.DataFrame, *names: str) -> Iterator[tuple[str, ...]]:
    """Give columns of text row by row; a column taken whole is much faster to walk through."""
    return zip(*(frame[name].tolist() for name in names), strict=True)


def texts(values: Iterable[str]) -> npt.NDArray[np.object_]:
    """Give a column that is text even where a recipe states no pair at all."""
    return np.array(list(values), dtype=object)
