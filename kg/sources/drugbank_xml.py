"""DrugBank's full database, for those who hold a licence: read drug by drug from the archive.

An interaction is listed under both drugs and counts once. DrugBank grades none and names its effect
in a sentence only; the sentence of an increased risk names the effect itself and is read, any other
is kept as text. Products of one name, content and route are one product here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.drugbank_xml_parts import (
    DRUG,
    Substance,
    interactions,
    number,
    products,
    roles,
    salts,
    substance,
)
from kg.sources.drugbank_xml_stream import drugs_of
from kg.sources.exact_xrefs import exact_xrefs
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "drugbank_xml"
FILE = "drugbank_all_full_database.xml.zip"
CHUNK_ROWS = 200_000
EFFECT = "coprescribe:drugbank_effect."
PRODUCT = "coprescribe:drugbank_product."

_RISK = re.compile(r"^The risk or severity of (?P<effect>.+?) can be increased when ")
_NUMBER, _SALT_NUMBER = re.compile(r"DB\d{5}"), re.compile(r"DRUGBANK\.SALT:DBSALT\d{6}")
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
    "file": FILE,
}


@dataclass(slots=True)
class _Gathered:
    """What is kept of the drugs read so far; rows of pairs and roles are given away in chunks."""

    substances: list[Substance] = field(default_factory=list)
    salts: list[tuple[str, str]] = field(default_factory=list)
    partners: dict[str, str] = field(default_factory=dict)
    genes: dict[str, str] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    products: dict[str, tuple[str, str, set[str]]] = field(default_factory=dict)
    waiting: set[tuple[str, str]] = field(default_factory=set)
    """Pairs whose other side has not come yet."""
    pairs: list[dict[str, str]] = field(default_factory=list)
    roles: list[dict[str, str]] = field(default_factory=list)


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield pairs and roles as the file is read, then all nodes, salts and products."""
    gathered = _Gathered()
    for drug in drugs_of(NAME, files[FILE]):
        _gather(drug, gathered)
        if len(gathered.pairs) >= CHUNK_ROWS:
            yield from _given(gathered)
    if not gathered.substances:
        raise MalformedSource(NAME, FILE, "holds no drug")
    yield from _given(gathered)
    yield _drugs(gathered)
    yield _named(gathered.genes, Category.GENE)
    yield _named(gathered.effects, Category.PHENOTYPIC_FEATURE)
    yield _edges(gathered.salts, Predicate.SUBCLASS_OF)
    yield from _products(gathered.products)


DRUGBANK_XML = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:drugbank",
        homepage="https://go.drugbank.com/releases/latest",
        citation="Wishart et al. DrugBank 5.0: a major update to the DrugBank database for 2018. "
        "Nucleic Acids Research 2018, doi:10.1093/nar/gkx1037; full database",
    ),
    files=(FILE,),
    read=read,
)


def _gather(drug: Element, gathered: _Gathered) -> None:
    own = substance(drug)
    code = number(drug)
    if not _NUMBER.fullmatch(code) or not own.name:
        row = len(gathered.substances) + len(gathered.salts) + 1
        raise MalformedSource(NAME, FILE, f"drug {code!r} has no DrugBank number or no name", row)
    gathered.substances.append(own)
    for salt in salts(drug):
        if _SALT_NUMBER.fullmatch(salt.curie):
            gathered.substances.append(salt)
            gathered.salts.append((salt.curie, own.curie))
    for role in roles(drug):
        gathered.genes.setdefault(role["object"], role["name"])
        gathered.roles.append({key: role[key] for key in role if key != "name"})
    for key, name, route in products(drug):
        gathered.products.setdefault(key, (name, route, set()))[2].add(own.curie)
    for partner, name, said in interactions(drug):
        _gather_pair((code, partner), name, said, gathered)


def _gather_pair(ends: tuple[str, str], name: str, said: str, gathered: _Gathered) -> None:
    if not _NUMBER.fullmatch(ends[1]) or not said:
        raise MalformedSource(NAME, FILE, f"{ends[0]} interacts with {ends[1]!r}: {said!r}")
    first, second = sorted(ends)
    if (first, second) in gathered.waiting:
        gathered.waiting.discard((first, second))
        return
    gathered.waiting.add((first, second))
    gathered.partners.setdefault(DRUG + ends[1], name)
    gathered.pairs.append(
        {
            "drug_a": DRUG + first,
            "drug_b": DRUG + second,
            "effect": _effect(said, gathered.effects),
            "text": said,
            "statement": f"{first} / {second}",
        }
    )


def _effect(said: str, effects: dict[str, str]) -> str:
    found = _RISK.match(said)
    if found is None:
        return ""
    curie = EFFECT + _slug(found["effect"])
    effects.setdefault(curie, found["effect"])
    return curie


def _given(gathered: _Gathered) -> Iterator[Chunk]:
    """Give away the rows that were gathered."""
    pairs, gathered.pairs = pd.DataFrame(gathered.pairs), []
    rows, gathered.roles = pd.DataFrame(gathered.roles).drop_duplicates(), []
    yield Chunk.of(ChunkKind.PAIRS, pairs.assign(**_STATED))
    yield Chunk.of(ChunkKind.EDGES, rows.assign(**_STATED))


def _drugs(gathered: _Gathered) -> Chunk:
    listed = {entry.curie for entry in gathered.substances}
    others = [
        Substance(curie, name, (), ())
        for curie, name in sorted(gathered.partners.items())
        if curie not in listed
    ]
    entries = [*gathered.substances, *others]
    stated = [(entry.curie, xref) for entry in entries for xref in entry.xrefs]
    nodes = pd.DataFrame(
        [(entry.curie, entry.name, "|".join(entry.synonyms)) for entry in entries],
        columns=["id", "name", "synonym"],
        dtype=str,
    ).drop_duplicates("id")
    if stated:
        known = exact_xrefs(pd.DataFrame(stated, columns=["id", "xref"], dtype=str))
        nodes = nodes.assign(xref=nodes["id"].map(known))
    nodes = nodes.assign(category=Category.DRUG.value)
    return Chunk.of(ChunkKind.NODES, nodes)


def _named(names: Mapping[str, str], category: Category) -> Chunk:
    frame = pd.DataFrame(sorted(names.items()), columns=["id", "name"], dtype=str)
    return Chunk.of(ChunkKind.NODES, frame.assign(category=category.value))


def _edges(ends: Iterable[tuple[str, str]], predicate: Predicate) -> Chunk:
    frame = pd.DataFrame(ends, columns=["subject", "object"], dtype=str).drop_duplicates()
    return Chunk.of(ChunkKind.EDGES, frame.assign(predicate=predicate.value, **_STATED))


def _products(products: Mapping[str, tuple[str, str, set[str]]]) -> Iterator[Chunk]:
    """Give the products and what each holds."""
    different = sorted(
        {(name, route, tuple(sorted(drugs))) for name, route, drugs in products.values()}
    )
    names: dict[str, str] = {}
    rows = []
    for name, route, drugs in different:
        codes = ".".join(drug.removeprefix(DRUG) for drug in drugs)
        curie = f"{PRODUCT}{_slug(name)}.{codes}" + (f".{_slug(route)}" if route else "")
        names[curie] = name
        qualifiers = f"route={_slug(route)}" if route else ""
        rows += [(curie, drug, qualifiers) for drug in drugs]
    yield _named(names, Category.DRUG)
    edges = pd.DataFrame(rows, columns=["subject", "object", "qualifiers"], dtype=str)
    predicate = Predicate.HAS_ACTIVE_INGREDIENT.value
    yield Chunk.of(ChunkKind.EDGES, edges.assign(predicate=predicate, **_STATED))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
