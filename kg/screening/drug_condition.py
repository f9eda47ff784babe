"""Drug and patient: what a drug does in a disease, with poor kidneys, in pregnancy, at an age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.model import Evidence, Severity
from kg.screening.background import PREGNANCY, Background
from kg.screening.entailment import entailed
from kg.screening.factors import OF_LIST, Situation, Term, conditions_in, width
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Patient, Regimen
from kg.screening.recent import Recent, of_drugs
from kg.screening.wording import OF_PATIENT, fact_of, in_words, subjects
from ontologies.curie import Curie

SAME_FACT: Mapping[Curie, str] = {
    Curie("DOID", "557"): "egfr",
    Curie("DOID", "409"): "child_pugh",
    PREGNANCY: "pregnant",
}
"""Conditions (kidney disease, liver disease, pregnancy) that tell what a value tells too."""


_WORTH_A_WORD = Severity.MAJOR
"""From which severity on a second reason of one problem has its own advice."""


@dataclass(frozen=True, slots=True)
class DrugConditionRule:
    """When a drug, a class or the drugs of a liability ask for care in a patient, and what care."""

    target: str
    terms: tuple[Term, ...]
    severity: Severity
    effect: Curie
    recommendation: str
    reference: str

    @property
    def precision(self) -> int:
        """How narrow the target is: a drug before a class, a class before a liability."""
        if self.target.startswith("liability:"):
            return 0
        return len(self.target) if self.target.startswith("ATC:") else 100

    def overrides(self, other: DrugConditionRule) -> bool:
        """Tell whether a rule says of a narrower case what another says of a wider one."""
        mine, its = set(self.terms), set(other.terms)
        if self.precision < other.precision or not mine >= its:
            return False
        return mine > its or self.precision > other.precision


@dataclass(frozen=True, slots=True)
class _Problem:
    """Rules that hold for one drug and tell one clinical problem, the gravest first."""

    rules: list[DrugConditionRule]
    facts: set[str]
    effects: set[Curie]


@dataclass(frozen=True, slots=True)
class DrugConditions:
    """One finding per drug and clinical problem of the patient, as bad as the worst rule of it.

    A rule counts only where all that it asks for is known to hold. Of two rules the one for the
    narrower case wins, even if it is milder; rules with one effect, or about one fact of the
    patient, are one problem.
    """

    background: Background
    rules: tuple[DrugConditionRule, ...]
    asked: frozenset[Curie] = field(init=False, repr=False)
    """Conditions that some rule asks for."""
    _by_target: Mapping[str, tuple[DrugConditionRule, ...]] = field(init=False, repr=False)
    _by_drug: Recent[Curie, tuple[DrugConditionRule, ...]] = field(
        init=False, repr=False, compare=False, default_factory=of_drugs
    )

    def __post_init__(self) -> None:
        """Index the rules by target."""
        found: dict[str, list[DrugConditionRule]] = defaultdict(list)
        for rule in self.rules:
            found[rule.target].append(rule)
        index = {target: tuple(rules) for target, rules in found.items()}
        object.__setattr__(self, "_by_target", index)
        object.__setattr__(self, "asked", conditions_in(rule.terms for rule in self.rules))

    def detect(self, regimen: Regimen, patient: Patient) -> Iterator[Finding]:
        """Yield what the drugs of a regimen ask for in this patient."""
        if patient == Patient():
            return
        situation = self.background.situation(patient, regimen)
        for drug in sorted(regimen.drugs):
            for problem in self._problems(drug, situation):
                yield self._finding(drug, problem, situation)

    def terms_about(self, drugs: Iterable[Curie]) -> Iterator[Term]:
        """Yield what the rules about some drugs ask for."""
        return (term for drug in drugs for rule in self._about(drug) for term in rule.terms)

    def _problems(self, drug: Curie, situation: Situation) -> list[_Problem]:
        rules = self._about(drug)
        lines = situation.lines((drug,)) if rules else ()
        held = [rule for rule in rules if situation.holds(rule.terms, lines)]
        kept = [rule for rule in held if not any(other.overrides(rule) for other in held)]
        problems: list[_Problem] = []
        for rule in sorted(kept, key=_weight):
            facts = self._facts(rule, situation.patient)
            same = (p for p in problems if rule.effect in p.effects or facts & p.facts)
            home = next(same, None)
            if home is None:
                problems.append(_Problem([rule], facts, {rule.effect}))
            else:
                home.rules.append(rule)
                home.facts.update(facts)
                home.effects.add(rule.effect)
        return problems

    def _about(self, drug: Curie) -> tuple[DrugConditionRule, ...]:
        known = self._by_drug.get(drug)
        if known is None:
            targets = sorted(self.background.targets.of(drug))
            rules = (rule for target in targets for rule in self._by_target.get(target, ()))
            known = self._by_drug.put(drug, tuple(rules))
        return known

    def _facts(self, rule: DrugConditionRule, patient: Patient) -> set[str]:
        """What of the patient makes a rule hold: conditions as recorded, else the kind of fact."""
        own = [term for term in rule.terms if term.kind not in OF_LIST]
        recorded = {curie for term in own for curie in self._recorded(term, patient)}
        wider = self.background.hierarchy.of_all(recorded)
        told = {SAME_FACT[curie] for curie in SAME_FACT if curie in wider}
        return {*map(str, recorded), *told} or {term.what for term in own}

    def _recorded(self, term: Term, patient: Patient) -> Iterator[Curie]:
        if term.what in {"condition", "pregnant"}:
            wanted = PREGNANCY if term.what == "pregnant" else Curie.parse(term.value)
            for condition in patient.conditions:
                if wanted in self.background.hierarchy.of(condition):
                    yield condition

    def _finding(self, drug: Curie, problem: _Problem, situation: Situation) -> Finding:
        first, patient = problem.rules[0], situation.patient
        terms = [term for rule in problem.rules for term in rule.terms]
        conditions = {curie for term in terms for curie in self._recorded(term, patient)}
        return Finding(
            kind=FindingKind.DRUG_CONDITION,
            severity=first.severity,
            precipitants=(),
            affected=(drug,),
            evidence=tuple(self._evidence(drug, rule) for rule in problem.rules),
            effect=first.effect,
            mechanism=self._mechanism(drug, first, terms, situation),
            conditions=tuple(sorted(conditions)),
            recommendation=self._advice(problem, patient),
        )

    def _advice(self, problem: _Problem, patient: Patient) -> str:
        """What the gravest rule says, then what rules about other conditions of the patient say."""
        told: dict[str, None] = {}
        met: set[str] = set()
        for rule in problem.rules:
            facts = self._facts(rule, patient)
            if not told or (met.isdisjoint(facts) and rule.severity.rank >= _WORTH_A_WORD.rank):
                told[rule.recommendation] = None
                met |= facts
        return " ".join(told)

    def _mechanism(
        self, drug: Curie, rule: DrugConditionRule, terms: Sequence[Term], situation: Situation
    ) -> Mechanism:
        """Name what kind of facts make the problem; the path says the facts themselves."""
        name = self.background.targets.graph.name
        forbids = rule.severity is Severity.CONTRAINDICATED
        verb = "is contraindicated with" if forbids else "calls for care with"
        path = (
            Step(name(drug), verb, self._facts_in_words(terms, situation)),
            Step(name(drug), "predisposes to", name(rule.effect)),
        )
        return Mechanism(f"{OF_PATIENT}{' and '.join(subjects(terms))}", "drug_condition", path)

    def _facts_in_words(self, terms: Iterable[Term], situation: Situation) -> str:
        """The facts of the patient that some terms ask for, each once, as given: "age 83"."""
        name, tests = self.background.targets.graph.name, self.background.tests
        said = (
            fact_of(term, situation.value(term), in_words(term, name, tests), tests)
            for term in terms
        )
        return " and ".join(dict.fromkeys(said))

    def _words(self, rule: DrugConditionRule) -> str:
        name, tests = self.background.targets.graph.name, self.background.tests
        return " and ".join(in_words(term, name, tests) for term in rule.terms)

    def _evidence(self, drug: Curie, rule: DrugConditionRule) -> Evidence:
        graph = self.background.targets.graph
        return entailed(
            graph,
            rule.severity,
            derived_from=self.background.targets.links(drug, rule.target),
            statement=f"{graph.name(drug)} with {self._words(rule)}: {rule.recommendation}",
            reference=rule.reference,
        )


def _weight(rule: DrugConditionRule) -> tuple[int, int, int, float, str]:
    """Sort the gravest first, then what is said of the narrower case."""
    text = " ".join(map(str, rule.terms)) + rule.target
    return (-rule.severity.rank, -len(rule.terms), -rule.precision, width(rule.terms), text)
