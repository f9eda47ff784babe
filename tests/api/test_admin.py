"""The keeper has the newest graph served, and nobody else does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.state import State
from api.tokens import Access

KEEPER = "a-token-of-the-keeper"
RELOAD = "/admin/reload"
BEARER = {"authorization": f"Bearer {KEEPER}"}


def client_of(state: State, admin_token: str | None) -> TestClient:
    app = create_app(lambda: state, access=Access("a-token-of-the-service", admin_token))
    return TestClient(app, raise_server_exceptions=False)


def test_without_a_token_of_the_keeper_nobody_reloads_and_the_answer_says_how(state: State) -> None:
    response = client_of(state, None).post(RELOAD, headers=BEARER)
    assert response.status_code == 403
    assert "COPRESCRIBE_ADMIN_TOKEN" in response.json()["detail"]
    assert "--admin-token-file" in response.json()["detail"]


@pytest.mark.parametrize("sent", [None, "Bearer a-token-of-the-service", "Basic x", "Bearer "])
def test_another_token_does_not_reload(state: State, sent: str | None) -> None:
    headers = {"authorization": sent} if sent else {}
    response = client_of(state, KEEPER).post(RELOAD, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_server_without_a_supervisor_says_that_it_cannot(state: State) -> None:
    response = client_of(state, KEEPER).post(RELOAD, headers=BEARER)
    assert response.status_code == 503
    assert "start it again" in response.json()["detail"]


@pytest.mark.parametrize(
    ("told", "status"),
    [({"graph": "open-2", "model": None}, 200), ({"sentence": "the artifact is damaged"}, 503)],
)
def test_the_answer_tells_what_is_served_or_why_not(
    state: State, told: Mapping[str, str | None], status: int
) -> None:
    client = client_of(state, KEEPER)

    async def reload() -> Mapping[str, str | None]:
        return told

    client.app.state.reload = reload  # type: ignore[attr-defined]
    response = client.post(RELOAD, headers=BEARER)
    assert response.status_code == status
    if status == 200:
        assert response.json() == told
    else:
        assert "nothing has changed: the artifact is damaged" in response.json()["detail"]


def test_reloading_is_no_reading(state: State) -> None:
    assert client_of(state, KEEPER).get(RELOAD, headers=BEARER).status_code == 405
