"""What becomes of the level of a drug that stays when what changed it is stopped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.effects import LOWERED_EXPOSURE, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.exposure_change import ExposureChange
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.mechanism import ExposureChanges
from kg.screening.patient import Regimen
from kg.screening.washouts import INDUCTION, Changed, Persisting, Told, Washouts
from ontologies.curie import Curie

_NARROW, _WIDE = "narrow", "wide"
_ENDS = {"inhibitor": "inhibition", "inducer": "induction"}
_SOON = "within days"


@dataclass(frozen=True)
class WearingOff:
    """Findings of a rise after an inducer, and of a fall after an inhibitor.

    An inducer speaks where a row of ``washouts`` says how long its induction lasts, with the
    severity that its change has, moderate at least, and not of a drug of wide margin. An inhibitor
    speaks of a drug of narrow margin alone, as moderate, and where its change is major or it lasts
    long. Silent where a drug that stays changes the level as much, and where the stopped drug pulls
    both ways.
    """

    exposure: ExposureChanges
    washouts: Washouts

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.washouts.graph

    def detect(self, changed: Changed) -> Iterator[Finding]:
        """Yield what the end of each stopped drug does to the drugs that stay."""
        staying = [entry.drug for entry in (*changed.kept, *changed.begun)]
        for gone in changed.gone:
            lasting = self.washouts.lasting(gone.drug)
            for entry in changed.kept:
                change = self._gravest(gone.drug, entry.drug)
                if change and not self._goes_on(change, staying):
                    yield from self._told(change, lasting)

    def _gravest(self, one: Curie, other: Curie) -> ExposureChange | None:
        changes = [
            c
            for c in self.exposure.changes(one, other)
            if c.effect in {RAISED_EXPOSURE, LOWERED_EXPOSURE}
        ]
        if len({change.effect for change in changes}) != 1:
            return None
        return max(changes, key=_rank)

    def _goes_on(self, change: ExposureChange, staying: Iterable[Curie]) -> bool:
        others = (drug for drug in staying if drug != change.affected)
        found = (self._gravest(drug, change.affected) for drug in others)
        return any(f and f.effect == change.effect and _rank(f) >= _rank(change) for f in found)

    def _told(self, change: ExposureChange, lasting: Sequence[Persisting]) -> Iterator[Finding]:
        weight = change.weight
        margin = weight.margin.width if weight.margin else None
        if change.role == "inducer":
            row = next((r for r in lasting if r.mechanism in {None, INDUCTION}), None)
            if row and margin != _WIDE and _rank(change) >= Severity.MODERATE.rank:
                yield self._finding(change, weight.severity, row)
        elif margin == _NARROW:
            row = next((r for r in lasting if r.mechanism != INDUCTION), None)
            if weight.severity is Severity.MAJOR or (row and weight.severity):
                yield self._finding(change, Severity.MODERATE, row)

    def _finding(
        self, change: ExposureChange, severity: Severity | None, row: Persisting | None
    ) -> Finding:
        name = self.graph.name
        one, other = name(change.precipitant), name(change.affected)
        rises = change.role == "inducer"
        effect = RAISED_EXPOSURE if rises else LOWERED_EXPOSURE
        ends, time = _ENDS[change.role], row.time if row else _SOON
        roles = [role for role in (change.acting, change.depending) if role]
        cited = dict.fromkeys((row.reference if row else "", change.weight.reference or ""))
        said = entailed(
            self.graph,
            severity,
            derived_from=tuple(role.edge.id for role in roles),
            statement=f"the {ends} by {one} wears off: {time}",
            reference="|".join(filter(None, cited)) or None,
        )
        through = change.acting.protein if change.acting else "clearance"
        path = (
            Step(one, f"no longer {'induces' if rises else 'inhibits'}", through),
            Step(other, "results in", name(effect)),
        )
        return Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=severity,
            precipitants=(change.precipitant,),
            affected=(change.affected,),
            evidence=(said,),
            effect=effect,
            mechanism=Mechanism(f"{ends} wears off", change.kind, path),
            recommendation=_advice(one, other, ends, time, rises=rises),
        )


@dataclass(frozen=True)
class Lingering:
    """All that a stopped drug leaves behind: times to keep, what holds on, what wears off."""

    washouts: Washouts
    wearing_off: WearingOff
    local: frozenset[str]

    def detect_change(self, before: Regimen, after: Regimen, told: Told) -> Iterator[Finding]:
        """Yield what is to be known of the change itself; ``told`` finds what a list does."""
        changed = Changed.between(before, after, self.local)
        named = list(self.washouts.detect(changed, told))
        yield from named
        said = {finding.among for finding in named}
        yield from (f for f in self.wearing_off.detect(changed) if f.among not in said)


def _rank(change: ExposureChange) -> int:
    return change.weight.severity.rank if change.weight.severity else 0


def _advice(one: str, other: str, ends: str, time: str, *, rises: bool) -> str:
    told = f"The {ends} by {one} wears off ({time})"
    if rises:
        return (
            f"{told}, and the level of {other} rises: if its dose was raised, lower it step by "
            "step again; watch its level or effect until it is steady."
        )
    return (
        f"{told}, and the level of {other} falls: if its dose was lowered, raise it again by its "
        "level or effect."
    )
