"""From the words of a request to the values of the engine, and from findings to JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from api.contents import Contents
from api.doses import DosedLine, doses_json, listed_once
from api.errors import AlreadyTaken, NotTaken, UnresolvedDrug
from api.notes import name_notes, unused_notes
from api.patients import PatientReader, reader_of
from api.plain_readings import is_plain
from api.predictions.reach import model_with_reach
from api.schemas import Medicine, ScreenRequest
from api.state import State
from kg.graph import KnowledgeGraph
from kg.model import Evidence
from kg.screening.engine import ChangedFinding, Question, Screening
from kg.screening.finding import Finding, Modifier, Step
from kg.screening.folding import is_slight
from kg.screening.patient import Entry, Regimen
from ontologies.curie import Curie
from ontologies.lexicon import Candidate, Lexicon, Resolution

DISCLAIMER = (
    "For qualified health professionals. This answer lists what the named sources state and what "
    "follows from their facts; it does not replace clinical judgement, and where it says nothing "
    "the combination is not thereby safe."
)


@dataclass(slots=True)
class Resolved:
    """A question with every name looked up, and what the answer must say about names."""

    question: Question
    adding: list[dict[str, Any]] = field(default_factory=list)
    stopping: list[dict[str, Any]] = field(default_factory=list)
    replacing: list[dict[str, Any]] = field(default_factory=list)
    taking: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def resolve(request: ScreenRequest, state: State) -> Resolved:
    """Look up every drug of a request.

    Raises:
        UnresolvedDrug: A drug to add, stop or replace is not known or may be several.
        NotTaken: A drug to stop or replace is not in the list.
        AlreadyTaken: A drug to add is in the list under the same name.
    """
    lexicon = state.lexicon
    reader = reader_of(state)
    contents = reader.contents
    taken = [lexicon.lookup(text) for text in request.current]
    added = [_required(lexicon, text, "add") for text in request.adding]
    stopped = [_required(lexicon, text, "stop") for text in request.stopping]
    swaps = list(_swaps(request.replace, lexicon))
    olds, news = [old for old, _ in swaps], [new for _, new in swaps]
    ended, begun = [*stopped, *olds], [*added, *news]
    current = Regimen.written(reader.entries(taken, request.taking))
    told = reader.read(request.patient)
    _check_taken(stopped, contents, current, "stop")
    _check_taken(olds, contents, current, "replace")
    ways = [*request.additions, *request.replace.values()]
    ending = [e.drug for e in contents.of(ended)]
    _check_new(begun, ways, reader, current, ending)
    question = Question(
        taking=current,
        adding=tuple(reader.entries(begun, ways)),
        stopping=tuple(ending),
        patient=told.patient,
    )
    taking = reader.dosed_lines(taken, request.taking)
    adding = reader.dosed_lines(added, request.additions)
    return Resolved(
        question,
        adding=[_line_json(line, state.graph) for line in adding],
        stopping=[_reference(r) for r in stopped],
        replacing=[{"from": _reference(old), "to": _reference(new)} for old, new in swaps],
        taking=[_line_json(line, state.graph) for line in listed_once(taking)],
        notes=[
            *name_notes(taken, added, current),
            *contents.already_taken(added, current.changed((), ending)),
            *contents.notes([*taken, *added, *ended, *news]),
            *contents.also_ended(ended, current),
            *told.notes,
            *reader.route_notes([*request.taking, *request.additions]),
            *unused_notes(request, question, [e.way for e in (*taking, *adding) if e.doses]),
        ],
    )


def answer_json(resolved: Resolved, screening: Screening, state: State) -> dict[str, Any]:
    """The answer of ``contracts.md``, valid against ``answer.schema.json``."""
    unresolved = [entry["query"] for entry in resolved.taking if entry["status"] != "resolved"]
    return {
        "adding": resolved.adding,
        "stopping": resolved.stopping,
        "replacing": resolved.replacing,
        "taking": resolved.taking,
        "findings": [finding_json(changed, state.graph) for changed in screening.findings],
        "alternatives": [],
        "coverage": {
            "pairs": [
                {"drugs": [str(drug) for drug in p.drugs], "status": p.status}
                for p in screening.pairs
            ],
            "unresolved": unresolved,
            "not_covered": [str(drug) for drug in screening.not_covered],
            "names": {str(d): state.graph.name(d) for d in resolved.question.after.drugs},
        },
        "graph": state.graph_json(),
        "model": model_with_reach(resolved.question.after.drugs, state),
        "notes": resolved.notes,
        "disclaimer": DISCLAIMER,
    }


def finding_json(changed: ChangedFinding, graph: KnowledgeGraph) -> dict[str, Any]:
    """One finding with its change, in the words of the contract."""
    finding = changed.finding
    return {
        "id": finding.id,
        "kind": finding.kind.value,
        "change": changed.change.value,
        "severity": finding.severity.value if finding.severity else None,
        "folded": is_slight(finding),
        "precipitants": _things(finding.precipitants, graph),
        "affected": _things(finding.affected, graph),
        "genes": _things(finding.genes, graph),
        "conditions": _things(finding.conditions, graph),
        "effect": _things([finding.effect], graph)[0] if finding.effect else None,
        "mechanism": _mechanism_json(finding),
        "probability": finding.probability,
        "baseline_probability": finding.baseline_probability,
        "recommendation": finding.recommendation,
        "modifiers": [_modifier_json(modifier) for modifier in finding.modifiers],
        "evidence": [evidence_json(evidence) for evidence in finding.evidence],
        "disagreement": _disagreement(finding.evidence),
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """One evidence: who, which version and licence, and the source's own words."""
    return {
        "source": evidence.source,
        "version": evidence.version,
        "severity": evidence.severity.value if evidence.severity else None,
        "severity_as_stated": evidence.severity_as_stated,
        "knowledge_level": evidence.knowledge_level.value,
        "agent_type": evidence.agent_type.value,
        "statement": evidence.statement,
        "text": evidence.text,
        "condition": evidence.condition,
        "recommendation": evidence.recommendation,
        "reference": evidence.reference,
        "publications": [str(publication) for publication in evidence.publications],
        "derived_from": list(evidence.derived_from),
        "url": None,
        "licence": evidence.licence,
    }


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """One drug that a name may mean."""
    return {
        "curie": candidate.curie,
        "name": candidate.name,
        "matched": candidate.matched,
        "score": round(candidate.score, 1),
    }


def resolution_json(resolution: Resolution) -> dict[str, Any]:
    """What a written drug was read as, with everything else that it may mean."""
    candidates = [candidate_json(candidate) for candidate in resolution.candidates]
    return {**_reference(resolution), "candidates": candidates}


def _required(lexicon: Lexicon, text: str, role: str) -> Resolution:
    resolution = lexicon.lookup(text)
    if resolution.candidate is None:
        candidates = [candidate_json(candidate) for candidate in resolution.candidates]
        raise UnresolvedDrug(text, role, resolution.status, candidates)
    return resolution


def _swaps(
    replacing: Mapping[str, str], lexicon: Lexicon
) -> Iterator[tuple[Resolution, Resolution]]:
    for old, new in replacing.items():
        yield _required(lexicon, old, "replace"), _required(lexicon, new, "add")


def _check_taken(
    resolutions: Iterable[Resolution], contents: Contents, current: Regimen, role: str
) -> None:
    for resolution in resolutions:
        if not {entry.drug for entry in contents.of([resolution])} <= set(current.drugs):
            raise NotTaken(resolution.query, role)


def _check_new(
    resolutions: Iterable[Resolution],
    ways: Iterable[str | Medicine],
    reader: PatientReader,
    current: Regimen,
    ending: Iterable[Curie],
) -> None:
    """Refuse what is taken under the same name; what acts in place may be taken otherwise too.

    A drug that ends may begin again in another dose.
    """
    local, ended = reader.rules.routes.local, set(ending)
    for resolution, way in zip(resolutions, ways, strict=True):
        lines = reader.entries([resolution], [way])
        fresh = [
            line for line in lines if not (line.drug in ended and _changes_dose(line, current))
        ]
        if fresh and all(any(_is_same(line, e, local) for e in current.entries) for line in fresh):
            raise AlreadyTaken(resolution.query)


def _changes_dose(line: Entry, current: Regimen) -> bool:
    doses = [taken.dose for taken in current.entries if taken.drug == line.drug]
    return line.dose is not None and all(not dose or dose.mg != line.dose.mg for dose in doses)


def _is_same(line: Entry, taken: Entry, local: Set[str]) -> bool:
    if (line.drug, line.written.casefold()) != (taken.drug, taken.written.casefold()):
        return False
    return line.route == taken.route or not {line.route, taken.route} & local


def _line_json(line: DosedLine, graph: KnowledgeGraph) -> dict[str, Any]:
    return _reference(line.resolution, doses_json(line.doses, graph))


def _reference(resolution: Resolution, doses: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A written drug as it was read; whose dose was read, that is not read by its name alone."""
    found = resolution.candidate
    reference: dict[str, Any] = {
        "query": resolution.query,
        "status": resolution.status,
        "curie": found.curie if found else None,
        "name": found.name if found else None,
    }
    if found is None:
        reference["candidates"] = [candidate_json(candidate) for candidate in resolution.candidates]
    elif doses:
        reference["doses"] = list(doses)
    elif found.score < 100 and is_plain(resolution.query, found.matched):
        reference["read_by_name"] = True
    return reference


def _things(curies: Iterable[Curie | None], graph: KnowledgeGraph) -> list[dict[str, str]]:
    return [{"curie": str(curie), "name": graph.name(curie)} for curie in curies if curie]


def _mechanism_json(finding: Finding) -> dict[str, Any] | None:
    if finding.mechanism is None:
        return None
    return {
        "name": finding.mechanism.name,
        "path": [_step_json(step) for step in finding.mechanism.path],
    }


def _step_json(step: Step) -> dict[str, str]:
    return {"subject": step.subject, "predicate": step.predicate, "object": step.object}


def _modifier_json(modifier: Modifier) -> dict[str, Any]:
    return {
        "factor": modifier.factor,
        "present": modifier.present,
        "effect_on_severity": modifier.effect_on_severity,
        "evidence": [evidence_json(evidence) for evidence in modifier.evidence],
    }


def _disagreement(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    stated = dict.fromkeys((e.source, e.severity.value) for e in evidence if e.severity)
    if len({severity for _, severity in stated}) < 2:
        return []
    return [{"source": source, "severity": severity} for source, severity in stated]
