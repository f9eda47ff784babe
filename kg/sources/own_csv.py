"""A user's own interactions: one CSV file, and a TOML file beside it that explains its columns.

The TOML file names the column of each field, by its heading or by its number from 1 on; it may say
what the file's own words for a severity mean, and which identifier a drug or an effect has:

    separator = ";"                 # a comma where nothing is said
    [columns]                       # drug_a and drug_b must be named
    drug_a = "Drug"
    drug_b = 2
    severity = "Grade"              # effect, mechanism, management, reference likewise
    [severity]
    "do not combine" = "contraindicated"
    [drugs]
    "warfarin" = "RXCUI:11289"
    [effects]
    "bleeding" = "HP:0001892"

A drug or an effect may also stand in the CSV as a CURIE.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from kg.model import Severity
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_text
from ontologies.curie import MalformedCurie, PrefixMap, UnknownPrefix
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel

NAME = "own_csv"
ROWS, MEANING = "interactions.csv", "interactions.toml"
FIELDS = ("drug_a", "drug_b", "severity", "effect", "mechanism", "management", "reference")
TABLES = ("columns", "severity", "drugs", "effects")
"""Tables that the TOML file may have; only ``columns`` must be there."""

_CITED = re.compile(r"(?:PMID|DOI):\S+", re.IGNORECASE)
_LOOKS_LIKE_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9.]*:[A-Za-z0-9]\S*")
_MECHANISM = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the TOML file says: places of columns, and identifiers and severities by folded word."""

    separator: str
    columns: Mapping[str, str | int]
    severities: Mapping[str, str]
    drugs: Mapping[str, str]
    effects: Mapping[str, str]


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the drugs, the effects, and a pair for each row."""
    meaning = _meaning(files[MEANING])
    rows = list(_rows(files[ROWS], meaning))
    nodes = {(curie, name, kind) for row in rows for curie, name, kind in row.nodes}
    frame = pd.DataFrame(sorted(nodes), columns=["id", "name", "category"], dtype=str)
    yield Chunk.of(ChunkKind.NODES, frame)
    yield Chunk.of(ChunkKind.PAIRS, pd.DataFrame([row.pair for row in rows]))


OWN_CSV = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:user-interactions",
        homepage="https://w3id.org/coprescribe/",
        citation="Interactions of the user's own file",
    ),
    files=(ROWS, MEANING),
    read=read,
)


@dataclass(frozen=True, slots=True)
class _Row:
    pair: Mapping[str, str]
    nodes: tuple[tuple[str, str, str], ...]


def _meaning(path: Path) -> Meaning:
    try:
        content = tomllib.loads(read_text(NAME, path))
    except tomllib.TOMLDecodeError as error:
        raise MalformedSource(NAME, path.name, f"not TOML ({error})") from error
    unknown = sorted(set(content) - {"separator", *TABLES})
    if unknown or not all(isinstance(content.get(name, {}), dict) for name in TABLES):
        raise MalformedSource(NAME, path.name, f"{unknown or TABLES} are no tables of it")
    columns = content.get("columns", {})
    if not {"drug_a", "drug_b"} <= set(columns) <= set(FIELDS):
        reason = f"[columns] must name drug_a and drug_b, and of {FIELDS} only; found {[*columns]}"
        raise MalformedSource(NAME, path.name, reason)
    tables = {name: _words(content.get(name, {})) for name in TABLES[1:]}
    levels = {level.value: level.value for level in Severity}
    wrong = sorted(set(tables["severity"].values()) - set(levels))
    if wrong:
        raise MalformedSource(NAME, path.name, f"{wrong} are no severities; known: {[*levels]}")
    separator = str(content.get("separator", ","))
    if len(separator) != 1:
        raise MalformedSource(NAME, path.name, f"separator is {separator!r}, not one sign")
    severities = {**levels, **tables["severity"]}
    return Meaning(separator, columns, severities, tables["drugs"], tables["effects"])


def _words(table: Mapping[str, Any]) -> dict[str, str]:
    return {_fold(word): str(value) for word, value in table.items()}


def _rows(path: Path, meaning: Meaning) -> Iterator[_Row]:
    text = read_text(NAME, path)
    if text and not text.endswith("\n"):
        raise MalformedSource(NAME, path.name, "its last line is cut short")
    try:
        lines = list(csv.reader(StringIO(text), delimiter=meaning.separator, strict=True))
    except csv.Error as error:
        raise MalformedSource(NAME, path.name, str(error)) from error
    if len(lines) < 2:
        raise MalformedSource(NAME, path.name, "holds no row below its header")
    places = {name: _place(path, lines[0], meaning.columns[name]) for name in meaning.columns}
    prefixes, said = PrefixMap.load(), set[tuple[str, ...]]()
    for number, line in enumerate(lines[1:], start=2):
        if line and len(line) != len(lines[0]):
            reason = f"has {len(line)} cells where the header has {len(lines[0])}"
            raise MalformedSource(NAME, path.name, reason, number)
        if line and tuple(line) not in said:
            said.add(tuple(line))
            cells = {name: " ".join(line[place].split()) for name, place in places.items()}
            yield _row(cells, meaning, _Words(prefixes, path.name, number))


def _place(path: Path, header: list[str], column: str | int) -> int:
    if isinstance(column, int) and 1 <= column <= len(header):
        return column - 1
    if header.count(str(column)) != 1:
        reason = f"the header {header} has not one column {column!r}; a number names one by place"
        raise MalformedSource(NAME, path.name, reason)
    return header.index(str(column))


@dataclass(frozen=True, slots=True)
class _Words:
    """Turns the words of one row into CURIEs; refuses them by that row."""

    prefixes: PrefixMap
    file: str
    number: int

    def curie(self, word: str, known: Mapping[str, str], own: str) -> str:
        """Give the CURIE that is stated for a word or that it is; else one of our own."""
        stated = known.get(_fold(word), word if _LOOKS_LIKE_CURIE.fullmatch(word) else "")
        if not stated:
            return own + re.sub(r"[^\w]+", "-", _fold(word)).strip("-")
        try:
            return str(self.prefixes.standard(stated))
        except (MalformedCurie, UnknownPrefix) as error:
            raise self.refusal(str(error)) from error

    def severity(self, word: str, known: Mapping[str, str]) -> str:
        """Give what a word for a severity means; nothing where nothing is said."""
        if word and _fold(word) not in known:
            raise self.refusal(f"severity {word!r} is explained nowhere; known: {sorted(known)}")
        return known[_fold(word)] if word else ""

    def refusal(self, reason: str) -> MalformedSource:
        """Name the row."""
        return MalformedSource(NAME, self.file, reason, self.number)


def _row(cells: Mapping[str, str], meaning: Meaning, words: _Words) -> _Row:
    ends = [words.curie(cells[end], meaning.drugs, "coprescribe:own_drug.") for end in FIELDS[:2]]
    if not all(cells[end] for end in FIELDS[:2]) or ends[0] == ends[1]:
        raise words.refusal(f"no two drugs: {cells['drug_a']!r} and {cells['drug_b']!r}")
    said = {name: cells.get(name, "") for name in FIELDS}
    effect = said["effect"]
    effect = words.curie(effect, meaning.effects, "coprescribe:own_effect.") if effect else ""
    reference = said["reference"]
    cited = _CITED.fullmatch(reference) is not None
    mechanism = said["mechanism"]
    pair = {
        "drug_a": ends[0],
        "drug_b": ends[1],
        "effect": effect,
        "mechanism": mechanism if _MECHANISM.fullmatch(mechanism) else "",
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
        "severity": words.severity(said["severity"], meaning.severities),
        "severity_as_stated": said["severity"],
        "statement": f"{ROWS}, row {words.number}",
        "text": mechanism,
        "recommendation": said["management"],
        "publications": words.curie(reference, {}, "") if cited else "",
        "reference": "" if cited else reference,
        "file": ROWS,
    }
    nodes = [
        (curie, _name(cells[end]), Category.DRUG.value)
        for curie, end in zip(ends, FIELDS[:2], strict=True)
    ]
    if effect:
        nodes.append((effect, _name(said["effect"]), Category.PHENOTYPIC_FEATURE.value))
    return _Row(pair, tuple(nodes))


def _name(word: str) -> str:
    """Give a word as a name; a CURIE names nothing."""
    return "" if _LOOKS_LIKE_CURIE.fullmatch(word) else word


def _fold(word: str) -> str:
    return " ".join(word.casefold().split())
