"""Model bundles: weights, names, training facts and figures, verified when opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as weights_as_bytes

from embeddings.card import model_card
from embeddings.counting.stack import checked
from embeddings.judging.calibrate import Calibration
from embeddings.new_drugs.arrays import arrays_of, new_drugs_from
from embeddings.new_drugs.descriptions import Descriptions
from embeddings.new_drugs.odds import NewDrugs
from embeddings.scorer import Scorer, Weights
from embeddings.served import served_scorer
from embeddings.standings import Standings
from embeddings.triples import Facts, Vocabulary
from kg.artifact import (
    MANIFEST,
    DamagedArtifact,
    atomic_folder,
    open_artifact,
    write_manifest,
)

FORMAT_VERSION = 2
"""Raised when the layout of a bundle, or the way a model is made from the same inputs, changes."""

Json = Mapping[str, Any]


class MissingModel(LookupError):
    """No such model has been trained under this home."""

    def __init__(self, home: Path, model_id: str | None) -> None:
        wanted = f"model {model_id!r}" if model_id else "model"
        super().__init__(f"no {wanted} under {home}; train one with: coprescribe train")
        self.model_id = model_id


class DamagedBundle(ValueError):
    """A file of a model bundle is missing, changed, or of another layout."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"the model {folder.name} cannot be used: {reason}; train again: coprescribe train"
        )
        self.folder = folder


class DamagedCheckpoint(ValueError):
    """A checkpoint cannot be read, or belongs to another training."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the checkpoint {path} is of no use: {reason}; train without --resume to begin anew"
        )
        self.path = path


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A trained model with everything that serving and judging it need.

    ``valid`` are the facts that tuned calibration and thresholds. ``train`` carries the vocabulary:
    index i of the weights is ``train.drugs[i]`` or ``train.effects[i]``.
    """

    id: str
    config: Json
    weights: Weights
    train: Facts
    valid: Facts
    calibration: Calibration
    metrics: Json
    standings: Standings | None = None
    new_drugs: NewDrugs | None = None

    @property
    def scorer(self) -> Scorer:
        """Numpy scorer of the weights."""
        interaction = self.config["config"]["interaction"]
        return served_scorer(interaction, self.weights, self.train, self.new_drugs)

    @property
    def graph_id(self) -> str:
        """Graph that the facts came from."""
        return str(self.config["graph"])

    @property
    def licence(self) -> str:
        """Union of the licences of what the model was trained on."""
        return str(self.config["licence"])


def model_id_of(config: Json) -> str:
    """Digest of everything that goes into a model: the same inputs give the same name."""
    text = json.dumps({"format": FORMAT_VERSION, **config}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def folder_of(home: Path, model_id: str) -> Path:
    """Where a model stands."""
    return home / "models" / model_id


def save(bundle: Bundle, home: Path, names: Mapping[str, str]) -> Path:
    """Write a bundle, whole or not at all; ``names`` gives drugs and effects a name to read."""
    target = folder_of(home, bundle.id)
    with atomic_folder(target) as folder:
        weights = {key: np.ascontiguousarray(value) for key, value in bundle.weights.items()}
        (folder / "weights.safetensors").write_bytes(weights_as_bytes(weights))
        _write_names(folder / "entities.parquet", bundle.train.drugs, names)
        _write_names(folder / "relations.parquet", bundle.train.effects, names)
        _write_facts(folder / "train.parquet", bundle.train)
        _write_facts(folder / "valid.parquet", bundle.valid)
        _write_json(folder / "config.json", bundle.config)
        _write_json(folder / "metrics.json", bundle.metrics)
        _write_json(folder / "calibration.json", bundle.calibration.as_dict(bundle.train.effects))
        if bundle.standings is not None:
            ranked: dict[str, Any] = {
                "ranks": bundle.standings.ranks,
                "scores": bundle.standings.scores,
            }
            (folder / "standings.safetensors").write_bytes(weights_as_bytes(ranked))
        if bundle.new_drugs is not None:
            _write_new_drugs(folder, bundle.new_drugs)
        (folder / "model_card.md").write_text(model_card(bundle, names), encoding="utf-8")
        write_manifest(folder, {"format": FORMAT_VERSION, "model": bundle.id, "kind": "model"})
    return target


def load(home: Path, model_id: str) -> Bundle:
    """Open a bundle and verify every file against its manifest.

    Raises:
        MissingModel: There is none of that name.
        DamagedBundle: A file is missing, changed or unreadable, or of another layout.
    """
    folder = folder_of(home, model_id)
    if not folder.is_dir():
        raise MissingModel(home, model_id)
    try:
        layout = open_artifact(folder).manifest.get("format")
        if layout != FORMAT_VERSION:
            raise ValueError(f"it is of another layout ({layout}, not {FORMAT_VERSION})")
        return _read(folder)
    except DamagedArtifact as error:
        raise DamagedBundle(folder, str(error)) from error
    except (OSError, KeyError, ValueError, pa.ArrowException, SafetensorError) as error:
        raise DamagedBundle(folder, str(error)) from error


def write_tensors(path: Path, tensors: Weights, words: Mapping[str, str]) -> None:
    """Write arrays by name, with some words about them."""
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    path.write_bytes(weights_as_bytes(arrays, dict(words)))


def read_tensors(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Read arrays by name, and the words about them.

    Raises:
        DamagedCheckpoint: The file cannot be read as such.
    """
    try:
        with safe_open(path, framework="numpy") as stored:
            words = stored.metadata() or {}
            return {name: stored.get_tensor(name) for name in stored.keys()}, words  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise DamagedCheckpoint(path, str(error)) from error


def find_model(home: Path, graph_id: str, drugs: frozenset[str] = frozenset()) -> str | None:
    """Newest model of a graph, else the newest that knows one of the drugs, else ``None``."""
    made = sorted((home / "models").glob(f"[!.]*/{MANIFEST}"), key=_newest_first)
    folders = [path.parent for path in made]
    for folder in folders:
        if _graph_of(folder) == graph_id:
            return folder.name
    shared = (f.name for f in folders if drugs.intersection(_names(f / "entities.parquet")))
    return next(shared, None)


def newest_model(home: Path) -> str:
    """Name of the model that was trained last.

    Raises:
        MissingModel: There is none.
    """
    made = sorted((home / "models").glob(f"[!.]*/{MANIFEST}"), key=_newest_first)
    if not made:
        raise MissingModel(home, None)
    return made[0].parent.name


def names_of(home: Path, model_id: str) -> dict[str, str]:
    """Name of each drug and effect of a model, by CURIE; of a bundle that :func:`load` verified."""
    names: dict[str, str] = {}
    for file in ("entities.parquet", "relations.parquet"):
        table = pq.read_table(folder_of(home, model_id) / file)
        names |= zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True)
    return names


def _read(folder: Path) -> Bundle:
    config = _read_json(folder / "config.json")
    vocabulary = _names(folder / "entities.parquet"), _names(folder / "relations.parquet")
    return Bundle(
        id=folder.name,
        config=config,
        weights=checked(load_file(folder / "weights.safetensors")),
        train=_read_facts(folder / "train.parquet", vocabulary),
        valid=_read_facts(folder / "valid.parquet", vocabulary),
        calibration=Calibration.read(_read_json(folder / "calibration.json"), vocabulary[1]),
        metrics=_read_json(folder / "metrics.json"),
        standings=_standings(folder / "standings.safetensors"),
        new_drugs=_new_drugs(folder),
    )


def _standings(path: Path) -> Standings | None:
    """Where pairs stand, if the bundle tells."""
    if not path.is_file():
        return None
    stored = load_file(path)
    return Standings(stored["ranks"], stored["scores"])


def _write_new_drugs(folder: Path, new: NewDrugs) -> None:
    """Write what places new drugs; ``descriptions.parquet`` has what is known of the others."""
    (folder / "new_drugs.safetensors").write_bytes(weights_as_bytes(arrays_of(new)))
    _write_table(folder / "descriptions.parquet", new.descriptions.table)
    _write_json(folder / "new_drugs.json", new.told)


def _new_drugs(folder: Path) -> NewDrugs | None:
    path = folder / "new_drugs.safetensors"
    if not path.is_file():
        return None
    described = Descriptions(pq.read_table(folder / "descriptions.parquet").to_pandas())
    return new_drugs_from(load_file(path), described, _read_json(folder / "new_drugs.json"))


def _write_names(path: Path, curies: tuple[str, ...], names: Mapping[str, str]) -> None:
    frame = pd.DataFrame({"id": list(curies), "name": [names.get(c, c) for c in curies]}, dtype=str)
    _write_table(path, frame)


def _write_facts(path: Path, facts: Facts) -> None:
    _write_table(path, pd.DataFrame(facts.array, columns=["drug_a", "effect", "drug_b"]))


def _read_facts(path: Path, vocabulary: Vocabulary) -> Facts:
    table = pq.read_table(path)
    rows = np.empty((len(table), 3), dtype=np.int32)
    for place, name in enumerate(("drug_a", "effect", "drug_b")):
        rows[:, place] = table[name].to_numpy()
    return Facts(*vocabulary, rows)


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def _names(path: Path) -> tuple[str, ...]:
    return tuple(pq.read_table(path, columns=["id"]).column("id").to_pylist())


def _write_json(path: Path, value: Json) -> None:
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _graph_of(folder: Path) -> str | None:
    try:
        return str(_read_json(folder / "config.json").get("graph"))
    except (OSError, ValueError):
        return None


def _newest_first(manifest: Path) -> tuple[float, str]:
    return (-manifest.stat().st_mtime, manifest.parent.name)
