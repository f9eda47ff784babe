"""CPIC's gene-drug guidance: alleles, how two of them make a phenotype, and what to do then.

The tables travel in the package PyPGx. Diplotypes are not stored one by one: see
`kg.phenotype_rules`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from kg.phenotype_rules import NOT_TESTED, compressed
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import asserted
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

ALLELES, DIPLOTYPES, EQUATIONS = "allele-table.csv", "diplotype-table.csv", "equation-table.csv"
GENES, PHENOTYPES = "gene-table.csv", "phenotype-table.csv"
RECOMMENDATIONS, PAIRS = "recommendation-table.csv", "cpic-table.csv"
COLUMNS = {
    ALLELES: ("Gene", "StarAllele", "ActivityScore", "Function"),
    DIPLOTYPES: ("Gene", "Diplotype", "Phenotype"),
    EQUATIONS: ("Gene", "Phenotype", "Equation"),
    GENES: ("Gene", "RefAllele"),
    PHENOTYPES: ("Gene", "Phenotype", "Priority"),
    RECOMMENDATIONS: ("Drug", "Gene1", "Phenotype1", "Gene2", "Phenotype2", "Recommendation"),
    PAIRS: ("Gene", "Drug", "RxNorm", "ATC", "Guideline", "CPICLevel", "CPICLevelStatus", "PMID"),
}
"""What each raw file must have in its header, beside whatever else it has."""

_ABSENT = frozenset({"", "None", "NA", "N/A"})
_COMBINATION_GROUP = re.compile(r"C03A[BX]|C03EA|C09DX|C10B[AX]|G01AE|J05AR|M01BA|N06CA")
_EQUATION = re.compile(
    r"(?:(?P<exact>[\d.]+) == score)"
    r"|(?:(?P<low>[\d.]+) (?P<from_>[<]=?) )?score(?: (?P<to>[<]=?) (?P<high>[\d.]+))?"
)
_CATEGORIES = {
    "HGNC.SYMBOL:": Category.GENE,
    "ATC:": Category.DRUG_CLASS,
    "coprescribe:allele/": Category.ALLELE,
    "coprescribe:phenotype/": Category.PHENOTYPE,
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Row = dict[str, str]


def _read(paths: Mapping[str, Path]) -> Iterator[Chunk]:
    rows = {file: _rows(paths[file], file) for file in COLUMNS}
    pairs = {(row["Gene"], row["Drug"]): row for row in rows[PAIRS]}
    drugs = {row["Drug"]: _drug_id(row, at) for at, row in enumerate(rows[PAIRS], start=2)}
    edges = [
        *_allele_edges(rows[ALLELES], rows[GENES]),
        *_score_edges(rows[EQUATIONS]),
        *_function_edges(rows[ALLELES], rows[DIPLOTYPES]),
        *_priority_edges(rows[PHENOTYPES]),
        *_recommendation_edges(rows[RECOMMENDATIONS], drugs, pairs),
        *_membership_edges(rows[PAIRS], drugs),
    ]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(_nodes(edges, rows, drugs)))
    yield Chunk.of(ChunkKind.EDGES, pd.DataFrame(edges))


def _rows(path: Path, file: str) -> list[Row]:
    rows = []
    first = COLUMNS[file][0]
    try:
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text, strict=True)
            if missing := set(COLUMNS[file]) - set(reader.fieldnames or ()):
                raise _malformed(file, f"no column {sorted(missing)}", 1)
            for at, row in enumerate(reader, start=2):
                if None in row or None in row.values() or not row[first]:
                    raise _malformed(file, f"expected a {first.lower()} and a value per column", at)
                rows.append({key: _CONTROL.sub("", value).strip() for key, value in row.items()})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MalformedSource("pypgx", file, str(error)) from error
    return rows


def _malformed(file: str, reason: str, at: int | None) -> MalformedSource:
    return MalformedSource("pypgx", file, reason, at)


def _allele_edges(rows: list[Row], genes: list[Row]) -> Iterator[Row]:
    references = {(row["Gene"], row["RefAllele"]) for row in genes}
    for at, row in enumerate(rows, start=2):
        activity = "" if row["ActivityScore"] in _ABSENT else row["ActivityScore"]
        if activity and not re.fullmatch(r"\d+(\.\d+)?", activity):
            raise _malformed(ALLELES, f"activity score {activity!r} is not a number", at)
        stated = {"allele": row["StarAllele"], "function": row["Function"], "activity": activity}
        if (row["Gene"], row["StarAllele"]) in references:
            stated["reference"] = "yes"
        gene = _gene_id(row["Gene"])
        yield _edge(_allele_id(row), Predicate.IS_ALLELE_OF, gene, stated, ALLELES, at)


def _score_edges(rows: list[Row]) -> Iterator[Row]:
    for at, row in enumerate(rows, start=2):
        found = _EQUATION.fullmatch(row["Equation"])
        if found is None or row["Equation"] == "score":
            raise _malformed(EQUATIONS, f"cannot read {row['Equation']!r}", at)
        low, high = found["exact"] or found["low"], found["exact"] or found["high"]
        stated = {"phenotype": row["Phenotype"]}
        if low:
            closed = "no" if found["from_"] == "<" else "yes"
            stated |= {"score_min": low, "score_min_inclusive": closed}
        if high:
            closed = "no" if found["to"] == "<" else "yes"
            stated |= {"score_max": high, "score_max_inclusive": closed}
        yield _rule_edge(row["Gene"], stated, EQUATIONS, at, f"{row['Gene']}: {row['Equation']}")


def _function_edges(alleles: list[Row], diplotypes: list[Row]) -> Iterator[Row]:
    functions = {(row["Gene"], row["StarAllele"]): row["Function"] for row in alleles}
    for rule in compressed(functions, _known_diplotypes(diplotypes)):
        stated = {"phenotype": rule.phenotype}
        if rule.functions is None:
            stated["diplotype"] = rule.diplotype or ""
            said = f"{rule.gene} {rule.diplotype}"
        else:
            stated["function_a"], stated["function_b"] = rule.functions
            said = f"{rule.gene}: {' with '.join(rule.functions)} ({rule.n_rows} diplotypes)"
        edge = _rule_edge(rule.gene, stated, DIPLOTYPES, None, said)
        if rule.functions is not None:
            edge["knowledge_level"] = KnowledgeLevel.LOGICAL_ENTAILMENT.value
            edge["agent_type"] = AgentType.DATA_ANALYSIS_PIPELINE.value
        yield edge


def _known_diplotypes(rows: list[Row]) -> dict[tuple[str, str], str]:
    known: dict[tuple[str, str], str] = {}
    for at, row in enumerate(rows, start=2):
        if row["Diplotype"].count("/") != 1:
            raise _malformed(DIPLOTYPES, f"{row['Diplotype']!r} is not two alleles", at)
        key = (row["Gene"], row["Diplotype"])
        if known.setdefault(key, row["Phenotype"]) != row["Phenotype"]:
            raise _malformed(DIPLOTYPES, f"{' '.join(key)} has two phenotypes", at)
    return known


def _priority_edges(rows: list[Row]) -> Iterator[Row]:
    for at, row in enumerate(rows, start=2):
        priority = "" if row["Priority"] in _ABSENT else row["Priority"]
        stated = {"phenotype": row["Phenotype"], "priority": priority or "not stated"}
        yield _rule_edge(row["Gene"], stated, PHENOTYPES, at)


def _recommendation_edges(
    rows: list[Row], drugs: Mapping[str, str], pairs: Mapping[tuple[str, str], Row]
) -> Iterator[Row]:
    for at, row in enumerate(rows, start=2):
        genes = [row["Gene1"]] + ([] if row["Gene2"] in _ABSENT else [row["Gene2"]])
        phenotypes = [
            NOT_TESTED if p in _ABSENT else p for p in (row["Phenotype1"], row["Phenotype2"])
        ]
        stated = {"phenotype": phenotypes[0]}
        if len(genes) > 1:
            stated |= {"gene2": _gene_id(genes[1]), "phenotype2": phenotypes[1]}
        silent = row["Recommendation"] in _ABSENT
        if silent:
            stated["recommendation"] = "none"
        drug = drugs.get(row["Drug"]) or _named(row["Drug"])
        edge = _edge(
            *(_gene_id(genes[0]), Predicate.AFFECTS_RESPONSE_TO, drug), stated, RECOMMENDATIONS, at
        )
        known = [pairs[gene, row["Drug"]] for gene in genes if (gene, row["Drug"]) in pairs]
        condition = _condition(genes, phenotypes)
        yield edge | {
            "statement": f"{row['Drug']}: {condition}{_graded(known)}",
            "condition": condition,
            "recommendation": "" if silent else row["Recommendation"],
            "publications": "|".join(_pmids(known)),
            "reference": next((pair["Guideline"] for pair in known if pair["Guideline"]), ""),
        }


def _condition(genes: list[str], phenotypes: list[str]) -> str:
    return ", ".join(map(" ".join, zip(genes, phenotypes, strict=False)))


def _graded(known: list[Row]) -> str:
    levels = {f"CPIC level {row['CPICLevel']}, {row['CPICLevelStatus'].lower()}" for row in known}
    return f" ({'; '.join(sorted(levels))})" if levels else ""


def _pmids(known: list[Row]) -> list[str]:
    numbers = {number for row in known for number in row["PMID"].split(";") if number.isdigit()}
    return [f"PMID:{number}" for number in sorted(numbers, key=int)]


def _membership_edges(rows: list[Row], drugs: Mapping[str, str]) -> Iterator[Row]:
    seen = set()
    for at, row in enumerate(rows, start=2):
        drug = drugs[row["Drug"]]
        for code in filter(_is_single, row["ATC"].replace(" ", "").split(",")):
            if drug.startswith("RXCUI:") and (drug, code) not in seen:
                seen.add((drug, code))
                yield _edge(drug, Predicate.SUBCLASS_OF, f"ATC:{code}", {}, PAIRS, at)


def _is_single(code: str) -> bool:
    """Tell a code of the substance itself from one of a combination (WHO: 30, the 50s)."""
    if code in _ABSENT or _COMBINATION_GROUP.match(code):
        return False
    return not code[5:].isdigit() or (int(code[5:]) != 30 and int(code[5:]) < 50)


def _drug_id(row: Row, at: int) -> str:
    """RxNorm, else the ATC group where the drug is a whole group, else the name."""
    if row["RxNorm"] in _ABSENT:
        is_group = row["ATC"].isalnum() and len(row["ATC"]) < 7
        return f"ATC:{row['ATC']}" if is_group else _named(row["Drug"])
    if not row["RxNorm"].isdigit():
        raise _malformed(PAIRS, f"RxNorm {row['RxNorm']!r} is not a number", at)
    return f"RXCUI:{row['RxNorm']}"


def _nodes(edges: list[Row], rows: Mapping[str, list[Row]], drugs: Mapping[str, str]) -> list[Row]:
    names = {curie: name for name, curie in drugs.items()}
    names |= {_named(row["Drug"]): row["Drug"] for row in rows[RECOMMENDATIONS]}
    names |= {_allele_id(row): f"{row['Gene']} {row['StarAllele']}" for row in rows[ALLELES]}
    for file in (DIPLOTYPES, EQUATIONS, PHENOTYPES):
        names |= {
            _phenotype_id(row["Gene"], row["Phenotype"]): f"{row['Gene']} {row['Phenotype']}"
            for row in rows[file]
        }
    used = sorted({edge[end] for edge in edges for end in ("subject", "object")})
    return [
        {
            "id": curie,
            "category": _category(curie),
            "name": names.get(curie, curie.partition(":")[2]),
        }
        for curie in used
    ]


def _category(curie: str) -> str:
    kinds = (kind for start, kind in _CATEGORIES.items() if curie.startswith(start))
    return next(kinds, Category.DRUG).value


def _rule_edge(gene: str, stated: Row, file: str, at: int | None, said: str = "") -> Row:
    target = _phenotype_id(gene, stated["phenotype"])
    edge = _edge(_gene_id(gene), Predicate.HAS_PHENOTYPE_RULE, target, stated, file, at)
    return edge | {"statement": said}


def _edge(
    subject: str, predicate: Predicate, target: str, stated: Row, file: str, at: int | None
) -> Row:
    if any("|" in value for value in stated.values()):
        raise _malformed(file, f"a bar stands in {stated}", at)
    return asserted(subject, predicate.value, target, file, stated)


def _gene_id(symbol: str) -> str:
    return f"HGNC.SYMBOL:{symbol}"


def _allele_id(row: Row) -> str:
    return f"coprescribe:allele/{quote(row['Gene'] + row['StarAllele'], safe='*+-._:()')}"


def _phenotype_id(gene: str, phenotype: str) -> str:
    return f"coprescribe:phenotype/{quote(gene, safe='')}/{quote(phenotype, safe='')}"


def _named(drug: str) -> str:
    return f"coprescribe:drugname/{quote(drug, safe='')}"


PYPGX = Source(
    SourceInfo(
        name="pypgx",
        infores="infores:cpic",
        homepage="https://cpicpgx.org/",
        citation=(
            "Relling & Klein 2011, PMID:21270786 (CPIC: guidelines, functions, phenotypes); "
            "Gaedigk et al. 2018, PMID:29134625 (PharmVar: alleles); both as packaged by PyPGx, "
            "Lee et al. 2022, doi:10.1371/journal.pone.0272129"
        ),
    ),
    files=tuple(COLUMNS),
    read=_read,
)
