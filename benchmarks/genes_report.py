"""What a PharmCAT report recommends, beside what the engine finds for the same patient."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from api.pharmcat import report_body, with_report
from api.service import parse_request
from kg.graph import KnowledgeGraph
from kg.screening.genotype import GenePhenotype, Genotypes
from kg.screening.patient import Patient
from kg.screening.recommendations import Recommendation, Recommendations, advices_of
from kg.serving.drug_names import drug_names
from kg.sources.guidelines import plain
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon

BODIES = {
    "CPIC Guideline Annotation": "infores:cpic",
    "DPWG Guideline Annotation": "infores:pharmgkb",
}
"""Sections of a report, each with the source that carries the same guidelines."""
ALIKE = 0.8
"""Share of equal characters from which two editions of a text say the same."""
_ASIDE = re.compile(r"<h4")
_SILENT = re.compile(r"\s*(no recommendation|n/a|the guideline does not provide)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One recommendation of a report: of whom, on what drug, by which genes, and its words."""

    source: str
    drug: str
    genes: frozenset[str]
    text: str


def compared_report(content: bytes, graph: KnowledgeGraph, genotypes: Genotypes) -> dict[str, Any]:
    """Recommendations of a report by what the engine finds for its patient.

    ``found`` counts those of which a recommendation of the same body on the same drug and genes
    holds, ``same_text`` those that also say the same; ``not_loaded`` those of guidelines that the
    graph's edition does not have on that drug and these genes.
    """
    plainly = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    report = json.loads(plainly)
    known = _known(report, genotypes)
    every = Recommendations(graph, genotypes)
    lexicon = Lexicon.from_names(drug_names(graph))
    counts, missed = Counter[str](), []
    for listed in _listed(report):
        outcome = _outcome(listed, _drug(lexicon, listed.drug), every, known)
        counts[outcome] += 1
        if outcome not in {"same_text"}:
            missed.append(f"{outcome}: {listed.drug} {'+'.join(sorted(listed.genes))}")
    loaded = counts.total() - counts["not_loaded"]
    found = counts["same_text"] + counts["found"]
    return {
        "listed": counts.total(),
        **dict(sorted(counts.items())),
        "share_of_all": round(found / max(1, counts.total()), 4),
        "share_of_loaded": round(found / max(1, loaded), 4),
        "not_the_same": sorted(missed),
    }


def _known(report: Mapping[str, Any], genotypes: Genotypes) -> dict[str, GenePhenotype]:
    body, _ = with_report(report_body(report, "the report"), genotypes)
    stated = parse_request(body).patient
    patient = Patient(
        diplotypes=tuple(stated.diplotypes.items()), phenotypes=tuple(stated.phenotypes.items())
    )
    return {found.symbol: found for found in genotypes.of_patient(patient)}


def _listed(report: Mapping[str, Any]) -> Iterator[Listed]:
    for section, source in BODIES.items():
        for name, drug in report["drugs"][section].items():
            for guideline in drug["guidelines"]:
                for said in guideline["annotations"]:
                    genes = frozenset(gene for key in said["lookupKey"] for gene in key)
                    text = plain(_ASIDE.split(said["drugRecommendation"] or "", maxsplit=1)[0])
                    yield Listed(source, name, genes, text)


def _drug(lexicon: Lexicon, name: str) -> Curie | None:
    found = lexicon.lookup(name).candidate
    return Curie.parse(found.curie) if found else None


def _outcome(
    listed: Listed,
    drug: Curie | None,
    every: Recommendations,
    known: Mapping[str, GenePhenotype],
) -> str:
    own = [r for r in every.about(drug) if _is_of(r, listed)] if drug else []
    if not own:
        return "not_loaded"
    holding = [said for said in own if said.held(known)]
    if not holding:
        return "not_found"
    return "same_text" if any(_says(said, listed) for said in holding) else "found"


def _is_of(said: Recommendation, listed: Listed) -> bool:
    """Tell whether a recommendation is of the body and on the genes of a listed one."""
    sources = {evidence.source for evidence in said.edge.evidence}
    symbols = {lookup.symbol for lookup in said.lookups}
    return listed.source in sources and (not listed.genes or symbols <= listed.genes)


def _says(said: Recommendation, listed: Listed) -> bool:
    advices = advices_of(said.edge)
    if not advices:
        return not listed.text or _SILENT.match(listed.text) is not None
    wanted = listed.text.casefold()
    return any(SequenceMatcher(None, a.casefold(), wanted).ratio() >= ALIKE for a in advices)
