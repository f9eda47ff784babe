"""The project's own list of medicines of several ingredients, by common name and by brand.

One table, ``combinations.tsv``: a product, what else it is called, and its ingredients. A graph
without RxNorm resolves a combination by it; in one with RxNorm the nodes are the same where that
list has a code for the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

COMBINATIONS = "combinations.tsv"
TABLES: Mapping[str, tuple[str, ...]] = {
    COMBINATIONS: ("product_id", "product", "synonyms", "ingredient_ids", "ingredients"),
}
"""What the table must have in its header, beside ``reference``."""


def combination_chunks(
    tables: Mapping[str, pd.DataFrame], titles: Mapping[str, str]
) -> Iterator[Chunk]:
    """Yield products, their ingredients, and an edge from each product to each ingredient.

    ``titles`` gives the text of each reference.

    Raises:
        MalformedSource: A product has fewer than two ingredients or not one name for each, or a
            reference is not listed.
    """
    rows = tables[COMBINATIONS]
    parts = _parts(rows)
    unknown = sorted(set(rows["reference"]) - set(titles))
    if unknown:
        raise MalformedSource(
            "curated", COMBINATIONS, f"references that references.tsv does not list: {unknown}"
        )
    yield Chunk.of(ChunkKind.NODES, _nodes(rows, parts))
    yield _edges(parts, titles)


def _parts(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per product and ingredient."""
    ids, names = rows["ingredient_ids"].str.split("|"), rows["ingredients"].str.split("|")
    uneven = (ids.map(len) != names.map(len)) | (ids.map(len) < 2)
    if uneven.any():
        place = int(uneven.to_numpy().argmax())
        reason = f"{rows['product'].iloc[place]!r} needs two ingredients or more, each with its id"
        raise MalformedSource("curated", COMBINATIONS, reason, place + 2)
    split = rows.assign(ingredient_id=ids, ingredient=names)
    return split.explode(["ingredient_id", "ingredient"], ignore_index=True)


def _nodes(rows: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    products = pd.DataFrame(
        {"id": rows["product_id"], "name": rows["product"], "synonym": rows["synonyms"]}
    )
    drugs = pd.DataFrame({"id": parts["ingredient_id"], "name": parts["ingredient"], "synonym": ""})
    nodes = pd.concat([products, drugs]).drop_duplicates(["id", "name"])
    return nodes.assign(category=Category.DRUG.value)


def _edges(parts: pd.DataFrame, titles: Mapping[str, str]) -> Chunk:
    frame = pd.DataFrame(
        {
            "subject": parts["product_id"],
            "predicate": Predicate.HAS_ACTIVE_INGREDIENT.value,
            "object": parts["ingredient_id"],
            "reference": parts["reference"],
            "text": parts["reference"].map(titles),
            "statement": "combinations/" + parts["product"],
            "file": COMBINATIONS,
            "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
            "agent_type": AgentType.MANUAL_AGENT.value,
        }
    )
    return Chunk.of(ChunkKind.EDGES, frame)
