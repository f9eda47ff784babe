"""The frame of the project: what is declared, pinned and shown agrees."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINS = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", text)[0].lower().replace("_", "-") for text in requirements}


def test_the_base_install_does_not_pull_torch() -> None:
    assert not names(PROJECT["dependencies"]) & {"torch", "pykeen", "rdkit"}


@pytest.mark.parametrize("extra", ["base", *EXTRAS])
def test_every_declared_library_is_pinned(extra: str) -> None:
    declared = PROJECT["dependencies"] if extra == "base" else EXTRAS[extra]
    assert names(declared) - names(PINS) == set()


def test_a_pin_is_a_name_and_a_version_and_nothing_of_one_machine() -> None:
    assert [pin for pin in PINS if not re.fullmatch(r"[a-z0-9.-]+==[0-9][a-z0-9.]*", pin)] == []
    assert "torch==2.13.0" in PINS


def test_the_example_patient_is_the_patient_of_make_demo() -> None:
    body = json.loads((ROOT / "examples" / "demo-patient.json").read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (diplotype,) = [f"{gene}={pair}" for gene, pair in body["patient"]["diplotypes"].items()]
    assert f"--taking {','.join(body['taking'])}" in makefile
    assert f"--diplotype '{diplotype}' --add {body['add']}" in makefile
