"""The project's own facts: roles in metabolism and transport, liabilities, effects of texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.screening.rules import POINTS, STRENGTHS
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.curated_combinations import TABLES as COMBINATION_TABLES
from kg.sources.curated_combinations import combination_chunks
from kg.sources.curated_conditions import TABLES as CONDITION_TABLES
from kg.sources.curated_conditions import condition_chunks
from kg.sources.curated_genes import TABLES as GENE_TABLES
from kg.sources.curated_genes import gene_chunks
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "curated"
FOLDER = Path(__file__).parent.parent / "curated"
"""Where the tables lie: they travel with the package."""

_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, effects, roles, liabilities, advice on genes, conditions, combinations."""
    enzymes = _read(
        files,
        "enzymes.tsv",
        ("drug_id", "drug", "gene", "protein", "role", "strength", "activates"),
    )
    liabilities = _read(
        files, "liabilities.tsv", ("drug_id", "drug", "liability", "group", "grade")
    )
    rules = _read(files, "liability_rules.tsv", ("liability", "effect_id", "effect_name"))
    patterns = _read(files, "effects_fr.tsv", ("effect_id", "effect_name"))
    _check_roles(enzymes)
    _check_words("liabilities.tsv", liabilities, "grade", POINTS)
    titles = _titles(files)
    yield _drugs(enzymes, liabilities)
    yield _effects(rules, patterns)
    yield _roles(enzymes, titles)
    yield _liabilities(liabilities, rules, titles)
    genes = {file: _read(files, file, columns) for file, columns in GENE_TABLES.items()}
    yield from gene_chunks(genes, titles)
    conditions = {file: _read(files, file, columns) for file, columns in CONDITION_TABLES.items()}
    yield from condition_chunks(conditions, titles)
    mixed = {file: _read(files, file, columns) for file, columns in COMBINATION_TABLES.items()}
    yield from combination_chunks(mixed, titles)


CURATED = Source(
    SourceInfo(
        NAME,
        "infores:coprescribe",
        "https://github.com/coprescribe/coprescribe",
        "coprescribe curated tables; each row cites the document that it rests on",
    ),
    (
        "enzymes.tsv",
        "liabilities.tsv",
        "liability_rules.tsv",
        "effects_fr.tsv",
        "references.tsv",
        *GENE_TABLES,
        *CONDITION_TABLES,
        *COMBINATION_TABLES,
    ),
    read,
)


def _read(files: Mapping[str, Path], file: str, columns: tuple[str, ...]) -> pd.DataFrame:
    return read_table(NAME, files[file], (*columns, "reference"))


def _check_roles(enzymes: pd.DataFrame) -> None:
    """Keep to the closed lists: a word beside them would find nothing, and nobody would notice."""
    file = "enzymes.tsv"
    _check_words(file, enzymes, "role", STRENGTHS)
    for role, strengths in STRENGTHS.items():
        rows = enzymes[enzymes["role"] == role]
        _check_words(file, rows, "strength", (*strengths, ""))
        _check_words(file, rows, "activates", ("yes", "no") if role == "substrate" else ("no",))


def _check_words(file: str, rows: pd.DataFrame, column: str, words: Collection[str]) -> None:
    for position, word in rows[column].items():
        if word not in words:
            reason = f"{column} is {word!r}; one of: {', '.join(words)}"
            raise MalformedSource(NAME, file, reason, int(str(position)) + 2)


def _titles(files: Mapping[str, Path]) -> dict[str, str]:
    frame = read_table(NAME, files["references.tsv"], ("id", "title", "locator", "status"))
    places = frame["locator"].where(frame["locator"] == "", ". " + frame["locator"])
    return dict(zip(frame["id"], frame["title"] + places, strict=True))


def _drugs(*tables: pd.DataFrame) -> Chunk:
    rows = pd.concat([table[["drug_id", "drug"]] for table in tables]).drop_duplicates()
    nodes = pd.DataFrame(
        {"id": rows["drug_id"], "name": rows["drug"], "category": Category.DRUG.value}
    )
    return Chunk.of(ChunkKind.NODES, nodes)


def _effects(rules: pd.DataFrame, patterns: pd.DataFrame) -> Chunk:
    rows = pd.concat([rules[["effect_id", "effect_name"]], patterns[["effect_id", "effect_name"]]])
    rows = rows[rows["effect_id"] != ""].drop_duplicates("effect_id")
    nodes = pd.DataFrame({"id": rows["effect_id"], "name": rows["effect_name"]})
    nodes["category"] = Category.PHENOTYPIC_FEATURE.value
    return Chunk.of(ChunkKind.NODES, nodes)


def _roles(enzymes: pd.DataFrame, titles: Mapping[str, str]) -> Chunk:
    substrate = enzymes["role"] == "substrate"
    qualifiers = ("activates=" + enzymes["activates"] + "|").where(substrate, "")
    qualifiers = qualifiers + "protein=" + enzymes["protein"]
    qualifiers = qualifiers + ("|role=" + enzymes["role"]).where(~substrate, "")
    qualifiers = qualifiers + ("|strength=" + enzymes["strength"]).where(
        enzymes["strength"] != "", ""
    )
    frame = pd.DataFrame(
        {
            "subject": enzymes["drug_id"],
            "predicate": substrate.map(
                {True: Predicate.SUBSTRATE_OF.value, False: Predicate.AFFECTS.value}
            ),
            "object": "HGNC.SYMBOL:" + enzymes["gene"],
            "qualifiers": qualifiers,
            **_cited(enzymes, titles, "enzymes.tsv"),
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame)


def _liabilities(
    liabilities: pd.DataFrame, rules: pd.DataFrame, titles: Mapping[str, str]
) -> Chunk:
    effect = dict(zip(rules["liability"], rules["effect_id"], strict=True))
    unknown = sorted(set(liabilities["liability"]) - set(effect))
    if unknown:
        raise MalformedSource(NAME, "liabilities.tsv", f"liabilities without a rule: {unknown}")
    parts = [column + "=" + liabilities[column] for column in ("grade", "group", "liability")]
    frame = pd.DataFrame(
        {
            "subject": liabilities["drug_id"],
            "predicate": Predicate.PREDISPOSES_TO.value,
            "object": liabilities["liability"].map(effect),
            "qualifiers": parts[0] + "|" + parts[1] + "|" + parts[2],
            **_cited(liabilities, titles, "liabilities.tsv"),
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame)


def _cited(rows: pd.DataFrame, titles: Mapping[str, str], file: str) -> dict[str, object]:
    unknown = sorted({r for cell in rows["reference"] for r in cell.split("|")} - set(titles))
    if unknown:
        raise MalformedSource(
            NAME, file, f"references that references.tsv does not list: {unknown}"
        )
    cited = rows["reference"].map(lambda cell: "; ".join(titles[r] for r in cell.split("|")))
    statement = file.removesuffix(".tsv") + "/" + rows["drug"]
    return {
        "reference": rows["reference"],
        "text": cited,
        "statement": statement,
        "file": file,
        **_STATED,
    }
