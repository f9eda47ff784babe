"""Builds that are killed: for each line `SECONDS` on standard input, one build and one kill -9.

Everything is imported once; each build is a fork, so that most of its life is building. It says
`killed` or `done`, with the seconds that the build lived.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from kg.build import BuildRequest, build
from kg.recipe import load_recipe


def life(request: BuildRequest, seconds: float) -> str:
    """Build in a process of its own for so many seconds at most; tell how it ended."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        build(request, lambda _: None)
        os._exit(0)
    while time.monotonic() - started < seconds:
        if os.waitpid(child, os.WNOHANG)[0]:
            return f"done {time.monotonic() - started}"
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return f"killed {time.monotonic() - started}"


if __name__ == "__main__":
    asked = BuildRequest(load_recipe(sys.argv[2]), Path(sys.argv[1]), force=True)
    for line in sys.stdin:
        sys.stdout.write(life(asked, float(line)) + "\n")
        sys.stdout.flush()
