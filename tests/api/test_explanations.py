"""Why two drugs are linked, by the command line and by HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cli.explain import chance
from api.cli.main import main
from api.errors import InvalidRequest, MissingExtra, UnresolvedDrug
from api.explanations import explanation
from api.pictures import write_picture
from api.state import State

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(state: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("api.cli.explain.open_state", lambda *_: state)

    def ended(*arguments: str) -> tuple[int, str, str]:
        code = main(["explain", *arguments])
        return (code, *capsys.readouterr())

    return ended


def test_the_reason_for_the_pair_of_the_demo_comes_first(state: State) -> None:
    found = explanation(("simvastatin", "Biaxin"), 10, state).answer
    first = found["reasons"][0]
    assert (first["explains"], first["through"]["name"]) == ("inhibition", "CYP3A4")
    assert [drug["name"] for drug in first["drugs"]] == ["clarithromycin", "simvastatin"]
    assert found["stated"][0]["severity"] == "contraindicated"
    assert found["stated"][0]["evidence"][0]["version"]
    assert all(0 < count["permuted"]["share_at_least"] <= 1 for count in found["counts"])
    assert len(explanation(("simvastatin", "Biaxin"), 1, state).answer["reasons"]) == 1


def test_both_doors_give_the_same(run: Run, client: TestClient) -> None:
    code, out, _ = run("warfarin", "fluconazole", "--json", "--top", "3")
    asked = client.get("/v1/explain", params={"drugs": "warfarin,fluconazole", "top": 3})
    assert (code, asked.status_code) == (0, 200)
    assert json.loads(out) == asked.json()
    tag = {"If-None-Match": asked.headers["etag"]}
    again = client.get("/v1/explain?drugs=warfarin,fluconazole&top=3", headers=tag)
    assert again.status_code == 304


def test_what_a_drug_was_read_as_stands_first(run: Run, state: State) -> None:
    code, out, _ = run("simvastatinn", "Biaxin")
    assert code == 0
    title = "simvastatin (asked as simvastatinn) + clarithromycin (asked as Biaxin)"
    assert out.splitlines()[0] == title
    notes = explanation(("simvastatinn", "clarithromycin"), 1, state).answer["notes"]
    assert notes[0] == "'simvastatinn' was read as 'simvastatin'."


def test_the_text_names_reasons_strengths_sources_and_chance(run: Run) -> None:
    code, out, err = run("simvastatin", "clarithromycin")
    assert (code, err) == (0, "")
    assert " 1. clarithromycin inhibits CYP3A4 (strong), which clears simvastatin" in out
    assert "contraindicated: " in out
    assert "coprescribe" in out
    assert "inhibition, clarithromycin to simvastatin" in out


def test_where_nothing_is_found_that_is_said_and_not_called_safe(run: Run, state: State) -> None:
    found = explanation(("isosorbide", "warfarin"), 5, state).answer
    assert (found["reasons"], found["counts"]) == ([], [])
    (note,) = found["notes"]
    assert note.startswith("Nothing that a path could go through is stated of isosorbide: ")
    code, out, _ = run("isosorbide", "warfarin")
    assert code == 0
    assert "No loaded source states an interaction of the two;" in out
    assert "How unusual" not in out
    assert "not thereby safe" in " ".join(out.split())


def test_the_reasons_are_drawn_as_svg(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "why.svg"
    code, _, err = run("simvastatin", "clarithromycin", "--plot", str(path))
    assert (code, "drawn in" in err) == (0, True)
    assert path.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("simvastatin", "zzyzx"), 2, "'zzyzx'"),
        (("simvastatin", "Zocor"), 2, "are one drug, simvastatin"),
        (("simvastatin", "simvastatin"), 2, "are one drug"),
        (("simvastatin",), 2, "DRUG"),
        (("simvastatin", "warfarin", "--plot", "why.gif"), 2, "ends in .svg or .png"),
        (("simvastatin", "warfarin", "--plot", "/nowhere/at/all/why.svg"), 3, "no such file"),
        (("simvastatin", "warfarin", "--top", "0"), 2, "--top"),
    ],
    ids=str,
)
def test_a_question_that_cannot_be_answered_ends_with_one_sentence(
    run: Run, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended, out, err = run(*arguments)
    assert (ended, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "params",
    [
        {"drugs": "simvastatin"},
        {"drugs": "simvastatin,zzyzx"},
        {"drugs": "simvastatin,warfarin,omeprazole"},
        {"drugs": "simvastatin,simvastatin"},
        {"drugs": "simvastatin,warfarin", "top": 0},
        {},
    ],
    ids=str,
)
def test_a_question_that_http_cannot_answer_is_a_problem(
    client: TestClient, params: dict[str, Any]
) -> None:
    response = client.get("/v1/explain", params=params)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_the_errors_are_typed(state: State) -> None:
    with pytest.raises(UnresolvedDrug, match="zzyzx"):
        explanation(("simvastatin", "zzyzx"), 5, state)
    with pytest.raises(UnresolvedDrug, match="may be several drugs"):
        explanation(("vitamin D", "simvastatin"), 5, state)
    with pytest.raises(InvalidRequest, match="given: 3"):
        explanation(("a", "b", "c"), 5, state)
    with pytest.raises(InvalidRequest, match="top: 99"):
        explanation(("simvastatin", "warfarin"), 99, state)


def test_a_picture_stands_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "why.svg"
    write_picture("<svg/>", path)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_picture("<svg><g/></svg>", path)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("why.svg", "<svg/>")]


def test_png_needs_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(MissingExtra, match=r"coprescribe\[plots\]"):
        write_picture("<svg/>", tmp_path / "why.png")
    assert not (tmp_path / "why.png").exists()


def test_the_interface_shows_an_example_in_the_shape_of_an_answer(
    client: TestClient, state: State
) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/explain"]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    found = explanation(("simvastatin", "clarithromycin"), 5, state).answer
    assert example.keys() == found.keys()
    for part in ("reasons", "counts"):
        assert example[part][0].keys() == found[part][0].keys()
    assert example["reasons"][0]["links"][0][0].keys() == found["reasons"][0]["links"][0][0].keys()


def test_chance_is_said_in_pairs() -> None:
    assert chance({"share_at_least": 1 / 101, "pairs": 100}) == "none of 100 pairs"
