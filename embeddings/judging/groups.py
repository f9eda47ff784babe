"""Figures of a judgement by group of effects: frequency bands, and classes that the graph names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from embeddings.judging.cells import band_name
from embeddings.judging.judge import Judgement
from embeddings.judging.metrics import rounded
from embeddings.judging.reliability import N_BANDS
from kg.graph import KnowledgeGraph, edges_frame
from ontologies.vocabulary import Category, Predicate

CLASSED_BY = "infores:decagon"
"""Who puts effects into classes of diseases: 36 of them in the graph, over 561 effects."""

Group = dict[str, Any]


def grouped(found: Judgement, classes: Mapping[str, str]) -> dict[str, list[Group]]:
    """Give mean AUROC by frequency band and by class of effect, for every protocol and scorer.

    ``classes`` is the class of each effect that has one. A band has the calibration of its effects
    at natural prevalence, too.
    """
    rows = found.per_effect
    natural = found.reliability.natural.of_bands()
    bands = [
        {**group, **_calibrated(natural.get(place))}
        for place in range(N_BANDS)
        for group in _groups(rows[rows["band"] == band_name(place)], "band")
    ]
    classed = rows.assign(effect_class=rows["effect"].map(classes)).dropna(subset="effect_class")
    return {"bands": bands, "classes": _groups(classed, "effect_class")}


def effect_classes(graph: KnowledgeGraph, effects: Iterable[str]) -> dict[str, str]:
    """Class of each effect that is in one, by CURIE; none where the graph has no such classes."""
    tables = graph.tables
    evidence, nodes = tables.evidence, tables.nodes
    stated = evidence.loc[evidence["source"] == CLASSED_BY, "edge_id"]
    diseases = nodes.loc[nodes["category"] == Category.DISEASE.value, "id"]
    edges = edges_frame(graph, Predicate.SUBCLASS_OF)
    chosen = edges["id"].isin(stated) & edges["object"].isin(diseases)
    chosen &= edges["subject"].isin(list(effects))
    kept = edges[chosen].sort_values(["subject", "object"]).drop_duplicates("subject")
    return dict(zip(kept["subject"].astype(str), kept["object"].astype(str), strict=True))


def _groups(rows: pd.DataFrame, column: str) -> list[Group]:
    """One group for each value of a column, most effects first."""
    groups: list[Group] = []
    for name, part in rows.groupby(column, sort=True, observed=True):
        once = part.drop_duplicates("effect")
        auroc: dict[str, dict[str, float]] = {}
        for protocol, under in part.groupby("protocol", sort=True):
            means = under.groupby("scorer", sort=True)["auroc"].mean().dropna()
            auroc[str(protocol)] = {str(one): rounded(mean) for one, mean in means.items()}
        groups.append(
            {
                "name": str(name),
                "n_effects": len(once),
                "n_facts": int(once["n_facts"].sum()),
                "auroc": auroc,
            }
        )
    return sorted(groups, key=lambda group: -int(group["n_effects"]))


def _calibrated(measured: Mapping[str, float] | None) -> Group:
    return {"natural": dict(measured)} if measured else {}
