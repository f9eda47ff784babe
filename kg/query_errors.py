"""Why a query gets no answer: refused for what it is, stopped for what it takes, or not begun."""

from __future__ import annotations

from collections.abc import Iterable

MAX_QUERY_BYTES = 8 * 1024


class QueryRefused(ValueError):
    """A query is not run because of what it is; each kind below says what to change."""


class ForbiddenQuery(QueryRefused):
    """A query would write, or reach beyond the store."""

    def __init__(self, form: str) -> None:
        super().__init__(
            f"{form} is not allowed here; a query may SELECT, ASK, CONSTRUCT, DESCRIBE"
        )
        self.form = form


class UnknownGraph(QueryRefused):
    """A query is to see a graph that the store has not, and would find nothing said in it."""

    def __init__(self, graph: str) -> None:
        super().__init__(
            f"there is no graph <{graph}> in this store; to list them, ask: "
            "SELECT ?graph { coprescribe:dataset void:subset ?graph }"
        )
        self.graph = graph


class MalformedQuery(QueryRefused):
    """A query is not SPARQL; line and column count from 1."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line, self.column, self.reason = line, column, reason


class QueryTooLong(QueryRefused):
    """A query has more text than is read."""

    def __init__(self, n_bytes: int) -> None:
        super().__init__(f"the query has {n_bytes} bytes; at most {MAX_QUERY_BYTES} are read")
        self.n_bytes = n_bytes


class UnsuitableFormat(QueryRefused):
    """A result cannot be written in the format asked for."""

    def __init__(self, form: str, asked: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(f"{form} does not answer in {asked!r}; it can in: {', '.join(known)}")
        self.form, self.asked, self.known = form, asked, known


class UnknownFunction(QueryRefused):
    """A query calls a function by an IRI that means none here."""

    def __init__(self, function: str) -> None:
        super().__init__(f"{function} is no function that is known here")
        self.function = function


class QueryTimeout(TimeoutError):
    """A query took longer than it may and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the query was stopped after {seconds:g} seconds; name what is known first and put "
            "OPTIONAL last, or ask for less"
        )
        self.seconds = seconds


class QueryTooHungry(MemoryError):
    """A query brought its worker down, nearly always by asking for more memory than it may."""

    def __init__(self, memory_mb: int) -> None:
        super().__init__(f"the query needed more than {memory_mb} MB of memory; ask for less")
        self.memory_mb = memory_mb


class EndpointBusy(RuntimeError):
    """No worker came free in time; the query was not run and may be sent again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"every query worker was taken for {seconds:g} seconds; try again")
        self.seconds = seconds
