"""One finding per clinical problem: who states it, what explains it and the burden in one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from kg.screening.burdens import joined_burdens, with_burdens, with_doubles
from kg.screening.effects import NO_FAMILIES, EffectFamilies
from kg.screening.finding import Finding, FindingKind
from kg.screening.joining import taken_in, united
from kg.screening.joint import with_joints
from kg.screening.own_harms import OwnHarms, nothing_known
from kg.screening.pairs import told_of
from kg.screening.recent import Recent
from ontologies.curie import Curie

Told = Recent[tuple[int, ...], tuple[Sequence[Finding], tuple[Finding, ...]]]
"""By the identities of findings: what was joined of them, for other lists in which they stand."""
PAIRS_KEPT = 16_384
"""Of how many pairs what was joined is kept for other lists."""
_PAIR = 2


def no_pairs() -> Told:
    """Nothing joined yet, with the room for what will be."""
    return Recent(PAIRS_KEPT)


_Joining = Callable[[Sequence[Finding]], tuple[Finding, ...]]


def merge(
    findings: Iterable[Finding],
    families: EffectFamilies = NO_FAMILIES,
    told: Told | None = None,
    harms: OwnHarms = nothing_known,
) -> tuple[Finding, ...]:
    """Join the findings that tell one problem.

    What is stated and concluded of the same drugs is joined by :func:`kg.screening.pairs.told_of`;
    a double treatment and a burden take in what is said of their drugs and is the same problem; a
    finding of drug, drug and gene the change of exposure that it comes of. A prediction is dropped
    where the same is stated or concluded. ``told`` keeps what was joined for a list that shares
    drugs with this one; ``harms`` are those of each drug by itself.
    """
    kinds: dict[FindingKind, list[Finding]] = {kind: [] for kind in FindingKind}
    for finding in findings:
        kinds[finding.kind].append(finding)
    joining = partial(told_of, families=families, harms=harms)
    known = no_pairs() if told is None else told
    pairs = with_joints(_pairs(kinds[FindingKind.DRUG_DRUG], joining, known))
    burdens = joined_burdens(kinds[FindingKind.ADDITIVE_EFFECT], families)
    doubles = _once(kinds[FindingKind.DUPLICATION])
    told_once = _with_genes(_once(kinds[FindingKind.DRUG_DRUG_GENE]), pairs)
    told_once = with_doubles(doubles, [*told_once, *burdens]) if doubles else [*told_once, *burdens]
    burdens = [f for f in told_once if f.kind is FindingKind.ADDITIVE_EFFECT]
    rest = [f for f in told_once if f.kind is not FindingKind.ADDITIVE_EFFECT]
    others = (*kinds[FindingKind.DRUG_GENE], *kinds[FindingKind.DRUG_CONDITION])
    stated = [*with_burdens(burdens, rest, families), *_once(others)]
    return (*stated, *_news(kinds[FindingKind.PREDICTED_EFFECT], stated, families))


def _pairs(findings: Iterable[Finding], joining: _Joining, told: Told) -> Iterator[Finding]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.among].append(finding)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        key = tuple(map(id, group))
        known = told.get(key) or told.put(key, (group, joining(group)))
        yield from known[1]


def _once(findings: Iterable[Finding]) -> list[Finding]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.id, []).append(finding)
    return [united(group) for group in groups.values()]


def _with_genes(converted: Sequence[Finding], pairs: Sequence[Finding]) -> list[Finding]:
    """Let what converts a phenotype take in the same change of exposure without the gene."""
    left, homes = list(pairs), []
    for finding in converted:
        taken = [f for f in left if _is_behind(f, finding)]
        left = [f for f in left if not any(f is other for other in taken)]
        homes.append(taken_in(finding, taken) if taken else finding)
    return [*homes, *left]


def _is_behind(finding: Finding, converted: Finding) -> bool:
    return (
        finding.effect is not None
        and finding.effect == converted.effect
        and finding.affected == converted.affected
        and set(finding.precipitants) <= set(converted.precipitants)
    )


def _news(
    guesses: Sequence[Finding], known: Sequence[Finding], families: EffectFamilies
) -> Iterator[Finding]:
    """Yield the predictions that say what nothing else says of the drugs."""
    guessed = {guess.among for guess in guesses}
    said: dict[str, list[set[Curie]]] = {}
    for finding in known if guesses else ():
        # What says something of a pair is of the pair itself, or of more drugs.
        if finding.among in guessed or len(finding.drugs) > _PAIR:
            said.setdefault(families.of(finding.effect), []).append(set(finding.drugs))
    for guess in guesses:
        if not any(
            drugs.issuperset(guess.drugs) for drugs in said.get(families.of(guess.effect), ())
        ):
            yield guess
