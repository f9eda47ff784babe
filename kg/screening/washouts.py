"""What a drug still does after its last dose to one that is begun or kept. Pure.

Two tables say it: which time to leave between two drugs, and which drugs act on for so long that
all that is said of them with another holds on.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.effects import LESS, UNNAMED
from kg.screening.entailment import entailed
from kg.screening.finding import Finding, FindingKind, Mechanism, Step
from kg.screening.patient import Entry, Regimen
from kg.screening.targets import Targets, precision
from ontologies.curie import Curie

BEGUN, KEPT = "begun", "kept"
"""What a row says of the second drug: it is begun by the change, or was taken and stays."""
INDUCTION = "enzyme_induction"
Told = Callable[[Regimen], Iterable[Finding]]
"""What is found of a list of drugs."""

_OF_PAIRS = frozenset({FindingKind.DRUG_DRUG, FindingKind.ADDITIVE_EFFECT, FindingKind.DUPLICATION})
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Washout:
    """The time to leave after the last dose of a drug under one target before one under another.

    ``second`` is `BEGUN` or `KEPT`; ``time`` is in words, such as ``14 days``. The advice follows
    the sentence about the time for a drug that is begun, and stands alone for one that is kept.
    """

    former: str
    latter: str
    second: str
    name: str
    time: str
    effect: Curie
    mechanism: str
    severity: Severity
    advice: str
    reference: str

    @property
    def precision(self) -> int:
        """How narrow the row is: a drug counts more than any class, a class by its level."""
        return precision(self.former) + precision(self.latter)


@dataclass(frozen=True, slots=True)
class Persisting:
    """How long a drug acts on after its last dose, in words.

    With a ``mechanism`` only what it does by that lasts. Of what is said of it with a drug that is
    begun, all holds on that is at least as grave as ``least``.
    """

    drug: str
    mechanism: str | None
    time: str
    least: Severity
    reference: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of the list stops, begins and keeps; what acts in one place is left out."""

    gone: tuple[Entry, ...]
    begun: tuple[Entry, ...]
    kept: tuple[Entry, ...]

    @classmethod
    def between(cls, before: Regimen, after: Regimen, local: Container[str | None]) -> Changed:
        """Compare two lists; of a drug with several lines the first that is not local counts."""
        was, now = _lines(before, local), _lines(after, local)
        stays, stayed = frozenset(after.drugs), frozenset(before.drugs)
        return cls(
            gone=tuple(e for drug, e in was.items() if drug not in stays),
            begun=tuple(e for drug, e in now.items() if drug not in stayed),
            kept=tuple(e for drug, e in now.items() if drug in stayed),
        )


def _lines(regimen: Regimen, local: Container[str | None]) -> dict[Curie, Entry]:
    found: dict[Curie, Entry] = {}
    for entry in regimen.entries:
        if entry.route not in local:
            found.setdefault(entry.drug, entry)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Washouts:
    """One finding per pair: the time that the narrowest row states, else what holds on of it."""

    targets: Targets
    rules: tuple[Washout, ...]
    persisting: tuple[Persisting, ...]
    _formers: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note which drugs and classes any row is about."""
        object.__setattr__(self, "_formers", frozenset(rule.former for rule in self.rules))

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is asked."""
        return self.targets.graph

    def detect(self, changed: Changed, told: Told) -> Iterator[Finding]:
        """Yield what each stopped drug still does to those that are begun or kept."""
        for gone in changed.gone:
            lasting = self.lasting(gone.drug)
            for entry in changed.begun:
                rule = self._rule(gone.drug, entry.drug, BEGUN)
                if rule:
                    yield self._finding(rule, gone.drug, entry.drug)
                else:
                    yield from self._holding_on(lasting, gone, entry, told)
            for entry in changed.kept:
                rule = self._rule(gone.drug, entry.drug, KEPT)
                if rule:
                    yield self._finding(rule, gone.drug, entry.drug)

    def lasting(self, drug: Curie) -> tuple[Persisting, ...]:
        """Rows that say how long a drug acts on."""
        held = self.targets.of(drug)
        return tuple(row for row in self.persisting if row.drug in held)

    def _rule(self, former: Curie, latter: Curie, second: str) -> Washout | None:
        its, others = self.targets.of(former), self.targets.of(latter)
        if self._formers.isdisjoint(its):
            return None
        held = (
            rule
            for rule in self.rules
            if rule.second == second and rule.former in its and rule.latter in others
        )
        return max(held, key=lambda rule: (rule.precision, rule.severity.rank), default=None)

    def _finding(self, rule: Washout, former: Curie, latter: Curie) -> Finding:
        one, other = self.graph.name(former), self.graph.name(latter)
        links = (
            *self.targets.links(former, rule.former),
            *self.targets.links(latter, rule.latter),
        )
        wait = (
            f"Leave at least {rule.time} between the last dose of {one} and the first of {other}."
        )
        said = entailed(
            self.graph,
            rule.severity,
            derived_from=tuple(dict.fromkeys(links)),
            statement=f"{other} after {one}: {rule.time}",
            reference=rule.reference,
        )
        path = (
            Step(one, f"acts on after its last dose ({rule.time}) with", other),
            Step(other, "results in", self.graph.name(rule.effect)),
        )
        return Finding(
            kind=FindingKind.DRUG_DRUG,
            severity=rule.severity,
            precipitants=(former,),
            affected=(latter,),
            evidence=(said,),
            effect=rule.effect,
            mechanism=Mechanism(rule.name, rule.mechanism, path),
            recommendation=f"{wait} {rule.advice}".rstrip()
            if rule.second == BEGUN
            else rule.advice,
        )

    def _holding_on(
        self, lasting: Sequence[Persisting], gone: Entry, begun: Entry, told: Told
    ) -> Iterator[Finding]:
        if not lasting:
            return
        for finding in told(Regimen((gone, begun))):
            if finding.kind in _OF_PAIRS and len(finding.drugs) == _PAIR:
                row = next((row for row in lasting if _lasts(finding, row)), None)
                if row:
                    yield self._held(finding, row, gone.drug, begun.drug)

    def _held(self, finding: Finding, row: Persisting, gone: Curie, begun: Curie) -> Finding:
        one, other = self.graph.name(gone), self.graph.name(begun)
        stays = f"{one} acts on after its last dose ({row.time})"
        said = entailed(
            self.graph, finding.severity, statement=f"{stays} with {other}", reference=row.reference
        )
        path = finding.mechanism.path if finding.mechanism else ()
        path = (*path, Step(one, f"acts on ({row.time}) with", other))
        kind = finding.mechanism.kind if finding.mechanism else None
        return replace(
            finding,
            kind=FindingKind.DRUG_DRUG,
            precipitants=(gone,),
            affected=(begun,),
            evidence=(said, *finding.evidence),
            mechanism=Mechanism(f"{one} not yet worn off", kind, path),
            recommendation=f"{stays}: until then what is said of both together holds. "
            f"{finding.recommendation or ''}".rstrip(),
            points=0,
        )


def _lasts(finding: Finding, row: Persisting) -> bool:
    """Tell whether what is found is what the row lets hold on; it must say what happens."""
    severity = finding.severity
    if severity is None or severity.rank < row.least.rank or finding.effect == UNNAMED:
        return False
    if row.mechanism is None:
        return True
    kind = finding.mechanism.kind if finding.mechanism else None
    return kind == row.mechanism or (row.mechanism == INDUCTION and finding.effect in LESS)
