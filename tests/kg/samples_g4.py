"""Samples of the sources on pharmacogenetics, packed as the originals are."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

from kg.sources.base import Chunk, Source
from kg.sources.clinpgx import CLINPGX
from kg.sources.fda_pgx import FDA_PGX
from kg.sources.guidelines import CPIC, DPWG
from kg.sources.pharmgkb import PHARMGKB
from kg.sources.phenotypes import PHENOTYPES

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCES = (CLINPGX, CPIC, DPWG, FDA_PGX, PHARMGKB, PHENOTYPES)
_WITHOUT_ADVICE = {
    "guideline": {"url": "https://www.pharmgkb.org/guidelineAnnotation/PA980000"},
    "recommendations": [],
    "citations": [],
}
"""A guideline that advises nothing stands for each file that has no sample of its own."""


def write_sample(source: Source, folder: Path) -> dict[str, Path]:
    """Write the raw files of a source into a folder, from the plain samples."""
    files = {name: folder / name for name in source.files}
    for path in files.values():
        if path.suffix == ".zip":
            _pack(source, path)
        elif path.suffix == ".gz":
            path.write_bytes(gzip.compress(_plain(source, path), mtime=0))
        else:
            path.write_bytes(_plain(source, path))
    return files


def sample_chunks(source: Source, folder: Path) -> list[Chunk]:
    """Read the sample of a source."""
    return list(source.read(write_sample(source, folder)))


def _plain(source: Source, path: Path) -> bytes:
    sample = SAMPLES / source.info.name / path.name.removesuffix(".gz")
    if sample.is_file():
        return sample.read_bytes()
    if source is PHENOTYPES:
        gene = sample.stem.rpartition("_20")[2].rpartition("_")[2]
        table = {"gene": gene, "haplotypes": {}, "activityValues": {}, "diplotypes": []}
        return json.dumps(table).encode()
    return json.dumps(_WITHOUT_ADVICE).encode()


def _pack(source: Source, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in ("clinical_annotations.tsv", "clinical_ann_evidence.tsv"):
            archive.write(SAMPLES / source.info.name / member, member)
