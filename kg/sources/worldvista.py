"""World Vista: the French interaction thesaurus of 2016 in English, its class rules expanded.

A rule is about two names, each a drug or a class whose members a second file lists. Most rules are
written from both sides and count once here. A third file expands some class rules by hand; what it
adds is taken as it stands. `kg/curated/worldvista_*.tsv` hold our reading of misprinted names and
of rules that are about some members of a class only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, Source, SourceInfo
from kg.sources.worldvista_files import (
    NAME,
    End,
    Rule,
    read_classes,
    read_expanded,
    read_rules,
    severity,
)
from kg.sources.worldvista_tables import (
    Medicine,
    Medicines,
    Reading,
    class_names,
    mechanism_patterns,
    plain,
    readings,
    slug,
)
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

RULES = "worldvista_all_eng_tables_sept2016.xml.gz"
CLASSES = "worldvista_all_eng_classes_sept2016.xml"
EXPANDED = "worldvista-drug-class-vs-drug-class-r01-65.tsv.gz"

_NARROWING = re.compile(r"with:?$", re.IGNORECASE)
_AGED = re.compile(r"with patients under \d+ years of age")
"""The one age that stands within the text of a rule, not beside its level."""
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
    "reference": "worldvista-2016",
}


@dataclass(frozen=True, slots=True)
class Index:
    """Who is meant by the names of the rules."""

    medicines: Medicines
    members: Mapping[str, tuple[Medicine, ...]]
    meant: Mapping[str, str]
    """Class that is meant by a name which the list of classes does not have."""

    def name(self, end: End) -> str:
        """Give the name of one side: the listed class, or the drug as we call it."""
        if end.is_class:
            return self.meant.get(plain(end.name), plain(end.name))
        medicine = self.medicines.find(end.name, end.code)
        return medicine.name if medicine else plain(end.name)

    def drugs(self, end: End) -> tuple[Medicine, ...]:
        """Give the drugs of one side; none where it is no medicine or an unlisted class."""
        if end.is_class:
            return self.members.get(self.name(end), ())
        medicine = self.medicines.find(end.name, end.code)
        return (medicine,) if medicine else ()

    def statement(self, rule: Rule) -> str:
        """Give the two names of a rule, the same from both sides."""
        return " / ".join(sorted(self.name(end) for end in rule.ends))


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, classes and memberships, and a row per pair, rule and severity."""
    listed = read_classes(files[CLASSES])
    rules, expanded = read_rules(files[RULES]), read_expanded(files[EXPANDED])
    ends = chain(
        chain.from_iterable(listed.values()),
        chain.from_iterable(rule.ends for rule in rules),
        chain.from_iterable(rule.drugs or () for rule in expanded),
    )
    drugs = [(end.name, end.code) for end in ends if not end.is_class]
    medicines = Medicines(drugs)
    members = {name: _known(medicines, drugs) for name, drugs in listed.items()}
    index = Index(medicines, members, class_names())
    found = {medicine for name, code in drugs if (medicine := medicines.find(name, code))}
    yield Chunk.of(ChunkKind.NODES, _nodes(found, index))
    yield Chunk.of(ChunkKind.EDGES, _memberships(index))
    chunk = Chunk.of(ChunkKind.PAIRS, pd.DataFrame(list(_pairs(_once(rules, index), RULES, index))))
    yield chunk
    more = Chunk.of(ChunkKind.PAIRS, pd.DataFrame(list(_pairs(expanded, EXPANDED, index)))).frame
    known = _keys(more).isin(_keys(chunk.frame))
    yield Chunk.of(ChunkKind.PAIRS, more[~known].reset_index(drop=True))


WORLDVISTA = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:worldvista",
        homepage="https://worldvista.org",
        citation="WorldVistA, drug interaction tables of September 2016: English edition of the "
        "ANSM Thesaurus des interactions medicamenteuses",
    ),
    files=(RULES, CLASSES, EXPANDED),
    read=read,
)


def _known(medicines: Medicines, drugs: Iterable[End]) -> tuple[Medicine, ...]:
    found = (medicines.find(drug.name, drug.code) for drug in drugs)
    return tuple(dict.fromkeys(medicine for medicine in found if medicine))


def _class_id(name: str) -> str:
    return "WORLDVISTA.CLASS:" + slug(name)


def _nodes(medicines: Iterable[Medicine], index: Index) -> pd.DataFrame:
    drugs = [(m.curie, m.name, Category.DRUG.value) for m in sorted(medicines)]
    classes = [(_class_id(n), n, Category.DRUG_CLASS.value) for n in sorted(index.members)]
    return pd.DataFrame([*drugs, *classes], columns=["id", "name", "category"])


def _memberships(index: Index) -> pd.DataFrame:
    rows = [
        {
            "subject": medicine.curie,
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": _class_id(name),
            "statement": name,
            "file": CLASSES,
            **_STATED,
        }
        for name, members in sorted(index.members.items())
        for medicine in members
    ]
    return pd.DataFrame(rows)


def _once(rules: Iterable[Rule], index: Index) -> list[Rule]:
    """Keep the first wording of each rule and severity, and a level left out by one side alone."""
    wordings: dict[tuple[str, str], Rule] = {}
    stated: set[str] = set()
    for rule in rules:
        key = (index.statement(rule), severity(rule.level) or "")
        wordings.setdefault(key, rule)
        if rule.level:
            stated.add(key[0])
    return [rule for (name, _), rule in wordings.items() if rule.level or name not in stated]


def _pairs(rules: Iterable[Rule], file: str, index: Index) -> Iterator[dict[str, str]]:
    names = {key: [drug.name for drug in drugs] for key, drugs in index.members.items()}
    scopes, mechanisms = readings(names), mechanism_patterns()
    for rule in rules:
        statement = index.statement(rule)
        mechanism = next((kind for pattern, kind in mechanisms if pattern.search(statement)), "")
        left, right = (index.drugs(end) for end in rule.drugs or rule.ends)
        pairs = {tuple(sorted((a, b))) for a in left for b in right if a != b}
        for first, second in sorted(pairs):
            holds = _holds(rule, scopes.get(statement, ()), (first.name, second.name))
            if holds == "no":
                continue
            yield {
                "drug_a": first.curie,
                "drug_b": second.curie,
                "mechanism": mechanism,
                "severity": severity(rule.level) or "",
                "severity_as_stated": rule.level,
                "statement": statement,
                "text": rule.description,
                "condition": _condition(rule) if holds == "conditional" else _age(rule),
                "recommendation": rule.comment,
                "file": file,
                **_STATED,
            }


def _keys(pairs: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(pairs[["drug_a", "drug_b", "statement", "severity"]])


def _holds(rule: Rule, scope: tuple[Reading, ...], pair: tuple[str, str]) -> str:
    """Tell whether a rule holds for two drugs: yes, no, or under a condition.

    Where we have no reading of a rule, a comment that starts with a dash narrows it.
    """
    if scope:
        return next((reading.holds for reading in scope if reading.fits(pair)), "no")
    narrowed = rule.comment.startswith("-") or _NARROWING.search(rule.level)
    return "conditional" if narrowed or rule.level.startswith("With ") else "yes"


def _age(rule: Rule) -> str:
    found = _AGED.search(rule.description)
    return found[0] if found else ""


def _condition(rule: Rule) -> str:
    if rule.level.startswith("With "):
        return rule.level
    said = rule.comment.strip(" -")
    return rule.description if not said or severity(said) else said
