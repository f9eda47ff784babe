"""A server whose graph is a file with a name in it: run as a process by the tests of serving.

``python toy_server.py FOLDER WORKERS`` serves the name that stands in ``FOLDER/graph``; a name that
begins with ``bad`` cannot be opened, ``crash`` kills who opens it, and workers over ``frail`` end.
"""

from __future__ import annotations

import asyncio
import errno
import logging.config
import os
import signal
import sys
from pathlib import Path

from fastapi import FastAPI

from api.log import log_config
from api.problems import answer_errors
from api.routes import admin
from api.serving.crew import Plan, Served
from api.serving.listening import listen
from api.serving.supervisor import Supervisor
from api.tokens import Access

SECRET = "0123456789abcdef"  # noqa: S105


def open_newest(folder: Path, *, may_lack: bool) -> Served:
    """Open the name that stands in the folder now."""
    del may_lack
    name = (folder / "graph").read_text(encoding="utf-8")
    if name.startswith("bad"):
        raise FileNotFoundError(errno.ENOENT, "", "edges.parquet")
    if name == "crash":
        os.kill(os.getpid(), signal.SIGBUS)
    app = FastAPI()
    app.state.access = Access(admin_token=SECRET)
    answer_errors(app)
    app.include_router(admin.router)

    @app.get("/graph")
    async def graph(seconds: float = 0.0) -> dict[str, str | int]:
        if name == "frail":
            os._exit(7)
        await asyncio.sleep(seconds)
        return {"graph": name, "pid": os.getpid(), "crew": os.getppid()}

    return Served(app, name, None)


def main() -> int:
    """Serve until a signal comes; the exit code is the one of the server."""
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    listener = listen("127.0.0.1", 0)
    logging.config.dictConfig(log_config(verbose=0, quiet=False))
    written = folder / "port.new"
    written.write_text(str(listener.getsockname()[1]), encoding="utf-8")
    written.rename(folder / "port")
    plan = Plan(lambda may_lack: open_newest(folder, may_lack=may_lack), listener, workers)
    ended = Supervisor(plan).run()
    if ended.sentence:
        sys.stderr.write(f"{ended.sentence}\n")
    return ended.exit_code


if __name__ == "__main__":
    sys.exit(main())
