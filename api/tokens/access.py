"""The gate before the routes, and what single routes ask of a caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from api.middleware.request_ids import REQUEST_ID, request_id
from api.problems import ProblemResponse
from api.settings import ADMIN_TOKEN_VARIABLE
from api.tokens.cds import CdsTrust, NoKeys, RefusedToken
from api.tokens.secrets import bearer_of, is_same

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS = frozenset({"/", "/health", "/ready"})
"""The page, which holds no data and asks for the token itself, and what watches the service."""
PAGE_PREFIX = "/page/"
"""The files of the page and its words, the same for everybody."""
ADMIN_PREFIX = "/admin/"
CDS_PATH = "/cds-services"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="coprescribe"'}
_WRONG = {"WWW-Authenticate": 'Bearer realm="coprescribe", error="invalid_token"'}


@dataclass(frozen=True, slots=True)
class Access:
    """What callers must bear; nothing is asked for what is left out, and no reload is done."""

    token: str | None = field(default=None, repr=False)
    admin_token: str | None = field(default=None, repr=False)
    cds: CdsTrust | None = None

    def is_open(self, path: str) -> bool:
        """Whether a path needs no token, or is guarded in another way."""
        if self.token is None or path in OPEN_PATHS:
            return True
        if path.startswith((ADMIN_PREFIX, PAGE_PREFIX)):
            return True
        of_cds = path == CDS_PATH or path.startswith(f"{CDS_PATH}/")
        return of_cds and self.cds is not None


class TokenGate:
    """ASGI middleware: without the token of the service a request goes no further."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that may be answered, and refuse any other with 401."""
        if scope["type"] != "http" or self._access.is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        sent = bearer_of(Headers(scope=scope).get("authorization", ""))
        if sent and is_same(sent, self._access.token or ""):
            await self._app(scope, receive, send)
            return
        found = request_id(scope)
        detail = "the token is not the one of this service" if sent else _ASKED
        members = {
            "type": "about:blank",
            "title": HTTPStatus.UNAUTHORIZED.phrase,
            "status": 401,
            "detail": detail,
            "request_id": found,
        }
        headers = {**(_WRONG if sent else _CHALLENGE), REQUEST_ID: found}
        await ProblemResponse(members, 401, headers)(scope, receive, send)


_ASKED = "this service asks for a token: send Authorization: Bearer TOKEN"


async def admin(request: Request) -> None:
    """Let only the keeper of the service pass.

    Raises:
        HTTPException: 403, the service was started without a token for it; 401, the token that was
            sent is another, or none was sent.
    """
    access: Access = request.app.state.access
    if access.admin_token is None:
        detail = (
            f"nobody may do this here: whoever runs the service sets {ADMIN_TOKEN_VARIABLE}, or "
            "starts it with --admin-token-file FILE"
        )
        raise HTTPException(HTTPStatus.FORBIDDEN, detail)
    sent = bearer_of(request.headers.get("authorization", ""))
    if not sent:
        detail = "this asks for the keeper's token: send Authorization: Bearer TOKEN"
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, _CHALLENGE)
    if not is_same(sent, access.admin_token):
        detail = "the token is not the keeper's"
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, _WRONG)


async def cds_caller(request: Request) -> str | None:
    """The issuer of the token that a caller of CDS Hooks bears; ``None`` where none is asked for.

    Raises:
        HTTPException: 401, the token is missing or not accepted; 503, the keys of its issuer cannot
            be had.
    """
    access: Access = request.app.state.access
    if access.cds is None:
        return None
    sent = bearer_of(request.headers.get("authorization", ""))
    if not sent:
        detail = "this service asks for a signed token: send Authorization: Bearer JWT"
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, _CHALLENGE)
    try:
        return await run_in_threadpool(access.cds.issuer_of, sent)
    except RefusedToken as refusal:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, str(refusal), _WRONG) from None
    except NoKeys as error:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
