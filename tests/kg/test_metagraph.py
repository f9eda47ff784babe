"""The metagraph counts what leads to what, and draws it so that every count can be found."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kg.exports.metagraph import Metagraph, metagraph_of
from kg.exports.metagraph_figure import Tie, figure, words
from kg.exports.metagraph_layout import CENTRE, layout
from kg.tables import DamagedTable
from tests.kg.published import publish, tables_with_classes
from tests.notebooks import run_notebook

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def test_every_edge_and_every_co_report_is_counted_once(tmp_path: Path) -> None:
    tables = tables_with_classes()
    found = metagraph_of(publish(tmp_path, tables).folder)
    assert sum(tie.edges for tie in found.ties) == len(tables.edges) + len(tables.co_reports)
    assert sum(kind.nodes for kind in found.kinds) == len(tables.nodes)
    reported = Tie(
        "coprescribe:DrugPair", "biolink:has_adverse_event", "biolink:PhenotypicFeature", 1
    )
    assert reported in found.ties


def test_the_picture_names_every_kind_and_lists_every_predicate_with_its_count() -> None:
    found = Metagraph.of(tables_with_classes())
    shown = texts(found.svg("tiny <graph>"))
    assert shown[0] == "tiny <graph>"
    for kind in found.kinds:
        assert set(kind.name.split()) <= set(" ".join(shown).split())
    for tie in found.ties:
        row = f"{words(tie.subject)} → {words(tie.predicate)} → {words(tie.object)}"
        place = shown.index(words(tie.predicate) if tie.subject == tie.object else row)
        assert shown[place + 1] == f"{tie.edges:,}"


def test_the_same_graph_is_drawn_the_same() -> None:
    first, second = (Metagraph.of(tables_with_classes())._repr_svg_() for _ in range(2))
    assert first == second


def test_numbers_keep_clear_of_each_other_and_lines_of_the_hub() -> None:
    radii = dict.fromkeys(["hub", *"abcdefgh"], 50.0)
    lines = [("hub", name) for name in radii]
    across = [(one, other) for one in "abcd" for other in "efgh"]
    drawn = layout(radii, [*lines, *across])
    assert drawn.places["hub"] == CENTRE
    badges = drawn.badges()
    for place, badge in enumerate(badges):
        assert all(math.dist(badge, other) > 22 for other in badges[:place])
    for badge in badges[len(lines) :]:
        assert math.dist(badge, CENTRE) > radii["hub"] + 11


def test_a_graph_without_nodes_has_an_empty_picture() -> None:
    assert texts(figure((), (), "nothing")) == ["nothing"]


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    artifact = publish(tmp_path, tables_with_classes())
    (artifact.folder / "nodes.parquet").write_bytes(b"")
    with pytest.raises(DamagedTable, match=r"nodes\.parquet"):
        metagraph_of(artifact.folder)


def test_the_notebook_of_the_graph_runs_from_its_first_cell_to_its_last(
    open_home: Path, tmp_path: Path
) -> None:
    run = run_notebook("graph.ipynb", open_home, tmp_path)
    assert run.returncode == 0, run.stderr
