"""How several findings become one: the worse severity counts, and no evidence is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.model import Severity, worst
from kg.screening.documented import ADVICE, WEIGH, headline
from kg.screening.effects import GENERAL
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Finding, FindingKind, Instruction, Mechanism

Order = tuple[int, bool, str, str, tuple[str, ...]]

SLOWER = frozenset({"enzyme_inhibition", "transporter"})
"""Two ways to slow the elimination of a drug, which sources do not always tell apart."""
_ALIKE = (SLOWER, frozenset({"transporter", "renal_excretion"}))
"""Kinds of mechanism that sources do not always tell apart: the kidney excretes by transporters."""
_QUOTE = " «"
_DOSES = ("Give a ", "Give half", "Halve ", "Lower ", "Reduce ")
"""How an instruction starts that sets a dose."""
_PROHIBITS = ("Avoid", "Do not", "Give no", "Never", "No ")
"""How an instruction starts that prohibits."""
_FORBIDS, *_LESSER = (ADVICE[severity] for severity in sorted(ADVICE, key=lambda s: -s.rank))

_RANKS: Mapping[Severity | None, int] = {None: 0} | {each: each.rank for each in Severity}


def rank(finding: Finding) -> int:
    """0 for a finding that nobody grades, 1 for minor up to 4 for contraindicated."""
    return _RANKS[finding.severity]


def kind_of(finding: Finding) -> str | None:
    """Class of the mechanism; ``None`` where it is not known."""
    kind = finding.mechanism.kind if finding.mechanism else None
    return None if kind == "unknown" else kind


def is_alike(one: str | None, other: str | None) -> bool:
    """Tell whether two kinds of mechanism may be one that sources call by two names."""
    return one == other or {one, other} in _ALIKE


def name_of(finding: Finding) -> str:
    """Name of the mechanism, empty where there is none."""
    return finding.mechanism.name if finding.mechanism else ""


def order(finding: Finding) -> Order:
    """Sort key by which the gravest comes first, then what names a harm, then by the alphabet."""
    sides = tuple(map(str, finding.affected))
    effect = str(finding.effect)
    return (-rank(finding), finding.effect in GENERAL, effect, name_of(finding), sides)


def united(group: Sequence[Finding]) -> Finding:
    """Make one finding of several: the first in :func:`order`, with what all the others bring."""
    if len(group) == 1:
        return group[0]
    first, *others = sorted(group, key=order)
    return taken_in(first, others)


def taken_in(home: Finding, others: Iterable[Finding]) -> Finding:
    """Let a finding take others in: effect, sides and mechanism stay as they are.

    The recommendation is that of the gravest that has one, its own where it is as grave.
    """
    parts = (home, *others)
    return replace(
        home,
        severity=severity_of(parts),
        evidence=tuple(dict.fromkeys(e for finding in parts for e in finding.evidence)),
        modifiers=tuple(dict.fromkeys(m for finding in parts for m in finding.modifiers)),
        recommendation=advice_of(parts),
        instruction=instruction_of(parts),
    )


def severity_of(parts: Sequence[Finding]) -> Severity | None:
    """The worst severity of some findings.

    Where a rule about the very two drugs holds them for harmless, or says with what care they go
    together, a source that grades them without a word of why or what to do does not count.
    """
    told = instruction_of(parts)
    if told is None or not told.settles:
        return worst(finding.severity for finding in parts)
    return worst((told.severity, *map(_said_severity, parts)))


def _said_severity(finding: Finding) -> Severity | None:
    """The severity that a finding has by what its sources explain and we conclude."""
    if not is_only_listed(finding):
        return finding.severity
    own = (e for e in finding.evidence if e.source == OWN_SOURCE or e.text or e.recommendation)
    return worst(headline(evidence) for evidence in own)


def instruction_of(parts: Iterable[Finding]) -> Instruction | None:
    """The gravest instruction of findings about one pair of drugs; of those as grave, the first."""
    every = list(parts)
    if any(f.kind is not FindingKind.DRUG_DRUG or f.among != every[0].among for f in every):
        return None
    told = [f.instruction for f in every if f.instruction]
    return max(told, key=lambda each: each.severity.rank, default=None)


def advice_of(parts: Sequence[Finding]) -> str | None:
    """Recommendation of the gravest finding that has one; of those as grave, of the first.

    An instruction about the very two drugs goes before what is as grave, and before what is graver
    in a bare list alone; it stands behind a contraindication that it does not share. Our general
    words for a level, unless they forbid the combination, make way for advice of ours or of a
    source where the level is only listed, and for how to space two drugs in the day. A source's own
    words stay behind that.
    """
    told = instruction_of(parts)
    advising = [f for f in sorted(parts, key=lambda f: -rank(f)) if f.recommendation]
    if told and told.severity is severity_of(parts):
        return _instructed(told.text, advising)
    if not advising or str(advising[0].recommendation).startswith(_FORBIDS):
        return _prohibition(advising) or _forbidden(advising[0], told) if advising else None
    saying = [f for f in advising if own_advice(f) or not is_only_listed(f)] or advising
    if told and told.severity.rank >= rank(saying[0]):
        return _instructed(told.text, saying)
    said = saying[0].recommendation or ""
    general = next((advice for advice in _LESSER if said.startswith(advice)), None)
    spacing = (own_advice(f) for f in advising if kind_of(f) == "absorption")
    instead = next(filter(None, spacing), None) if general else None
    return instead + said.removeprefix(general or "") if instead else said


def _instructed(text: str, advising: Sequence[Finding]) -> str:
    """An instruction, behind the prohibition of a source where it does not prohibit by itself."""
    forbids = any(str(f.recommendation).startswith(_FORBIDS) for f in advising)
    said = f"{_FORBIDS} {text}" if forbids and not text.startswith(_PROHIBITS) else text
    return said + _quoted(advising[0]) if advising else said


def _quoted(finding: Finding) -> str:
    """A source's own words behind a recommendation, with the blank before them."""
    said = finding.recommendation or ""
    return said[said.index(_QUOTE) :] if _QUOTE in said else ""


def _prohibition(advising: Sequence[Finding]) -> str | None:
    """A prohibition of ours that says more, such as the time to leave between the two drugs."""
    first = advising[0]
    grave = (own_advice(finding) for finding in advising if rank(finding) == rank(first))
    said = next((advice for advice in grave if advice and advice.startswith(_FORBIDS[:-1])), None)
    return said and said + _quoted(first)


def _forbidden(finding: Finding, told: Instruction | None) -> str | None:
    """A prohibition, and the dose that a rule of ours sets for those who combine all the same."""
    said = finding.recommendation or ""
    if told is None or told.severity is not Severity.MAJOR or not told.text.startswith(_DOSES):
        return said
    dose = told.text[0].lower() + told.text[1:]
    return f"{_FORBIDS} Where both are needed all the same: {dose}{_quoted(finding)}"


def own_advice(finding: Finding) -> str | None:
    """What a rule of ours advises, without the words of a source; ``None`` for general words."""
    said = (finding.recommendation or "").split(_QUOTE)[0]
    is_general = said.startswith((_FORBIDS, *_LESSER)) or said.endswith(WEIGH)
    return said if said and not is_general else None


def is_only_listed(finding: Finding) -> bool:
    """Tell whether the sources of a severity list it without a word of why or what to do."""
    return not any(
        e.text or e.recommendation
        for e in finding.evidence
        if _RANKS[headline(e)] >= max(rank(finding), 1)
    )


def _is_bare(finding: Finding) -> bool:
    path = finding.mechanism.path if finding.mechanism else ()
    return all(step.predicate == "contributes to" for step in path)


def _class_of(finding: Finding) -> str | None:
    kind = kind_of(finding)
    return "slower" if any(kind in alike for alike in _ALIKE) else kind


def combined(findings: Iterable[Finding]) -> Mechanism | None:
    """Join mechanisms: all names, the kind of the first, every step once.

    One that is not known is left out where another is, and one that names its class alone where
    another of that class says through what.
    """
    every = [f for f in findings if f.mechanism]
    known = [f for f in every if kind_of(f)] or every
    shown = {_class_of(f) for f in known if not _is_bare(f)}
    known = [f for f in known if not _is_bare(f) or _class_of(f) not in shown]
    if not known:
        return None
    steps = dict.fromkeys(s for f in known if f.mechanism for s in f.mechanism.path)
    first = known[0].mechanism
    names = dict.fromkeys(map(name_of, known))
    return Mechanism(" and ".join(names), first.kind if first else None, tuple(steps))
