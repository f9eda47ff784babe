"""Ask a server again and again, over connections that stay open, and tell how long each took.

``python -m benchmarks.load PORT FILE --connections 8 --seconds 10 [--rate 100]`` posts the lines of
a file, each a body of ``POST /v1/screen``, one after the other. Without ``--rate`` every connection
asks as soon as it has its answer; with it questions begin at their times, and how long one took
counts from then, also where it waited for a connection. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Tally:
    """Milliseconds of each answer by its status; a connection that broke counts as ``broken``."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, status: str, seconds: float) -> None:
        """Note one answer."""
        self.milliseconds.setdefault(status, []).append(1000 * seconds)

    def told(self, seconds: float) -> dict[str, Any]:
        """Counts and percentiles."""
        by_status = {}
        for status, times in sorted(self.milliseconds.items()):
            times.sort()
            by_status[status] = {
                "count": len(times),
                "per_second": round(len(times) / seconds, 1),
                **{f"p{part}": round(times[len(times) * part // 100], 2) for part in (50, 95, 99)},
                "worst": round(times[-1], 2),
            }
        return by_status


class Asker:
    """One connection, opened again where the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, body: bytes) -> str:
        """Post one question; gives the status of its answer."""
        try:
            return await self._asked(body)
        except (OSError, EOFError, ValueError):
            self._close()
            return "broken"

    async def _asked(self, body: bytes) -> str:
        if self._reader is None or self._writer is None:
            opened = await asyncio.open_connection("127.0.0.1", self._port)
            self._reader, self._writer = opened
        head = (
            "POST /v1/screen HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
        await self._reader.readexactly(int(headers[b"content-length"]))
        if headers.get(b"connection") == b"close":
            self._close()
        return lines[0].split()[1].decode()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def closed(port: int, bodies: Iterator[bytes], connections: int, seconds: float) -> Tally:
    """Every connection asks as soon as it has its answer."""
    tally, end = Tally(), time.perf_counter() + seconds

    async def keep_asking() -> None:
        asker = Asker(port)
        while (began := time.perf_counter()) < end:
            tally.add(await asker.ask(next(bodies)), time.perf_counter() - began)

    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    return tally


async def opened(
    port: int, bodies: Iterator[bytes], connections: int, seconds: float, rate: float
) -> Tally:
    """So many questions begin each second, whatever became of those before."""
    tally, waiting = Tally(), asyncio.Queue[float]()

    async def keep_asking() -> None:
        asker = Asker(port)
        while (due := await waiting.get()) >= 0:
            tally.add(await asker.ask(next(bodies)), time.perf_counter() - due)

    askers = [asyncio.create_task(keep_asking()) for _ in range(connections)]
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.put_nowait(due)
    for _ in askers:
        waiting.put_nowait(-1.0)
    await asyncio.gather(*askers)
    return tally


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, and print what was seen."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float)
    told = parser.parse_args(arguments)
    bodies = itertools.cycle(told.file.read_bytes().splitlines())
    if told.rate:
        asking = opened(told.port, bodies, told.connections, told.seconds, told.rate)
    else:
        asking = closed(told.port, bodies, told.connections, told.seconds)
    began = time.perf_counter()
    tally = asyncio.run(asking)
    sys.stdout.write(json.dumps(tally.told(time.perf_counter() - began)) + "\n")


if __name__ == "__main__":
    main()
