"""Facts as integers: an unordered (drug, effect, drug), each once, the lower drug index first."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from embeddings.codes import encoded, ordered, places_among
from kg.grounding import UNNAMED_EFFECT
from kg.tables import Tables, split
from ontologies.vocabulary import Predicate

IntArray = npt.NDArray[np.int64]
TripleArray = npt.NDArray[np.int32]
Vocabulary = tuple[tuple[str, ...], tuple[str, ...]]
Column: TypeAlias = "pd.Series[str] | Sequence[str]"

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


class UnreadableTriples(ValueError):
    """A file of facts is no text in UTF-8, or its compression is broken."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} cannot be read as facts: {reason}")
        self.path = path


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
        return cls.of_columns(frame["a"], frame["effect"], frame["b"])

    @classmethod
    def of_columns(cls, drug: Column, effect: Column, other: Column) -> Facts:
        """Make facts from three columns of CURIEs, as :meth:`of` does; fast on categories."""
        one, effects, two = (
            pd.Series(column, dtype="category").cat for column in (drug, effect, other)
        )
        names = [np.asarray(column.categories, dtype=object) for column in (one, two, effects)]
        drugs = np.unique(np.concatenate(names[:2])) if len(names[0]) else names[0]
        first, second = (
            np.searchsorted(drugs, known)[codes.to_numpy()]
            for known, codes in zip(names[:2], (one.codes, two.codes), strict=True)
        )
        rows = ordered(first, effects.codes.to_numpy().astype(np.int64), second)
        return _compact(tuple(drugs), tuple(names[2]), rows[rows[:, 0] != rows[:, 2]])

    @classmethod
    def reported(cls, co_reports: pd.DataFrame) -> Facts:
        """Read the co-reports of a graph: pairs of drugs and the effects reported of them."""
        return cls.of_columns(*(co_reports[name] for name in ("drug_a", "effect", "drug_b")))

    @classmethod
    def from_tables(cls, tables: Tables) -> Facts:
        """Read what the edges of a graph state: pairs of drugs and their effects.

        An interaction whose effect has no name is not a fact. Co-reports have a table of their own
        (:meth:`reported`): to be seen together is not to interact.
        """
        edges = tables.edges
        members = edges[edges["predicate"] == Predicate.HAS_PARTICIPANT.value]
        ends = members.groupby("subject")["object"].agg(["min", "max", "nunique"])
        ends = ends[ends["nunique"] == 2]
        effects = edges.loc[edges["predicate"].isin(_EFFECTS_OF_PAIRS), ["subject", "object"]]
        effects = effects[effects["object"] != UNNAMED_EFFECT[0]]
        joined = effects.join(ends, on="subject", how="inner")
        return cls.of_columns(joined["min"], joined["object"], joined["max"])

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

    def under(self, effect: int) -> TripleArray:
        """Rows of the facts of one effect, which stand together."""
        begin, end = np.searchsorted(self.array[:, 1], (effect, effect + 1))
        return self.array[begin:end]

    @property
    def per_effect(self) -> IntArray:
        """Number of facts of each effect."""
        counts: IntArray = np.bincount(self.array[:, 1], minlength=len(self.effects)).astype(
            np.int64
        )
        return counts

    def states(self, codes: IntArray) -> npt.NDArray[np.bool_]:
        """Tell of codes, made with the same vocabulary, which of them are facts here."""
        return places_among(self.codes, codes)[1]

    def keep(self, chosen: npt.NDArray[np.bool_]) -> Facts:
        """Facts at the chosen rows, over the same vocabulary."""
        return Facts(self.drugs, self.effects, self.array[chosen])

    def excluding(self, *others: Facts) -> Facts:
        """Facts that none of the others states, in either order; vocabularies may differ."""
        left = self
        for other in others:
            shared = other.over(self.vocabulary)
            left = left.keep(~shared.states(left.codes))
        return left

    def over(self, vocabulary: Vocabulary) -> Facts:
        """Return the same facts over another vocabulary; those it cannot name are left out."""
        if vocabulary == self.vocabulary:
            return self
        drug, effect = (
            pd.Index(theirs).get_indexer(pd.Index(ours))
            for ours, theirs in zip(self.vocabulary, vocabulary, strict=True)
        )
        first, name, second = self.array.T
        rows = ordered(drug[first], effect[name], drug[second])
        return Facts(*vocabulary, _unique(rows[(rows >= 0).all(axis=1)], len(vocabulary[0])))

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
        used = _compact(*self.vocabulary, self.array)
        hasher = hashlib.blake2b(digest_size=16)
        for names in used.vocabulary:
            hasher.update("\n".join([str(len(names)), *names, ""]).encode())
        hasher.update(np.ascontiguousarray(used.array, dtype="<i4").tobytes())
        return hasher.hexdigest()


def read_facts(path: Path, aliases: Mapping[str, str] | None = None) -> Facts:
    """Read facts from a file of three columns without header, plain, ``.gz`` or ``.xz``.

    Drugs and effects may be CURIEs, bare STITCH and UMLS identifiers (``CID000003746``,
    ``C0262627``), or carry the prefixes ``DRUG:`` and ``SE:``. ``aliases`` renames a CURIE to the
    one that the graph prefers.

    Raises:
        MalformedTriples: A line does not have three columns.
        UnreadableTriples: The file is no UTF-8 text, or its compression is broken.
    """
    known = aliases or {}
    renamed: dict[str, str] = {}
    columns: tuple[list[str], ...] = ([], [], [])
    for number, line in enumerate(_lines(path), start=1):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != 3 or not all(cells):
            raise MalformedTriples(path, number, line.rstrip("\r\n"))
        for cell, column in zip(cells, columns, strict=True):
            if cell not in renamed:
                curie = curie_of(cell)
                renamed[cell] = known.get(curie, curie)
            column.append(renamed[cell])
    return Facts.of_columns(*columns)


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
    unpack = _UNPACKED.get(path.suffix)
    try:
        text = path.read_bytes() if unpack is None else unpack(path.read_bytes())
        return io.StringIO(text.decode("utf-8-sig")).readlines()
    except (UnicodeDecodeError, lzma.LZMAError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableTriples(path, str(error)) from error


_UNPACKED = {".xz": lzma.decompress, ".gz": gzip.decompress}


def _compact(drugs: tuple[str, ...], effects: tuple[str, ...], rows: TripleArray) -> Facts:
    """Facts over the names that they use, in the order of the names."""
    drug, effect = (
        _places(names, np.unique(rows[:, columns]))
        for names, columns in ((drugs, [0, 2]), (effects, [1]))
    )
    moved = ordered(drug[1][rows[:, 0]], effect[1][rows[:, 1]], drug[1][rows[:, 2]])
    return Facts(drug[0], effect[0], _unique(moved, len(drug[0])))


def _places(names: tuple[str, ...], used: TripleArray) -> tuple[tuple[str, ...], IntArray]:
    order = sorted(used.tolist(), key=names.__getitem__)
    place = np.full(len(names), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return tuple(names[i] for i in order), place


def _unique(rows: TripleArray, n_drugs: int) -> TripleArray:
    _, first_of_each = np.unique(encoded(rows, n_drugs), return_index=True)
    return rows[first_of_each]
