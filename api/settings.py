"""Where artifacts lie and which of them to open: by option, environment or platform."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

HOME_VARIABLE = "COPRESCRIBE_HOME"
GRAPH_VARIABLE = "COPRESCRIBE_GRAPH"
MODEL_VARIABLE = "COPRESCRIBE_MODEL"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a door opens: a home, and a graph and a model by name where somebody chose them."""

    home: Path
    graph_id: str | None = None
    model_id: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that ``coprescribe serve`` hands to its workers."""
        return cls(
            find_home(None, environment),
            environment.get(GRAPH_VARIABLE) or None,
            environment.get(MODEL_VARIABLE) or None,
        )

    def to_environment(self) -> dict[str, str]:
        """Write the settings as the variables that :meth:`from_environment` reads."""
        return {
            HOME_VARIABLE: str(self.home),
            GRAPH_VARIABLE: self.graph_id or "",
            MODEL_VARIABLE: self.model_id or "",
        }


def find_home(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Folder of artifacts: the one given, else ``COPRESCRIBE_HOME``, else the platform's."""
    if given is not None:
        return given
    named = environment.get(HOME_VARIABLE)
    return Path(named) if named else user_data_path("coprescribe", appauthor=False)
