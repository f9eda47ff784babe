"""Errors over HTTP: each is ``application/problem+json`` (RFC 9457) and quotes the bad value."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match

from api.errors import QuestionError
from api.failures import failure_of, sentence
from api.middleware.request_ids import REQUEST_ID, logged_id, request_id
from api.middleware.watching import mark_shed
from api.refusals import refusals, sentence_of
from kg.query_errors import EndpointBusy

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"
RETRY_SOON_SECONDS = "1"
LOG = logging.getLogger("coprescribe.service")


class ProblemResponse(JSONResponse):
    """One problem as the standard writes it."""

    media_type = MEDIA_TYPE


class NotReady(RuntimeError):
    """No graph is open, so no question can be answered; says why."""


class NoReload(RuntimeError):
    """The newest graph is not served; the one before it is."""


class TooBusy(RuntimeError):
    """As many questions are being screened as may be; the same one may be sent again at once."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} questions are being screened, which is the most; ask again")
        self.most = most


class BodyTooLarge(ValueError):
    """A body has more bytes than are read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the body has more than {most} bytes, which is the most that is read")
        self.most = most


class UnfinishedBody(ValueError):
    """A body did not end: its sender was too slow, or left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not end within {seconds:g} s")
        self.seconds = seconds


class PackedBody(ValueError):
    """A body is packed, and what it unpacks to would have no bound."""

    def __init__(self, encoding: str) -> None:
        super().__init__(f"Content-Encoding {encoding!r} is not accepted; send the body unpacked")
        self.encoding = encoding


class WrongMediaType(ValueError):
    """A body is of a media type that the route does not read."""

    def __init__(self, found: str, accepted: Sequence[str]) -> None:
        named = repr(found) if found else "no Content-Type"
        super().__init__(f"{named} is not accepted; send {' or '.join(accepted)}")
        self.found = found


_OWN: Mapping[type[Exception], tuple[int, str]] = {
    NotReady: (503, "No graph is open"),
    NoReload: (503, "The graph was not reloaded"),
    TooBusy: (503, "The service is busy"),
    BodyTooLarge: (413, "The body is too large"),
    UnfinishedBody: (408, "The body did not come to its end"),
    PackedBody: (415, "The body is packed"),
    WrongMediaType: (415, "The media type is not accepted"),
}


def problem_of(error: BaseException) -> dict[str, Any] | None:
    """Say an error as the members of a problem; ``None`` for a defect.

    An error whose own sentence is for nobody outside is logged with it.
    """
    own = next((told for kind, told in _OWN.items() if type(error) is kind), None)
    if own is not None:
        status, title = own
        return _members(status, title, sentence(error))
    if isinstance(error, QuestionError):
        return _members(error.status, error.title, sentence(error), error.details)
    failure = failure_of(error)
    if failure is None:
        return None
    if failure.told is not None:
        LOG.error("%s: %s", type(error).__name__, sentence(error))
    return _members(failure.status, failure.title, failure.told or sentence(error))


def defect_of(error: BaseException) -> dict[str, Any]:
    """Say a defect of ours as the members of a problem, which tell nothing but its class."""
    detail = "a defect of the service; nothing was answered"
    return _members(500, "The service failed", detail, {"kind": type(error).__name__})


def _members(
    status: int, title: str, detail: str, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return {**(more or {}), **body}


def _response(request: Request, members: Mapping[str, Any]) -> ProblemResponse:
    status = members["status"]
    headers = {REQUEST_ID: request_id(request.scope)}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _RETRY_SECONDS
    body = {**members, "request_id": headers[REQUEST_ID]}
    return ProblemResponse(body, status_code=status, headers=headers)


def answer_errors(app: FastAPI) -> None:
    """Have an application answer every error as a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    for kind in (ValueError, LookupError, OSError, RuntimeError, MemoryError):
        app.add_exception_handler(kind, _typed)


async def _typed(request: Request, error: Exception) -> ProblemResponse:
    members = problem_of(error)
    if members is None:
        # Not one of ours: to be answered as a defect, and logged as one.
        raise error
    response = _response(request, members)
    if isinstance(error, TooBusy | EndpointBusy):
        mark_shed(request.scope)
    if isinstance(error, TooBusy):
        response.headers["Retry-After"] = RETRY_SOON_SECONDS
    return response


async def _http(request: Request, error: Exception) -> ProblemResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    details = {
        404: f"there is nothing at {request.url.path[:200]!r}; /openapi.json lists what there is",
        405: f"{request.method} is not answered at {request.url.path[:200]!r}",
    }
    detail = details.get(status) or str(getattr(error, "detail", phrase))
    response = _response(request, _members(status, phrase, detail))
    response.headers.update(getattr(error, "headers", None) or {})
    answered = _methods_at(request) if status == HTTPStatus.METHOD_NOT_ALLOWED else []
    if answered and request.method not in answered:
        response.headers["Allow"] = ", ".join(answered)
    return response


def _methods_at(request: Request) -> list[str]:
    """Methods that an address answers; one route alone may answer only some of them."""
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        for asked in [{**request.scope, "method": "GET" if method == "HEAD" else method}]
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
    ]


async def _validation(request: Request, error: Exception) -> ProblemResponse:
    rows = refusals(error.errors() if isinstance(error, RequestValidationError) else ())
    detail = sentence_of(rows) if rows else "the request is not accepted"
    members = _members(422, "A value is not accepted", detail, {"problems": rows})
    return _response(request, members)


async def _defect(request: Request, error: Exception) -> ProblemResponse:
    LOG.error("a defect met the request %s", logged_id(request.scope), exc_info=error)
    return _response(request, defect_of(error))


DEFECTS = {Exception: _defect}
"""How a defect is answered, in the form of Starlette's ``ExceptionMiddleware``.

It stands within what tells problems in the words of a door, so that a defect is told in them too.
"""
