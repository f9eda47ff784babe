"""Samples of DrugBank's files and the identifier maps, stored plain and packed as published."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

from kg.sources.base import Source
from kg.sources.drug_mappings import DRUG_MAPPINGS
from kg.sources.drugbank_interactions import DRUGBANK_INTERACTIONS
from kg.sources.drugbank_proteins import DRUGBANK_PROTEINS
from kg.sources.drugbank_release import DRUGBANK_RELEASE
from kg.sources.drugbank_smiles import DRUGBANK_SMILES
from kg.sources.drugbank_vocabulary import DRUGBANK_VOCABULARY
from kg.sources.pharmgkb_drugs import PHARMGKB_DRUGS

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (
    DRUGBANK_INTERACTIONS,
    DRUGBANK_PROTEINS,
    DRUGBANK_RELEASE,
    DRUGBANK_SMILES,
    DRUGBANK_VOCABULARY,
    DRUG_MAPPINGS,
    PHARMGKB_DRUGS,
)
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}


def copy_packed(source: Source, folder: Path) -> dict[str, Path]:
    """Write the sample of a source, each file packed the way its name says."""
    for name in source.files:
        write_packed(folder / name, plain(source, name))
    return {name: folder / name for name in source.files}


def plain(source: Source, name: str) -> bytes:
    """Give the content of a sample file before it is packed."""
    stem = name.removesuffix(".gz").removesuffix(".xz")
    return (SAMPLES / source.info.name / stem).read_bytes()


def write_packed(path: Path, content: bytes) -> None:
    """Write content to a file, packed the way its name says."""
    path.write_bytes(PACKERS.get(path.suffix, bytes)(content))
