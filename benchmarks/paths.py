"""Do the paths of two drugs tell what is known of them, and how fast?

``python -m benchmarks.paths`` takes the preferred graph under ``COPRESCRIBE_HOME`` (``artifacts``
when unset) and prints three tables. Pairs of ANSM rules whose text names an enzyme or a
transporter: how often the first path goes through it. Pairs that a source contraindicates whoever
takes them, against random pairs: AUROC of the weight of their paths. Times of both. No stated
interaction takes part in a path. 3 minutes of one core on ``full``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.artifact import find_graph, graph_of, open_artifact
from kg.graph import KnowledgeGraph
from kg.metapaths.engine import Metapaths, metapaths_of
from kg.metapaths.links import Reason
from kg.metapaths.ways import Way
from kg.model import Evidence
from kg.screening.documented import forbids
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate

HOME = Path(os.environ.get("COPRESCRIBE_HOME", "artifacts"))
ANSM = "infores:ansm"
PROTEINS: Mapping[str, str] = {
    r"CYP\s?3A4": "CYP3A4",
    r"CYP\s?2D6": "CYP2D6",
    r"CYP\s?2C19": "CYP2C19",
    r"CYP\s?2C9": "CYP2C9",
    r"CYP\s?2C8": "CYP2C8",
    r"CYP\s?2B6": "CYP2B6",
    r"CYP\s?1A2": "CYP1A2",
    r"P-?gp|glycoprot[ée]ine[- ]P": "ABCB1",
    r"BCRP": "ABCG2",
    r"OATP\s?1B1": "SLCO1B1",
    r"OCT\s?2": "SLC22A2",
    r"OAT\s?3": "SLC22A8",
    r"xanthine[- ]oxydase": "XDH",
    r"dihydropyrimidine d[ée]shydrog[ée]nase": "DPYD",
}
"""What a French text calls a protein, and the symbol of its gene."""
Pair = tuple[Curie, Curie]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Named:
    """A pair of a rule whose text names a protein."""

    rule: str
    pair: Pair
    symbol: str


def main() -> None:
    """Print all tables."""
    told = _arguments()
    graph = graph_of(open_artifact(find_graph(HOME, told.graph)))
    began = time.perf_counter()
    paths = metapaths_of(graph)
    sys.stdout.write(
        f"graph {graph.id}: {len(paths.index.drugs):,} drugs with a way, index "
        f"{paths.index.nbytes / 1e6:.1f} MB in {time.perf_counter() - began:.2f} s\n\n"
    )
    rng = np.random.default_rng(told.seed)
    named, forbidden, stated = _stated(graph)
    sys.stdout.writelines(_ansm(graph, paths, named))
    sys.stdout.writelines(_against_random(graph, paths, forbidden, stated, told.pairs, rng))
    sys.stdout.writelines(_times(graph, paths, forbidden, rng))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graph", help="a graph by name; the preferred one when left out")
    parser.add_argument("--pairs", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _stated(graph: KnowledgeGraph) -> tuple[list[Named], list[Pair], frozenset[Pair]]:
    """Pairs whose ANSM text names a protein, contraindicated pairs, and all that are stated."""
    named: set[tuple[str, Pair, str]] = set()
    forbidden: set[Pair] = set()
    stated: set[Pair] = set()
    for node in graph.nodes(Category.DRUG_PAIR):
        said = [
            evidence
            for edge in graph.edges_from(node.curie, Predicate.CONTRIBUTES_TO)
            for evidence in edge.evidence
        ]
        if not said:
            continue
        drugs = [e.object for e in graph.edges_from(node.curie, Predicate.HAS_PARTICIPANT)]
        first, second = sorted(drugs, key=str)
        stated.add((first, second))
        if any(map(forbids, said)):
            forbidden.add((first, second))
        named.update((rule, (first, second), s) for rule, s in _proteins(said))
    rows = sorted(named, key=str)
    return [Named(*row) for row in rows], sorted(forbidden, key=str), frozenset(stated)


def _proteins(said: Sequence[Evidence]) -> Iterator[tuple[str, str]]:
    for evidence in said:
        if evidence.source == ANSM and evidence.primary and evidence.statement:
            text = f"{evidence.statement} {evidence.text or ''}"
            for pattern, symbol in PROTEINS.items():
                if re.search(pattern, text, re.IGNORECASE):
                    yield evidence.statement, symbol


def _ansm(graph: KnowledgeGraph, paths: Metapaths, named: Sequence[Named]) -> Iterator[str]:
    rows = [_row(graph, paths, each) for each in named]
    frame = pd.DataFrame(rows, columns=["rule", "pair", "symbol", "joined", "first", "three"])
    yield f"ANSM: {len(frame):,} pairs and proteins of {frame['rule'].nunique()} rules name one; "
    yield f"both edges are in the graph of {int(frame['joined'].sum()):,}\n\n"
    yield "| unit | n | first path goes through it | one of the first three |\n|---|---|---|---|\n"
    joined = frame[frame["joined"]]
    # A text that names two proteins is right with either of them.
    by_pair = joined.groupby(["rule", "pair"])[["first", "three"]].max()
    by_rule = by_pair.groupby("rule")[["first", "three"]].mean()
    for name, cells in (("pair", by_pair), ("rule, mean of its pairs", by_rule)):
        first, three = (cells[c].mean() for c in ("first", "three"))
        yield f"| {name} | {len(cells):,} | {first:.1%} | {three:.1%} |\n"
    yield "\n| protein | pairs | first path |\n|---|---|---|\n"
    for symbol, part in joined.groupby("symbol"):
        yield f"| {symbol} | {len(part):,} | {part['first'].mean():.1%} |\n"
    yield "\nrules with the lowest share:\n"
    for rule, share in by_rule["first"].sort_values().head(12).items():
        n_pairs = int((by_pair.index.get_level_values("rule") == rule).sum())
        yield f"- {rule}: {share:.0%} of {n_pairs}\n"
    yield "\n"


def _row(
    graph: KnowledgeGraph, paths: Metapaths, named: Named
) -> tuple[str, str, str, bool, bool, bool]:
    reasons = paths.reasons(*named.pair, 3)
    through = [_symbol(graph, reason) == named.symbol for reason in reasons]
    joined = _is_joined(graph, paths, named)
    pair = " ".join(map(str, named.pair))
    return named.rule, pair, named.symbol, joined, any(through[:1]), any(through)


def _symbol(graph: KnowledgeGraph, reason: Reason) -> str:
    return graph.name(reason.through)


def _is_joined(graph: KnowledgeGraph, paths: Metapaths, named: Named) -> bool:
    """Tell whether one drug acts on the protein and the other depends on it."""
    acts = (Way.INHIBITS, Way.INDUCES)
    for one, other in (named.pair, named.pair[::-1]):
        acting = {s for way in acts for s in _around(graph, paths, one, way)}
        if named.symbol in acting & set(_around(graph, paths, other, Way.DEPENDS_ON)):
            return True
    return False


def _around(graph: KnowledgeGraph, paths: Metapaths, drug: Curie, way: Way) -> Iterator[str]:
    place = paths.index.drug_at(graph.place(drug))
    if place is not None:
        ends = paths.index.nodes[paths.index.ways[way].around(place)]
        yield from (graph.name(paths.curie(int(end))) for end in ends)


def _against_random(
    graph: KnowledgeGraph,
    paths: Metapaths,
    forbidden: Sequence[Pair],
    stated: frozenset[Pair],
    count: int,
    rng: np.random.Generator,
) -> Iterator[str]:
    chosen = [forbidden[i] for i in rng.permutation(len(forbidden))[:count]]
    drugs = sorted({drug for pair in stated for drug in pair}, key=str)
    same = [drug for pair in chosen for drug in pair]
    draws = {
        "random pairs of drugs with a stated interaction": _random(drugs, stated, count, rng),
        "the same drugs paired at random": _random(same, stated, count, rng),
    }
    scores: Mapping[str, Callable[[Curie, Curie], float]] = {
        "weight of the paths": paths.weight,
        "number of paths": lambda a, b: float(sum(t.paths for t in paths.tallies(a, b))),
    }
    known = [all(map(paths.covers, pair)) for pair in chosen]
    yield f"Contraindicated: {len(forbidden):,} pairs, {len(chosen):,} drawn; of "
    yield f"{sum(known):,} both drugs have a way\n\n"
    yield "| against | score | AUROC | where both have a way | median | reached by random |\n"
    yield "|---|---|---|---|---|---|\n"
    for name, score in scores.items():
        positive = np.array([score(*pair) for pair in chosen])
        for against, pairs in draws.items():
            negative = np.array([score(*pair) for pair in pairs])
            with_ways = np.array([all(map(paths.covers, pair)) for pair in pairs])
            median = float(np.median(positive))
            reached = float((negative >= median).mean())
            areas = auroc(positive, negative), auroc(positive[known], negative[with_ways])
            cells = (against, name, *(f"{a:.3f}" for a in areas), f"{median:.2f}", f"{reached:.1%}")
            yield f"| {' | '.join(cells)} |\n"
    yield "\n"


def _random(
    drugs: Sequence[Curie], stated: frozenset[Pair], count: int, rng: np.random.Generator
) -> list[Pair]:
    """Pairs of which nothing is stated."""
    found: list[Pair] = []
    while len(found) < count:
        one, other = sorted((drugs[i] for i in rng.integers(len(drugs), size=2)), key=str)
        if one != other and (one, other) not in stated:
            found.append((one, other))
    return found


def auroc(positive: Floats, negative: Floats) -> float:
    """Share of pairs of a positive and a negative in which the positive is higher; ties half."""
    ranks = pd.Series(np.concatenate((positive, negative))).rank().to_numpy()
    above = float(ranks[: len(positive)].sum()) - len(positive) * (len(positive) + 1) / 2
    return above / (len(positive) * len(negative))


def _times(
    graph: KnowledgeGraph, paths: Metapaths, forbidden: Sequence[Pair], rng: np.random.Generator
) -> Iterator[str]:
    drugs = sorted({drug for pair in forbidden for drug in pair}, key=str)
    picked = [forbidden[i] for i in rng.permutation(len(forbidden))[:2_000]]
    draws = {"contraindicated": picked, "random": _random(drugs, frozenset(), 2_000, rng)}
    yield "| 2,000 pairs, second round | wall p50 | p99 | CPU p50 | p99 |\n|---|---|---|---|---|\n"
    questions: Mapping[str, Callable[[Curie, Curie], object]] = {
        "ten reasons": paths.reasons,
        "counts and how unusual": paths.tallies,
    }
    for name, ask in questions.items():
        for kind, pairs in draws.items():
            _timed(ask, pairs)
            wall, cpu = _timed(ask, pairs)
            cells = (f"{q:.2f} ms" for s in (wall, cpu) for q in np.quantile(s, (0.5, 0.99)) * 1e3)
            yield f"| {name}, {kind} | {' | '.join(cells)} |\n"
    yield f"\npermuted graphs and cells: {paths.null.nbytes / 1e6:.1f} MB\n"


def _timed(ask: Callable[[Curie, Curie], object], pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
    wall, cpu = np.zeros(len(pairs)), np.zeros(len(pairs))
    for place, pair in enumerate(pairs):
        begun = time.perf_counter(), time.process_time()
        ask(*pair)
        wall[place], cpu[place] = time.perf_counter() - begun[0], time.process_time() - begun[1]
    return wall, cpu


if __name__ == "__main__":
    main()
