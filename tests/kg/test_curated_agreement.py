"""The curated tables agree with the lists made elsewhere, or the difference is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import enzymes_agreement, liabilities_agreement
from benchmarks.liability_lists import Listing
from benchmarks.role_lists import RoleList, role_lists

PLAIN = Listing(
    "list", strong=True, known=frozenset({"a", "b", "c"}), said={"x": {"b": "", "c": ""}}
)
GRADED = Listing(
    "scale",
    strong=True,
    known=frozenset({"a", "b", "c"}),
    said={"x": {"a": "high", "b": "low", "c": "moderate"}},
    graded=True,
)
BROAD = Listing(
    "broad",
    strong=False,
    known=frozenset({"b", "c", "d"}),
    said={"x": {"b": "common", "c": "common", "d": "", "e": "common"}},
    kin={
        "a": frozenset({"N06AB"}),
        "b": frozenset({"N06AB"}),
        "c": frozenset({"C07AB"}),
        "d": frozenset({"N06AB"}),
    },
)


def test_a_list_agrees_lacks_or_adds() -> None:
    found = liabilities_agreement.compare("x", {"a": "low", "b": "low", "z": "low"}, PLAIN)
    assert (found.agree, found.only_ours, found.only_theirs) == (("b",), ("a",), ("c",))
    assert found.covered == 2
    assert found.disagreements == {("a", "x", "list"): "not named", ("c", "x", "list"): "named"}


def test_a_graded_list_asks_for_its_grade_but_for_no_low_row() -> None:
    found = liabilities_agreement.compare("x", {"a": "low"}, GRADED)
    assert found.other_grade == ("a",)
    assert found.only_theirs == ("c",)


def test_a_broad_list_asks_only_for_common_effects_of_kin() -> None:
    assert liabilities_agreement.compare("x", {"a": "low"}, BROAD).only_theirs == ("b",)


@pytest.mark.parametrize(
    ("decided", "complaint"),
    [
        ({}, "undecided"),
        ({("c", "x", "list"): ("add", "why")}, "does not fit"),
        ({("b", "x", "list"): ("keep", "why")}, "does not fit"),
        ({("b", "x", "list"): ("perhaps", "why")}, "does not fit"),
    ],
)
def test_what_is_undecided_or_stale_is_named(
    decided: dict[tuple[str, str, str], tuple[str, str]], complaint: str
) -> None:
    rows = {"x": {"b": "low"}}
    comparison = liabilities_agreement.compare("x", rows["x"], PLAIN)
    found = liabilities_agreement.complaints([comparison], rows, decided)
    assert any(line.startswith(complaint) for line in found)


def test_a_decided_difference_is_no_complaint() -> None:
    rows = {"x": {"b": "low"}}
    comparison = liabilities_agreement.compare("x", rows["x"], PLAIN)
    decided = {("c", "x", "list"): ("keep", "why")}
    assert liabilities_agreement.complaints([comparison], rows, decided) == []


def test_a_role_list_speaks_of_its_roles_only_and_a_strong_one_is_asked_for_more() -> None:
    role = enzymes_agreement.Role
    rows = [role("a", "CYP3A4", "inhibitor", "weak"), role("b", "CYP3A4", "substrate", "")]
    stated = {
        ("a", "CYP3A4"): frozenset({"substrate"}),
        ("b", "CYP3A4"): frozenset({"substrate"}),
        ("c", "CYP3A4"): frozenset({"substrate"}),
    }
    listed = RoleList("list", stated, strong=True, roles=frozenset({"substrate"}))
    found = enzymes_agreement.compare(rows, listed)
    assert found.agrees == (rows[1],)
    assert found.silent == 1
    assert [each.drug for each in enzymes_agreement.undecided(found, {})] == ["a", "c"]


@pytest.mark.shared
def test_every_disagreement_on_a_liability_is_decided(shared_data: Path) -> None:
    folder = liabilities_agreement.CURATED
    rows = liabilities_agreement.liabilities(folder)
    lists = liabilities_agreement.listings(shared_data, folder)
    comparisons = liabilities_agreement.compare_all(rows, lists)
    decided = liabilities_agreement.decisions(folder)
    assert liabilities_agreement.complaints(comparisons, rows, decided) == []
    assert {each.listing.source for each in comparisons} == {each.source for each in lists}
    page = Path(folder).parents[1] / "docs" / "curated.md"
    assert liabilities_agreement.table(comparisons, rows) in page.read_text(encoding="utf-8")


@pytest.mark.shared
def test_every_disagreement_on_a_role_is_decided(shared_data: Path) -> None:
    folder = enzymes_agreement.CURATED
    roles = enzymes_agreement.curated_roles(folder)
    decided = enzymes_agreement.decisions(folder)
    for listed in role_lists(shared_data, (role.drug for role in roles)):
        comparison = enzymes_agreement.compare(roles, listed)
        assert comparison.compared > 0, listed.source
        assert enzymes_agreement.undecided(comparison, decided) == [], listed.source
