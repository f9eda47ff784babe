"""A build that is killed at any moment leaves the old graph, or the new one, and never a half."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.artifact import Artifact, check_nested, open_artifact
from kg.build import BuildRequest, build, graph_name
from kg.recipe import load_recipe
from tests.kg.sample_home import lay, sample_members

MOMENTS, NIGHTLY_MOMENTS = 12, 100
ROOT = Path(__file__).parents[2]


def quiet(message: str) -> None:
    """Say nothing of progress."""


class Killer:
    """A process that builds a recipe again and again, and kills each build when told."""

    def __init__(self, home: Path, recipe: Path) -> None:
        command = [sys.executable, "-m", "tests.kg.killed_builds", str(home), str(recipe)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(  # noqa: S603
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT
        )

    def build_for(self, seconds: float) -> tuple[str, float]:
        """Let one build live so long at most; how it ended, and when."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        end, lived = self.process.stdout.readline().split()
        return end, float(lived)


@pytest.fixture
def killer(tmp_path: Path) -> Iterator[Killer]:
    recipe = lay(tmp_path / "home", sample_members(), {"ansm": "1.1"})
    made = Killer(tmp_path / "home", recipe)
    with made.process:
        yield made
        assert made.process.stdin is not None
        made.process.stdin.close()


def whole(folder: Path) -> dict[str, bytes]:
    """The tables of a graph, every file of which has been checked."""
    artifact = open_artifact(folder)
    check_nested(artifact)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def old_graph(home: Path) -> Artifact:
    return build(BuildRequest(load_recipe(str(lay(home, sample_members()))), home), quiet)


def killed_at_moments(count: int, home: Path, killer: Killer) -> int:
    """Kill so many builds at random moments and look at what stands; how many were killed."""
    old = old_graph(home)
    end, seconds = killer.build_for(120)
    assert end == "done"
    (new,) = {p.name for p in (home / "kg").glob("[!.]*")} - {old.id}
    expected = {name: whole(home / "kg" / name) for name in (old.id, new)}
    draw, ends = random.Random(20201120), []  # noqa: S311
    for moment in range(count):
        if moment % 2:
            shutil.rmtree(home / "kg" / new, ignore_errors=True)
        if moment % 3 == 0:
            shutil.rmtree(home / "cache")
        ends.append(killer.build_for(draw.uniform(0, seconds))[0])
        found = {p.name: whole(p) for p in (home / "kg").glob("[!.]*")}
        assert old.id in found
        assert found == {name: expected[name] for name in found}
    assert killer.build_for(120)[0] == "done"
    assert whole(home / "kg" / new) == expected[new]
    return ends.count("killed")


def test_a_build_killed_at_any_moment_leaves_whole_graphs(tmp_path: Path, killer: Killer) -> None:
    assert killed_at_moments(MOMENTS, tmp_path / "home", killer) > 0


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_build_killed_at_each_of_a_hundred_moments_leaves_whole_graphs(
    tmp_path: Path, killer: Killer
) -> None:
    assert killed_at_moments(NIGHTLY_MOMENTS, tmp_path / "home", killer) > NIGHTLY_MOMENTS / 2


def test_the_name_of_the_graph_tells_the_two_apart(tmp_path: Path) -> None:
    recipes = [lay(tmp_path, sample_members(), {"ansm": version}) for version in ("1.0", "1.1")]
    assert len({graph_name(load_recipe(str(path))) for path in recipes}) == 2
