"""A recipe becomes a graph, the same one each time, or nothing changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kg import build as module
from kg.artifact import Artifact, DamagedArtifact, open_graph, sha256_of
from kg.build import BuildRequest, build, graph_name
from kg.fetch import Download
from kg.recipe import Package, RawFile, Recipe, load_recipe
from kg.sources.base import MalformedSource
from kg.sources.registry import SOURCES
from kg.tables import read_tables
from kg.validate import InvalidGraph
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.kg.archives import archive, folder_index, forbidden
from tests.kg.sample_home import NAMES, lay, sample_members
from tests.kg.source_samples import copy_sample
from tests.tiny import CLARITHROMYCIN, SIMVASTATIN

NOT_COMMERCIAL = "ansm"
TABLES = ("nodes.parquet", "edges.parquet", "evidence.parquet")


def quiet(message: str) -> None:
    """Say nothing of progress."""


def sample_files(folder: Path, name: str) -> dict[str, bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return {f"data/{n}": p.read_bytes() for n, p in copy_sample(SOURCES[name], folder).items()}


def sample_recipe(index: Path, members: dict[str, dict[str, bytes]]) -> Recipe:
    """One package per source, pinned as it stands in the folder of archives."""
    index.mkdir(exist_ok=True)
    packages = {n: archive(index / f"{n}.whl", files) for n, files in members.items()}
    files = [
        raw_file
        for name in members
        for raw_file in _raw_files(name, packages[name], index / f"{name}.whl", members[name])
    ]
    return Recipe("open", tuple(packages.values()), tuple(files))


def _raw_files(
    name: str, package: Package, path: Path, members: dict[str, bytes]
) -> Iterable[RawFile]:
    scratch = path.with_suffix(".part")
    for member, content in members.items():
        scratch.write_bytes(content)
        yield RawFile(
            source=name,
            version="1.0",
            name=member.removeprefix("data/"),
            package=package.name,
            member=member,
            sha256=sha256_of(scratch),
            licence="terms not stated" if name == NOT_COMMERCIAL else "CC0-1.0",
            commercial=name != NOT_COMMERCIAL,
        )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("samples")
    return {name: sample_files(folder / name, name) for name in NAMES}


@pytest.fixture(scope="module")
def recipe(index: Path, members: dict[str, dict[str, bytes]]) -> Recipe:
    return sample_recipe(index, members)


@pytest.fixture(scope="module")
def built(recipe: Recipe, index: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    home = tmp_path_factory.mktemp("home")
    return build(BuildRequest(recipe, home), quiet, folder_index(index))


def home_of(artifact: Artifact) -> Path:
    return artifact.folder.parents[1]


def bytes_of(artifact: Artifact) -> dict[str, bytes]:
    return {name: (artifact.folder / name).read_bytes() for name in (*TABLES, "problems.tsv")}


def test_a_built_graph_tells_who_says_what_of_a_pair(built: Artifact) -> None:
    graph = open_graph(home_of(built))
    (stated,) = graph.pair_edges(SIMVASTATIN, CLARITHROMYCIN)
    assert stated.object == Curie("HP", "0003201")
    (said,) = stated.evidence
    assert said.source == "infores:ansm"
    assert (said.version, said.licence) == ("1.0", "terms not stated")
    assert said.text == "Rhabdomyolyse plus fréquente."
    assert graph.name(SIMVASTATIN) == "simvastatin"
    assert graph.edges_from(CLARITHROMYCIN, Predicate.AFFECTS)


def test_the_manifest_says_what_went_in_and_what_came_out(built: Artifact, recipe: Recipe) -> None:
    manifest = built.manifest
    assert manifest["recipe"] == "open"
    assert len(manifest["inputs"]) == len(recipe.files)
    assert manifest["counts"]["nodes"] == len(read_tables(built.folder).nodes)
    report = manifest["report"]
    assert report["pairs"] == 11
    assert report["nodes_by_category"][Category.DRUG_PAIR.value] == 11
    assert {r.source for r in built.releases} >= {"infores:ansm", "infores:coprescribe"}


def test_two_builds_of_the_same_inputs_give_the_same_bytes(
    built: Artifact, recipe: Recipe, index: Path, tmp_path: Path
) -> None:
    again = build(BuildRequest(recipe, tmp_path), quiet, folder_index(index))
    assert again.id == built.id
    assert bytes_of(again) == bytes_of(built)


def test_the_order_of_the_sources_does_not_matter(
    built: Artifact, recipe: Recipe, index: Path, tmp_path: Path
) -> None:
    turned = Recipe(recipe.name, recipe.packages[::-1], recipe.files[::-1])
    again = build(BuildRequest(turned, tmp_path), quiet, folder_index(index))
    assert again.id == built.id
    assert bytes_of(again) == bytes_of(built)


def test_a_second_build_returns_at_once_and_fetches_nothing(
    built: Artifact, recipe: Recipe
) -> None:
    told: list[str] = []
    request = BuildRequest(recipe, home_of(built))
    again = build(request, told.append, Download(forbidden))
    assert again.folder == built.folder
    assert told == [f"{again.id} stands already: no file was read (--force builds it anew)"]


def test_a_damaged_graph_is_said_and_force_builds_it_again(
    recipe: Recipe, index: Path, tmp_path: Path
) -> None:
    request = BuildRequest(recipe, tmp_path)
    artifact = build(request, quiet, folder_index(index))
    (artifact.folder / "edges.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedArtifact, match="build it again with --force"):
        build(request, quiet, folder_index(index))
    repaired = build(replace(request, force=True), quiet, folder_index(index))
    assert bytes_of(repaired)["edges.parquet"] != b"PAR1"


def test_for_commercial_use_the_thesaurus_is_left_out(
    built: Artifact, recipe: Recipe, index: Path, tmp_path: Path
) -> None:
    request = BuildRequest(recipe, tmp_path, commercial=True)
    artifact = build(request, quiet, folder_index(index))
    assert artifact.id != built.id
    tables = read_tables(artifact.folder)
    assert "infores:ansm" not in set(tables.evidence["source"])
    assert not tables.nodes["id"].str.startswith(("ANSM", "pair:")).any()
    assert not (tmp_path / "raw" / "ansm").exists()
    assert all(release.commercial for release in artifact.releases)


def test_a_graph_that_breaks_an_invariant_is_not_published(
    recipe: Recipe, index: Path, tmp_path: Path
) -> None:
    files = tuple(file for file in recipe.files if file.source != "hgnc")
    with pytest.raises(InvalidGraph, match=r"not published: dangling_ends: HGNC\.SYMBOL:ABCB1"):
        build(BuildRequest(replace(recipe, files=files), tmp_path), quiet, folder_index(index))
    assert list(tmp_path.glob("kg/*")) == []


def test_a_source_that_cannot_be_read_leaves_the_graph_that_stood(
    built: Artifact, index: Path, members: dict[str, dict[str, bytes]]
) -> None:
    cut = members["ansm"] | {"data/thesaurus.json": b"[{"}
    spoilt = sample_recipe(index.parent / "spoilt", members | {"ansm": cut})
    request = BuildRequest(spoilt, home_of(built))
    with pytest.raises(MalformedSource, match=r"'ansm', thesaurus\.json: not JSON"):
        build(request, quiet, folder_index(index.parent / "spoilt"))
    assert [p.name for p in (home_of(built) / "kg").iterdir()] == [built.id]


@pytest.mark.parametrize(
    "changed",
    [
        {"sha256": "0" * 64},
        {"version": "1.1"},
        {"licence": "MIT"},
        {"commercial": False},
        {"name": "hp2.json"},
    ],
)
def test_the_name_of_a_graph_changes_with_its_inputs(
    changed: dict[str, object], recipe: Recipe
) -> None:
    place = next(i for i, file in enumerate(recipe.files) if file.source == "hpo")
    other = replace(recipe.files[place], **changed)  # type: ignore[arg-type]
    files = (*recipe.files[:place], other, *recipe.files[place + 1 :])
    assert graph_name(replace(recipe, files=files)) != graph_name(recipe)


def test_the_name_of_a_graph_changes_with_the_format_and_the_code(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = graph_name(recipe)
    assert graph_name(recipe) == before
    monkeypatch.setattr(module, "_CODE", frozenset({".py"}))
    without_tables = graph_name(recipe)
    monkeypatch.setattr(module, "FORMAT_VERSION", "other")
    assert len({before, without_tables, graph_name(recipe)}) == 3


@pytest.mark.parametrize(("place", "counts"), [("notes", False), ("names", True)])
def test_only_code_that_takes_part_in_a_graph_changes_its_name(
    place: str, counts: bool, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "package_files", lambda _name: tmp_path)
    before = graph_name(recipe)
    (tmp_path / place).mkdir()
    (tmp_path / place / "rules.tsv").write_text("word\n", encoding="utf-8")
    assert (graph_name(recipe) != before) is counts


def test_a_full_disk_leaves_the_graph_that_stood(
    built: Artifact, recipe: Recipe, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(built)

    def full(table: object, path: Path, **options: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    request = BuildRequest(recipe, home_of(built), force=True)
    with pytest.raises(OSError, match="No space left"):
        build(request, quiet, folder_index(index))
    assert bytes_of(built) == before
    assert [p.name for p in (home_of(built) / "kg").iterdir()] == [built.id]


def test_the_problems_are_listed_for_a_reader(built: Artifact) -> None:
    problems = pd.read_csv(built.folder / "problems.tsv", sep="\t", quoting=3)
    assert list(problems.columns) == ["check", "subject", "detail"]
    assert set(problems["check"]) <= {"identity_cut", "nameless_nodes", "no_effect"}


def test_a_problem_that_stops_nothing_is_listed_too(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    files = copy_sample(SOURCES["drugcentral"], tmp_path / "samples")
    more = {"drugcentral": {name: path.read_bytes() for name, path in files.items()}}
    path = lay(tmp_path / "home", sample_members() | more)
    made = build(BuildRequest(load_recipe(str(path)), tmp_path / "home"), quiet)
    rows = (made.folder / "problems.tsv").read_text(encoding="utf-8").splitlines()
    assert any(row.startswith("nameless_nodes\t") and row.endswith("\thas no name") for row in rows)
