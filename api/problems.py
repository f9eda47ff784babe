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

from api.errors import QuestionError
from api.failures import failure_of, sentence
from api.refusals import refusals, sentence_of

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"
_RETRY_SOON_SECONDS = "1"
LOG = logging.getLogger("coprescribe.service")


class ProblemResponse(JSONResponse):
    """One problem as the standard writes it."""

    media_type = MEDIA_TYPE


class NotReady(RuntimeError):
    """No graph is open, so no question can be answered; says why."""


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


class WrongMediaType(ValueError):
    """A body is of a media type that the route does not read."""

    def __init__(self, found: str, accepted: Sequence[str]) -> None:
        named = repr(found) if found else "no Content-Type"
        super().__init__(f"{named} is not accepted; send {' or '.join(accepted)}")
        self.found = found


_OWN: Mapping[type[Exception], tuple[int, str]] = {
    NotReady: (503, "No graph is open"),
    TooBusy: (503, "The service is busy"),
    BodyTooLarge: (413, "The body is too large"),
    WrongMediaType: (415, "The media type is not accepted"),
}


def problem(
    status: int, title: str, detail: str, more: Mapping[str, Any] | None = None
) -> ProblemResponse:
    """Make the response of one problem; ``more`` are its extension members."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = {"Retry-After": _RETRY_SECONDS} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return ProblemResponse({**(more or {}), **body}, status_code=status, headers=headers)


def answer_errors(app: FastAPI) -> None:
    """Have an application answer every error as a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _defect)
    for kind in (ValueError, LookupError, OSError, RuntimeError, MemoryError):
        app.add_exception_handler(kind, _typed)


def _typed(request: Request, error: Exception) -> ProblemResponse:
    if type(error) in _OWN:
        status, title = _OWN[type(error)]
        response = problem(status, title, sentence(error))
        if isinstance(error, TooBusy):
            response.headers["Retry-After"] = _RETRY_SOON_SECONDS
        return response
    if isinstance(error, QuestionError):
        return problem(error.status, error.title, sentence(error), error.details)
    failure = failure_of(error)
    if failure is None:
        # Not one of ours: to be answered as a defect, and logged as one.
        raise error
    if failure.told is None:
        return problem(failure.status, failure.title, sentence(error))
    LOG.error("%s: %s", type(error).__name__, sentence(error))
    return problem(failure.status, failure.title, failure.told)


def _http(request: Request, error: Exception) -> ProblemResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    details = {
        404: f"there is nothing at {request.url.path[:200]!r}; /openapi.json lists what there is",
        405: f"{request.method} is not answered at {request.url.path[:200]!r}",
    }
    detail = details.get(status) or str(getattr(error, "detail", phrase))
    response = problem(status, phrase, detail)
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _validation(request: Request, error: Exception) -> ProblemResponse:
    rows = refusals(error.errors() if isinstance(error, RequestValidationError) else ())
    detail = sentence_of(rows) if rows else "the request is not accepted"
    return problem(422, "A value is not accepted", detail, {"problems": rows})


def _defect(request: Request, error: Exception) -> ProblemResponse:
    detail = "a defect of the service; nothing was answered"
    return problem(500, "The service failed", detail, {"kind": type(error).__name__})
