"""Which findings a prescriber was shown a moment ago, so that signing does not repeat selecting.

What was shown is kept as digests of server, patient, user, finding and severity, made with a random
key that is replaced after a day. All processes of a server share them through the store.

A finding is left out at order-sign when it was shown at order-select to the same user for the same
patient within the last hour, in the same severity. What is contraindicated is shown again, unless
the client asks for no repeats by the option of the HL7 guide; nothing is left out for a client that
asks for repeats, or that asked not to be remembered when it selected.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from api.cds.call import ORDER_SELECT, ORDER_SIGN, Call
from api.cds.feedback import FeedbackStore, StoreUnusable

WINDOW_SECONDS = 3600
KEY_SECONDS = 24 * 3600
LOG = logging.getLogger("coprescribe.service")

Finding = Mapping[str, Any]


def repeated(
    findings: Iterable[Finding], call: Call, store: FeedbackStore, now: float | None = None
) -> frozenset[str]:
    """Give the ids of the findings that need not be shown again; none where nobody knows."""
    if call.hook != ORDER_SIGN or call.options.drop_repeats is False:
        return frozenset()
    at = time.time() if now is None else now
    may_drop_all = call.options.drop_repeats is True
    asked = [f for f in findings if may_drop_all or f["severity"] != "contraindicated"]
    if not asked:
        return frozenset()
    try:
        key = store.key(KEY_SECONDS, at)
        digests = {_digest(key, call, finding): finding["id"] for finding in asked}
        seen = store.remembered(tuple(digests), at - WINDOW_SECONDS)
    except StoreUnusable as error:
        LOG.warning("%s; nothing is held for a repeat", error)
        return frozenset()
    return frozenset(digests[digest] for digest in seen)


def remember(
    findings: Iterable[Finding], call: Call, store: FeedbackStore, now: float | None = None
) -> None:
    """Keep what is being shown at order-select, unless the client asks not to."""
    if call.hook != ORDER_SELECT or call.options.keep_for_sign is False:
        return
    at = time.time() if now is None else now
    try:
        key = store.key(KEY_SECONDS, at)
        store.remember((_digest(key, call, f) for f in findings), at - WINDOW_SECONDS, at)
    except StoreUnusable as error:
        LOG.warning("%s; what is shown now may be shown again", error)


def _digest(key: bytes, call: Call, finding: Finding) -> bytes:
    parts = (call.server, call.patient, call.user, finding["id"], str(finding["severity"]))
    told = "\0".join(parts)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()
