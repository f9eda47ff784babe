"""RxNorm: names of ingredients, brands and products, and the way from a product to its ingredients.

Two extracts are read: all names of a BioPortal export, and a list of medicines with newer codes.
None holds RxNorm's relations, so a product leads to its ingredients by its name, which RxNorm
builds by rule (`kg.sources.rxnorm_names`). A product of which one ingredient has no code here is
left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from kg.sources.rxnorm_names import ProductName, dose_form, parse_product, strong_parts
from ontologies.fold import fold
from ontologies.salts import ingredient
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "rxnorm"
EXPORT = "labeledin_RXNORM.csv.xz"
MEDICINES = "rxnorm_medication_list.json.xz"
HAS_ACTIVE_INGREDIENT = "biolink:has_active_ingredient"

_CLASS = "http://purl.bioontology.org/ontology/RXNORM/"
_PRODUCT_TYPES = ("T200", "T203")
"""Semantic types "clinical drug" and "drug delivery device" (a pack); all else is a substance."""
_DOSE_FORM_TYPE = "T122"
_STATED = {
    "knowledge_level": KnowledgeLevel.LOGICAL_ENTAILMENT.value,
    "agent_type": AgentType.AUTOMATED_AGENT.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield products, brands and ingredients, and the edges to active ingredients and bases."""
    export, medicines = _export(files[EXPORT]), _medicines(files[MEDICINES])
    newer = medicines[~medicines["rxcui"].isin(export["rxcui"])]
    products = pd.concat([export[export["is_product"]], newer], ignore_index=True)
    substances = export[~export["is_product"]]
    codes = dict(zip(substances["name"].str.casefold(), substances["rxcui"], strict=True))
    parts = {part.casefold() for name in products["name"] for part in strong_parts(name)}
    known = {name: code for name, code in codes.items() if name in parts}
    contents = _contents(products, known, _dose_forms(export))
    mixtures = _mixtures(substances, known)
    brands = _brands(contents, codes)
    edges = pd.concat([contents, mixtures, brands], ignore_index=True)
    yield _nodes(pd.concat([export, newer], ignore_index=True), edges)
    yield _ingredients(edges)
    yield _bases(substances[substances["rxcui"].isin(edges["ingredient"])])


RXNORM = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:rxnorm",
        homepage="https://www.nlm.nih.gov/research/umls/rxnorm/",
        citation="RxNorm, U.S. National Library of Medicine: names of the BioPortal export used by "
        "LabeledIn and of the medication list of the CDS Hooks sandbox",
    ),
    files=(EXPORT, MEDICINES),
    read=read,
)


def _export(path: Path) -> pd.DataFrame:
    columns = ("Class ID", "Preferred Label", "Synonyms", "Semantic Types")
    table = read_table(NAME, path, columns, ",")
    rows = table[table["Class ID"].str.startswith(_CLASS)]
    rxcui = rows["Class ID"].str.removeprefix(_CLASS)
    wrong = ~rxcui.str.fullmatch(r"\d{1,7}") | (rows["Preferred Label"].str.strip() == "")
    if wrong.any() or rows.empty:
        place = (
            int(rows.index.to_numpy()[int(wrong.to_numpy().argmax())]) + 2 if len(rows) else None
        )
        raise MalformedSource(NAME, path.name, "has no RxCUI with a name", place)
    types = rows["Semantic Types"].str.rsplit("/", n=1).str[-1]
    single = ~rows["Semantic Types"].str.contains("|", regex=False)
    return pd.DataFrame(
        {
            "rxcui": rxcui,
            "name": rows["Preferred Label"].str.strip(),
            "synonym": rows["Synonyms"],
            "is_product": single & types.isin(_PRODUCT_TYPES),
            "is_form": single & (types == _DOSE_FORM_TYPE),
            "file": EXPORT,
        }
    ).reset_index(drop=True)


def _medicines(path: Path) -> pd.DataFrame:
    try:
        content = json.loads(read_text(NAME, path))
    except json.JSONDecodeError as error:
        raise MalformedSource(NAME, path.name, f"not JSON ({error})") from error
    names = content.get("cuiToName") if isinstance(content, dict) else None
    if not isinstance(names, dict) or not names:
        raise MalformedSource(NAME, path.name, "holds no names under cuiToName")
    for rxcui, name in names.items():
        if not (rxcui.isdecimal() and isinstance(name, str) and name.strip()):
            raise MalformedSource(NAME, path.name, f"RxCUI {rxcui!r} with the name {name!r}")
    frame = pd.DataFrame({"rxcui": list(names), "name": list(names.values())}, dtype=str)
    return frame.assign(synonym="", is_product=True, is_form=False, file=MEDICINES)


def _dose_forms(export: pd.DataFrame) -> frozenset[str]:
    """Give the dose forms: the export's own, and what stands behind strengths more than once."""
    found = export.loc[export["is_product"], "name"].map(dose_form).value_counts()
    often = {form for form in found.index[found > 1] if form[:1].isupper()}
    return frozenset(often | set(export.loc[export["is_form"], "name"]))


def _contents(
    products: pd.DataFrame, codes: Mapping[str, str], forms: frozenset[str]
) -> pd.DataFrame:
    """Give a row per product and ingredient, for products of which every ingredient is known."""
    rows: list[tuple[str, str, str, str, str]] = []
    columns = (products[column] for column in ("rxcui", "name", "synonym", "file"))
    for rxcui, name, synonym, file in zip(*columns, strict=True):
        parsed = _first_known([name, *synonym.split("|")], codes, forms)
        if parsed:
            found = dict.fromkeys(codes[part.casefold()] for part in parsed.ingredients)
            rows += [(rxcui, code, parsed.route, parsed.brand, file) for code in found]
    frame = pd.DataFrame(rows, columns=["rxcui", "ingredient", "route", "brand", "file"], dtype=str)
    return frame[frame["rxcui"] != frame["ingredient"]]


def _first_known(
    names: Iterable[str], codes: Mapping[str, str], forms: frozenset[str]
) -> ProductName | None:
    for name in filter(None, names):
        parsed = parse_product(name, forms)
        if all(part.casefold() in codes for part in parsed.ingredients):
            return parsed
    return None


def _mixtures(substances: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    """Give a row per combination of ingredients ("drospirenone / Estradiol") and ingredient."""
    several = substances[substances["name"].str.contains(" / ", regex=False)]
    rows = [
        (rxcui, codes[part], "", "", EXPORT)
        for rxcui, name in zip(several["rxcui"], several["name"], strict=True)
        if all(part in codes for part in name.casefold().split(" / "))
        for part in name.casefold().split(" / ")
    ]
    return pd.DataFrame(rows, columns=["rxcui", "ingredient", "route", "brand", "file"], dtype=str)


def _brands(contents: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    """Give a row per brand and ingredient, for brands whose products all hold the same."""
    branded = contents[contents["brand"] != ""]
    whole = branded.groupby(["brand", "rxcui"])["ingredient"].agg(lambda c: "|".join(sorted(c)))
    same = whole.groupby("brand").agg(["nunique", "first"])
    single = same.loc[same["nunique"] == 1, "first"].str.split("|").explode().reset_index()
    rxcui = single["brand"].str.casefold().map(codes)
    frame = pd.DataFrame({"rxcui": rxcui, "ingredient": single["first"]}).dropna()
    frame = frame[frame["rxcui"] != frame["ingredient"]].drop_duplicates()
    return frame.assign(route="", brand="", file=EXPORT)


def _nodes(names: pd.DataFrame, edges: pd.DataFrame) -> Chunk:
    used = names["rxcui"].isin(edges["rxcui"]) | names["rxcui"].isin(edges["ingredient"])
    rows = names[used].drop_duplicates("rxcui")
    nodes = pd.DataFrame(
        {"id": "RXCUI:" + rows["rxcui"], "name": rows["name"], "synonym": rows["synonym"]}
    )
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG.value))


def _ingredients(edges: pd.DataFrame) -> Chunk:
    frame = pd.DataFrame(
        {
            "subject": "RXCUI:" + edges["rxcui"],
            "predicate": HAS_ACTIVE_INGREDIENT,
            "object": "RXCUI:" + edges["ingredient"],
            "qualifiers": ("route=" + edges["route"]).where(edges["route"] != "", ""),
            "statement": edges["rxcui"],
            "file": edges["file"],
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame.assign(**_STATED))


def _bases(substances: pd.DataFrame) -> Chunk:
    """Lead each salt to its base where both are ingredients of products."""
    codes = dict(zip(substances["name"].map(fold), substances["rxcui"], strict=True))
    rows = [
        (rxcui, codes[base])
        for name, rxcui in zip(substances["name"], substances["rxcui"], strict=True)
        if (base := ingredient(name)) in codes and codes[base] != rxcui
    ]
    frame = pd.DataFrame(rows, columns=["salt", "base"], dtype=str)
    edges = pd.DataFrame(
        {
            "subject": "RXCUI:" + frame["salt"],
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": "RXCUI:" + frame["base"],
            "statement": frame["salt"],
            "file": EXPORT,
        }
    )
    return Chunk.of(ChunkKind.EDGES, edges.assign(**_STATED))
