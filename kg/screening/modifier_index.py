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
from kg.screening.modifiers import DIRECTIONS, MILDER, ModifierRule
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
    _places: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """By the id of a rule: where it stands among all in the order of showing."""
    _by_kind: Mapping[str, _Rules] = field(init=False, repr=False, compare=False)
    _by_target: Mapping[str, _Rules] = field(init=False, repr=False, compare=False)
    _of: Callable[[FindingKind, Curie | None, tuple[Curie, ...]], _Rules] = field(
        init=False, repr=False, compare=False
    )
    _of_effect: Callable[[Curie | None], tuple[_Effects, _Rules]] = field(
        init=False, repr=False, compare=False
    )
    _of_drug: Callable[[Curie], _Rules] = field(init=False, repr=False, compare=False)
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
        ordered = sorted(self.rules, key=_place)
        object.__setattr__(self, "_places", {rule.id: n for n, rule in enumerate(ordered)})
        object.__setattr__(self, "_of_effect", lru_cache(_KEPT)(self._found_of_effect))
        object.__setattr__(self, "_of_drug", lru_cache(_KEPT)(self._found_of_drug))
        object.__setattr__(self, "_of", lru_cache(_KEPT)(self._found))

    def about(self, finding: Finding) -> _Rules:
        """Give the rules about a finding, in the order in which they are shown.

        Where two ask for one thing, that of the pair is given, and of pairs the narrowest: one that
        names a drug goes before one of classes, a class of a lower level of ATC before a wider one.
        """
        return self._of(finding.kind, finding.effect, finding.drugs)

    def _found(self, kind: FindingKind, effect: Curie | None, drugs: tuple[Curie, ...]) -> _Rules:
        effects, about_it = self._of_effect(effect)
        found = {rule.id: rule for rule in (*self._by_kind.get(kind.value, ()), *about_it)}
        if kind is not FindingKind.DRUG_CONDITION:
            found |= {rule.id: rule for rule in self._of_pairs(drugs, effects)}
        fitting = [rule for rule in found.values() if _fits(rule, kind, drugs)]
        pairs = sorted((rule for rule in fitting if rule.pair), key=_precision, reverse=True)
        narrow: dict[tuple[tuple[Term, ...], str], ModifierRule] = {}
        for rule in pairs:
            narrow.setdefault((rule.terms, rule.direction), rule)
        alone = (r for r in fitting if narrow.get((r.terms, r.direction), r) is r)
        rules = tuple(sorted(alone, key=lambda rule: self._places[rule.id]))
        return self._lists.setdefault(tuple(rule.id for rule in rules), rules)

    def _found_of_effect(self, effect: Curie | None) -> tuple[_Effects, _Rules]:
        """What an effect means, and the rules about it.

        What is wider is told as true, what is one problem with it as false.
        """
        if effect is None:
            return {}, ()
        family, members = self.families.of(effect), self.families.members.items()
        kin = {other: False for other, name in members if name == family}
        effects = kin | dict.fromkeys(self.background.hierarchy.of(effect), True)
        rules = (rule for one in effects for rule in self._by_effect.get(one, ()))
        return effects, tuple(rule for rule in rules if _speaks_of(rule, effects))

    def _found_of_drug(self, drug: Curie) -> _Rules:
        """The rules about a pair of which the drug is the first."""
        targets = sorted(self.background.targets.of(drug) & self._by_target.keys())
        return tuple(rule for target in targets for rule in self._by_target[target])

    def _of_pairs(self, drugs: tuple[Curie, ...], effects: _Effects) -> Iterator[ModifierRule]:
        holds = self.background.targets.holds
        for drug in drugs:
            others = [other for other in drugs if other != drug]
            for rule in self._of_drug(drug):
                fits = not rule.effects or _speaks_of(rule, effects)
                if fits and any(holds(other, rule.pair[1]) for other in others):
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
    if kind is FindingKind.DRUG_CONDITION and rule.direction not in MILDER:
        return rule.is_of_list
    return not (rule.direction in MILDER and rule.pair and len(drugs) > 2)


def _precision(rule: ModifierRule) -> tuple[int, str]:
    return (sum(map(precision, rule.pair)), rule.id)


def _place(rule: ModifierRule) -> tuple[int, float, str]:
    return (DIRECTIONS.index(rule.direction), width(rule.terms), rule.id)
