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
GRAPH_VARIABLE = "COPRESCRIBE_GRAPH"
MODEL_VARIABLE = "COPRESCRIBE_MODEL"
IN_FLIGHT_VARIABLE = "COPRESCRIBE_MAX_IN_FLIGHT"
ORIGINS_VARIABLE = "COPRESCRIBE_CORS_ORIGINS"
MAX_IN_FLIGHT = 32
"""Questions that one server process screens at a time; more are told to come back."""
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a door opens: a home, and a graph and a model by name where somebody chose them.

    ``max_in_flight`` is how many questions a server process screens at a time, ``origins`` the
    sites whose pages may read its answers (CORS).
    """

    home: Path
    graph_id: str | None = None
    model_id: str | None = None
    max_in_flight: int = MAX_IN_FLIGHT
    origins: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that ``coprescribe serve`` hands to its workers.

        Raises:
            InvalidRequest: ``COPRESCRIBE_MAX_IN_FLIGHT`` is not a whole number from 1, or a part of
                ``COPRESCRIBE_CORS_ORIGINS`` is no origin.
        """
        return cls(
            find_home(None, environment),
            environment.get(GRAPH_VARIABLE) or None,
            environment.get(MODEL_VARIABLE) or None,
            _in_flight(environment.get(IN_FLIGHT_VARIABLE) or str(MAX_IN_FLIGHT)),
            origins_of(environment.get(ORIGINS_VARIABLE, "").split()),
        )

    def to_environment(self) -> dict[str, str]:
        """Write the settings as the variables that :meth:`from_environment` reads."""
        return {
            HOME_VARIABLE: str(self.home),
            GRAPH_VARIABLE: self.graph_id or "",
            MODEL_VARIABLE: self.model_id or "",
            IN_FLIGHT_VARIABLE: str(self.max_in_flight),
            ORIGINS_VARIABLE: " ".join(self.origins),
        }


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


def _in_flight(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise InvalidRequest(
            f"{IN_FLIGHT_VARIABLE} {text[:40]!r} is not accepted: it is a whole number from 1"
        )
    return int(text)
