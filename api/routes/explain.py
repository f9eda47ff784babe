"""``GET /v1/explain``: why two drugs are linked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import CurrentInFlight, CurrentState, answered, unless_known
from api.explanations import DISCLAIMER, MOST_REASONS, explanation
from api.state import State

router = APIRouter(prefix="/v1", tags=["explain"])

_CLARITHROMYCIN = {"curie": "RXCUI:21212", "name": "clarithromycin"}
_SIMVASTATIN = {"curie": "RXCUI:36567", "name": "simvastatin"}
_CYP3A4 = {"curie": "HGNC:2637", "name": "CYP3A4"}
_SOURCES = [{"source": "infores:coprescribe", "version": "1"}]


def _example_link(subject: dict[str, str], role: str, strength: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "says": f"{role} ({strength})",
        "role": role,
        "roles_as_stated": [],
        "strength": strength,
        "known_as": "judged",
        "object": _CYP3A4,
        "sources": _SOURCES,
        "edges": ["0123456789abcdef0123"],
    }


_EXAMPLE: dict[str, Any] = {
    "drugs": [
        {"query": "simvastatin", **_SIMVASTATIN},
        {"query": "clarithromycin", **_CLARITHROMYCIN},
    ],
    "stated": [],
    "reasons": [
        {
            "explains": "inhibition",
            "metapath": "drug-enzyme-drug",
            "kind": "enzyme",
            "through": _CYP3A4,
            "drugs": [_CLARITHROMYCIN, _SIMVASTATIN],
            "directed": True,
            "weight": 14.0,
            "dwpc": 0.002,
            "expected": {
                "effect": "HP:0000000",
                "change": ">=5",
                "severity": "major",
                "measured_auc_ratio": None,
                "margin": None,
                "reference": "fda-ddi-guidance-2020",
            },
            "links": [
                [_example_link(_CLARITHROMYCIN, "inhibits", "strong")],
                [_example_link(_SIMVASTATIN, "is handled by", "sensitive")],
            ],
            "sources": _SOURCES,
            "text": "clarithromycin inhibits CYP3A4 (strong), which clears simvastatin (sensitive "
            "substrate): more simvastatin in the body (AUC ratio >=5).",
        }
    ],
    "counts": [
        {
            "explains": "inhibition",
            "from": "RXCUI:21212",
            "to": "RXCUI:36567",
            "directed": True,
            "paths": 1,
            "dwpc": 0.002,
            "permuted": {
                "share_at_least": 0.1,
                "share_with_any": 0.5,
                "times_expected": 3.0,
                "pairs": 4096,
            },
        }
    ],
    "graph": {"id": "open-0123456789ab", "sources": [], "left_out": []},
    "notes": [],
    "disclaimer": DISCLAIMER,
}


@router.get(
    "/explain",
    summary="Explain why two drugs are linked",
    responses={
        200: {
            "description": "Paths of the two drugs, the weightiest first; the figures are made up",
            "content": {"application/json": {"example": _EXAMPLE}},
        }
    },
)
async def explain(
    request: Request,
    state: CurrentState,
    in_flight: CurrentInFlight,
    drugs: Annotated[
        str,
        Query(
            min_length=1,
            max_length=400,
            description="Two names or codes with a comma between them.",
            examples=["simvastatin,clarithromycin"],
        ),
    ],
    top: Annotated[int, Query(ge=1, le=MOST_REASONS, description="Most reasons.")] = 10,
) -> Response:
    """Give ranked paths with roles, strengths and sources, what is stated, and how unusual."""
    with in_flight.one_more():
        found = await run_in_threadpool(_answer, tuple(drugs.split(",")), top, state)
    return unless_known(request, answered(found, state))


def _answer(drugs: tuple[str, ...], top: int, state: State) -> dict[str, Any]:
    return explanation(drugs, top, state).answer
