"""Two lists of enzyme and transporter roles: FDA's of 2012, and graded inhibitors and inducers.

Both name drugs by name only. The list of 2012 speaks of families (CYP3A) and of transporters by
their protein: `_GENES` says which gene stands for each, and the edge keeps the word of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "enzyme_lists"
GRADED, LISTED = "cyp_modulators_extracted.tsv", "dikb_fda_guidance_lists.tsv"

_GENES = {
    "CYP1A": "CYP1A2",
    "CYP2B": "CYP2B6",
    "CYP2D": "CYP2D6",
    "CYP3A": "CYP3A4",
    **{gene: gene for gene in ("CYP2B6", "CYP2C8", "CYP2C9", "CYP2C19", "CYP2D6")},
    "BCRP": "ABCG2",
    "PGP": "ABCB1",
    "OAT1": "SLC22A6",
    "OAT3": "SLC22A8",
    "OATP1B1": "SLCO1B1",
    "OATP1B3": "SLCO1B3",
    "OCT2": "SLC22A2",
}
_ROLES = ("inhibitor", "inducer", "substrate")
_FORMS = {"enzyme": "|".join(_GENES), "role": "|".join(_ROLES), "drug": ".+"}
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs and genes, then an edge for each role in each list."""
    graded = _table(files[GRADED], {**_FORMS, "strength": "strong|moderate|weak"})
    listed = _table(files[LISTED], {"enzyme_or_transporter": _FORMS["enzyme"], **_FORMS})
    rows = pd.concat([graded.assign(file=GRADED), listed.assign(file=LISTED)], ignore_index=True)
    rows["subject"], rows["object"] = rows["drug"].map(_drug), rows["enzyme"].map(_gene)
    yield _nodes(rows["subject"], rows["drug"], Category.DRUG)
    yield _nodes(rows["object"], rows["enzyme"].map(_GENES), Category.GENE)
    yield Chunk.of(ChunkKind.EDGES, _edges(rows.fillna("")))


ENZYME_LISTS = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:enzyme-lists",
        homepage="https://www.fda.gov/drugs",
        citation="Lists of FDA's draft guidance on drug interaction studies, February 2012; "
        "inhibitors and inducers of CYP2B6, CYP2C19 and CYP2D6 with strengths, compiled in 2026",
    ),
    files=(GRADED, LISTED),
    read=read,
)


def _table(path: Path, forms: Mapping[str, str]) -> pd.DataFrame:
    written = {"enzyme_or_transporter": "enzyme"} if path.name == LISTED else {}
    columns = [column for column in forms if column not in written.values()]
    rows = read_table(NAME, path, tuple(columns)).rename(columns=written)
    for column in rows.columns.intersection(list(forms)):
        wrong = ~rows[column].str.fullmatch(forms[column])
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            reason = f"{column} is {rows[column].iloc[place]!r}"
            raise MalformedSource(NAME, path.name, reason, place + 2)
    return rows


def _edges(rows: pd.DataFrame) -> pd.DataFrame:
    substrate = rows["role"] == "substrate"
    predicate = pd.Series(Predicate.AFFECTS.value, index=rows.index)
    strength = ("|strength=" + rows["strength"]).where(rows["strength"] != "", "")
    return pd.DataFrame(
        {
            "subject": rows["subject"],
            "predicate": predicate.mask(substrate, Predicate.SUBSTRATE_OF.value),
            "object": rows["object"],
            "qualifiers": ("role=" + rows["role"] + strength).mask(substrate, ""),
            "statement": rows["enzyme"] + " " + rows["role"] + " " + rows["drug"],
            "file": rows["file"],
        }
    ).assign(**_STATED)


def _nodes(curies: pd.Series[str], names: pd.Series[str], category: Category) -> Chunk:
    nodes = pd.DataFrame({"id": curies, "name": names, "category": category.value})
    return Chunk.of(ChunkKind.NODES, nodes.drop_duplicates("id").sort_values("id"))


def _drug(name: str) -> str:
    return f"coprescribe:{NAME}_drug." + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _gene(name: str) -> str:
    return "HGNC.SYMBOL:" + _GENES[name]
