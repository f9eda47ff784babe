"""What the routes ask for: the open graph, a checked body, and the headers of an answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from starlette.requests import ClientDisconnect

from api.errors import InvalidRequest
from api.in_flight import InFlight
from api.json_text import json_text
from api.problems import (
    BodyTooLarge,
    NotReady,
    PackedBody,
    UnfinishedBody,
    WrongMediaType,
)
from api.state import State
from kg.rdf import MissingStore
from kg.sparql import SparqlEndpoint

MAX_BODY_BYTES = 1024 * 1024
BODY_SECONDS = 30.0
"""So long a body may take to come."""
_UNPACKED = frozenset({"", "identity"})


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server opened at its start: all of it, or the reason why nothing."""

    state: State | None = None
    endpoint: SparqlEndpoint | None = None
    reason: str = "no graph was opened"


async def in_flight(request: Request) -> InFlight:
    """The count of questions of this server."""
    found: InFlight = request.app.state.in_flight
    return found


async def long_in_flight(request: Request) -> InFlight:
    """The count of answers that take seconds or minutes: they leave the short ones their places."""
    found: InFlight = request.app.state.long_in_flight
    return found


def opened(request: Request) -> Opened:
    """What this server opened, be it nothing."""
    found: Opened = request.app.state.opened
    return found


async def current_state(request: Request) -> State:
    """The open graph with what belongs to it.

    Raises:
        NotReady: No graph is open.
    """
    found = opened(request)
    if found.state is None:
        raise NotReady(found.reason)
    return found.state


async def current_endpoint(request: Request) -> SparqlEndpoint:
    """The SPARQL endpoint of the open graph.

    Raises:
        NotReady: No graph is open.
        MissingStore: The graph has no store.
    """
    found = opened(request)
    if found.state is None:
        raise NotReady(found.reason)
    if found.endpoint is None:
        raise MissingStore(found.state.store)
    return found.endpoint


CurrentState = Annotated[State, Depends(current_state)]
CurrentEndpoint = Annotated[SparqlEndpoint, Depends(current_endpoint)]
CurrentInFlight = Annotated[InFlight, Depends(in_flight)]
CurrentLongInFlight = Annotated[InFlight, Depends(long_in_flight)]


def media_type_of(request: Request, accepted: Sequence[str]) -> str:
    """The media type of a body, one of the accepted.

    Raises:
        WrongMediaType: It is another.
        PackedBody: It is packed, as with gzip.
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in _UNPACKED:
        raise PackedBody(encoding[:100])
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accepted:
        raise WrongMediaType(media_type[:100], accepted)
    return media_type


async def read_body(
    request: Request, accepted: Sequence[str], most: int = MAX_BODY_BYTES
) -> tuple[str, bytes]:
    """Read a body within its bound; gives its media type, one of the accepted, and its bytes.

    Raises:
        WrongMediaType: The Content-Type is another.
        PackedBody: It is packed, as with gzip.
        BodyTooLarge: It has more than ``most`` bytes, which are 1 MiB where nothing else is said.
        UnfinishedBody: It did not end in time, or its sender left.
    """
    media_type = media_type_of(request, accepted)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise BodyTooLarge(most)
    content = bytearray()
    try:
        # A sender who dribbles would keep memory for as long as he likes.
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise BodyTooLarge(most)
    except (TimeoutError, ClientDisconnect):
        raise UnfinishedBody(BODY_SECONDS) from None
    return media_type, bytes(content)


def answered(value: Any, state: State, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as JSON that names its graph and its model, with its entity tag."""
    content = json_text(value)
    named = {**tagged(content, state), **(headers or {})}
    return Response(content, media_type="application/json", headers=named)


def tagged(content: bytes, state: State) -> dict[str, str]:
    """Headers that name the graph and the model, and the entity tag of a body made from them."""
    headers = stamped(state)
    return {**headers, "ETag": etag(content, *headers.values())}


def stamped(state: State) -> dict[str, str]:
    """Headers that name the graph and, where there is one, the model."""
    headers = {"X-Graph-Id": state.graph.id}
    return headers | ({"X-Model-Id": state.bundle.id} if state.bundle else {})


def etag(content: bytes, *origins: str) -> str:
    """Entity tag of a body: a digest of what it was made from and of its bytes.

    It is weak, as RFC 9110 asks where the same answer may also be sent compressed.
    """
    digest = hashlib.blake2b("\n".join((*origins, "")).encode() + content, digest_size=12)
    return f'W/"{digest.hexdigest()}"'


def unless_known(request: Request, response: Response) -> Response:
    """The response, or 304 without a body when the asker holds the same one already."""
    named = request.headers.get("if-none-match", "").split(",")
    known = {tag.strip().removeprefix("W/") for tag in named}
    tag = response.headers.get("etag", "").removeprefix("W/")
    if not tag or known.isdisjoint({tag, "*"}):
        return response
    kept = {
        k: v for k, v in response.headers.items() if k not in {"content-length", "content-type"}
    }
    return Response(status_code=304, headers=kept)


async def each_once(request: Request) -> None:
    """Refuse an address of ``/v1`` in which a parameter stands twice, of which one would be lost.

    Raises:
        InvalidRequest: Names the parameter.
    """
    if not request.scope["path"].startswith("/v1/"):
        return
    counts = Counter(name for name, _ in request.query_params.multi_items())
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise InvalidRequest(
            f"{twice[:100]!r} is given {counts[twice]} times; give it once, with commas between "
            "several drugs"
        )


def listed_drugs(description: str, longest: int = 400) -> Any:
    """Declare the parameter ``drugs``: names or codes with commas between them, so many letters."""
    return Query(
        min_length=1,
        max_length=longest,
        description=description,
        examples=["simvastatin,clarithromycin"],
    )
