"""Finds the rules of context that speak of a finding. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from kg.screening.background import Background
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.factors import Term, width
from kg.screening.finding import Finding, FindingKind
from kg.screening.modifiers import DIRECTIONS, LOWERS, ModifierRule
from kg.screening.targets import precision
from ontologies.curie import Curie

_Key = TypeVar("_Key")
_KEPT = 8_192
_Rules = tuple[ModifierRule, ...]
_Effects = Mapping[Curie, bool]


@dataclass(frozen=True, slots=True)
class ModifierIndex:
    """The rules by what they are about; findings of one kind, effect and drugs have the same."""

    background: Background
    rules: _Rules
    families: EffectFamilies = NO_FAMILIES
    _by_effect: Mapping[Curie, _Rules] = field(init=False, repr=False, compare=False)
    _by_kind: Mapping[str, _Rules] = field(init=False, repr=False, compare=False)
    _by_target: Mapping[str, _Rules] = field(init=False, repr=False, compare=False)
    _of: Callable[[FindingKind, Curie | None, tuple[Curie, ...]], _Rules] = field(
        init=False, repr=False, compare=False
    )

    _lists: dict[tuple[str, ...], _Rules] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """By their ids: lists of rules that were found, so that equal ones are one object."""

    def __post_init__(self) -> None:
        """Index the rules by what they are about first."""
        alone = [rule for rule in self.rules if not rule.pair]
        pairs = ((rule.pair[0], rule) for rule in self.rules if rule.pair)
        effects = ((effect, rule) for rule in alone for effect in rule.effects)
        object.__setattr__(self, "_by_target", _indexed(pairs))
        object.__setattr__(self, "_by_kind", _indexed((r.kind, r) for r in alone if r.kind))
        object.__setattr__(self, "_by_effect", _indexed(effects))
        object.__setattr__(self, "_of", lru_cache(_KEPT)(self._found))

    def about(self, finding: Finding) -> _Rules:
        """Give the rules about a finding, in the order in which they are shown.

        Where two ask for one thing, that of the pair is given, and of pairs the narrowest: one that
        names a drug goes before one of classes, a class of a lower level of ATC before a wider one.
        """
        return self._of(finding.kind, finding.effect, finding.drugs)

    def _found(self, kind: FindingKind, effect: Curie | None, drugs: tuple[Curie, ...]) -> _Rules:
        found = {rule.id: rule for rule in self._by_kind.get(kind.value, ())}
        effects = self._meant(effect)
        for one in effects:
            found |= {r.id: r for r in self._by_effect.get(one, ()) if _speaks_of(r, effects)}
        if kind is not FindingKind.DRUG_CONDITION:
            found |= {rule.id: rule for rule in self._of_pairs(drugs, effects)}
        fitting = [rule for rule in found.values() if _fits(rule, kind, drugs)]
        pairs = sorted((rule for rule in fitting if rule.pair), key=_precision, reverse=True)
        narrow: dict[tuple[tuple[Term, ...], str], ModifierRule] = {}
        for rule in pairs:
            narrow.setdefault((rule.terms, rule.direction), rule)
        alone = (r for r in fitting if narrow.get((r.terms, r.direction), r) is r)
        rules = tuple(sorted(alone, key=_place))
        return self._lists.setdefault(tuple(rule.id for rule in rules), rules)

    def _meant(self, effect: Curie | None) -> _Effects:
        """An effect with what is wider (true), and with what is one problem with it (false)."""
        if effect is None:
            return {}
        family, members = self.families.of(effect), self.families.members.items()
        kin = {other: False for other, name in members if name == family}
        return kin | dict.fromkeys(self.background.hierarchy.of(effect), True)

    def _of_pairs(self, drugs: tuple[Curie, ...], effects: _Effects) -> Iterator[ModifierRule]:
        targets = self.background.targets
        for drug in drugs:
            others = [other for other in drugs if other != drug]
            for target in sorted(targets.of(drug) & self._by_target.keys()):
                for rule in self._by_target[target]:
                    fits = not rule.effects or _speaks_of(rule, effects)
                    if fits and any(targets.holds(other, rule.pair[1]) for other in others):
                        yield rule


def _indexed(pairs: Iterable[tuple[_Key, ModifierRule]]) -> Mapping[_Key, _Rules]:
    found: dict[_Key, list[ModifierRule]] = defaultdict(list)
    for key, rule in pairs:
        found[key].append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def _speaks_of(rule: ModifierRule, effects: _Effects) -> bool:
    return any(effect in effects and (rule.wide or effects[effect]) for effect in rule.effects)


def _fits(rule: ModifierRule, kind: FindingKind, drugs: tuple[Curie, ...]) -> bool:
    """Tell whether a rule can move a finding at all.

    What makes a finding about a patient is nothing to add to it, so that only the list and the
    route raise it; and what makes two of many drugs harmless leaves the others.
    """
    if kind is FindingKind.DRUG_CONDITION and rule.direction != LOWERS:
        return rule.is_of_list
    return not (rule.direction == LOWERS and rule.pair and len(drugs) > 2)


def _precision(rule: ModifierRule) -> tuple[int, str]:
    return (sum(map(precision, rule.pair)), rule.id)


def _place(rule: ModifierRule) -> tuple[int, float, str]:
    return (DIRECTIONS.index(rule.direction), width(rule.terms), rule.id)
