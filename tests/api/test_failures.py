"""The table of failures knows every error class of the house, and nothing that is not there."""

from __future__ import annotations

import errno
import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import api
import embeddings
import kg
import ontologies
from api.failures import FAILURES, Failure, failure_of, sentence


def modules() -> Iterator[str]:
    for package in (ontologies, kg, embeddings, api):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith("embeddings.training.") or found.name.endswith("configs"):
                yield found.name


def error_classes() -> dict[str, type[Exception]]:
    return {
        f"{kind.__module__}.{kind.__qualname__}": kind
        for name in modules()
        for kind in vars(importlib.import_module(name)).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == name
    }


ERRORS = error_classes()
OVER_HTTP = "api.problems."
"""Errors that only HTTP raises, and answers itself."""


@pytest.mark.parametrize("name", [n for n in sorted(ERRORS) if not n.startswith(OVER_HTTP)])
def test_an_error_class_has_an_exit_code_and_a_status(name: str) -> None:
    error = ERRORS[name].__new__(ERRORS[name])
    assert failure_of(error) is not None, f"{name} is not in api.failures.FAILURES"


@pytest.mark.parametrize("name", sorted(FAILURES))
def test_a_row_of_the_table_names_a_class_that_exists(name: str) -> None:
    assert name in ERRORS or name in {"builtins.MemoryError", "builtins.OSError"}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_bad_input_is_2_and_4xx_and_bad_data_is_3_and_503(failure: Failure) -> None:
    accepted = {2: range(400, 500), 3: range(503, 504)}
    assert failure.status in accepted[failure.exit_code]


@pytest.mark.parametrize(
    "failure", [f for f in FAILURES.values() if f.status == 503], ids=lambda f: f.title
)
def test_http_has_words_of_its_own_for_what_is_wrong_on_the_disk(failure: Failure) -> None:
    assert failure.told or failure.title == "The service is busy"


def test_a_defect_of_ours_is_not_in_the_table() -> None:
    assert failure_of(KeyError("simvastatin")) is None
    assert failure_of(ZeroDivisionError()) is None


def test_a_full_disk_is_said_in_words_with_its_file() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/tmp/nodes.parquet")  # noqa: S108
    assert sentence(error) == "/tmp/nodes.parquet: no space left on device"  # noqa: S108
    assert failure_of(error) is FAILURES["builtins.OSError"]


def test_too_little_memory_is_no_defect_and_is_said_in_words() -> None:
    assert sentence(MemoryError()) == "not enough memory"
    assert sentence(MemoryError("8 MB of\n it")) == "not enough memory: 8 MB of it"
    assert failure_of(MemoryError()) is FAILURES["builtins.MemoryError"]


def test_a_sentence_has_no_line_break() -> None:
    assert sentence(ValueError("one\n  two")) == "one two"
