"""What a build says of itself: counts, what was expanded and grounded, what was cut. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.assemble import Assembled
from kg.diff import edges_by_source
from kg.grounding import UNNAMED_EFFECT
from kg.validate import Problem
from ontologies.vocabulary import Category, Predicate

if TYPE_CHECKING:
    import pandas as pd


def build_report(assembled: Assembled) -> dict[str, Any]:
    """Figures of a build, for its manifest and for ``coprescribe stats``."""
    tables = assembled.tables
    pairs = tables.nodes.loc[tables.nodes["category"] == Category.DRUG_PAIR.value, "id"]
    facts = tables.edges[tables.edges["predicate"] == Predicate.CONTRIBUTES_TO.value]
    stated = tables.evidence[tables.evidence["edge_id"].isin(facts["id"])]
    return {
        "nodes_by_category": _counts(tables.nodes["category"]),
        "edges_by_predicate": _counts(tables.edges["predicate"]),
        "edges_by_source": edges_by_source(tables),
        "pairs_stated_in_names_of_the_sources": assembled.stated_pairs,
        "pairs": len(pairs),
        "pairs_with_rxcui_on_both_sides": int(pairs.str.count("RXCUI").eq(2).sum()),
        "pairs_with_a_named_effect": int(
            facts.loc[facts["object"] != UNNAMED_EFFECT[0], "subject"].nunique()
        ),
        "pair_effect_facts": len(facts),
        "statements": int(stated["statement"].nunique()),
        "statements_without_effect": int(assembled.ungrounded["statement"].nunique()),
        "severities": _counts(stated["severity"].replace("", "not stated")),
        "pairs_of_one_drug_with_itself_dropped": assembled.self_pairs,
        "identity_cuts": len(assembled.cuts),
    }


def problem_rows(assembled: Assembled, problems: list[Problem]) -> str:
    """Content of ``problems.tsv``: check, subject and detail of what a reader should know."""
    rows = [(p.check, p.subject, p.detail) for p in problems]
    rows += [
        ("identity_cut", f"{row.left} / {row.right}", str(row.reason))
        for row in assembled.cuts.itertuples()
    ]
    rows += [
        ("no_effect", str(row.statement), str(row.text))
        for row in assembled.ungrounded.itertuples()
    ]
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in sorted(rows)]
    return "\n".join(("check\tsubject\tdetail", *lines)) + "\n"


def _counts(column: pd.Series[str]) -> dict[str, int]:
    return {str(key): int(value) for key, value in column.value_counts().sort_index().items()}
