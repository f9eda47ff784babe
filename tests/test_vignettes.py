"""Clinical vignettes, asked of the recipe `open`; and their matcher, which must be able to fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.vignettes.matching import (
    CITATION_KEYS,
    MalformedVignette,
    Vignette,
    contract_problems,
    load,
    load_all,
    matches,
    problems,
    quoted,
)

VIGNETTES = load_all()
ANSWERED = [v for v in VIGNETTES if "error" not in v.expect]
REFUSED = [v for v in VIGNETTES if "error" in v.expect]
SCHEMA = Path(__file__).parents[1] / "api" / "answer.schema.json"

Answer = Mapping[str, Any]
Ask = Callable[[Vignette], Answer]


def case(vignette: Vignette) -> Any:
    """A vignette as a test parameter; one with a gap is expected to fail until the gap closes."""
    if vignette.gap is None:
        return pytest.param(vignette, id=vignette.name)
    shown = (AssertionError, LookupError, ValueError)
    mark = pytest.mark.xfail(reason=vignette.gap, raises=shown, strict=True)
    return pytest.param(vignette, id=vignette.name, marks=mark)


@pytest.fixture(scope="session")
def ask(open_home: Path) -> Ask:
    """Ask a vignette's question; the same question is asked once."""
    from api.service import answer
    from api.state import open_state

    state = open_state(open_home, graph_id=None, model_id="none")
    told: dict[str, Answer] = {}

    def asked(vignette: Vignette) -> Answer:
        if vignette.name not in told:
            told[vignette.name] = answer(vignette.request, state)
        return told[vignette.name]

    return asked


@pytest.mark.parametrize("vignette", [case(v) for v in ANSWERED])
def test_the_answer_is_what_a_pharmacist_expects(vignette: Vignette, ask: Ask) -> None:
    found = problems(ask(vignette), vignette)
    assert not found, f"{vignette.title}\n  " + "\n  ".join(found)


@pytest.mark.parametrize("vignette", [case(v) for v in ANSWERED if v.gap is None])
def test_the_answer_keeps_the_contract(vignette: Vignette, ask: Ask) -> None:
    answer = ask(vignette)
    jsonschema.validate(answer, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert contract_problems(answer) == []


@pytest.mark.parametrize("vignette", [case(v) for v in REFUSED])
def test_a_bad_question_is_refused_with_the_bad_value_quoted(vignette: Vignette, ask: Ask) -> None:
    quotes = quoted(vignette)
    with pytest.raises(Exception, match=re.escape(quotes[0])) as caught:
        ask(vignette)
    assert getattr(caught.value, "status", None) == vignette.expect["error"]["status"]
    assert [quote for quote in quotes if quote not in str(caught.value)] == []


def test_there_are_enough_vignettes_and_no_two_share_a_title() -> None:
    titles = [vignette.title for vignette in VIGNETTES]
    assert len(titles) >= 25
    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize("vignette", [pytest.param(v, id=v.name) for v in VIGNETTES])
def test_a_vignette_says_why_cites_and_asks_for_something(vignette: Vignette) -> None:
    assert vignette.title
    assert vignette.why.endswith(".")
    assert vignette.citations
    assert vignette.must or vignette.must_not or vignette.expect
    for citation in vignette.citations:
        assert set(citation) == CITATION_KEYS
        assert all(citation[key] for key in ("id", "title", "locator"))
        assert citation["status"] in {"seen", "unseen"}
        assert (citation["status"] == "seen") == bool(citation["seen_in"])


@pytest.mark.parametrize("vignette", [pytest.param(v, id=v.name) for v in REFUSED])
def test_a_refused_question_expects_nothing_else(vignette: Vignette) -> None:
    assert set(vignette.expect) == {"error"}
    assert not vignette.must
    assert not vignette.must_not


def drug(name: str) -> dict[str, str]:
    return {"curie": f"RXCUI:{name}", "name": name}


FINDING: dict[str, Any] = {
    "id": "a",
    "kind": "drug_drug",
    "change": "created",
    "severity": "major",
    "precipitants": [drug("rifampin")],
    "affected": [drug("apixaban")],
    "genes": [{"curie": "HGNC:2637", "name": "CYP3A4"}],
    "effect": {"curie": "coprescribe:lowered_exposure", "name": "Lowered exposure"},
    "mechanism": {"name": "CYP3A4 induction", "path": []},
    "recommendation": "Choose another anticoagulant.",
    "evidence": [{"source": "infores:ansm"}],
}
ANSWER: dict[str, Any] = {
    "adding": [{"query": "Rifadin", "status": "resolved", **drug("rifampin")}],
    "taking": [
        {"query": "apixaban", "status": "resolved", **drug("apixaban")},
        {"query": "levothyroxin", "status": "ambiguous", "candidates": [drug("levothyroxine")]},
        {"query": "zzyzx", "status": "unresolved"},
    ],
    "findings": [FINDING],
    "coverage": {
        "pairs": [{"drugs": ["RXCUI:apixaban", "RXCUI:rifampin"], "status": "finding"}],
        "unresolved": ["zzyzx"],
        "not_covered": [],
    },
    "alternatives": [{"name": "azithromycin"}, {"name": "roxithromycin"}],
    "notes": ["'zzyzx' is not known"],
}

HOLDS = {
    "kind": "drug_drug",
    "drugs": ["apixaban", "rifampin"],
    "change": ["created", "worsened"],
    "severity": "major",
    "severity_at_least": "moderate",
    "effect": "LOWERED|lost",
    "mechanism": "cyp3a4",
    "recommendation": "another",
    "genes": ["CYP3A4"],
    "direction": {"precipitant": "rifampin", "affected": "apixaban"},
    "evidence_source": "infores:ansm",
}
FAILS = {
    "kind": "duplication",
    "drugs": ["rifampin"],
    "change": "unchanged",
    "severity": None,
    "severity_at_least": "contraindicated",
    "effect": "raised",
    "mechanism": "CYP2C9",
    "recommendation": "bleeding",
    "genes": ["CYP3A4", "CYP2C9"],
    "direction": {"precipitant": "apixaban"},
    "evidence_source": "infores:cpic",
}


def told(**parts: Any) -> list[str]:
    given = {"citations": (), "request": {}} | parts
    return problems(ANSWER, Vignette("v", "A title", "A reason.", **given))


@pytest.mark.parametrize("key", HOLDS)
def test_each_key_of_a_filter_can_hold_and_can_fail(key: str) -> None:
    assert matches(FINDING, {key: HOLDS[key]})
    assert not matches(FINDING, {key: FAILS[key]})


def test_one_failing_key_fails_the_filter() -> None:
    assert matches(FINDING, HOLDS)
    for key, value in FAILS.items():
        assert not matches(FINDING, HOLDS | {key: value})


@pytest.mark.parametrize("key", ["effect", "mechanism", "recommendation", "severity"])
def test_what_a_finding_leaves_out_matches_no_wish(key: str) -> None:
    bare = FINDING | {key: None}
    assert not matches(bare, {key: HOLDS[key]})


def test_a_severity_that_nobody_stated_is_at_least_nothing() -> None:
    unstated = FINDING | {"severity": None}
    assert matches(unstated, {"severity": None})
    assert not matches(unstated, {"severity_at_least": "minor"})


def test_what_is_missing_and_what_is_wrong_are_both_told() -> None:
    assert told(must=(HOLDS,), must_not=(FAILS,)) == []
    (missing,) = told(must=(FAILS,))
    assert missing.startswith("not found")
    (wrong,) = told(must_not=(HOLDS,))
    assert wrong.startswith("must not be found")


@pytest.mark.parametrize(
    ("key", "holds", "fails"),
    [
        ("resolved", {"Rifadin": "rifampin"}, {"Rifadin": "rifabutin"}),
        ("resolved", {"apixaban": "apixaban"}, {"zzyzx": "apixaban"}),
        ("unresolved", ["zzyzx"], ["levothyroxin"]),
        ("ambiguous", ["levothyroxin"], ["zzyzx"]),
        ("not_resolved", ["levothyroxin", "zzyzx"], ["apixaban"]),
        ("not_resolved", ["zzyzx"], ["never asked"]),
        ("candidates", {"levothyroxin": "levothyroxine"}, {"zzyzx": "levothyroxine"}),
        ("not_covered", [], ["apixaban"]),
        ("notes", "ZZYZX", "duplicate"),
        ("max_created", 1, 0),
        ("offered", ["azithromycin"], ["rifabutin"]),
        ("not_offered", ["rifabutin"], ["azithromycin"]),
        ("offered_before", {"azithromycin": "roxithromycin"}, {"roxithromycin": "azithromycin"}),
        ("offered_before", {"azithromycin": "rifabutin"}, {"rifabutin": "azithromycin"}),
    ],
)
def test_each_expectation_can_hold_and_can_fail(key: str, holds: object, fails: object) -> None:
    assert told(expect={key: holds}) == []
    assert told(expect={key: fails}) != []


def test_a_pair_is_compared_by_name_and_in_either_order() -> None:
    pair = {"drugs": ["rifampin", "apixaban"], "status": "finding"}
    assert told(expect={"pairs": [pair]}) == []
    assert told(expect={"pairs": [pair | {"status": "none_found"}]}) != []
    assert told(expect={"pairs": [pair | {"drugs": ["rifampin", "warfarin"]}]}) != []


def test_a_finding_that_no_changed_drug_explains_breaks_the_contract() -> None:
    assert contract_problems(ANSWER) == []
    foreign = FINDING | {"id": "b", "precipitants": [drug("warfarin")]}
    assert contract_problems(ANSWER | {"findings": [foreign]}) != []
    assert contract_problems(ANSWER | {"findings": [FINDING | {"change": "resolved"}]}) != []


def test_a_wrong_order_or_a_twin_breaks_the_contract() -> None:
    old = FINDING | {"id": "b", "change": "unchanged"}
    mild = FINDING | {"id": "c", "severity": "minor"}
    guess = FINDING | {"id": "d", "severity": None, "kind": "predicted_effect"}
    assert contract_problems(ANSWER | {"findings": [FINDING, mild, guess, old]}) == []
    for findings in ([old, FINDING], [mild, FINDING], [guess, mild], [FINDING, FINDING]):
        assert contract_problems(ANSWER | {"findings": findings}) != []


@pytest.mark.parametrize(
    "part",
    [
        {"musts": []},
        {"must": [{"severety": "major"}]},
        {"must_not": [{}]},
        {"expect": {"note": "x"}},
    ],
)
def test_a_key_that_nothing_compares_is_refused(part: dict[str, Any], tmp_path: Path) -> None:
    stated = {"title": "T", "why": "W.", "citations": [], "request": {}}
    path = tmp_path / "typo.json"
    path.write_text(json.dumps(stated), encoding="utf-8")
    assert replace(load(path), name="").title == "T"
    path.write_text(json.dumps(stated | part), encoding="utf-8")
    with pytest.raises(MalformedVignette, match="typo"):
        load(path)
