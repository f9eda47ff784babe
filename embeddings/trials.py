"""The table of a search: which settings were tried, and how well they did on validation facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kg.atomic_folder import atomic_folder

PROTOCOLS = ("uniform", "known-pairs")
"""What a trial is judged under; its value is the mean of both."""
COMPLETE, PRUNED, FAILED = "complete", "pruned", "failed"
_TABLE = "trials.parquet"
_AROUND = ("number", *PROTOCOLS, "value", "seconds", "state", "curve")


class NothingToSearch(ValueError):
    """A configuration has no settings that could be searched, or not in this way."""

    def __init__(self, config: str, reason: str) -> None:
        super().__init__(f"the settings of {config!r} cannot be searched: {reason}")
        self.config = config


class DamagedSearch(ValueError):
    """The table of a search cannot be read, or is one of other settings."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the table {path} is of no use: {reason}; search without --resume to begin anew"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings that were tried.

    ``curve`` has the value at each epoch that was judged, ``figures`` the mean AUROC over effects
    at the last of them, under each of ``PROTOCOLS``; both are empty where learning failed at once.
    ``seconds`` are of the processor.
    """

    number: int
    settings: Mapping[str, Any]
    figures: tuple[float, ...]
    curve: tuple[float, ...]
    seconds: float
    state: str

    @property
    def value(self) -> float | None:
        """Mean of the figures, where there are any."""
        return self.curve[-1] if self.curve else None

    def as_row(self) -> dict[str, Any]:
        """Cells by column, in the order of the table."""
        figures = self.figures or (None,) * len(PROTOCOLS)
        return {
            "number": self.number,
            **self.settings,
            **dict(zip(PROTOCOLS, figures, strict=True)),
            "value": self.value,
            "seconds": round(self.seconds, 1),
            "state": self.state,
            "curve": list(self.curve),
        }


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """Give the complete trial of the highest value; the first of equals."""
    complete = [trial for trial in trials if trial.state == COMPLETE]
    return max(complete, key=lambda trial: trial.curve[-1], default=None)


def write_trials(folder: Path, trials: Sequence[Trial]) -> None:
    """Write the table, whole or not at all: Parquet to go on from, TSV to read."""
    table = pd.DataFrame([trial.as_row() for trial in trials])
    with atomic_folder(folder) as new:
        table.to_parquet(new / _TABLE, index=False)
        table["curve"] = [" ".join(f"{value:.5f}" for value in t.curve) for t in trials]
        table.to_csv(
            new / "trials.tsv", sep="\t", index=False, lineterminator="\n", float_format="%.6g"
        )


def read_trials(folder: Path, fields: Sequence[str]) -> tuple[Trial, ...]:
    """Read the trials of a search over some fields; none where no table stands.

    Raises:
        DamagedSearch: The table cannot be read, or has other columns.
    """
    path = folder / _TABLE
    if not path.exists():
        return ()
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DamagedSearch(path, "it is no table of trials") from error
    if set(table) != {*fields, *_AROUND} or list(table["number"]) != list(range(len(table))):
        raise DamagedSearch(path, "it is the table of other trials")
    return tuple(_trial(row, fields) for row in table.to_dict("records"))


def _trial(row: Mapping[Any, Any], fields: Sequence[str]) -> Trial:
    curve = tuple(float(value) for value in row["curve"])
    figures = tuple(float(row[name]) for name in PROTOCOLS) if curve else ()
    settings = {field: row[field] for field in fields}
    return Trial(int(row["number"]), settings, figures, curve, float(row["seconds"]), row["state"])
