"""The map shows every learned drug once, names a few without overlap, and colours by ATC."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from embeddings.drug_map import GROUPS, atc_groups, drug_map, flattened
from embeddings.vectors import LEARNED, Vectors
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import edge, graph_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def vectors() -> Vectors:
    drugs = tuple(f"RXCUI:{i}" for i in range(60))
    table = np.random.default_rng(0).normal(size=(60, 5))
    names = {drug: f"drug & <{drug}>" for drug in drugs}
    return Vectors(LEARNED, drugs, (), table, np.zeros((0, 5)), names)


def drawn(
    vectors: Vectors, groups: dict[str, tuple[str, ...]], known: npt.NDArray[np.integer]
) -> ET.Element:
    return ET.fromstring(drug_map(vectors, groups, known).svg)  # noqa: S314 - our own picture


def test_every_drug_with_facts_is_a_dot_that_tells_its_name(vectors: Vectors) -> None:
    known = np.arange(60)
    picture = drawn(vectors, {"RXCUI:7": ("C", "N")}, known)
    dots = [dot for dot in picture.iter(f"{SVG}circle") if dot.find(f"{SVG}title") is not None]
    told = {title.text: dot.get("fill") for dot in dots for title in dot.iter(f"{SVG}title")}
    assert len(dots) == 59
    assert (
        told["drug & <RXCUI:7>: C cardiovascular, N nervous system"]
        == {letter: colour for letter, _, colour in GROUPS}["C"]
    )
    assert told["drug & <RXCUI:8>: no ATC code known"]


def test_names_on_the_map_do_not_overlap(vectors: Vectors) -> None:
    picture = drawn(vectors, {}, np.arange(60) + 1)
    texts = [t for t in picture.iter(f"{SVG}text") if (t.text or "").startswith("drug & ")]
    names = [t for t in texts if t.get("fill") != "white"]
    assert [t.text for t in texts if t.get("fill") == "white"] == [t.text for t in names]
    boxes = [(float(t.get("x", 0)), float(t.get("y", 0)), 6.4 * len(t.text or "")) for t in names]
    assert len(boxes) > 5
    for place, (x, y, width) in enumerate(boxes):
        for other_x, other_y, other in boxes[:place]:
            assert abs(y - other_y) >= 11 or x + width < other_x or other_x + other < x


def test_the_same_vectors_give_the_same_map_whatever_their_signs(vectors: Vectors) -> None:
    mirrored = replace(vectors, of_drugs=-vectors.of_drugs)
    known = np.arange(60) + 1
    assert drug_map(vectors, {}, known).svg == drug_map(vectors, {}, known).svg
    there, back = (flattened(v.of_drugs, known)[0] for v in (vectors, mirrored))
    assert np.allclose(np.abs(there), np.abs(back))


def test_the_number_of_facts_is_no_direction_of_the_map(vectors: Vectors) -> None:
    known = np.arange(60) + 1
    of_facts = np.log1p(known)[:, None] * np.ones(5)
    points, part = flattened(vectors.of_drugs + of_facts, known)
    for column in points.T:
        assert abs(np.corrcoef(column, np.log1p(known))[0, 1]) < 1e-6
    assert 0.0 < part <= 1.0


def test_a_drug_has_the_letters_of_its_codes_or_of_what_it_is_a_form_of() -> None:
    graph = graph_of(
        *(
            edge(Curie.parse(narrow), Predicate.SUBCLASS_OF, Curie.parse(wide))
            for narrow, wide in (
                ("RXCUI:1", "ATC:C10AA"),
                ("RXCUI:1", "ATC:C10BA"),
                ("RXCUI:1", "ATC:A10BH"),
                ("RXCUI:2", "RXCUI:1"),
                ("RXCUI:3", "ANSM.CLASS:statines"),
            )
        )
    )
    groups = atc_groups(graph, ["RXCUI:1", "RXCUI:2", "RXCUI:3", "RXCUI:4", "ATC:A03AB02"])
    assert groups == {"RXCUI:1": ("C", "A"), "RXCUI:2": ("C", "A"), "ATC:A03AB02": ("A",)}
