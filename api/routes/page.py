"""``/``: the page, its files, and the words that it needs."""

from __future__ import annotations

import json
from functools import cache

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from api.deps import etag, unless_known
from api.page import FOLDER, page, words

router = APIRouter(tags=["page"])

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
_SAFE = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Nothing from elsewhere is loaded, no script or style stands in the page, nobody frames it.

A picture may be one that the page fetched itself, with its token (``blob:``).
"""
_ASK_AGAIN = {"Cache-Control": "no-cache"}
_KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get(
    "/",
    summary="The page",
    response_class=HTMLResponse,
    responses={200: {"description": "The page, in HTML"}},
)
def show(request: Request) -> Response:
    """Give the page for people; it asks the other routes, and nothing from elsewhere."""
    content = page().html
    headers = {**_SAFE, **_ASK_AGAIN, "ETag": etag(content)}
    response = Response(content, media_type="text/html; charset=utf-8", headers=headers)
    return unless_known(request, response)


@router.get(
    f"/{FOLDER}/words.json",
    summary="The words of the page",
    responses={200: {"description": "Laboratory tests, homes of sources, cited documents"}},
)
def name(request: Request) -> Response:
    """Give what the page names by code: tests by LOINC, sources, documents by their keys."""
    content = _packed_words()
    headers = {**_SAFE, **_ASK_AGAIN, "ETag": etag(content)}
    return unless_known(request, Response(content, media_type="application/json", headers=headers))


@router.get(f"/{FOLDER}/{{release}}/{{file}}", include_in_schema=False)
def load(request: Request, release: str, file: str) -> Response:
    """Give one file of the page; the address names its release, so it may be kept for good."""
    found = page().assets.get(file) if release == page().release else None
    if found is None:
        raise HTTPException(404)
    headers = {**_SAFE, **_KEEP, "ETag": etag(found.content)}
    response = Response(found.content, media_type=found.media_type, headers=headers)
    return unless_known(request, response)


@cache
def _packed_words() -> bytes:
    return json.dumps(words(), ensure_ascii=False, separators=(",", ":")).encode()
