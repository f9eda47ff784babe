"""Guesses of a model by the command line and by HTTP: never a fact, never an unexplained number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.main import main
from api.errors import InvalidRequest, UnresolvedDrug
from api.predictions.answer import PredictionRequest, _described, predictions
from api.predictions.new_drugs import DRAWN, NewPair, new_predictions
from api.predictions.shapes import PROBABILITY
from api.service import answer
from api.state import State
from embeddings.detector import PredictedEffects
from embeddings.judging.calibrate import Calibration
from embeddings.judging.outcomes import KINDS, LEVELS, NEVER, Outcomes
from embeddings.new_drugs.describing import described_drug
from embeddings.new_drugs.descriptions import Description, Descriptions
from embeddings.new_drugs.odds import WITHOUT, NewDrugs
from embeddings.new_drugs.predict import Near, NewPrediction
from embeddings.predict import NotInModel, Prediction, Predictor, UnknownEffect
from embeddings.standings import Standings
from embeddings.store import Bundle, MissingModel, save
from embeddings.triples import Facts
from ontologies.curie import Curie

SIMVASTATIN, CLARITHROMYCIN, WARFARIN = "RXCUI:36567", "RXCUI:21212", "RXCUI:11289"
LEVOTHYROXINE, CYP3A4 = "RXCUI:10582", "HGNC:2637"
BLEEDING, RHABDOMYOLYSIS, TORSADE = "HP:0001892", "HP:0003201", "HP:0001664"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """A model of four drugs and three effects, in which rhabdomyolysis is the likeliest."""
    train = Facts.of(
        [
            (LEVOTHYROXINE, BLEEDING, WARFARIN),
            (LEVOTHYROXINE, TORSADE, SIMVASTATIN),
            (CLARITHROMYCIN, RHABDOMYOLYSIS, WARFARIN),
        ]
    )
    weights = {
        "entity": np.ones((4, 2), dtype=np.float32),
        "relation": np.array([[-1, -1], [0, 0], [1, 1]], dtype=np.float32),
        "bias": np.zeros(3, dtype=np.float32),
    }
    cells = np.full((len(KINDS), len(LEVELS)), 1_000)
    calibration = Calibration(
        np.zeros(3),
        np.ones(3),
        np.full(3, 0.02),
        np.full(4, NEVER),
        10.0,
        Outcomes(cells, cells // 8),
    )
    config = {"graph": "another-1", "licence": "L", "config": {"interaction": "distmult"}}
    made = Bundle("0" * 16, config, weights, train, train, calibration, {"n_facts": 3})
    return replace(made, standings=Standings.fit(made.scorer, train))


@pytest.fixture(scope="module")
def guessing(state: State, bundle: Bundle) -> State:
    """The open graph with that model."""
    panel = (*state.panel, PredictedEffects(bundle, state.graph))
    return replace(state, bundle=bundle, panel=panel)


@pytest.fixture(scope="module")
def door(guessing: State) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: guessing), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def run(
    guessing: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setattr("api.cli.predict.open_state", lambda *_: guessing)

    def ended(*arguments: str) -> tuple[int, str, str]:
        code = main(["predict", *arguments])
        return (code, *capsys.readouterr())

    return ended


def asked(state: State, *drugs: str, **more: Any) -> dict[str, Any]:
    return predictions(PredictionRequest(drugs, **more), state)


def effects(guesses: list[dict[str, Any]]) -> list[str]:
    return [guess["effect"]["curie"] for guess in guesses]


def test_an_answer_tells_which_drugs_its_model_does_not_know_and_whether_it_tells(
    guessing: State, state: State
) -> None:
    body = {"taking": ["warfarin", "amlodipine"], "add": "simvastatin"}
    model = answer(body, guessing)["model"]
    assert model["unknown_drugs"] == ["RXCUI:17767"]
    assert model["tells"] is False
    assert answer(body, state)["model"] is None


def test_a_pair_is_told_its_likeliest_effects_with_all_that_weighs_them(guessing: State) -> None:
    found = asked(guessing, "simvastatin", "levothyroxine")
    best, *_ = found["predictions"]
    assert best["effect"]["curie"] == found["predictions"][0]["effect"]["curie"]
    assert {drug["name"] for drug in best["drugs"]} == {"levothyroxine", "simvastatin"}
    assert best["lift"] == pytest.approx(best["probability"] / best["base_rate"], rel=0.01)
    assert (best["rank_among_pairs"], found["n_pairs"]) == (1, 6)
    assert best["came_true"]["share"] == 0.125
    assert best["pair"] == "known_pair"
    assert "12.5%" in found["notes"][0]
    assert "Screening tells no such guess" in found["notes"][1]
    assert "not thereby safe" in found["disclaimer"]


def test_what_training_or_the_graph_states_stands_apart(guessing: State) -> None:
    trained = asked(guessing, "simvastatin", "levothyroxine", known=True)
    assert TORSADE not in effects(trained["predictions"])
    assert effects(trained["known"]) == [TORSADE]
    stated = asked(guessing, "simvastatin", "clarithromycin", known=True)
    assert RHABDOMYOLYSIS not in effects(stated["predictions"])
    assert RHABDOMYOLYSIS in effects(stated["known"])
    assert all(guess["known"] and not guess["came_true"] for guess in stated["known"])


def test_one_drug_is_asked_about_beside_all_others(guessing: State) -> None:
    found = asked(guessing, "levothyroxine", top=4)
    assert len(found["predictions"]) == 4
    assert all(
        LEVOTHYROXINE in {drug["curie"] for drug in guess["drugs"]}
        for guess in found["predictions"]
    )


def test_one_effect_is_asked_about_by_name(guessing: State) -> None:
    found = asked(guessing, "simvastatin", "levothyroxine", effect="RHABDOMYOLYSIS")
    assert effects(found["predictions"]) == [RHABDOMYOLYSIS]
    stated = asked(guessing, "simvastatin", "clarithromycin", effect=RHABDOMYOLYSIS)
    assert stated["predictions"] == []
    assert effects(stated["known"]) == [RHABDOMYOLYSIS]
    assert "Nothing is left to guess" in stated["notes"][0]


@pytest.mark.parametrize(
    ("drugs", "more", "error", "words"),
    [
        (("zzyzx", "warfarin"), {}, UnresolvedDrug, "'zzyzx'"),
        (("warfarin", "omeprazole"), {}, NotInModel, r"omeprazole \(RXCUI:7646\)"),
        (("warfarin", "RXCUI:11289"), {}, InvalidRequest, "are one drug, warfarin"),
        ((), {}, InvalidRequest, "0 drugs"),
        (("a", "b", "c"), {}, InvalidRequest, "3 drugs"),
        (("simvastatin", "warfarin"), {"top": 0}, InvalidRequest, "top: 0"),
        (("simvastatin", "warfarin"), {"effect": "rabdomyolysis"}, UnknownEffect, "did you mean"),
        (("simvastatin", "warfarin"), {"effect": "qqq"}, UnknownEffect, "'qqq'$"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_quoted(
    guessing: State, drugs: tuple[str, ...], more: dict[str, Any], error: type, words: str
) -> None:
    with pytest.raises(error, match=words):
        asked(guessing, *drugs, **more)


def test_a_new_drug_is_described_by_the_model_before_the_graph(guessing: State) -> None:
    told = Descriptions.of_rows([("RXCUI:7646", "targets", "told of nobody else")])
    bundle = replace(guessing.bundle, new_drugs=NewDrugs(told, {}, {}, {}))
    predictor = Predictor(bundle)
    omeprazole, warfarin = Curie.parse("RXCUI:7646"), Curie.parse(WARFARIN)
    assert _described(omeprazole, guessing, predictor).targets == {"told of nobody else"}
    by_graph = _described(warfarin, guessing, predictor)
    assert by_graph == described_drug(guessing.graph, guessing.artifact.folder.parents[1], warfarin)
    assert by_graph.genes


def test_a_drawn_drug_is_told_with_what_it_is_near_to_and_what_little_is_known(
    guessing: State, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tuple(
        Prediction((WARFARIN, ""), effect, 2, 0.3, 0.1, 3.0, place, None, None, known=False)
        for place, effect in enumerate((TORSADE, BLEEDING), start=1)
    )
    found = NewPrediction(listed, WITHOUT, Near(SIMVASTATIN, 0.0), Near(WARFARIN, 0.5), None)
    monkeypatch.setattr(
        "api.predictions.new_drugs._predictor", lambda _: SimpleNamespace(predict=lambda *_: found)
    )
    pair = NewPair(Description(targets=frozenset({CYP3A4})), DRAWN, Curie.parse(WARFARIN))
    told = new_predictions(pair, 5, guessing, bundle)
    assert effects(told["predictions"]) == [TORSADE, BLEEDING]
    notes = " ".join(told["notes"])
    assert "ask about simvastatin by name" in notes
    assert "what the drug binds (CYP3A4) is warfarin, 0.50 away" in notes
    assert "where the lift is near 1, nothing" in notes
    assert PROBABILITY in told["notes"]
    one = new_predictions(pair, 5, guessing, bundle, BLEEDING)
    assert effects(one["predictions"]) == [BLEEDING]
    apart = replace(found, structure=Near(SIMVASTATIN, 0.4))
    monkeypatch.setattr(
        "api.predictions.new_drugs._predictor", lambda _: SimpleNamespace(predict=lambda *_: apart)
    )
    salt = new_predictions(replace(pair, drawing="CC(=O)[O-].[Na+]"), 5, guessing, bundle)
    assert "the largest is the one that is placed" in " ".join(salt["notes"])


def test_a_name_that_is_read_as_another_is_told(run: Run, guessing: State) -> None:
    code, out, _ = run("simvastatinn", "levothyroxine")
    assert code == 0
    assert "simvastatin (asked as simvastatinn)" in out.splitlines()[0]
    assert "'simvastatinn' was read as 'simvastatin'." in out
    assert "asked as" not in run("Simvastatin", "levothyroxine")[1]


def test_without_a_model_there_is_no_guess(state: State) -> None:
    with pytest.raises(MissingModel, match="coprescribe train"):
        asked(state, "simvastatin", "warfarin")


def test_the_command_line_sets_a_table_and_names_the_model(run: Run, guessing: State) -> None:
    code, out, err = run("simvastatin", "levothyroxine", "--known")
    assert (code, err) == (0, "")
    assert "levothyroxine" in out.splitlines()[0]
    assert "top 16.67%" in out
    assert "Stated, so no guesses" in out
    assert "Model 0000000000000000, trained on another-1." in out
    told = json.loads(run("simvastatin", "levothyroxine", "--known", "--json")[1])
    assert told == asked(guessing, "simvastatin", "levothyroxine", known=True)


def test_a_probability_is_told_as_no_part_of_patients(run: Run) -> None:
    out = " ".join(run("simvastatin", "levothyroxine", "--known")[1].split())
    assert out.count(PROBABILITY) == 1
    table = out.partition(PROBABILITY)[2].partition("Came true:")[0]
    assert "came true" in table
    assert "0.02" in table
    assert "2.00%" not in table


def test_the_command_line_takes_one_drug(run: Run) -> None:
    code, out, _ = run("levothyroxine", "--top", "2")
    assert code == 0
    assert "beside each drug that the model knows" in out
    assert "warfarin" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simvastatin", "warfarin", "--top", "0"), "--top"),
        (("simvastatin", "Zocor"), "are one drug"),
        (("simvastatin", "warfarin", "--model", "none"), "'none'"),
        (("simvastatin", "omeprazole"), "knows no drug"),
        (("simvastatin", "warfarin", "--effect", "qqq"), "'qqq'"),
    ],
    ids=str,
)
def test_bad_input_ends_with_2(run: Run, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_a_bundle_with_a_changed_byte_ends_with_3(
    bundle: Bundle,
    open_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "kg").symlink_to((open_home / "kg").resolve())
    table = save(bundle, tmp_path, {}) / "standings.safetensors"
    content = bytearray(table.read_bytes())
    content[-1] ^= 0xFF
    table.write_bytes(bytes(content))
    home = ("--home", str(tmp_path), "--model", bundle.id)
    assert main(["predict", "simvastatin", "warfarin", *home]) == 3
    assert "damaged" in capsys.readouterr().err


def test_http_answers_as_the_command_line_does(door: TestClient, guessing: State) -> None:
    response = door.get("/v1/predictions", params={"drugs": "simvastatin,levothyroxine", "top": 2})
    assert response.status_code == 200
    assert response.json() == asked(guessing, "simvastatin", "levothyroxine", top=2)
    assert response.headers["x-model-id"] == "0" * 16
    known = {"if-none-match": response.headers["etag"]}
    assert door.get(str(response.url), headers=known).status_code == 304


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"drugs": "simvastatin,zzyzx"}, 422),
        ({"drugs": "simvastatin,warfarin", "top": 0}, 422),
        ({"drugs": "simvastatin,omeprazole"}, 404),
        ({"drugs": "simvastatin,warfarin", "effect": "qqq"}, 404),
        ({}, 422),
    ],
    ids=str,
)
def test_a_question_that_http_cannot_answer_is_a_problem(
    door: TestClient, params: dict[str, Any], status: int
) -> None:
    response = door.get("/v1/predictions", params=params)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_the_interface_shows_an_example_in_the_shape_of_an_answer(
    door: TestClient, guessing: State
) -> None:
    operation = door.get("/openapi.json").json()["paths"]["/v1/predictions"]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    found = asked(guessing, "simvastatin", "levothyroxine")
    assert example.keys() == found.keys()
    assert example["predictions"][0].keys() == found["predictions"][0].keys()


def test_the_reasons_of_a_guess_and_what_both_drugs_share_are_told(run: Run) -> None:
    code, out, _ = run("simvastatin", "clarithromycin", "--why", "1")
    assert code == 0
    assert out.count("\nWhy ") == 1
    shared = out.partition("What both drugs share")[2]
    assert "CYP3A4" in shared
    told = json.loads(run("simvastatin", "clarithromycin", "--why", "1", "--json")[1])
    assert "reasons" in told["predictions"][0]
    assert "reasons" not in told["predictions"][1]


def test_the_likeliest_effects_of_every_pair_are_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "top.parquet"
    code, out, _ = run("--every", str(path), "--top", "2", "--quiet", "--json")
    assert (code, json.loads(out)["rows"]) == (0, 12)
    assert path.is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--smiles", "CCO"),
        ("--with", "warfarin"),
        ("simvastatin", "--smiles", "CCO", "--with", "warfarin"),
        ("simvastatin", "warfarin", "--target", "CYP3A4"),
        ("--smiles", "C(", "--with", "warfarin"),
        ("--smiles", "CCO", "--with", "warfarin", "--target", "zzyzx"),
        ("--smiles", "CCO", "--with", "warfarin"),
    ],
    ids=str,
)
def test_a_drawn_drug_that_cannot_be_placed_ends_with_2(
    run: Run, arguments: tuple[str, ...]
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("coprescribe: ")
