"""DrugCentral: what drugs act on and with what measured strength, indications, classes.

A drug and a target of one protein or of several (a complex, a family) stand in one row; a row of
several says so with ``scope=group``. A stated mechanism of action is an ``affects`` edge whose
``action`` is the source's own word; a mere measurement says that they interact. No edge here
has a ``role``: none speaks of how another drug is handled.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from kg.sources.base_lookup import looked_up
from ontologies.salts import differ_in_form
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "drugcentral"
TREATS = "biolink:treats_or_applied_or_studied_to_treat"
"""A drug to a condition that it is given for."""
INTERACTS = "biolink:interacts_with"
"""A drug and a gene of which no more is said than that they meet."""
OBSERVATION = "observation"
"""Biolink's knowledge level of a thing measured."""

_ACTS = "drug.target.interaction.tsv.xz"
_SYNONYMS = "obo_drugcentral.synonyms.tsv.gz"
_CLASSES, _MEMBERS = "classes.tsv", "drug-to-class.tsv.gz"
_INDICATIONS, _TARGETS = "indications.tsv", "targets.tsv.gz"
_HUMAN = "Homo sapiens"
_ACT_COLUMNS = (
    "DRUG_NAME", "STRUCT_ID", "TARGET_NAME", "ACCESSION", "GENE", "ACT_VALUE", "ACT_TYPE",
    "ACT_SOURCE", "RELATION", "MOA", "MOA_SOURCE", "ACTION_TYPE", "ORGANISM",
)  # fmt: skip
_PURPOSES = {"DM": "disease_modifying", "SYM": "symptomatic", "": "not_stated"}
"""What an indication is for; the fourth word of the file, NOT, denies it."""
_CLASS_PREFIXES = {"D": "MESH:", "N": "NDFRT:"}
_ASSERTED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, targets, classes and conditions, then actions, indications, memberships."""
    acts = _rows(files, _ACTS, _ACT_COLUMNS)
    acts = acts[acts["ORGANISM"] == _HUMAN]
    synonyms = _rows(files, _SYNONYMS, ("text", "curie", "predicate"))
    classes = _rows(files, _CLASSES, ("class_id", "class_name"))
    members = _rows(files, _MEMBERS, ("drugbank_id", "drugbank_name", "class_id"))
    indications = _rows(
        files, _INDICATIONS, ("doid_id", "drugbank_id", "disease", "drug", "category")
    )
    targets = _rows(
        files,
        _TARGETS,
        ("GeneID", "drugbank_id", "drugbank_name", "pubmed_ids", "sources", "actions"),
    )
    single = _one_protein_a_row(acts)
    yield _drugs(acts, synonyms)
    yield _drugbank_drugs(members, targets, indications.rename(columns={"drug": "drugbank_name"}))
    yield _genes(single, targets)
    yield _class_nodes(classes)
    yield _conditions(indications)
    yield _mechanisms(single)
    yield _measurements(single)
    yield _older_targets(targets)
    yield _memberships(members, classes)
    yield _treated(indications)


DRUGCENTRAL = Source(
    SourceInfo(
        NAME,
        "infores:drugcentral",
        "https://drugcentral.org",
        "DrugCentral: drug-target interactions and names; classes, indications and targets of 2016",
    ),
    (_ACTS, _SYNONYMS, _CLASSES, _MEMBERS, _INDICATIONS, _TARGETS),
    read,
    optional=frozenset({_ACTS, _SYNONYMS, _INDICATIONS, _TARGETS}),
)


def _rows(files: Mapping[str, Path], file: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table; one that is not there has no rows."""
    if file not in files:
        return pd.DataFrame(columns=list(columns), dtype=str)
    if file == _ACTS:
        return _quoted_table(files[file], columns)
    return read_table(NAME, files[file], columns)


def _quoted_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a tab-separated table whose texts stand between quotation marks."""
    text = read_text(NAME, path)
    try:
        rows = list(csv.reader(StringIO(text), delimiter="\t", strict=True))
    except csv.Error as error:
        raise MalformedSource(NAME, path.name, str(error)) from error
    if not rows or not text.endswith("\n"):
        raise MalformedSource(NAME, path.name, "is empty or its last line is cut short")
    missing = [column for column in columns if column not in rows[0]]
    if missing:
        raise MalformedSource(NAME, path.name, f"columns {missing} are missing; found {rows[0]}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            reason = f"has {len(row)} cells where the header has {len(rows[0])}"
            raise MalformedSource(NAME, path.name, reason, number)
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)[list(columns)]


def _one_protein_a_row(acts: pd.DataFrame) -> pd.DataFrame:
    """Spread the rows over their proteins; their symbols stand in another order."""
    several = acts["ACCESSION"].str.contains("|", regex=False)
    spread = acts.assign(protein=acts["ACCESSION"].str.split("|"), several=several)
    spread = spread.explode("protein").astype({"several": bool})
    return spread[spread["protein"] != ""].reset_index(drop=True)


def _drugs(acts: pd.DataFrame, synonyms: pd.DataFrame) -> Chunk:
    """Name a drug as its activities do; the export's own labels belong to other identifiers."""
    named = acts.drop_duplicates("STRUCT_ID").set_index("STRUCT_ID")["DRUG_NAME"]
    stated = synonyms[synonyms["predicate"] != "rdfs:label"]
    stated = stated.assign(struct=stated["curie"].str.removeprefix("drugcentral:"))
    stated = stated[stated["struct"].isin(named.index)]
    pairs = zip(stated["struct"].map(named), stated["text"], strict=True)
    plain = [differ_in_form(name, text) is None for name, text in pairs]
    kept = stated[pd.Series(plain, index=stated.index, dtype=bool)]
    texts = kept["text"].str.replace("|", "/", regex=False).groupby(kept["struct"])
    nodes = pd.DataFrame({"name": named, "synonym": texts.agg(lambda t: "|".join(sorted(set(t))))})
    nodes["id"] = "DRUGCENTRAL:" + nodes.index.astype(str)
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG.value))


def _drugbank_drugs(*tables: pd.DataFrame) -> Chunk:
    rows = pd.concat([table[["drugbank_id", "drugbank_name"]] for table in tables])
    rows = rows.drop_duplicates("drugbank_id")
    nodes = pd.DataFrame({"id": "DRUGBANK:" + rows["drugbank_id"], "name": rows["drugbank_name"]})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG.value))


def _genes(single: pd.DataFrame, targets: pd.DataFrame) -> Chunk:
    """Name a protein by its gene where a row is about it alone; a bare number names itself."""
    known = single[~single["several"]].drop_duplicates("protein").set_index("protein")["GENE"]
    accessions = pd.Series(sorted(set(single["protein"])), dtype=str)
    proteins = pd.DataFrame({"id": "UniProtKB:" + accessions, "name": accessions.map(known)})
    numbers = "NCBIGene:" + pd.Series(sorted(set(targets["GeneID"])), dtype=str)
    nodes = pd.concat([proteins, pd.DataFrame({"id": numbers, "name": numbers})])
    nodes["name"] = nodes["name"].where(nodes["name"].fillna("") != "", nodes["id"])
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.GENE.value))


def _class_nodes(classes: pd.DataFrame) -> Chunk:
    nodes = pd.DataFrame({"id": _class_curies(classes), "name": classes["class_name"]})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG_CLASS.value))


def _class_curies(rows: pd.DataFrame) -> pd.Series[str]:
    prefix = looked_up(rows["class_id"].str[:1], _CLASS_PREFIXES)
    return prefix + rows["class_id"]


def _conditions(indications: pd.DataFrame) -> Chunk:
    rows = indications.drop_duplicates("doid_id")
    nodes = pd.DataFrame({"id": rows["doid_id"], "name": rows["disease"]})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DISEASE.value))


def _mechanisms(single: pd.DataFrame) -> Chunk:
    """Give the actions that the source calls the mechanism of the drug."""
    rows = single[(single["MOA"] == "1") & (single["ACTION_TYPE"] != "")]
    edges = _acts(rows).assign(
        predicate=Predicate.AFFECTS.value,
        qualifiers="action=" + rows["ACTION_TYPE"].str.lower() + _scope(rows),
        text=_words(
            "mechanism of action (" + rows["MOA_SOURCE"] + "):",
            rows["ACTION_TYPE"].str.lower() + " of",
            rows["TARGET_NAME"],
        ),
        **_ASSERTED,
    )
    return Chunk.of(ChunkKind.EDGES, edges)


def _measurements(single: pd.DataFrame) -> Chunk:
    """Give what was measured, as the negative decadic logarithm of a molar concentration."""
    rows = single[(single["ACT_VALUE"] != "") & (single["ACT_TYPE"] != "")]
    edges = _acts(rows).assign(
        predicate=INTERACTS,
        qualifiers="measure=" + rows["ACT_TYPE"] + "|relation=activity" + _scope(rows),
        text=_words(
            rows["ACT_TYPE"],
            rows["RELATION"].replace("", "is"),
            rows["ACT_VALUE"],
            "(-log10 of mol/l; " + rows["ACT_SOURCE"] + "),",
            rows["TARGET_NAME"],
        ),
        knowledge_level=OBSERVATION,
        agent_type=AgentType.MANUAL_AGENT.value,
    )
    return Chunk.of(ChunkKind.EDGES, edges)


def _acts(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": "DRUGCENTRAL:" + rows["STRUCT_ID"],
            "object": "UniProtKB:" + rows["protein"],
            "statement": "target/" + rows["STRUCT_ID"] + "/" + rows["ACCESSION"],
            "file": _ACTS,
        }
    )


def _words(text: pd.Series[str], *others: pd.Series[str]) -> pd.Series[str]:
    for part in others:
        text = text + " " + part
    return text


def _scope(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["several"].map({True: "|scope=group", False: ""}).astype(object)


def _older_targets(targets: pd.DataFrame) -> Chunk:
    rows = targets.assign(action=targets["actions"].str.split("|")).explode("action")
    rows = rows[rows["action"] != ""]
    papers = "PMID:" + rows["pubmed_ids"].str.replace("|", "|PMID:", regex=False)
    edges = pd.DataFrame(
        {
            "subject": "DRUGBANK:" + rows["drugbank_id"],
            "predicate": Predicate.AFFECTS.value,
            "object": "NCBIGene:" + rows["GeneID"],
            "qualifiers": "action=" + rows["action"],
            "publications": papers.where(rows["pubmed_ids"] != "", ""),
            "text": rows["action"] + ", " + rows["sources"].str.replace("|", ", ", regex=False),
            "statement": "target/" + rows["drugbank_id"] + "/" + rows["GeneID"],
            "file": _TARGETS,
            **_ASSERTED,
        }
    )
    return Chunk.of(ChunkKind.EDGES, edges)


def _memberships(members: pd.DataFrame, classes: pd.DataFrame) -> Chunk:
    unknown = ~members["class_id"].isin(classes["class_id"])
    if unknown.any():
        row, name = int(unknown.argmax()) + 2, members["class_id"][unknown].iloc[0]
        raise MalformedSource(NAME, _MEMBERS, f"class {name!r} is not in {_CLASSES}", row)
    edges = pd.DataFrame(
        {
            "subject": "DRUGBANK:" + members["drugbank_id"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": _class_curies(members),
            "statement": "class/" + members["drugbank_id"] + "/" + members["class_id"],
            "file": _MEMBERS,
            **_ASSERTED,
        }
    )
    return Chunk.of(ChunkKind.EDGES, edges)


def _treated(indications: pd.DataFrame) -> Chunk:
    """Give what drugs are for; a row that denies an indication states nothing here."""
    known = indications["category"].isin({*_PURPOSES, "NOT"})
    if not known.all():
        row, word = int(known.argmin()) + 2, indications["category"][~known].iloc[0]
        raise MalformedSource(NAME, _INDICATIONS, f"unknown category {word!r}", row)
    rows = indications[indications["category"] != "NOT"]
    edges = pd.DataFrame(
        {
            "subject": "DRUGBANK:" + rows["drugbank_id"],
            "predicate": TREATS,
            "object": rows["doid_id"],
            "qualifiers": "purpose=" + rows["category"].map(_PURPOSES),
            "text": rows["drug"] + ": " + rows["disease"],
            "statement": "indication/" + rows["drugbank_id"] + "/" + rows["doid_id"],
            "file": _INDICATIONS,
            **_ASSERTED,
        }
    )
    return Chunk.of(ChunkKind.EDGES, edges)
