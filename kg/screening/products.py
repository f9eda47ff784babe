"""A product of several ingredients is one medicine: what that makes of findings. Pure.

What its ingredients do to one another is accepted by its licence, and what several of them do with
the same drug is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.screening.comparing import ChangedFinding
from kg.screening.effects import EffectFamilies
from kg.screening.finding import Finding, FindingKind
from kg.screening.joining import combined, order, united
from kg.screening.patient import Regimen
from ontologies.curie import Curie

_OF_DRUGS = frozenset(
    {
        FindingKind.DRUG_DRUG,
        FindingKind.ADDITIVE_EFFECT,
        FindingKind.DUPLICATION,
        FindingKind.PREDICTED_EFFECT,
    }
)
"""Kinds that are about drugs alone; a gene, a condition or an allergy may forbid the product."""

Lines = Mapping[Curie, frozenset[str]]
"""Under which names of a list each drug comes, folded to lower case."""


def lines_of(regimen: Regimen) -> Lines:
    """Give the lines of each drug; the ingredients of a product share its line."""
    lines: dict[Curie, set[str]] = {}
    for entry in regimen.entries:
        lines.setdefault(entry.drug, set()).add(entry.written.casefold())
    return {drug: frozenset(names) for drug, names in lines.items()}


def is_accepted(finding: Finding, lines: Lines) -> bool:
    """Tell whether a finding is about nothing but drugs that one product brings together.

    None of them comes in anything else of the list, which the licence would not speak of.
    """
    if finding.kind not in _OF_DRUGS:
        return False
    first, *others = finding.drugs
    names = lines.get(first)
    return bool(others and names) and all(lines.get(drug) == names for drug in others)


def told_by_product(
    changed: Iterable[ChangedFinding], lines: Lines, families: EffectFamilies
) -> list[ChangedFinding]:
    """Make one finding of one harm that several ingredients of a product share with a drug."""
    products = _products(lines)
    if not products:
        return list(changed)
    groups: dict[object, list[ChangedFinding]] = {}
    for each in changed:
        groups.setdefault(_problem(each, products, families), []).append(each)
    return [told for group in groups.values() for told in _told(group)]


def _products(lines: Lines) -> dict[Curie, str]:
    """Of each drug that comes in a product with others, the first such product."""
    held: dict[str, set[Curie]] = {}
    for drug, names in lines.items():
        for name in names:
            held.setdefault(name, set()).add(drug)
    several = sorted(name for name, drugs in held.items() if len(drugs) > 1)
    return {drug: name for name in reversed(several) for drug in held[name]}


def _problem(
    each: ChangedFinding, products: Mapping[Curie, str], families: EffectFamilies
) -> object:
    """What must be alike in findings that are told as one; itself where no product takes part."""
    finding = each.finding
    if finding.kind is not FindingKind.DRUG_DRUG or products.keys().isdisjoint(finding.drugs):
        return finding.kind, finding.id, each.change
    sides = tuple(
        frozenset(products.get(drug, str(drug)) for drug in side)
        for side in (finding.precipitants, finding.affected)
    )
    return each.change, sides, families.of(finding.effect)


def _told(group: Sequence[ChangedFinding]) -> Sequence[ChangedFinding]:
    if len({frozenset(each.finding.drugs) for each in group}) == 1:
        return group
    parts = sorted((each.finding for each in group), key=order)
    whole = replace(
        united(parts),
        precipitants=tuple(sorted({drug for part in parts for drug in part.precipitants})),
        affected=tuple(sorted({drug for part in parts for drug in part.affected})),
        mechanism=combined(parts),
    )
    return (ChangedFinding(whole, group[0].change),)
