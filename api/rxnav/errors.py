"""Errors under ``/REST/`` in words that clients of the old RxNav service can read."""

from __future__ import annotations

import json

from api.rxnav.interactions import DISCLAIMER

PREFIX = "/REST/"
FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
"""The old service let pages of any origin ask; nothing here is of one user."""


def refusal(problem: bytes) -> bytes:
    """Write a problem as the old clients can read it: our disclaimer, and ``error`` in words.

    >>> json.loads(refusal(b'{"type": "about:blank", "status": 404, "detail": "no"}'))["error"]
    'no'
    """
    told = json.loads(problem)
    rest = {key: value for key, value in told.items() if key not in {"type", "detail"}}
    value = {"nlmDisclaimer": DISCLAIMER, "error": told["detail"], **rest}
    return json.dumps(value, ensure_ascii=False).encode()
