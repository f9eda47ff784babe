"""A bundle comes back as it was written, or is refused; it never needs torch or pickle."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.counting.features import FEATURES
from embeddings.store import (
    Bundle,
    DamagedBundle,
    MissingModel,
    find_model,
    load,
    model_id_of,
    save,
)

FILES = (
    "weights.safetensors",
    "entities.parquet",
    "relations.parquet",
    "train.parquet",
    "valid.parquet",
    "config.json",
    "metrics.json",
    "calibration.json",
    "model_card.md",
    "manifest.json",
)


def test_a_bundle_comes_back_as_it_was_written(bundle: Bundle, home: Path) -> None:
    folder = save(bundle, home, {})
    again = load(home, bundle.id)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert again.train.triples() == bundle.train.triples()
    assert again.train.vocabulary == bundle.train.vocabulary
    assert again.config == bundle.config
    assert again.metrics == bundle.metrics
    assert again.standings == bundle.standings is None
    assert again.calibration.as_dict(again.train.effects) == bundle.calibration.as_dict(
        bundle.train.effects
    )
    for name, values in bundle.weights.items():
        assert np.array_equal(again.weights[name], values)


def test_the_same_bundle_is_the_same_bytes(bundle: Bundle, home: Path) -> None:
    one = save(bundle, home / "one", {})
    other = save(bundle, home / "other", {})
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(bundle: Bundle, home: Path, name: str) -> None:
    folder = save(bundle, home, {})
    (folder / name).unlink()
    with pytest.raises(DamagedBundle, match=name):
        load(home, bundle.id)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_refused(bundle: Bundle, home: Path, name: str) -> None:
    folder = save(bundle, home, {})
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(DamagedBundle, match=bundle.id):
        load(home, bundle.id)


def with_format(folder: Path, number: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": number}))


@pytest.mark.parametrize("older", [1, None])
def test_a_bundle_of_another_layout_is_to_be_trained_again(
    bundle: Bundle, home: Path, older: object
) -> None:
    with_format(save(bundle, home, {}), older)
    with pytest.raises(DamagedBundle, match=r"of another layout .*train again: coprescribe"):
        load(home, bundle.id)


@pytest.mark.parametrize("learned", [True, False])
def test_a_stack_of_another_number_of_features_is_to_be_trained_again(
    bundle: Bundle, home: Path, learned: bool
) -> None:
    model = bundle.weights if learned else {}
    for more in (0, 1):
        side = len(FEATURES) + learned + 1 - more
        form = np.zeros((side, side), dtype=np.float32)
        save(replace(bundle, weights={**model, "stack.form": form}), home, {})
        if more:
            with pytest.raises(DamagedBundle, match="of another layout"):
                load(home, bundle.id)
        else:
            load(home, bundle.id)


def test_a_model_that_is_not_there_is_named(home: Path) -> None:
    with pytest.raises(MissingModel, match=r"'nothing'.*coprescribe train"):
        load(home, "nothing")


def test_an_interrupted_write_leaves_the_older_bundle(bundle: Bundle, home: Path) -> None:
    save(bundle, home, {})
    unwritable = replace(bundle, metrics={"auroc": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        save(unwritable, home, {})
    assert load(home, bundle.id).metrics == bundle.metrics
    assert [path.name for path in (home / "models").iterdir()] == [bundle.id]


def test_the_same_inputs_have_the_same_name() -> None:
    assert model_id_of({"a": 1, "b": 2}) == model_id_of({"b": 2, "a": 1}) != model_id_of({"a": 1})


def test_a_model_is_found_by_its_graph_or_by_its_drugs(bundle: Bundle, home: Path) -> None:
    save(bundle, home, {})
    assert find_model(home, "synthetic") == bundle.id
    assert find_model(home, "another") is None
    assert find_model(home, "another", frozenset(bundle.train.drugs[:1])) == bundle.id


def test_a_bundle_is_served_without_torch(bundle: Bundle, home: Path) -> None:
    save(bundle, home, {})
    program = (
        "import sys; from pathlib import Path\n"
        "import embeddings.run, embeddings.detector\n"
        "from embeddings.predict import Predictor\n"
        "from embeddings.store import load\n"
        f"bundle = load(Path({str(home)!r}), {bundle.id!r})\n"
        "Predictor(bundle).top([bundle.train.drugs[:2]], 1)\n"
        "assert not {'torch', 'pykeen', 'pickle5'} & set(sys.modules), 'torch was imported'\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)  # noqa: S603
