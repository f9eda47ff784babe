"""``/sparql``: the query operation of the SPARQL 1.1 Protocol over the store of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import CurrentEndpoint, CurrentState, read_body, stamped, tagged, unless_known
from api.errors import InvalidRequest
from kg.sparql import TABLE_FORMS, SparqlEndpoint, UnsuitableFormat

QUERY_TYPE = "application/sparql-query"
FORM_TYPE = "application/x-www-form-urlencoded"

_TABLES = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
}
_TRIPLES = {"text/turtle": "ttl", "application/n-triples": "nt"}
_FORMATS = frozenset({*_TABLES.values(), *_TRIPLES.values()})
_MOST_FIELDS = 10
EXAMPLE = "SELECT ?name { RXCUI:36567 rdfs:label ?name }"

router = APIRouter(prefix="/sparql", tags=["sparql"])


class NotAcceptable(InvalidRequest):
    """None of the media types that are asked for can be given."""

    status = 406
    title = "No such media type can be given"


@router.get("", summary="Ask in SPARQL, by the address")
def by_address(
    request: Request,
    state: CurrentState,
    endpoint: CurrentEndpoint,
    query: Annotated[
        str, Query(description="SELECT, ASK, CONSTRUCT or DESCRIBE.", examples=[EXAMPLE])
    ],
    format: Annotated[str | None, Query(max_length=10)] = None,  # noqa: A002
) -> Response:
    """Answer in the format asked for by ``format`` or by Accept."""
    result = _answer(endpoint, query, format, request.headers.get("accept", ""))
    result.headers.update(tagged(bytes(result.body), state))
    return unless_known(request, result)


@router.post(
    "",
    summary="Ask in SPARQL, by the body",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                QUERY_TYPE: {"schema": {"type": "string"}},
                FORM_TYPE: {
                    "schema": {
                        "type": "object",
                        "required": ["query"],
                        "properties": {"query": {"type": "string"}, "format": {"type": "string"}},
                    }
                },
            },
        }
    },
)
async def by_body(
    request: Request,
    state: CurrentState,
    endpoint: CurrentEndpoint,
    format: Annotated[str | None, Query(max_length=10)] = None,  # noqa: A002
) -> Response:
    """Answer a query sent as it is, or as the field ``query`` of a form."""
    media_type, content = await read_body(request, (QUERY_TYPE, FORM_TYPE))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body: byte {error.start} is not UTF-8") from error
    fields = {"query": text} if media_type == QUERY_TYPE else _form(text)
    if "query" not in fields:
        raise InvalidRequest("the form has no field 'query'")
    asked = format or fields.get("format")
    accept = request.headers.get("accept", "")
    result = await run_in_threadpool(_answer, endpoint, fields["query"], asked, accept)
    result.headers.update(stamped(state))
    return result


def _answer(endpoint: SparqlEndpoint, text: str, asked: str | None, accept: str) -> Response:
    if asked is not None and asked not in _FORMATS:
        formats = ", ".join(sorted(_FORMATS))
        raise InvalidRequest(f"format: {asked!r} is not accepted: one of {formats}")
    table = asked or _accepted(accept, _TABLES)
    graph = asked or _accepted(accept, _TRIPLES)
    if not table and not graph:
        raise _not_acceptable(accept, {**_TABLES, **_TRIPLES})
    try:
        result = endpoint.query(text, table, graph)
    except UnsuitableFormat as refusal:
        if refusal.asked:
            raise
        known = _TABLES if refusal.form in TABLE_FORMS else _TRIPLES
        raise _not_acceptable(accept, known) from refusal
    headers = {"X-Truncated": "true"} if result.truncated else None
    return Response(result.body, media_type=result.media_type, headers=headers)


def _not_acceptable(accept: str, known: Mapping[str, str]) -> NotAcceptable:
    return NotAcceptable(f"Accept {accept[:200]!r} names none of: {', '.join(known)}")


def _accepted(accept: str, known: Mapping[str, str]) -> str:
    """Choose by Accept: by weight, then in the order written; without one, the first known.

    Empty where Accept names none of them.
    """
    default = next(iter(known.values()))
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    for media_type, weight in sorted(ranges, key=lambda found: -found[1]):
        if weight > 0 and media_type in known:
            return known[media_type]
        kind = media_type.removesuffix("*")
        if weight > 0 and media_type.endswith("/*"):
            fitting = (name for media, name in known.items() if media.startswith(kind))
            name = default if media_type == "*/*" else next(fitting, None)
            if name is not None:
                return name
    return "" if ranges else default


def _range(part: str) -> tuple[str, float]:
    media_type, _, parameters = part.partition(";")
    weight = parameters.partition("q=")[2].partition(";")[0].strip()
    try:
        return media_type.strip().lower(), float(weight) if weight else 1.0
    except ValueError:
        return media_type.strip().lower(), 0.0


def _form(text: str) -> dict[str, str]:
    try:
        fields = parse_qs(text, max_num_fields=_MOST_FIELDS, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequest("the form is not UTF-8") from error
    except ValueError as error:
        raise InvalidRequest(f"the form has more than {_MOST_FIELDS} fields") from error
    for name, values in fields.items():
        if len(values) > 1:
            raise InvalidRequest(f"the form has the field {name!r} {len(values)} times")
    return {name: values[0] for name, values in fields.items()}
