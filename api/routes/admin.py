"""``POST /admin/reload``: serve the newest graph without a pause."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.problems import NoReload
from api.tokens import admin

router = APIRouter(prefix="/admin", tags=["admin"])


@router.post("/reload", summary="Serve the newest graph and model", dependencies=[Depends(admin)])
async def reload(request: Request) -> JSONResponse:
    """Open the newest graph and model, and answer once they serve; no request is dropped.

    What fails leaves the graph before it serving, and is told with 503.
    """
    wish = getattr(request.app.state, "reload", None)
    if wish is None:
        raise NoReload("this server was not started by coprescribe serve: start it again instead")
    found: dict[str, Any] = await wish()
    if "sentence" in found:
        raise NoReload(f"nothing has changed: {found['sentence']}")
    return JSONResponse({"graph": found["graph"], "model": found["model"]})
