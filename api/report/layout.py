"""What stands on a medication report, in order, before it becomes HTML or PDF.

Nothing is decided here: every sentence is that of the answer, in the words of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.cli.answer_phrases import (
    alternative_words,
    by_change_of,
    conditions_told,
    coverage_lines,
    folded_counts,
    guess_of,
    not_identified,
    sources_used,
)
from api.cli.phrases import (
    Finding,
    asked,
    own_words,
    path_lines,
    plain,
    problem_of,
    source_name,
    stated_severities,
)
from api.cli.question import Answered
from api.notes import AT_THE_FOOT, NOT_CHECKED

TITLE = "Medication report"
NOT_SHOWN = (
    "Not printed: references, conditions that this patient does not meet, further steps of "
    "mechanisms, and what sources say in their own words where advice stands; the answer of POST "
    "/v1/screen holds them."
)
GENE_KINDS = frozenset({"drug_gene", "drug_drug_gene"})
_FACTS = {
    "age_years": ("Age", " years"),
    "sex": ("Sex", ""),
    "pregnant": ("Pregnant", ""),
    "lactating": ("Breastfeeding", ""),
    "weight_kg": ("Weight", " kg"),
    "height_cm": ("Height", " cm"),
    "egfr_ml_min": ("eGFR", " ml/min"),
    "child_pugh": ("Child-Pugh", ""),
    "ancestry": ("Ancestry", ""),
    "conditions": ("Conditions", ""),
    "allergies": ("Allergies", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine of the list: its drug, how it was written, what is done with it."""

    name: str
    written: str
    change: str
    how: str
    is_checked: bool

    @property
    def beside(self) -> str:
        """How it was written and is taken, and whether it changes."""
        written = f"written as {self.written}" if self.written else ""
        return "; ".join(part for part in (written, self.how, self.change) if part)


@dataclass(frozen=True, slots=True)
class Block:
    """One finding: how severe, what, what to do; below, why and who says so, and conditions."""

    severity: str
    problem: str
    advice: str = ""
    quotes: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Findings under a title, and how many of them were folded away."""

    title: str
    blocks: tuple[Block, ...]
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report, part by part; empty parts are not printed."""

    question: str
    date: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    summary: str
    sections: tuple[Section, ...]
    guesses: tuple[tuple[str, str], ...]
    alternatives: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    coverage: tuple[str, ...]
    sources: tuple[str, ...]
    made_from: str
    notes: tuple[str, ...]
    disclaimer: str


def report_of(answered: Answered, date: str = "") -> Report:
    """Lay out an answer; ``date`` is printed as given, and a place is left for it otherwise."""
    answer = answered.answer
    in_full = answered.body.get("all") is True
    sections = tuple(_sections(answered, in_full=in_full))
    coverage = list(coverage_lines(answer, None))
    return Report(
        question=plain(asked(answered)),
        date=plain(date),
        warnings=tuple(map(plain, _warnings(answer, coverage))),
        remarks=tuple(map(plain, _remarks(answer))),
        facts=tuple((label, plain(value)) for label, value in _facts(answered.body)),
        lines=tuple(_lines(answered)),
        summary=_summary(answered),
        sections=sections,
        guesses=tuple(_guesses(answer)),
        alternatives=tuple(_alternatives(answer)),
        coverage=tuple(plain(line) for line, is_warning in coverage if not is_warning),
        sources=tuple(
            plain(f"{source_name(s)} {v}: {licence}") for s, v, licence in sources_used(answer)
        ),
        made_from=_made_from(answer),
        notes=tuple(plain(note) for note in [*_foot(answer), NOT_SHOWN]),
        disclaimer=plain(answer["disclaimer"]),
    )


def _warnings(answer: Mapping[str, Any], coverage: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """What was not checked."""
    yield from (not_identified(e) for e in answer["taking"] if e["status"] != "resolved")
    yield from (line for line, is_warning in coverage if is_warning)


def _remarks(answer: Mapping[str, Any]) -> Iterator[str]:
    """What a reader must know before the findings."""
    return (n for n in answer["notes"] if not n.startswith((NOT_CHECKED, *AT_THE_FOOT)))


def _foot(answer: Mapping[str, Any]) -> Iterator[str]:
    return (note for note in answer["notes"] if note.startswith(AT_THE_FOOT))


def _facts(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The patient as given, and nothing else."""
    patient = body.get("patient") or {}
    for key, (label, unit) in _FACTS.items():
        value = patient.get(key)
        if value is None or value == []:
            continue
        yield label, _said(value) + unit
    for key in ("diplotypes", "phenotypes"):
        for gene, result in (patient.get(key) or {}).items():
            yield str(gene), str(result)
    for lab in patient.get("labs") or ():
        yield f"LOINC {lab['loinc']}", f"{_said(lab['value'])} {lab.get('unit') or ''}".strip()


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _lines(answered: Answered) -> Iterator[Line]:
    answer = answered.answer
    asked_lines = answered.body.get("taking") or ()
    ways = {e["drug"].strip(): _way(e) for e in asked_lines if isinstance(e, Mapping)}
    ended = {e["query"] for e in answer["stopping"]} | {
        swap["from"]["query"] for swap in answer["replacing"]
    }
    ended_names = {e["name"] for e in answer["stopping"]} | {
        swap["from"]["name"] for swap in answer["replacing"]
    }
    for entry in answer["taking"]:
        is_ended = entry["query"] in ended or (entry["name"] and entry["name"] in ended_names)
        yield _line(entry, "stopped" if is_ended else "", ways.get(entry["query"], ""))
    for entry in [*answer["adding"], *(swap["to"] for swap in answer["replacing"])]:
        yield _line(entry, "added", "")


def _line(entry: Mapping[str, Any], change: str, how: str) -> Line:
    is_checked = entry["status"] == "resolved"
    name, written = str(entry["name"] or entry["query"]), str(entry["query"])
    same = name.casefold() == written.casefold()
    return Line(plain(name), "" if same else plain(written), change, plain(how), is_checked)


def _way(entry: Mapping[str, Any]) -> str:
    days = entry.get("duration_days")
    parts = [entry.get("dose"), entry.get("route")]
    parts += [f"since {entry['started']}" if entry.get("started") else None]
    parts += [f"for {days:g} days" if days else None]
    return ", ".join(part for part in parts if part)


def _summary(answered: Answered) -> str:
    """Say how many findings there are, or that there is none, which is no all-clear."""
    findings = answered.answer["findings"]
    now = [f for f in findings if f["change"] != "resolved" and f["kind"] != "predicted_effect"]
    counts = [
        (sum(f["severity"] == severity for f in now), severity or "not graded")
        for severity in ("contraindicated", "major", "moderate", "minor", None)
    ]
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    if told:
        return f"Findings: {told}."
    return "The loaded sources state no finding here; that does not make the combination safe."


def _sections(answered: Answered, *, in_full: bool) -> Iterator[Section]:
    """Findings worst first, advice by gene apart from them."""
    parts = by_change_of(answered.answer["findings"])
    unfolded = in_full or not answered.asks_for_change
    old = "On the list already" if answered.asks_for_change else "Findings"
    titles = {
        "new": "New or worse with the change",
        "unchanged": old,
        "improved": "Milder after the change",
        "resolved": "Gone after the change",
    }
    for part, title in titles.items():
        genes = [finding for finding in parts[part] if finding["kind"] in GENE_KINDS]
        others = [finding for finding in parts[part] if finding["kind"] not in GENE_KINDS]
        is_brief = part in {"improved", "resolved"} or (part == "unchanged" and not unfolded)
        yield from _section(title, others, is_brief=is_brief, in_full=in_full)
        yield from _section(f"Genes: {title.lower()}", genes, is_brief=is_brief, in_full=in_full)


def _section(
    title: str, findings: Sequence[Finding], *, is_brief: bool, in_full: bool
) -> Iterator[Section]:
    if not findings:
        return
    shown = [finding for finding in findings if in_full or not finding["folded"]]
    folded = [finding for finding in findings if finding["folded"]] if not in_full else []
    blocks = tuple(_brief(f) if is_brief else _block(f) for f in shown)
    aside = f'{folded_counts(folded)} (not printed; "all": true prints them)' if folded else ""
    yield Section(f"{title} ({len(findings)})", blocks, aside)


def _block(finding: Finding) -> Block:
    words = own_words(finding)
    worse = " (worse than before)" if finding["change"] == "worsened" else ""
    below = (" ".join(_reasons(finding)), *_conditions(finding))
    return Block(
        finding["severity"] or "not graded",
        plain(problem_of(finding, with_mechanism=False) + worse),
        plain(words.advice),
        () if words.advice else tuple(map(plain, words.quotes)),
        tuple(plain(line) for line in below if line),
    )


def _reasons(finding: Finding) -> Iterator[str]:
    """The mechanism in a line, who says so, and with which severity where they differ."""
    for line in list(path_lines(finding))[:1]:
        yield f"{line.removesuffix(':')}."
    names = dict.fromkeys(source_name(said["source"]) for said in finding["evidence"])
    if names:
        yield f"Sources: {', '.join(names)}."
    differing = stated_severities(finding)
    if differing:
        yield f"Severity by source: {differing}."


def _conditions(finding: Finding) -> Iterator[str]:
    """Conditions that hold, and those of which nothing is known here."""
    for present, title in ((True, "Holds here"), (None, "Not known here")):
        told = conditions_told(finding, present=present)
        if told:
            yield f"{title}: {'; '.join(told)}."


def _brief(finding: Finding) -> Block:
    return Block(finding["severity"] or "not graded", plain(problem_of(finding)))


def _guesses(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for finding in by_change_of(answer["findings"])["predicted"]:
        yield f"{finding['probability']:.1%}", plain(guess_of(finding))


def _alternatives(
    answer: Mapping[str, Any],
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    places: dict[str, list[tuple[str, str]]] = {}
    for alternative in answer.get("alternatives", ()):
        word, line = alternative_words(alternative)
        places.setdefault(alternative["instead_of"]["name"], []).append((word, plain(line)))
    yield from ((plain(name), tuple(offered)) for name, offered in places.items())


def _made_from(answer: Mapping[str, Any]) -> str:
    model = answer.get("model")
    return f"Graph {answer['graph']['id']}; " + (f"model {model['id']}" if model else "no model")
