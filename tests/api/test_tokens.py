"""Who may ask: the token of the service, the keeper's, and the signed ones of CDS Hooks."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import InvalidRequest
from api.state import State
from api.tokens import Access, CdsTrust, cds_caller, key_sets, read_secret, read_trust
from api.tokens.cds import RefusedToken
from api.tokens.key_sets import KeySet, NoKeys
from api.tokens.replays import Replays

TOKEN = "a-token-of-the-service"  # noqa: S105
ADMIN = "a-token-of-the-keeper"
ISSUER, AUDIENCE = "https://ehr.example", "https://cds.example/cds-services"
EC_KEY, OTHER_KEY = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def key_set() -> dict[str, Any]:
    """The public keys of the issuer."""
    of_ec = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA384)
    of_rsa = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA384)
    keys = [
        {**of_ec.to_jwk(EC_KEY.public_key(), as_dict=True), "kid": "e1"},
        {**of_rsa.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "r1"},
    ]
    return {"keys": keys}


def signed(
    key: Any = EC_KEY, algorithm: str = "ES384", header: dict[str, Any] | None = None, **other: Any
) -> str:
    """A token as the issuer makes it, but for what is said; ``None`` leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 240,
        "jti": str(time.perf_counter_ns()),
    }
    told = {name: value for name, value in {**claims, **other}.items() if value is not None}
    return jwt.encode(told, key, algorithm, headers={"kid": "e1", **(header or {})})


@pytest.fixture
def trust(tmp_path: Path) -> CdsTrust:
    (tmp_path / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    file = tmp_path / "trust.toml"
    file.write_text(
        f'audience = ["{AUDIENCE}"]\n[[issuer]]\niss = "{ISSUER}"\nkeys = "keys.json"\n',
        encoding="utf-8",
    )
    return read_trust(file, tmp_path / "used")


@pytest.fixture(scope="module")
def guarded(state: State) -> Iterator[TestClient]:
    access = Access(TOKEN, ADMIN)
    app = create_app(lambda: state, origins=("https://clinic.example",), access=access)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def asked(trust: CdsTrust | None, token: str | None) -> tuple[int, str]:
    """What a caller of CDS Hooks with a token is told."""

    def provide() -> State:
        raise RuntimeError

    app = create_app(provide, access=Access(TOKEN, cds=trust))
    router = APIRouter(dependencies=[Depends(cds_caller)])
    router.get("/cds-services/probe")(lambda: "in")
    app.include_router(router)
    app.router.routes.insert(0, app.router.routes.pop())
    response = TestClient(app).get("/cds-services/probe", headers=bearer(token) if token else {})
    return response.status_code, response.text


@pytest.mark.parametrize(
    "path",
    ["/v1/sources", "/docs", "/openapi.json", "/metrics", "/nowhere", "/healthy", "/page"],
)
def test_without_the_token_nothing_is_told(guarded: TestClient, path: str) -> None:
    for headers in ({}, bearer("another"), bearer("ä" * 20), {"authorization": TOKEN}):
        response = guarded.get(path, headers={k.encode(): v.encode() for k, v in headers.items()})
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]
        assert TOKEN not in response.text


def test_with_the_token_all_is_as_without_one(guarded: TestClient) -> None:
    assert guarded.get("/v1/sources", headers=bearer(TOKEN)).status_code == 200
    assert guarded.get("/nowhere", headers=bearer(TOKEN)).status_code == 404
    for path in ("/health", "/ready"):
        assert guarded.get(path).status_code == 200


def test_the_page_is_open_and_opens_nothing_else(guarded: TestClient) -> None:
    shown = guarded.get("/")
    assert shown.status_code == 200
    assert TOKEN not in shown.text
    script = re.search(r'"(page/[0-9a-f]+/main\.js)"', shown.text)
    assert script
    for path in (f"/{script[1]}", "/page/words.json"):
        assert guarded.get(path).status_code == 200
    for path in ("/page/..%2fv1%2fsources", "/page/%2e%2e/v1/sources", "/page/x/v1/sources"):
        assert guarded.get(path).status_code in {401, 404}
    assert guarded.post("/").status_code == 405


def test_each_door_refuses_in_its_own_language(guarded: TestClient) -> None:
    assert "error" in guarded.get("/REST/rxcui.json?name=Zocor").json()
    for response in (guarded.post("/fhir/$screen", json={}), guarded.get("/cds-services")):
        assert response.status_code == 401
        assert response.json()["resourceType"] == "OperationOutcome"


def test_a_browser_may_ask_what_it_may_send(guarded: TestClient) -> None:
    asked = {"origin": "https://clinic.example", "access-control-request-method": "POST"}
    allowed = guarded.options(
        "/v1/screen", headers={**asked, "access-control-request-headers": "authorization"}
    )
    assert allowed.status_code == 200


def test_tokens_stand_in_no_printed_object() -> None:
    assert TOKEN not in repr(Access(TOKEN, ADMIN))


@pytest.mark.parametrize(
    "text", ["", "short", "with a blank in the middle", "ümläute-und-mehr-davon"]
)
def test_a_token_that_is_easily_guessed_is_not_accepted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match="at least 16"):
        read_secret(file, "NAME", {})


def test_a_token_comes_from_a_file_else_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert read_secret(file, "NAME", {"NAME": "other-token-than-that"}) == TOKEN
    assert read_secret(None, "NAME", {"NAME": TOKEN}) == TOKEN
    assert read_secret(None, "NAME", {"NAME": ""}) is None
    assert read_secret(None, "NAME", {}) is None
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_secret(tmp_path / "nothing", "NAME", {})


def test_signed_tokens_are_asked_for_only_where_somebody_is_trusted(trust: CdsTrust) -> None:
    assert asked(None, TOKEN) == (200, '"in"')
    assert asked(trust, None)[0] == 401
    assert asked(trust, TOKEN)[0] == 401


def test_a_token_of_a_trusted_issuer_lets_in_once(trust: CdsTrust) -> None:
    for token in (signed(), signed(RSA_KEY, "RS384", {"kid": "r1"})):
        assert asked(trust, token) == (200, '"in"')
        status, told = asked(trust, token)
        assert status == 401
        assert "used before" in told


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: "garbage", "no JWT"),
        (lambda: "a." * 5000, "8192"),
        (lambda: signed("x" * 48, "HS384"), "ES384 or RS384"),
        (lambda: signed(None, "none"), "ES384 or RS384"),
        (lambda: signed(RSA_KEY, "RS256", {"kid": "r1"}), "ES384 or RS384"),
        (lambda: signed(OTHER_KEY), "cannot be verified"),
        (lambda: signed(RSA_KEY, "RS384"), "no such key"),
        (lambda: signed(header={"kid": "e2"}), "no such key"),
        (lambda: signed(iss="https://evil.example"), "issuer"),
        (lambda: signed(iss=None), "issuer"),
        (lambda: signed(aud="https://other.example"), "not meant"),
        (lambda: signed(aud=None), "lacks aud"),
        (lambda: signed(exp=int(time.time()) - 60), "expired"),
        (lambda: signed(exp=int(time.time()) + 900), "300 s"),
        (lambda: signed(exp=None), "lacks exp"),
        (lambda: signed(iat=int(time.time()) + 900), "cannot be verified"),
        (lambda: signed(jti=None), "lacks jti"),
        (lambda: signed(jti="x" * 201), "jti of 1 to 200"),
        (lambda: signed(header={"jku": "https://evil.example/keys"}), "key set"),
    ],
)
def test_another_token_is_refused_with_its_reason(
    trust: CdsTrust, token: Callable[[], str], reason: str
) -> None:
    sent = token()
    with pytest.raises(RefusedToken, match=reason) as refusal:
        trust.issuer_of(sent)
    assert sent not in str(refusal.value)


def test_a_token_used_at_one_worker_is_used_at_all(tmp_path: Path) -> None:
    one, other = Replays(tmp_path), Replays(tmp_path)
    until = int(time.time()) + 100
    assert one.is_new(ISSUER, "a", until)
    assert not other.is_new(ISSUER, "a", until)
    assert other.is_new(ISSUER, "b", until)
    assert other.is_new("https://second.example", "a", until)


def test_tokens_that_expired_are_forgotten(tmp_path: Path) -> None:
    Replays(tmp_path).is_new(ISSUER, "old", int(time.time()) - 1000)
    Replays(tmp_path).is_new(ISSUER, "new", int(time.time()) + 1000)
    assert len(list(tmp_path.iterdir())) == 1


class _Keys(BaseHTTPRequestHandler):
    """Answers with a key set, a redirection or too much."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        content = json.dumps(key_set()) if self.path == "/keys" else " " * 300_000
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_key_set_is_fetched_from_the_one_address_that_was_named() -> None:
    with HTTPServer(("127.0.0.1", 0), _Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_port}"
        keys = KeySet(f"{place}/keys")
        assert [key["kid"] for key in keys.candidates(None)] == ["e1", "r1"]
        for path in ("/moved", "/much"):
            with pytest.raises(NoKeys):
                KeySet(place + path).candidates(None)
        server.shutdown()
    # What is known is believed for a while.
    assert len(keys.candidates("e1")) == 1


def test_a_new_key_is_found_but_not_looked_for_at_every_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"keys": []}', encoding="utf-8")
    keys = KeySet(str(file))
    assert keys.candidates("e1") == []
    file.write_text(json.dumps(key_set()), encoding="utf-8")
    assert keys.candidates("e1") == []
    monkeypatch.setattr(key_sets, "PAUSE_SECONDS", 0.0)
    assert len(keys.candidates("e1")) == 1


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "audience"),
        ('audience = []\n[[issuer]]\niss = "a"\nkeys = "k"', "no file"),
        (f'audience = ["a"]\nissuer = []\nextra = "{ISSUER}"', "extra"),
        (
            'audience = ["a"]\n[[issuer]]\niss = "a"\nkeys = "http://127.0.0.1.evil.example/k"',
            "http",
        ),
        ("no toml", "does not say"),
    ],
)
def test_a_file_about_trust_that_is_wrong_is_told(tmp_path: Path, text: str, quoted: str) -> None:
    file = tmp_path / "trust.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=quoted):
        read_trust(file, tmp_path)
