"""What CPIC and the Dutch Pharmacogenetics Working Group (DPWG) advise for a gene and a drug.

One JSON file for each guideline, as PharmGKB annotates it and PharmCAT packages it. A gene is
looked up by a phenotype, by an activity score or by a diplotype: see `kg.sources.guideline_keys`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import qualified
from kg.sources.base_files import read_text
from kg.sources.guideline_files import CPIC_FILES, DPWG_FILES
from kg.sources.guideline_keys import Lookup, lookups_of
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

_SILENT = re.compile(
    r"no recommendation\b|the guideline does not provide a rec|xn is not a valid input|n/a$",
    re.IGNORECASE,
)
"""How a text begins that gives no advice."""
_ANYBODY = frozenset({"", "general"})
_ASIDE = re.compile(r"<h4[^>]*>\s*Other Considerations\s*</h4>")
_BLOCK_END = re.compile(r"</(?:p|li|h\d|ul|ol|div|tr|td)>|<br ?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ENDED = (".", ":", ";", "!", "?", ",")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Advice:
    """One recommendation under one of the keys that lead to it; ``advice`` is empty for none."""

    identifier: str
    drug: str
    name: str
    population: str
    strength: str
    advice: str
    text: str
    lookups: tuple[Lookup, ...]

    @property
    def place(self) -> tuple[object, ...]:
        """What it is about, scores apart."""
        return (self.drug, self.population, *(lookup.without_score() for lookup in self.lookups))


def _read(source: str, files: Mapping[str, Path]) -> Iterator[Chunk]:
    edges: list[Row] = []
    names: dict[str, str] = {}
    for file in sorted(files):
        guideline = _parsed(source, file, files[file])
        advised = _advised(source, file, guideline)
        names |= {advice.drug: advice.name for advice in advised}
        frame = _frame(source, file, guideline)
        edges += [frame | _edge(advice) for advice in _ranged(advised)]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(_nodes(edges, names)))
    yield Chunk.of(ChunkKind.EDGES, pd.DataFrame(edges))


def _parsed(source: str, file: str, path: Path) -> dict[str, Any]:
    try:
        guideline = json.loads(read_text(source, path))
    except ValueError as error:
        if isinstance(error, MalformedSource):
            raise
        raise MalformedSource(source, file, f"not JSON ({error})") from error
    if not isinstance(guideline, dict):
        raise MalformedSource(source, file, "expected one guideline")
    missing = {"guideline", "recommendations", "citations"} - set(guideline)
    if missing:
        raise MalformedSource(source, file, f"a guideline without {sorted(missing)}")
    if not isinstance(guideline["recommendations"], list):
        raise MalformedSource(source, file, "expected a list of recommendations")
    return guideline


def _frame(source: str, file: str, guideline: dict[str, Any]) -> Row:
    """Give the cells that all edges of a guideline share."""
    try:
        numbers = {str(paper["pmid"]) for paper in guideline["citations"] if paper["pmid"]}
        url = str(guideline["guideline"]["url"])
        papers = sorted(numbers, key=int)
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedSource(source, file, f"cannot read who says so ({error!r})") from error
    return {
        "predicate": Predicate.AFFECTS_RESPONSE_TO.value,
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
        "publications": "|".join(f"PMID:{number}" for number in papers),
        "reference": url,
        "file": file,
    }


def _advised(source: str, file: str, guideline: dict[str, Any]) -> list[_Advice]:
    advised: list[_Advice] = []
    for at, row in enumerate(guideline["recommendations"], start=1):
        try:
            advised += _advices(row)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"cannot read a recommendation ({error!r})"
            raise MalformedSource(source, file, reason, at) from error
    return advised


def _advices(row: dict[str, Any]) -> Iterator[_Advice]:
    parts = _ASIDE.split(row["text"]["html"], maxsplit=1)
    advice, aside = plain(parts[0]), plain(parts[1]) if len(parts) > 1 else ""
    silent = _SILENT.match(advice) is not None
    said = [*row["implications"], advice if silent else "", aside]
    genes = sorted(row["lookupKey"])
    if not 1 <= len(genes) <= 2:
        raise ValueError(f"expected one gene or two, found {genes}")
    if "|" in f"{row['lookupKey']}{row['population']}":
        raise ValueError("a bar stands in a key")
    keys = [lookups_of(gene, row["lookupKey"][gene]) for gene in genes]
    for chemical, chosen in product(row["relatedChemicals"], product(*keys)):
        yield _Advice(
            identifier=row["id"],
            drug=f"PHARMGKB.DRUG:{chemical['id']}",
            name=chemical["name"],
            population="" if (row["population"] or "") in _ANYBODY else row["population"],
            strength=(row["classification"] or {}).get("term", ""),
            advice="" if silent else advice,
            text=" ".join(" ".join(part.split()) for part in said if part),
            lookups=tuple(lookup for several in chosen for lookup in several),
        )


def plain(html: str) -> str:
    """Give the words of a piece of HTML in one line; what was a block ends like a sentence."""
    blocks = (" ".join(unescape(_TAG.sub("", part)).split()) for part in _BLOCK_END.split(html))
    ended = [block if block.endswith(_ENDED) else f"{block};" for block in blocks if block]
    return " ".join(ended).removesuffix(";")


def _ranged(advised: list[_Advice]) -> Iterator[_Advice]:
    """Keep activity scores only where they decide, as one range for each text.

    Where all scores of a phenotype lead to one text, the phenotype says it all.
    """
    places: dict[tuple[object, ...], dict[str, list[_Advice]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for advice in advised:
        places[advice.place][advice.advice].append(advice)
    for texts in places.values():
        for alike in texts.values():
            columns = zip(*(advice.lookups for advice in alike), strict=True)
            if len(texts) == 1:
                lookups = tuple(column[0].without_score() for column in columns)
            else:
                lookups = tuple(Lookup.spanning(column) for column in columns)
            for advice in alike:
                yield _Advice(
                    *(advice.identifier, advice.drug, advice.name, advice.population),
                    *(advice.strength, advice.advice, advice.text, lookups),
                )


def _edge(advice: _Advice) -> Row:
    first, *others = advice.lookups
    stated = first.qualifiers("")
    for other in others:
        stated |= {"gene2": _gene_id(other.gene), **other.qualifiers("2")}
    if advice.population:
        stated["population"] = advice.population
    if not advice.advice:
        stated["recommendation"] = "none"
    condition = ", ".join(str(lookup) for lookup in advice.lookups)
    if advice.population:
        condition += f"; {advice.population}"
    graded = f", {advice.strength.lower()}" if advice.strength else ""
    return {
        "subject": _gene_id(first.gene),
        "object": advice.drug,
        "qualifiers": qualified(stated),
        "statement": f"{advice.name}: {condition} ({advice.identifier}{graded})",
        "condition": condition,
        "recommendation": advice.advice,
        "text": advice.text,
    }


def _nodes(edges: list[Row], names: Mapping[str, str]) -> list[Row]:
    genes = {row["subject"] for row in edges}
    genes |= {
        part.removeprefix("gene2=")
        for row in edges
        for part in row["qualifiers"].split("|")
        if part.startswith("gene2=")
    }
    drugs = [
        {"id": curie, "category": Category.DRUG.value, "name": name}
        for curie, name in sorted(names.items())
    ]
    return drugs + [
        {"id": curie, "category": Category.GENE.value, "name": curie.partition(":")[2]}
        for curie in sorted(genes)
    ]


def _gene_id(symbol: str) -> str:
    return f"HGNC.SYMBOL:{symbol}"


def _reader(source: str) -> Callable[[Mapping[str, Path]], Iterator[Chunk]]:
    def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
        """Read the guidelines of one body."""
        return _read(source, files)

    return read


CPIC = Source(
    SourceInfo(
        name="cpic",
        infores="infores:cpic",
        homepage="https://cpicpgx.org/",
        citation=(
            "Relling & Klein 2011, PMID:21270786 (CPIC); recommendations as annotated by PharmGKB "
            "and packaged with PharmCAT, Sangkuhl et al. 2020, PMID:31306493"
        ),
    ),
    files=CPIC_FILES,
    read=_reader("cpic"),
)
DPWG = Source(
    SourceInfo(
        name="dpwg",
        infores="infores:pharmgkb",
        homepage="https://www.pharmgkb.org/guidelineAnnotations",
        citation=(
            "Swen et al. 2011, PMID:21412232 (DPWG); recommendations as annotated by PharmGKB and "
            "packaged with PharmCAT, Sangkuhl et al. 2020, PMID:31306493"
        ),
    ),
    files=DPWG_FILES,
    read=_reader("dpwg"),
)
