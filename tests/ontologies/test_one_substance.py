"""Forms and drugs that are one substance to the body."""

from __future__ import annotations

import pandas as pd

from ontologies.curie import Curie
from ontologies.normalize import Normalizer
from ontologies.one_substance import bearer, forms_of_one_substance

LITHIUM, CARBONATE = "RXCUI:6448", "RXCUI:42351"


def normalizer() -> Normalizer:
    rows = [
        (LITHIUM, "lithium", "DRUGBANK:DB01356"),
        (CARBONATE, "lithium carbonate", "DRUGBANK:DB14509"),
    ]
    frame = pd.DataFrame(rows, columns=["id", "name", "xref"])
    return Normalizer.from_mappings(frame.assign(category="biolink:Drug", source="a"))


def test_what_is_said_of_a_form_by_any_code_is_said_of_its_drug() -> None:
    bears = bearer(normalizer(), {LITHIUM, CARBONATE})
    assert [bears(c) for c in (CARBONATE, "DRUGBANK:DB14509", LITHIUM)] == [LITHIUM] * 3


def test_a_form_whose_drug_the_graph_does_not_hold_keeps_its_facts() -> None:
    assert bearer(normalizer(), {CARBONATE})(CARBONATE) == CARBONATE


def test_every_row_names_a_form_once_and_no_drug_is_a_form() -> None:
    rows = forms_of_one_substance()
    forms = [Curie.parse(row.form) for row in rows]
    assert len(rows) > 40
    assert len(set(forms)) == len(forms)
    assert not set(forms) & {Curie.parse(row.drug) for row in rows}
    assert all(row.form_name and row.drug_name and row.reason for row in rows)
