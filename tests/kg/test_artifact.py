"""A published folder is whole or absent, is verified when opened, and is found by preference."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.artifact import (
    Artifact,
    DamagedArtifact,
    MissingGraph,
    atomic_folder,
    check_nested,
    choose_graph,
    chosen_graph,
    find_graph,
    open_artifact,
    open_graph,
    sha256_of,
    write_manifest,
)
from kg.atomic_folder import _exchanged
from kg.model import SourceRelease
from kg.tables import Tables, write_tables
from tests.tiny import RELEASES, SIMVASTATIN

# Starts a process that publishes one artifact after another, kills it after the given seconds, and
# looks at what it left; once for each argument. Each child is forked, so that nothing is imported
# twice.
KILLER = """
import os
import signal
import sys
import threading
import time
from pathlib import Path
from kg.artifact import atomic_folder, find_graph, open_artifact, write_manifest

home = Path(sys.argv[1])


def write(text):
    with atomic_folder(home / "kg" / "open-1") as folder:
        for number in range(10):
            (folder / f"part-{number}.txt").write_text(text * 2000)
        write_manifest(folder, {"recipe": text})


write("old")
for round, seconds in enumerate(sys.argv[2:]):
    child = os.fork()
    while not child:
        write(f"new-{round}")
    time.sleep(float(seconds))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    artifact = open_artifact(find_graph(home))
    texts = {path.read_text()[: len(artifact.manifest["recipe"])]
             for path in artifact.folder.glob("part-*")}
    print(artifact.manifest["recipe"], *texts)
"""
N_KILLS = 20


def publish(home: Path, name: str, recipe: str, *, age_seconds: float = 0) -> Path:
    target = home / "kg" / name
    with atomic_folder(target) as folder:
        (folder / "part.txt").write_text(name)
        write_manifest(folder, {"recipe": recipe, "sources": []})
    made = time.time() - age_seconds
    os.utime(target / "manifest.json", (made, made))
    return target


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publish(tmp_path, "open-1", "open")


@pytest.fixture
def graph_home(tmp_path: Path, tables: Tables) -> Path:
    with atomic_folder(tmp_path / "kg" / "open-1") as folder:
        write_tables(tables, folder)
        rows = [{"source": r.source, "version": r.version, "licence": r.licence} for r in RELEASES]
        write_manifest(folder, {"recipe": "open", "sources": rows})
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_only_when_its_block_ends_well(tmp_path: Path) -> None:
    target = tmp_path / "kg" / "new"
    with atomic_folder(target) as folder:
        (folder / "a.txt").write_text("a")
        assert not target.exists()
    assert names(target) == ["a.txt"]
    assert names(tmp_path / "kg") == ["new"]


def half_written(target: Path) -> None:
    with atomic_folder(target) as folder:
        (folder / "part.txt").write_text("half")
        raise OSError("disk full")


def test_a_failure_leaves_the_older_folder_and_nothing_else(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(OSError, match="disk full"):
        half_written(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert names(folder.parent) == ["open-1"]


def test_a_newer_folder_replaces_the_older_wholly(folder: Path) -> None:
    with atomic_folder(folder) as new:
        (new / "other.txt").write_text("new")
    assert names(folder) == ["other.txt"]
    assert names(folder.parent) == ["open-1"]


def test_two_writers_of_one_process_number_do_not_share_a_folder(folder: Path) -> None:
    with atomic_folder(folder) as first:
        (first / "part.txt").write_text("first")
        with atomic_folder(folder) as second:
            assert names(second) == []
            (second / "part.txt").write_text("second")
        assert (folder / "part.txt").read_text() == "second"
        assert names(first) == ["part.txt"]
    assert (folder / "part.txt").read_text() == "first"
    assert names(folder.parent) == ["open-1"]


def test_two_writers_of_a_folder_that_was_not_there_both_publish(tmp_path: Path) -> None:
    target = tmp_path / "open-1"
    with atomic_folder(target) as first:
        (first / "part.txt").write_text("first")
        with atomic_folder(target) as second:
            (second / "part.txt").write_text("second")
    assert (target / "part.txt").read_text() == "first"


def test_what_is_published_has_the_rights_of_any_new_folder(folder: Path) -> None:
    ordinary = folder.with_name("ordinary")
    ordinary.mkdir()
    assert folder.stat().st_mode == ordinary.stat().st_mode


def test_where_folders_cannot_be_swapped_the_older_one_gives_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.atomic_folder._exchanged", lambda one, other: False)
    with atomic_folder(folder) as new:
        (new / "other.txt").write_text("new")
    assert names(folder) == ["other.txt"]
    assert names(folder.parent) == ["open-1"]


def left_behind(folder: Path, name: str, hours: float, fresh: str = "") -> Path:
    """A folder of a killed writer, last changed so long ago; one file may be younger."""
    left = folder.parent / name
    (left / "new").mkdir(parents=True)
    for file in ("a.txt", "b.txt"):
        (left / "new" / file).write_text(file)
    then = time.time() - hours * 3600
    for path in (*left.rglob("*"), left):
        if path.name != fresh:
            os.utime(path, (then, then))
    return left


def test_what_a_killed_writer_left_a_day_ago_is_swept_and_a_live_one_never(folder: Path) -> None:
    old = [left_behind(folder, f".open-1.{end}", hours=25) for end in ("7.tmp", "7.old")]
    young = left_behind(folder, ".open-1.8.tmp", hours=23)
    at_work = left_behind(folder, ".open-1.9.tmp", hours=25, fresh="b.txt")
    of_another = left_behind(folder, ".open-2.7.tmp", hours=25)
    publish(folder.parents[1], "open-1", "open")
    assert [path.exists() for path in old] == [False, False]
    assert all(path.exists() for path in (young, at_work, of_another))


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_and_never_a_third_thing(
    tmp_path: Path,
) -> None:
    moments = random.Random(20261120)  # noqa: S311
    seconds = [*(str(moments.uniform(0, 0.05)) for _ in range(N_KILLS - 1)), "0.8"]
    command = [sys.executable, "-c", KILLER, str(tmp_path), *seconds]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stderr == ""
    left = [line.split() for line in done.stdout.splitlines()]
    assert len(left) == N_KILLS
    assert all(len(texts) == 1 and texts[0] == recipe for recipe, *texts in left)
    assert len({recipe for recipe, *_ in left}) > 1
    assert [path.name for path in (tmp_path / "kg").glob("[!.]*")] == ["open-1"]


def test_a_reader_never_finds_the_folder_absent_while_it_is_replaced(folder: Path) -> None:
    if not can_swap(folder.parent):
        pytest.skip("this file system cannot swap two folders in one step")
    done, absences = threading.Event(), 0

    def read() -> None:
        nonlocal absences
        while not done.is_set():
            absences += not folder.exists()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        with atomic_folder(folder) as new:
            (new / "part.txt").write_text(str(number))
    done.set()
    reader.join()
    assert absences == 0


def can_swap(parent: Path) -> bool:
    one, other = parent / ".one", parent / ".other"
    for path in (one, other):
        path.mkdir()
    swapped = _exchanged(one, other)
    for path in (one, other):
        path.rmdir()
    return swapped


def test_what_a_kill_left_over_is_not_a_graph(folder: Path) -> None:
    for name in (".open-2.77.tmp", ".open-2.77.old"):
        (folder.parent / name).mkdir()
        (folder.parent / name / "manifest.json").write_text("{}")
    assert find_graph(folder.parents[1]) == folder
    with pytest.raises(MissingGraph, match="there are: open-1"):
        find_graph(folder.parents[1], ".open-2.77.tmp")


def test_an_artifact_is_called_by_its_folder_and_lists_its_sources(graph_home: Path) -> None:
    artifact = open_artifact(graph_home / "kg" / "open-1")
    assert artifact.id == "open-1"
    assert artifact.releases[0] == SourceRelease("infores:ansm", "2020-10", "terms not stated")


def test_the_manifest_holds_the_digest_of_every_file(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == {"part.txt": sha256_of(folder / "part.txt")}


def test_a_changed_byte_is_noticed(folder: Path) -> None:
    content = bytearray((folder / "part.txt").read_bytes())
    content[0] ^= 1
    (folder / "part.txt").write_bytes(content)
    with pytest.raises(DamagedArtifact, match=r"open-1 is damaged: part\.txt has changed") as found:
        open_artifact(folder)
    assert found.value.file == "part.txt"


def test_a_missing_file_is_noticed(folder: Path) -> None:
    (folder / "part.txt").unlink()
    with pytest.raises(DamagedArtifact, match=r"part\.txt is missing; build it again"):
        open_artifact(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"files": {', "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "cannot be read"),
        (b"[]", "does not list the files"),
        (b"{}", "does not list the files"),
        (b'{"files": null}', "does not list the files"),
    ],
)
def test_a_damaged_manifest_is_noticed(content: bytes, reason: str, folder: Path) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(DamagedArtifact, match=rf"manifest\.json {reason}"):
        open_artifact(folder)


def test_a_missing_manifest_is_noticed(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(DamagedArtifact, match=r"manifest\.json is missing"):
        open_artifact(folder)


@pytest.mark.parametrize("manifest", [{}, {"sources": 3}, {"sources": [{"colour": "red"}]}])
def test_a_manifest_without_sources_is_damaged(manifest: dict[str, object], folder: Path) -> None:
    with pytest.raises(DamagedArtifact, match="does not list the sources"):
        _ = Artifact(folder, manifest).releases


def test_a_graph_opens_with_its_name_and_releases(graph_home: Path) -> None:
    graph = open_graph(graph_home)
    assert (graph.id, graph.name(SIMVASTATIN)) == ("open-1", "simvastatin")
    assert {release.source for release in graph.releases} == {r.source for r in RELEASES}


def test_a_truncated_table_is_noticed_before_it_is_read(graph_home: Path) -> None:
    path = graph_home / "kg" / "open-1" / "nodes.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DamagedArtifact, match=r"nodes\.parquet has changed"):
        open_graph(graph_home)


def test_where_no_graph_is_built_the_command_that_builds_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingGraph, match="coprescribe build --recipe open"):
        find_graph(tmp_path)


def test_full_goes_before_open_and_open_before_any_other(tmp_path: Path) -> None:
    other = publish(tmp_path, "decagon-1", "decagon")
    assert find_graph(tmp_path) == other
    opened = publish(tmp_path, "open-1", "open", age_seconds=60)
    assert find_graph(tmp_path) == opened
    full = publish(tmp_path, "full-1", "full", age_seconds=120)
    assert find_graph(tmp_path) == full


def test_of_one_recipe_the_newest_is_opened(tmp_path: Path) -> None:
    publish(tmp_path, "open-b", "open", age_seconds=60)
    newest = publish(tmp_path, "open-a", "open")
    assert find_graph(tmp_path) == newest


def test_a_named_graph_goes_before_the_chosen_and_the_chosen_before_the_rest(
    tmp_path: Path,
) -> None:
    for name, recipe in (("full-1", "full"), ("open-1", "open"), ("open-2", "open")):
        publish(tmp_path, name, recipe)
    choose_graph(tmp_path, "open-1")
    assert chosen_graph(tmp_path) == "open-1"
    assert find_graph(tmp_path).name == "open-1"
    assert find_graph(tmp_path, "open-2").name == "open-2"


def test_nothing_is_chosen_until_somebody_chooses(tmp_path: Path) -> None:
    assert chosen_graph(tmp_path) is None


def test_a_graph_that_does_not_exist_cannot_be_chosen(folder: Path) -> None:
    home = folder.parents[1]
    with pytest.raises(MissingGraph, match=r"no graph 'open-9' under .*; there are: open-1"):
        choose_graph(home, "open-9")
    assert chosen_graph(home) is None


def test_a_chosen_graph_that_is_gone_is_said_and_no_other_is_served(folder: Path) -> None:
    home = folder.parents[1]
    choose_graph(home, "open-1")
    folder.rename(folder.with_name("open-2"))
    with pytest.raises(MissingGraph, match="no graph 'open-1'"):
        find_graph(home)


@pytest.mark.parametrize("manifest", ["[]", "no json"])
def test_a_damaged_manifest_comes_after_a_sound_one(manifest: str, folder: Path) -> None:
    broken = folder.with_name("full-1")
    broken.mkdir()
    (broken / "manifest.json").write_text(manifest)
    assert find_graph(folder.parents[1]) == folder


def test_a_shortened_file_of_the_store_is_noticed_on_opening(tmp_path: Path) -> None:
    folder = tmp_path / "open-1"
    with atomic_folder(folder) as temporary:
        (temporary / "store").mkdir()
        (temporary / "store" / "data.sst").write_bytes(b"0123456789")
        write_manifest(temporary, {"recipe": "open"})
    (folder / "store" / "data.sst").write_bytes(b"012345678")
    with pytest.raises(DamagedArtifact, match=r"store/data\.sst is not as long"):
        open_artifact(folder)


def test_a_missing_file_of_the_store_is_noticed_on_opening(tmp_path: Path) -> None:
    folder = tmp_path / "open-1"
    with atomic_folder(folder) as temporary:
        (temporary / "store").mkdir()
        (temporary / "store" / "data.sst").write_bytes(b"0123456789")
        write_manifest(temporary, {"recipe": "open"})
    check_nested(open_artifact(folder))
    (folder / "store" / "data.sst").unlink()
    with pytest.raises(DamagedArtifact, match=r"store/data\.sst is missing"):
        open_artifact(folder)


def test_a_changed_byte_of_the_store_is_found_by_the_thorough_check(tmp_path: Path) -> None:
    folder = tmp_path / "open-1"
    with atomic_folder(folder) as temporary:
        (temporary / "store").mkdir()
        (temporary / "store" / "data.sst").write_bytes(b"0123456789")
        write_manifest(temporary, {"recipe": "open"})
    (folder / "store" / "data.sst").write_bytes(b"0123456780")
    with pytest.raises(DamagedArtifact, match="sha256"):
        check_nested(open_artifact(folder))
