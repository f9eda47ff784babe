"""What can be wrong with a call of a service: errors that say what is expected."""

from __future__ import annotations

from collections.abc import Iterable

from api.errors import QuestionError


class UnknownService(QuestionError):
    """No service has an id."""

    status = 404
    title = "There is no such service here"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no service is called {name[:100]!r}; known: {', '.join(sorted(known))}")
        self.name = name


class MalformedCall(QuestionError):
    """A call lacks what its hook requires, or has it in a shape that is not read.

    ``place`` is a path such as ``context.draftOrders``. What stands there is not quoted, for it may
    name a patient.
    """

    status = 400
    title = "The call cannot be read"

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"{place}: {expected}", {"expression": [place]})
        self.place = place


class MissingRecord(QuestionError):
    """Nothing of the patient's record came along, and this service never fetches it."""

    status = 412
    title = "Data of the patient are missing"

    def __init__(self) -> None:
        super().__init__(
            "no prefetch came along (it is absent, or every part of it is null or an "
            "OperationOutcome), so the current medicines are not known and nothing was checked; "
            "send the prefetch that GET /cds-services asks for: this service never calls fhirServer"
        )
