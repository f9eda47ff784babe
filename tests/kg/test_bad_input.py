"""A file that is not what it should be: who, where and in which row, and nothing is published."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from api.service import answer
from api.state import open_state
from kg.assemble import SourceChunk, assemble
from kg.build import BuildRequest, build
from kg.chunk_cache import read_chunks
from kg.chunk_check import checked
from kg.fetch import MissingData, UnsafeArchive
from kg.recipe import DATA, RawFile, Recipe, load_recipe
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.registry import SOURCES
from kg.tables import COLUMNS, Tables
from kg.validate import validate
from tests.kg.archives import archive, folder_index
from tests.kg.packed import pack, unpacked
from tests.kg.sample_home import lay, sample_members
from tests.kg.source_samples import copy_sample, sampled_files

Spoil = Callable[[Path], None]
ZEROS = bytes(30_000_000)


def replaced(old: str, new: str) -> Spoil:
    """Another text in the place of its first occurrence."""

    def spoil(path: Path) -> None:
        text = unpacked(path).decode()
        assert old in text
        pack(path, text.replace(old, new, 1).encode())

    return spoil


def not_utf8(text: str) -> Spoil:
    """A Latin-1 letter after the first occurrence of a text."""

    def spoil(path: Path) -> None:
        before, mark, after = unpacked(path).partition(text.encode())
        assert mark
        pack(path, before + mark + b"\xe9" + after)

    return spoil


def header_moved(path: Path) -> None:
    """A line above the header."""
    pack(path, b"# release of spring\n" + unpacked(path))


def cut_off(path: Path) -> None:
    """The packed file ends early."""
    path.write_bytes(path.read_bytes()[:-12])


def bomb(path: Path) -> None:
    """A small file that unpacks to over a thousand times its size."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as bundle:
            (name,) = bundle.namelist()
        archive(path, {name: b"<?xml version='1.0'?>" + b" " * len(ZEROS)})
    else:
        pack(path, ZEROS)
    assert path.stat().st_size * 1000 < len(ZEROS)


def doctype(path: Path) -> None:
    """Entities that double ten times over, after the line that says that this is XML."""
    levels = "".join(f'<!ENTITY l{n + 1} "&l{n};&l{n};">' for n in range(10))
    lines = f'<!DOCTYPE lolz [<!ENTITY l0 "lol">{levels}]>'
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as bundle:
            members = {name: bundle.read(name) for name in bundle.namelist()}
        archive(path, {name: _after_first(text, lines) for name, text in members.items()})
    else:
        pack(path, _after_first(unpacked(path), lines))


def _after_first(text: bytes, line: str) -> bytes:
    first, _, rest = text.partition(b"\n")
    return first + b"\n" + line.encode() + b"\n" + rest


class Bad(NamedTuple):
    """A file that is spoilt in one way; the row and the words that its refusal gives."""

    source: str
    file: str
    spoil: Spoil
    row: int | None
    words: str


BAD = {
    "truncated gz": Bad("decagon", "bio-decagon-targets.csv.gz", cut_off, None, "unpacked"),
    "truncated xz": Bad("ddinter", "ddinter_downloads_code_A.csv.xz", cut_off, None, "unpacked"),
    "truncated zip": Bad(
        "drugbank_xml", "drugbank_all_full_database.xml.zip", cut_off, None, "unpacked"
    ),
    "wrong columns, csv": Bad(
        "ddinter", "ddinter_downloads_code_A.csv.xz", replaced("Drug_A", "Drug 1"), None, "Drug_A"
    ),
    "wrong columns, tsv": Bad(
        "hgnc", "hgnc_entries.tsv", replaced("Approved symbol", "Symbol"), None, "Approved symbol"
    ),
    "wrong columns, json": Bad(
        "ansm", "thesaurus.json", replaced('"main_drug"', '"drug"'), 0, "main_drug is missing"
    ),
    "a column too many, xz": Bad(
        "decagon", "bio-decagon-ppi.csv.xz", replaced("185,2931", "185,2931,7"), 2, "3"
    ),
    "header moved, csv": Bad("chembl", "chembl_tas.csv", header_moved, None, "chembl_id"),
    "header moved, tsv.gz": Bad(
        "drug_mappings", "drug-mappings.tsv.gz", header_moved, None, "drugbankId"
    ),
    "header moved, headless": Bad("sider", "meddra_all_se.tsv.xz", header_moved, 1, "6"),
    "not UTF-8, csv": Bad("chembl", "chembl_tas.csv", not_utf8("CLARITHRO"), 4, "UTF-8"),
    "not UTF-8, tsv": Bad("hgnc", "hgnc_entries.tsv", not_utf8("ABCG2"), 3, "UTF-8"),
    "not UTF-8, xml": Bad(
        "worldvista",
        "worldvista_all_eng_classes_sept2016.xml",
        not_utf8("STRONG INHIB"),
        3,
        "UTF-8",
    ),
    "a blank in an id, csv": Bad(
        "chembl", "chembl_tas.csv", replaced("CHEMBL1064", "CHEMBL 1064"), 2, "'CHEMBL.COMPOUND:"
    ),
    "a blank in an id, tsv": Bad(
        "hgnc", "hgnc_entries.tsv", replaced("HGNC:2637", "HGNC:26 37"), 10, "'HGNC:26 37'"
    ),
    "a blank in an id, xz": Bad(
        "decagon", "bio-decagon-combo.csv.xz", replaced("CID000006691", "CID00000 6691"), 2, "CID"
    ),
    "a blank in an id, gz": Bad(
        "drugcentral", "targets.tsv.gz", replaced("10000001", "1000 0001"), 3, "'PMID:1000 0001"
    ),
    "a blank in an id, json": Bad(
        "hpo", "hp.json", replaced("HP:0001664", "HP:000 1664"), 3, "'HP:000 1664'"
    ),
    "a blank in an id, json.gz": Bad(
        "cpic",
        "CPIC_clopidogrel_and_CYP2C19.json.gz",
        replaced("CYP2C19", "CYP 2C19"),
        4,
        "CYP 2C19",
    ),
    "DOCTYPE, xml": Bad(
        "worldvista", "worldvista_all_eng_classes_sept2016.xml", doctype, 2, "has a DOCTYPE"
    ),
    "DOCTYPE, xml.gz": Bad(
        "worldvista", "worldvista_all_eng_tables_sept2016.xml.gz", doctype, 2, "has a DOCTYPE"
    ),
    "DOCTYPE, xml.zip": Bad(
        "drugbank_xml", "drugbank_all_full_database.xml.zip", doctype, 2, "has a DOCTYPE"
    ),
    "1,000:1, gz": Bad("decagon", "bio-decagon-targets.csv.gz", bomb, None, "unpacks to over"),
    "1,000:1, xz": Bad("sider", "meddra_all_se.tsv.xz", bomb, None, "unpacks to over"),
    "1,000:1, zip": Bad(
        "drugbank_xml", "drugbank_all_full_database.xml.zip", bomb, None, "unpacks to over"
    ),
    "1,000:1, csv.gz": Bad("nsides", "OFFSIDES.csv.gz", bomb, None, "unpacks to over"),
}


@pytest.mark.parametrize("how", BAD)
def test_bad_input_is_refused_by_source_file_and_row(how: str, tmp_path: Path) -> None:
    bad = BAD[how]
    files = copy_sample(SOURCES[bad.source], tmp_path)
    bad.spoil(files[bad.file])
    with pytest.raises(MalformedSource) as refusal:
        list(checked(SOURCES[bad.source], files))
    told = refusal.value
    assert (told.source, told.file, told.row) == (bad.source, bad.file, bad.row)
    place = bad.file if bad.row is None else f"{bad.file}, row {bad.row}"
    assert str(told).startswith(f"source {bad.source!r}, {place}: ")
    assert bad.words in str(told)


def quiet(message: str) -> None:
    """Say nothing of progress."""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the sources that are in order have been parsed already."""
    home = tmp_path_factory.mktemp("parsed")
    build(BuildRequest(load_recipe(str(lay(home, sample_members()))), home), quiet)
    return home


IN_A_BUILD = (
    *("truncated gz", "wrong columns, csv", "header moved, tsv.gz", "not UTF-8, xml"),
    *("a blank in an id, gz", "DOCTYPE, xml.gz", "1,000:1, xz"),
)


@pytest.mark.parametrize("how", IN_A_BUILD)
def test_bad_input_stops_the_build_or_is_said_in_the_manifest_and_in_every_answer(
    how: str, parsed: Path, tmp_path: Path
) -> None:
    bad, home = BAD[how], tmp_path / "home"
    files = copy_sample(SOURCES[bad.source], tmp_path)
    bad.spoil(files[bad.file])
    more = {bad.source: {name: path.read_bytes() for name, path in files.items()}}
    shutil.copytree(parsed / "cache", home / "cache")
    request = BuildRequest(load_recipe(str(lay(home, sample_members() | more))), home)
    with pytest.raises(MalformedSource):
        build(request, quiet)
    assert not list(home.glob("kg/*"))
    made = build(BuildRequest(request.recipe, home, keep_going=True), quiet)
    place = bad.file if bad.row is None else f"{bad.file}, row {bad.row}"
    reason = made.left_out[bad.source]
    assert reason.startswith(f"{place}: ")
    assert SOURCES[bad.source].info.infores not in {r.source for r in made.releases}
    told = answer(
        {"add": "clarithromycin", "taking": ["simvastatin"]}, open_state(home, made.id, "none")
    )
    assert f"Source {bad.source} was left out of this graph: {reason}." in told["notes"]
    assert told["graph"]["left_out"] == [{"source": bad.source, "reason": reason}]


def climbing(member: str, package: str = DATA) -> Recipe:
    file = RawFile("hpo", "1", "hp.json", package, member, "0" * 64, "CC0-1.0", commercial=True)
    return Recipe("small", (), (file,))


@pytest.mark.parametrize("member", ["../secret.json", "hpo/../../secret.json", "/etc/hostname"])
def test_a_path_that_climbs_out_of_the_data_folder_is_refused_by_source_and_file(
    member: str, tmp_path: Path
) -> None:
    data, home = tmp_path / "data", tmp_path / "home"
    data.mkdir()
    (tmp_path / "secret.json").write_text("[]", encoding="utf-8")
    request = BuildRequest(climbing(member), home, data=data)
    with pytest.raises(UnsafeArchive, match="climbs out of its folder") as refusal:
        build(request, quiet)
    assert (refusal.value.source, refusal.value.member) == ("hpo", member)
    assert "'hpo'" in str(refusal.value)
    assert not list(home.rglob("*.json"))


def test_a_link_out_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret.json").write_text("[]", encoding="utf-8")
    (data / "hp.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(UnsafeArchive, match=r"'hp\.json' climbs out of its folder"):
        build(BuildRequest(climbing("hp.json"), tmp_path / "home", data=data), quiet)


def test_a_file_that_is_not_there_is_named_with_its_source(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"source 'hpo' needs the file 'hpo/hp\.json'"):
        build(BuildRequest(climbing("hpo/hp.json"), tmp_path, data=tmp_path), quiet)


@pytest.mark.parametrize("member", ["../hp.json", "data/../../hp.json"])
def test_a_package_member_that_climbs_is_refused_and_left_out_by_name(
    member: str, tmp_path: Path
) -> None:
    package = archive(tmp_path / "terms.whl", {member: b"[]"})
    recipe = Recipe("small", (package,), climbing(member, package.name).files)
    index = folder_index(tmp_path)
    with pytest.raises(UnsafeArchive, match=r"source 'hpo', terms\.whl: member"):
        build(BuildRequest(recipe, tmp_path / "home"), quiet, index)
    assert not list(tmp_path.glob("home/kg/*"))
    assert not list(tmp_path.rglob("hp.json"))


class Named(NamedTuple):
    """A name that a sample gives to a thing."""

    source: str
    file: str
    written: str
    instead: str


NAMED = (
    Named("chembl", "chembl_tas.csv", "PRAZOSIN", "NA"),
    Named("drugbank", "drugbank_mappings.tsv", "Clarithromycin", "NA"),
    Named("hpo", "hp.json", '"Arrhythmia"', '"NA"'),
    Named("decagon", "decagon_sideeffects_1317.csv", "nausea", "NA"),
    Named("sider", "drug_names.tsv", "carnitine", "NA"),
    Named("drug_mappings", "drug-mappings.tsv.gz", "Betaprofen", "NA"),
    Named("ddinter", "ddinter_downloads_code_A.csv.xz", "Diclofenac (topical)", "NA"),
    Named("drugcentral", "classes.tsv", "beta-adrenergic antagonist", "NA"),
    Named("kgx", "nodes.jsonl", '"name": "', '"name": "NA'),
)


@pytest.mark.parametrize("named", NAMED, ids=lambda named: f"{named.source}-{named.file}")
def test_a_thing_called_na_keeps_its_name(named: Named, tmp_path: Path) -> None:
    source = SOURCES[named.source]
    files = copy_sample(source, tmp_path)
    replaced(named.written, named.instead)(files[named.file])
    frames = [c.frame for c in checked(source, files) if c.kind is ChunkKind.NODES]
    names = pd.concat([frame["name"] for frame in frames])
    assert names.str.upper().str.startswith("NA").any()
    assert not names.isna().any()
    assert "nan" not in set(names.str.lower())


TABULAR = frozenset({".csv", ".tsv", ".sif", ".txt", ".RRF", ".jsonl"})
TABLES = [
    (name, file)
    for name, source in sorted(SOURCES.items())
    for file in sampled_files(source)
    if Path(file.removesuffix(".gz").removesuffix(".xz")).suffix in TABULAR and name != "curated"
]


def graph_of(source: Source, files: dict[str, Path]) -> Tables:
    """The graph of one source alone."""
    licences = dict.fromkeys(files, "CC0-1.0")
    said = [
        SourceChunk(source.info.name, source.info.infores, "1", licences, chunk)
        for chunk in checked(source, files)
    ]
    return assemble(said, ()).tables


def same_tables(once: Tables, twice: Tables) -> None:
    for table in (*COLUMNS, "co_reports"):
        pd.testing.assert_frame_equal(getattr(once, table), getattr(twice, table))
    assert {problem.check for problem in validate(twice) if problem.fatal} <= {"dangling_ends"}


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_rows_that_stand_twice_are_refused_or_double_nothing(
    name: str, file: str, tmp_path: Path
) -> None:
    source = SOURCES[name]
    files = copy_sample(source, tmp_path)
    once = graph_of(source, files)
    first, *rows = unpacked(files[file]).splitlines(keepends=True)
    pack(files[file], b"".join([first, *rows, *rows]))
    refusal = None
    try:
        same_tables(once, graph_of(source, files))
    except MalformedSource as error:
        refusal = error
    assert refusal is None or (refusal.source, refusal.file) == (name, file)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("chembl", "chembl_tas.csv"),
        ("decagon", "bio-decagon-combo.csv.xz"),
        ("drugbank", "drugbank_mappings.tsv"),
        ("drugcentral", "indications.tsv"),
    ],
)
def test_columns_in_another_order_say_the_same(name: str, file: str, tmp_path: Path) -> None:
    source = SOURCES[name]
    files = copy_sample(source, tmp_path)
    before = list(checked(source, files))
    mark = "\t" if ".tsv" in file else ","
    table = pd.read_csv(files[file], sep=mark, dtype=str, keep_default_na=False)
    turned = table[table.columns[::-1]].to_csv(sep=mark, index=False)
    pack(files[file], turned.encode())
    for one, other in zip(before, checked(source, files), strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)


def source_that(frame: dict[str, list[str]], kind: ChunkKind = ChunkKind.NODES) -> Source:
    """A source that says one thing, whatever its file holds."""
    info = SourceInfo("said", "infores:said", "", "")
    return Source(info, ("said.tsv",), lambda _: iter([Chunk.of(kind, pd.DataFrame(frame))]))


EDGE = {
    "subject": ["RXCUI:1"],
    "predicate": ["biolink:affects"],
    "object": ["HGNC:1"],
    "knowledge_level": ["knowledge_assertion"],
    "agent_type": ["manual_agent"],
}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"subject": ["1"]}, "subject is '1'; expected prefix:identifier"),
        ({"subject": ["RXNUI:1"]}, "expected a prefix that the prefix map knows"),
        ({"object": ["hgnc:1"]}, "object is 'hgnc:1'; expected HGNC:1"),
        ({"object": [""]}, "object is ''; expected"),
        ({"predicate": ["biolink:eats"]}, "predicate is 'biolink:eats'; expected a word"),
        ({"severity": ["deadly"]}, "severity is 'deadly'; expected a word"),
        ({"qualifiers": ["role"]}, "qualifiers is 'role'; expected key=value"),
        ({"qualifiers": ["role=a|role=b"]}, "expected key=value, each key once"),
        ({"publications": ["PMID:1|Smith"]}, "publications is 'PMID:1|Smith'; expected"),
    ],
)
def test_what_no_graph_can_hold_is_refused_whatever_the_adapter_lets_pass(
    changed: dict[str, list[str]], reason: str
) -> None:
    assert list(checked(source_that(EDGE, ChunkKind.EDGES), {}))
    with pytest.raises(MalformedSource) as refusal:
        list(checked(source_that(EDGE | changed, ChunkKind.EDGES), {}))
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("xref", "reason"),
    [("CHEBI:27 32", "without blanks"), ("9150", "without blanks"), ("CHBI:1", "the prefix map")],
)
def test_a_cross_reference_that_is_no_curie_is_refused(xref: str, reason: str) -> None:
    node = {"id": ["RXCUI:1"], "category": ["biolink:Drug"], "xref": [f"CHEBI:9150|{xref}"]}
    with pytest.raises(MalformedSource, match=f"xref is .*{reason}"):
        list(checked(source_that(node), {}))


def test_a_slip_in_a_cross_reference_is_left_to_the_list_of_problems() -> None:
    node = {"id": ["RXCUI:1"], "category": ["biolink:Drug"], "xref": ["UMLS:0189573"]}
    assert list(checked(source_that(node), {}))


def test_a_source_that_says_nothing_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=r"'said', said\.tsv: says nothing at all"):
        list(checked(source_that({"id": []}), {"said.tsv": tmp_path}))


@pytest.mark.parametrize("error", [KeyError("name"), TypeError("sts"), RecursionError("deep")])
def test_an_adapter_that_trips_over_a_file_is_said_by_source_and_file(
    error: Exception, tmp_path: Path
) -> None:
    def read(files: object) -> object:
        raise error

    source = Source(SourceInfo("said", "infores:said", "", ""), ("a", "b"), read)  # type: ignore[arg-type]
    with pytest.raises(MalformedSource, match=r"'said', a or b: cannot be read") as refusal:
        list(checked(source, {"a": tmp_path, "b": tmp_path}))
    assert type(error).__name__ in str(refusal.value)
    assert refusal.value.__cause__ is error


def test_half_a_character_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    files = copy_sample(SOURCES["hpo"], tmp_path)
    terms = json.loads(files["hp.json"].read_text(encoding="utf-8"))
    terms[0]["name"] = "\ud800"
    files["hp.json"].write_text(json.dumps(terms), encoding="utf-8")
    with pytest.raises(MalformedSource, match=r"'hpo', hp\.json: a text holds half a character"):
        read_chunks(SOURCES["hpo"], files, {"hp.json": "0"}, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


def test_a_full_disk_is_not_the_fault_of_a_source(tmp_path: Path) -> None:
    def read(files: object) -> object:
        raise OSError(28, "No space left on device")

    source = Source(SourceInfo("said", "infores:said", "", ""), ("a",), read)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="No space left"):
        list(checked(source, {"a": tmp_path}))
