"""Which things that a source names found no public identifier, and why not. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ontologies.fold import fold
from ontologies.salts import is_combination, moiety
from ontologies.vocabulary import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.identity import Identity

COLUMNS = ("source", "id", "name", "preferred", "reason")
"""The source's own identifier and name, the CURIE that its node bears in the graph, and why."""

_DRUG = ("RXCUI", "DRUGBANK", "CHEMBL.COMPOUND", "PUBCHEM.COMPOUND")
PUBLIC: Mapping[str, tuple[str, ...]] = {
    Category.DRUG.value: _DRUG,
    Category.SMALL_MOLECULE.value: _DRUG,
    Category.CHEMICAL_ENTITY.value: _DRUG,
    Category.GENE.value: ("HGNC", "NCBIGene"),
    Category.PHENOTYPIC_FEATURE.value: ("HP", "UMLS"),
    Category.DISEASE.value: ("DOID", "MONDO"),
}
"""By category, the vocabularies of which one must name a thing; other categories are not held."""

_BRACKET = re.compile(r" \([^()]+\)$")
_MOST_CUTS = 3


def unmapped(stated: pd.DataFrame, identity: Identity) -> pd.DataFrame:
    """Give one row per source, identifier and name without a public identifier; sorted.

    Args:
        stated: Node rows of all sources, with the columns source, id, category and name.
        identity: What became of them.

    Returns:
        The columns `COLUMNS`, all text.
    """
    rows = stated[["source", "id", "category", "name"]]
    rows = rows.assign(preferred=rows["id"].map(identity.normalizer.preferred).astype(object))
    prefix = rows["preferred"].str.partition(":")[0]
    missed = pd.Series(data=False, index=rows.index)
    for category, prefixes in PUBLIC.items():
        missed |= (rows["category"] == category) & ~prefix.isin(prefixes)
    reasons = _Reasons.of(identity)
    found = sorted(
        _Missed(*(str(cell) for cell in row))
        for row in set(rows[missed].itertuples(index=False, name=None))
    )
    explained = [
        (row.source, row.id, row.name, row.preferred, reasons.why(row))
        for row in found
        if not reasons.holds_public(row)
    ]
    return pd.DataFrame(explained, columns=list(COLUMNS), dtype=str)


def mapping_rows(missed: pd.DataFrame) -> str:
    """Content of ``mapping_report.tsv``: the rows of `unmapped` under their header."""
    rows = missed[list(COLUMNS)].itertuples(index=False, name=None)
    lines = ["\t".join(" ".join(str(cell).split()) for cell in row) for row in rows]
    return "\n".join(("\t".join(COLUMNS), *lines)) + "\n"


@dataclass(frozen=True, slots=True, order=True)
class _Missed:
    source: str
    id: str
    category: str
    name: str
    preferred: str


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Tells why a thing has no public identifier; ``bases`` are public drugs by lower-case name."""

    identity: Identity
    cuts: Mapping[str, tuple[tuple[str, str], ...]]
    bases: Mapping[str, str]

    @classmethod
    def of(cls, identity: Identity) -> _Reasons:
        cuts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        report = identity.normalizer.report[["left", "right", "reason"]]
        for left, right, reason in report.itertuples(index=False, name=None):
            cuts[left].append((right, reason))
            cuts[right].append((left, reason))
        kept = {curie: tuple(sorted(made)) for curie, made in cuts.items()}
        return cls(identity, kept, _public_drugs(identity.nodes))

    def holds_public(self, row: _Missed) -> bool:
        return any(_prefix(member) in PUBLIC[row.category] for member in self._members(row))

    def why(self, row: _Missed) -> str:
        return self._cut(row) or self._form(row) or self._unstated(row)

    def _members(self, row: _Missed) -> tuple[str, ...]:
        return self.identity.normalizer.equivalents(row.preferred)

    def _cut(self, row: _Missed) -> str:
        """Name the joins that were refused, those with a public identifier alone if there are."""
        made = {cut for member in self._members(row) for cut in self.cuts.get(member, ())}
        public = {cut for cut in made if _prefix(cut[0]) in PUBLIC[row.category]}
        told = [f"cut from {other}: {reason}" for other, reason in sorted(public or made)]
        more = [f"{len(told) - _MOST_CUTS} more cuts"] if len(told) > _MOST_CUTS else []
        return "; ".join([*told[:_MOST_CUTS], *more])

    def _form(self, row: _Missed) -> str:
        """Say of which public drug the name is a form or a combination, if it is."""
        if PUBLIC[row.category] != _DRUG:
            return ""
        if is_combination(row.name) and not _BRACKET.search(row.name):
            return "combination that no public vocabulary was stated to hold"
        for kind, base in (
            ("salt", moiety(row.name)),
            ("route, formulation or salt", _BRACKET.sub("", row.name).lower()),
        ):
            found = self.bases.get(base)
            if found and base not in {row.name.lower(), fold(row.name)}:
                return f"{kind} kept apart from {found} ({base})"
        return ""

    def _unstated(self, row: _Missed) -> str:
        known = sorted({_prefix(member) for member in self._members(row)} - {_prefix(row.id)})
        wanted = ", ".join(PUBLIC[row.category])
        only = f"; known besides as {', '.join(known)}" if known else ""
        return f"no cross-reference stated to {wanted}{only}"


def _public_drugs(nodes: pd.DataFrame) -> dict[str, str]:
    """Public drugs by lower-case name; of two that share a name, the first CURIE."""
    drugs = nodes[nodes["id"].str.partition(":")[0].isin(_DRUG)]
    return _first_of(zip(drugs["name"].str.lower(), drugs["id"], strict=True))


def _first_of(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(sorted(named, reverse=True))


def _prefix(curie: str) -> str:
    return curie.partition(":")[0]
