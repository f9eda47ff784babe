"""Facts as integers: an unordered (drug, effect, drug), each once, the lower drug index first."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from kg.assemble import UNNAMED_EFFECT
from kg.tables import Tables, split
from ontologies.vocabulary import Predicate

IntArray = npt.NDArray[np.int64]
TripleArray = npt.NDArray[np.int32]
Vocabulary = tuple[tuple[str, ...], tuple[str, ...]]

_EFFECTS_OF_PAIRS = (Predicate.CONTRIBUTES_TO.value, Predicate.CO_REPORTED.value)
_STITCH = re.compile(r"CID[0-9]{9}")
_CUI = re.compile(r"C[0-9]{7}")


class MalformedTriples(ValueError):
    """A file of facts has a line that is not drug, effect, drug; names the file and the line."""

    def __init__(self, path: Path, line: int, found: str) -> None:
        super().__init__(
            f"{path.name}, line {line}: expected three columns drug, effect, drug, found {found!r}"
        )
        self.path, self.line = path, line


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Facts over a fixed vocabulary of drugs and effects.

    ``array`` is int32 of shape (facts, 3): lower drug index, effect index, higher drug index; rows
    are sorted and unique. Parts of one set of facts share its vocabulary, so their indices agree.
    """

    drugs: tuple[str, ...]
    effects: tuple[str, ...]
    array: TripleArray

    @classmethod
    def of(cls, triples: Iterable[tuple[str, str, str]]) -> Facts:
        """Make facts from CURIEs in any order; a drug with itself is no pair and is left out."""
        frame = pd.DataFrame(list(triples), columns=["a", "effect", "b"], dtype=str)
        frame = frame[frame["a"] != frame["b"]]
        drugs = tuple(sorted({*frame["a"], *frame["b"]}))
        effects = tuple(sorted(set(frame["effect"])))
        return cls(drugs, effects, _indexed(frame, (drugs, effects)))

    @classmethod
    def from_tables(cls, tables: Tables) -> Facts:
        """Read the facts of a graph: pairs of drugs and the effects stated or reported of them.

        An interaction whose effect has no name is not a fact.
        """
        edges = tables.edges
        members = edges[edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
        ends = members.groupby("subject")["object"].agg(["min", "max", "nunique"])
        ends = ends[ends["nunique"] == 2]
        effects = edges.loc[edges["predicate"].isin(_EFFECTS_OF_PAIRS), ["subject", "object"]]
        effects = effects[effects["object"] != UNNAMED_EFFECT[0]]
        joined = effects.join(ends, on="subject", how="inner")
        return cls.of(zip(joined["min"], joined["object"], joined["max"], strict=True))

    def __len__(self) -> int:
        return len(self.array)

    @property
    def vocabulary(self) -> Vocabulary:
        """Drugs and effects, in the order of their indices."""
        return self.drugs, self.effects

    @property
    def codes(self) -> IntArray:
        """One number per fact, equal for equal facts of one vocabulary; sorted."""
        return encoded(self.array, len(self.drugs))

    @property
    def pair_codes(self) -> IntArray:
        """One number per fact that names its pair of drugs."""
        wide = self.array.astype(np.int64)
        codes: IntArray = wide[:, 0] * len(self.drugs) + wide[:, 2]
        return codes

    @property
    def per_effect(self) -> IntArray:
        """Number of facts of each effect."""
        counts: IntArray = np.bincount(self.array[:, 1], minlength=len(self.effects)).astype(
            np.int64
        )
        return counts

    def keep(self, chosen: npt.NDArray[np.bool_]) -> Facts:
        """Facts at the chosen rows, over the same vocabulary."""
        return Facts(self.drugs, self.effects, self.array[chosen])

    def excluding(self, *others: Facts) -> Facts:
        """Facts that none of the others states, in either order; vocabularies may differ."""
        left = self
        for other in others:
            shared = other.over(self.vocabulary)
            left = left.keep(~np.isin(left.codes, shared.codes))
        return left

    def over(self, vocabulary: Vocabulary) -> Facts:
        """Return the same facts over another vocabulary; those it cannot name are left out."""
        if vocabulary == self.vocabulary:
            return self
        frame = pd.DataFrame(self.triples(), columns=["a", "effect", "b"], dtype=str)
        return Facts(*vocabulary, _indexed(frame, vocabulary))

    def joined(self, *others: Facts) -> Facts:
        """Facts that any of them states; all are over one vocabulary."""
        rows = np.concatenate([self.array, *(other.array for other in others)])
        return Facts(self.drugs, self.effects, _unique(rows, len(self.drugs)))

    def triples(self) -> list[tuple[str, str, str]]:
        """Facts as CURIEs."""
        return [(self.drugs[a], self.effects[e], self.drugs[b]) for a, e, b in self.array.tolist()]

    @property
    def digest(self) -> str:
        """Digest of what the facts state, whatever the vocabulary they are written in."""
        hasher = hashlib.blake2b(digest_size=16)
        for triple in sorted(self.triples()):
            hasher.update("\t".join(triple).encode() + b"\n")
        return hasher.hexdigest()


def encoded(array: npt.NDArray[np.int32], n_drugs: int) -> IntArray:
    """One number per (drug, effect, drug) row, whose lower drug index stands first."""
    wide = array.astype(np.int64)
    codes: IntArray = (wide[:, 0] * n_drugs + wide[:, 2]) + wide[:, 1] * n_drugs * n_drugs
    return codes


def read_facts(path: Path, aliases: Mapping[str, str] | None = None) -> Facts:
    """Read facts from a file of three columns without header, plain or ``.xz``.

    Drugs and effects may be CURIEs, bare STITCH and UMLS identifiers (``CID000003746``,
    ``C0262627``), or carry the prefixes ``DRUG:`` and ``SE:``. ``aliases`` renames a CURIE to the
    one that the graph prefers.

    Raises:
        MalformedTriples: A line does not have three columns.
    """
    known = aliases or {}
    renamed: dict[str, str] = {}
    triples = []
    for number, line in enumerate(_lines(path), start=1):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != 3 or not all(cells):
            raise MalformedTriples(path, number, line.rstrip("\r\n"))
        for cell in cells:
            if cell not in renamed:
                curie = curie_of(cell)
                renamed[cell] = known.get(curie, curie)
        triples.append((renamed[cells[0]], renamed[cells[1]], renamed[cells[2]]))
    return Facts.of(triples)


def curie_of(cell: str) -> str:
    """CURIE of an identifier as such files write it.

    >>> curie_of("CID000003746"), curie_of("SE:C0262627"), curie_of("RXCUI:11289")
    ('PUBCHEM.COMPOUND:3746', 'UMLS:C0262627', 'RXCUI:11289')
    """
    bare = cell.removeprefix("DRUG:").removeprefix("SE:")
    if _STITCH.fullmatch(bare):
        return f"PUBCHEM.COMPOUND:{int(bare.removeprefix('CID'))}"
    if _CUI.fullmatch(bare):
        return f"UMLS:{bare}"
    return bare


def aliases_of(tables: Tables) -> dict[str, str]:
    """Preferred CURIE by every further CURIE of the graph's nodes."""
    nodes = tables.nodes
    return {
        other: curie
        for curie, cell in zip(nodes["id"], nodes["xref"], strict=True)
        for other in split(cell)
    }


def _lines(path: Path) -> list[str]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return list(stream)


def _indexed(frame: pd.DataFrame, vocabulary: Vocabulary) -> TripleArray:
    drugs, effects = (pd.Index(names) for names in vocabulary)
    one, other = (drugs.get_indexer(pd.Index(frame[end])) for end in ("a", "b"))
    effect = effects.get_indexer(pd.Index(frame["effect"]))
    rows = np.column_stack((np.minimum(one, other), effect, np.maximum(one, other)))
    rows = rows[(rows >= 0).all(axis=1)].astype(np.int32)
    return _unique(rows, len(drugs))


def _unique(rows: TripleArray, n_drugs: int) -> TripleArray:
    _, first_of_each = np.unique(encoded(rows, n_drugs), return_index=True)
    return rows[first_of_each]
