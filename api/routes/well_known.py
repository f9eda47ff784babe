"""``/.well-known/void``: what the graphs of the store are, whence, and on which terms (VoID)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.deps import CurrentEndpoint, CurrentState, tagged, unless_known
from api.sparql_protocol import TRIPLES
from api.store_descriptions import described
from kg.service_description import void_description

router = APIRouter(prefix="/.well-known", tags=["sparql"])


@router.get(
    "/void",
    summary="The graphs of the store, with their counts, versions and licences",
    response_class=Response,
    responses={200: {"content": {one: {"schema": {}} for one in TRIPLES}}},
)
def void(request: Request, state: CurrentState, endpoint: CurrentEndpoint) -> Response:
    """Describe the graphs in the words of VoID, as Accept wishes."""
    result = described(request, endpoint, None, void_description)
    result.headers.update(tagged(bytes(result.body), state))
    return unless_known(request, result)
