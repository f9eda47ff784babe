"""One server from its settings to its end."""

from __future__ import annotations

import logging
import logging.config
import os
import tempfile
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from api import metrics
from api.serving.crew import Plan
from api.serving.listening import address_of, listen
from api.serving.opening import open_newest
from api.serving.supervisor import Ended, Supervisor
from api.settings import ADMIN_TOKEN_VARIABLE, TOKEN_VARIABLE, Secrets, Settings
from api.tokens import Access, read_secret, read_trust

LOG = logging.getLogger("coprescribe.service")


def run(
    settings: Settings, secrets: Secrets, address: tuple[str, int], logs: Mapping[str, Any]
) -> Ended:
    """Serve until a signal or a failure ends it.

    Raises:
        InvalidRequest: A token or the file about callers of CDS Hooks is not accepted.
        OSError: The address cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="coprescribe-") as folder:
        access = _access(secrets, Path(folder))
        listener = listen(*address)
        logging.config.dictConfig(dict(logs))
        counts = Path(folder) / "metrics"
        counts.mkdir()
        metrics.share(counts)
        if access.token is None and not _is_of_this_machine(listener.getsockname()[0]):
            LOG.warning("whoever reaches %s may ask; see docs/serving.md", address_of(listener))
        plan = Plan(
            lambda may_lack: open_newest(settings, access, may_lack=may_lack),
            listener,
            settings.workers,
            begun=metrics.take_place,
            ended=metrics.free_place,
        )
        return Supervisor(plan).run()


def _access(secrets: Secrets, folder: Path) -> Access:
    trust = secrets.cds_trust
    return Access(
        read_secret(secrets.token_file, TOKEN_VARIABLE, os.environ),
        read_secret(secrets.admin_token_file, ADMIN_TOKEN_VARIABLE, os.environ),
        read_trust(trust, folder / "used") if trust else None,
    )


def _is_of_this_machine(host: str) -> bool:
    return ip_address(host).is_loopback
