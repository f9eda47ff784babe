"""OnSIDES 3: adverse effects that a language model found in product labels of four regions.

An effect belongs to a label, a label to RxNorm products, a product to ingredients. A label of one
ingredient speaks of that ingredient; what a label of several says stays at its products, which lead
to their ingredients. Labels are counted: the text of an edge says how many state the effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_blocks import read_row_blocks
from kg.sources.base_large import read_rows
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "onsides"
FOUND, LABEL_PRODUCTS = "product_adverse_effect.csv", "product_to_rxnorm.csv"
EFFECTS = "vocab_meddra_adverse_effect.csv"
INGREDIENTS, PRODUCTS = "vocab_rxnorm_ingredient.csv", "vocab_rxnorm_product.csv"
CONTENTS = "vocab_rxnorm_ingredient_to_product.csv"
SECTIONS = {
    "AR": "adverse_reactions",
    "BW": "boxed_warning",
    "WP": "warnings_and_precautions",
    "NA": "not_stated",
}
"""Sections of United States labels; those of other regions are not divided."""

_CODE, _RXCUI, _MEDDRA = r"\d+", r"\d{1,7}", r"\d{8}"
_FORMS = {
    LABEL_PRODUCTS: {"label_id": _CODE, "rxnorm_product_id": _RXCUI},
    EFFECTS: {"meddra_id": _MEDDRA, "meddra_name": ".+"},
    INGREDIENTS: {"rxnorm_id": _RXCUI, "rxnorm_name": ".+"},
    PRODUCTS: {"rxnorm_id": _RXCUI, "rxnorm_name": ".+"},
    CONTENTS: {"ingredient_id": _RXCUI, "product_id": _RXCUI},
}
_FOUND = {"product_label_id": _CODE, "label_section": "|".join(SECTIONS), "effect_meddra_id": ".+"}
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.TEXT_MINING_AGENT.value,
}
_LISTED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield effects, ingredients and products, the contents of products, then the effects found."""
    tables = {name: _table(files[name], forms) for name, forms in _FORMS.items()}
    contents = tables[CONTENTS]
    _listed(contents, "ingredient_id", tables[INGREDIENTS])
    _listed(contents, "product_id", tables[PRODUCTS])
    subjects = _subjects(tables[LABEL_PRODUCTS], contents)
    found = _found(files[FOUND], subjects, set(tables[EFFECTS]["meddra_id"]))
    yield _nodes(tables[EFFECTS], "meddra", "MEDDRA:", Category.PHENOTYPIC_FEATURE)
    yield _nodes(tables[INGREDIENTS], "rxnorm", "RXCUI:", Category.DRUG)
    several = contents[contents["product_id"].isin(subjects["subject"])]
    products = tables[PRODUCTS][tables[PRODUCTS]["rxnorm_id"].isin(several["product_id"])]
    products = products[~products["rxnorm_id"].isin(tables[INGREDIENTS]["rxnorm_id"])]
    yield _nodes(products, "rxnorm", "RXCUI:", Category.DRUG)
    yield _contents(several)
    yield found


ONSIDES = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:onsides",
        homepage="https://onsidesdb.org",
        citation="Tanaka et al. OnSIDES database: Extracting adverse drug events from drug labels "
        "using natural language processing models. Med 2025, doi:10.1016/j.medj.2025.100642",
    ),
    files=(FOUND, *_FORMS),
    read=read,
)


def _table(path: Path, forms: Mapping[str, str]) -> pd.DataFrame:
    rows = read_rows(NAME, path, tuple(forms))
    for column, form in forms.items():
        rows.check(column, form)
    return rows.frame()


def _listed(table: pd.DataFrame, column: str, vocabulary: pd.DataFrame) -> None:
    unknown = ~table[column].isin(vocabulary["rxnorm_id"])
    if unknown.any():
        place = int(unknown.to_numpy().argmax())
        reason = f"{column} {table[column].iloc[place]!r} is in no vocabulary file"
        raise MalformedSource(NAME, CONTENTS, reason, place + 2)


def _subjects(label_products: pd.DataFrame, contents: pd.DataFrame) -> pd.DataFrame:
    """Give what each label speaks of: its one ingredient, or else each of its products."""
    listed = label_products.merge(contents, left_on="rxnorm_product_id", right_on="product_id")
    single = listed.groupby("label_id")["ingredient_id"].transform("nunique") == 1
    subject = listed["ingredient_id"].where(single, listed["product_id"])
    return pd.DataFrame({"label": listed["label_id"], "subject": subject}).drop_duplicates()


def _found(path: Path, subjects: pd.DataFrame, effects: set[str]) -> Chunk:
    """Count the labels by subject, effect and section; a label without a known drug counts not."""
    parts = []
    for rows in read_row_blocks(NAME, path, tuple(_FOUND)):
        for column, form in _FOUND.items():
            rows.check(column, form)
        unknown = sorted(set(rows.values("effect_meddra_id")) - effects)
        if unknown:
            raise MalformedSource(NAME, FOUND, f"effects {unknown[:3]} are not in {EFFECTS}")
        part = rows.frame().set_axis(["label", "section", "effect"], axis="columns")
        parts.append(part.drop_duplicates())
    stated = pd.concat(parts).drop_duplicates().merge(subjects, on="label")
    counts = stated.groupby(["subject", "effect", "section"], sort=True).size().reset_index()
    frame = pd.DataFrame(
        {
            "subject": "RXCUI:" + counts["subject"],
            "object": "MEDDRA:" + counts["effect"],
            "qualifiers": "section=" + counts["section"].map(SECTIONS),
            "text": "labels that state it: " + counts[0].astype(str),
        }
    )
    return Chunk.of(
        ChunkKind.EDGES,
        frame.assign(predicate=Predicate.CO_REPORTED.value, file=FOUND, **_STATED),
    )


def _nodes(table: pd.DataFrame, system: str, prefix: str, category: Category) -> Chunk:
    frame = table.drop_duplicates(f"{system}_id")
    nodes = pd.DataFrame({"id": prefix + frame[f"{system}_id"], "name": frame[f"{system}_name"]})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=category.value))


def _contents(contents: pd.DataFrame) -> Chunk:
    edges = contents[contents["product_id"] != contents["ingredient_id"]].drop_duplicates()
    frame = pd.DataFrame(
        {"subject": "RXCUI:" + edges["product_id"], "object": "RXCUI:" + edges["ingredient_id"]}
    )
    predicate = Predicate.HAS_ACTIVE_INGREDIENT.value
    return Chunk.of(ChunkKind.EDGES, frame.assign(predicate=predicate, file=CONTENTS, **_LISTED))
