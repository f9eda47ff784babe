"""Records of all sources become one graph: renamed once, merged, all evidence kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kg.co_reports import PAIR_COLUMNS, Release, merge_co_reports
from kg.effects import EffectPattern
from kg.forms import Forms
from kg.grounding import UNNAMED_EFFECT, ground, row_values, texts
from kg.identity import Identity, identify
from kg.known_names import with_known_names
from kg.mapping_report import unmapped
from kg.model import edge_id, pair_id
from kg.sources.base import FIELDS, Chunk, ChunkKind
from kg.sources.curated import CURATED
from kg.tables import COLUMNS, EVIDENCE_COLUMNS, Tables, joined, split
from ontologies.one_substance import bearer
from ontologies.vocabulary import SYMMETRIC, AgentType, Category, KnowledgeLevel, Predicate

_STATEMENT = (
    *("subject", "predicate", "object", "qualifiers", "infores"),
    *(column for column in EVIDENCE_COLUMNS if column not in {"edge_id", "source"}),
)
"""What a statement is made of before its edge has an id."""
_SYMMETRIC = frozenset(predicate.value for predicate in SYMMETRIC)


@dataclass(frozen=True, slots=True)
class SourceChunk:
    """A chunk with the release that it comes from; ``licences`` is by file name."""

    source: str
    infores: str
    version: str
    licences: Mapping[str, str]
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Assembled:
    """The graph, what identity had to cut or leave unmapped, and what was not grounded."""

    tables: Tables
    cuts: pd.DataFrame
    unmapped: pd.DataFrame
    ungrounded: pd.DataFrame
    stated_pairs: int
    self_pairs: int


def assemble(chunks: Sequence[SourceChunk], patterns: Sequence[EffectPattern]) -> Assembled:
    """Make one graph of the chunks of all sources, whatever their order."""
    identity, missed, forms = _identified(_of_kind(chunks, ChunkKind.NODES))
    bears = bearer(identity.normalizer, set(identity.nodes["id"]))
    stated = _of_kind(chunks, ChunkKind.PAIRS)
    pairs = _renamed_pairs(stated, bears)
    distinct = pairs[pairs["drug_a"] != pairs["drug_b"]]
    grounded, ungrounded = ground(distinct, patterns, identity.normalizer.preferred)
    co_reports = merge_co_reports(_co_reported(chunks), bears)
    together = pd.concat([distinct[list(PAIR_COLUMNS)], co_reports.pairs], ignore_index=True)
    checked, no_forms = forms.checked(_of_kind(chunks, ChunkKind.EDGES))
    renamed = _renamed_edges(checked, identity.normalizer.preferred, bears)
    edges = pd.concat(
        [
            _narrow(renamed),
            _narrow(_named_forms(chunks, forms, renamed)),
            _narrow(_effect_edges(grounded)),
            _narrow(_participants(together)),
        ],
        ignore_index=True,
    )
    tables = _tables(identity, together, edges, co_reports.table)
    written = stated[["source", "drug_a", "drug_b"]].drop_duplicates()
    self_pairs = len(pairs) - len(distinct)
    cuts = pd.concat([identity.normalizer.report, no_forms], ignore_index=True)
    return Assembled(tables, cuts, missed, ungrounded, len(written), self_pairs)


def _identified(named: pd.DataFrame) -> tuple[Identity, pd.DataFrame, Forms]:
    identity = identify(named)
    known = with_known_names(named, identity)
    if known is not named:
        named, identity = known, identify(known)
    forms = Forms.of(named, identity.nodes, identity.normalizer)
    return identity, unmapped(named, identity), forms


def _named_forms(
    chunks: Iterable[SourceChunk], forms: Forms, renamed: pd.DataFrame
) -> pd.DataFrame:
    """Give the links of forms that names show; the project states them beside its own tables."""
    own = next((item for item in chunks if item.source == CURATED.info.name), None)
    if own is None:
        return pd.DataFrame(columns=list(_STATEMENT), dtype=str)
    wider = renamed[renamed["predicate"] == Predicate.SUBCLASS_OF.value]
    frame = forms.named(zip(wider["subject"], wider["object"], strict=True))
    licence = min(own.licences.values(), default="")
    return frame.assign(infores=own.infores, version=own.version, licence=licence, primary=True)


def _co_reported(chunks: Iterable[SourceChunk]) -> list[tuple[Release, pd.DataFrame]]:
    parts = []
    for item in chunks:
        if item.chunk.kind is ChunkKind.CO_REPORTS:
            for file, frame in item.chunk.frame.groupby("file", observed=True):
                licence = item.licences.get(str(file), "")
                parts.append((Release(item.source, item.infores, item.version, licence), frame))
    return parts


def _of_kind(chunks: Iterable[SourceChunk], kind: ChunkKind) -> pd.DataFrame:
    frames = []
    for item in chunks:
        if item.chunk.kind is kind:
            frame = item.chunk.frame.assign(
                source=item.source, infores=item.infores, version=item.version
            )
            if "file" in frame.columns:
                frame["licence"] = frame["file"].map(item.licences).fillna("")
            frames.append(frame)
    if not frames:
        columns = [*FIELDS[kind], "source", "infores", "version", "licence"]
        return pd.DataFrame(columns=columns, dtype=str)
    return pd.concat(frames, ignore_index=True)


def _renamed_pairs(pairs: pd.DataFrame, bears: Callable[[str], str]) -> pd.DataFrame:
    frame = pairs.copy()
    first = frame["drug_a"].map(bears)
    second = frame["drug_b"].map(bears)
    ordered = first <= second
    frame["drug_a"] = first.where(ordered, second)
    frame["drug_b"] = second.where(ordered, first)
    frame["pair"] = texts(pair_id(a, b) for a, b in row_values(frame, "drug_a", "drug_b"))
    return frame


def _renamed_edges(
    edges: pd.DataFrame, preferred: Callable[[str], str], bears: Callable[[str], str]
) -> pd.DataFrame:
    """Name the ends of edges by the nodes that bear their facts; a form stays one of its drug."""
    frame = edges.copy()
    subject, target = (frame[end].map(bears) for end in ("subject", "object"))
    joins = subject == target
    subject, target = (
        column.where(~joins, frame[end].map(preferred))
        for column, end in ((subject, "subject"), (target, "object"))
    )
    turned = frame["predicate"].isin(_SYMMETRIC) & (subject > target)
    frame["subject"], frame["object"] = (
        subject.where(~turned, target),
        target.where(~turned, subject),
    )
    frame["primary"] = True
    return frame[frame["subject"] != frame["object"]]


def _effect_edges(grounded: pd.DataFrame) -> pd.DataFrame:
    frame = grounded.copy()
    frame["subject"] = frame["pair"]
    stated = Predicate.CONTRIBUTES_TO.value
    frame["predicate"] = frame["predicate"].where(frame["predicate"] != "", stated)
    frame["object"] = frame["effect"]
    frame["qualifiers"] = ("mechanism=" + frame["mechanism"]).where(frame["mechanism"] != "", "")
    return frame


def _participants(pairs: pd.DataFrame) -> pd.DataFrame:
    single = pairs.sort_values(["pair", "source", "licence", "version"]).drop_duplicates(
        ["pair", "source"]
    )
    ends = []
    for end in ("drug_a", "drug_b"):
        frame = single[["pair", end, "infores", "version", "licence"]].rename(
            columns={"pair": "subject", end: "object"}
        )
        ends.append(
            frame.assign(
                predicate=Predicate.HAS_PARTICIPANT.value,
                knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT.value,
                agent_type=AgentType.AUTOMATED_AGENT.value,
                primary=True,
            )
        )
    return pd.concat(ends, ignore_index=True).fillna("")


def _tables(
    identity: Identity, pairs: pd.DataFrame, edges: pd.DataFrame, co_reports: pd.DataFrame
) -> Tables:
    frame = edges.rename(columns={"infores": "source"})
    ordered = {cell: joined(sorted(split(cell))) for cell in frame["qualifiers"].unique()}
    frame["qualifiers"] = frame["qualifiers"].map(ordered)
    stated = row_values(frame, "subject", "predicate", "object", "qualifiers")
    frame["edge_id"] = texts(edge_id(*row) for row in stated)
    edge_rows = frame.rename(columns={"edge_id": "id"})[list(COLUMNS["edges"])].drop_duplicates(
        "id"
    )
    nodes = pd.concat(
        [identity.nodes, _pair_nodes(identity, pairs), _extra_nodes()], ignore_index=True
    )
    return Tables(
        nodes=nodes.drop_duplicates("id").sort_values("id", ignore_index=True),
        edges=edge_rows.sort_values(
            ["subject", "predicate", "object", "qualifiers"], ignore_index=True
        ),
        evidence=_each_once(frame[list(EVIDENCE_COLUMNS)]),
        co_reports=co_reports,
    )


def _each_once(evidence: pd.DataFrame) -> pd.DataFrame:
    """Give every row of evidence once, by edge and source, in an order that rows alone decide."""
    digest = pd.util.hash_pandas_object(evidence, index=False).to_numpy()
    edge, _ = pd.factorize(evidence["edge_id"], sort=True)
    source, _ = pd.factorize(evidence["source"], sort=True)
    order = np.lexsort((digest, source, edge))
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (np.diff(edge[order]) == 0) & (digest[order][1:] == digest[order][:-1])
    return evidence.iloc[order[~again]].reset_index(drop=True)


def _narrow(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep what becomes an edge and its evidence; a column that is not there is empty."""
    return frame.reindex(columns=list(_STATEMENT), fill_value="").fillna("")


def _pair_nodes(identity: Identity, pairs: pd.DataFrame) -> pd.DataFrame:
    names = dict(zip(identity.nodes["id"], identity.nodes["name"], strict=True))
    single = pairs.drop_duplicates("pair")
    first, second = single["drug_a"].map(names), single["drug_b"].map(names)
    said = pairs[["pair", "source"]].drop_duplicates().sort_values(["pair", "source"])
    sources: dict[str, str] = {}
    for pair, source in row_values(said, "pair", "source"):
        sources[pair] = f"{sources[pair]}|{source}" if pair in sources else source
    frame = pd.DataFrame({"id": single["pair"], "name": first + " + " + second})
    frame["provided_by"] = frame["id"].map(sources)
    return frame.assign(category=Category.DRUG_PAIR.value, synonym="", xref="")


def _extra_nodes() -> pd.DataFrame:
    curie, name = UNNAMED_EFFECT
    row = {"id": curie, "name": name, "category": Category.PHENOTYPIC_FEATURE.value}
    return pd.DataFrame([{**row, "synonym": "", "xref": "", "provided_by": "curated"}])
