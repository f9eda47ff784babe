"""What the store says of itself, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response

from api.addresses import server_address
from api.media_types import NotAcceptable, accepted
from api.sparql_protocol import TRIPLES
from kg.rdf import GRAPH_FORMATS, written_as
from kg.service_description import SPACES, VOID_QUERY
from kg.sparql import SparqlEndpoint, UnsuitableFormat

VARIES = {"Vary": "Accept"}
"""Header of what is written as Accept wishes."""

Describe = Callable[[bytes, str], bytes]
"""Makes N-Triples of a description from those of the store and the address of the endpoint."""


def described(
    request: Request,
    endpoint: SparqlEndpoint,
    format: str | None,  # noqa: A002
    describe: Describe,
) -> Response:
    """Describe the store, in the format asked for or by Accept.

    Raises:
        NotAcceptable: Accept names nothing that triples can be written in.
        UnsuitableFormat: The format is none of them.
        OSError, RuntimeError, ValueError: As ``SparqlEndpoint.query`` does.
    """
    accept = request.headers.get("accept", "")
    chosen = format or accepted(accept, TRIPLES)
    if not chosen:
        raise NotAcceptable(accept, TRIPLES)
    if chosen not in GRAPH_FORMATS:
        raise UnsuitableFormat("a description", chosen, GRAPH_FORMATS)
    void = endpoint.query(VOID_QUERY, "json", "nt").body
    triples = describe(void, f"{server_address(request)}/sparql")
    body = written_as(triples, chosen, SPACES)
    media_type = next(name for name, known in TRIPLES.items() if known == chosen)
    return Response(body, media_type=media_type, headers=VARIES)
