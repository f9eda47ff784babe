"""The picture of the page that the documents show: taken, not drawn."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.web.reader import Reader

pytestmark = pytest.mark.browser

SHOWN = Path(__file__).parents[2] / "docs" / "images" / "page.png"
SIZE = (1100, 720)
MOST_BYTES = 200_000


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height as the header of a PNG tells them."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_picture_of_the_documents_is_of_this_page(demo: Reader, tmp_path: Path) -> None:
    """With COPRESCRIBE_PICTURE set, the picture is written there."""
    demo.resize(*SIZE)
    demo.until(lambda: "Do not combine" in demo.text("#answer .new"), "the answer")
    path = Path(os.environ.get("COPRESCRIBE_PICTURE", tmp_path / "page.png"))
    demo.picture(path, SIZE[1])
    taken = path.read_bytes()
    assert size_of(taken) == size_of(SHOWN.read_bytes()) == SIZE
    assert SHOWN.stat().st_size < MOST_BYTES
