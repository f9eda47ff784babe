"""Pictures for files: SVG as it was drawn, or PNG by the library of the extra ``plots``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from api.errors import InvalidRequest, MissingExtra

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
    """Write a drawing to a file, in the form that its name tells.

    Raises:
        InvalidRequest: The name tells of no form.
        MissingExtra: It is PNG, and CairoSVG is not installed.
        OSError: The file cannot be written.
    """
    check_suffix(path)
    if path.suffix.lower() == ".svg":
        path.write_text(svg, encoding="utf-8")
        return
    path.write_bytes(_png(svg))


def _png(svg: str) -> bytes:
    try:
        cairosvg = import_module("cairosvg")
    except (ImportError, OSError) as error:
        # An OSError where the package is installed and the library cairo of the system is not.
        raise MissingExtra("CairoSVG", "plots") from error
    made: bytes = cairosvg.svg2png(bytestring=svg.encode(), scale=PNG_SCALE)
    return made
