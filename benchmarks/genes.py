"""Whether genes are read as the tables, the guidelines and a PharmCAT report say.

``python benchmarks/genes.py --home HOME --data DIR [--pypgx DIR] [--report FILE]`` prints JSON:

- ``tables``: phenotypes concluded from diplotypes against every row of ``DIR/phenotype``;
- ``pypgx``: the same diplotypes read by the tables of PyPGx (its raw files), gene by gene;
- ``guidelines``: recommendations of the graph that some result of these tables leads to;
- ``report``: recommendations that a PharmCAT report lists and that the engine finds for it.

Nothing is written. It ends with 1 where a row of the tables is not reproduced.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.genes_pypgx import pypgx_rows
from benchmarks.genes_report import compared_report
from kg.artifact import open_graph
from kg.graph import KnowledgeGraph
from kg.phenotype_rules import NOT_TESTED
from kg.screening.genotype import GENOTYPE_ERRORS, GenePhenotype, Genotypes
from kg.screening.lookup import GeneLookup, gene_lookups

SAME_WORDS = {
    "favorable response": "ivacaftor responsive in cf patients",
    "unfavorable response": "ivacaftor non-responsive in cf patients",
}
"""How PyPGx writes the two phenotypes of CFTR, and how CPIC does."""


def main() -> int:
    """Print the comparison; give 1 where a row of the tables is not reproduced."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="home of a graph")
    parser.add_argument("--graph", help="graph by name; the preferred one when left out")
    parser.add_argument("--data", type=Path, required=True, help="folder with phenotype/")
    parser.add_argument("--pypgx", type=Path, help="folder with the tables of PyPGx")
    parser.add_argument("--report", type=Path, help="a report.json of PharmCAT, plain or .gz")
    arguments = parser.parse_args()
    graph = open_graph(arguments.home, arguments.graph)
    genotypes = Genotypes(graph)
    tables = list(_tables(arguments.data / "phenotype"))
    told: dict[str, Any] = {"graph": graph.id, "tables": compared_tables(genotypes, tables)}
    if arguments.pypgx:
        told["pypgx"] = compared_pypgx(genotypes, pypgx_rows(arguments.pypgx))
    told["guidelines"] = reached(graph, genotypes, tables)
    if arguments.report:
        told["report"] = compared_report(arguments.report.read_bytes(), graph, genotypes)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if told["tables"]["wrong"] else 0


def compared_tables(
    genotypes: Genotypes, tables: Iterable[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    """Rows of the tables of which phenotype and activity score are reproduced, and the others."""
    rows, agree = 0, 0
    wrong: list[str] = []
    for gene, row in tables:
        rows += 1
        try:
            found = genotypes.phenotype(gene, row["diplotype"])
        except GENOTYPE_ERRORS as error:
            wrong.append(str(error))
            continue
        if found.phenotype == row["generesult"] and _same_score(found, row):
            agree += 1
        else:
            wrong.append(f"{gene} {row['diplotype']}: {found.phenotype}, not {row['generesult']}")
    return {"rows": rows, "agree": agree, "wrong": wrong}


def compared_pypgx(
    genotypes: Genotypes, rows: Iterable[tuple[str, str, str]]
) -> dict[str, dict[str, Any]]:
    """Agreement with the diplotypes of PyPGx by gene.

    ``unknown`` counts diplotypes with an allele that the graph's table of the gene does not list,
    ``undecided`` those that one side calls indeterminate; ``differ`` shows up to three examples.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, list[str]] = defaultdict(list)
    for gene, diplotype, stated in rows:
        outcome = _outcome(genotypes, gene, diplotype, stated)
        counts[gene][outcome] += 1
        if outcome == "differ" and len(examples[gene]) < 3:
            examples[gene].append(f"{diplotype}: PyPGx {stated}")
    return {
        gene: {
            **counted,
            "share": round(counted["agree"] / max(1, counted["agree"] + counted["differ"]), 4),
            **({"examples": examples[gene]} if examples[gene] else {}),
        }
        for gene, counted in sorted(counts.items())
    }


def reached(
    graph: KnowledgeGraph, genotypes: Genotypes, tables: Iterable[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    """Recommendations of the graph to which some result leads; those that none leads to."""
    results: dict[str, dict[tuple[str, float | None], GenePhenotype]] = defaultdict(dict)
    for gene, row in tables:
        try:
            found = genotypes.phenotype(gene, row["diplotype"])
        except GENOTYPE_ERRORS:
            continue
        results[gene][found.phenotype, found.activity_score] = found
    edges = [edge for rules in genotypes.genes.values() for edge in rules.recommendations]
    asking = [(edge, lookups) for edge in edges if (lookups := _asking(graph, edge))]
    statements = Counter(e.source for edge, _ in asking for e in edge.evidence)
    missed = [
        str(edge.evidence[0].statement)
        for edge, lookups in asking
        if not all(_is_reached(lookup, genotypes, results) for lookup in lookups)
    ]
    return {
        "recommendations": len(asking),
        "statements": dict(sorted(statements.items())),
        "of_variants_alone": len(edges) - len(asking),
        "missed": sorted(missed),
    }


def _asking(graph: KnowledgeGraph, edge: Any) -> tuple[GeneLookup, ...]:
    lookups = gene_lookups(graph, edge)
    return lookups if any(lookup.phenotype or lookup.diplotype for lookup in lookups) else ()


def _is_reached(
    lookup: GeneLookup,
    genotypes: Genotypes,
    results: Mapping[str, Mapping[tuple[str, float | None], GenePhenotype]],
) -> bool:
    if lookup.phenotype == NOT_TESTED:
        return True
    if lookup.symbol.startswith("HLA-"):
        allele, _, result = (lookup.phenotype or "").partition(" ")
        carried = allele if result == "positive" else "*99:99"
        return lookup.holds(genotypes.phenotype(lookup.symbol, f"{carried}/*99:98"))
    if lookup.diplotype:
        return lookup.holds(genotypes.phenotype(lookup.symbol, lookup.diplotype))
    if any(lookup.holds(result) for result in results.get(lookup.symbol, {}).values()):
        return True
    return lookup.holds(genotypes.stated(lookup.symbol, lookup.phenotype or ""))


def _outcome(genotypes: Genotypes, gene: str, diplotype: str, stated: str) -> str:
    try:
        found = genotypes.phenotype(gene, diplotype).phenotype
    except GENOTYPE_ERRORS:
        return "unknown"
    if _bare(gene, found) == _bare(gene, stated):
        return "agree"
    undecided = {"indeterminate"} & {_bare(gene, found), _bare(gene, stated)}
    return "undecided" if undecided else "differ"


def _bare(gene: str, phenotype: str) -> str:
    bare = phenotype.casefold().removeprefix(gene.casefold()).strip()
    return SAME_WORDS.get(bare, bare) if gene == "CFTR" else bare


def _same_score(found: GenePhenotype, row: Mapping[str, Any]) -> bool:
    stated = row.get("activityScore")
    if stated in {None, "n/a"}:
        return found.activity_score is None
    return found.activity_score == float(str(stated).removeprefix("≥"))


def _tables(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.json.gz")):
        table = json.loads(gzip.decompress(path.read_bytes()))
        for row in table["diplotypes"]:
            yield table["gene"], row


if __name__ == "__main__":
    sys.exit(main())
