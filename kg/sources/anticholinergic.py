"""Anticholinergic burden: the score of a drug on each of eight published scales.

A score of zero says that a scale knows the drug and finds no burden; it is no statement of a risk
and gives no edge. The two columns of votes are made from the scales and are not read. Some names
carry a route ("betaxolol-OPHTHALMIC", "triamcinolone-NOT(NASAL|TOPICAL)"): it goes with the edge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "anticholinergic"
FILE = "ACB_table.csv"
SCALES = (
    "Boustani2008",
    "Rudolph2008",
    "Carnahan2006",
    "Ancelin2006",
    "Ehrt2010",
    "Sittironnarit2011",
    "Bishara2020",
    "ACBcalc",
)
EFFECT = ("UMLS:C0151500", "Anticholinergic syndrome")
SPELLINGS = Path(__file__).parent.parent / "curated" / "acb_names.tsv"
"""Our reading of misspelt names, brands and combinations of the table."""

_ROUTED = re.compile(r"^(?P<drug>.+?)-(?P<except>NOT ?)?(?P<routes>\(?[A-Z][A-Z |()]+)$")
_ROUTES = (("TOPICAL", "topical"), ("NASAL", "nasal"), ("OTIC", "otic"), ("OP[TH]", "ophthalmic"))
"""How a route is recognised; the eye is spelt in four ways."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the drugs that a scale finds burdening, and an edge per drug, scale and route."""
    scores = _scores(files[FILE])
    drugs = scores[["subject", "name"]].drop_duplicates("subject").sort_values("subject")
    nodes = drugs.rename(columns={"subject": "id"}).assign(category=Category.DRUG.value)
    effect = {"id": EFFECT[0], "name": EFFECT[1], "category": Category.PHENOTYPIC_FEATURE.value}
    yield Chunk.of(ChunkKind.NODES, pd.concat([nodes, pd.DataFrame([effect])], ignore_index=True))
    edges = scores[["subject", "qualifiers", "statement"]].assign(
        predicate=Predicate.PREDISPOSES_TO.value,
        object=EFFECT[0],
        knowledge_level=KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        agent_type=AgentType.MANUAL_AGENT.value,
        reference="acb-collated-scales",
        file=FILE,
    )
    yield Chunk.of(ChunkKind.EDGES, edges)


ANTICHOLINERGIC = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:anticholinergic-burden",
        homepage="https://www.acbcalc.com",
        citation="Collated anticholinergic burden scales: Boustani 2008, Rudolph 2008, Carnahan "
        "2006, Ancelin 2006, Ehrt 2010, Sittironnarit 2011, Bishara 2020, ACB calculator",
    ),
    files=(FILE,),
    read=read,
)


def _scores(path: Path) -> pd.DataFrame:
    """Give a row per drug, route and scale with a score above zero."""
    table = read_table(NAME, path, ("Name", *SCALES), ",")
    for column, pattern in (("Name", r".*\w.*"), *((scale, "[0-4]?") for scale in SCALES)):
        wrong = ~table[column].str.fullmatch(pattern)
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            reason = f"{column} is {table[column].iloc[place]!r}"
            raise MalformedSource(NAME, path.name, reason, place + 2)
    long = table.melt("Name", list(SCALES), "scale", "score")
    long = long[long["score"].isin(list("1234"))].drop_duplicates(ignore_index=True)
    spellings = read_table("curated", SPELLINGS, ("stated_name", "name"))
    right = dict(zip(spellings["stated_name"], spellings["name"], strict=True))
    stated = long["Name"].str.strip()
    routed = stated.str.extract(_ROUTED)
    name = routed["drug"].fillna(stated).str.lower().map(lambda drug: right.get(drug, drug))
    route = ("|route=" + stated.map(_route)).where(routed["drug"].notna(), "")
    slug = name.str.replace(r"[^a-z0-9]+", "-", regex=True)
    return pd.DataFrame(
        {
            "subject": "ACB.DRUG:" + slug,
            "name": name,
            "qualifiers": "scale=" + long["scale"] + "|score=" + long["score"] + route,
            "statement": long["scale"] + "/" + stated,
        }
    )


def _route(stated: str) -> str:
    """Name the routes of a stated name, empty where it has none."""
    found = _ROUTED.match(stated)
    if found is None:
        return ""
    routes = ", ".join(ours for theirs, ours in _ROUTES if re.search(theirs, found["routes"]))
    return f"not {routes}" if found["except"] else routes
