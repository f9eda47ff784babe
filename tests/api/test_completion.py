"""What is suggested for a name that is being typed: medicines that many people take first."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.completion import completed
from api.drug_use import drug_use
from api.state import State
from ontologies.curie import Curie

COMMON = [
    "atorvastatin",
    "furosemide",
    "bisoprolol",
    "sertraline",
    "citalopram",
    "pantoprazole",
    "ibuprofen",
    "allopurinol",
    "losartan",
    "metformin",
    "levothyroxine",
    "omeprazole",
    "apixaban",
    "aspirin",
]


def suggested(client: TestClient, typed: str, limit: int = 8) -> list[str]:
    params = {"q": typed, "complete": "true", "limit": str(limit)}
    return [c["name"] for c in client.get("/v1/drugs", params=params).json()["candidates"]]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sim", "simvastatin"),
        ("WAR", "warfarin"),
        ("clari", "clarithromycin"),
        ("amlo", "amlodipine"),
    ],
)
def test_the_drug_that_most_people_take_is_first(
    client: TestClient, typed: str, first: str
) -> None:
    assert suggested(client, typed)[0] == first


def test_drugs_that_are_prescribed_most_come_before_those_of_which_most_is_stated(
    client: TestClient,
) -> None:
    assert suggested(client, "met")[:2] == ["metformin", "metoprolol"]
    assert {"metronidazole", "methotrexate"} < set(suggested(client, "met"))


def test_each_drug_of_the_table_of_use_is_known_and_stands_there_once(state: State) -> None:
    use = drug_use()
    assert len({each.drug for each in use}) == len(use)
    assert min(each.people_thousands for each in use) > 0
    known = [each for each in use if state.lexicon.lookup(each.name).candidate is not None]
    assert len(known) == len(use)


def test_what_is_no_beginning_comes_after_what_is(client: TestClient) -> None:
    assert suggested(client, "simvastatn")[0] == "simvastatin"
    names = suggested(client, "simva", 50)
    assert names[0] == "simvastatin"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("written", ["simvastatin", "Zocor", "RXCUI:36567", "36567"])
def test_the_drug_that_is_written_out_is_first(client: TestClient, written: str) -> None:
    assert suggested(client, written)[0] == "simvastatin"


def test_a_brand_stands_after_a_drug_that_is_called_so(state: State) -> None:
    found = completed("los", 8, state).candidates
    assert [c.name for c in found[:2]] == ["losartan", "omeprazole"]
    assert found[1].matched == "Losec"


def test_what_a_text_means_is_the_same_whether_it_is_being_typed_or_not(
    client: TestClient, state: State
) -> None:
    for text in ("sim", "Zocor", "vitamin", "zzyzx", "Ω", " ", "%", "aspirin and more"):
        plain = client.get("/v1/drugs", params={"q": text}).json()
        typed = client.get("/v1/drugs", params={"q": text, "complete": "true"}).json()
        for part in ("query", "status", "curie", "name"):
            assert plain[part] == typed[part]
        assert len(typed["candidates"]) <= 5
        for each in typed["candidates"]:
            assert 0 < each["score"] <= 100
            assert state.graph.has(Curie.parse(each["curie"]))


def test_common_drugs_are_among_the_first_by_three_letters(client: TestClient) -> None:
    assert [name for name in COMMON if suggested(client, name[:3])[0] != name] == []
