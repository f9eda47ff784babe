"""Serves as ``coprescribe serve`` does, and fails or tells tales where a test asks for it.

A question with the word ``FAILING`` meets a defect whose exceptions quote it; a request with the
word ``TELL_TALE`` in its query string has that string written to a log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import api.middleware.request_ids
import api.service
from api.cli.main import run

FAILING = "qzkanarifails"
TELL_TALE = "told-tale"
_parse, _id_of = api.service.parse_request, api.middleware.request_ids.request_id


def fail(body: Mapping[str, Any]) -> Any:
    """Read a question, or fail as a careless programmer would."""
    if FAILING in str(body):
        try:
            raise KeyError(str(body))
        except KeyError as error:
            raise TypeError(f"no such patient: {body!r}") from error
    return _parse(body)


def tell(scope: Any) -> str:
    """Name a request, and write down what it asked for."""
    if TELL_TALE.encode() in scope["query_string"]:
        logging.getLogger("coprescribe.service").info("asked: %s", scope["query_string"])
    return _id_of(scope)


if __name__ == "__main__":
    api.service.parse_request = fail
    api.middleware.request_ids.request_id = tell
    run()
