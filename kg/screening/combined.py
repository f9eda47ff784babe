"""Several drugs on one: routes of elimination blocked together, and effects that oppose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.effects import RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.exposure import ExposureClass, class_of, joint_ratio
from kg.screening.exposure_change import (
    KINDS,
    ExposureChange,
    Role,
    Weight,
    margin_modifiers,
    margin_steps,
)
from kg.screening.finding import Finding, FindingKind, Mechanism, Modifier, Step
from kg.screening.recent import Recent
from ontologies.curie import Curie

EQUATION = "rowland-matin-1973"
"""Where it is written how fractions of clearance add up."""
_MORE = frozenset({RAISED_EXPOSURE, RAISED_EFFECT})
FINDINGS_KEPT = 4_096
"""Of how many findings it is kept how they say that something opposes them."""
_NAMED = 3
"""How many drugs that oppose a finding are named in it."""
_Weigh = Callable[[Curie, Weight], Weight | None]


@dataclass(frozen=True, slots=True)
class _Blocker:
    """What one precipitant blocks of the elimination of an affected drug, and its ratio alone."""

    drug: Curie
    ratio: float
    changes: tuple[ExposureChange, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(change.acting for change in self.changes if change.acting)

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(role.symbol for role in self.roles)

    @property
    def is_parallel(self) -> bool:
        return all(role.site == "enzyme" for role in self.roles)

    @property
    def severity(self) -> int:
        known = (change.weight.severity for change in self.changes)
        return max((severity.rank for severity in known if severity), default=0)


def together(
    graph: KnowledgeGraph,
    changes: Iterable[ExposureChange],
    classes: Sequence[ExposureClass],
    weigh: _Weigh,
) -> Iterator[Finding]:
    """Yield what several inhibitors do together where it is worse than what each does alone.

    It is worse in a worse class, and in the class of a moderate change once the ratio is more by a
    change that matters. Of several that block one route the strongest counts. The ratio of each is
    the measured one, else the least of its class, so that no more is claimed than what is known.
    """
    by_affected: dict[Curie, dict[Curie, list[ExposureChange]]] = {}
    for change in changes:
        if change.effect == RAISED_EXPOSURE and change.acting and change.weight.change:
            by_affected.setdefault(change.affected, {}).setdefault(change.precipitant, []).append(
                change
            )
    for affected, precipitants in sorted(by_affected.items()):
        if len(precipitants) > 1:
            blockers = _blockers(precipitants, classes)
            finding = _joint_finding(graph, affected, blockers, classes, weigh)
            if finding:
                yield finding


Undetermined = Recent[tuple[int, str], tuple[Finding, Finding]]
"""By the identity of a finding and what opposes it: the finding, and how it says so."""


def contested(
    graph: KnowledgeGraph, findings: Sequence[Finding], known: Undetermined
) -> Iterator[Finding]:
    """Give findings back; where one drug is pulled both ways, each says that of the others.

    What is ``known`` is not made again.
    """
    sides: dict[tuple[Curie, bool], set[Curie]] = {}
    for finding in findings:
        for affected in finding.affected:
            sides.setdefault((affected, finding.effect in _MORE), set()).update(
                finding.precipitants
            )
    names = {
        (affected, more): _names(graph, drugs)
        for (affected, more), drugs in sides.items()
        if (affected, not more) in sides
    }
    for finding in findings:
        (affected,) = finding.affected
        against = names.get((affected, finding.effect not in _MORE))
        if against is None:
            yield finding
            continue
        key = (id(finding), against)
        told = known.get(key)
        if told is None:
            said = _undetermined(finding, graph.name(affected), against)
            told = known.put(key, (finding, said))
        yield told[1]


def _undetermined(finding: Finding, affected: str, against: str) -> Finding:
    does = "less" if finding.effect in _MORE else "more"
    factor = f"{does} {affected} through {against} at the same time; the net effect is undetermined"
    step = Step(against, f"leads to {does}, so that the net effect is undetermined, of", affected)
    mechanism = finding.mechanism
    return replace(
        finding,
        modifiers=(*finding.modifiers, Modifier(factor, present=True)),
        recommendation=f"{finding.recommendation} {factor[0].upper()}{factor[1:]}.",
        mechanism=mechanism and replace(mechanism, path=(*mechanism.path, step)),
    )


def _names(graph: KnowledgeGraph, drugs: Iterable[Curie]) -> str:
    names = sorted(graph.name(drug) for drug in drugs)
    more = len(names) - _NAMED
    return " and ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _blockers(
    precipitants: dict[Curie, list[ExposureChange]], classes: Sequence[ExposureClass]
) -> list[_Blocker]:
    """Each with the routes that nobody stronger blocks, the strongest first.

    A measured ratio holds for all routes of a drug at once: it counts whole or not at all.
    """
    found = [_blocker(drug, changes, classes) for drug, changes in precipitants.items()]
    found.sort(key=lambda blocker: (-blocker.ratio, blocker.drug))
    kept: list[_Blocker] = []
    for blocker in found:
        blocked = frozenset().union(*(other.symbols for other in kept))
        if blocked.isdisjoint(blocker.symbols):
            kept.append(blocker)
            continue
        left = [c for c in blocker.changes if c.acting and c.acting.symbol not in blocked]
        if left and not any(c.weight.measured for c in blocker.changes):
            kept.append(_blocker(blocker.drug, left, classes))
    return sorted(kept, key=lambda blocker: (-blocker.ratio, blocker.drug))


def _blocker(
    drug: Curie, changes: Sequence[ExposureChange], classes: Sequence[ExposureClass]
) -> _Blocker:
    least = {each.change: each.least_ratio for each in classes}
    ratios = (
        c.weight.measured.ratio if c.weight.measured else least.get(c.weight.change, 1.0)
        for c in changes
    )
    return _Blocker(drug, max(ratios), tuple(changes))


def _joint_finding(
    graph: KnowledgeGraph,
    affected: Curie,
    blockers: Sequence[_Blocker],
    classes: Sequence[ExposureClass],
    weigh: _Weigh,
) -> Finding | None:
    """The finding of the fewest blockers that reach the worst class together."""
    worst: tuple[ExposureClass, Sequence[_Blocker]] | None = None
    for count in range(2, len(blockers) + 1):
        reached = class_of(_joint_ratio(blockers[:count]), classes)
        if reached and (worst is None or reached.severity.rank > worst[0].severity.rank):
            worst = (reached, blockers[:count])
    if worst is None:
        return None
    joint, members = worst
    weight = weigh(affected, _weight(joint))
    severity = weight.severity if weight else None
    if weight is None or severity is None or not _is_worse(severity, members, classes):
        return None
    return _told(graph, affected, members, weight, severity)


def _is_worse(
    severity: Severity, members: Sequence[_Blocker], classes: Sequence[ExposureClass]
) -> bool:
    alone = max(blocker.severity for blocker in members)
    if severity is not Severity.MODERATE or alone != severity.rank:
        return severity.rank > alone
    strongest = max(blocker.ratio for blocker in members)
    relevant = min(each.least_ratio for each in classes if each.direction == "raised")
    return _joint_ratio(members) >= strongest * relevant


def _joint_ratio(blockers: Sequence[_Blocker]) -> float:
    ratio = joint_ratio(
        [b.ratio for b in blockers if b.is_parallel],
        [b.ratio for b in blockers if not b.is_parallel],
    )
    return float("inf") if ratio is None else ratio


def _weight(joint: ExposureClass) -> Weight:
    references = (joint.reference, EQUATION)
    return Weight(joint.change, joint.severity, joint.severity, references)


def _told(
    graph: KnowledgeGraph,
    affected: Curie,
    members: Sequence[_Blocker],
    weight: Weight,
    severity: Severity,
) -> Finding:
    name = graph.name(affected)
    drugs = tuple(sorted(member.drug for member in members))
    changes = [change for member in members for change in member.changes]
    roles = [role for c in changes for role in (c.acting, c.depending) if role]
    proteins = sorted({role.protein for member in members for role in member.roles})
    path = (
        *(Step(graph.name(r.drug), "inhibits", r.protein) for m in members for r in m.roles),
        *(Step(protein, "clears", name) for protein in proteins),
        Step(name, "results in", graph.name(RAISED_EXPOSURE)),
        *margin_steps(graph, weight.margin, affected),
    )
    concluded = entailed(
        graph,
        severity,
        derived_from=tuple(dict.fromkeys(role.edge.id for role in roles)),
        stated_as=f"AUC ratio {weight.change} together",
        statement="fractions of clearance that are lost through different routes add up",
        reference=weight.reference,
    )
    names = " and ".join(graph.name(drug) for drug in drugs)
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=drugs,
        affected=(affected,),
        evidence=(concluded, *dict.fromkeys(e for role in roles for e in role.edge.evidence)),
        effect=RAISED_EXPOSURE,
        mechanism=Mechanism(
            f"{' and '.join(proteins)} inhibited together", KINDS["inhibitor"], path
        ),
        recommendation=f"Expected AUC ratio of {name} with {names} together: {weight.change}, "
        "more than with either alone; replace one of them or lower the dose.",
        modifiers=margin_modifiers(graph, weight, affected),
    )
