"""A graph that is served from mapped files answers as one that is held in memory."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pyarrow as pa
import pytest

from kg.artifact import (
    MANIFEST,
    Artifact,
    DamagedArtifact,
    check_nested,
    graph_of,
    open_artifact,
    write_manifest,
)
from kg.build import BuildRequest, build
from kg.graph import EDGES_KEPT, NODES_KEPT, KnowledgeGraph
from kg.recipe import load_recipe
from kg.serving.files import INDEX, LAYOUT, open_served, read_index, write_index
from kg.serving.index import index_of
from kg.tables import DamagedTable, Tables, read_tables, write_tables
from ontologies.vocabulary import Category
from tests.kg.sample_home import lay, sample_members
from tests.tiny import RELEASES, SIMVASTATIN

FILES = ("edges.arrow", "ends.arrow", "evidence.arrow", "nodes.arrow")


def publish(home: Path, tables: Tables, *, index: bool) -> Path:
    """A graph in its folder, with an index or as it was written before there was one."""
    folder = home / "kg" / "open-1"
    folder.mkdir(parents=True)
    write_tables(tables, folder)
    if index:
        write_index(index_of(tables), folder / INDEX)
    republished(folder)
    return folder


def republished(folder: Path) -> Artifact:
    """The folder with a manifest of what is in it now."""
    (folder / MANIFEST).unlink(missing_ok=True)
    rows = [{"source": r.source, "version": r.version, "licence": r.licence} for r in RELEASES]
    write_manifest(folder, {"recipe": "open", "sources": rows})
    return open_artifact(folder)


@pytest.fixture
def folder(tmp_path: Path, tables: Tables) -> Path:
    return publish(tmp_path, tables, index=True)


def everything(graph: KnowledgeGraph) -> list[object]:
    """All that a graph says of its nodes."""
    nodes = list(graph.nodes())
    said = [(graph.edges_from(n.curie), graph.edges_to(n.curie)) for n in nodes]
    drugs = list(graph.nodes(Category.DRUG))
    return [nodes, said, drugs, [graph.covers(node.curie) for node in nodes]]


def test_a_served_graph_answers_as_one_in_memory(folder: Path, graph: KnowledgeGraph) -> None:
    assert everything(graph_of(open_artifact(folder))) == everything(graph)


def test_a_graph_without_an_index_is_indexed_in_memory(
    tmp_path: Path, tables: Tables, graph: KnowledgeGraph
) -> None:
    older = open_artifact(publish(tmp_path, tables, index=False))
    assert everything(graph_of(older)) == everything(graph)


def test_an_index_of_another_layout_is_made_anew(
    folder: Path, graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.serving.files.LAYOUT", {b"layout": b"0"})
    assert read_index(folder / INDEX) is None
    opened = KnowledgeGraph("tiny", open_served(folder), RELEASES)
    assert everything(opened) == everything(graph)


def test_tables_are_read_only_when_they_are_asked_for(folder: Path) -> None:
    graph = graph_of(open_artifact(folder))
    for name in ("nodes", "edges", "evidence"):
        (folder / f"{name}.parquet").unlink()
    assert graph.name(SIMVASTATIN) == "simvastatin"
    assert graph.edges_from(SIMVASTATIN)
    with pytest.raises(DamagedTable, match=r"nodes\.parquet"):
        _ = graph.tables


def test_tables_that_are_asked_for_are_those_of_the_graph(folder: Path, tables: Tables) -> None:
    graph = graph_of(open_artifact(folder))
    assert graph.tables.counts() == tables.counts()
    assert graph.tables is graph.tables


def test_nothing_is_copied_when_an_index_is_opened(folder: Path) -> None:
    before = pa.total_allocated_bytes()
    held = open_served(folder)
    assert held.index.edges.num_rows
    assert pa.total_allocated_bytes() == before


@pytest.mark.parametrize("file", FILES)
def test_an_index_file_of_another_size_is_named(file: str, folder: Path) -> None:
    path = folder / INDEX / file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedArtifact, match=rf"index/{file} is not as long") as found:
        open_artifact(folder)
    assert found.value.file == f"index/{file}"


@pytest.mark.parametrize("file", FILES)
def test_an_index_file_that_has_changed_within_is_named(file: str, folder: Path) -> None:
    path = folder / INDEX / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedArtifact, match=rf"index/{file} has changed") as found:
        graph_of(open_artifact(folder))
    assert found.value.file == f"index/{file}"


@pytest.mark.parametrize("content", [b"", bytes(5000)])
@pytest.mark.parametrize("file", FILES)
def test_an_index_file_that_cannot_be_read_is_named(
    file: str, content: bytes, folder: Path
) -> None:
    (folder / INDEX / file).write_bytes(content)
    with pytest.raises(DamagedArtifact, match=rf"index/{file} cannot be read") as found:
        graph_of(republished(folder))
    assert found.value.file == f"index/{file}"


@pytest.mark.parametrize("file", FILES)
def test_an_index_file_that_is_missing_is_named(file: str, folder: Path) -> None:
    (folder / INDEX / file).unlink()
    with pytest.raises(DamagedArtifact, match=rf"index/{file} is missing"):
        open_artifact(folder)
    with pytest.raises(DamagedArtifact, match=rf"index/{file} cannot be read"):
        graph_of(republished(folder))


def test_an_index_file_without_a_column_is_named(folder: Path, tables: Tables) -> None:
    fewer = index_of(tables).edges.drop_columns(["outgoing"]).replace_schema_metadata(LAYOUT)
    path = folder / INDEX / "edges.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, fewer.schema) as writer:
        writer.write_batch(fewer)
    with pytest.raises(DamagedArtifact, match=r"index/edges\.arrow cannot be read \(its columns"):
        graph_of(republished(folder))


def test_the_same_index_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_index(index_of(read_tables(folder)), tmp_path / "again")
    for file in FILES:
        assert (tmp_path / "again" / file).read_bytes() == (folder / INDEX / file).read_bytes()


def test_a_build_publishes_the_index_of_its_tables(tmp_path: Path) -> None:
    recipe = load_recipe(str(lay(tmp_path, sample_members())))
    artifact = build(BuildRequest(recipe, tmp_path), lambda message: None)
    assert {f"{INDEX}/{file}" for file in FILES} <= set(artifact.manifest["nested_files"])
    check_nested(artifact)
    in_memory = KnowledgeGraph(artifact.id, read_tables(artifact.folder), artifact.releases)
    assert everything(graph_of(artifact)) == everything(in_memory)


def test_a_graph_keeps_a_bounded_number_of_objects(graph: KnowledgeGraph) -> None:
    assert graph._edge.cache_info().maxsize == EDGES_KEPT
    assert graph._node.cache_info().maxsize == NODES_KEPT


def test_a_graph_that_is_let_go_is_gone_without_a_search_for_garbage(folder: Path) -> None:
    graph = graph_of(open_artifact(folder))
    everything(graph)
    gone = weakref.ref(graph)
    gc.disable()
    try:
        del graph
        assert gone() is None
    finally:
        gc.enable()
