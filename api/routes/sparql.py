"""``/sparql``: the query operation of the SPARQL 1.1 Protocol over the store of the graph."""

from __future__ import annotations

from email.message import Message
from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import (
    CurrentEndpoint,
    CurrentState,
    read_body,
    stamped,
    tagged,
    unless_known,
)
from api.in_flight import InFlight
from api.media_types import NotAcceptable, accepted
from api.problems import WrongMediaType
from api.sparql_protocol import (
    FIELDS,
    FORM_TYPE,
    QUERY_TYPE,
    TABLES,
    TRIPLES,
    UPDATE_TYPE,
    Asked,
    Pairs,
    asked_in_body,
    asked_of,
    pairs_of,
    parameters,
)
from api.store_descriptions import VARIES, described
from kg.query_errors import ForbiddenQuery
from kg.service_description import service_description
from kg.sparql import TABLE_FORMS, SparqlEndpoint, UnsuitableFormat

QUERIES_AT_ONCE = 16
"""So many run or wait for a worker; each holds a thread, which other doors need too."""
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
_TYPES = (*TABLES, *TRIPLES)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            one: {"schema": {} if one.endswith("json") else {"type": "string"}} for one in _TYPES
        }
    }
}

router = APIRouter(prefix="/sparql", tags=["sparql"])
_queries_in_flight = InFlight(QUERIES_AT_ONCE)


@router.get(
    "",
    summary="Ask in SPARQL, by the address; without a query: what is asked here, and how",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"parameters": parameters()},
)
async def by_address(request: Request, state: CurrentState, endpoint: CurrentEndpoint) -> Response:
    """Answer a query, or describe the service where there is none."""
    asked = asked_of(_in_address(request))
    result = await _queries_in_flight.run(_answer_or_describe, request, endpoint, asked)
    result.headers.update(tagged(bytes(result.body), state))
    return unless_known(request, result)


@router.post(
    "",
    summary="Ask in SPARQL, by the body",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={
        "parameters": parameters("query"),
        "requestBody": {
            "required": True,
            "content": {
                QUERY_TYPE: {"schema": {"type": "string"}},
                FORM_TYPE: {
                    "schema": {"type": "object", "required": ["query"], "properties": FIELDS}
                },
            },
        },
    },
)
async def by_body(request: Request, state: CurrentState, endpoint: CurrentEndpoint) -> Response:
    """Answer a query sent as it is, or as the field ``query`` of a form."""
    _refuse_type(request)
    media_type, content = await read_body(request, (QUERY_TYPE, FORM_TYPE))
    asked = asked_in_body(_in_address(request), media_type, content)
    accept = request.headers.get("accept", "")
    result = await _queries_in_flight.run(_answer, endpoint, asked, accept)
    result.headers.update(stamped(state))
    return result


def _answer_or_describe(request: Request, endpoint: SparqlEndpoint, asked: Asked) -> Response:
    if asked.query is None:
        return described(request, endpoint, asked.format, service_description)
    return _answer(endpoint, asked, request.headers.get("accept", ""))


def _in_address(request: Request) -> Pairs:
    return pairs_of(request.scope["query_string"], "the address")


def _refuse_type(request: Request) -> None:
    """Refuse an update by its media type, and text in another encoding."""
    told = Message()
    told["Content-Type"] = request.headers.get("content-type", "")
    if told.get_content_type() == UPDATE_TYPE:
        raise ForbiddenQuery("an update")
    charset = str(told.get_param("charset", "utf-8"))
    if charset.lower() not in _CHARSETS:
        raise WrongMediaType(f"charset={charset[:40]}", (f"{QUERY_TYPE} in UTF-8",))


def _answer(endpoint: SparqlEndpoint, asked: Asked, accept: str) -> Response:
    table = asked.format or accepted(accept, TABLES)
    graph = asked.format or accepted(accept, TRIPLES)
    if not table and not graph:
        raise NotAcceptable(accept, _TYPES)
    try:
        result = endpoint.query(
            asked.query or "",
            table,
            graph,
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
        )
    except UnsuitableFormat as refusal:
        if asked.format:
            raise
        known = TABLES if refusal.form in TABLE_FORMS else TRIPLES
        others = [media_type for media_type, name in known.items() if name != refusal.asked]
        raise NotAcceptable(accept, others) from refusal
    headers = VARIES | ({"X-Truncated": "true"} if result.truncated else {})
    return Response(result.body, media_type=result.media_type, headers=headers)
