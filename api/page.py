"""The files of the page, under an address of their release, and the words that it shows."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kg.rules.conditions import load_lab_tests
from kg.sources.registry import SOURCES

FOLDER = "page"
"""Under this name the files of a release are asked for: ``/page/RELEASE/NAME``."""
MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_PLACE = "{release}"
_LINKS = {
    "DOI": "https://doi.org/",
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/",
    "PharmGKB": "https://www.clinpgx.org/guidelineAnnotation/",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page, as it is sent."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page and its files; ``release`` is a digest of them all."""

    release: str
    html: bytes
    assets: Mapping[str, Asset]


@cache
def page() -> Page:
    """Read the page once; nothing outside its own folder can be named."""
    folder = files("api") / "web"
    found = {
        entry.name: Asset(entry.read_bytes(), MEDIA_TYPES[kind])
        for entry in sorted(folder.iterdir(), key=lambda each: each.name)
        if (kind := entry.name.rpartition(".")[2]) in MEDIA_TYPES
    }
    template = (folder / "index.html").read_bytes()
    digest = hashlib.blake2b(template, digest_size=8)
    for name, asset in found.items():
        digest.update(name.encode() + b"\0" + asset.content)
    release = digest.hexdigest()
    return Page(release, template.replace(_PLACE.encode(), release.encode()), found)


@cache
def words() -> dict[str, Any]:
    """What the page names by code: laboratory tests, sources with their homes, cited documents."""
    return {
        "labs": [
            {"loinc": test.loinc, "name": test.name, "unit": test.unit}
            for test in load_lab_tests().tests
        ],
        "homepages": {
            source.info.infores: source.info.homepage
            for _, source in sorted(SOURCES.items(), reverse=True)
        },
        "references": _references(),
    }


def _references() -> dict[str, dict[str, Any]]:
    """Title, place and, where the place has one, the address of each document."""
    text = (files("kg") / "curated" / "references.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        row["id"]: {"title": row["title"], "place": row["locator"], "url": link_of(row["locator"])}
        for row in rows
    }


def link_of(locator: str) -> str | None:
    """Address of a document by the first identifier in its locator that has one.

    >>> link_of("DOI:10.1212/WNL.0000000000012868")
    'https://doi.org/10.1212/WNL.0000000000012868'
    >>> link_of("section Boxed warning") is None
    True
    """
    for part in locator.split():
        prefix, _, rest = part.rstrip(",;.").partition(":")
        if prefix in _LINKS and rest:
            return _LINKS[prefix] + rest
    return next((part.rstrip(",;") for part in locator.split() if part.startswith("https:")), None)
