"""Findings of an answer as pairs of the old RxNav shape: who with whom, how bad, in what words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from api.convert import DISCLAIMER
from kg.graph import KnowledgeGraph
from kg.model import Severity
from kg.screening.documented import MECHANISM_NAMES
from kg.screening.finding import FindingKind
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.product_text import FORM_WORDS, STRENGTH
from ontologies.salts import is_combination, moiety
from ontologies.vocabulary import Predicate

NOT_STATED = "N/A"
"""How the old service wrote that a source states no severity."""
ALL_SOURCES = "coprescribe"
"""Name of the first group: what all sources say together, as every door tells it."""
_OWN = "infores:coprescribe"
_NAMES = {"infores:ansm": "ANSM", "infores:drugbank": "DrugBank"}
"""DrugBank under the name that clients of the old service look for."""
_WORDLESS = "the finding rests in part on this source, which has no words of its own for it."
_SILENT = MECHANISM_NAMES["unknown"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One RxCUI of a question: the drug that it means, and the drugs that stand for that."""

    rxcui: str
    drug: Curie | None = None
    drugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of two RxCUIs: the finding, and by which drug each of them takes part."""

    asked: tuple[Asked, Asked]
    drugs: tuple[str, str]
    finding: Mapping[str, Any]
    severity: str
    description: str

    def turned(self) -> Told:
        """The same with the other RxCUI first."""
        return replace(self, asked=self.asked[::-1], drugs=self.drugs[::-1])

    def pair_json(self, graph: KnowledgeGraph) -> dict[str, Any]:
        """One ``interactionPair``; our finding stands in a member that the old shape had not."""
        return {
            "interactionConcept": [
                _concept(asked, drug, graph)
                for asked, drug in zip(self.asked, self.drugs, strict=True)
            ],
            "severity": self.severity,
            "description": self.description,
            "coprescribe": {
                "finding": self.finding["id"],
                "kind": self.finding["kind"],
                "slight": self.finding["folded"],
            },
        }


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """What one source says, the worst first."""

    name: str
    disclaimer: str
    told: tuple[Told, ...]


def told_of(finding: Mapping[str, Any], asked: Sequence[Asked]) -> Iterator[Told]:
    """Yield a finding once for each two RxCUIs that take part in it.

    A finding of three drugs or more is told of each two of them, and names them all.
    """
    drugs = [str(thing["curie"]) for thing in (*finding["precipitants"], *finding["affected"])]
    severity, description = finding["severity"] or NOT_STATED, description_of(finding)
    parts = [(each, [drug for drug in drugs if drug in each.drugs]) for each in asked]
    for (first, ours), (second, theirs) in combinations([part for part in parts if part[1]], 2):
        unlike = ((a, b) for a in ours for b in theirs if a != b)
        pair = next(unlike, (ours[0], theirs[0]) if len(set(drugs)) == 1 else None)
        if pair is None:
            continue
        both = ((first, pair[0]), (second, pair[1]))
        (one, a), (other, b) = sorted(both, key=lambda part: drugs.index(part[1]))
        yield Told((one, other), (a, b), finding, severity, description)


def by_source(told: Sequence[Told], releases: Iterable[Mapping[str, Any]]) -> Iterator[SourceGroup]:
    """Yield what all sources say together, then what each of the others says by itself."""
    if not told:
        return
    yield SourceGroup(ALL_SOURCES, DISCLAIMER, _worst_first(told))
    known = {release["source"]: release for release in releases}
    sources = {e["source"] for each in told for e in each.finding["evidence"]} - {_OWN}
    for source in sorted(sources):
        own = (each for each in told if _evidence(each.finding, source))
        release = known.get(source, {"version": "not stated", "licence": "not stated"})
        terms = f"Version {release['version']}. Terms of use: {release['licence']}."
        yield SourceGroup(
            source_name(source), terms, _worst_first([_as_stated(each, source) for each in own])
        )


def source_name(source: str) -> str:
    """Name of a source; that of the old service, where it had the source.

    >>> source_name("infores:drugbank"), source_name("infores:ansm")
    ('DrugBank', 'ANSM')
    """
    return _NAMES.get(source, source.removeprefix("infores:"))


def description_of(finding: Mapping[str, Any]) -> str:
    """Say a finding in sentences: who does what to whom and how, what to do, who disagrees."""
    mechanism = (finding["mechanism"] or {}).get("name", _SILENT)
    how = "" if mechanism == _SILENT else f" ({mechanism})"
    sentences = [
        f"{_headline(finding)}{how}.",
        _weight(finding) or finding["recommendation"] or "",
        _guess(finding),
        _severities(finding["disagreement"]),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def item(asked: Asked, graph: KnowledgeGraph) -> dict[str, str]:
    """The ``minConceptItem`` of what was asked."""
    if asked.drug is None:
        return {"rxcui": asked.rxcui, "name": f"unknown RxCUI {asked.rxcui}", "tty": ""}
    tty = term_type(asked.drug, graph)
    return {"rxcui": asked.rxcui, "name": graph.name(asked.drug), "tty": tty}


def comment_of(asked: Iterable[Asked], graph: KnowledgeGraph) -> str:
    """Say which drugs were asked, and which drugs stand for them where these are others."""
    return " ".join(
        _sentence_of(f"Drug{place}", each, graph) for place, each in enumerate(asked, 1)
    )


def term_type(drug: Curie, graph: KnowledgeGraph) -> str:
    """Term type as far as the name tells it; empty for a brand and for what it does not tell.

    The graph holds no term types. RxNorm writes a pack in curly brackets, a product with strength
    and form, and a brand behind it in square ones; one substance is an ingredient (IN) or, as a
    salt, a precise one (PIN), several without a strength are several (MIN).
    """
    if not graph.has(drug):
        return ""
    name = graph.name(drug)
    is_branded = name.endswith("]")
    if name.startswith("{"):
        return "BPCK" if is_branded else "GPCK"
    if STRENGTH.search(name):
        has_form = not FORM_WORDS.isdisjoint(fold(name).split())
        return ("SBD" if is_branded else "SCD") if has_form else ""
    if is_combination(name):
        return "MIN"
    if is_branded or graph.edges_from(drug, Predicate.HAS_ACTIVE_INGREDIENT):
        return ""
    return "IN" if moiety(name) == fold(name) else "PIN"


def _concept(asked: Asked, drug: str, graph: KnowledgeGraph) -> dict[str, Any]:
    curie = Curie.parse(drug)
    # A drug that no RxCUI names is told under the one that was asked.
    rxcui = curie.identifier if curie.prefix == "RXCUI" else asked.rxcui
    name = graph.name(curie)
    return {
        "minConceptItem": {"rxcui": rxcui, "name": name, "tty": term_type(curie, graph)},
        "sourceConceptItem": {"id": drug, "name": name, "url": "NA"},
    }


def _sentence_of(role: str, asked: Asked, graph: KnowledgeGraph) -> str:
    told = ", ".join(f"{key} = {value}" for key, value in item(asked, graph).items())
    standing = [name for name in asked.drugs if name != str(asked.drug)]
    names = ", ".join(graph.name(Curie.parse(name)) for name in standing)
    return f"{role} ({told})." + (f" {role} is resolved to {names}." if names else "")


def _worst_first(told: Iterable[Told]) -> tuple[Told, ...]:
    """Order by severity; of one severity what is slight comes last."""
    return tuple(sorted(told, key=lambda each: (-_rank(each.severity), each.finding["folded"])))


def _rank(severity: str) -> int:
    return 0 if severity == NOT_STATED else Severity(severity).rank


def _evidence(finding: Mapping[str, Any], source: str) -> list[Mapping[str, Any]]:
    return [evidence for evidence in finding["evidence"] if evidence["source"] == source]


def _as_stated(told: Told, source: str) -> Told:
    """The same pair with the severity and the words of one source, and nothing that others say."""
    evidence = _evidence(told.finding, source)
    severities = [e["severity"] for e in evidence if e["severity"]]
    severity = max(severities, key=_rank, default=NOT_STATED)
    words = [e[key] for e in evidence for key in ("text", "condition", "recommendation") if e[key]]
    stated = [e["severity_as_stated"] for e in evidence if e["severity_as_stated"]]
    things = (*told.finding["precipitants"], *told.finding["affected"])
    drugs = " and ".join(dict.fromkeys(str(thing["name"]) for thing in things))
    said = " ".join(f"“{word}”" for word in dict.fromkeys(words)) or _WORDLESS
    sentences = [
        f"{drugs}: {said}",
        f"Severity as stated: {'; '.join(dict.fromkeys(stated))}." if stated else "",
    ]
    description = " ".join(sentence for sentence in sentences if sentence)
    return replace(told, severity=severity, description=description)


def _headline(finding: Mapping[str, Any]) -> str:
    given, affected = (
        [str(thing["name"]) for thing in finding[role]] for role in ("precipitants", "affected")
    )
    verb = " affects " if len(given) == 1 else " affect "
    drugs = verb.join(" with ".join(part) for part in (given, affected) if part)
    effect = (finding["effect"] or {}).get("name", "")
    told = effect[:1].lower() + effect[1:] if effect[1:2].islower() else effect
    return f"{drugs}: {told}" if told else drugs


def _guess(finding: Mapping[str, Any]) -> str:
    if finding["kind"] != FindingKind.PREDICTED_EFFECT:
        return ""
    return f"A guess of a model, which no source states: probability {finding['probability']:.2g}."


def _weight(finding: Mapping[str, Any]) -> str:
    """Say of a finding that other doors fold how little it rests on; a minor one says so itself."""
    if not finding["folded"] or finding["severity"] == Severity.MINOR:
        return ""
    if finding["severity"]:
        return "Slight: one source alone grades it, without effect or advice."
    return "Slight: one source alone states it, without severity or advice."


def _severities(disagreement: Iterable[Mapping[str, str]]) -> str:
    told = ", ".join(f"{source_name(row['source'])} {row['severity']}" for row in disagreement)
    return f"Severity by source: {told}." if told else ""
