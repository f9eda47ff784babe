"""``/REST/…``: the addresses of the RxNav interaction service that ended in January 2024."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.deps import (
    CurrentInFlight,
    CurrentLongInFlight,
    CurrentState,
    answered,
    unless_known,
)
from api.errors import InvalidRequest
from api.metrics import one_question
from api.rxnav.interactions import MOST_RXCUIS, Interactions, list_interactions, rxcuis_of
from api.rxnav.names import MOST_ENTRIES, approximate, ids_of_name, products, properties
from api.rxnav.single import Singles
from api.state import State

Text = Annotated[str, Query(min_length=1, max_length=200, examples=["Zocor"])]
Names = Annotated[str | None, Query(max_length=200, description="Read, and not obeyed.")]
_FORMS = ("", ".xml")
_NO_CHOICE = (
    "The parameter sources was read and not obeyed: all sources answer, and sourceName tells whose "
    "each group is."
)


class OnlyJson(InvalidRequest):
    """The answer is asked for as XML, which the old service also gave."""

    status = 406
    title = "Answers are given as JSON alone"


router = APIRouter(prefix="/REST", tags=["rxnav"])
_singles = Singles()


async def json_is_asked(request: Request) -> None:
    """Refuse an address without ``.json``, unless Accept asks for JSON.

    Raises:
        OnlyJson: XML is what the old service gave at this address.
    """
    path = request.url.path
    accepts_json = "json" in request.headers.get("accept", "").lower()
    if path.endswith(".json") or (accepts_json and not path.endswith(".xml")):
        return
    bare = path.removesuffix(".xml")
    raise OnlyJson(f"{path[:100]!r} would be answered as XML, which is not given; ask {bare}.json")


def _at(path: str, summary: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a route under its JSON address and, to answer or refuse, under the others."""

    def registered(answer_of: Callable[..., Any]) -> Callable[..., Any]:
        asked = [Depends(json_is_asked)]
        router.get(f"{path}.json", summary=summary)(answer_of)
        for form in _FORMS:
            router.get(f"{path}{form}", include_in_schema=False, dependencies=asked)(answer_of)
        return answer_of

    return registered


@_at("/interaction/list", "The interactions within a list of RxCUIs")
async def interaction_list(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    rxcuis: Annotated[
        list[str],
        Query(
            max_length=MOST_RXCUIS,
            description=f"At most {MOST_RXCUIS}, with +, blanks or commas between them.",
            examples=["36567+21212+11289"],
        ),
    ],
    sources: Names = None,
) -> Response:
    """Give the pairs of a list of which a source says something, and those not checked."""
    asked = rxcuis_of(rxcuis)
    found = await in_flight.run(list_interactions, asked, state)
    return _answered(request, found, state, sources)


@_at("/interaction/interaction", "All interactions of one RxCUI")
async def interaction(
    request: Request,
    state: CurrentState,
    in_flight: CurrentLongInFlight,
    rxcui: Annotated[list[str], Query(max_length=MOST_RXCUIS, examples=["21212"])],
    sources: Names = None,
) -> Response:
    """Give the pairs of one drug with every other that a source knows; it takes seconds."""
    (asked,) = rxcuis_of(rxcui, most=1)
    with one_question():
        found = await in_flight.run(_singles.interactions, asked, state)
    return _answered(request, found, state, sources)


@_at("/rxcui", "The RxCUI of a name")
def rxcui_of(
    request: Request,
    state: CurrentState,
    name: Text,
    search: Annotated[int, Query(ge=0, le=9, description="0 exact; 1, 2 salts; 9 slips.")] = 0,
) -> Response:
    """Give the RxCUI of the one drug that a name means, else what the name may mean."""
    return unless_known(request, answered(ids_of_name(name, search, state), state))


@_at("/approximateTerm", "What a text may mean")
def approximate_term(
    request: Request,
    state: CurrentState,
    term: Text,
    most: Annotated[int, Query(alias="maxEntries", ge=1, le=MOST_ENTRIES)] = 20,
) -> Response:
    """Give RxCUIs whose names resemble a text, the likeliest first."""
    return unless_known(request, answered(approximate(term, most, state), state))


@_at("/rxcui/{rxcui}/properties", "The name of an RxCUI")
def properties_of(
    request: Request,
    state: CurrentState,
    rxcui: Annotated[str, Path(max_length=20, examples=["36567"])],
) -> Response:
    """Give the name of an RxCUI; an empty object for one that is not known."""
    (asked,) = rxcuis_of([rxcui], most=1)
    return unless_known(request, answered(properties(asked, state), state))


@_at("/drugs", "The medicines of a name")
def drugs(request: Request, state: CurrentState, name: Text) -> Response:
    """Give the drug that a name means, and what the graph says holds it."""
    return unless_known(request, answered(products(name, state), state))


def _answered(request: Request, found: Interactions, state: State, sources: str | None) -> Response:
    value = found.value
    if sources:
        aside = value["coprescribe"]
        value = {**value, "coprescribe": {**aside, "notes": [*aside["notes"], _NO_CHOICE]}}
    headers = {"X-Not-Checked": ",".join(found.not_checked)} if found.not_checked else None
    return unless_known(request, answered(value, state, headers))
