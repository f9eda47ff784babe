"""The table of enzyme and transporter roles keeps to its vocabularies and cites what is known."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

CURATED = Path(__file__).resolve().parents[2] / "kg" / "curated"
CYP = frozenset(
    {"CYP1A2", "CYP2B6", "CYP2C8", "CYP2C9", "CYP2C19", "CYP2D6", "CYP3A4", "CYP3A5"},
)
PROTEINS = {
    **{gene: gene for gene in CYP},
    "UGT1A1": "UGT1A1",
    "ABCB1": "P-gp",
    "ABCG2": "BCRP",
    "SLCO1B1": "OATP1B1",
    "SLCO1B3": "OATP1B3",
    "SLC22A6": "OAT1",
    "SLC22A8": "OAT3",
    "SLC22A2": "OCT2",
    "SLC47A1": "MATE1",
    "SLC47A2": "MATE2-K",
}
STRENGTHS = {
    "inhibitor": {"strong", "moderate", "weak"},
    "inducer": {"strong", "moderate", "weak"},
    "substrate": {"sensitive", "moderate", "minor"},
}
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def roles() -> list[Row]:
    return rows_of(CURATED / "enzymes.tsv")


@pytest.fixture(scope="module")
def references() -> set[str]:
    return {row["id"] for path in CURATED.glob("references*.tsv") for row in rows_of(path)}


def test_the_table_has_its_full_size(roles: list[Row]) -> None:
    assert len(roles) >= 350


def test_every_word_comes_from_a_closed_list(roles: list[Row]) -> None:
    for row in roles:
        assert PROTEINS.get(row["gene"]) == row["protein"], row
        assert row["role"] in STRENGTHS, row
        assert row["strength"] in STRENGTHS[row["role"]] | {""}, row
        assert row["activates"] in {"yes", "no"}, row


def test_an_enzyme_that_acts_or_is_acted_on_has_a_strength(roles: list[Row]) -> None:
    """Many roles at transporters are not graded, nor is a substrate without an exposure study."""
    for row in roles:
        if row["gene"] in CYP and row["role"] != "substrate":
            assert row["strength"], row


def test_only_a_substrate_can_be_activated(roles: list[Row]) -> None:
    assert {row["role"] for row in roles if row["activates"] == "yes"} == {"substrate"}


def test_a_drug_a_protein_and_a_role_make_one_row(roles: list[Row]) -> None:
    keys = [(row["drug_id"], row["gene"], row["role"]) for row in roles]
    assert len(keys) == len(set(keys))


def test_an_identifier_belongs_to_one_name(roles: list[Row]) -> None:
    pairs = {(row["drug_id"], row["drug"]) for row in roles}
    assert len(pairs) == len({identifier for identifier, _ in pairs}) == len({n for _, n in pairs})
    assert {identifier.partition(":")[0] for identifier, _ in pairs} <= {"RXCUI", "DRUGBANK"}


def test_every_cited_reference_is_known(roles: list[Row], references: set[str]) -> None:
    cited = {name for row in roles for name in row["reference"].split("|")}
    assert cited <= references


def test_a_decision_fits_the_table(roles: list[Row], references: set[str]) -> None:
    """A role that was kept or added stands in the table; one that was left out does not."""
    held = {(row["drug"], row["gene"], row["role"]) for row in roles}
    decided = rows_of(CURATED / "enzymes_decisions.tsv")
    for row in decided:
        key = (row["drug"], row["gene"], row["role"])
        assert row["decision"] in {"keep", "add", "omit", "reject"}, row
        assert (row["decision"] in {"keep", "add"}) == (key in held), row
        assert row["why"], row
        assert set(row["reference"].split("|")) <= references, row
    assert len({(row["drug"], row["gene"], row["role"]) for row in decided}) == len(decided)


@pytest.mark.parametrize("name", ["enzymes.tsv", "enzymes_decisions.tsv"])
def test_rows_are_sorted_and_clean(name: str) -> None:
    text = (CURATED / name).read_text(encoding="utf-8")
    assert "\r" not in text
    assert '"' not in text
    assert all(line == line.rstrip(" ") for line in text.splitlines())
    drugs = [row["drug"] for row in rows_of(CURATED / name)]
    assert drugs == sorted(drugs)


@pytest.mark.parametrize(
    ("drug", "gene", "role", "strength"),
    [
        ("clarithromycin", "CYP3A4", "inhibitor", "strong"),
        ("rifampin", "CYP3A4", "inducer", "strong"),
        ("simvastatin", "CYP3A4", "substrate", "sensitive"),
        ("paroxetine", "CYP2D6", "inhibitor", "strong"),
        ("warfarin", "CYP2C9", "substrate", "moderate"),
        ("gemfibrozil", "CYP2C8", "inhibitor", "strong"),
        ("fluvoxamine", "CYP1A2", "inhibitor", "strong"),
    ],
)
def test_what_every_pharmacist_knows_is_there(
    roles: list[Row], drug: str, gene: str, role: str, strength: str
) -> None:
    found = [
        row["strength"]
        for row in roles
        if (row["drug"], row["gene"], row["role"]) == (drug, gene, role)
    ]
    assert found == [strength]


@pytest.mark.parametrize(
    ("drug", "gene"),
    [("clopidogrel", "CYP2C19"), ("codeine", "CYP2D6"), ("tamoxifen", "CYP2D6")],
)
def test_a_prodrug_names_the_enzyme_that_activates_it(
    roles: list[Row], drug: str, gene: str
) -> None:
    assert [
        row["activates"]
        for row in roles
        if (row["drug"], row["gene"], row["role"]) == (drug, gene, "substrate")
    ] == ["yes"]
