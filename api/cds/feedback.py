"""What became of cards: kept in SQLite, without a word about the patient.

One file beside the graphs holds which finding was shown when and by which hook, and what its reader
did. Of patient, user and order it holds a digest alone, with a random key that is thrown away with
the digests (:mod:`api.cds.repeats` says what it is for).
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

FILE = "feedback.sqlite"
WAIT_SECONDS = 0.1
"""How long a card waits for another process that writes; it is answered without being kept then."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS shown (
    card TEXT PRIMARY KEY, finding TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
    indicator TEXT NOT NULL, hook TEXT NOT NULL, graph TEXT NOT NULL, shown_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS suggested (
    suggestion TEXT PRIMARY KEY, card TEXT NOT NULL, deed TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judged (
    card TEXT PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL, deeds TEXT NOT NULL,
    comment_length INTEGER NOT NULL, judged_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    digest BLOB PRIMARY KEY, shown_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (
    key BLOB PRIMARY KEY, made_at REAL NOT NULL
) WITHOUT ROWID;
"""
_COUNTS = """
SELECT shown.kind, shown.severity, shown.finding, shown.hook, shown.indicator,
       judged.outcome, judged.reason, judged.deeds
FROM shown LEFT JOIN judged ON judged.card = shown.card
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One card that was shown: the finding, not the patient. Times are seconds of the epoch."""

    card: str
    finding: str
    kind: str
    severity: str
    indicator: str
    hook: str
    graph: str
    shown_at: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reader did with a card; of a comment, which may name a patient, the length alone."""

    card: str
    outcome: str
    reason: str
    suggestions: tuple[str, ...]
    comment_length: int
    judged_at: str


@dataclass(frozen=True, slots=True)
class Row:
    """One card that was shown with what became of it; empty text where nothing is known."""

    kind: str
    severity: str
    finding: str
    hook: str
    indicator: str
    outcome: str
    reason: str
    deeds: tuple[str, ...]


class StoreUnusable(OSError):
    """The file of feedback cannot be read or written; a card is answered all the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store of feedback cannot be used ({reason})")


class FeedbackStore:
    """The file of feedback, opened when it is first needed; each process opens its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._opened: tuple[int, sqlite3.Connection] | None = None

    def keep(self, shown: Sequence[Shown], suggested: Mapping[str, tuple[str, str]]) -> None:
        """Write which cards are being shown; ``suggested`` leads to the card and the deed.

        Raises:
            StoreUnusable: The file cannot be written, or another process holds it.
        """
        if not shown:
            return
        with self._using() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, shown)
            )
            rows = ((key, card, deed) for key, (card, deed) in suggested.items())
            connection.executemany("INSERT OR REPLACE INTO suggested VALUES (?, ?, ?)", rows)

    def judge(self, judgements: Iterable[Judged]) -> tuple[str, ...]:
        """Write what was done with cards; gives those that were never shown, which are not kept.

        A later judgement of a card takes the place of an earlier one.

        Raises:
            StoreUnusable: The file cannot be written.
        """
        unknown = []
        with self._using() as connection:
            for judged in judgements:
                if not connection.execute(
                    "SELECT 1 FROM shown WHERE card = ?", (judged.card,)
                ).fetchone():
                    unknown.append(judged.card)
                    continue
                deeds = _deeds(connection, judged)
                connection.execute(
                    "INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        judged.card,
                        judged.outcome,
                        judged.reason,
                        "|".join(deeds),
                        judged.comment_length,
                        judged.judged_at,
                    ),
                )
        return tuple(unknown)

    def rows(self) -> tuple[Row, ...]:
        """Give every card that was shown with what became of it.

        Raises:
            StoreUnusable: The file cannot be read.
        """
        if not self.path.exists():
            return ()
        with self._using() as connection:
            found = connection.execute(_COUNTS).fetchall()
        return tuple(Row(*_texts(row[:7]), deeds=_parts(row[7])) for row in found)

    def key(self, lifetime_seconds: float, now: float | None = None) -> bytes:
        """Give the key of the digests; one that is too old is replaced, and its digests go.

        Raises:
            StoreUnusable: The file cannot be read or written.
        """
        at = time.time() if now is None else now
        with self._using() as connection:
            found = connection.execute(
                "SELECT key FROM keys WHERE made_at > ? ORDER BY made_at DESC",
                (at - lifetime_seconds,),
            ).fetchone()
            if found:
                return bytes(found[0])
            connection.execute("DELETE FROM seen")
            connection.execute("DELETE FROM keys")
            made = os.urandom(32)
            connection.execute("INSERT INTO keys VALUES (?, ?)", (made, at))
            return made

    def remember(self, digests: Iterable[bytes], before: float, now: float | None = None) -> None:
        """Write digests of what was shown; those from ``before`` that time are thrown away.

        Raises:
            StoreUnusable: The file cannot be written.
        """
        at = time.time() if now is None else now
        with self._using() as connection:
            connection.execute("DELETE FROM seen WHERE shown_at < ?", (before,))
            rows = ((digest, at) for digest in digests)
            connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)

    def remembered(self, digests: Sequence[bytes], since: float) -> frozenset[bytes]:
        """Give those of some digests that were written since a time.

        Raises:
            StoreUnusable: The file cannot be read.
        """
        with self._using() as connection:
            found = (
                connection.execute(
                    "SELECT digest FROM seen WHERE digest = ? AND shown_at >= ?", (digest, since)
                ).fetchone()
                for digest in digests
            )
            return frozenset(bytes(row[0]) for row in found if row)

    def close(self) -> None:
        """Close the file, if this process opened it."""
        with self._lock:
            if self._opened and self._opened[0] == os.getpid():
                self._opened[1].close()
            self._opened = None

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Use the file in one transaction, one thread at a time."""
        with self._lock:
            try:
                with self._connection() as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                self._opened = None
                raise StoreUnusable(type(error).__name__) from error

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), _open(self.path))
        return self._opened[1]


def _open(path: Path) -> sqlite3.Connection:
    """Open the file for its owner alone; it is made where it is not there."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.executescript(_SCHEMA)
    return connection


def _deeds(connection: sqlite3.Connection, judged: Judged) -> list[str]:
    """What the suggestions that were taken do, each once; only those of the card count."""
    found = (
        connection.execute(
            "SELECT deed FROM suggested WHERE suggestion = ? AND card = ?", (each, judged.card)
        ).fetchone()
        for each in judged.suggestions
    )
    return sorted({row[0] for row in found if row})


def _texts(values: Sequence[str | None]) -> tuple[str, str, str, str, str, str, str]:
    kind, severity, finding, hook, indicator, outcome, reason = (value or "" for value in values)
    return kind, severity, finding, hook, indicator, outcome, reason


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split("|") if part)
