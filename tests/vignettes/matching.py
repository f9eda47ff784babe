"""Read clinical vignettes, and tell where an answer differs from what one expects.

The form of a vignette is told in the README beside this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RANKS = {"minor": 1, "moderate": 2, "major": 3, "contraindicated": 4}
CITATION_KEYS = {"id", "title", "locator", "status", "seen_in"}
WORN_OFF = re.compile(r"wears off|not yet worn off|in one day")
"""Mechanisms by which a stopped drug still has a part in what is new."""
NEW = ("created", "worsened")
_KEYS = {"title", "why", "citations", "request", "must", "must_not", "expect", "gap"}

Json = Mapping[str, Any]


class MalformedVignette(ValueError):
    """A vignette that would compare less than its author meant."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")


@dataclass(frozen=True, slots=True)
class Vignette:
    """One case: what is asked, what must and must not be found, and who says so.

    ``gap`` tells why the loaded sources cannot yet give what the case rightly expects.
    """

    name: str
    title: str
    why: str
    citations: tuple[Json, ...]
    request: Json
    must: tuple[Json, ...] = ()
    must_not: tuple[Json, ...] = ()
    expect: Json = field(default_factory=dict)
    gap: str | None = None


def load_all(folder: Path = FOLDER) -> tuple[Vignette, ...]:
    """Every vignette of a folder, by name."""
    return tuple(load(path) for path in sorted(folder.glob("*.json")))


def load(path: Path) -> Vignette:
    """Read one vignette; a key that nothing compares is an error, not a wish."""
    stated = json.loads(path.read_text(encoding="utf-8"))
    name = path.stem
    _refuse(name, set(stated) - _KEYS, "is no key of a vignette")
    for wanted in (*stated.get("must", ()), *stated.get("must_not", ())):
        _refuse(name, set(wanted) - set(FILTERS), "is no key of a filter")
        _refuse(name, set() if wanted else {"{}"}, "compares nothing")
    _refuse(name, set(stated.get("expect", {})) - {*EXPECTATIONS, "error"}, "is no expectation")
    lists = {key: tuple(stated.get(key, ())) for key in ("citations", "must", "must_not")}
    return Vignette(name, **{**stated, **lists})


def _refuse(name: str, keys: set[str], reason: str) -> None:
    if keys:
        raise MalformedVignette(name, f"{', '.join(sorted(keys))} {reason}")


def _names(things: Sequence[Any]) -> set[str]:
    return {thing["name"] if isinstance(thing, Mapping) else str(thing) for thing in things}


def _drugs(finding: Json, wanted: Sequence[str]) -> bool:
    return _names([*finding["precipitants"], *finding["affected"]]) == set(wanted)


def _direction(finding: Json, wanted: Mapping[str, str]) -> bool:
    sides = {"precipitant": "precipitants", "affected": "affected"}
    return all(_names(finding[sides[side]]) == {drug} for side, drug in wanted.items())


def _change(finding: Json, wanted: str | Sequence[str]) -> bool:
    return finding["change"] in ([wanted] if isinstance(wanted, str) else wanted)


def _at_least(finding: Json, wanted: str) -> bool:
    return RANKS.get(finding["severity"] or "", 0) >= RANKS[wanted]


def _genes(finding: Json, wanted: Sequence[str]) -> bool:
    return set(wanted) <= _names(finding.get("genes", ()))


def _source(finding: Json, wanted: str) -> bool:
    return any(evidence["source"] == wanted for evidence in finding["evidence"])


def _text(finding: Json, key: str, pattern: str) -> bool:
    said = finding.get(key) or ""
    return _found(pattern, said["name"] if isinstance(said, Mapping) else said)


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


FILTERS: Mapping[str, Callable[[Json, Any], bool]] = {
    "kind": lambda finding, wanted: finding["kind"] == wanted,
    "drugs": _drugs,
    "change": _change,
    "severity": lambda finding, wanted: finding["severity"] == wanted,
    "severity_at_least": _at_least,
    "effect": lambda finding, pattern: _text(finding, "effect", pattern),
    "mechanism": lambda finding, pattern: _text(finding, "mechanism", pattern),
    "recommendation": lambda finding, pattern: _text(finding, "recommendation", pattern),
    "genes": _genes,
    "direction": _direction,
    "evidence_source": _source,
}
"""What a filter may ask of a finding, by key."""


def matches(finding: Json, wanted: Json) -> bool:
    """Tell whether a finding has everything that a filter asks for."""
    return all(FILTERS[key](finding, value) for key, value in wanted.items())


def problems(answer: Json, vignette: Vignette) -> list[str]:
    """What is missing from an answer, or stands in it wrongly: one sentence each."""
    findings = answer["findings"]
    near = "\n    ".join(_told(finding) for finding in findings) or "no finding"
    missing = [w for w in vignette.must if not any(matches(f, w) for f in findings)]
    wrong = [(w, f) for w in vignette.must_not for f in findings if matches(f, w)]
    found = [f"not found: {json.dumps(w)}; the answer has\n    {near}" for w in missing]
    found += [f"must not be found by {json.dumps(w)}: {_told(f)}" for w, f in wrong]
    for key, wanted in vignette.expect.items():
        if key != "error":
            found.extend(EXPECTATIONS[key](answer, wanted))
    return found


def _told(finding: Json) -> str:
    sides = (sorted(_names(finding[side])) for side in ("precipitants", "affected"))
    effect, mechanism = ((finding.get(key) or {}).get("name") for key in ("effect", "mechanism"))
    drugs = " -> ".join(" + ".join(side) for side in sides if side)
    genes = " ".join(sorted(_names(finding.get("genes", ()))))
    head = f"{finding['change']} {finding['severity']} {finding['kind']}"
    return f"{head}: {drugs} {genes} | {effect} | {mechanism}"


def quoted(vignette: Vignette) -> list[str]:
    """What the sentence of an expected error must quote."""
    quotes = vignette.expect["error"]["quotes"]
    return [quotes] if isinstance(quotes, str) else list(quotes)


def references(part: Any) -> Iterator[Json]:
    """Every reference to a drug in a part of an answer, however deep."""
    if isinstance(part, Mapping):
        if "query" in part and "status" in part:
            yield part
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for item in part:
            yield from references(item)


def _asked(answer: Json, query: str) -> list[Json]:
    sides = [answer.get(side, []) for side in ("adding", "stopping", "replacing", "taking")]
    return [reference for reference in references(sides) if reference["query"] == query]


def _with_status(answer: Json, queries: Sequence[str], allowed: Sequence[str]) -> Iterator[str]:
    for query in queries:
        states = {reference["status"] for reference in _asked(answer, query)}
        if not states or states - set(allowed):
            said = sorted(states) or "not mentioned"
            yield f"{query!r} should be {' or '.join(allowed)}, but is {said}"


def _resolved(answer: Json, wanted: Mapping[str, str]) -> Iterator[str]:
    yield from _with_status(answer, list(wanted), ["resolved"])
    for query, name in wanted.items():
        said = {reference.get("name") for reference in _asked(answer, query)}
        if said != {name}:
            yield f"{query!r} should be read as {name}, but is read as {said}"


def _unresolved(answer: Json, queries: Sequence[str]) -> Iterator[str]:
    yield from _with_status(answer, queries, ["unresolved"])
    listed = answer["coverage"]["unresolved"]
    yield from (f"{q!r} is not among the unresolved {listed}" for q in queries if q not in listed)


def _candidates(answer: Json, wanted: Mapping[str, str]) -> Iterator[str]:
    for query, name in wanted.items():
        offered = [c for r in _asked(answer, query) for c in r.get("candidates", ())]
        if name not in _names(offered):
            yield f"{name} is not offered for {query!r}: {offered}"


def _named(answer: Json, curies: Sequence[str]) -> set[str]:
    known = {r["curie"]: r["name"] for r in references(answer) if r.get("curie")}
    return {known.get(curie, curie) for curie in curies}


def _not_covered(answer: Json, wanted: Sequence[str]) -> Iterator[str]:
    said = _named(answer, answer["coverage"]["not_covered"])
    yield from (f"{drug} is not said to be uncovered: {said}" for drug in set(wanted) - said)


def _pairs(answer: Json, wanted: Sequence[Json]) -> Iterator[str]:
    told = answer["coverage"]["pairs"]
    known = {frozenset(_named(answer, pair["drugs"])): pair["status"] for pair in told}
    for pair in wanted:
        status = known.get(frozenset(pair["drugs"]))
        if status != pair["status"]:
            yield f"pair {pair['drugs']} should be {pair['status']}, but is {status}"


def _notes(answer: Json, pattern: str) -> Iterator[str]:
    notes = answer.get("notes", [])
    if not any(_found(pattern, note) for note in notes):
        yield f"no note says {pattern!r}: {notes}"


def _max_created(answer: Json, most: int) -> Iterator[str]:
    stated = [f for f in answer["findings"] if f["kind"] != "predicted_effect"]
    created = [_told(finding) for finding in stated if finding["change"] == "created"]
    if len(created) > most:
        yield f"{len(created)} findings are created, at most {most} were expected: {created}"


def _alternatives(answer: Json) -> list[str]:
    return [alternative["name"] for alternative in answer.get("alternatives", ())]


def _offered(answer: Json, wanted: Sequence[str]) -> Iterator[str]:
    found = _alternatives(answer)
    yield from (f"{drug} is not offered instead: {found}" for drug in wanted if drug not in found)


def _not_offered(answer: Json, wanted: Sequence[str]) -> Iterator[str]:
    found = _alternatives(answer)
    yield from (f"{drug} must not be offered instead" for drug in wanted if drug in found)


def _offered_before(answer: Json, wanted: Mapping[str, str]) -> Iterator[str]:
    found = _alternatives(answer)
    for better, worse in wanted.items():
        if better not in found or worse in found[: found.index(better)]:
            yield f"{better} should be offered before {worse}: {found}"


EXPECTATIONS: Mapping[str, Callable[[Json, Any], Iterator[str]]] = {
    "resolved": _resolved,
    "unresolved": _unresolved,
    "ambiguous": lambda answer, queries: _with_status(answer, queries, ["ambiguous"]),
    "not_resolved": lambda answer, queries: _with_status(
        answer, queries, ["ambiguous", "unresolved"]
    ),
    "candidates": _candidates,
    "not_covered": _not_covered,
    "notes": _notes,
    "pairs": _pairs,
    "max_created": _max_created,
    "offered": _offered,
    "not_offered": _not_offered,
    "offered_before": _offered_before,
}
"""What may be asked of the rest of an answer, by key."""


def changes_something(answer: Json) -> bool:
    """Whether a drug comes or goes: it may convert the phenotype that a gene finding rests on."""
    return any(answer.get(side) for side in ("adding", "replacing", "stopping"))


def is_moved(finding: Json) -> bool:
    """Whether a finding of other drugs is worse by a modifier that holds, such as what is added."""
    present = any(modifier["present"] for modifier in finding.get("modifiers", ()))
    return finding["change"] == "worsened" and present


def is_left_behind(finding: Json, answer: Json) -> bool:
    """Whether a finding is of what a stopped drug still does, or of what its end changes."""
    stopped = {r.get("curie") for r in references([answer.get("stopping", [])])}
    acts = {drug["curie"] for drug in finding["precipitants"]}
    return bool(WORN_OFF.search((finding["mechanism"] or {}).get("name", ""))) and acts <= stopped


def held_by(asked: Iterable[Json], notes: Iterable[str]) -> str:
    """What the notes say that combinations among some references hold, as one text."""
    named = {str(r.get(key, "")).casefold() for r in asked for key in ("query", "name")}
    said = (note.partition(" holds ") for note in notes)
    return " ".join(held for product, _, held in said if product.casefold() in named)


def contract_problems(answer: Json) -> list[str]:
    """What no answer may do: tell a change that nobody made, a wrong order, a twin."""
    findings = answer["findings"]
    told: list[str] = []
    for changes, sides in (
        (NEW, ("adding", "replacing")),
        (("resolved",), ("stopping", "replacing")),
    ):
        parts = [answer.get(side, []) for side in sides]
        asked = list(references(parts))
        moved = {reference.get("curie") for reference in asked}
        held = held_by(asked, answer.get("notes", ()))
        for finding in findings:
            parties = (*finding["precipitants"], *finding["affected"])
            drugs = {d["curie"] for d in parties}
            converted = finding["kind"] == "drug_gene" and changes_something(answer)
            left = changes is NEW and is_left_behind(finding, answer)
            held_with = any(d["name"] in held for d in parties)
            explained = converted or left or is_moved(finding) or held_with
            if finding["change"] in changes and not drugs & moved and not explained:
                told.append(f"no changed drug has a part in it: {_told(finding)}")
    places = [_place(finding) for finding in findings if finding["change"] in NEW]
    last = max((i for i, f in enumerate(findings) if f["change"] in NEW), default=-1)
    if places != sorted(places) or last != len(places) - 1:
        told.append("what is new does not come first, worst first")
    ids = [finding["id"] for finding in findings]
    told += [f"two findings have the id {i}" for i in sorted({i for i in ids if ids.count(i) > 1})]
    return told


def _place(finding: Json) -> int:
    return 1 if finding["kind"] == "predicted_effect" else -RANKS.get(finding["severity"] or "", 0)
