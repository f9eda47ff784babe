"""From two alleles to a phenotype: one JSON file for each gene, as PharmCAT packages CPIC's tables.

The diplotypes are not stored one by one. Genes with activity scores get one range of scores for
each phenotype; the others get rules by function, see `kg.phenotype_rules`. Whatever diplotype the
rules would get wrong stands beside them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from kg.phenotype_rules import compressed
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import asserted
from kg.sources.base_files import read_text
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

_GENES = (
    "2023-08-08_G6PD", "2023-12-19_RYR1", "2024-08-27_CYP2D6", "ABCG2", "CACNA1S", "CFTR", "CYP2B6",
    "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "DPYD", "IFNL3", "MT_RNR1", "NAT2", "NUDT15",
    "SLCO1B1", "TPMT", "UGT1A1", "VKORC1",
)  # fmt: skip
FILES = tuple(f"{gene}.json.gz" for gene in _GENES)
_MALE, _SEX_CHROMOSOME = "MALE", "Sex Chromosome"
"""What stands beside the one allele that a man has of a gene on X, in the words of CPIC."""
_ON_X, _MITOCHONDRIAL = frozenset({"G6PD"}), re.compile(r"MT-")
_NO_SCORE = frozenset({"", "n/a", "None"})
_SCORE = re.compile(r"(?P<least>≥)?(?P<score>\d+(?:\.\d+)?)")
_WHO_CLASS = re.compile(r"(?P<number>I{1,3}|IV|V)/(?P<name>.+)")
"""Class of a G6PD variant (World Health Organization), written `II/Deficient`."""

Row = dict[str, str]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Gene:
    """The table of one gene; functions and scores by allele, phenotypes by two alleles."""

    symbol: str
    file: str
    functions: Mapping[str, str]
    scores: Mapping[str, str]
    phenotypes: Mapping[Pair, str]


def _read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    genes = [_gene(file, _parsed(file, files[file])) for file in FILES]
    edges = [edge for gene in genes for edge in (*_alleles(gene), *_rules(gene))]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(_nodes(genes, edges)))
    yield Chunk.of(ChunkKind.EDGES, pd.DataFrame(edges))


def _parsed(file: str, path: Path) -> dict[str, Any]:
    try:
        table = json.loads(read_text("phenotypes", path))
    except json.JSONDecodeError as error:
        raise MalformedSource("phenotypes", file, f"not JSON ({error})") from error
    needed = {"gene", "haplotypes", "activityValues", "diplotypes"}
    if not isinstance(table, dict) or needed - set(table) or not _is_rows(table["diplotypes"]):
        reason = f"expected a table of one gene with {sorted(needed)}"
        raise MalformedSource("phenotypes", file, reason)
    return table


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _gene(file: str, table: dict[str, Any]) -> _Gene:
    symbol = str(table["gene"])
    try:
        named = table.get("namedAlleles") or []
        functions = {str(a["name"]): _function(a["functionValue"] or "") for a in named}
        functions = functions or {a: _function(f) for a, f in table["haplotypes"].items()}
        scores = {a: str(v) for a, v in table["activityValues"].items() if v not in _NO_SCORE}
    except (AttributeError, KeyError, TypeError) as error:
        raise MalformedSource("phenotypes", file, f"cannot read alleles ({error!r})") from error
    if symbol in _ON_X:
        functions[_MALE] = _SEX_CHROMOSOME
    phenotypes: dict[Pair, str] = {}
    for at, row in enumerate(table["diplotypes"], start=1):
        try:
            pair, phenotype = _pair(symbol, row["diplotypekey"]), str(row["generesult"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"cannot read a diplotype ({error!r})"
            raise MalformedSource("phenotypes", file, reason, at) from error
        if phenotypes.setdefault(pair, phenotype) != phenotype:
            raise MalformedSource("phenotypes", file, f"{'/'.join(pair)} has two phenotypes", at)
    if unknown := {a for pair in phenotypes for a in pair} - set(functions):
        raise MalformedSource("phenotypes", file, f"alleles without function: {sorted(unknown)}")
    return _Gene(symbol, file, functions, scores, phenotypes)


def _function(text: str) -> str:
    """Give a function with the capitals of CPIC's own tables: `Class II (Deficient)`."""
    found = _WHO_CLASS.fullmatch(text)
    if found is not None:
        return f"Class {found['number']} ({found['name']})"
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _pair(symbol: str, key: Mapping[str, int]) -> Pair:
    """Two alleles; one alone stands twice in a mitochondrial gene, beside `MALE` in one on X."""
    alleles = [allele for allele, number in key.items() for _ in range(int(number))]
    if len(alleles) == 1 and _MITOCHONDRIAL.match(symbol):
        alleles *= 2
    if len(alleles) == 1 and symbol in _ON_X:
        alleles.append(_MALE)
    if len(alleles) != 2:
        raise ValueError(f"expected two alleles, found {alleles}")
    return alleles[0], alleles[1]


def _alleles(gene: _Gene) -> Iterator[Row]:
    for allele, function in gene.functions.items():
        stated = {"allele": allele, "function": function}
        if allele in gene.scores:
            score = _number(gene, gene.scores[allele])
            stated["activity"] = f"{score:g}"
            if gene.scores[allele].startswith("≥"):
                stated["activity_at_least"] = "yes"
        predicate = Predicate.IS_ALLELE_OF
        yield _edge(gene, _allele_id(gene.symbol, allele), predicate, _gene_id(gene), stated)


def _number(gene: _Gene, text: str) -> float:
    found = _SCORE.fullmatch(text)
    if found is None:
        raise MalformedSource("phenotypes", gene.file, f"activity {text!r} is not a number")
    return float(found["score"])


def _rules(gene: _Gene) -> Iterator[Row]:
    """Rules by score or by function, and each diplotype that they would get wrong."""
    if gene.scores:
        yield from _score_rules(gene)
        return
    functions = {(gene.symbol, allele): f for allele, f in gene.functions.items()}
    # One allele of G6PD, Telti/Kobe, has a slash of its own; the rules of its function cover it.
    plain = {pair: p for pair, p in gene.phenotypes.items() if "/" not in "".join(pair)}
    table = {(gene.symbol, "/".join(pair)): phenotype for pair, phenotype in plain.items()}
    for rule in compressed(functions, table):
        stated = {"phenotype": rule.phenotype}
        if rule.functions is None:
            stated["diplotype"] = rule.diplotype or ""
            yield _rule(gene, stated, f"{gene.symbol} {rule.diplotype}", derived=False)
        else:
            stated["function_a"], stated["function_b"] = rule.functions
            said = f"{' with '.join(rule.functions)} ({rule.n_rows} diplotypes)"
            yield _rule(gene, stated, f"{gene.symbol}: {said}", derived=True)


def _score_rules(gene: _Gene) -> Iterator[Row]:
    """One range of scores for each phenotype, and each diplotype outside the ranges."""
    scores = {allele: _number(gene, text) for allele, text in gene.scores.items()}
    found: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
    for (left, right), phenotype in gene.phenotypes.items():
        if left in scores and right in scores:
            found[phenotype][scores[left] + scores[right]] += 1
    ranges = {phenotype: (min(sums), max(sums)) for phenotype, sums in found.items()}
    highest = max((high for _, high in ranges.values()), default=0.0)
    for phenotype, (low, high) in sorted(ranges.items()):
        stated = {"phenotype": phenotype, "score_min": f"{low:g}"}
        if high < highest:
            stated["score_max"] = f"{high:g}"
        written = "or more" if high == highest else f"to {high:g}"
        n_rows = sum(found[phenotype].values())
        said = f"{gene.symbol}: activity score {low:g} {written} ({n_rows} diplotypes)"
        yield _rule(gene, stated, said, derived=True)
    for (left, right), phenotype in gene.phenotypes.items():
        both = scores[left] + scores[right] if left in scores and right in scores else None
        holding = {
            p for p, (low, high) in ranges.items() if both is not None and low <= both <= high
        }
        if holding != ({phenotype} if both is not None else set()):
            stated = {"phenotype": phenotype, "diplotype": f"{left}/{right}"}
            yield _rule(gene, stated, f"{gene.symbol} {left}/{right}", derived=False)


def _rule(gene: _Gene, stated: Row, said: str, *, derived: bool) -> Row:
    target = _phenotype_id(gene.symbol, stated["phenotype"])
    edge = _edge(gene, _gene_id(gene), Predicate.HAS_PHENOTYPE_RULE, target, stated)
    if derived:
        edge["knowledge_level"] = KnowledgeLevel.LOGICAL_ENTAILMENT.value
        edge["agent_type"] = AgentType.DATA_ANALYSIS_PIPELINE.value
    return edge | {"statement": said}


def _edge(gene: _Gene, subject: str, predicate: Predicate, target: str, stated: Row) -> Row:
    if any("|" in value for value in stated.values()):
        raise MalformedSource("phenotypes", gene.file, f"a bar stands in {stated}")
    return asserted(subject, predicate.value, target, gene.file, stated)


def _nodes(genes: list[_Gene], edges: list[Row]) -> list[Row]:
    named = {_gene_id(gene): (Category.GENE, gene.symbol) for gene in genes}
    for gene in genes:
        for allele in gene.functions:
            name = f"{gene.symbol} {allele}"
            named[_allele_id(gene.symbol, allele)] = (Category.ALLELE, name)
        for phenotype in gene.phenotypes.values():
            name = f"{gene.symbol} {phenotype}"
            named[_phenotype_id(gene.symbol, phenotype)] = (Category.PHENOTYPE, name)
    used = sorted({edge[end] for edge in edges for end in ("subject", "object")})
    rows = ((curie, *named[curie]) for curie in used)
    return [{"id": curie, "category": kind.value, "name": name} for curie, kind, name in rows]


def _gene_id(gene: _Gene) -> str:
    return f"HGNC.SYMBOL:{gene.symbol}"


def _allele_id(gene: str, allele: str) -> str:
    return f"coprescribe:allele/{quote(gene + allele, safe='*+-._:()')}"


def _phenotype_id(gene: str, phenotype: str) -> str:
    return f"coprescribe:phenotype/{quote(gene, safe='')}/{quote(phenotype, safe='')}"


PHENOTYPES = Source(
    SourceInfo(
        name="phenotypes",
        infores="infores:pharmgkb",
        homepage="https://pharmcat.org/",
        citation=(
            "Relling & Klein 2011, PMID:21270786 (CPIC: functions, scores, phenotypes), as "
            "packaged with PharmCAT, Sangkuhl et al. 2020, PMID:31306493"
        ),
    ),
    files=FILES,
    read=_read,
)
