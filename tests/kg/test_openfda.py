"""openFDA labels: what makes a pair of two names in a sentence, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.openfda import NOT_PROVIDED, OPENFDA, UNNAMED_EFFECT
from ontologies.vocabulary import AgentType
from tests.kg.samples_targets import pack_sample

(FILE,) = OPENFDA.files
KNOWN = ("SIMVASTATIN", "CLARITHROMYCIN", "DIGOXIN", "MORPHINE", "DOPAMINE")


def pairs_of(files: dict[str, Path]) -> pd.DataFrame:
    return next(c.frame for c in OPENFDA.read(files) if c.kind is ChunkKind.PAIRS)


def named_in(text: str, folder: Path) -> set[str]:
    """Read one label of simvastatin that says `text`; give what it is said to interact with."""
    lines = [{"ingredient": name, "found": False} for name in KNOWN[1:]]
    label = {"ingredient": KNOWN[0], "found": True, "text": text}

    def write(path: Path) -> None:
        path.write_text("".join(json.dumps(row) + "\n" for row in [label, *lines]), "utf-8")

    pairs = pairs_of(pack_sample(OPENFDA, folder, FILE, write))
    return {name.removeprefix("OPENFDA.INGREDIENT:") for name in pairs["drug_b"]}


@pytest.mark.parametrize(
    "text",
    [
        "AVOID SIMVASTATIN IN PATIENTS TAKING CLARITHROMYCIN.",
        "CLARITHROMYCIN RAISES THE RISK OF MYOPATHY WITH SIMVASTATIN [SEE WARNINGS (5.1)].",
        "7.1 INHIBITORS SIMVASTATIN SHOULD NOT BE GIVEN WITH INHIBITORS (E.G., CLARITHROMYCIN).",
    ],
)
def test_two_names_with_a_relation_and_a_consequence_are_a_pair(text: str, tmp_path: Path) -> None:
    assert named_in(text, tmp_path) == {"clarithromycin"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CLARITHROMYCIN DID NOT INCREASE THE EXPOSURE TO SIMVASTATIN.", "denied"),
        ("SIMVASTATIN WAS GIVEN TOGETHER WITH CLARITHROMYCIN.", "no consequence"),
        ("THE RISK IS RAISED BY SIMVASTATIN AND CLARITHROMYCIN ALIKE.", "side by side"),
        ("AVOID THE USE OF CLARITHROMYCIN WITH THIS MEDICINE.", "the label's own is not named"),
        ("AVOID EZE/SIMVASTATIN TABLETS WITH CLARITHROMYCIN.", "a product of two"),
        ("SIMVASTATIN MAY INCREASE THE EFFECT OF DOPAMINE RECEPTOR BLOCKERS.", "of the body"),
        ("CLARITHROMYCIN CONCOMITANT USE OF SIMVASTATIN INCREASES THE RISK.", "a heading"),
        ("THE SIMVASTATIN GROUP BLED MORE OFTEN WITH RISK THAN CLARITHROMYCIN.", "two groups"),
    ],
)
def test_anything_less_is_no_pair(text: str, why: str, tmp_path: Path) -> None:
    assert named_in(text + " AVOID SIMVASTATIN IN PATIENTS TAKING MORPHINE.", tmp_path) == {
        "morphine"
    }, why


def test_the_shortest_of_several_sentences_goes_with_the_pair(tmp_path: Path) -> None:
    pairs = pairs_of(pack_sample(OPENFDA, tmp_path)).set_index("statement")
    row = pairs.loc["label/simvastatin/gemfibrozil"]
    assert row["text"] == "CONCOMITANT USE OF GEMFIBROZIL WITH SIMVASTATIN IS CONTRAINDICATED."
    assert row["effect"] == UNNAMED_EFFECT
    assert row["severity"] == ""
    assert (row["knowledge_level"], row["agent_type"]) == (
        NOT_PROVIDED,
        AgentType.TEXT_MINING_AGENT.value,
    )


def test_the_sample_gives_no_pair_of_products_headings_or_foods(tmp_path: Path) -> None:
    assert sorted(pairs_of(pack_sample(OPENFDA, tmp_path))["statement"]) == [
        "label/digoxin/clarithromycin",
        "label/simvastatin/gemfibrozil",
        "label/valproate/zidovudine",
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"ingredient": "DIGOXIN", "found": true}',
        '{"ingredient": "", "found": false}',
        '{"ingredient": "DIGOXIN", "found": "yes"}',
        '["DIGOXIN"]',
        "{",
    ],
)
def test_a_line_that_is_no_label_is_refused_by_its_number(line: str, tmp_path: Path) -> None:
    def add(path: Path) -> None:
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")

    with pytest.raises(MalformedSource) as refusal:
        pairs_of(pack_sample(OPENFDA, tmp_path, FILE, add))
    assert (refusal.value.file, refusal.value.row) == (FILE, 11)


def test_the_real_labels_name_well_known_pairs(shared_data: Path) -> None:
    pairs = pairs_of({FILE: shared_data / "openfda_labels" / FILE})
    assert len(pairs) >= 1000
    said = set(pairs["statement"])
    assert "label/clopidogrel/omeprazole" in said
    assert "label/tizanidine/ciprofloxacin" in said
    assert "label/salmeterol/fluticasone" not in said, "one product"
    assert pairs["text"].str.len().max() <= 450
