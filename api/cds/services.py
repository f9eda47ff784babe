"""The services that a client discovers: what each is for and which data it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from api.cds.call import MEDICATION_PRESCRIBE, ORDER_SELECT, ORDER_SIGN
from api.cds.errors import UnknownService
from api.cds.tables import prefetches

_HOOK_VERSIONS = {ORDER_SELECT: "1.0", ORDER_SIGN: "1.0", MEDICATION_PRESCRIBE: "1.0"}
_TITLES = {
    ORDER_SELECT: "Interactions of the selected order",
    ORDER_SIGN: "Interactions of the orders to be signed",
    MEDICATION_PRESCRIBE: "Interactions of the prescription (for older clients)",
}
_DESCRIPTION = (
    "Cards for what the orders of medicines create or worsen beside the patient's list, genes, "
    "conditions and laboratory values: why, what to do, who says so, what may be given instead; "
    "and what could not be checked."
)
_REQUIREMENTS = (
    "All data come as prefetch: fhirServer is never called. Without any prefetch the answer is "
    "412; a part that is null or an OperationOutcome is named on a card."
)


def discovery() -> dict[str, Any]:
    """The answer of ``GET /cds-services``."""
    prefetch = {part.key: part.query for part in prefetches()}
    return {
        "services": [
            {
                "hook": hook,
                "id": hook,
                "title": _TITLES[hook],
                "description": _DESCRIPTION,
                "prefetch": prefetch,
                "usageRequirements": _REQUIREMENTS,
                "version": version("coprescribe"),
                "hookVersion": hook_version,
            }
            for hook, hook_version in _HOOK_VERSIONS.items()
        ]
    }


def hook_of(service: str) -> str:
    """The hook of a service, which bears its name.

    Raises:
        UnknownService: There is none with this id.
    """
    known: Mapping[str, str] = _HOOK_VERSIONS
    if service not in known:
        raise UnknownService(service, known)
    return service
