"""DrugBank's interactions in 86 types: 192,284 typed pairs, as published for machine learning.

The file gives two DrugBank numbers and a type from 1 to 86, no text and no severity. What a type
says, which of the two drugs acts on the other and which effect follows stands in our table
`kg/curated/ddi86_types.tsv`; ``acts`` is blank where both drugs add to one effect, or where the
data do not show who acts. The column ``basis`` tells how the acting side was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.base_lookup import looked_up
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel

NAME = "drugbank_interactions"
FILE, NAMES = "ddi86.txt.xz", "drugbank_vocabulary.csv.xz"
TYPES = Path(__file__).parent.parent / "curated" / "ddi86_types.tsv"
ACTING = ("first", "second", "")
_TYPE_COLUMNS = ("type", "acts", "says", "effect_id", "effect_name", "mechanism", "reference")
_FORMS = {"drug1": r"DB\d{5}", "drug2": r"DB\d{5}", "Label": r"[1-9]\d?"}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the drugs, the effects that the types name, and one row per pair, type and effect.

    ``drug_a`` is the drug that acts, where the type has one; the text says so by name.
    """
    types = load_types()
    rows = read_table(NAME, files[FILE], ("drug1", "drug2", "Label"))
    for column, form in _FORMS.items():
        wrong = ~rows[column].str.fullmatch(form)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise MalformedSource(NAME, FILE, f"{rows[column].iloc[row]!r} is no {column}", row + 2)
    unknown = sorted(set(rows["Label"]) - set(types["type"]))
    if unknown:
        raise MalformedSource(NAME, FILE, f"types {unknown} are none of the 86")
    listed = read_table(NAME, files[NAMES], ("DrugBank ID", "Common name"), ",")
    names = dict(zip(listed["DrugBank ID"], listed["Common name"].str.lower(), strict=True))
    typed = rows.merge(types, left_on="Label", right_on="type")
    yield Chunk.of(ChunkKind.NODES, _drugs(rows, names))
    yield Chunk.of(ChunkKind.NODES, _effects(types))
    yield Chunk.of(ChunkKind.PAIRS, _pairs(typed, names))


DRUGBANK_INTERACTIONS = Source(
    SourceInfo(
        NAME,
        "infores:drugbank",
        "https://go.drugbank.com",
        "DrugBank interactions in 86 types: Ryu, Kim and Lee, Deep learning improves prediction of "
        "drug-drug and drug-food interactions, PNAS 2018, doi:10.1073/pnas.1803294115",
    ),
    (FILE, NAMES),
    read,
)


def load_types(path: Path = TYPES) -> pd.DataFrame:
    """Read the table of types; a type of several effects has their CURIEs joined with ``|``.

    Raises:
        MalformedSource: A type stands twice, or ``acts`` is none of first, second and blank.
    """
    types = read_table(NAME, path, _TYPE_COLUMNS)
    if types["type"].duplicated().any() or not set(types["acts"]) <= set(ACTING):
        raise MalformedSource(NAME, path.name, "a type stands twice or acts otherwise than known")
    return types[list(_TYPE_COLUMNS)]


def _drugs(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    numbers = pd.concat([rows["drug1"], rows["drug2"]]).drop_duplicates().sort_values()
    nodes = pd.DataFrame({"id": "DRUGBANK:" + numbers, "name": numbers.map(names)})
    return nodes.assign(category=Category.DRUG.value)


def _effects(types: pd.DataFrame) -> pd.DataFrame:
    named = types.assign(
        id=types["effect_id"].str.split("|"), name=types["effect_name"].str.split("|")
    )
    nodes = named.explode(["id", "name"])[["id", "name"]].drop_duplicates("id")
    return nodes.sort_values("id").assign(category=Category.PHENOTYPIC_FEATURE.value)


def _pairs(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    swapped = rows["acts"] == "second"
    first = rows["drug1"].mask(swapped, rows["drug2"])
    second = rows["drug2"].mask(swapped, rows["drug1"])
    left, right = (looked_up(drug, names, drug) for drug in (first, second))
    directed = left + " " + rows["says"] + " " + right
    pairs = pd.DataFrame(
        {
            "drug_a": "DRUGBANK:" + first,
            "drug_b": "DRUGBANK:" + second,
            "effect": rows["effect_id"].str.split("|"),
            "mechanism": rows["mechanism"],
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
            "statement": "drugbank-86/" + rows["Label"],
            "text": directed.where(rows["acts"] != "", left + " + " + right + ": " + rows["says"]),
            "reference": rows["reference"],
            "file": FILE,
        }
    )
    return pairs.explode("effect", ignore_index=True)
