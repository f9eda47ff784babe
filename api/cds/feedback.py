"""What became of cards: kept in SQLite, without a word about the patient.

One file beside the graphs holds which finding was shown when and by which hook, and what its reader
did. Of patient, user and order it holds a digest alone, with a random key that is thrown away with
the digests (:mod:`api.cds.repeats` says what it is for).

What is older than some days is deleted, a few cards at a time while others are written.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from pathlib import Path

from api.cds.feedback_rows import Judged, Row, Shown, StoreUnusable
from api.errors import InvalidRequest

__all__ = ["FeedbackStore", "Judged", "Row", "Shown", "StoreUnusable", "feedback_in"]

FILE = "feedback.sqlite"
FILE_VARIABLE = "COPRESCRIBE_FEEDBACK"
"""File of feedback; else ``feedback.sqlite`` in the home."""
DAYS_VARIABLE = "COPRESCRIBE_FEEDBACK_DAYS"
DAYS_KEPT = 90
"""So long a card and its end are kept where nobody says otherwise.

Our own choice: a quarter of a year shows whether a kind of card is noise, and no file grows on.
"""
MOST_DAYS = 36_500
_MOST_DIGITS = 10
FORGOTTEN_AT_ONCE = 20
"""Most old cards that one call deletes: a few milliseconds, in a file of 200,000 cards."""
FORGET_SECONDS = 3600.0
"""So often a process looks for old cards; two seconds later where it left some."""
_SOON_SECONDS = 2.0
_DAY_SECONDS = 24 * 3600.0
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
CREATE INDEX IF NOT EXISTS shown_by_age ON shown (shown_at);
CREATE INDEX IF NOT EXISTS suggested_by_card ON suggested (card);
"""
_COUNTS = """
SELECT shown.kind, shown.severity, shown.finding, shown.hook, shown.indicator,
       judged.outcome, judged.reason, judged.deeds
FROM shown LEFT JOIN judged ON judged.card = shown.card
"""


class FeedbackStore:
    """The file of feedback, opened when it is first needed; each process opens its own."""

    def __init__(self, path: Path, days_kept: int = DAYS_KEPT) -> None:
        self.path = path
        self.days_kept = days_kept
        self._next_forgetting = 0.0
        self._lock = threading.Lock()
        self._opened: tuple[int, sqlite3.Connection] | None = None

    def keep(
        self,
        shown: Sequence[Shown],
        suggested: Mapping[str, tuple[str, str]],
        now: float | None = None,
    ) -> None:
        """Write which cards are being shown; ``suggested`` leads to the card and the deed.

        Once in a while it also deletes some cards that are too old, with what became of them.

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
            self._forget(connection, time.time() if now is None else now)

    def _forget(self, connection: sqlite3.Connection, at: float) -> None:
        """Delete the oldest of the cards that are too old, if it is time to look for them."""
        if at < self._next_forgetting:
            return
        found = connection.execute(
            "SELECT card FROM shown WHERE shown_at < ? ORDER BY shown_at LIMIT ?",
            (at - self.days_kept * _DAY_SECONDS, FORGOTTEN_AT_ONCE),
        ).fetchall()
        for table in ("suggested", "judged", "shown"):
            connection.executemany(f"DELETE FROM {table} WHERE card = ?", found)  # noqa: S608
        left_some = len(found) == FORGOTTEN_AT_ONCE
        self._next_forgetting = at + (_SOON_SECONDS if left_some else FORGET_SECONDS)

    def judge(self, judgements: Iterable[Judged]) -> tuple[str, ...]:
        """Write what was done with cards; gives those that are not known, which are not kept.

        They were never shown, or so long ago that they are deleted. A later judgement of a card
        takes the place of an earlier one.

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
            found = _key_since(connection, at - lifetime_seconds)
            if found is None:
                # Another process may have made one meanwhile, or be about to: one at a time.
                connection.execute("BEGIN IMMEDIATE")
                found = _key_since(connection, at - lifetime_seconds)
            if found is not None:
                return found
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
        """Close the file, if this process opened it; the last to do so leaves one file alone.

        It is opened anew where it is needed again.
        """
        with self._lock:
            self._let_go()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Use the file in one transaction, one thread at a time."""
        with self._lock:
            try:
                with self._connection() as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                raise StoreUnusable(type(error).__name__) from error

    def _let_go(self) -> None:
        """Close the connection; one that was opened before a fork is another process's."""
        opened, self._opened = self._opened, None
        if opened and opened[0] == os.getpid():
            with suppress(sqlite3.Error):
                opened[1].close()

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), _open(self.path))
        return self._opened[1]


def feedback_in(home: Path, environment: Mapping[str, str] = os.environ) -> FeedbackStore:
    """The store of feedback of a home, as the environment says where and how long.

    Raises:
        InvalidRequest: The number of days is not a whole one from 1 to 36,500.
    """
    told = environment.get(DAYS_VARIABLE) or str(DAYS_KEPT)
    days = int(told) if told.isascii() and told.isdigit() and len(told) < _MOST_DIGITS else 0
    if not 1 <= days <= MOST_DAYS:
        raise InvalidRequest(
            f"{DAYS_VARIABLE} is {told[:50]!r}; a whole number of days from 1 to {MOST_DAYS} is "
            "expected"
        )
    return FeedbackStore(home / (environment.get(FILE_VARIABLE) or FILE), days)


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


def _key_since(connection: sqlite3.Connection, since: float) -> bytes | None:
    found = connection.execute(
        "SELECT key FROM keys WHERE made_at > ? ORDER BY made_at DESC", (since,)
    ).fetchone()
    return bytes(found[0]) if found else None


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
