"""RxNorm in full: names, brands, salts, and the ingredients of every product by stated relation.

A row of RXNREL.RRF reads from right to left: RXCUI2 stands in the relation RELA to RXCUI1. A
product leads to its ingredients over its components, its dose form group or the product whose brand
it bears (`_STEPS`); a precise ingredient is a form of its ingredient. Names of other vocabularies
give identity where a release of RxNorm has them (DrugBank, UNII by MTHSPL, MeSH); products that
RXNSAT.RRF marks as veterinary only are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_blocks import read_headless_blocks
from kg.sources.base_large import Rows
from kg.sources.base_lookup import looked_up
from kg.sources.exact_xrefs import exact_xrefs
from kg.sources.rxnorm_names import parse_product
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "rxnorm_rrf"
CONCEPTS, RELATIONS, ATTRIBUTES = "RXNCONSO.RRF", "RXNREL.RRF", "RXNSAT.RRF"

_HEADERS = {
    CONCEPTS: "RXCUI LAT TS LUI STT SUI ISPREF RXAUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS "
    "CVF END",
    RELATIONS: "RXCUI1 RXAUI1 STYPE1 REL RXCUI2 RXAUI2 STYPE2 RELA RUI SRUI SAB SL DIR RG SUPPRESS "
    "CVF END",
    ATTRIBUTES: "RXCUI LUI SUI RXAUI STYPE CODE ATUI SATUI ATN SAB ATV SUPPRESS CVF END",
}
"""Columns by position; every line ends with a bar."""
_FORMS = {
    CONCEPTS: {
        "RXCUI": r"\d{1,7}", "SAB": ".+", "TTY": ".+", "CODE": ".+", "STR": ".+",
        "SUPPRESS": "[NOEY]",
    },
    RELATIONS: {"RXCUI1": r"\d*", "RXCUI2": r"\d*", "RELA": ".*", "SAB": ".+"},
    ATTRIBUTES: {"RXCUI": r"\d*", "ATN": ".+", "SAB": ".+"},
}  # fmt: skip
_OWN, _INGREDIENT, _PRECISE, _BRAND, _SEVERAL = "RXNORM", "IN", "PIN", "BN", "MIN"
_PRODUCTS = frozenset({"SCD", "SBD", "GPCK", "BPCK", "SCDF", "SBDF", "SCDG", "SBDG"})
_COMPONENTS = frozenset({"SCDC", "SBDC"})
_TYPES = (_INGREDIENT, _PRECISE, _BRAND, _SEVERAL, *sorted(_PRODUCTS), *sorted(_COMPONENTS), "DF")
"""Types of RxNorm's own names that make a concept; a name of another type is a synonym."""
_SYNONYMS = ("SY", "TMSY", "PSN")
_STEPS = frozenset(
    {"has_ingredient", "has_ingredients", "has_part", "consists_of", "contains", "isa"}
    | {"tradename_of"}
)
_XREFS = {
    "DRUGBANK": ("DRUGBANK:", r"DB\d{5}"),
    "MTHSPL": ("UNII:", r"[A-Z0-9]{10}"),
    "MSH": ("MESH:", r"[CDQ]\d+"),
}
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
    "file": RELATIONS,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield concepts, the active ingredients of products and brands, and the salts."""
    names = _read(files[CONCEPTS], CONCEPTS, _usable_names)
    relations = _read(files[RELATIONS], RELATIONS, _usable_relations)
    marks = _read(files[ATTRIBUTES], ATTRIBUTES, _usable_marks)
    own = names[names["SAB"] == _OWN]
    types = own[own["TTY"].isin(_TYPES)].drop_duplicates("RXCUI").set_index("RXCUI")
    types = types.drop(index=_veterinary(marks, types))
    contents = _contents(relations, dict(zip(types.index, types["TTY"], strict=True)))
    kept = types[types["TTY"].isin([_INGREDIENT, _PRECISE]) | types.index.isin(contents["RXCUI"])]
    yield _nodes(kept, names)
    yield _ingredients(contents, kept, frozenset(types["STR"][types["TTY"] == "DF"]))
    yield _salts(relations, kept["TTY"])


RXNORM_RRF = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:rxnorm",
        homepage="https://www.nlm.nih.gov/research/umls/rxnorm/",
        citation="RxNorm full or prescribable release, U.S. National Library of Medicine: "
        "RXNCONSO, RXNREL, RXNSAT",
    ),
    files=(CONCEPTS, RELATIONS, ATTRIBUTES),
    read=read,
)


def _read(path: Path, file: str, usable: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    header, forms = tuple(_HEADERS[file].split()), _FORMS[file]
    parts = [
        usable(_checked(rows, forms).frame())
        for rows in read_headless_blocks(NAME, path, header, tuple(forms), "|")
    ]
    if not parts:
        raise MalformedSource(NAME, path.name, "is empty")
    return pd.concat(parts, ignore_index=True)


def _checked(rows: Rows, forms: Mapping[str, str]) -> Rows:
    for column, form in forms.items():
        rows.check(column, form)
    return rows


def _usable_names(frame: pd.DataFrame) -> pd.DataFrame:
    named = (frame["SAB"] == _OWN) & frame["TTY"].isin([*_TYPES, *_SYNONYMS])
    return frame[(named | frame["SAB"].isin(_XREFS)) & (frame["SUPPRESS"] == "N")]


def _usable_relations(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["SAB"] == _OWN) & frame["RELA"].isin([*_STEPS, "form_of"])]


def _usable_marks(frame: pd.DataFrame) -> pd.DataFrame:
    marks = frame["ATN"].isin(["RXN_HUMAN_DRUG", "RXN_VET_DRUG"])
    return frame.loc[marks & (frame["SAB"] == _OWN), ["RXCUI", "ATN"]]


def _veterinary(marks: pd.DataFrame, types: pd.DataFrame) -> pd.Index[str]:
    human = set(marks["RXCUI"][marks["ATN"] == "RXN_HUMAN_DRUG"])
    other = set(marks["RXCUI"][marks["ATN"] == "RXN_VET_DRUG"]) - human
    return types.index[types.index.isin(other) & types["TTY"].isin(_PRODUCTS)]


def _contents(relations: pd.DataFrame, types: Mapping[str, str]) -> pd.DataFrame:
    """Give a row per product, brand or combination and ingredient.

    The way goes over known concepts only; it never leads from a product over a brand, whose other
    products may hold something else.
    """
    steps: dict[str, set[str]] = {}
    columns = (relations[name] for name in ("RXCUI2", "RXCUI1", "RELA"))
    for subject, target, kind in zip(*columns, strict=True):
        if kind in _STEPS and subject in types and types.get(target, _BRAND) != _BRAND:
            steps.setdefault(subject, set()).add(target)
    known: dict[str, frozenset[str]] = {}
    ends = (_BRAND, _SEVERAL, *_PRODUCTS)
    rows = [
        (code, ingredient)
        for code in sorted(steps)
        if types[code] in ends
        for ingredient in sorted(_reached(code, steps, types, known))
    ]
    return pd.DataFrame(rows, columns=["RXCUI", "ingredient"], dtype=str)


def _reached(
    code: str,
    steps: Mapping[str, Iterable[str]],
    types: Mapping[str, str],
    known: dict[str, frozenset[str]],
) -> frozenset[str]:
    """Give the ingredients that a concept leads to; a circle in the file adds nothing."""
    if types[code] == _INGREDIENT:
        return frozenset({code})
    if code not in known:
        known[code] = frozenset()
        parts = [_reached(target, steps, types, known) for target in steps.get(code, ())]
        known[code] = frozenset().union(*parts)
    return known[code]


def _nodes(kept: pd.DataFrame, names: pd.DataFrame) -> Chunk:
    others = names[names["RXCUI"].isin(kept.index)]
    synonyms = others[others["TTY"].isin(_SYNONYMS) & (others["SAB"] == _OWN)]
    written = synonyms.assign(STR=synonyms["STR"].str.replace("|", "/")).groupby("RXCUI")["STR"]
    joined = written.agg(lambda cell: "|".join(sorted(set(cell))))
    nodes = pd.DataFrame({"id": "RXCUI:" + kept.index, "name": kept["STR"].to_numpy()})
    nodes["synonym"] = kept.index.map(joined.to_dict()).to_numpy()
    stated = _stated_xrefs(others)
    nodes["xref"] = nodes["id"].map(exact_xrefs(stated) if len(stated) else {})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG.value))


def _stated_xrefs(names: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for vocabulary, (prefix, form) in _XREFS.items():
        rows = names[(names["SAB"] == vocabulary) & names["CODE"].str.fullmatch(form)]
        parts.append(pd.DataFrame({"id": "RXCUI:" + rows["RXCUI"], "xref": prefix + rows["CODE"]}))
    return pd.concat(parts, ignore_index=True).drop_duplicates()


def _ingredients(contents: pd.DataFrame, kept: pd.DataFrame, forms: frozenset[str]) -> Chunk:
    rows = contents[contents["RXCUI"].isin(kept.index)]
    products = kept["STR"][kept["TTY"].isin(_PRODUCTS)]
    routes = products.map(lambda name: parse_product(name, forms).route)
    route = looked_up(rows["RXCUI"], routes)
    frame = pd.DataFrame(
        {
            "subject": "RXCUI:" + rows["RXCUI"],
            "object": "RXCUI:" + rows["ingredient"],
            "qualifiers": ("route=" + route).where(route != "", ""),
            "statement": rows["RXCUI"],
        }
    )
    predicate = Predicate.HAS_ACTIVE_INGREDIENT.value
    return Chunk.of(ChunkKind.EDGES, frame.assign(predicate=predicate, **_STATED))


def _salts(relations: pd.DataFrame, types: pd.Series[str]) -> Chunk:
    """Lead each precise ingredient (a salt, an ester) to the ingredient that it is a form of."""
    rows = relations[relations["RELA"] == "form_of"]
    fits = rows["RXCUI2"].map(types) == _PRECISE
    rows = rows[fits & (rows["RXCUI1"].map(types) == _INGREDIENT)]
    frame = pd.DataFrame(
        {"subject": "RXCUI:" + rows["RXCUI2"], "object": "RXCUI:" + rows["RXCUI1"]}
    )
    predicate = Predicate.SUBCLASS_OF.value
    return Chunk.of(ChunkKind.EDGES, frame.assign(predicate=predicate, **_STATED))
