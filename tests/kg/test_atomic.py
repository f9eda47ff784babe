"""What cannot be written is told by the name that somebody gave, not by a temporary one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from kg.atomic_file import atomic_file
from kg.atomic_folder import atomic_folder

Writer = Callable[[Path], AbstractContextManager[Path]]


@pytest.mark.parametrize("write", [atomic_file, atomic_folder])
@pytest.mark.parametrize("given", ["out", "x/../out"])
def test_what_is_written_beside_a_name_is_told_by_the_name(
    write: Writer, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="No space left") as told, write(Path(given)) as unfinished:
        raise OSError(28, "No space left on device", str(unfinished / "part.parquet"))
    assert told.value.filename == given
    assert {path.name for path in tmp_path.iterdir()} == {"x"}


@pytest.mark.parametrize("write", [atomic_file, atomic_folder])
def test_a_place_that_lets_nobody_write_is_told_as_it_was_given(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(suffix: str, prefix: str, folder: Path) -> None:
        raise PermissionError(13, "Permission denied", f"{folder}/{prefix}a1b2{suffix}")

    for name in ("mkstemp", "mkdtemp"):
        monkeypatch.setattr(f"tempfile.{name}", refuse)
    with pytest.raises(PermissionError) as told, write(tmp_path / "out"):
        pass
    assert told.value.filename == str(tmp_path / "out")


@pytest.mark.parametrize("write", [atomic_file, atomic_folder])
def test_an_error_about_another_file_stays_as_it_is(write: Writer, tmp_path: Path) -> None:
    error = FileNotFoundError(2, "No such file or directory", "elsewhere/source.tsv")
    with pytest.raises(FileNotFoundError) as told, write(tmp_path / "out"):
        raise error
    assert told.value is error
