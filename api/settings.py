"""Where artifacts lie and which of them to open: by option, environment or platform."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from api.errors import InvalidRequest

HOME_VARIABLE = "COPRESCRIBE_HOME"
IN_FLIGHT_VARIABLE = "COPRESCRIBE_MAX_IN_FLIGHT"
ORIGINS_VARIABLE = "COPRESCRIBE_CORS_ORIGINS"
TOKEN_VARIABLE = "COPRESCRIBE_TOKEN"  # noqa: S105
ADMIN_TOKEN_VARIABLE = "COPRESCRIBE_ADMIN_TOKEN"  # noqa: S105
CDS_TRUST_VARIABLE = "COPRESCRIBE_CDS_TRUST"
MAX_IN_FLIGHT = 8
"""Questions that one server process screens at a time; more are told to come back.

They share one interpreter, so that the last of them waits for all: eight of ten drugs each take
half of the tenth of a second in which an answer is to come.
"""
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a door opens: a home, and a graph and a model by name where somebody chose them.

    ``max_in_flight`` is how many questions a server process screens at a time, ``origins`` the
    sites whose pages may read its answers (CORS), ``workers`` how many such processes there are.
    """

    home: Path
    graph_id: str | None = None
    model_id: str | None = None
    max_in_flight: int = MAX_IN_FLIGHT
    origins: tuple[str, ...] = ()
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where the tokens stand that callers bear; what is left out may stand in the environment.

    ``cds_trust`` is the file that says whose signed tokens CDS Hooks accepts.
    """

    token_file: Path | None = None
    admin_token_file: Path | None = None
    cds_trust: Path | None = None


def origins_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Read the sites whose pages may read answers; ``*`` means all.

    Raises:
        InvalidRequest: One is not a scheme and a host, perhaps with a port (RFC 6454).
    """
    found = tuple(dict.fromkeys(texts))
    wrong = next((text for text in found if text != "*" and not _ORIGIN.fullmatch(text)), None)
    if wrong is not None:
        raise InvalidRequest(
            f"the origin {wrong[:100]!r} is not accepted: it is one such as "
            "https://clinic.example, without a path, or *"
        )
    return found


def find_home(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Folder of artifacts: the one given, else ``COPRESCRIBE_HOME``, else the platform's."""
    if given is not None:
        return given
    named = environment.get(HOME_VARIABLE)
    return Path(named) if named else user_data_path("coprescribe", appauthor=False)
