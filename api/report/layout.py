"""What stands on a medication report, in order, before it becomes HTML or PDF.

Nothing is decided here: every sentence is that of the answer, in the words of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
    UNKNOWN,
    Finding,
    mechanism_of,
    own_words,
    path_lines,
    plain,
    problem_of,
    source_name,
    stated_severities,
)
from api.cli.question import Answered
from api.notes import AT_THE_FOOT, NOT_CHECKED, OF_ALL
from api.report.medicines import Line, lines_of, parted, question_of

TITLE = "Medication report"
NOT_SHOWN = (
    'Not printed: slight findings that are counted above, unless "all": true asks for them; '
    "references, conditions that this patient does not meet, the steps of mechanisms, and what "
    "sources say in their own words where advice stands. The answer of POST /v1/screen holds them."
)
_LITTLE = "Little is known of"
"""How the note begins that names alternatives; what it says stands beside each of them."""
_GRAVE: frozenset[str | None] = frozenset({"contraindicated", "major"})
_MILD: frozenset[str | None] = frozenset({"moderate", "minor", None})
_FEW = 4
"""Of how many findings that take a line each there is room for the advice."""
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
    remarks, foot = _told(answer)
    sections = tuple(_sections(answered, in_full=in_full))
    coverage = list(coverage_lines(answer, None))
    return Report(
        question=plain(question_of(answer)),
        date=plain(date),
        warnings=tuple(map(plain, _warnings(answer, coverage))),
        remarks=tuple(map(plain, remarks)),
        facts=tuple((label, plain(value)) for label, value in _facts(answered.body)),
        lines=tuple(lines_of(answered)),
        summary=_summary(answer, in_full=in_full),
        sections=sections,
        guesses=tuple(_guesses(answer)),
        alternatives=tuple(_alternatives(answer)),
        coverage=tuple(plain(line) for line, is_warning in coverage if not is_warning),
        sources=tuple(
            plain(f"{source_name(s)} {v}: {licence}") for s, v, licence in sources_used(answer)
        ),
        made_from=_made_from(answer),
        notes=tuple(plain(note) for note in [*foot, NOT_SHOWN]),
        disclaimer=plain(answer["disclaimer"]),
    )


def _warnings(answer: Mapping[str, Any], coverage: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """What was not checked."""
    yield from (not_identified(e) for e in answer["taking"] if e["status"] != "resolved")
    yield from (line for line, is_warning in coverage if is_warning)


def _told(answer: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Part what a reader must know before the findings from what stands at the foot."""
    notes = [n for n in answer["notes"] if not n.startswith((NOT_CHECKED, OF_ALL, _LITTLE))]
    before, read = parted((n for n in notes if not n.startswith(AT_THE_FOOT)), answer)
    foot = [note for note in notes if note.startswith(AT_THE_FOOT)]
    return before, [*read, *foot]


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
        name = lab.get("name") or f"LOINC {lab['loinc']}"
        yield name[:1].upper() + name[1:], f"{_said(lab['value'])} {lab.get('unit') or ''}".strip()


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _summary(answer: Mapping[str, Any], *, in_full: bool) -> str:
    """Say how many findings are printed and not, or that there is none, which is no all-clear."""
    now = [
        finding
        for finding in answer["findings"]
        if finding["change"] != "resolved" and finding["kind"] != "predicted_effect"
    ]
    if not now:
        return "The loaded sources state no finding here; that does not make the combination safe."
    printed = [finding for finding in now if in_full or not finding["folded"]]
    counts = [
        (sum(f["severity"] == severity for f in printed), severity or "not graded")
        for severity in ("contraindicated", "major", "moderate", "minor", None)
    ]
    told = ", ".join(f"{count} {word}" for count, word in counts if count) or "none to print"
    more = len(now) - len(printed)
    return f"Findings: {told}" + (f"; {more} more are counted and not printed." if more else ".")


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
        brief = _brief_in(part, unfolded=unfolded)
        stays = part == "unchanged"
        named = f"Genes: {title.lower()}"
        yield from _section(title, others, brief=brief, in_full=in_full, stays=stays)
        yield from _section(named, genes, brief=brief, in_full=in_full, stays=stays)


def _brief_in(part: str, *, unfolded: bool) -> Set[str | None]:
    """Severities of which a part tells the problem alone; of grave ones that stay it tells all."""
    if part in {"improved", "resolved"}:
        return _GRAVE | _MILD
    return _MILD if part == "unchanged" and not unfolded else frozenset()


def _section(
    title: str, findings: Sequence[Finding], *, brief: Set[str | None], in_full: bool, stays: bool
) -> Iterator[Section]:
    """Lay out one part; findings of the severities of ``brief`` take a line each.

    Of a few that stay what to do is told as well.
    """
    if not findings:
        return
    shown = [finding for finding in findings if in_full or not finding["folded"]]
    folded = [finding for finding in findings if finding["folded"]] if not in_full else []
    is_few = stays and sum(f["severity"] in brief for f in shown) <= _FEW
    blocks = tuple(
        _brief(f, with_advice=is_few) if f["severity"] in brief else _block(f) for f in shown
    )
    aside = f"{folded_counts(folded)} (not printed)" if folded else ""
    yield Section(
        f"{title} ({len(blocks) or 'none to print'})",
        blocks,
        f"{len(folded)} more: {aside}" if aside else "",
    )


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
    mechanism = mechanism_of(finding)
    known = list(path_lines(finding))[:1] if mechanism == UNKNOWN else [mechanism]
    yield from (f"{line}." for line in known)
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


def _brief(finding: Finding, *, with_advice: bool) -> Block:
    advice = plain(own_words(finding).advice) if with_advice else ""
    return Block(finding["severity"] or "not graded", plain(problem_of(finding)), advice)


def _guesses(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for finding in by_change_of(answer["findings"])["predicted"]:
        yield f"{finding['probability']:.1%}", plain(guess_of(finding))


def _alternatives(
    answer: Mapping[str, Any],
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    places: dict[str, list[tuple[str, str]]] = {}
    for alternative in answer["alternatives"]:
        word, line = alternative_words(alternative)
        places.setdefault(alternative["instead_of"]["name"], []).append((word, plain(line)))
    yield from ((plain(name), tuple(offered)) for name, offered in places.items())


def _made_from(answer: Mapping[str, Any]) -> str:
    model = answer.get("model")
    return f"Graph {answer['graph']['id']}; " + (f"model {model['id']}" if model else "no model")
