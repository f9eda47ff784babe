"""``POST /v1/report``: the answer to one question as a medication report, HTML or PDF."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from api.body import read_question
from api.cli.question import Answered
from api.deps import CurrentInFlight, CurrentState, read_body, stamped
from api.errors import InvalidRequest
from api.fhir.bodies import with_record
from api.media_types import NotAcceptable, accepted
from api.patients import reader_of
from api.pharmcat import with_report
from api.report import html
from api.report.layout import Report, report_of
from api.service import answer
from api.state import State

JSON_TYPES = ("application/json",)
PDF_TYPE = "application/pdf"
DATE_HEADER = "X-Report-Date"
_FORMS = {html.MEDIA_TYPE: "html", PDF_TYPE: "pdf"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?")
_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept"}

router = APIRouter(prefix="/v1", tags=["screen"])


@router.post(
    "/report",
    summary="Print a medication report",
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ScreenRequest"}}
            },
        }
    },
    responses={
        200: {
            "description": "The answer of `POST /v1/screen`, laid out for paper; HTML unless "
            "Accept prefers application/pdf",
            "content": {
                html.MEDIA_TYPE: {"schema": {"type": "string"}},
                PDF_TYPE: {"schema": {"type": "string", "contentMediaType": PDF_TYPE}},
            },
        }
    },
)
async def report(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    date: Annotated[
        str | None,
        Header(
            alias=DATE_HEADER,
            max_length=40,
            description="Date, or date and time, to be printed (ISO 8601). Without it a place is "
            "left to write it: an answer asks no clock.",
        ),
    ] = None,
) -> Response:
    """Print who takes what, what was not checked, and the findings, worst first, with sources."""
    accept = request.headers.get("accept", "")
    form = accepted(accept, _FORMS)
    if not form:
        raise NotAcceptable(accept, _FORMS)
    printed = _date(date)
    _, content = await read_body(request, JSON_TYPES)
    return await in_flight.run(_printed, content, state, form, printed)


def _date(text: str | None) -> str:
    """Give the date to be printed, as it was sent; nothing where none was.

    Raises:
        InvalidRequest: It is no date.
    """
    if text is None:
        return ""
    try:
        datetime.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise InvalidRequest(
            f"{DATE_HEADER}: {text[:40]!r} is not accepted: a date such as 2026-01-31 is expected, "
            "perhaps with a time"
        ) from None
    return text


def _printed(content: bytes, state: State, form: str, date: str) -> Response:
    body = read_question(content, "the body")
    told = answer(body, state)
    # A FHIR record or a PharmCAT report becomes the patient that it says; it is checked by now.
    given, _ = with_record(body, state)
    given, _ = with_report(given, state.genotypes)
    shown = {**given, "patient": reader_of(state).shown(given.get("patient") or {})}
    laid_out = report_of(Answered(shown, told), date)
    headers = {**stamped(state), **_PRIVATE}
    if form == "pdf":
        return Response(_pdf(laid_out), media_type=PDF_TYPE, headers=headers)
    headers["Content-Security-Policy"] = html.content_security_policy()
    return Response(html.as_html(laid_out), media_type=html.MEDIA_TYPE, headers=headers)


def _pdf(laid_out: Report) -> bytes:
    # The library takes a second to load, which a server that prints no PDF is spared.
    from api.report.pdf import as_pdf

    return as_pdf(laid_out)
