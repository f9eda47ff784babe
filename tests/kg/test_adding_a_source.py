"""The page on adding a source: what it shows is run as it stands."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from kg.recipe import DATA, load_recipe
from kg.sources.base import FIELDS, ChunkKind, MalformedSource, Source
from kg.sources.own_csv import MEANING, OWN_CSV, ROWS
from ontologies.curie import PrefixMap

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Source, dict[str, Path]]:
    module = tmp_path / "ward_reports.py"
    module.write_text(blocks("python")[0], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("ward_reports", module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    sample = tmp_path / "reports.csv"
    sample.write_text(blocks("csv")[0], encoding="utf-8")
    return loaded.WARD_REPORTS, {"reports.csv": sample}


def test_the_adapter_that_is_shown_reads_the_sample_that_is_shown(
    shown: tuple[Source, dict[str, Path]],
) -> None:
    source, files = shown
    chunks = list(source.read(files))
    assert [(chunk.kind, len(chunk.frame)) for chunk in chunks] == [
        (ChunkKind.NODES, 2),
        (ChunkKind.NODES, 2),
        (ChunkKind.EDGES, 2),
    ]
    assert chunks[0].frame["name"].tolist() == ["examplamine", "NA"]
    assert all(tuple(chunk.frame.columns) == FIELDS[chunk.kind] for chunk in chunks)


def test_the_adapter_that_is_shown_refuses_by_the_row(
    shown: tuple[Source, dict[str, Path]],
) -> None:
    source, files = shown
    files["reports.csv"].write_text(blocks("csv")[0].replace("9000002,NA", "9 2,NA", 1), "utf-8")
    with pytest.raises(MalformedSource, match=r"reports.csv, row 3: drug is '9 2'"):
        list(source.read(files))


def test_the_recipes_that_are_shown_are_recipes(tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    recipes = [text for text in blocks("toml") if "[[file]]" in text]
    assert len(recipes) == 2
    for text in recipes:
        path.write_text(text, encoding="utf-8")
        shown = set(load_recipe(str(path)).files) - set(load_recipe("open").files)
        assert {file.package for file in shown} == {DATA}


def test_the_meaning_that_is_shown_explains_a_file_of_ones_own(tmp_path: Path) -> None:
    files = {ROWS: tmp_path / ROWS, MEANING: tmp_path / MEANING}
    (meaning,) = [text for text in blocks("toml") if "[columns]" in text]
    files[MEANING].write_text(meaning, encoding="utf-8")
    files[ROWS].write_text(
        "Drug;Drug;Grade;Effect;Why;What to do;Source\nwarfarin;aspirin;with care;bleeding;;;\n",
        encoding="utf-8",
    )
    *_, pairs = OWN_CSV.read(files)
    assert pairs.frame[["drug_a", "severity", "effect"]].to_numpy().tolist() == [
        ["RXCUI:11289", "moderate", "HP:0001892"]
    ]


def test_the_identifiers_that_are_shown_have_known_prefixes() -> None:
    known = PrefixMap.load()
    shown = re.findall(r"`((?:RXCUI|PUBCHEM\.COMPOUND|DRUGBANK|HP|UMLS|MEDDRA):\w+)`", PAGE)
    assert len(shown) >= 6
    assert [curie for curie in shown if str(known.standard(curie)) != curie] == []
