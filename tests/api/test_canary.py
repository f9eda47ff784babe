"""A patient whose every word is one that nobody else says goes through every door: no log has it.

Nor has a metric, an answer to somebody else, a file of the home or a temporary one.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from api.fhir.errors import PREFIXES
from tests.api.canary_server import FAILING, TELL_TALE
from tests.api.full_bodies import ASKED, JSON, Asked
from tests.api.mutants import replaced, texts

ROOT = Path(__file__).parents[2]
CANARY = "qzkanari"
"""Begins every word of this patient; neither a drug nor anything else that is known here."""
SCREENING = (
    "/v1/screen",
    "/v1/screen/batch",
    "/v1/report",
    "/fhir/$screen",
    "/cds-services/order-select",
    "/cds-services/order-sign",
)
_numbers = count()


def word() -> str:
    """The next word; it looks like a name and like an identifier."""
    return f"{CANARY}{next(_numbers)}"


@dataclass
class Served:
    """A server at its most talkative, with all that it wrote."""

    process: subprocess.Popen[bytes]
    place: tuple[str, int]
    folder: Path

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Send one request on a connection of its own; what is no answer counts as none."""
        connection = http.client.HTTPConnection(*self.place, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body or None, named)
            response = connection.getresponse()
            return response.status, response.read()
        except (http.client.HTTPException, ConnectionError):
            return 0, b""
        finally:
            connection.close()

    def ask_raw(self, text: bytes) -> bytes:
        """Send bytes that may be no request at all; gives what came back."""
        with socket.create_connection(self.place, timeout=30) as connection, suppress(OSError):
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536)
        return b""

    def written(self) -> dict[str, bytes]:
        """What lies in the folders of the server, by name; the graph is not its own."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        }


@pytest.fixture(scope="module")
def served(open_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over the graph, with a home and a folder for temporary files of its own."""
    folder = tmp_path_factory.mktemp("canary")
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    for name in ("kg", "models"):
        if (open_home / name).is_dir():
            (folder / "home" / name).symlink_to((open_home / name).resolve())
    command = [sys.executable, "-m", "tests.api.canary_server", "serve", "--port", "0", "-v", "-v"]
    places = {"COPRESCRIBE_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [*command, "--model", "none"], stdout=log, stderr=log, cwd=ROOT, env=os.environ | places
        )
    try:
        yield Served(process, _place(folder / "log", process), folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _place(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, int]:
    while process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if "running on" in line:
                address = next(part for part in line.split() if part.startswith("http://"))
                parts = urlsplit(address.rstrip(","))
                return str(parts.hostname), int(parts.port or 0)
    raise AssertionError(log.read_text(encoding="utf-8"))


def bodies(asked: Asked, step: int) -> Iterator[bytes]:
    """The body with each text in turn, or each so many, replaced by a word; and unreadable ones."""
    for place in islice(texts(asked.body), 0, None, step):
        yield json.dumps(replaced(asked.body, place, word())).encode()
    yield asked.content.replace(b'"', b"'") + word().encode()
    yield f'{{"{word()}": '.encode()
    yield f'{{"{word()}": "{word()}", "{word()}": 1}}'.encode()


def addresses(document: dict[str, Any]) -> Iterator[str]:
    """Every address that is answered to GET, with words for all its parameters."""
    for address, operations in document["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        path, asked = address, []
        for each in parameters:
            if each["in"] == "path":
                path = path.replace(f"{{{each['name']}}}", word())
            else:
                asked.append(f"{each['name']}={word()}")
        if "get" in operations:
            yield f"{path}?{'&'.join(asked)}" if asked else f"{path}?x={word()}"
            yield f"{path}/{word()}?drugs={word()},{word()}"


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.nightly)])
def test_no_word_of_the_patient_is_kept_anywhere(step: int, served: Served) -> None:
    tell(served, step)
    assert dict(found_in(served)) == {}
    for status, told in harmless(served):
        assert status
        assert CANARY.encode() not in told.lower()


def tell(served: Served, step: int) -> None:
    """Send the patient through every door."""
    document = json.loads(served.ask("GET", "/openapi.json")[1])
    for asked in ASKED:
        for body in bodies(asked, step):
            served.ask("POST", asked.path, body, Content_Type=asked.media_type)
    for address in addresses(document):
        served.ask("GET", address, User_Agent=word(), Referer=f"https://{word()}/", Cookie=word())
    ask_oddly(served)
    ask_in_vain(served)


def ask_oddly(served: Served) -> None:
    """Put words where no question belongs."""
    sparql = f'SELECT * {{ ?drug ?is "{word()}" }}'
    served.ask("GET", f"/sparql?query={quote(sparql)}")
    served.ask("POST", "/sparql", sparql.encode(), Content_Type="application/sparql-query")
    served.ask("POST", "/sparql", f"SELECT {word()}".encode(), Content_Type=f"text/{word()}")
    served.ask("GET", f"/{word()}/{word()}?{word()}={word()}")
    served.ask(word().upper(), "/v1/screen")
    named = {"Accept": f"text/{word()}", "If_None_Match": word(), "X_Request_ID": word()}
    served.ask("GET", "/v1/drugs?q=Zocor", b"", **named, Authorization=f"Bearer {word()}")
    served.ask("GET", "/sparql?query=ASK{}", b"", **named, Host=f"{word()}.example")
    served.ask("POST", "/v1/screen", b"{}", Content_Type=JSON, Content_Encoding=word())
    served.ask("POST", "/admin/reload", word().encode(), Authorization=f"Bearer {word()}")
    for raw in (f"{word()}\r\n\r\n", f"GET /?{word()} HTTP/9.9\r\n\r\n", f"GET /{word()} \x00"):
        served.ask_raw(raw.encode())
    form = f"--x\r\nContent-Disposition: form-data; name=q\r\n\r\n{word()}\r\n--x--".encode()
    served.ask("POST", "/v1/screen", form, Content_Type="multipart/form-data; boundary=x")


def ask_in_vain(served: Served) -> None:
    """Meet a defect that quotes the question, at every door that screens."""
    for asked in (each for each in ASKED if each.path in SCREENING and "gout" in str(each.body)):
        body = asked.content
        for known in (b"36567", b"simvastatin", b"gout"):
            body = body.replace(known, FAILING.encode())
        named = {"Content_Type": asked.media_type, "X_Request_ID": word()}
        status, told = served.ask("POST", asked.path, body, **named)
        assert status == (200 if asked.path.endswith("batch") else 500), asked.path
        is_of_fhir = asked.path.startswith(PREFIXES)
        expected = b'"code":"exception"' if is_of_fhir else b'"status":500'
        assert expected in told.replace(b" ", b""), asked.path


def found_in(served: Served) -> Iterator[tuple[str, bytes]]:
    """The files with a word in them, each with what stands around the first."""
    for name, content in served.written().items():
        at = content.lower().find(CANARY.encode())
        if at >= 0:
            yield name, content[max(0, at - 200) : at + 40]


def harmless(served: Served) -> Iterator[tuple[int, bytes]]:
    """What others are told afterwards."""
    yield served.ask("GET", "/metrics")
    yield served.ask("GET", "/nowhere")
    yield served.ask("GET", "/v1/drugs?q=")
    yield served.ask("GET", "/ready")
    yield served.ask("GET", "/REST/interaction/list.json?rxcuis=0")
    yield served.ask("POST", "/v1/screen", b'{"taking": ["warfarin"]}', Content_Type=JSON)
    yield served.ask("POST", "/cds-services/order-select", b"{}", Content_Type=JSON)


def test_the_log_tells_that_something_failed_and_where(served: Served) -> None:
    ask_in_vain(served)
    log = (served.folder / "log").read_text(encoding="utf-8")
    assert "POST /v1/screen 500" in log
    assert "TypeError (withheld)" in log


def test_a_head_has_an_end(served: Served) -> None:
    told = served.ask_raw(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 200_000)
    # What is sent after the refusal may reset the connection before the refusal is read.
    assert not told or told.startswith(b"HTTP/1.1 400 ")
    assert served.ask("GET", "/health")[0] == 200


def test_a_word_that_is_written_down_would_be_found(served: Served) -> None:
    served.ask("GET", f"/v1/sources?by={TELL_TALE}")
    assert TELL_TALE.encode() in served.written()["log"]
    (served.folder / "home" / "kept").write_bytes(word().upper().encode())
    assert [name for name, _ in found_in(served)] == ["home/kept"]
    (served.folder / "home" / "kept").unlink()
