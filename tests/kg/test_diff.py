"""Two graphs are compared: what came, what went, who grades otherwise, who lost too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.artifact import Artifact, open_artifact
from kg.baseline import compared_tables, newest_graph, stated_edges
from kg.build import BuildRequest, build
from kg.diff import (
    Changed,
    Difference,
    Loss,
    ShrunkSource,
    SourceEdges,
    compare,
    edges_by_source,
    losses,
    losses_of,
    refuse_losses,
)
from kg.model import Edge, Severity
from kg.recipe import load_recipe
from kg.sources.base import MalformedSource
from kg.tables import CO_REPORT_COLUMNS, Tables
from ontologies.vocabulary import Category, Predicate
from tests.kg.sample_home import Members, lay, sample_members, shortened, spoilt
from tests.tiny import (
    CLARITHROMYCIN,
    EDGES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    WARFARIN,
    interaction,
    said,
    tables_of,
)

ANSM, OWN = "infores:ansm", "infores:coprescribe"


def graded(*severities: Severity) -> list[Edge]:
    return interaction(
        CLARITHROMYCIN, SIMVASTATIN, RHABDOMYOLYSIS, None, *(said(s) for s in severities)
    )


def with_co_reports(tables: Tables, rows: Sequence[tuple[str, str, str]]) -> Tables:
    frame = pd.DataFrame(rows, columns=["drug_a", "drug_b", "effect"])
    full = frame.assign(source="infores:decagon").reindex(
        columns=list(CO_REPORT_COLUMNS), fill_value=""
    )
    return replace(tables, co_reports=full.astype("category"))


def test_a_graph_differs_in_nothing_from_itself(tables: Tables) -> None:
    found = compare(tables, tables)
    nothing = Changed({}, {})
    assert (found.nodes, found.edges, found.severities, found.renamed) == (nothing, nothing, (), ())
    assert {row.source for row in found.sources} == {ANSM, OWN}
    assert all(row.removed == row.added == 0 for row in found.sources)
    assert losses(found) == ()


def test_what_came_and_what_went_is_counted_by_kind_and_by_source() -> None:
    kept = [edge for edge in EDGES if edge.object != RHABDOMYOLYSIS]
    before, after = tables_of(EDGES), tables_of(kept)
    there = compare(before, after)
    assert there.nodes == Changed({Category.PHENOTYPIC_FEATURE.value: 1}, {})
    assert there.edges == Changed({Predicate.CONTRIBUTES_TO.value: 1}, {})
    assert SourceEdges(ANSM, before=2, after=1, removed=1, added=0) in there.sources
    back = compare(after, before)
    assert (back.nodes.added, back.edges.added) == (there.nodes.removed, there.edges.removed)


def test_an_edge_that_is_graded_otherwise_is_told_with_both_grades() -> None:
    found = compare(tables_of(graded(Severity.MAJOR)), tables_of(graded(Severity.MODERATE)))
    (change,) = found.severities
    assert change.object == str(RHABDOMYOLYSIS)
    assert (change.source, change.before, change.after) == (ANSM, ("major",), ("moderate",))
    assert found.edges == Changed({}, {})


def test_a_second_grade_of_the_same_source_is_a_change() -> None:
    both = tables_of(graded(Severity.MAJOR, Severity.MINOR))
    (change,) = compare(tables_of(graded(Severity.MAJOR)), both).severities
    assert (change.before, change.after) == (("major",), ("major", "minor"))


def test_an_edge_that_came_or_went_is_no_change_of_severity() -> None:
    assert compare(tables_of(EDGES), tables_of(graded(Severity.MINOR)[1:])).severities == ()


def test_a_drug_under_another_preferred_curie_is_told_by_name(tables: Tables) -> None:
    nodes = tables.nodes.copy()
    drug = nodes["id"] == str(WARFARIN)
    nodes.loc[drug, ["id", "xref"]] = ["DRUGBANK:DB00682", f"CHEMBL.COMPOUND:CHEMBL1|{WARFARIN}"]
    (renamed,) = compare(tables, replace(tables, nodes=nodes)).renamed
    assert (renamed.before, renamed.after) == (str(WARFARIN), "DRUGBANK:DB00682")
    assert renamed.name == "warfarin"


def test_co_reports_are_edges_of_their_source(tables: Tables) -> None:
    a, b, effect = "RXCUI:1", "RXCUI:2", "UMLS:C1"
    before = with_co_reports(tables, [(a, b, effect), (a, b, "UMLS:C2"), (a, "RXCUI:3", effect)])
    after = with_co_reports(tables, [(a, b, effect), (a, b, "UMLS:C0")])
    found = compare(before, after)
    assert found.edges == Changed(
        {Predicate.CO_REPORTED.value: 2}, {Predicate.CO_REPORTED.value: 1}
    )
    assert SourceEdges("infores:decagon", 3, 2, removed=2, added=1) in found.sources
    assert edges_by_source(before)["infores:decagon"] == 3
    assert compare(tables, before).edges.added == {Predicate.CO_REPORTED.value: 3}


@pytest.mark.parametrize(("after", "lost"), [(100, False), (95, False), (94, True), (0, True)])
def test_more_than_one_edge_in_twenty_is_a_loss(after: int, lost: bool) -> None:
    found = losses_of({ANSM: 100, OWN: 0}, {ANSM: after})
    assert found == ((Loss(ANSM, 100, after),) if lost else ())


@given(st.dictionaries(st.sampled_from([ANSM, OWN, "infores:x"]), st.integers(0, 1000)))
def test_counts_lose_nothing_against_themselves(counts: dict[str, int]) -> None:
    assert losses_of(counts, counts) == ()
    assert {loss.source for loss in losses_of(counts, {})} == {s for s, n in counts.items() if n}


def test_a_difference_knows_its_losses() -> None:
    rows = (SourceEdges(ANSM, 10, 9, 1, 0), SourceEdges(OWN, 10, 10, 0, 0))
    found = Difference(Changed({}, {}), Changed({}, {}), rows, (), ())
    assert losses(found) == (Loss(ANSM, 10, 9),)
    assert losses(found, limit=0.1) == ()


def test_losses_are_refused_in_one_sentence_unless_allowed_by_name() -> None:
    found = (Loss(ANSM, 1000, 900), Loss(OWN, 10, 0))
    with pytest.raises(ShrunkSource, match=r"ansm lost 10\.0% of 1,000.*--allow-loss ansm") as told:
        refuse_losses(found, ["coprescribe"], "graph open-1")
    assert [loss.source for loss in told.value.losses] == [ANSM]
    refuse_losses(found, [ANSM, "coprescribe"], "graph open-1")


def quiet(message: str) -> None:
    """Say nothing of progress."""


def request(home: Path, members: Members) -> BuildRequest:
    return BuildRequest(load_recipe(str(lay(home, members))), home)


@pytest.fixture
def members() -> Members:
    return sample_members()


@pytest.fixture
def built(tmp_path: Path, members: Members) -> Artifact:
    return build(request(tmp_path, members), quiet)


def graphs(home: Path) -> set[str]:
    return {path.name for path in (home / "kg").iterdir()}


def test_a_build_that_loses_too_much_is_not_published(
    built: Artifact, tmp_path: Path, members: Members
) -> None:
    with pytest.raises(ShrunkSource, match=f"against graph {built.id}.*: ansm lost"):
        build(request(tmp_path, shortened(members)), quiet)
    assert graphs(tmp_path) == {built.id}


def test_a_loss_that_is_allowed_by_name_is_published(
    built: Artifact, tmp_path: Path, members: Members
) -> None:
    allowed = replace(request(tmp_path, shortened(members)), allowed_losses=("ansm",))
    assert build(allowed, quiet).id != built.id
    assert build(replace(allowed, allowed_losses=(), force=True), quiet).manifest["counts"]


def test_the_report_counts_the_edges_of_every_source(built: Artifact) -> None:
    tables = compared_tables(built)
    assert stated_edges(built) == edges_by_source(tables)
    assert set(stated_edges(built)) == set(tables.evidence["source"])
    without = Artifact(built.folder, {**built.manifest, "report": {}})
    assert stated_edges(without) == stated_edges(built)


def test_a_source_that_cannot_be_read_is_left_out_when_asked(
    tmp_path: Path, members: Members
) -> None:
    bad = request(tmp_path, spoilt(members))
    with pytest.raises(MalformedSource):
        build(bad, quiet)
    told: list[str] = []
    made = build(replace(bad, keep_going=True), told.append)
    (row,) = made.manifest["left_out"]
    assert row["source"] == "ansm"
    assert row["reason"].startswith("thesaurus.json: not JSON")
    assert f"left out ansm: {row['reason']}" in told
    assert ANSM not in {release.source for release in made.releases}
    assert not [name for name in made.manifest["inputs"] if name.startswith("ansm/")]
    assert build(replace(bad, keep_going=True), quiet).id == made.id


def test_a_graph_without_a_source_has_another_name_and_is_no_measure(
    built: Artifact, tmp_path: Path, members: Members
) -> None:
    made = build(replace(request(tmp_path, spoilt(members)), keep_going=True), quiet)
    assert made.id != built.id
    newest = newest_graph(tmp_path, "small", commercial=False)
    assert newest is not None
    assert newest.id == built.id
    assert newest_graph(tmp_path, "small", commercial=True) is None


def test_keeping_going_changes_nothing_where_all_can_be_read(
    built: Artifact, tmp_path: Path, members: Members
) -> None:
    asked = replace(request(tmp_path, members), keep_going=True, force=True)
    again = build(asked, quiet)
    assert (again.id, again.left_out) == (built.id, {})


def test_a_file_that_is_not_the_pinned_one_is_left_out_too(
    tmp_path: Path, members: Members
) -> None:
    asked = request(tmp_path, members)
    data = tmp_path / "data"
    for source, files in members.items():
        (data / source).mkdir(parents=True)
        for name, content in files.items():
            (data / source / name).write_bytes(content)
    (data / "ansm" / "thesaurus.json").write_bytes(b"[{")
    (tmp_path / "raw" / "ansm" / "1.0" / "thesaurus.json").unlink()
    made = build(replace(asked, keep_going=True, data=data), quiet)
    assert "but the recipe pins" in made.left_out["ansm"]
    assert str(tmp_path) not in made.left_out["ansm"]


def test_a_graph_with_a_damaged_table_is_still_a_measure(
    built: Artifact, tmp_path: Path, members: Members
) -> None:
    (built.folder / "evidence.parquet").write_bytes(b"PAR1")
    with pytest.raises(ShrunkSource):
        build(request(tmp_path, shortened(members)), quiet)
    untold = Artifact(built.folder, {**built.manifest, "report": {}})
    assert stated_edges(untold) == {}


@pytest.mark.parametrize("manifest", ["", "[]", "{}"])
def test_a_graph_without_its_manifest_is_no_measure(
    manifest: str, built: Artifact, tmp_path: Path, members: Members
) -> None:
    (built.folder / "manifest.json").write_text(manifest, encoding="utf-8")
    assert newest_graph(tmp_path, "small", commercial=False) is None
    made = build(request(tmp_path, shortened(members)), quiet)
    assert open_artifact(made.folder).id == made.id
