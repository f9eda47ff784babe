"""ATC: the WHO's tree of drug classes, and the substances at its fifth level.

A code of the fifth level names one substance, a combination, or a rest ("various", "other
antacids"). Only the first kind is a drug here; a combination whose parts are substances of the tree
points to them; all others stay groups, so that nobody takes "combinations" for a medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "atc"
FILE = "WHO_ATC-DDD_2026-04-25.csv.gz"
HAS_ACTIVE_INGREDIENT = "biolink:has_active_ingredient"

_CODE = r"[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?"
_WIDER = {7: 5, 5: 4, 4: 3, 3: 1}
"""Length of a code -> length of the code of the wider class."""
_SEVERAL = re.compile(
    r",|;|/|\band\b|\bor\b|\bwith\b|\bincl|\bexcl|combination|\bvarious\b|\bother|\bvaccine"
    r"|\b(?:agents|products|preparations|derivatives|compounds|substances|drugs|extracts|antigens"
    r"|antibiotics|diuretics|thiazides|barbiturates|psycholeptics|analgesics|minerals|vitamins"
    r"|salts|enzymes|organisms|acids|cells|allergens|electrolytes|mixtures|antiserum|animals"
    r"|bromides|cannabinoids|carbohydrates|resins|erythrocytes|emulsions|flowers|mites|insects"
    r"|silicones|textiles|thrombocytes|alkaloids|solutions|substitutes|hydrolysates|bandage)\b"
    r"|-(?:pertussis|tetanus)",
    re.IGNORECASE,
)
"""What no name of a single substance holds."""
_PARTS = re.compile(r", | and ")


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the classes and substances, the tree, and the parts of combinations."""
    rows = _rows(files[FILE])
    single = (rows["atc_code"].str.len() == 7) & ~rows["atc_name"].str.contains(_SEVERAL)
    first = rows[single].drop_duplicates("atc_name")
    substances = dict(zip(first["atc_name"], first["atc_code"], strict=True))
    parts = _parts(rows[(rows["atc_code"].str.len() == 7) & ~single], substances)
    drug = single | rows["atc_code"].isin(parts["code"])
    yield Chunk.of(ChunkKind.NODES, _nodes(rows, drug))
    yield Chunk.of(ChunkKind.EDGES, _tree(rows))
    yield Chunk.of(ChunkKind.EDGES, _ingredients(parts))


ATC = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:atc",
        homepage="https://atcddd.fhi.no/atc_ddd_index/",
        citation="WHO Collaborating Centre for Drug Statistics Methodology, ATC/DDD Index, "
        "as of 2026-04-25",
    ),
    files=(FILE,),
    read=read,
)


def _rows(path: Path) -> pd.DataFrame:
    """Give each code once; the file has a row per defined daily dose."""
    table = read_table(NAME, path, ("atc_code", "atc_name"), ",")
    wrong = ~table["atc_code"].str.fullmatch(_CODE) | (table["atc_name"].str.strip() == "")
    if wrong.any():
        place = int(wrong.to_numpy().argmax())
        code, name = table[["atc_code", "atc_name"]].iloc[place]
        raise MalformedSource(NAME, path.name, f"code {code!r} with name {name!r}", place + 2)
    rows = table[["atc_code", "atc_name"]].drop_duplicates("atc_code", ignore_index=True)
    orphans = set(_wider(rows).dropna()) - set(rows["atc_code"])
    if orphans:
        raise MalformedSource(NAME, path.name, f"wider classes are missing: {sorted(orphans)[:9]}")
    return rows


def _wider(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["atc_code"].map(lambda code: code[: _WIDER[len(code)]] if len(code) > 1 else None)


def _nodes(rows: pd.DataFrame, drug: pd.Series[bool]) -> pd.DataFrame:
    category = drug.map({True: Category.DRUG.value, False: Category.DRUG_CLASS.value})
    return pd.DataFrame(
        {"id": "ATC:" + rows["atc_code"], "name": rows["atc_name"], "category": category}
    )


def _tree(rows: pd.DataFrame) -> pd.DataFrame:
    wider = _wider(rows)
    frame = pd.DataFrame(
        {
            "subject": "ATC:" + rows["atc_code"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": "ATC:" + wider,
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
            "statement": rows["atc_code"],
            "file": FILE,
        }
    )
    return frame[wider.notna()]


def _parts(rows: pd.DataFrame, substances: Mapping[str, str]) -> pd.DataFrame:
    """List the parts of the combinations of which every part is a substance of the tree."""
    split = [
        (code, [substances.get(part) for part in _PARTS.split(name)])
        for code, name in zip(rows["atc_code"], rows["atc_name"], strict=True)
    ]
    found = [(code, part) for code, parts in split if all(parts) for part in parts]
    return pd.DataFrame(found, columns=["code", "part"], dtype=str)


def _ingredients(parts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": "ATC:" + parts["code"],
            "predicate": HAS_ACTIVE_INGREDIENT,
            "object": "ATC:" + parts["part"],
            "knowledge_level": KnowledgeLevel.LOGICAL_ENTAILMENT.value,
            "agent_type": AgentType.AUTOMATED_AGENT.value,
            "statement": parts["code"],
            "file": FILE,
        }
    )
