"""Invariants of pairs of drugs and of co-reports."""

from __future__ import annotations

import pandas as pd

from kg.invariants.problem import Problem, listed
from kg.model import pair_id
from kg.tables import Tables
from ontologies.vocabulary import Category, Predicate


def lone_participants(tables: Tables) -> list[Problem]:
    """Every pair of drugs has exactly two participants."""
    counts = _parts(tables)["subject"].value_counts()
    two = set(counts[counts == 2].index)
    wrong = (set(_pairs(tables)) | set(counts.index)) - two
    return listed("lone_participants", sorted(wrong), "has not exactly two participants")


def misnamed_pairs(tables: Tables) -> list[Problem]:
    """The name of a pair is made of its two participants; where it has not two, another says so."""
    parts = _parts(tables)
    drugs = parts.groupby("subject")["object"].agg(["min", "max", "size"])
    drugs = drugs[drugs["size"] == 2]
    rows = zip(drugs.index, drugs["min"], drugs["max"], strict=True)
    wrong = [name for name, first, second in rows if name != pair_id(first, second)]
    return listed("misnamed_pairs", sorted(wrong), "is not made of the names of its two drugs")


def co_report_ends(tables: Tables) -> list[Problem]:
    """Both drugs and the effect of a co-report are nodes, and so is the pair of the drugs."""
    nodes = set(tables.nodes["id"].tolist())
    frame = tables.co_reports
    ends = {str(v) for end in ("drug_a", "drug_b", "effect") for v in frame[end].unique()}
    pairs = {pair_id(first, second) for first, second in _reported_pairs(tables)}
    missing = sorted((ends | pairs) - nodes)
    return listed("co_report_ends", missing, "stands in a co-report but is not a node")


def co_report_order(tables: Tables) -> list[Problem]:
    """The drugs of a co-report are two, and stand in one order."""
    wrong = [
        f"{first} and {second}" for first, second in _reported_pairs(tables) if first >= second
    ]
    return listed("co_report_order", sorted(wrong), "is no pair of drugs in their order")


def repeated_co_reports(tables: Tables) -> list[Problem]:
    """A source reports an effect of two drugs once."""
    frame = tables.co_reports[["drug_a", "drug_b", "effect", "source", "version"]]
    codes = pd.DataFrame({name: frame[name].astype("category").cat.codes for name in frame})
    again = frame[codes.duplicated()].drop_duplicates()
    rows = again.itertuples(index=False, name=None)
    wrong = sorted(f"{a}, {b}, {effect} ({source})" for a, b, effect, source, _ in rows)
    return listed("repeated_co_reports", wrong, "is reported twice by one source")


def _pairs(tables: Tables) -> pd.Series[str]:
    return tables.nodes.loc[tables.nodes["category"] == Category.DRUG_PAIR.value, "id"]


def _parts(tables: Tables) -> pd.DataFrame:
    """Give each pair with each of its drugs, once."""
    parts = tables.edges[tables.edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
    return parts[["subject", "object"]].drop_duplicates()


def _reported_pairs(tables: Tables) -> list[tuple[str, str]]:
    """Give the two drugs of each pair that is co-reported, once, as they stand."""
    frame = tables.co_reports[["drug_a", "drug_b"]].astype("category")
    first, second = frame["drug_a"].cat, frame["drug_b"].cat
    codes = pd.DataFrame({"a": first.codes, "b": second.codes}).drop_duplicates()
    a_names, b_names = first.categories, second.categories
    return [(str(a_names[a]), str(b_names[b])) for a, b in zip(codes["a"], codes["b"], strict=True)]
