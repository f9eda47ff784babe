"""The HTTP door: one application over one graph, opened at the start."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version as version_of

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.compression import Compressed
from api.deps import InFlight, Opened
from api.failures import sentence
from api.log import AccessLog
from api.openapi import describe_wholly
from api.problems import answer_errors
from api.request_ids import REQUEST_ID, RequestIds
from api.routes import (
    about,
    batch,
    drugs,
    explain,
    interactions,
    predictions,
    rxnav,
    screen,
    sparql,
)
from api.rxnav_errors import OldErrors
from api.settings import MAX_IN_FLIGHT, Settings
from api.state import State, open_state
from kg.artifact import MissingGraph
from kg.sparql import SparqlEndpoint

Provider = Callable[[], State]
ROUTERS = (
    screen.router,
    batch.router,
    interactions.router,
    drugs.router,
    explain.router,
    predictions.router,
    about.router,
    sparql.router,
    rxnav.router,
)
SPARQL_WORKERS = 2
_SENT_HEADERS = ("Content-Type", "If-None-Match", REQUEST_ID)
_READ_HEADERS = (
    "ETag",
    "Retry-After",
    "X-Graph-Id",
    "X-Model-Id",
    REQUEST_ID,
    "X-Not-Checked",
    "X-Truncated",
)
NO_GRAPH = (
    "no graph is open here; whoever runs this service builds one with: "
    "coprescribe build --recipe open, and then starts the service again"
)
"""What a stranger is told; where it was looked for stands in the log."""
LOG = logging.getLogger("coprescribe.service")

_DESCRIPTION = (
    "Drug interactions, drug-gene findings and additive effects over a whole medicine list, each "
    "with its reason and its source. For qualified health professionals; silence is never safety."
)


def create_app(
    provider: Provider, max_in_flight: int = MAX_IN_FLIGHT, origins: Sequence[str] = ()
) -> FastAPI:
    """Make the application; ``provider`` opens the graph when the server starts.

    More than ``max_in_flight`` questions at a time are answered with 503 and ``Retry-After: 1``.

    Pages of the sites in ``origins`` may read the answers, those of no other.

    Where no graph is built, questions are answered with 503; a damaged one keeps the server from
    starting.
    """
    app = FastAPI(
        title="coprescribe",
        summary="An open, knowledge-graph drug-interaction engine.",
        description=_DESCRIPTION,
        version=version_of("coprescribe"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=partial(_lifespan, provider=provider),
    )
    app.state.opened = Opened()
    app.state.in_flight = InFlight(max_in_flight)
    _wrap(app, origins)
    answer_errors(app)
    for router in ROUTERS:
        app.include_router(router)
    describe_wholly(app)
    return app


def _wrap(app: FastAPI, origins: Sequence[str]) -> None:
    """Put around the routes what concerns them all; what is added last stands outermost."""
    app.add_middleware(AccessLog)
    app.add_middleware(OldErrors)
    app.add_middleware(Compressed)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_SENT_HEADERS,
            expose_headers=_READ_HEADERS,
        )
    app.add_middleware(RequestIds)


def app_from_environment() -> FastAPI:
    """Make the application that the environment describes, as the workers of a server do."""
    settings = Settings.from_environment()
    return create_app(
        lambda: open_state(settings.home, settings.graph_id, settings.model_id),
        settings.max_in_flight,
        settings.origins,
    )


@asynccontextmanager
async def _lifespan(app: FastAPI, provider: Provider) -> AsyncIterator[None]:
    try:
        state = provider()
    except MissingGraph as error:
        LOG.warning("%s; every question is answered with 503 until then", sentence(error))
        app.state.opened = Opened(reason=NO_GRAPH)
        yield
        return
    with SparqlEndpoint(state.store, workers=SPARQL_WORKERS) as endpoint:
        app.state.opened = Opened(state, endpoint)
        yield
