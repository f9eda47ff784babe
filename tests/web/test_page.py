"""The page as a browser gets it: headers, files, addresses, and how its code is kept."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.page import page, words
from api.state import State, open_state

WEB = Path(__file__).parents[2] / "api" / "web"
MODULES = sorted(WEB.glob("*.js"))


@pytest.fixture(scope="module")
def client(state: State) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: state)) as opened:
        yield opened


class Addresses(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in {"link", "script", "img"}:
            self.found.append(told.get("src") or told.get("href") or "")
        if tag == "style" or (tag == "script" and "src" not in told):
            self.inline.append(tag)
        self.inline += [name for name in told if name == "style" or name.startswith("on")]


def test_the_page_lets_nothing_in_from_elsewhere(client: TestClient) -> None:
    response = client.get("/")
    headers = response.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    addresses = Addresses(response.text)
    assert addresses.inline == []
    assert all(address.startswith("page/") for address in addresses.found)


def test_files_are_kept_for_good_under_the_address_of_their_release(client: TestClient) -> None:
    for address in Addresses(client.get("/").text).found:
        response = client.get(f"/{address}")
        assert response.status_code == 200, address
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
        again = client.get(f"/{address}", headers={"if-none-match": response.headers["etag"]})
        assert again.status_code == 304
    assert client.get("/").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["other.js", "index.html", "..%2fapp.py", "%2e%2e/app.py", "main.js%00", ""]
)
def test_no_other_file_is_sent(client: TestClient, name: str) -> None:
    assert client.get(f"/page/{page().release}/{name}").status_code == 404


def test_a_file_of_another_release_is_not_sent(client: TestClient) -> None:
    assert client.get("/page/0123456789abcdef/main.js").status_code == 404


def test_the_page_stands_where_no_graph_is_open(tmp_path: Path) -> None:
    with TestClient(create_app(lambda: open_state(tmp_path))) as bare:
        assert bare.get("/").status_code == 200
        assert bare.get("/page/words.json").status_code == 200


def test_words_name_tests_sources_and_documents(client: TestClient) -> None:
    told = client.get("/page/words.json").json()
    assert told == words()
    assert {"loinc": "2823-3", "name": "potassium", "unit": "mmol/L"} in told["labs"]
    assert told["homepages"]["infores:ansm"].startswith("https://")
    cited = told["references"]["aan-2021-parkinson"]
    assert cited["url"] == "https://doi.org/10.1212/WNL.0000000000012868"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_is_short_typed_and_writes_no_markup(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert all(len(line) <= 100 for line in text.splitlines())
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"):
        assert forbidden not in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)[^\"' ]+\.(js|css)", text)
    assert module.name == "types.js" or text.startswith("// "), "says what it is for"
    exported = re.findall(
        r"((?:/\*\*(?:(?!\*/).)*\*/\s*)?)^export (?:async )?function", text, re.M | re.S
    )
    assert all(exported), "every exported function says what it does"


def test_every_module_can_be_read() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = (
        "const fs = require('fs'), vm = require('vm');"
        "for (const f of process.argv.slice(1)) new vm.SourceTextModule(fs.readFileSync(f, 'utf8'))"
    )
    files = [str(module) for module in MODULES]
    command = [node, "--no-warnings", "--experimental-vm-modules", "-e", script, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
