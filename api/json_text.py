"""Answers as JSON text. A library writes it five times as fast as the standard one."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["json_text"]


def json_text(value: Any) -> bytes:
    """Write mappings, sequences, texts and numbers as JSON in UTF-8; what is no number is null.

    Raises:
        TypeError: There is something else in it.

    >>> json_text({"name": "warfarin", "probability": float("nan")})
    b'{"name":"warfarin","probability":null}'
    """
    return orjson.dumps(value)
