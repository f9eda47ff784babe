"""How long things take: said at ``-v``, and the one long stretch of making objects kept short."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOG = logging.getLogger("coprescribe.timing")
_THRESHOLDS = (50_000, 20, 50)
"""After how many new objects the collector looks at the young, and how seldom at the older.

A long list makes a hundred thousand short-lived ones; looking at all for each is what the slowest
answers waited for.
"""


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Log how many seconds a block took, if it ends well; ``what`` never tells of a patient."""
    started = time.perf_counter()
    yield
    LOG.info("%s in %.2f s", what, time.perf_counter() - started)


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Make what lives as long as the process, without looking through it for garbage.

    A graph is some million objects of which none is garbage; the collector would go through them
    again and again while they are made. Afterwards it leaves them alone.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.set_threshold(*_THRESHOLDS)
            gc.enable()
