"""One drug changes the exposure to another: what is concluded of a pair, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.graph import KnowledgeGraph
from kg.model import Edge, Severity
from kg.screening.effects import LOST_EFFICACY, RAISED_EFFECT, RAISED_EXPOSURE
from kg.screening.entailment import entailed
from kg.screening.exposure import Margin, Measurement
from kg.screening.finding import Finding, FindingKind, Mechanism, Modifier, Step
from kg.screening.rules import site_of
from ontologies.curie import Curie

KINDS = {"inhibitor": "enzyme_inhibition", "inducer": "enzyme_induction"}
"""Mechanism class by the role of the precipitant at an enzyme."""
TRANSPORT = "transporter"
"""Mechanism class of every role at a transporter."""
_NOUNS = {"inhibitor": "inhibition", "inducer": "induction"}
_VERBS = {"inhibitor": "inhibits", "inducer": "induces"}
_UNSTATED = "how large the change is, is not stated"


@dataclass(frozen=True, slots=True)
class Role:
    """What a drug does with one protein, read from an edge once."""

    edge: Edge
    symbol: str
    protein: str
    role: str
    strength: str
    activates: bool

    @classmethod
    def of(cls, edge: Edge, symbol: str) -> Role:
        """Read an edge from a drug to a gene."""
        return cls(
            edge=edge,
            symbol=symbol,
            protein=edge.qualifier("protein") or symbol,
            role=edge.qualifier("role") or "",
            strength=edge.qualifier("strength") or "",
            activates=edge.qualifier("activates") == "yes",
        )

    @property
    def drug(self) -> Curie:
        """Whose role it is."""
        return self.edge.subject

    @property
    def site(self) -> str:
        """``enzyme`` or ``transporter``."""
        return site_of(self.symbol)

    @property
    def kind(self) -> str:
        """Mechanism class of what the drug does to others through the protein."""
        return TRANSPORT if self.site == "transporter" else KINDS[self.role]


def stated_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Leave out the roles of one drug without a strength where another states it.

    What is left at one protein bears one name, that of the role whose strength is stated.
    """
    every = tuple(roles)
    known = {(role.symbol, role.role): role.protein for role in every if role.strength}
    names = {role.symbol: role.protein for role in every} | {
        symbol: protein for (symbol, _), protein in known.items()
    }
    return tuple(
        replace(role, protein=names[role.symbol])
        for role in every
        if role.strength or (role.symbol, role.role) not in known
    )


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a change weighs: its class, the severity that comes of it, and on what it rests.

    ``unweighed`` is the severity before the therapeutic margin counts; ``change`` is empty where
    its size is not stated, and in words for a prodrug.
    """

    change: str
    unweighed: Severity | None
    severity: Severity | None
    references: tuple[str, ...]
    margin: Margin | None = None
    measured: Measurement | None = None

    @property
    def is_greatest(self) -> bool:
        """Tell whether the change is of the greatest class, and no wide margin allows for it."""
        return self.unweighed is Severity.MAJOR and self.severity is Severity.MAJOR

    @property
    def reference(self) -> str | None:
        """Every document behind the weight, once."""
        cited = dict.fromkeys(r for cell in self.references for r in cell.split("|") if r)
        return "|".join(cited) or None


@dataclass(frozen=True, slots=True)
class ExposureChange:
    """What a precipitant does to an affected drug through one protein, or as it was measured."""

    precipitant: Curie
    affected: Curie
    role: str
    effect: Curie
    weight: Weight
    acting: Role | None = None
    depending: Role | None = None
    kind: str | None = None

    @property
    def size(self) -> str:
        """How large the change is, empty where that is not stated.

        The classes of strength were measured with substrates of CYP3A4; a transporter moves the
        exposure to its substrates by other amounts, so that a class gives a severity there alone.
        """
        return "" if self.kind == TRANSPORT else self.weight.change


def finding_of(graph: KnowledgeGraph, change: ExposureChange) -> Finding:
    """Tell a change of exposure as a finding."""
    roles = [role for role in (change.acting, change.depending) if role]
    weight = change.weight
    measured = weight.measured
    concluded = entailed(
        graph,
        weight.severity,
        derived_from=tuple(role.edge.id for role in roles),
        stated_as=_stated(change),
        statement=f"{_pair(graph, change)}: {measured.circumstances}" if measured else None,
        reference=weight.reference,
    )
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=weight.severity,
        precipitants=(change.precipitant,),
        affected=(change.affected,),
        evidence=(concluded, *(said for role in roles for said in role.edge.evidence)),
        effect=change.effect,
        mechanism=_mechanism(graph, change),
        recommendation=_advice(graph, change),
        modifiers=margin_modifiers(graph, weight, change.affected),
    )


def margin_modifiers(
    graph: KnowledgeGraph, weight: Weight, affected: Curie
) -> tuple[Modifier, ...]:
    """The therapeutic margin as a factor of the severity, where it changed it."""
    margin = weight.margin
    if margin is None or weight.severity == weight.unweighed:
        return ()
    factor = f"{margin.width} therapeutic margin of {graph.name(affected)}"
    cited = entailed(graph, None, statement=factor, reference=margin.reference)
    severity = weight.severity.value if weight.severity else None
    return (Modifier(factor, present=True, effect_on_severity=severity, evidence=(cited,)),)


def margin_steps(graph: KnowledgeGraph, margin: Margin | None, affected: Curie) -> Iterable[Step]:
    """The therapeutic margin as the last step of an explanation."""
    if margin:
        yield Step(graph.name(affected), "has", f"{margin.width} therapeutic margin")


def _pair(graph: KnowledgeGraph, change: ExposureChange) -> str:
    return f"{graph.name(change.precipitant)} with {graph.name(change.affected)}"


def _stated(change: ExposureChange) -> str:
    weight = change.weight
    if weight.measured:
        said = f"measured AUC ratio {weight.measured.ratio:g}"
    elif not change.size:
        said = _UNSTATED
    else:
        said = f"AUC ratio {weight.change}" if weight.change[0] in "<>0123456789" else weight.change
    return f"{said}; {weight.margin.width} therapeutic margin" if weight.margin else said


def _mechanism(graph: KnowledgeGraph, change: ExposureChange) -> Mechanism:
    affected, measured = graph.name(change.affected), change.weight.measured
    path = [*_role_steps(graph, change)]
    if measured:
        told = f"changes the AUC (measured ratio {measured.ratio:g}) of"
        path.append(Step(graph.name(change.precipitant), told, affected))
    path.append(Step(affected, "results in", graph.name(change.effect)))
    path += margin_steps(graph, change.weight.margin, change.affected)
    return Mechanism(_name(change), change.kind, tuple(path))


def _name(change: ExposureChange) -> str:
    if change.acting:
        return f"{change.acting.protein} {_NOUNS[change.role]}"
    return f"measured {'rise' if change.effect == RAISED_EXPOSURE else 'fall'} of exposure"


def _role_steps(graph: KnowledgeGraph, change: ExposureChange) -> Iterable[Step]:
    acting, depending = change.acting, change.depending
    if acting is None or depending is None:
        return
    acts, handles = _VERBS[change.role], "activates" if depending.activates else "clears"
    if acting.strength:
        acts = f"{acts} ({acting.strength})"
    if depending.strength:
        handles = f"{handles} ({depending.strength} substrate)"
    yield Step(graph.name(change.precipitant), acts, acting.protein)
    yield Step(acting.protein, handles, graph.name(change.affected))


def _advice(graph: KnowledgeGraph, change: ExposureChange) -> str:
    affected, precipitant = graph.name(change.affected), graph.name(change.precipitant)
    acting, weight = _headed(precipitant), change.weight
    unstated = "" if change.size else f"; {_UNSTATED}"
    if change.effect == LOST_EFFICACY:
        instead = f"consider another drug instead of {precipitant}, else instead of {affected}"
        return f"{acting} leaves less active {affected}{unstated}; {instead}."
    if change.effect == RAISED_EFFECT:
        return f"{acting} leaves more active {affected}{unstated}; watch for toxicity."
    raises = change.effect == RAISED_EXPOSURE
    if weight.measured:
        told = f"Measured AUC ratio of {affected} with {precipitant}: {weight.measured.ratio:g}"
    elif change.size:
        told = f"Expected AUC ratio of {affected} with {precipitant}: {change.size}"
    else:
        verb = "raises" if raises else "lowers"
        told = f"{acting} {verb} the exposure to {affected}{unstated}"
    harm = "toxicity" if raises else "loss of effect"
    if weight.is_greatest:
        return f"{told}; avoid the combination: {harm} is to be expected."
    guide = weight.margin.guide if weight.margin else ""
    if guide:
        change_by = "lower" if raises else "raise"
        return f"{told}; measure {guide} before and in the first days, and {change_by} the dose."
    return f"{told}; watch for {harm} or adjust the dose."


def _headed(name: str) -> str:
    return name[:1].upper() + name[1:]
