"""The HTTP door: one application over one graph, opened at the start."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from importlib.metadata import version as version_of
from typing import Any

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware

from api.deps import Opened, each_once
from api.failures import sentence
from api.fhir.errors import PREFIXES, outcome
from api.fhir.outcome import MEDIA_TYPE as FHIR_TYPE
from api.in_flight import AT_ONCE, LONG_AT_ONCE, InFlight
from api.log import AccessLog
from api.metrics import Measured, Metrics
from api.middleware.bare_answers import BareAnswers
from api.middleware.compression import Compressed
from api.middleware.overload import SlowRefusals
from api.middleware.request_ids import REQUEST_ID, RequestIds
from api.middleware.retold import Retold
from api.middleware.safe_headers import SafeHeaders
from api.openapi import describe_wholly
from api.problems import DEFECTS, answer_errors
from api.routes import (
    about,
    admin,
    batch,
    cds_hooks,
    docs,
    drugs,
    explain,
    fhir,
    interactions,
    mentions,
    metrics,
    page,
    predictions,
    report,
    rxnav,
    screen,
    sparql,
    well_known,
)
from api.rxnav.errors import FROM_ANYWHERE, PREFIX, refusal
from api.settings import MAX_IN_FLIGHT
from api.state import State
from api.tokens import Access, TokenGate
from kg.artifact import MissingGraph
from kg.query_errors import QueryTimeout, QueryTooHungry
from kg.rdf import DamagedStore, MissingStore
from kg.sparql import QueryResult, SparqlEndpoint

Provider = Callable[[], State]
ROUTERS = (
    screen.router,
    batch.router,
    interactions.router,
    report.router,
    drugs.router,
    mentions.router,
    explain.router,
    predictions.router,
    about.router,
    metrics.router,
    docs.router,
    admin.router,
    sparql.router,
    well_known.router,
    rxnav.router,
    fhir.router,
    cds_hooks.router,
    page.router,
)
SPARQL_WORKERS = 2
OPEN = Access()
_SENT_HEADERS = ("Authorization", "Content-Type", "If-None-Match", REQUEST_ID)
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
    "coprescribe build --recipe open, and then has the service reload"
)
"""What a stranger is told; where it was looked for stands in the log."""
LOG = logging.getLogger("coprescribe.service")

_DESCRIPTION = (
    "Drug interactions, drug-gene findings and additive effects over a whole medicine list, each "
    "with its reason and its source. For qualified health professionals; silence is never safety."
)


def create_app(
    provider: Provider,
    max_in_flight: int = MAX_IN_FLIGHT,
    origins: Sequence[str] = (),
    *,
    access: Access = OPEN,
    sparql_workers: int = SPARQL_WORKERS,
) -> FastAPI:
    """Make the application; ``provider`` opens the graph when the server starts.

    More than ``max_in_flight`` questions at a time are answered with 503 and ``Retry-After: 1``.

    Pages of the sites in ``origins`` may read the answers, those of no other; callers bear what
    ``access`` asks of them.

    Where no graph is built, questions are answered with 503; a damaged one keeps the server from
    starting, and is then ``app.state.failure``.
    """
    counted = Metrics()
    app = FastAPI(
        title="coprescribe",
        summary="An open, knowledge-graph drug-interaction engine.",
        description=_DESCRIPTION,
        version=version_of("coprescribe"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(each_once)],
        lifespan=_lifespan,
    )
    app.state.provider, app.state.sparql_workers = provider, sparql_workers
    app.state.opened = Opened()
    app.state.access, app.state.metrics = access, counted
    app.state.in_flight = InFlight(max_in_flight, AT_ONCE)
    app.state.long_in_flight = InFlight(LONG_AT_ONCE)
    _wrap(app, origins, access, counted)
    answer_errors(app)
    for router in ROUTERS:
        app.include_router(router)
    describe_wholly(app)
    return app


def _wrap(app: FastAPI, origins: Sequence[str], access: Access, counted: Metrics) -> None:
    """Put around the routes what concerns them all; what is added last stands outermost."""
    if access.token is not None:
        app.add_middleware(TokenGate, access=access)
    app.add_middleware(AccessLog)
    app.add_middleware(Measured, metrics=counted)
    app.add_middleware(ExceptionMiddleware, handlers=DEFECTS)
    app.add_middleware(SlowRefusals)
    old_type = "application/json"
    app.add_middleware(Retold, (PREFIX,), refusal, old_type, FROM_ANYWHERE)
    app.add_middleware(Retold, PREFIXES, outcome, FHIR_TYPE)
    app.add_middleware(Compressed)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_SENT_HEADERS,
            expose_headers=_READ_HEADERS,
        )
    app.add_middleware(BareAnswers)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestIds)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    try:
        state: State = app.state.provider()
    except MissingGraph as error:
        LOG.warning("%s; every question is answered with 503 until then", sentence(error))
        app.state.opened = Opened(reason=NO_GRAPH)
        yield
        return
    except (ValueError, LookupError, OSError, RuntimeError) as error:
        app.state.failure = error
        raise
    counted: Metrics = app.state.metrics
    state = replace(state, heard=counted.screened)
    counted.serving(state.graph.id, state.bundle.id if state.bundle else None, app.version)
    with ExitStack() as closing:
        closing.enter_context(cds_hooks.feedback_kept(app, state))
        endpoint = _endpoint(state, app)
        if endpoint is not None:
            closing.enter_context(endpoint)
        app.state.opened = Opened(state, endpoint)
        yield


def _endpoint(state: State, app: FastAPI) -> SparqlEndpoint | None:
    """Open the store of the graph; ``None`` where it was not written, as a build does at its end.

    Raises:
        DamagedStore: It cannot be used.
    """
    try:
        endpoint = CountedEndpoint(state.store, workers=app.state.sparql_workers)
    except MissingStore as error:
        LOG.warning("%s; /sparql is answered with 503", sentence(error))
        return None
    except (DamagedStore, OSError) as error:
        app.state.failure = error
        raise
    endpoint.counted = app.state.metrics
    return endpoint


class CountedEndpoint(SparqlEndpoint):
    """An endpoint of which is counted what was killed at a limit."""

    counted: Metrics

    def query(self, *given: Any, **named: Any) -> QueryResult:
        """Run a query as the endpoint does."""
        try:
            return super().query(*given, **named)
        except QueryTimeout:
            self.counted.sparql_stopped("time")
            raise
        except QueryTooHungry:
            self.counted.sparql_stopped("memory")
            raise
