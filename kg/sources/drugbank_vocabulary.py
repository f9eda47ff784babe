"""DrugBank's open vocabulary: names, synonyms, CAS, UNII and InChIKey of its drugs.

A synonym that only adds a salt former to the name of the drug (metoprolol tartrate under
metoprolol) is another form and no synonym here. Where both forms have entries of their own, the
salt is linked to its base by an edge: the names say so, not DrugBank, and the edge says that too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.exact_xrefs import exact_xrefs, in_columns
from ontologies.fold import fold
from ontologies.salts import differ_in_form, ingredient, is_combination
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "drugbank_vocabulary"
FILE = "drugbank_vocabulary.csv.xz"
_COLUMNS = ("DrugBank ID", "Common name", "CAS", "UNII", "Synonyms", "Standard InChI Key")
_PREFIXES = {"CAS": "CAS", "UNII": "UNII", "Standard InChI Key": "INCHIKEY"}
_FORMS = {
    "CAS": r"\d{2,7}-\d{2}-\d",
    "UNII": r"[A-Z0-9]{10}",
    "INCHIKEY": r"[A-Z]{14}-[A-Z]{10}-[A-Z]",
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield one node per drug, and the links of salts to their bases."""
    frame = read_table(NAME, files[FILE], _COLUMNS, ",")
    wrong = ~frame["DrugBank ID"].str.fullmatch(r"DB\d{5}") | (frame["Common name"] == "")
    if wrong.any():
        row = int(wrong.to_numpy().argmax()) + 2
        raise MalformedSource(NAME, FILE, "a drug has no DrugBank number or no name", row)
    frame["id"] = "DRUGBANK:" + frame["DrugBank ID"]
    yield Chunk.of(ChunkKind.NODES, _nodes(frame))
    yield Chunk.of(ChunkKind.EDGES, _salts(frame))


DRUGBANK_VOCABULARY = Source(
    SourceInfo(
        NAME,
        "infores:drugbank",
        "https://go.drugbank.com/releases/latest#open-data",
        "DrugBank Open Data: DrugBank vocabulary",
    ),
    (FILE,),
    read,
)


def _nodes(frame: pd.DataFrame) -> pd.DataFrame:
    xrefs = exact_xrefs(in_columns(frame, _PREFIXES, _FORMS))
    return pd.DataFrame(
        {
            "id": frame["id"],
            "category": Category.DRUG.value,
            "name": frame["Common name"],
            "synonym": [
                _synonyms(name, cell)
                for name, cell in zip(frame["Common name"], frame["Synonyms"], strict=True)
            ],
            "xref": frame["id"].map(xrefs),
        }
    )


def _synonyms(name: str, cell: str) -> str:
    """Join the synonyms that mean the same form of the drug."""
    own = fold(name)
    kept = [
        synonym
        for synonym in dict.fromkeys(part.strip() for part in cell.split(" | "))
        if synonym and synonym != name and not _other_form(own, name, synonym)
    ]
    return "|".join(synonym.replace("|", "/") for synonym in kept)


def _other_form(own: str, name: str, synonym: str) -> bool:
    """Say whether a synonym is the drug's name with a salt former; the rest costs no look-up."""
    begins = own.split(" ", 1)[0] == fold(synonym.split(" ", 1)[0])
    return begins and differ_in_form(name, synonym) == "salt form"


def _salts(frame: pd.DataFrame) -> pd.DataFrame:
    names = dict(zip(frame["id"], frame["Common name"], strict=True))
    by_name = {fold(name): curie for curie, name in names.items()}
    rows = []
    for curie, name in names.items():
        base_name = ingredient(name) if " " in name and not is_combination(name) else None
        base = by_name.get(base_name) if base_name and base_name != fold(name) else None
        if base:
            rows.append((curie, base, f"{name} is a form of {names[base]}"))
    edges = pd.DataFrame(rows, columns=["subject", "object", "text"], dtype=str)
    return edges.assign(
        predicate=Predicate.SUBCLASS_OF.value,
        knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT.value,
        agent_type=AgentType.AUTOMATED_AGENT.value,
        statement="drugbank_vocabulary/" + edges["subject"],
        file=FILE,
    )
