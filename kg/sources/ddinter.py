"""DDInter: stated drug-drug interactions with a severity, one file per ATC group.

Rows of the level "Unknown" are left out: they repeat pairs of co-reporting statistics and state no
severity. A pair that stands in several files is given once per file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.model import Severity
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from kg.sources.base_lookup import looked_up
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "ddinter"
PREFIX = "DDINTER.DRUG:"
UNKNOWN = "Unknown"
SEVERITIES = {
    "Major": Severity.MAJOR.value,
    "Moderate": Severity.MODERATE.value,
    "Minor": Severity.MINOR.value,
}
"""DDInter's levels; it has none for a contraindication."""

_COLUMNS = ("DDInterID_A", "Drug_A", "DDInterID_B", "Drug_B", "Level")
_FORM = re.compile(
    r"^(?P<base>.+) \((?:topical|topiclal|ophthalmic|nasal|otic|rectal|vaginal|intramuscular"
    r"|intravenous|subcutaneous|intravenous and subcutaneous|inhalation, rapid acting|flush"
    r"|liposomal|liposome|lipid complex|cholesteryl sulfate|protein-bound|regular|isophane|zinc"
    r"|zinc extended|protamine|aspart|aspart protamine|potassium|sodium|calcium|bismuth citrate"
    r"|(?:high|low) molecular weight|3350|3350 with electrolytes|I-123|I-131)\)$"
)
"""A name that narrows a drug to a route, a formulation or a salt; one is misspelt at the source."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the drugs, the forms of a drug, and the graded pairs of each file."""
    tables = {name: _table(files[name]) for name in FILES}
    drugs = _drugs(tables)
    forms = _forms(drugs)
    unlisted = forms[["object", "base"]].set_axis(["id", "name"], axis="columns")
    named = pd.concat([drugs, unlisted.drop_duplicates()]).drop_duplicates("id")
    nodes = named[["id", "name"]].assign(category=Category.DRUG.value)
    yield Chunk.of(ChunkKind.NODES, nodes.reset_index(drop=True))
    yield Chunk.of(ChunkKind.EDGES, forms.drop(columns="base"))
    for name, table in tables.items():
        yield _pairs(table[table["Level"] != UNKNOWN], name)


FILES = (
    "ddinter_downloads_code_A.csv.xz",
    "ddinter_downloads_code_B.csv.gz",
    "ddinter_downloads_code_D.csv.gz",
    "ddinter_downloads_code_H.csv.gz",
    "ddinter_downloads_code_L.csv.xz",
    "ddinter_downloads_code_P.csv.gz",
    "ddinter_downloads_code_R.csv.gz",
    "ddinter_downloads_code_V.csv.gz",
)
DDINTER = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:ddinter",
        homepage="https://ddinter.scbdd.com",
        citation="Xiong G. et al., DDInter, Nucleic Acids Research 2022;50(D1):D1200-D1207, "
        "doi:10.1093/nar/gkab880; bulk files by ATC group",
    ),
    files=FILES,
    read=read,
)


def _table(path: Path) -> pd.DataFrame:
    table = read_table(NAME, path, _COLUMNS, ",")
    for column in ("DDInterID_A", "DDInterID_B"):
        _refuse(path, table, ~table[column].str.fullmatch(r"DDInter\d+"), column)
    for column in ("Drug_A", "Drug_B"):
        _refuse(path, table, table[column].str.strip() == "", column)
    _refuse(path, table, ~table["Level"].isin([*SEVERITIES, UNKNOWN]), "Level")
    return table


def _refuse(path: Path, table: pd.DataFrame, wrong: pd.Series[bool], column: str) -> None:
    if wrong.any():
        place = int(wrong.to_numpy().argmax())
        reason = f"{column} is {table[column].iloc[place]!r}"
        raise MalformedSource(NAME, path.name, reason, place + 2)


def _drugs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    ends = [
        table[[f"DDInterID_{end}", f"Drug_{end}"]]
        .set_axis(["id", "name"], axis="columns")
        .assign(file=file)
        for file, table in tables.items()
        for end in "AB"
    ]
    drugs = pd.concat(ends).drop_duplicates(["id", "name"])
    drugs = drugs.sort_values(["id", "name"], ignore_index=True)
    return drugs.assign(id=PREFIX + drugs["id"])


def _forms(drugs: pd.DataFrame) -> pd.DataFrame:
    """Lead each form to its drug; one that DDInter lists by its forms alone gets a name of ours."""
    base = drugs["name"].str.extract(_FORM)["base"]
    forms = drugs[base.notna()]
    base = base.dropna()
    own = "coprescribe:drug_" + base.str.lower().str.replace(r"[^a-z0-9]+", "_", regex=True)
    listed = drugs.drop_duplicates("name").set_index("name")["id"]
    return pd.DataFrame(
        {
            "subject": forms["id"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": looked_up(base, listed, own),
            "base": base,
            "knowledge_level": KnowledgeLevel.LOGICAL_ENTAILMENT.value,
            "agent_type": AgentType.AUTOMATED_AGENT.value,
            "statement": forms["name"],
            "file": forms["file"],
        }
    )


def _pairs(table: pd.DataFrame, file: str) -> Chunk:
    first, second = table["DDInterID_A"], table["DDInterID_B"]
    ordered = first <= second
    left, right = first.where(ordered, second), second.where(ordered, first)
    frame = pd.DataFrame(
        {
            "drug_a": PREFIX + left,
            "drug_b": PREFIX + right,
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
            "severity": table["Level"].map(SEVERITIES),
            "severity_as_stated": table["Level"],
            "statement": left + " / " + right,
            "file": file,
        }
    )
    return Chunk.of(ChunkKind.PAIRS, frame)
