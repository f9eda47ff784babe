"""The ways in which a raw file can be spoilt, whatever it holds and however it is packed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tests.kg.packed import pack, unpacked

Spoiler = Callable[[bytes], bytes]
_PACKED = frozenset({".gz", ".xz", ".zip"})


def cut_short(content: bytes) -> bytes:
    """Cut within the first cell of a line."""
    line_start = content.rfind(b"\n", 0, len(content) * 2 // 3) + 1
    return content[: line_start + 2]


def not_utf8(content: bytes) -> bytes:
    """Write one Latin-1 letter where the text has UTF-8."""
    middle = len(content) // 2
    return content[:middle] + b"\xe9" + content[middle:]


def other_columns(content: bytes) -> bytes:
    """Give every column, key or element another name."""
    if content.startswith(b"PAR1"):
        target = io.BytesIO()
        pd.read_parquet(io.BytesIO(content)).add_prefix("other_").to_parquet(target)
        return target.getvalue()
    if content.startswith((b"[", b"{")):
        return _other_keys(content)
    if content.startswith(b"<"):
        return re.sub(rb"(</?)(?=[A-Za-z])", rb"\1other_", content)
    header, _, rest = content.partition(b"\n")
    mark = next((mark for mark in (b"\t", b",", b"|") if mark in header), b"\t")
    return mark.join(b"other_" + name for name in header.split(mark)) + b"\n" + rest


def another_kind(content: bytes) -> bytes:
    """Put something well-formed in the place that is not what the file holds."""
    others = {b"[": b"{}\n", b"{": b"[]\n", b"<": b"<html></html>\n", b"P": b"PAR1"}
    tabular = not content.startswith((b"[", b"{", b"<", b"PAR1"))
    return b'{"a": 1}\n' if tabular else others[content[:1]]


def empty(content: bytes) -> bytes:
    """Leave nothing."""
    return content[:0]


SPOILERS: Mapping[str, Spoiler] = {
    "cut short": cut_short,
    "not UTF-8": not_utf8,
    "other columns": other_columns,
    "another kind of file": another_kind,
    "empty": empty,
}
ENDS_EARLY = "ends early"


def ways(name: str) -> tuple[str, ...]:
    """Every way in which a file can be spoilt; only one that is packed can end early."""
    return (*SPOILERS, ENDS_EARLY) if Path(name).suffix in _PACKED else tuple(SPOILERS)


def spoil(path: Path, how: str) -> None:
    """Spoil what a file holds, or cut off the end of the packed file itself."""
    if how == ENDS_EARLY:
        path.write_bytes(path.read_bytes()[:-9])
    elif path.suffix == ".zip":
        _spoil_members(path, SPOILERS[how])
    else:
        pack(path, SPOILERS[how](unpacked(path)))


def _spoil_members(path: Path, spoiler: Spoiler) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, spoiler(content))


def _other_keys(content: bytes) -> bytes:
    """Rename the keys of an object, of each object of a list, or of the object in each line."""
    try:
        values = [json.loads(content)]
    except json.JSONDecodeError:
        values = [json.loads(line) for line in content.splitlines()]
    return b"".join(json.dumps(_renamed(value)).encode() + b"\n" for value in values)


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(row) for row in value]
    return {"other_" + key: cell for key, cell in value.items()}
