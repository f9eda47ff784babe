"""What a graph still finds of a source that was left out of it.

A pair counts as found when any finding that is no prediction involves both drugs, and as found by
mechanisms and liabilities when an exposure change, an absorption change or an additive effect that
no documented interaction states does so. Drugs of which the smaller graph knows nothing are not
counted. Many curated rows cite the very source that is left out: ``strict`` figures are without the
rows, and without the findings, that rest on nothing else.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from api.state import standard_panel
from benchmarks.screening_graphs import (
    LeftOut,
    Pair,
    atc_groups,
    covered,
    graph_of_tables,
    in_other_graph,
    pairs_of,
    tables_without,
    without_rows_resting_on,
)
from kg.fetch import Progress
from kg.graph import KnowledgeGraph
from kg.rules.patients import open_patient_rules
from kg.screening.detector import Detector
from kg.screening.documented import DocumentedInteractions
from kg.screening.engine import Question, screen
from kg.screening.finding import Finding, FindingKind
from kg.screening.genotype import Genotypes
from kg.screening.patient import Regimen
from kg.tables import Tables, split
from ontologies.curie import Curie

MOST_PAIRS = 20_000
"""Pairs that are asked at most; of more, a sample."""
SEED = 4
CONCLUDED = frozenset({FindingKind.DRUG_DRUG, FindingKind.ADDITIVE_EFFECT})
FOUND_GOAL, CONCLUDED_GOAL = 0.85, 0.45
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Search:
    """A graph with two panels: all detectors, and those that conclude from facts of each drug."""

    graph: KnowledgeGraph
    panel: tuple[Detector, ...]
    concluding: tuple[Detector, ...]
    references: frozenset[str]

    @classmethod
    def of(cls, graph: KnowledgeGraph, references: frozenset[str]) -> Search:
        """Open both panels on a graph; findings that rest on ``references`` alone do not count."""
        panel = standard_panel(graph, Genotypes(graph), open_patient_rules(graph), None)
        concluding = tuple(d for d in panel if not isinstance(d, DocumentedInteractions))
        return cls(graph, panel, concluding, references)

    def found(self, pair: Pair) -> tuple[bool, bool]:
        """Tell whether the pair is found, and whether by mechanisms and liabilities alone."""
        every = self._findings(pair, self.panel)
        concluded = self._findings(pair, self.concluding)
        return bool(every), any(finding.kind in CONCLUDED for finding in concluded)

    def _findings(self, pair: Pair, panel: Sequence[Detector]) -> list[Finding]:
        drugs = frozenset(map(Curie.parse, pair))
        screening = screen(Question(Regimen.of(sorted(drugs))), self.graph, panel)
        return [
            changed.finding
            for changed in screening.findings
            if drugs <= set(changed.finding.drugs) and self._counts(changed.finding)
        ]

    def _counts(self, finding: Finding) -> bool:
        if finding.kind is FindingKind.PREDICTED_EFFECT:
            return False
        cited = [set(split(evidence.reference or "")) for evidence in finding.evidence]
        return any(not cell or not cell <= self.references for cell in cited)


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the pairs are found: at all, and by mechanisms and liabilities."""

    title: str
    stated: int
    covered: int
    asked: tuple[Pair, ...]
    found: tuple[bool, ...]
    concluded: tuple[bool, ...]
    misses: tuple[tuple[str, int, int], ...]
    """Two ATC groups, pairs of them that are missed, and pairs of them."""

    @property
    def share_found(self) -> float:
        """Share of the pairs with a finding."""
        return sum(self.found) / len(self.asked)

    @property
    def share_concluded(self) -> float:
        """Share of the pairs that mechanisms and liabilities find."""
        return sum(self.concluded) / len(self.asked)


def recalls(
    left_out: LeftOut, stated: Tables, places: tuple[Path, Path], progress: Progress, workers: int
) -> list[Recall]:
    """Measure one source left out, with all rows of ours and strictly.

    ``places`` are the home for what is parsed and the user's folder of data.
    """
    tables = tables_without(left_out, *places, progress)
    pairs, same = pairs_of(stated, left_out), in_other_graph(stated, tables)
    references = left_out.references
    variants = {left_out.title: (tables, frozenset[str]())}
    if references:
        strict = without_rows_resting_on(tables, references)
        variants[f"{left_out.title}, strict"] = (strict, references)
    found = []
    for title, (held, refused) in variants.items():
        progress(f"asking: {title}")
        search = Search.of(graph_of_tables(title, held), refused)
        known = covered(search.graph, pairs, same)
        asked = sampled(known)
        told = ask(search, asked, workers)
        misses = missed_groups(held, asked, [every for every, _ in told])
        every, concluded = zip(*told, strict=True)
        found.append(Recall(title, len(pairs), len(known), asked, every, concluded, misses))
    return found


def sampled(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """All pairs, or as many as are asked at most, drawn with a fixed seed."""
    if len(pairs) <= MOST_PAIRS:
        return tuple(pairs)
    return tuple(sorted(random.Random(SEED).sample(pairs, MOST_PAIRS)))  # noqa: S311


_FORKED: list[Search] = []
"""What the processes inherit when they are forked: a graph is too large to be sent."""


def ask(search: Search, pairs: Sequence[Pair], workers: int) -> list[tuple[bool, bool]]:
    """Ask every pair in so many processes, in the order of the pairs."""
    _FORKED[:] = [search]
    chunks = [pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        told = [answer for part in pool.map(_asked, chunks) for answer in part]
    _FORKED.clear()
    return told


def missed_groups(
    tables: Tables, pairs: Sequence[Pair], found: Iterable[bool]
) -> tuple[tuple[str, int, int], ...]:
    """Pairs of ATC groups by the number of pairs that are missed, most first."""
    groups = atc_groups(tables, {drug for pair in pairs for drug in pair})
    every, missed = Counter[str](), Counter[str]()
    for pair, hit in zip(pairs, found, strict=True):
        key = " + ".join(sorted(groups.get(drug, "?") for drug in pair))
        every[key] += 1
        missed[key] += not hit
    ranked = sorted(missed.items(), key=lambda item: (-item[1], item[0]))
    return tuple((key, count, every[key]) for key, count in ranked if count)


def recall_table(measured: Iterable[Recall], most_groups: int = 12) -> str:
    """The measured shares as Markdown, with the groups of the most misses."""
    lines = [
        "| left out | pairs stated | both drugs covered | asked | found | by mechanisms and "
        "liabilities alone |",
        "|---|---|---|---|---|---|",
    ]
    told = list(measured)
    lines += [
        f"| {one.title} | {one.stated} | {one.covered} | {len(one.asked)} "
        f"| {one.share_found:.1%} (goal {FOUND_GOAL:.0%}) "
        f"| {one.share_concluded:.1%} (goal {CONCLUDED_GOAL:.0%}) |"
        for one in told
    ]
    lines += ["", "Pairs without any finding, by ATC groups (missed of asked):", ""]
    for one in told:
        listed = ", ".join(f"{key} {n}/{of}" for key, n, of in one.misses[:most_groups])
        lines.append(f"- {one.title}: {listed or 'none'}")
    return "\n".join(lines) + "\n"


def _asked(pairs: Sequence[Pair]) -> list[tuple[bool, bool]]:
    return [_FORKED[0].found(pair) for pair in pairs]
