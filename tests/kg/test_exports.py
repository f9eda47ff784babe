"""A graph leaves in five formats, whole or not at all, and without what may not be passed on."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib

from kg.artifact import Artifact
from kg.exports import columns as columns_module
from kg.exports.export import FORMATS, ExportRequest, FolderInUse, UnknownFormat, export
from kg.exports.selection import Terms, select
from kg.exports.terms import Passing, passing
from kg.model import SourceRelease, edge_id
from kg.nquads import CLOSURE_GRAPH, VOID_GRAPH, graph_iri
from kg.rdf import DamagedStore, open_store, store_of_nquads, write_store
from kg.sources.registry import SOURCES
from kg.tables import DamagedTable, read_co_reports, read_tables
from ontologies.curie import default_prefixes
from tests.kg.published import (
    CLARITHROMYCIN,
    HEART,
    LIPID,
    OWN_DRUG,
    STATIN,
    SUBCLASS,
    added,
    licensed,
    publish,
    tables_with_classes,
)
from tests.kg.rdf_graph import AWKWARD, EDGE_IDS, PAIR, RELEASES, RHABDOMYOLYSIS, SIMVASTATIN

WORDS = Path(__file__).with_name("biolink-4.4.6.tsv")
ALL_RIGHTS = "all rights reserved"


def quiet(text: str) -> None:
    del text


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return publish(tmp_path_factory.mktemp("home"), tables_with_classes())


@pytest.fixture(scope="module")
def made(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export in every format."""
    folder = tmp_path_factory.mktemp("exports")
    for name in FORMATS:
        export(artifact, ExportRequest(name, folder / name), quiet)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def biolink_words(kind: str) -> set[str]:
    return {row["word"] for row in rows_of(WORDS) if row["kind"] == kind}


def test_parquet_gives_the_tables_back_as_they_were(artifact: Artifact, made: Path) -> None:
    before, after = (read_tables(folder) for folder in (artifact.folder, made / "parquet"))
    for name in ("nodes", "edges", "evidence"):
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))
    reports = read_co_reports(made / "parquet")
    pd.testing.assert_frame_equal(reports, read_co_reports(artifact.folder))


def test_nquads_loaded_into_a_store_are_the_store_that_the_build_writes(
    made: Path, tmp_path: Path
) -> None:
    write_store(tables_with_classes(), RELEASES, tmp_path / "store", default_prefixes())
    written = open_store(tmp_path / "store")
    n_quads = store_of_nquads(made / "nquads" / "graph.nq", tmp_path / "back")
    assert set(open_store(tmp_path / "back")) == set(written)
    assert n_quads == len(written)
    n_lines = len((made / "nquads" / "graph.nq").read_bytes().splitlines())
    assert n_lines == len(written), "no quad is written twice"


@pytest.mark.parametrize("name", ["nquads", "turtle"])
def test_a_licence_with_a_separator_of_lines_stays_one_text(name: str, tmp_path: Path) -> None:
    licence = "CC0\u2028for the facts\x0balone"
    artifact = publish(tmp_path, *licensed(tables_with_classes(), "infores:second", licence))
    export(artifact, ExportRequest(name, tmp_path / "out"), quiet)
    (path,) = (tmp_path / "out").glob("graph.nq" if name == "nquads" else "void.ttl")
    assert any(getattr(quad.object, "value", "") == licence for quad in ox.parse(path=str(path)))


@pytest.mark.parametrize("harm", ["cut short", "foreign"])
def test_nquads_that_are_not_whole_give_no_store(made: Path, tmp_path: Path, harm: str) -> None:
    lines = (made / "nquads" / "graph.nq").read_bytes().splitlines(keepends=True)
    cut = lines[:-5] if harm == "cut short" else [*lines[:9], b"no quad\n"]
    (tmp_path / "cut.nq").write_bytes(b"".join(cut))
    with pytest.raises(DamagedStore, match=r"cut\.nq"):
        store_of_nquads(tmp_path / "cut.nq", tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_turtle_has_a_file_for_each_graph_and_loses_no_triple(made: Path) -> None:
    quads = ox.Store()
    quads.bulk_load(path=str(made / "nquads" / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    files = {path.stem: path for path in (made / "turtle").glob("*.ttl")}
    assert set(files) == {
        *("closure", "first-2020-10", "names", "second-v_202_2Fb", "vocabulary", "void"),
    }
    for name, graph in (
        ("closure", CLOSURE_GRAPH),
        ("void", VOID_GRAPH),
        ("first-2020-10", graph_iri(RELEASES[0].source, RELEASES[0].version)),
    ):
        expected = {
            q.triple for q in quads.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        }
        found = ox.parse(path=str(files[name]), format=ox.RdfFormat.TURTLE)
        assert {quad.triple for quad in found} == expected
    assert len(rdflib.Graph().parse(files["closure"])) == 10
    head, *rest = files["closure"].read_text(encoding="utf-8").splitlines()
    assert head.startswith("@prefix ACB.DRUG:")
    assert f"{SIMVASTATIN} biolink:subclass_of ATC:C10 , ATC:C10A , ATC:C ." in rest
    assert "ATC:C10A biolink:subclass_of ATC:C10 , ATC:C ." in rest


def test_a_rule_of_passing_on_is_read_off_the_words_of_a_licence() -> None:
    assert passing("CC BY-NC 4.0; UMLS licence") is Passing.FORBIDDEN
    assert passing("") is passing("CC0-1.0 (unverified)") is Passing.NOT_STATED
    assert passing("DrugBank academic licence CC BY-NC 4.0") is Passing.GRANTED


def test_graphml_is_read_by_networkx_with_sources_and_severities(made: Path) -> None:
    graph = nx.read_graphml(made / "graphml" / "graph.graphml", force_multigraph=True)
    assert graph.nodes[HEART] == {"name": "ATC:C <&>", "category": "coprescribe:DrugClass"}
    (edge,) = (data for *ends, data in graph.edges(data=True) if ends == [PAIR, RHABDOMYOLYSIS])
    assert edge["sources"] == "infores:first|infores:second"
    assert edge["severities"] == "contraindicated|major"
    assert edge["qualifiers"] == "mechanism=enzyme_inhibition"
    assert len(graph.edges) == len(tables_with_classes().edges)


def test_every_word_of_kgx_is_one_of_biolink_and_every_prefix_is_known(made: Path) -> None:
    nodes, edges = (rows_of(made / "kgx" / f"{name}.tsv") for name in ("nodes", "edges"))
    assert {row["category"] for row in nodes} <= biolink_words("category")
    assert {row["predicate"] for row in edges} <= biolink_words("predicate")
    ours = {row["prefix"] for row in rows_of(made / "kgx" / "prefixes.tsv")}
    used = {row["id"].partition(":")[0] for row in nodes}
    assert used <= ours
    assert "DrugCentral" in used
    spelled = {prefix.casefold(): prefix for prefix in biolink_words("prefix")}
    assert {p for p in ours if spelled.get(p.casefold(), p) != p} == set()


def test_every_word_of_kgx_is_accepted_by_bmt(made: Path, tmp_path: Path) -> None:
    bmt = pytest.importorskip("bmt", reason="bmt and biolink-model are not installed")
    model = pytest.importorskip("biolink_model", reason="biolink-model is not installed")
    schema = Path(model.__path__[0]) / "schema" / "biolink_model.yaml"
    mappings = tmp_path / "predicates.yaml"
    mappings.write_text("predicate mappings: []\n", encoding="utf-8")
    toolkit = bmt.Toolkit(schema=str(schema), predicate_map=str(mappings))
    nodes, edges = (rows_of(made / "kgx" / f"{name}.tsv") for name in ("nodes", "edges"))
    assert all(toolkit.is_category(row["category"]) for row in nodes)
    assert all(toolkit.is_predicate(row["predicate"]) for row in edges)


def test_the_words_for_our_own_categories_are_those_of_the_vocabulary() -> None:
    from kg.exports.biolink import CATEGORIES, PREDICATES
    from ontologies.own_terms import VOCABULARY

    owl = rdflib.Graph().parse(data=VOCABULARY.read_text(encoding="utf-8"), format="turtle")
    ask = "ASK { %s (rdfs:subClassOf|rdfs:subPropertyOf) %s }"
    assert all(owl.query(ask % pair) for pair in (CATEGORIES | PREDICATES).items())


def test_kgx_has_one_row_for_each_statement_and_says_pairs_between_drugs_too(made: Path) -> None:
    edges = rows_of(made / "kgx" / "edges.tsv")
    ids = [row["id"] for row in edges]
    assert len(ids) == len(set(ids)) == len(tables_with_classes().evidence) + 3 + 1
    stated = {row["id"]: row for row in edges}
    first = stated[f"{EDGE_IDS['pair_effect']}-1-drugs"]
    assert (first["subject"], first["object"]) == (CLARITHROMYCIN, SIMVASTATIN)
    assert (first["predicate"], first["effect"]) == (
        "biolink:pharmacologically_interacts_with",
        RHABDOMYOLYSIS,
    )
    assert (first["severity"], first["source_version"]) == ("contraindicated", "2020-10")
    assert first["supporting_text"].split() == AWKWARD.replace("\x07", " ").split()
    (report,) = (row for row in edges if row["predicate"] == "biolink:has_adverse_event")
    assert (report["subject"], report["primary_knowledge_source"]) == (PAIR, "infores:second")
    (rule,) = (row for row in edges if row["original_predicate"])
    assert (rule["predicate"], rule["original_predicate"]) == (
        "biolink:related_to",
        "coprescribe:phenotype_rule",
    )


def test_the_folder_says_what_is_in_it_and_on_whose_terms(made: Path) -> None:
    for name in FORMATS:
        manifest = json.loads((made / name / "manifest.json").read_text(encoding="utf-8"))
        assert (manifest["format"], manifest["graph"]) == (name, "tiny-1")
        assert {path.name for path in (made / name).iterdir()} == {
            "manifest.json",
            *manifest["files"],
        }
        page = (made / name / "README.md").read_text(encoding="utf-8")
        assert "| infores:first | 2020-10 | no | CC-BY-4.0 |" in page
        assert page.endswith("## Left out\n\nNothing.\n")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_nothing_of_a_source_that_forbids_passing_on_is_written_and_it_is_named(
    name: str, tmp_path: Path
) -> None:
    tables, releases = licensed(tables_with_classes(), "infores:first", ALL_RIGHTS)
    artifact = publish(tmp_path, tables, releases)
    manifest = export(artifact, ExportRequest(name, tmp_path / "out"), quiet)
    (gone,) = manifest["left_out"]
    assert (gone["source"], gone["rows"]) == ("infores:first", 8)
    assert [row["source"] for row in manifest["sources"]] == ["infores:second"]
    for path in (tmp_path / "out").iterdir():
        if path.name not in {"README.md", "manifest.json"} and path.suffix != ".parquet":
            assert b"infores:first" not in path.read_bytes()
            assert b"contraindicated" not in path.read_bytes() or path.name in _VOCABULARY
    assert ALL_RIGHTS in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


_VOCABULARY = ("graph.nq", "vocabulary.ttl")


def test_what_was_inferred_from_what_stays_behind_stays_behind() -> None:
    tables, releases = licensed(tables_with_classes(), "infores:first", ALL_RIGHTS)
    left = select(tables, releases, Terms.ANY).tables
    assert EDGE_IDS["pair_effect"] not in set(left.edges["id"])
    assert PAIR in set(left.nodes["id"]), "a co-report that is taken along leads to it"
    assert set(left.evidence["source"]) == {"infores:second"}


def test_a_name_that_only_a_source_left_behind_gives_is_not_passed_on() -> None:
    tables, releases = licensed(tables_with_classes(), SOURCES["atc"].info.infores, ALL_RIGHTS)
    release = SourceRelease(SOURCES["atc"].info.infores, "1", ALL_RIGHTS)
    theirs = tables.nodes["id"].isin([SIMVASTATIN, STATIN])
    shared = tables.nodes["id"] == LIPID
    provided = tables.nodes["provided_by"].mask(theirs, "atc").mask(shared, "atc|curated")
    before = tables.nodes.set_index("id")["name"]
    nodes = tables.nodes.assign(provided_by=provided)
    found = select(replace(tables, nodes=nodes), (*releases, release), Terms.ANY).tables.nodes
    names = found.set_index("id")["name"]
    assert (names[SIMVASTATIN], names[STATIN]) == (SIMVASTATIN, STATIN)
    assert names[LIPID] == before[LIPID], "another source lists the node"
    assert names[PAIR] == f"{before[CLARITHROMYCIN]} + {SIMVASTATIN}"


def test_what_was_read_off_a_name_that_stays_behind_stays_behind() -> None:
    tables = tables_with_classes()
    atc = SourceRelease(SOURCES["atc"].info.infores, "1", ALL_RIGHTS)
    facts = [(OWN_DRUG, SIMVASTATIN), (CLARITHROMYCIN, SIMVASTATIN)]
    edges = [(edge_id(a, SUBCLASS, b, "x=1"), a, SUBCLASS, b, "x=1") for a, b in facts]
    ours = {"source": "infores:coprescribe", "agent_type": "automated_agent", "text": "by its name"}
    said = tables.evidence.iloc[[0, 0]].assign(edge_id=[edge[0] for edge in edges], **ours)
    theirs = {OWN_DRUG: "atc", CLARITHROMYCIN: "atc|curated"}
    nodes = tables.nodes.assign(provided_by=tables.nodes["id"].map(theirs).fillna("curated"))
    evidence = pd.concat([tables.evidence, said], ignore_index=True)
    stated = replace(tables, nodes=nodes, edges=added(tables.edges, edges), evidence=evidence)
    found = select(stated, (*RELEASES, atc), Terms.ANY).tables
    (left,) = found.evidence[found.evidence["source"] == "infores:coprescribe"].to_dict("records")
    assert (left["edge_id"], left["text"]) == (edges[1][0], ""), "a quote may be of their name"
    assert edges[0][0] not in set(found.edges["id"])


def test_terms_that_nobody_states_are_left_out_when_asked_for() -> None:
    tables, releases = licensed(tables_with_classes(), "infores:second", "none stated")
    assert select(tables, releases, Terms.ANY).left_out == ()
    found = select(tables, releases, Terms.STATED)
    assert [row.source for row in found.left_out] == ["infores:second"]
    assert not set(found.tables.edges["object"]) & {STATIN, HEART}
    assert not len(found.tables.co_reports)


def test_for_commercial_use_only_releases_that_allow_it_are_taken() -> None:
    tables = tables_with_classes()
    trade = (RELEASES[0], replace(RELEASES[1], commercial=True))
    found = select(tables, trade, Terms.COMMERCIAL)
    assert {row.source for row in found.left_out} == {"infores:first"}
    assert OWN_DRUG in set(found.tables.nodes["id"])


def test_a_format_that_nobody_knows_is_quoted_with_those_that_are(
    artifact: Artifact, tmp_path: Path
) -> None:
    with pytest.raises(UnknownFormat, match=r"'csv'; known: graphml, kgx, nquads"):
        export(artifact, ExportRequest("csv", tmp_path / "out"), quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_refused_and_only_an_older_export_is_replaced(
    artifact: Artifact, tmp_path: Path
) -> None:
    request = ExportRequest("parquet", tmp_path / "out")
    (tmp_path / "out").mkdir()
    export(artifact, request, quiet)
    with pytest.raises(FolderInUse, match="--force replaces an older export"):
        export(artifact, request, quiet)
    export(artifact, replace(request, format="kgx", force=True), quiet)
    assert not (tmp_path / "out" / "nodes.parquet").exists()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderInUse, match="holds other files"):
        export(artifact, replace(request, force=True), quiet)
    with pytest.raises(FolderInUse, match="it is a file"):
        export(artifact, replace(request, folder=tmp_path / "out" / "mine.txt"), quiet)
    for nameless in (Path("/"), tmp_path / "out" / ".."):
        with pytest.raises(FolderInUse, match="has no name of its own"):
            export(artifact, replace(request, folder=nameless, force=True), quiet)


def test_a_full_disk_leaves_the_older_export_as_it_was(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ExportRequest("kgx", tmp_path / "out", force=True)
    export(artifact, request, quiet)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns_module, "write_lines", full)
    with pytest.raises(OSError, match="No space left"):
        export(artifact, request, quiet)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_may_not_be_written_is_refused_before_the_graph_is_read(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match=tmp_path.name):
        export(artifact, ExportRequest("kgx", tmp_path / "a" / "out"), steps.append)
    assert steps == []


def test_a_damaged_table_writes_nothing(artifact: Artifact, tmp_path: Path) -> None:
    harmed = publish(tmp_path / "home", tables_with_classes())
    (harmed.folder / "edges.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedTable, match=r"edges\.parquet"):
        export(harmed, ExportRequest("kgx", tmp_path / "out"), quiet)
    assert not (tmp_path / "out").exists()
