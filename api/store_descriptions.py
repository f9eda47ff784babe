"""What the store says of itself, in the format that is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import Request, Response

from api.media_types import NotAcceptable, accepted
from api.sparql_protocol import TRIPLES
from kg.rdf import GRAPH_FORMATS, written_as
from kg.service_description import SPACES, VOID_QUERY
from kg.sparql import SparqlEndpoint, UnsuitableFormat

VARIES = {"Vary": "Accept"}
"""Header of what is written as Accept wishes."""
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

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
    triples = describe(void, endpoint_address(request))
    body = written_as(triples, chosen, SPACES)
    media_type = next(name for name, known in TRIPLES.items() if known == chosen)
    return Response(body, media_type=media_type, headers=VARIES)


def endpoint_address(request: Request) -> str:
    """The address of ``/sparql`` as the asker sees it; never what could leave an IRI."""
    host = request.headers.get("host", "")
    named = host if _HOST.fullmatch(host) else "localhost"
    return f"{request.scope['scheme']}://{named}{request.scope.get('root_path', '')}/sparql"
