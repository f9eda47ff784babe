"""Pharmacokinetic mechanisms: one drug inhibits or induces what handles another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.combined import FINDINGS_KEPT, Undetermined, contested, together
from kg.screening.effects import LOST_EFFICACY, LOWERED_EXPOSURE, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.exposure import (
    NOTHING_MEASURED,
    ExposureTables,
    Listed,
    Margin,
    MarginRule,
    Measurement,
    class_of,
    indexed,
)
from kg.screening.exposure_change import (
    KINDS,
    ExposureChange,
    Role,
    Weight,
    finding_of,
    stated_roles,
)
from kg.screening.finding import Finding
from kg.screening.patient import Patient, Regimen
from kg.screening.recent import Recent
from kg.screening.rules import ExposureRule
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate

_EFFECTS = {
    ("inhibitor", False): RAISED_EXPOSURE,
    ("inhibitor", True): LOST_EFFICACY,
    ("inducer", False): LOWERED_EXPOSURE,
    ("inducer", True): RAISED_EFFECT,
}
"""Effect on the substrate by role, and by whether the enzyme activates it (a prodrug)."""
_ROLES = {"raised": "inhibitor", "lowered": "inducer"}
_Meeting = tuple[Role, Role]
"""A role of the precipitant and a dependence of the affected drug at one protein."""
_Told = tuple[tuple[ExposureChange, Finding], ...]
PAIRS_KEPT = 8_192
"""Of how many pairs the conclusions are kept once they were asked for."""
DRUGS_KEPT = 4_096
"""Of how many drugs it is kept what they do to proteins, and which of those handle them."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """A drug as the tables name it, what it does to proteins, and which of them handle it."""

    drug: Curie
    name: Curie
    acting: tuple[Role, ...]
    depending: tuple[Role, ...]
    measured: Mapping[Curie, Measurement]
    """What it was seen to do to others."""
    reaches: frozenset[str]
    """Proteins and drugs through which, or of which, it may change the exposure."""
    known_by: frozenset[str]
    """Itself and the proteins that handle it."""


@dataclass(frozen=True, slots=True)
class ExposureChanges:
    """Findings of changed exposure: of each pair and protein, and of several drugs on one.

    The rule for the two strengths says how large a change is and how bad; a strength that is not
    stated gives a finding without severity, unless a rule is silent of it. Where the change of the
    very pair was measured, the measured ratio decides instead, and one without relevance silences
    the rule; the activation of a prodrug is not seen in its own AUC and stays with the rule. A
    narrow therapeutic margin then makes a change of exposure weigh more, a wide one less. Pairs in
    ``tables.intended`` are given together for that very effect (a booster and what it boosts);
    beside them no rule says of another inhibitor what the booster has done already. A
    drug is never its own precipitant here: whether it inhibits its own metabolism is data per drug.
    """

    graph: KnowledgeGraph
    rules: tuple[ExposureRule, ...]
    tables: ExposureTables = NOTHING_MEASURED
    _by_strength: Mapping[tuple[str, str, str, str, bool], ExposureRule] = field(
        init=False, repr=False
    )
    _measured: Mapping[Curie, Mapping[Curie, Measurement]] = field(init=False, repr=False)
    _margins: Mapping[Curie, Margin] = field(init=False, repr=False)
    _margin_rules: Mapping[tuple[str, Severity], MarginRule] = field(init=False, repr=False)
    _listed: Listed = field(init=False, repr=False)
    _profile: Callable[[Curie], _Profile] = field(init=False, repr=False, compare=False)
    _told: Callable[[Curie, Curie], _Told] = field(init=False, repr=False, compare=False)
    _undetermined: Undetermined = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the tables by drug and by strength."""
        tables = self.tables
        measured: dict[Curie, dict[Curie, Measurement]] = {}
        for each in tables.measured:
            measured.setdefault(each.precipitant, {})[each.affected] = each
        weights = {(r.width, r.severity): r for r in tables.margin_rules}
        object.__setattr__(self, "_by_strength", indexed(self.rules))
        object.__setattr__(self, "_measured", measured)
        object.__setattr__(self, "_margins", {m.drug: m for m in tables.margins})
        object.__setattr__(self, "_margin_rules", weights)
        object.__setattr__(self, "_listed", Listed(self.graph, tables.drugs()))
        object.__setattr__(self, "_told", lru_cache(PAIRS_KEPT)(self._conclude))
        object.__setattr__(self, "_profile", lru_cache(DRUGS_KEPT)(self._profile_of))
        object.__setattr__(self, "_undetermined", Recent(FINDINGS_KEPT))

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield the expected changes of exposure between the drugs of a regimen."""
        del patient
        profiles = [self._profile(drug) for drug in sorted(regimen.drugs)]
        boosted = self._boosted(profiles)
        told = [
            each
            for one, other in _touching(profiles)
            for each in self._told(one.drug, other.drug)
            if not (boosted and _is_taken(each[0], boosted))
        ]
        yield from contested(self.graph, [finding for _, finding in told], self._undetermined)
        changes = (change for change, _ in told)
        yield from together(self.graph, changes, self.tables.classes, self.weighed)

    def changes(self, precipitant: Curie, affected: Curie) -> tuple[ExposureChange, ...]:
        """What one drug is expected to do to the exposure to another."""
        return tuple(change for change, _ in self._told(precipitant, affected))

    def _boosted(self, profiles: Iterable[_Profile]) -> frozenset[tuple[Curie, str]]:
        """Drugs of a list with the enzymes that a booster of the list takes from them."""
        by_name = {profile.name: profile for profile in profiles}
        met = ((by_name.get(one), by_name.get(other)) for one, other in self.tables.intended)
        return frozenset(
            (other.drug, role.symbol)
            for one, other in met
            if one and other
            for role in one.acting
            if role.role == "inhibitor" and role.site == "enzyme" and role.strength == "strong"
        )

    def weighed(self, affected: Curie, weight: Weight) -> Weight | None:
        """Let the therapeutic margin of the affected drug count; ``None`` makes it no finding."""
        margin = self._margins.get(self._listed.name(affected))
        if margin is None or weight.severity is None:
            return weight
        rule = self._margin_rules.get((margin.width, weight.severity))
        if rule is None:
            return weight
        if rule.becomes is None:
            return None
        return Weight(
            change=weight.change,
            unweighed=weight.severity,
            severity=rule.becomes,
            references=(*weight.references, rule.reference, margin.reference),
            margin=margin,
            measured=weight.measured,
        )

    def _conclude(self, precipitant: Curie, affected: Curie) -> _Told:
        """What one drug does to another; the same in every list, and so kept."""
        one, other = self._profile(precipitant), self._profile(affected)
        if (one.name, other.name) in self.tables.intended:
            return ()
        changes = self._of_pair(one, other)
        return tuple((change, finding_of(self.graph, change)) for change in changes)

    def _profile_of(self, drug: Curie) -> _Profile:
        name = self._listed.name(drug)
        acting = self._judged(drug, Predicate.AFFECTS)
        depending = self._judged(drug, Predicate.SUBSTRATE_OF)
        measured = self._measured.get(name, {})
        return _Profile(
            drug=drug,
            name=name,
            acting=acting,
            depending=depending,
            measured=measured,
            reaches=frozenset((*(role.symbol for role in acting), *map(str, measured))),
            known_by=frozenset((*(role.symbol for role in depending), str(name))),
        )

    def _judged(self, drug: Curie, predicate: Predicate) -> tuple[Role, ...]:
        """Roles that somebody judged to matter in patients, and not merely recorded.

        A record of roles (``category=``, ``action=``) lists what was seen in cells beside what was
        seen in people, without a strength: nothing can be concluded from it. Where one source
        states the strength of a role, another that only lists the role has nothing to add.
        """
        edges = self.graph.edges_from(drug, predicate)
        judged = (e for e in edges if not (e.qualifier("category") or e.qualifier("action")))
        roles = (Role.of(edge, self.graph.name(edge.object)) for edge in judged)
        name, rejected = self.graph.name(drug).casefold(), self.tables.rejected
        return stated_roles(r for r in roles if (name, r.symbol, r.role) not in rejected)

    def _of_pair(self, one: _Profile, other: _Profile) -> Iterator[ExposureChange]:
        met = [(a, d) for a in one.acting for d in other.depending if a.symbol == d.symbol]
        measured = one.measured.get(other.name)
        for acting, depending in met:
            rule = self._rule(acting, depending)
            if rule and not rule.silent and (measured is None or depending.activates):
                yield from self._by_rule(rule, acting, depending)
        if measured:
            clearing = [pair for pair in met if not pair[1].activates]
            yield from self._by_measure(measured, one, other.drug, clearing)

    def _rule(self, acting: Role, depending: Role) -> ExposureRule | None:
        strengths = (acting.strength, depending.strength)
        return self._by_strength.get((acting.site, acting.role, *strengths, depending.activates))

    def _by_rule(
        self, rule: ExposureRule, acting: Role, depending: Role
    ) -> Iterator[ExposureChange]:
        weight: Weight | None = Weight(rule.change, rule.severity, rule.severity, (rule.reference,))
        effect = _EFFECTS[rule.role, rule.activates]
        if weight and not rule.activates:
            weight = self.weighed(depending.drug, weight)
        if weight:
            yield ExposureChange(
                precipitant=acting.drug,
                affected=depending.drug,
                role=rule.role,
                effect=effect,
                weight=weight,
                acting=acting,
                depending=depending,
                kind=acting.kind,
            )

    def _by_measure(
        self, measured: Measurement, one: _Profile, affected: Curie, met: list[_Meeting]
    ) -> Iterator[ExposureChange]:
        reached = class_of(measured.ratio, self.tables.classes)
        if reached is None:
            return
        weight = self.weighed(
            affected,
            Weight(
                change=reached.change,
                unweighed=reached.severity,
                severity=reached.severity,
                references=(measured.reference, reached.reference),
                measured=measured,
            ),
        )
        if weight is None:
            return
        role = _ROLES[measured.direction]
        known = any(acting.role == role for acting in one.acting)
        generic = KINDS[role] if known else None
        for acting, depending in self._explaining(role, met):
            yield ExposureChange(
                precipitant=one.drug,
                affected=affected,
                role=role,
                effect=_EFFECTS[role, False],
                weight=weight,
                acting=acting,
                depending=depending,
                kind=acting.kind if acting else generic,
            )

    def _explaining(
        self, role: str, met: list[_Meeting]
    ) -> Iterable[_Meeting] | Iterable[tuple[None, None]]:
        """The meetings that explain a measured change: those of which a rule speaks, else any."""
        fitting = [pair for pair in met if pair[0].role == role]
        spoken = [pair for pair in fitting if not _is_silent(self._rule(*pair))]
        return spoken or fitting or [(None, None)]


def _touching(profiles: Sequence[_Profile]) -> Iterator[tuple[_Profile, _Profile]]:
    """Yield, in their order, the pairs of which the first might change the other's exposure."""
    places: dict[str, list[int]] = {}
    for place, profile in enumerate(profiles):
        for name in profile.known_by:
            places.setdefault(name, []).append(place)
    for own, one in enumerate(profiles):
        met = {place for name in one.reaches for place in places.get(name, ())}
        yield from ((one, profiles[place]) for place in sorted(met) if place != own)


def _is_taken(change: ExposureChange, boosted: frozenset[tuple[Curie, str]]) -> bool:
    """Tell whether a rule expects of an enzyme what a booster has taken from it already."""
    is_rise = change.role == "inhibitor" and change.weight.measured is None
    symbol = change.depending.symbol if change.depending else ""
    return is_rise and (change.affected, symbol) in boosted


def _is_silent(rule: ExposureRule | None) -> bool:
    return rule is None or rule.silent
