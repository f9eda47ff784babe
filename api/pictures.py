"""Pictures for files: SVG as it was drawn, or PNG by the library of the extra ``plots``."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from pathlib import Path

from api.errors import InvalidRequest, MissingExtra
from kg.atomic_file import atomic_file

SUFFIXES = (".svg", ".png")
PNG_SCALE = 2.0
"""Pixels of a PNG for each unit of the SVG."""


def check_suffix(path: Path) -> None:
    """Refuse a file that is neither SVG nor PNG by its name.

    Raises:
        InvalidRequest: It ends otherwise.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidRequest(
            f"--plot: {path.name!r} is not accepted: a name that ends in {' or '.join(SUFFIXES)}"
        )


def write_picture(svg: str, path: Path) -> None:
    """Write a drawing to a file, in the form that its name tells; it stands whole or not at all.

    Raises:
        InvalidRequest: The name tells of no form.
        MissingExtra: It is PNG, and CairoSVG is not installed.
        OSError: The file cannot be written, or its folder is not there.
    """
    check_suffix(path)
    if not path.parent.is_dir():
        number = errno.ENOTDIR if path.parent.exists() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path.parent))
    content = svg.encode() if path.suffix.lower() == ".svg" else _png(svg)
    with atomic_file(path) as unfinished:
        unfinished.write_bytes(content)


def _png(svg: str) -> bytes:
    try:
        cairosvg = import_module("cairosvg")
    except (ImportError, OSError) as error:
        # An OSError where the package is installed and the library cairo of the system is not.
        raise MissingExtra("CairoSVG", "plots") from error
    made: bytes = cairosvg.svg2png(bytestring=svg.encode(), scale=PNG_SCALE)
    return made
