"""Facts and graphs as PyKEEN triples factories, for whoever trains a model of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from pykeen.triples import TriplesFactory

from embeddings.triples import Facts
from kg.tables import Tables
from ontologies.vocabulary import Predicate

__all__ = ["factory_of_facts", "factory_of_graph"]


def factory_of_facts(facts: Facts) -> TriplesFactory:
    """Drugs as entities and effects as relations, with the indices of the facts.

    Each fact stands once, its lower drug first; the interactions are symmetric, so inverse triples
    are not made.
    """
    return TriplesFactory(
        mapped_triples=torch.from_numpy(facts.array.astype(np.int64)),
        entity_to_id={name: place for place, name in enumerate(facts.drugs)},
        relation_to_id={name: place for place, name in enumerate(facts.effects)},
        create_inverse_triples=False,
    )


def factory_of_graph(tables: Tables, *, co_reports: bool = False) -> TriplesFactory:
    """Nodes as entities and predicates as relations: every edge of a graph, each triple once.

    Qualifiers are not told apart. With ``co_reports`` a relation for each reported effect joins the
    two drugs; without, they stay away, for they are many and weak. Indices are by sorted name.
    """
    columns = ["subject", "predicate", "object"]
    triples = tables.edges[columns].astype(str)
    if co_reports:
        reports = tables.co_reports[["drug_a", "effect", "drug_b"]].astype(str)
        reports["effect"] = f"{Predicate.CO_REPORTED.value}/" + reports["effect"]
        triples = pd.concat([triples, reports.set_axis(columns, axis=1)], ignore_index=True)
    ends = pd.concat([triples["subject"], triples["object"]]).unique()
    entities, relations = (np.sort(names) for names in (ends, triples["predicate"].unique()))
    rows = np.column_stack(
        [
            pd.Index(names).get_indexer(triples[column])
            for names, column in zip((entities, relations, entities), columns, strict=True)
        ]
    ).astype(np.int64)
    return TriplesFactory(
        mapped_triples=torch.from_numpy(np.unique(rows, axis=0)),
        entity_to_id={str(name): place for place, name in enumerate(entities)},
        relation_to_id={str(name): place for place, name in enumerate(relations)},
        create_inverse_triples=False,
    )
