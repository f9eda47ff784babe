"""Absorption: one drug keeps another from being taken up from the gut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.entailment import entailed
from kg.screening.exposure import Listed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from ontologies.curie import Curie

ACTING: Mapping[str, tuple[str, str, str]] = {
    "binder": ("bound", "binding in the gut", "binds in the gut"),
    "chelator": ("chelated", "chelation in the gut", "chelates in the gut"),
    "raises_gastric_ph": (
        "needs_gastric_acid",
        "raised gastric pH",
        "raises the gastric pH that dissolves",
    ),
}
"""What a drug may do in the gut: the role of the drug that it meets, the name, the verb."""
ROLES: tuple[str, ...] = (*ACTING, *(affected for affected, _, _ in ACTING.values()))
"""Roles of drugs in the gut."""
GRADES: tuple[str, ...] = ("strong", "moderate", "weak")
"""How much an acting drug does."""
DEPENDENCES: tuple[str, ...] = ("sensitive", "moderate", "minor")
"""How much the absorption of a drug depends on it."""
ORAL = "oral"


@dataclass(frozen=True, slots=True)
class AbsorptionRole:
    """What a drug does in the gut, or how its absorption can be hindered there."""

    drug: Curie
    role: str
    grade: str
    reference: str


@dataclass(frozen=True, slots=True)
class AbsorptionRule:
    """What happens when two drugs, or two roles of certain grades, meet in the gut.

    ``acting`` and ``affected`` are roles, or CURIEs of drugs where the grades are empty. In
    the recommendation ``{acting}`` and ``{affected}`` stand for the names of the two drugs.
    """

    acting: str
    affected: str
    acting_grade: str
    affected_grade: str
    severity: Severity
    effect: Curie
    recommendation: str
    reference: str

    @property
    def is_of_pair(self) -> bool:
        """Tell whether the rule is about two drugs."""
        return not self.acting_grade

    def advice(self, acting: str, affected: str) -> str:
        """The recommendation with the names of the two drugs."""
        return self.recommendation.replace("{acting}", acting).replace("{affected}", affected)


@dataclass(frozen=True, slots=True)
class _Conclusion:
    """A rule with the names that tell it and the documents that it rests on."""

    rule: AbsorptionRule
    name: str
    verb: str
    references: str


@dataclass(frozen=True, slots=True)
class AbsorptionChanges:
    """One finding per drug that hinders the absorption of another, with how to space them.

    A rule about the pair wins over a rule about their roles; of several roles the worst rule
    counts. Both drugs must be swallowed: one whose route is stated and not oral takes no part.
    """

    graph: KnowledgeGraph
    rules: tuple[AbsorptionRule, ...]
    roles: tuple[AbsorptionRole, ...]
    _pairs: Mapping[tuple[str, str], AbsorptionRule] = field(init=False, repr=False)
    _graded: Mapping[tuple[str, str, str], AbsorptionRule] = field(init=False, repr=False)
    _by_drug: Mapping[Curie, tuple[AbsorptionRole, ...]] = field(init=False, repr=False)
    _acting: frozenset[Curie] = field(init=False, repr=False)
    _listed: Listed = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the rules by drug and by role."""
        paired = {(r.acting, r.affected): r for r in self.rules if r.is_of_pair}
        graded = {
            (r.acting, r.acting_grade, r.affected_grade): r for r in self.rules if not r.is_of_pair
        }
        by_drug: dict[Curie, tuple[AbsorptionRole, ...]] = {}
        for role in self.roles:
            by_drug[role.drug] = (*by_drug.get(role.drug, ()), role)
        ends = {Curie.parse(end) for pair in paired for end in pair}
        acting = {Curie.parse(one) for one, _ in paired}
        acting |= {role.drug for role in self.roles if role.role in ACTING}
        object.__setattr__(self, "_pairs", paired)
        object.__setattr__(self, "_graded", graded)
        object.__setattr__(self, "_by_drug", by_drug)
        object.__setattr__(self, "_acting", frozenset(acting))
        object.__setattr__(self, "_listed", Listed(self.graph, frozenset(ends | by_drug.keys())))

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield which drugs of a regimen hinder the absorption of which."""
        del patient
        drugs = sorted({e.drug for e in regimen.entries if e.route in {None, ORAL}})
        for acting in drugs:
            if self._listed.name(acting) in self._acting:
                for affected in drugs:
                    concluded = self._conclusion(acting, affected)
                    if concluded and acting != affected:
                        yield self._finding(acting, affected, concluded)

    def _conclusion(self, acting: Curie, affected: Curie) -> _Conclusion | None:
        one, other = self._listed.name(acting), self._listed.name(affected)
        by_role = max(
            self._of_roles(one, other), key=lambda found: found.rule.severity.rank, default=None
        )
        rule = self._pairs.get((str(one), str(other)))
        if rule is None:
            return by_role
        if by_role:
            return _Conclusion(rule, by_role.name, by_role.verb, rule.reference)
        does = next((r.role for r in self._by_drug.get(one, ()) if r.role in ACTING), "")
        _, name, verb = ACTING.get(does, ("", "change of absorption", "changes the absorption of"))
        return _Conclusion(rule, name, verb, rule.reference)

    def _of_roles(self, one: Curie, other: Curie) -> Iterator[_Conclusion]:
        for acting in self._by_drug.get(one, ()):
            wanted, name, verb = ACTING.get(acting.role, ("", "", ""))
            for affected in self._by_drug.get(other, ()):
                rule = self._graded.get((acting.role, acting.grade, affected.grade))
                if rule and affected.role == wanted:
                    cited = (rule.reference, acting.reference, affected.reference)
                    names = dict.fromkeys(name for cell in cited for name in cell.split("|"))
                    yield _Conclusion(rule, name, verb, "|".join(names))

    def _finding(self, acting: Curie, affected: Curie, concluded: _Conclusion) -> Finding:
        rule, name = concluded.rule, self.graph.name
        said = entailed(
            self.graph,
            rule.severity,
            statement=f"{name(acting)} with {name(affected)}: {concluded.name}",
            reference=concluded.references,
        )
        path = (
            Step(name(acting), concluded.verb, name(affected)),
            Step(name(affected), "results in", name(rule.effect)),
        )
        return Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=rule.severity,
            precipitants=(acting,),
            affected=(affected,),
            evidence=(said,),
            effect=rule.effect,
            mechanism=Mechanism(concluded.name, "absorption", path),
            recommendation=rule.advice(name(acting), name(affected)),
        )
