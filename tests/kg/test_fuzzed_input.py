"""Any file, cut or changed anywhere: refused by source and file, or the graph of it is sound."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kg.assemble import SourceChunk, assemble
from kg.chunk_check import as_table, checked
from kg.sources.base import MalformedSource
from kg.sources.registry import SOURCES
from kg.validate import validate
from tests.kg.packed import pack, unpacked
from tests.kg.source_samples import copy_sample, sampled_files

FILES = [
    (name, file)
    for name, source in sorted(SOURCES.items())
    if name != "curated"
    for file in sampled_files(source)
]
ALONE = {"dangling_ends"}
"""A source alone may speak of nodes that another one names."""


class Samples(dict[str, dict[str, Path]]):
    """Files by source and name, which a failing example names in a word."""

    def __repr__(self) -> str:
        return f"<samples of {len(self)} sources>"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    """The sample of every source, written once; what is spoilt is put back."""
    folder = tmp_path_factory.mktemp("samples")
    for name in SOURCES:
        (folder / name).mkdir()
    yield Samples({name: copy_sample(source, folder / name) for name, source in SOURCES.items()})
    shutil.rmtree(folder)


@st.composite
def changes(draw: st.DrawFn) -> tuple[float, bytes | None, bool]:
    """Where of the content, what there (nothing: the content ends), and whether as packed."""
    letters = st.sampled_from([b"\0", b" ", b"\n", b"\t", b'"', b"|", b",", b"-", b"\xe9"])
    what = st.none() | letters | st.binary(min_size=1, max_size=1)
    return (
        draw(st.floats(0, 1, allow_subnormal=False, exclude_max=True)),
        draw(what),
        draw(st.booleans()),
    )


def changed(content: bytes, part: float, what: bytes | None) -> bytes:
    place = int(len(content) * part)
    return content[:place] if what is None else content[:place] + what + content[place + 1 :]


def outcome(name: str, files: dict[str, Path]) -> MalformedSource | None:
    """Read and assemble a source; give its refusal, or nothing where the graph is sound."""
    source = SOURCES[name]
    licences = dict.fromkeys(files, "CC0-1.0")
    try:
        chunks = list(checked(source, files))
        for chunk in chunks:
            as_table(source, files, chunk)
    except MalformedSource as refusal:
        return refusal
    said = [SourceChunk(name, source.info.infores, "1", licences, chunk) for chunk in chunks]
    problems = validate(assemble(said, ()).tables)
    assert {problem.check for problem in problems if problem.fatal} <= ALONE
    return None


def tried(
    samples: Samples,
    where: tuple[str, str],
    change: tuple[float, bytes | None, bool],
) -> None:
    (name, file), (part, what, as_packed) = where, change
    path = samples[name][file]
    before = path.read_bytes()
    try:
        if as_packed or path.suffix == ".zip":
            path.write_bytes(changed(before, part, what))
        else:
            pack(path, changed(unpacked(path), part, what))
        with warnings.catch_warnings():
            # A zip archive with a name twice is warned of by the library that reads it.
            warnings.simplefilter("ignore", UserWarning)
            refusal = outcome(name, samples[name])
    finally:
        path.write_bytes(before)
    if refusal is not None:
        assert refusal.source == name
        assert any(written in refusal.file for written in samples[name])
        assert str(refusal).startswith(f"source {name!r}, {refusal.file}")


LIMITED = settings(
    max_examples=120,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@LIMITED
@given(where=st.sampled_from(FILES), change=changes())
def test_a_spoilt_file_is_refused_or_gives_a_sound_graph(
    samples: Samples,
    where: tuple[str, str],
    change: tuple[float, bytes | None, bool],
) -> None:
    tried(samples, where, change)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@settings(LIMITED, max_examples=5000)
@given(where=st.sampled_from(FILES), change=changes())
def test_five_thousand_spoilt_files_are_refused_or_give_a_sound_graph(
    samples: Samples,
    where: tuple[str, str],
    change: tuple[float, bytes | None, bool],
) -> None:
    tried(samples, where, change)


def test_the_samples_themselves_give_sound_graphs(samples: Samples) -> None:
    assert [name for name, files in samples.items() if outcome(name, files)] == []
