"""TWOSIDES and OFFSIDES: side effects that reports show more often under two drugs, or one.

Of each file only the rows are read that the release itself calls significant:
log(PRR) - 1.96 * PRR_error > log(2) (NSIDES release notes, version 0.1); the files list every
combination that was ever reported. The counts of OFFSIDES stand in the text of its edges; TWOSIDES
makes co-reports, which bear no text. A user may have one file or both. Rows that repeat the header
in the middle of a file, as OFFSIDES has them, are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_blocks import read_row_blocks
from kg.sources.base_large import Rows
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "nsides"
TWOSIDES, OFFSIDES = "TWOSIDES.csv.gz", "OFFSIDES.csv.gz"

_PAIR = ("drug_1_rxnorn_id", "drug_1_concept_name", "drug_2_rxnorm_id", "drug_2_concept_name")
_SINGLE = ("drug_rxnorn_id", "drug_concept_name")
"""The release misspells the names of these columns."""
_EVENT = ("condition_meddra_id", "condition_concept_name")
_COUNTS = ("A", "B", "PRR", "PRR_error")
_RXCUI, _MEDDRA = r"\d{1,7}", r"\d{8}"
_STATED = {
    "predicate": Predicate.CO_REPORTED.value,
    "knowledge_level": KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
    "agent_type": AgentType.DATA_ANALYSIS_PIPELINE.value,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield events co-reported under two drugs, edges of those under one, then all their names."""
    drugs: dict[str, str] = {}
    events: dict[str, str] = {}
    if TWOSIDES in files:
        for rows in read_row_blocks(NAME, files[TWOSIDES], (*_PAIR, *_EVENT, *_COUNTS)):
            frame = _significant(rows, _PAIR[0])
            first = _named(rows, frame, _PAIR[:2], drugs)
            second = _named(rows, frame, _PAIR[2:], drugs)
            event = _named(rows, frame, _EVENT, events)
            ends = {"drug_a": first, "drug_b": second, "effect": event}
            if len(frame):
                yield Chunk.of(ChunkKind.CO_REPORTS, pd.DataFrame(ends).assign(file=TWOSIDES))
    if OFFSIDES in files:
        for rows in read_row_blocks(NAME, files[OFFSIDES], (*_SINGLE, *_EVENT, *_COUNTS)):
            frame = _significant(rows, _SINGLE[0])
            drug = _named(rows, frame, _SINGLE, drugs)
            event = _named(rows, frame, _EVENT, events)
            ends = {"subject": drug, "object": event}
            yield Chunk.of(ChunkKind.EDGES, _counted(ends, frame))
    yield _nodes(drugs, Category.DRUG)
    yield _nodes(events, Category.PHENOTYPIC_FEATURE)


NSIDES = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:nsides",
        homepage="https://nsides.io",
        citation="Tatonetti, Ye, Daneshjou, Altman. Data-driven prediction of drug effects and "
        "interactions. Science Translational Medicine 2012, doi:10.1126/scitranslmed.3003377; "
        "NSIDES release 0.1",
    ),
    files=(TWOSIDES, OFFSIDES),
    read=read,
    optional=frozenset({TWOSIDES, OFFSIDES}),
)


def _significant(rows: Rows, first: str) -> pd.DataFrame:
    """Give the significant rows; the index counts from the first row of the block."""
    frame = rows.frame()
    frame = frame[frame[first] != first]
    ratio, error = (_numbers(rows, frame, name) for name in ("PRR", "PRR_error"))
    with np.errstate(divide="ignore", invalid="ignore"):
        certain = np.log(ratio.to_numpy()) - 1.96 * error.to_numpy() > np.log(2)
    return frame[pd.Series(certain, index=frame.index)]


def _numbers(rows: Rows, frame: pd.DataFrame, column: str) -> pd.Series[float]:
    numbers = pd.to_numeric(frame[column], errors="coerce")
    wrong = numbers.isna() & ~frame[column].str.lower().isin(["", "nan", "na"])
    _refuse(rows, frame, wrong | (numbers < 0), column)
    return numbers


def _named(
    rows: Rows, frame: pd.DataFrame, columns: tuple[str, ...], names: dict[str, str]
) -> pd.Series[str]:
    """Give the CURIEs of one end, and keep the name that stands beside each."""
    code, name = columns
    prefix, form = ("MEDDRA:", _MEDDRA) if code == _EVENT[0] else ("RXCUI:", _RXCUI)
    _refuse(rows, frame, ~frame[code].str.fullmatch(form), code)
    different = frame[[code, name]].drop_duplicates(code)
    for identifier, text in zip(different[code], different[name], strict=True):
        names.setdefault(prefix + identifier, text.strip())
    return prefix + frame[code]


def _refuse(rows: Rows, frame: pd.DataFrame, wrong: pd.Series[bool], column: str) -> None:
    if wrong.any():
        place = int(frame.index[int(wrong.to_numpy().argmax())])
        reason = f"{column} is {frame[column][place]!r}"
        raise MalformedSource(NAME, rows.file, reason, place + rows.first)


def _counted(ends: Mapping[str, pd.Series[str]], frame: pd.DataFrame) -> pd.DataFrame:
    counts = frame["A"] + " reports with, " + frame["B"] + " without the event; PRR " + frame["PRR"]
    return pd.DataFrame(ends).assign(text=counts, file=OFFSIDES, **_STATED)


def _nodes(names: Mapping[str, str], category: Category) -> Chunk:
    frame = pd.DataFrame(sorted(names.items()), columns=["id", "name"], dtype=str)
    return Chunk.of(ChunkKind.NODES, frame.assign(category=category.value))
