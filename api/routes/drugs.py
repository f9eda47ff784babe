"""``GET /v1/drugs``: what a written name means, and what the graph knows of one drug."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.completion import completed
from api.convert import resolution_json
from api.deps import CurrentState, answered, unless_known
from api.errors import UnknownDrug
from ontologies.curie import Curie, default_prefixes
from ontologies.vocabulary import Predicate

router = APIRouter(prefix="/v1/drugs", tags=["drugs"])


@router.get("", summary="Look up a drug name")
def find(
    request: Request,
    state: CurrentState,
    q: Annotated[
        str,
        Query(min_length=1, max_length=200, description="A name or a code.", examples=["Zocor"]),
    ],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    *,
    complete: Annotated[
        bool,
        Query(
            description="Whether `q` is still being typed: names that begin so come first, those "
            "of drugs of which most pairs are stated before others."
        ),
    ] = False,
) -> Response:
    """Give the drug that a name, brand or code means, and everything else that it may mean."""
    found = completed(q, limit, state) if complete else state.lexicon.lookup(q, limit)
    return unless_known(request, answered(resolution_json(found), state))


@router.get("/{curie}", summary="Describe one drug")
def describe(
    request: Request,
    state: CurrentState,
    curie: Annotated[
        str, Path(max_length=200, description="Any of its codes.", examples=["RXCUI:36567"])
    ],
) -> Response:
    """Give the names, codes and classes of a drug; any of its codes will do."""
    standard = default_prefixes().standard(curie)
    known = state.lexicon.lookup(str(standard)).candidate
    if known is None:
        raise UnknownDrug(str(standard))
    node = state.graph.node(Curie.parse(known.curie))
    classes = state.graph.edges_from(node.curie, Predicate.SUBCLASS_OF)
    value = {
        "curie": str(node.curie),
        "name": node.name,
        "synonyms": list(node.synonyms),
        "equivalents": [str(other) for other in node.equivalents],
        "classes": [
            {"curie": str(edge.object), "name": state.graph.name(edge.object)} for edge in classes
        ],
        "covered": state.graph.covers(node.curie),
    }
    return unless_known(request, answered(value, state))
