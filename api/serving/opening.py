"""What a crew opens: the newest graph and model, and the application over them."""

from __future__ import annotations

import logging

from api.app import SPARQL_WORKERS, create_app
from api.failures import sentence
from api.serving.crew import Served
from api.settings import Settings
from api.state import State, open_state
from api.tokens import Access
from kg.artifact import MissingGraph

LOG = logging.getLogger("coprescribe.service")


def open_newest(settings: Settings, access: Access, *, may_lack: bool) -> Served:
    """Open the graph and the model that the settings name, else the newest that fit.

    Args:
        settings: Where to look, and what was named.
        access: What callers must bear.
        may_lack: Serve also without a graph, unless one was named; every question is then answered
            with 503.

    Raises:
        MissingGraph, DamagedArtifact, DamagedTable: There is no such graph, or it is damaged.
        MissingModel, DamagedBundle: A model that was named is not there, or is damaged.
    """
    state: State | None
    try:
        state = open_state(settings.home, settings.graph_id, settings.model_id)
    except MissingGraph as error:
        if settings.graph_id is not None or not may_lack:
            raise
        LOG.warning("%s", sentence(error))
        state = None

    def provide() -> State:
        if state is None:
            raise MissingGraph(settings.home, None, ())
        return state

    app = create_app(
        provide,
        settings.max_in_flight,
        settings.origins,
        access=access,
        sparql_workers=SPARQL_WORKERS if settings.workers == 1 else 1,
    )
    model = state.bundle.id if state and state.bundle else None
    return Served(app, state.graph.id if state else None, model)
