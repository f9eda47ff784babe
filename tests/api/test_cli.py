"""The command line: results alone on standard output, one sentence and the right code at an end."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import jsonschema
import pytest

from api.cli.main import main
from api.cli.question import body_of
from api.cli.voice import write
from api.errors import InvalidRequest
from api.merging import merged
from api.service import answer
from api.state import State
from embeddings.training.configs import CONFIGS
from embeddings.trials import Trial

DEMO_OPTIONS = (
    "--taking",
    "simvastatin,warfarin, amlodipine",
    "--taking",
    "omeprazole,clopidogrel",
    "--diplotype",
    "CYP2C19=*2/*2",
    "--add",
    "clarithromycin",
    "--model",
    "none",
)


class Ended(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command line over an empty home, in this process."""
    monkeypatch.setenv("COPRESCRIBE_HOME", str(tmp_path / "home"))

    def ended(*arguments: str) -> Ended:
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return ended


@pytest.fixture
def over(run: Run, state: State, open_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line over the built graph; screening shares one opening of it."""
    monkeypatch.setenv("COPRESCRIBE_HOME", str(open_home))
    monkeypatch.setattr("api.cli.screen.open_state", lambda *_: state)
    return run


def one_sentence(ended: Ended, code: int) -> str:
    assert ended.code == code, ended
    assert ended.out == ""
    assert ended.err.startswith("coprescribe: ")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    return ended.err


def test_the_demo_patient_is_answered_in_words(over: Run) -> None:
    ended = over("screen", *DEMO_OPTIONS)
    assert (ended.code, ended.err) == (0, "")
    assert "CONTRAINDICATED  clarithromycin → simvastatin" in ended.out
    assert "clopidogrel" in ended.out.partition("unchanged")[2]


def test_the_json_answer_is_the_one_of_the_service_and_stands_alone(
    over: Run, state: State, demo: dict[str, Any], answer_schema: dict[str, Any]
) -> None:
    ended = over("screen", *DEMO_OPTIONS, "--json")
    told = json.loads(ended.out)
    jsonschema.validate(told, answer_schema)
    expected = answer(demo, state)
    assert [f["id"] for f in told["findings"]] == [f["id"] for f in expected["findings"]]
    assert ended.err == ""


def test_a_patient_file_and_options_ask_together(
    over: Run, demo: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps({**demo, "add": []}), encoding="utf-8")
    ended = over("screen", "--patient", path, "--add", "clarithromycin", "--json")
    told = json.loads(ended.out)
    assert [entry["name"] for entry in told["adding"]] == ["clarithromycin"]
    assert len(told["taking"]) == 5


@pytest.mark.parametrize(("severity", "code"), [("minor", 1), ("major", 1), ("contraindicated", 1)])
def test_fail_on_ends_with_1_when_the_change_is_so_bad(over: Run, severity: str, code: int) -> None:
    assert over("screen", *DEMO_OPTIONS, "--fail-on", severity).code == code


def test_fail_on_looks_only_at_what_the_change_brings(over: Run) -> None:
    taking = ("--taking", "simvastatin,clarithromycin", "--model", "none")
    assert over("screen", *taking, "--add", "zinc", "--fail-on", "contraindicated").code == 0
    assert over("screen", *taking, "--fail-on", "contraindicated").code == 1


def test_an_unknown_drug_to_add_ends_with_2(over: Run) -> None:
    assert "'zzyzx'" in one_sentence(over("screen", "--add", "zzyzx"), 2)


def test_an_unknown_current_drug_is_told_and_the_answer_still_given(over: Run) -> None:
    ended = over("screen", "--taking", "zzyzx,warfarin", "--add", "amiodarone")
    assert ended.code == 0
    assert "NOT CHECKED: 'zzyzx'" in ended.out.splitlines()[1]


@pytest.mark.parametrize(
    "options",
    [
        ("--diplotype", "CYP2C19"),
        ("--diplotype", "CYP2C19="),
        ("--diplotype", "=*1/*2"),
        ("--diplotype", "CYP2C19=*2"),
        ("--diplotype", "NOGENE1=*1/*2"),
        ("--diplotype", "CYP2C19=*1/*2", "--diplotype", "CYP2C19=*1/*3"),
        ("--phenotype", "CYP2C19"),
        ("--phenotype", "CYP2C19=sleepy"),
        ("--replace", "warfarin"),
        ("--lab", "2823-3"),
        ("--lab", "2823-3=high"),
        ("--lab", "potassium=5"),
        ("--lab", "2823-3=nan"),
        ("--age", "-1"),
        ("--age", "nan"),
        ("--weight-kg", "0"),
        ("--taking", ""),
        ("--stop", "warfarin"),
    ],
    ids=" ".join,
)
def test_a_value_that_is_not_accepted_ends_with_2_and_one_sentence(
    over: Run, options: tuple[str, ...]
) -> None:
    one_sentence(over("screen", *options), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("screen", "--nonsense"),
        ("screen", "--sex", "other"),
        ("screen", "--child-pugh", "D"),
        ("screen", "--fail-on", "terrible"),
        ("screen", "--age", "old"),
        ("screen", "--patient", "missing.json"),
        ("query", "ASK {}", "--format", "pdf"),
        ("build", "--licence", "some"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    run: Run, arguments: tuple[str, ...]
) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "line 1"),
        ("[]", "object"),
        ('{"resourceType": "Practitioner"}', "Practitioner"),
        ('{"genes": {}, "drugs": {}}', "PharmCAT"),
        ('{"tking": []}', "tking"),
    ],
)
def test_a_patient_file_that_is_not_read_ends_with_2(
    over: Run, tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(content, encoding="utf-8")
    assert said in one_sentence(over("screen", "--patient", path), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("screen", "--taking", "warfarin"),
        ("stats",),
        ("sources",),
        ("validate",),
        ("drugs", "warfarin"),
        ("query", "ASK {}"),
        ("use", "open-1"),
        ("train",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_without_a_graph_a_command_ends_with_3_and_says_how_to_get_one(
    run: Run, arguments: tuple[str, ...]
) -> None:
    assert "coprescribe build" in one_sentence(run(*arguments), 3)


def test_an_unknown_recipe_ends_with_2(run: Run) -> None:
    assert "'nothing'" in one_sentence(run("build", "--recipe", "nothing"), 2)


def test_a_recipe_that_is_not_toml_ends_with_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("name = ", encoding="utf-8")
    one_sentence(run("build", "--recipe", path), 2)


def test_a_model_is_shown_beside_every_way_of_counting(
    over: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {name: {"mean": 0.5} for name in ("auroc", "auprc", "ap50", "p50")}
    judged = {"model": figures, "baselines": {"effect_degree": figures}}
    metrics = {"n_facts": 1, "n_effects": 1, "protocols": {"uniform": judged}}
    made = SimpleNamespace(id="m1", graph_id="open-1", metrics=metrics)
    monkeypatch.setattr("embeddings.run.train_model", lambda *_: made)
    assert json.loads(over("train", "--json").out)["metrics"] == metrics
    text = over("train").out
    assert "the model" in text
    assert "effect_degree" in text


def test_a_search_shows_its_trials_and_the_best_as_the_configuration_takes_them(
    over: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the extra `train` is not installed")
    assert "cannot be searched" in one_sentence(
        over("train", "--config", "counts", "--search", "2"), 2
    )
    settings = {"dimension": 248, "learning_rate": 0.0314, "unconnected": 0.129}
    trials = (
        Trial(0, settings, (0.96, 0.88), (0.9, 0.92), 18.04, "complete"),
        Trial(1, {**settings, "dimension": 3}, (), (), 0.1, "failed"),
    )
    best = "pair," + ",".join(f"{field}={value}" for field, value in settings.items())
    found = SimpleNamespace(folder=Path("searches/1"), trials=trials, best=best)
    monkeypatch.setattr("embeddings.training.search.search", lambda *_: found)
    told = json.loads(over("train", "--search", "2", "--json").out)
    assert (told["best"], len(told["trials"])) == (best, 2)
    assert told["trials"][1]["value"] is None
    text = over("train", "--search", "2").out
    assert text.endswith(f"\n--config {best}\n")
    assert "0.92" in text
    assert "failed" in text


def test_training_without_its_libraries_says_how_to_get_them(
    over: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("embeddings.run.train_model", lacking)
    assert "coprescribe[train]" in one_sentence(over("train", "-q"), 3)


def test_stats_count_the_graph(over: Run) -> None:
    told = json.loads(over("stats", "--json").out)
    assert told["counts"]["edges"] > 100_000
    assert f"{told['counts']['edges']:,}" in over("stats").out


def test_a_built_graph_is_sound(over: Run) -> None:
    told = json.loads(over("validate", "--json").out)
    assert told["sound"]
    assert {problem["check"] for problem in told["problems"]} <= {"malformed_xrefs"}


def test_sources_come_with_version_and_licence(over: Run) -> None:
    told = json.loads(over("sources", "--json").out)
    assert all(row["version"] and row["licence"] for row in told["sources"])
    assert "ansm" in over("sources").out


def test_a_brand_is_a_drug(over: Run) -> None:
    assert over("drugs", "zocor").out.startswith("'zocor' is simvastatin (RXCUI:36567)")


@pytest.mark.parametrize(("text", "status"), [("zzyzx", "unresolved"), ("the pill", "ambiguous")])
def test_a_name_that_is_not_one_drug_ends_with_2_and_brings_what_it_may_mean(
    over: Run, text: str, status: str
) -> None:
    ended = over("drugs", text, "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["status"], told["curie"]) == (2, status, None)
    assert bool(told["candidates"]) == (status == "ambiguous")
    assert repr(text) in over("drugs", text).out


NAMES = "SELECT ?name { RXCUI:36567 rdfs:label ?name }"


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ((), "name"),
        (("--json",), "{"),
        (("--format", "csv"), "name\r\n"),
        (("--format", "tsv"), "?name"),
        (("--format", "xml"), "<?xml"),
    ],
    ids=" ".join,
)
def test_a_query_answers_in_the_format_asked_for(
    over: Run, options: tuple[str, ...], start: str
) -> None:
    ended = over("query", NAMES, *options)
    assert ended.code == 0
    assert ended.out.startswith(start)
    assert "simvastatin" in ended.out


def test_a_query_comes_from_a_file_and_may_give_triples(over: Run, tmp_path: Path) -> None:
    path = tmp_path / "query.rq"
    path.write_text(f"CONSTRUCT WHERE {NAMES[NAMES.index('{') :]}", encoding="utf-8")
    assert "simvastatin" in over("query", "--file", path).out


@pytest.mark.parametrize(
    "query",
    [
        (),
        ("ASK {",),
        ("DROP ALL",),
        ("ASK {}", "--format", "ttl"),
        ("ASK {}", "--file", "-"),
        ("--file", "missing.rq"),
    ],
    ids=" ".join,
)
def test_a_query_that_is_refused_ends_with_2(over: Run, query: tuple[str, ...]) -> None:
    one_sentence(over("query", *query), 2)


def test_an_error_shows_its_traceback_only_when_asked_twice(run: Run) -> None:
    assert "Traceback" not in run("stats", "-v").err
    assert "Traceback" in run("stats", "-v", "-v").err
    assert "Traceback" not in run("stats").err


def test_the_help_of_train_names_every_configuration(run: Run) -> None:
    told = re.findall(r"\w+", run("train", "--help").out)
    assert set(CONFIGS) <= set(told)


def test_every_command_tells_its_options(run: Run) -> None:
    listed = run("--help")
    assert listed.code == 0
    assert "130 interrupted" in listed.out
    for command in ("build", "train", "screen", "query", "stats", "drugs", "serve"):
        assert "--help" in run(command, "--help").out


def test_a_reader_that_leaves_early_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        monkeypatch.setattr("sys.stdout", gone)
        write("more than anybody reads\n" * 10_000)
        write("and more\n")


def test_options_become_the_body_of_the_request() -> None:
    lists = {
        "diplotypes": ["CYP2D6=*1/*4"],
        "phenotypes": None,
        "conditions": ["gout"],
        "allergies": None,
        "labs": ["2823-3=5.1:mmol/L", "1751-7=30"],
    }
    change = {"add": ["a"], "stop": None, "replace": ["b=c"], "taking": ["d, e", "b"]}
    body = body_of(change, {"age_years": 70.0}, lists, alternatives=False)
    assert body == {
        "add": ["a"],
        "replace": {"b": "c"},
        "taking": ["d", "e", "b"],
        "patient": {
            "age_years": 70.0,
            "diplotypes": {"CYP2D6": "*1/*4"},
            "conditions": ["gout"],
            "labs": [
                {"loinc": "2823-3", "value": 5.1, "unit": "mmol/L"},
                {"loinc": "1751-7", "value": 30.0, "unit": None},
            ],
        },
    }


def test_options_are_laid_over_a_file() -> None:
    file = {"add": "a", "taking": ["b"], "patient": {"age_years": 60, "conditions": ["gout"]}}
    options = {"add": ["c"], "patient": {"age_years": 70, "conditions": ["asthma"]}}
    assert merged(file, options) == {
        "add": ["a", "c"],
        "taking": ["b"],
        "patient": {"age_years": 70, "conditions": ["gout", "asthma"]},
    }


def test_the_same_option_twice_with_two_values_is_an_error() -> None:
    lists = dict.fromkeys(("phenotypes", "conditions", "allergies", "labs"))
    twice = {"diplotypes": ["CYP2D6=*1/*4", "CYP2D6=*1/*5"], **lists}
    change = dict.fromkeys(("add", "stop", "replace", "taking"))
    with pytest.raises(InvalidRequest, match="CYP2D6"):
        body_of(change, {}, twice, alternatives=False)


def test_v_says_what_takes_how_long_and_nothing_of_the_patient(
    run: Run, open_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPRESCRIBE_HOME", str(open_home))
    spoken = run("screen", *DEMO_OPTIONS, "--json", "-v")
    assert json.loads(spoken.out)["findings"]
    for step in ("graph verified and opened in", "names of drugs opened in", "screened in"):
        assert step in spoken.err
    assert spoken.err.splitlines()[-1].startswith("ended with 0 after")
    assert "simvastatin" not in spoken.err
    assert run("drugs", "simvastatin").err == ""


def test_all_in_a_file_unfolds_as_the_option_does(
    over: Run, demo: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps({**demo, "all": True}), encoding="utf-8")
    by_file = over("screen", "--patient", path).out
    by_option = over("screen", *DEMO_OPTIONS, "--all").out
    assert "unchanged" not in by_option
    unnoted = [line for line in by_file.splitlines() if not line.startswith("Note: 'all'")]
    assert unnoted == by_option.splitlines()
    assert "Note" not in by_option


def test_documents_that_were_not_read_stand_at_the_foot(over: Run) -> None:
    head, foot = over("screen", *DEMO_OPTIONS).out.split("Sources and licences")
    assert "Cited by the curated tables" not in head
    assert "Cited by the curated tables" in foot
