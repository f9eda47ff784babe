"""Signed tokens of callers of CDS Hooks (JWT), as its section on trust asks for them.

CDS Hooks 2.0, Security and Safety: ES384 or RS384, an issuer and an audience that are known, a
short life, and an id that is accepted once.

The library is imported when a token comes: to load it takes a server that trusts nobody too long.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api.errors import InvalidRequest
from api.tokens.key_sets import KeySet, NoKeys
from api.tokens.replays import Replays

__all__ = ["CdsTrust", "NoKeys", "RefusedToken", "read_trust"]

MOST_SECONDS = 300
"""How far ahead the end of a token's life may be."""
LEEWAY_SECONDS = 10
"""How far two clocks may differ."""
_MOST_CHARACTERS = 8192
_MOST_ID_CHARACTERS = 200
_KEYS = {"ES384": {"kty": "EC", "crv": "P-384"}, "RS384": {"kty": "RSA"}}
"""The algorithms that are accepted, and what their keys are."""
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_REQUIRED = ["iss", "aud", "exp", "iat", "jti"]


class RefusedToken(ValueError):
    """A token is not accepted; says why in words that quote nothing of it."""


@dataclass(frozen=True, slots=True)
class CdsTrust:
    """Whose tokens are accepted, for which names of this service, and which were seen."""

    issuers: Mapping[str, KeySet]
    audience: tuple[str, ...]
    replays: Replays

    def issuer_of(self, token: str) -> str:
        """Check a token; gives who issued it.

        Raises:
            RefusedToken: It is not accepted.
            NoKeys: The keys of its issuer cannot be had.
        """
        header, claims = _unchecked(token)
        issuer = claims.get("iss")
        keys = self.issuers.get(issuer) if isinstance(issuer, str) else None
        if not isinstance(issuer, str) or keys is None:
            raise RefusedToken("the issuer of the token is not accepted here")
        algorithm, place = header.get("alg"), header.get("jku")
        if algorithm not in _KEYS:
            raise RefusedToken(f"the token is not signed by {' or '.join(_KEYS)}")
        if place is not None and place != keys.address:
            raise RefusedToken("the token names a key set that is not accepted here")
        checked = self._checked(token, issuer, algorithm, _fitting(keys, header, algorithm))
        self._accept_once(issuer, checked)
        return issuer

    def _checked(self, token: str, issuer: str, algorithm: str, key: Any) -> Mapping[str, Any]:
        import jwt

        try:
            found: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self.audience,
                issuer=issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.ExpiredSignatureError:
            raise RefusedToken("the token has expired") from None
        except jwt.InvalidAudienceError:
            raise RefusedToken("the token is not meant for this service") from None
        except jwt.MissingRequiredClaimError as error:
            raise RefusedToken(f"the token lacks {error.claim}") from None
        except jwt.PyJWTError:
            raise RefusedToken("the token cannot be verified") from None
        return found

    def _accept_once(self, issuer: str, claims: Mapping[str, Any]) -> None:
        end, name = int(claims["exp"]), claims["jti"]
        if end > time.time() + MOST_SECONDS + LEEWAY_SECONDS:
            raise RefusedToken(f"the token ends more than {MOST_SECONDS} s from now")
        if not isinstance(name, str) or not 0 < len(name) <= _MOST_ID_CHARACTERS:
            raise RefusedToken(f"the token has no jti of 1 to {_MOST_ID_CHARACTERS} characters")
        if not self.replays.is_new(issuer, name, end + LEEWAY_SECONDS):
            raise RefusedToken("the token was used before")


def _unchecked(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as somebody wrote them, to choose the key by."""
    if len(token) > _MOST_CHARACTERS:
        raise RefusedToken(f"the token has more than {_MOST_CHARACTERS} characters")
    import jwt

    try:
        whole = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise RefusedToken("the token is no JWT") from None
    return whole["header"], whole["payload"]


def _fitting(keys: KeySet, header: Mapping[str, Any], algorithm: str) -> Any:
    """The one key that a token may be signed with."""
    import jwt

    kinds = _KEYS[algorithm]
    named = keys.candidates(header.get("kid"))
    fitting = [key for key in named if all(key.get(k) == v for k, v in kinds.items())]
    fitting = [key for key in fitting if key.get("use", "sig") == "sig"]
    if len(fitting) != 1:
        raise RefusedToken("the issuer has no such key, or several that may be meant")
    try:
        return jwt.PyJWK(dict(fitting[0]), algorithm).key
    except jwt.PyJWTError:
        raise RefusedToken("the key of the issuer cannot be used") from None


def read_trust(file: Path, folder: Path) -> CdsTrust:
    """Read whose tokens are accepted; the ids of tokens that were used are kept in a folder.

    Raises:
        InvalidRequest: The file is not as ``docs/serving.md`` describes it.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        audience, rows = told.pop("audience"), told.pop("issuer")
        issuers = {row.pop("iss"): KeySet(_place(row.pop("keys"), file)) for row in rows}
        unknown = [*told, *(name for row in rows for name in row)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"{file} does not say whose tokens are accepted: {type(error).__name__}: {error}"
        ) from error
    texts = isinstance(audience, list) and all(isinstance(each, str) for each in audience)
    if not (texts and audience and issuers) or unknown or len(issuers) < len(rows):
        raise InvalidRequest(
            f"{file} is not accepted: it has audience = [names of this service] and [[issuer]] "
            f"tables, each with iss and keys{', not ' + ', '.join(unknown) if unknown else ''}"
        )
    return CdsTrust(issuers, tuple(audience), Replays(folder))


def _place(text: str, file: Path) -> str:
    parts = urlsplit(text)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return text
    if "://" in text:
        raise ValueError(f"keys {text[:100]!r} is neither an https address nor a file")
    place = file.parent / text
    if not place.is_file():
        raise ValueError(f"there is no file {place}")
    return str(place)
