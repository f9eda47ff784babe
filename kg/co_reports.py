"""Co-reports by the million: renamed, oriented and counted once, on codes and never row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.co_report_keys import distinct
from kg.model import pair_id
from kg.tables import CO_REPORT_COLUMNS
from ontologies.vocabulary import AgentType, KnowledgeLevel

_ENDS = ("drug_a", "drug_b", "effect")
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Release:
    """The file of a release that a run of co-reports comes from."""

    source: str
    infores: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class CoReports:
    """The finished table, and each pair of drugs in it once per release (see ``PAIR_COLUMNS``)."""

    table: pd.DataFrame
    pairs: pd.DataFrame


PAIR_COLUMNS = ("pair", "drug_a", "drug_b", "source", "infores", "version", "licence")


def merge_co_reports(
    parts: Sequence[tuple[Release, pd.DataFrame]], preferred: Callable[[str], str]
) -> CoReports:
    """Merge the co-reports of all sources: preferred names, lower name first, each once."""
    releases = sorted({release for release, _ in parts}, key=_place)
    drugs = _names(parts, ("drug_a", "drug_b"), preferred)
    effects = _names(parts, ("effect",), preferred)
    keys = [
        _keys(frame, releases.index(release), drugs, effects, preferred) for release, frame in parts
    ]
    found = distinct(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    rest, effect = np.divmod(found, max(len(effects), 1))
    rest, second = np.divmod(rest, max(len(drugs), 1))
    release, first = np.divmod(rest, max(len(drugs), 1))
    drug_names, effect_names = list(drugs), list(effects)
    table = pd.DataFrame(
        {
            "drug_a": pd.Categorical.from_codes(first, pd.Index(drug_names)),
            "drug_b": pd.Categorical.from_codes(second, pd.Index(drug_names)),
            "effect": pd.Categorical.from_codes(effect, pd.Index(effect_names)),
            **_stated(release, releases),
        },
        columns=list(CO_REPORT_COLUMNS),
    )
    return CoReports(table, _pairs(first, second, release, drug_names, releases))


def _place(release: Release) -> tuple[str, ...]:
    """Order releases by everything that they say, so that none changes places with another."""
    return release.infores, release.version, release.licence, release.source


def _names(
    parts: Sequence[tuple[Release, pd.DataFrame]],
    columns: Sequence[str],
    preferred: Callable[[str], str],
) -> dict[str, int]:
    """Give every preferred name that occurs its place among them, in their order."""
    names = {preferred(v) for _, frame in parts for c in columns for v in frame[c].cat.categories}
    return {name: place for place, name in enumerate(sorted(names))}


def _keys(
    frame: pd.DataFrame,
    release: int,
    drugs: Mapping[str, int],
    effects: Mapping[str, int],
    preferred: Callable[[str], str],
) -> Codes:
    """Give one number per row, which sorts as release, first drug, second drug, effect."""
    first, second, effect = (
        _codes(frame[column], effects if column == "effect" else drugs, preferred)
        for column in _ENDS
    )
    low, high = np.minimum(first, second), np.maximum(first, second)
    keys = ((release * len(drugs) + low) * len(drugs) + high) * len(effects) + effect
    return np.asarray(keys[low != high], dtype=np.int64)


def _codes(
    column: pd.Series[str], places: Mapping[str, int], preferred: Callable[[str], str]
) -> Codes:
    by_category = np.array([places[preferred(v)] for v in column.cat.categories], dtype=np.int64)
    return by_category[column.cat.codes.to_numpy()] if len(column) else np.empty(0, dtype=np.int64)


def _stated(release: Codes, releases: Sequence[Release]) -> dict[str, pd.Categorical[str]]:
    level, agent = KnowledgeLevel.STATISTICAL_ASSOCIATION, AgentType.DATA_ANALYSIS_PIPELINE
    one = np.zeros(len(release), dtype=np.int8)
    return {
        "source": _by_release(release, [r.infores for r in releases]),
        "version": _by_release(release, [r.version for r in releases]),
        "licence": _by_release(release, [r.licence for r in releases]),
        "knowledge_level": pd.Categorical.from_codes(one, pd.Index([level.value])),
        "agent_type": pd.Categorical.from_codes(one, pd.Index([agent.value])),
    }


def _by_release(release: Codes, values: Sequence[str]) -> pd.Categorical[str]:
    names = sorted(set(values))
    codes = np.array([names.index(value) for value in values], dtype=np.int64)
    chosen = codes[release] if len(release) else np.empty(0, dtype=np.int64)
    return pd.Categorical.from_codes(chosen, pd.Index(names))


def _pairs(
    first: Codes, second: Codes, release: Codes, drugs: Sequence[str], releases: Sequence[Release]
) -> pd.DataFrame:
    keys = distinct((release * len(drugs) + first) * len(drugs) + second)
    rest, high = np.divmod(keys, max(len(drugs), 1))
    which, low = np.divmod(rest, max(len(drugs), 1))
    rows = [
        (pair_id(drugs[a], drugs[b]), drugs[a], drugs[b], r.source, r.infores, r.version, r.licence)
        for a, b, r in zip(low, high, (releases[w] for w in which), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS), dtype=str)
