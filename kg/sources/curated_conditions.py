"""The project's own words on conditions of patients and on classes of drugs.

Four tables: ``conditions.tsv`` (conditions that rules ask for, with their wider conditions),
``drug_classes.tsv`` (drugs in classes of the ATC that rules name, so that a graph without the tree
of the ATC has them), and ``drug_conditions.tsv`` and ``class_pairs.tsv``, of which the effects
become nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

CONDITIONS, CLASSES, RULES = "conditions.tsv", "drug_classes.tsv", "drug_conditions.tsv"
PAIRS = "class_pairs.tsv"
TABLES: Mapping[str, tuple[str, ...]] = {
    CONDITIONS: ("id", "name", "synonyms", "icd10", "snomed", "parents"),
    CLASSES: ("drug_id", "drug", "atc", "class"),
    RULES: ("target_id", "target", "effect_id", "effect_name"),
    PAIRS: ("effect_id", "effect_name"),
}
"""What each table must have in its header, beside ``reference``."""

_DISEASES = "DOID:"
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}


def condition_chunks(
    tables: Mapping[str, pd.DataFrame], titles: Mapping[str, str]
) -> Iterator[Chunk]:
    """Yield nodes and edges of the tables, by name; ``titles`` gives the text of each reference.

    Raises:
        MalformedSource: A wider condition is not in the table, or a reference is not listed.
    """
    conditions, classes, rules = tables[CONDITIONS], tables[CLASSES], tables[RULES]
    yield Chunk.of(ChunkKind.NODES, _nodes(conditions, classes, rules, tables[PAIRS]))
    yield _links(conditions, titles)
    yield _memberships(classes, titles)


def _nodes(
    conditions: pd.DataFrame, classes: pd.DataFrame, rules: pd.DataFrame, pairs: pd.DataFrame
) -> pd.DataFrame:
    disease = conditions["id"].str.startswith(_DISEASES)
    kinds = {True: Category.DISEASE.value, False: Category.PHENOTYPIC_FEATURE.value}
    own = conditions[["id", "name"]].assign(category=disease.map(kinds))
    drugs = classes.rename(columns={"drug_id": "id", "drug": "name"})[["id", "name"]]
    named = pd.concat([table[["effect_id", "effect_name"]] for table in (rules, pairs)])
    effects = named.rename(columns={"effect_id": "id", "effect_name": "name"})
    effects = effects[~effects["id"].isin(conditions["id"])]
    groups = rules.rename(columns={"target_id": "id", "target": "name"})[["id", "name"]]
    more = pd.DataFrame({"id": "ATC:" + classes["atc"], "name": classes["class"]})
    groups = pd.concat([groups, more])
    groups = groups[groups["id"].str.startswith("ATC:")].drop_duplicates("id")
    nodes = [
        own,
        drugs.assign(category=Category.DRUG.value),
        effects.assign(category=Category.PHENOTYPIC_FEATURE.value),
        groups.assign(category=Category.DRUG_CLASS.value),
    ]
    return pd.concat(nodes).drop_duplicates("id")


def _links(conditions: pd.DataFrame, titles: Mapping[str, str]) -> Chunk:
    rows = conditions[conditions["parents"] != ""]
    rows = rows.assign(object=rows["parents"].str.split("|")).explode("object")
    unknown = sorted(set(rows["object"]) - set(conditions["id"]))
    if unknown:
        raise MalformedSource("curated", CONDITIONS, f"wider conditions not in it: {unknown}")
    return _edges(rows, rows["id"], rows["object"], rows["name"], titles, CONDITIONS)


def _memberships(classes: pd.DataFrame, titles: Mapping[str, str]) -> Chunk:
    codes = "ATC:" + classes["atc"]
    return _edges(classes, classes["drug_id"], codes, classes["drug"], titles, CLASSES)


def _edges(
    rows: pd.DataFrame,
    subjects: pd.Series[str],
    objects: pd.Series[str],
    names: pd.Series[str],
    titles: Mapping[str, str],
    file: str,
) -> Chunk:
    unknown = sorted(set(rows["reference"]) - set(titles))
    if unknown:
        reason = f"references that references.tsv does not list: {unknown}"
        raise MalformedSource("curated", file, reason)
    frame = pd.DataFrame(
        {
            "subject": subjects,
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": objects,
            "reference": rows["reference"],
            "text": rows["reference"].map(titles),
            "statement": file.removesuffix(".tsv") + "/" + names,
            "file": file,
            **_STATED,
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame)
