"""The addresses of the old RxNav service: its shape, and the findings of every other door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.rxnav.interactions import MOST_RXCUIS, NOT_CHECKED, asked_of
from api.rxnav.shapes import Asked, by_source, term_type, told_of
from api.rxnav.single import Singles
from api.state import State
from kg.artifact import MissingGraph
from ontologies.curie import Curie
from ontologies.vocabulary import Category
from tests.tiny import NAMES, graph_of

PAGE = Path(__file__).parents[2] / "docs" / "rxnav.md"
LIST = "/REST/interaction/list.json"
SINGLE = "/REST/interaction/interaction.json"
SIMVASTATIN, CLARITHROMYCIN, WARFARIN, UNKNOWN = "36567", "21212", "11289", "9999999"


def interactions(client: TestClient, *rxcuis: str) -> dict[str, Any]:
    response = client.get(f"{LIST}?rxcuis={'+'.join(rxcuis)}")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def pairs_of(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for group in answer.get("fullInteractionTypeGroup", ()):
        for full in group["fullInteractionType"]:
            yield from ((group["sourceName"], pair) for pair in full["interactionPair"])


def finding_ids(answer: dict[str, Any]) -> set[str]:
    """The findings of all groups; a pair that was not checked has none."""
    return {p["coprescribe"]["finding"] for _, p in pairs_of(answer) if "coprescribe" in p}


def rows_of_an_old_client(answer: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What public clients of the service did: every group, two names, severity, description."""
    rows = []
    for group in answer.get("fullInteractionTypeGroup") or []:
        for full in group["fullInteractionType"]:
            for pair in full["interactionPair"]:
                first, second = (c["minConceptItem"]["name"] for c in pair["interactionConcept"])
                rows.append((first, second, pair["severity"], pair["description"]))
    return rows


def is_shown(part: Any, whole: Any) -> bool:
    """Whether a shortened answer is a part of a whole one; lists are shortened at their end."""
    if isinstance(part, dict):
        return all(key in whole and is_shown(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return len(part) <= len(whole) and all(map(is_shown, part, whole))
    return bool(part == whole)


def between(text: str, mark: str) -> str:
    return text.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]


def test_twenty_lists_have_the_findings_of_screen(client: TestClient, state: State) -> None:
    nodes = state.graph.nodes(Category.DRUG)
    known = sorted(n.curie for n in nodes if n.curie.prefix == "RXCUI")
    covered = [curie.identifier for curie in known if state.graph.covers(curie)]
    chosen = np.random.default_rng(20)
    n_found = 0
    for size in [2, 4, 6, 10, 18] * 4:
        rxcuis = [str(rxcui) for rxcui in chosen.choice(covered, size, replace=False)]
        body = {"taking": [f"RXCUI:{rxcui}" for rxcui in rxcuis]}
        screened = client.post("/v1/screen", json=body).json()
        found = interactions(client, *rxcuis)
        expected = {finding["id"] for finding in screened["findings"]}
        assert finding_ids(found) == expected
        assert found["coprescribe"]["not_of_two"] == []
        joint = [p for name, p in pairs_of(found) if name == "coprescribe"]
        severities = {f["id"]: f["severity"] or "N/A" for f in screened["findings"]}
        assert all(p["severity"] == severities[p["coprescribe"]["finding"]] for p in joint)
        n_found += len(expected)
    assert n_found > 50


def test_an_old_client_reads_pairs_severities_and_descriptions(client: TestClient) -> None:
    found = interactions(client, SIMVASTATIN, CLARITHROMYCIN, WARFARIN)
    assert found["coprescribe"]["not_of_two"] == []
    rows = rows_of_an_old_client(found)
    first = rows[0]
    assert first[:3] == ("clarithromycin", "simvastatin", "contraindicated")
    assert "rhabdomyolysis" in first[3]
    assert "Do not combine" in first[3]
    assert {(a, b) for a, b, _, _ in rows} == {
        ("clarithromycin", "simvastatin"),
        ("warfarin", "clarithromycin"),
        ("warfarin", "simvastatin"),
    }
    assert {"coprescribe", "ANSM"} <= {name for name, _ in pairs_of(found)}


def test_each_source_tells_its_own_severity_in_its_own_words(client: TestClient) -> None:
    found = interactions(client, CLARITHROMYCIN, WARFARIN)
    (own,) = [pair for name, pair in pairs_of(found) if name == "ANSM"]
    assert own["severity"] == "moderate"
    assert "Précaution d'emploi" in own["description"]
    group = found["fullInteractionTypeGroup"][1]
    assert "2020-10" in group["sourceDisclaimer"]


@pytest.mark.parametrize("between_them", ["+", "%20", ",", "%2B", "+%2C+", "&rxcuis="])
def test_rxcuis_are_parted_as_the_old_service_took_them(
    between_them: str, client: TestClient
) -> None:
    written = between_them.join(["0036567", CLARITHROMYCIN, SIMVASTATIN])
    found = client.get(f"{LIST}?rxcuis={written}+").json()
    assert found == interactions(client, SIMVASTATIN, CLARITHROMYCIN)


def test_an_unknown_rxcui_never_looks_like_no_interaction(client: TestClient) -> None:
    response = client.get(f"{LIST}?rxcuis={SIMVASTATIN}+{UNKNOWN}")
    found = response.json()
    assert response.headers["x-not-checked"] == UNKNOWN
    assert UNKNOWN in found["nlmDisclaimer"]
    ((name, pair),) = pairs_of(found)
    assert (name, pair["severity"]) == (NOT_CHECKED, "N/A")
    assert pair["description"].startswith("NOT CHECKED")
    assert finding_ids(found) == set()
    alone = client.get(f"{LIST}?rxcuis={UNKNOWN}")
    assert alone.headers["x-not-checked"] == UNKNOWN


def test_a_drug_of_which_no_source_speaks_is_told_as_not_checked(
    client: TestClient, state: State
) -> None:
    nodes = state.graph.nodes(Category.DRUG)
    silent = next(
        n.curie.identifier
        for n in nodes
        if n.curie.prefix == "RXCUI"
        and not any(
            state.graph.covers(Curie.parse(drug))
            for drug in asked_of(n.curie.identifier, state).drugs
        )
    )
    found = interactions(client, SIMVASTATIN, silent)
    assert [name for name, _ in pairs_of(found)] == [NOT_CHECKED]
    assert "no loaded source says anything" in found["nlmDisclaimer"]


def test_nothing_found_among_known_drugs_has_no_group(client: TestClient) -> None:
    found = interactions(client, WARFARIN, "17767")
    assert "fullInteractionTypeGroup" not in found
    assert set(found) == {"nlmDisclaimer", "coprescribe"}
    assert "fullInteractionTypeGroup" not in interactions(client, WARFARIN)


def test_one_drug_is_screened_with_all_others_once(client: TestClient, state: State) -> None:
    response = client.get(SINGLE, params={"rxcui": CLARITHROMYCIN, "sources": "ONCHigh"})
    found = response.json()
    assert any("sources was read and not obeyed" in n for n in found["coprescribe"]["notes"])
    group = found["interactionTypeGroup"][0]
    (only,) = group["interactionType"]
    assert only["minConceptItem"] == {"rxcui": "21212", "name": "clarithromycin", "tty": "IN"}
    pairs = only["interactionPair"]
    concepts = [[c["minConceptItem"]["rxcui"] for c in p["interactionConcept"]] for p in pairs]
    assert {first for first, _ in concepts} == {CLARITHROMYCIN}
    assert pairs[0]["severity"] == "contraindicated"
    ids = {p["coprescribe"]["finding"] for p in pairs}
    assert finding_ids(interactions(client, CLARITHROMYCIN, SIMVASTATIN)) <= ids
    again = client.get(
        SINGLE,
        params={"rxcui": CLARITHROMYCIN, "sources": "ONCHigh"},
        headers={"If-None-Match": response.headers["etag"]},
    )
    assert again.status_code == 304


def test_of_the_answers_for_one_drug_the_last_are_kept(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(rxcui: str, _: State) -> object:
        asked.append(rxcui)
        return rxcui

    monkeypatch.setattr("api.rxnav.single.single_interactions", noted)
    singles = Singles(most=2)
    for rxcui in ["1", "2", "1", "3", "1", "2"]:
        singles.interactions(rxcui, state)
    assert asked == ["1", "2", "3", "2"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("rxcui.json?name=Zocor", {"idGroup": {"name": "Zocor", "rxnormId": ["36567"]}}),
        (
            "rxcui.json?name=simvastatn&search=9",
            {"idGroup": {"name": "simvastatn", "rxnormId": ["36567"]}},
        ),
        (
            "approximateTerm.json?term=simvastatn&maxEntries=1",
            {
                "approximateGroup": {
                    "inputTerm": "simvastatn",
                    "candidate": [
                        {
                            "rxcui": "36567",
                            "rxaui": "",
                            "score": "90.0",
                            "rank": "1",
                            "name": "simvastatin",
                            "source": "COPRESCRIBE",
                        }
                    ],
                }
            },
        ),
        ("approximateTerm.json?term=zzzqqq", {"approximateGroup": {"inputTerm": "zzzqqq"}}),
        (
            "rxcui/036567/properties.json",
            {
                "properties": {
                    "rxcui": "36567",
                    "name": "simvastatin",
                    "synonym": "",
                    "tty": "IN",
                    "language": "ENG",
                    "suppress": "N",
                    "umlscui": "",
                }
            },
        ),
        ("rxcui/9999999/properties.json", {}),
    ],
)
def test_the_look_ups_answer_in_their_old_shapes(
    address: str, expected: dict[str, Any], client: TestClient
) -> None:
    response = client.get(f"/REST/{address}")
    assert (response.status_code, response.json()) == (200, expected)
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", ["simvastatn", "zzzqqq", "vitamin D"])
def test_a_name_that_is_not_one_drug_brings_no_rxcui(name: str, client: TestClient) -> None:
    found = client.get("/REST/rxcui.json", params={"name": name}).json()
    assert found["idGroup"] == {"name": name}
    assert found["coprescribe"]["status"] in {"resolved", "ambiguous", "unresolved"}


def test_the_medicines_of_a_name_stand_by_their_term_types(client: TestClient) -> None:
    found = client.get("/REST/drugs.json", params={"name": "trimethoprim"}).json()["drugGroup"]
    by_type = {
        group["tty"]: [concept["rxcui"] for concept in group["conceptProperties"]]
        for group in found["conceptGroup"]
    }
    assert by_type["IN"] == ["10829"]
    assert "10831" in by_type["MIN"]
    nothing = client.get("/REST/drugs.json?name=zzzqqq").json()
    assert "conceptGroup" not in nothing["drugGroup"]
    assert nothing["coprescribe"]["status"] == "unresolved"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (LIST, 422, "rxcuis"),
        (f"{LIST}?rxcuis=", 400, "no RxCUI is given"),
        (f"{LIST}?rxcuis=+,+", 400, "no RxCUI is given"),
        (f"{LIST}?rxcuis=simvastatin", 400, "'simvastatin'"),
        (f"{LIST}?rxcuis=36567+-1", 400, "'-1'"),
        (f"{LIST}?rxcuis=٣٦", 400, "is not an RxCUI"),
        (f"{LIST}?rxcuis={'9' * 100_00}", 400, "is not an RxCUI"),
        (f"{LIST}?rxcuis={'+'.join(map(str, range(1, MOST_RXCUIS + 2)))}", 400, "51 RxCUIs"),
        (f"{LIST}?{'&'.join(['rxcuis=1'] * 51)}", 422, "rxcuis"),
        (f"{SINGLE}?rxcui=1+2", 400, "2 RxCUIs"),
        (f"{SINGLE}?rxcui={UNKNOWN}", 404, UNKNOWN),
        ("/REST/rxcui.json?name=", 422, "name"),
        ("/REST/rxcui.json?name=a&search=x", 422, "search"),
        ("/REST/approximateTerm.json?term=a&maxEntries=101", 422, "maxEntries"),
        ("/REST/rxcui/abc/properties.json", 400, "'abc'"),
        ("/REST/interaction/list.xml?rxcuis=36567", 406, "ask /REST/interaction/list.json"),
        ("/REST/rxcui/36567/properties", 406, "ask /REST/rxcui/36567/properties.json"),
        ("/REST/interaction/sources.json", 404, "/REST/interaction/sources.json"),
    ],
)
def test_bad_input_is_refused_in_words_that_an_old_client_can_read(
    address: str, status: int, said: str, client: TestClient
) -> None:
    response = client.get(address)
    body = response.json()
    assert (response.status_code, body["status"]) == (status, status)
    assert response.headers["content-type"] == "application/json"
    assert said in body["error"]
    assert body["nlmDisclaimer"]
    assert "fullInteractionTypeGroup" not in body


def test_json_is_also_given_where_accept_asks_for_it(client: TestClient) -> None:
    asked = client.get("/REST/rxcui?name=Zocor", headers={"accept": "application/json"})
    assert asked.json()["idGroup"]["rxnormId"] == [SIMVASTATIN]


def test_without_a_graph_the_door_says_so_in_its_own_shape() -> None:
    def none_built() -> State:
        raise MissingGraph(Path("home"), None, ())

    with TestClient(create_app(none_built)) as waiting:
        response = waiting.get(f"{LIST}?rxcuis=1+2")
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert "no graph is open" in response.json()["error"]


def test_a_finding_of_three_drugs_is_told_of_each_two() -> None:
    finding = {
        "id": "f",
        "kind": "additive_effect",
        "severity": None,
        "folded": False,
        "precipitants": [{"curie": f"RXCUI:{n}", "name": f"drug {n}"} for n in (1, 2, 3)],
        "affected": [],
        "effect": {"curie": "HP:1", "name": "Torsade de pointes"},
        "mechanism": None,
        "recommendation": None,
        "evidence": [],
        "disagreement": [],
    }
    asked = [Asked(str(n), None, (f"RXCUI:{n}",)) for n in (3, 2, 1)]
    told = list(told_of(finding, asked))
    assert [each.drugs for each in told] == [
        ("RXCUI:2", "RXCUI:3"),
        ("RXCUI:1", "RXCUI:3"),
        ("RXCUI:1", "RXCUI:2"),
    ]
    said = "drug 1 with drug 2 with drug 3: torsade de pointes."
    assert {each.description for each in told} == {said}
    assert [group.name for group in by_source(told, [])] == ["coprescribe"]


@pytest.mark.parametrize(
    ("severity", "said"),
    [
        ("moderate", "Slight: one source alone grades it, without effect or advice."),
        (None, "Slight: one source alone states it, without severity or advice."),
        ("minor", ""),
    ],
)
def test_what_other_doors_fold_is_marked_as_slight_and_stands_last(
    severity: str | None, said: str
) -> None:
    drugs = [{"curie": f"RXCUI:{n}", "name": f"drug {n}"} for n in (1, 2)]
    plain: dict[str, Any] = {
        "id": "plain",
        "kind": "drug_drug",
        "severity": severity,
        "folded": False,
        "precipitants": drugs,
        "affected": [],
        "effect": {"curie": "coprescribe:x", "name": "Interaction, effect not named"},
        "mechanism": None,
        "recommendation": None,
        "evidence": [],
        "disagreement": [],
    }
    slight = {**plain, "id": "slight", "folded": True}
    asked = [Asked(str(n), None, (f"RXCUI:{n}",)) for n in (1, 2)]
    told = [each for finding in (slight, plain) for each in told_of(finding, asked)]
    (group,) = by_source(told, [])
    first, last = (each.finding["id"] for each in group.told)
    assert (first, last) == ("plain", "slight")
    assert group.told[0].description == "drug 1 with drug 2: interaction, effect not named."
    assert group.told[1].description == f"{group.told[0].description} {said}".strip()


def test_one_ingredient_under_two_rxcuis_is_told_of_both() -> None:
    drug = {"curie": "RXCUI:1", "name": "drug 1"}
    finding = {
        "id": "f",
        "kind": "duplication",
        "severity": "moderate",
        "folded": False,
        "precipitants": [drug],
        "affected": [],
        "effect": None,
        "mechanism": {"name": "the same ingredient twice"},
        "recommendation": None,
        "evidence": [],
        "disagreement": [],
    }
    products = [Asked(number, None, ("RXCUI:1",)) for number in ("10", "11")]
    (told,) = told_of(finding, products)
    assert [each.rxcui for each in told.asked] == ["10", "11"]


@pytest.mark.parametrize(
    ("name", "tty"),
    [
        ("simvastatin", "IN"),
        ("metoprolol succinate", "PIN"),
        ("sulfamethoxazole / trimethoprim", "MIN"),
        ("Simvastatin 40 MG Oral Tablet [Zocor]", "SBD"),
        ("bosentan 125 MG Oral Tablet", "SCD"),
        ("{1 (X 2 MG Oral Tablet) } Pack", "GPCK"),
        ("simvastatin 10 MG", ""),
    ],
)
def test_a_term_type_is_told_by_the_way_a_name_is_written(
    name: str, tty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drug = Curie("RXCUI", "1")
    monkeypatch.setitem(NAMES, drug, name)
    assert term_type(drug, graph_of()) == tty


def test_a_source_is_not_credited_with_what_others_say(client: TestClient) -> None:
    found = interactions(client, SIMVASTATIN, CLARITHROMYCIN)
    (own,) = [pair for name, pair in pairs_of(found) if name == "ANSM"]
    assert own["description"].startswith("clarithromycin and simvastatin: “")


def test_the_page_shows_what_is_answered(client: TestClient) -> None:
    page = PAGE.read_text(encoding="utf-8")
    address = re.search(r"http://localhost:8000(\S+)'", between(page, "call"))
    assert address is not None
    shown = json.loads(between(page, "answer").strip().removeprefix("```json").strip("`\n"))
    assert is_shown(shown, client.get(address[1]).json())
