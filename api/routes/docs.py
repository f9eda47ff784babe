"""``/docs``: the routes in words, for people."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.reference import POLICY, reference_page

router = APIRouter(tags=["about"])


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Show what ``/openapi.json`` says."""
    page = reference_page(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
