"""How many drugs of a graph's sources bear a public identifier, and whether merges hold.

``python benchmarks/identity.py --home HOME [--data DIR]`` reads the tables of the newest graph
under ``HOME`` and prints a table; ``DIR`` adds Decagon's list of drugs and the structures that
Decagon and DrugBank draw. Nothing is written.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kg.artifact import find_graph
from kg.mapping_report import PUBLIC
from kg.tables import read_tables
from ontologies.heavy_atoms import composition
from ontologies.vocabulary import Category, Predicate

RESOLVED = ("RXCUI", "DRUGBANK")
STRUCTURAL = ("DRUGBANK", "CHEMBL.COMPOUND", "INCHIKEY")
"""Vocabularies of single substances, which no class of drugs can bear."""
GOAL = 0.97
"""Share of the drugs of a source that should have one of these identifiers."""

SOURCES = (
    ("DDInter", "ddinter", "DDINTER.DRUG"),
    ("DrugBank-86", "drugbank_interactions", "DRUGBANK"),
    ("ANSM 2020", "ansm", "ANSM.SUBSTANCE"),
    ("ANSM 2016", "worldvista", ""),
)
"""What a source is called, its name in the graph, and the prefix of its own identifiers.

A source without a prefix names its drugs by the identifiers of others; its nodes are counted.
"""

DRUGS = (Category.DRUG, Category.SMALL_MOLECULE, Category.CHEMICAL_ENTITY)
COLUMNS = {
    "nodes": ("id", "category", "name", "xref", "provided_by"),
    "edges": ("subject", "predicate", "object"),
    "evidence": ("edge_id",),
}
"""What is read of each table."""


@dataclass(frozen=True, slots=True)
class Drugs:
    """Drugs of a graph: every identifier, its node, that node's name and sources.

    ``members`` holds classes of drugs too, for a class may hold the identifiers of a drug;
    ``typed`` are the nodes that are drugs by their category. ``bases`` leads a form, a salt or a
    route of a drug to what it is said to be a form of.
    """

    holder: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]
    typed: frozenset[str]
    names: Mapping[str, str]
    sources: Mapping[str, frozenset[str]]
    bases: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, nodes: pd.DataFrame, edges: pd.DataFrame) -> Drugs:
        """Index the drugs and classes of drugs of a graph's tables."""
        drugs = nodes[nodes["category"].isin([*DRUGS, Category.DRUG_CLASS.value])]
        typed = frozenset(nodes.loc[nodes["category"].isin(DRUGS), "id"])
        members = {
            curie: (curie, *filter(None, xref.split("|")))
            for curie, xref in zip(drugs["id"], drugs["xref"], strict=True)
        }
        wider = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
        bases: dict[str, list[str]] = defaultdict(list)
        for narrow, wide in zip(wider["subject"], wider["object"], strict=True):
            if narrow in typed and wide in typed:
                bases[narrow].append(wide)
        provided = zip(drugs["id"], drugs["provided_by"], strict=True)
        return cls(
            holder={member: curie for curie, held in members.items() for member in held},
            members=members,
            typed=typed,
            names=dict(zip(drugs["id"], drugs["name"], strict=True)),
            sources={curie: frozenset(cell.split("|")) for curie, cell in provided},
            bases={curie: tuple(wide) for curie, wide in bases.items()},
        )

    def resolved(self, node: str) -> bool:
        """Say whether a node bears an identifier of RxNorm or DrugBank itself."""
        return any(prefix_of(member) in RESOLVED for member in self.members[node])

    def base_resolved(self, node: str) -> bool:
        """Say whether a node, or a drug that it is said to be a form of, bears one."""
        return self.resolved(node) or any(map(self.resolved, self.bases.get(node, ())))


@dataclass(frozen=True, slots=True)
class Share:
    """Of the drugs that a source names: with a public identifier, and with one or a base's.

    A drug is resolved when its node bears one, or leads by one form edge to a node that does.
    """

    source: str
    drugs: int
    own: int
    own_or_base: int

    def __str__(self) -> str:
        if not self.drugs:
            return f"{self.source}: not in this graph"
        reached = "reached" if self.own_or_base >= GOAL * self.drugs else "missed"
        return (
            f"{self.source}: {self.drugs} drugs, {self.own_or_base / self.drugs:.1%} resolved "
            f"({self.own_or_base}), {self.own / self.drugs:.1%} by identifiers of their own "
            f"({self.own}); {GOAL:.0%} {reached}"
        )


@dataclass(frozen=True, slots=True)
class Structures:
    """Cliques whose two drawings, Decagon's and DrugBank's, were compared atom by atom."""

    compared: int
    unlike: tuple[str, ...]

    def __str__(self) -> str:
        listed = "".join(f"\n  {line}" for line in self.unlike)
        return (
            f"cliques drawn by Decagon and by DrugBank: {self.compared}, "
            f"{len(self.unlike)} of unlike heavy atoms{listed}"
        )


def share(drugs: Drugs, title: str, source: str, prefix: str) -> Share:
    """Count the drugs of one source, and those whose node has a public identifier."""
    if prefix:
        held = [node for member, node in drugs.holder.items() if prefix_of(member) == prefix]
    else:
        held = sorted(drugs.typed)
    found = [node for node in held if source in drugs.sources[node]]
    own = sum(map(drugs.resolved, found))
    return Share(title, len(found), own, sum(map(drugs.base_resolved, found)))


def unnamed(drugs: Drugs, cids: Iterable[str]) -> list[str]:
    """PubChem numbers, of those given, that no node holds or whose node bears an identifier."""
    found = []
    for cid in cids:
        node = drugs.holder.get(f"PUBCHEM.COMPOUND:{cid}", "")
        held = drugs.members.get(node, ())
        codes = {local_of(member) for member in held if prefix_of(member) == "ATC"}
        if drugs.names.get(node, "") in {"", *held, *codes}:
            found.append(cid)
    return sorted(found)


def mistyped(drugs: Drugs) -> list[str]:
    """Nodes that hold an identifier of a chemical structure and yet are classes of drugs."""
    return sorted(
        f"{node} {drugs.names[node]}"
        for node, held in drugs.members.items()
        if node not in drugs.typed and any(prefix_of(member) in STRUCTURAL for member in held)
    )


def skeletons(drugs: Drugs) -> dict[str, frozenset[str]]:
    """The first blocks of the InChIKeys of each node that has an InChIKey at all."""
    found = {
        node: frozenset(local_of(m)[:14] for m in held if prefix_of(m) == "INCHIKEY")
        for node, held in drugs.members.items()
    }
    return {node: blocks for node, blocks in found.items() if blocks}


def compare_structures(
    drugs: Drugs, decagon: Mapping[str, str], drugbank: Mapping[str, str]
) -> Structures:
    """Hold the two drawings of one clique against each other; SMILES by PubChem and DrugBank id."""
    compared, unlike = 0, []
    for cid, smiles in sorted(decagon.items()):
        node = drugs.holder.get(f"PUBCHEM.COMPOUND:{cid}", "")
        others = [m for m in drugs.members.get(node, ()) if local_of(m) in drugbank]
        for other in others:
            compared += 1
            left, right = composition(smiles), composition(drugbank[local_of(other)])
            if left != right:
                unlike.append(f"{node} {drugs.names[node]}: {cid} {left}, {other} {right}")
    return Structures(compared, tuple(unlike))


def prefix_of(curie: str) -> str:
    """What stands before the colon."""
    return curie.partition(":")[0]


def local_of(curie: str) -> str:
    """What stands behind the first colon."""
    return curie.partition(":")[2]


def report(nodes: pd.DataFrame, edges: pd.DataFrame, data: Path | None = None) -> str:
    """What a person reads of one graph; with ``data``, of Decagon and of the structures too."""
    drugs = Drugs.of(nodes, edges)
    lines = [str(share(drugs, *source)) for source in SOURCES]
    if data is not None:
        cids = decagon_cids(data)
        missing = unnamed(drugs, cids)
        lines.append(f"Decagon: {len(cids)} drugs, {len(cids) - len(missing)} named")
        lines += [f"  {cid} has no name" for cid in missing]
    classes = mistyped(drugs)
    lines.append(f"classes of drugs that hold a substance: {len(classes)}")
    lines += [f"  {line}" for line in classes]
    found = skeletons(drugs)
    two = sum(len(blocks) > 1 for blocks in found.values())
    lines.append(f"cliques with an InChIKey: {len(found)}, with two skeletons: {two}")
    if data is not None:
        lines.append(str(compare_structures(drugs, decagon_smiles(data), drugbank_smiles(data))))
    for category, prefixes in PUBLIC.items():
        held = nodes.loc[nodes["category"] == category, "id"]
        counts = Counter(prefix_of(curie) for curie in held)
        public = sum(counts[prefix] for prefix in prefixes)
        listed = ", ".join(f"{prefix} {counts[prefix]}" for prefix in sorted(counts))
        lines.append(f"{category}: {len(held)} nodes, {public} public: {listed}")
    return "\n".join(lines) + "\n"


KINDS_OF_CUT = (
    ("two identifiers of one vocabulary", "two "),
    ("contested", "contested "),
    ("a salt and its base or another salt", "salt form"),
    ("a combination and one substance", "combination"),
    ("unlike heavy atoms", "unlike heavy atoms"),
    ("unlike names", "unlike names"),
    ("a class and a drug", "a class of drugs"),
    ("kept apart by hand", "kept apart by hand"),
    ("a number of several substances", "stands for several"),
    ("no form of the drug", "no form of it"),
)
"""What a join or a form was refused for, and how such a reason begins in ``problems.tsv``."""


def cuts(problems: Path) -> str:
    """How many joins and forms were refused, by reason."""
    with problems.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        details = [row["detail"] for row in rows if row["check"] == "identity_cut"]
    counts = {
        title: sum(detail.startswith(begin) for detail in details) for title, begin in KINDS_OF_CUT
    }
    listed = "".join(f"\n  {count} {title}" for title, count in counts.items() if count)
    return f"refused: {len(details)}{listed}\n"


def decagon_cids(data: Path) -> list[str]:
    """PubChem numbers of Decagon's drugs."""
    with (data / "decagon" / "decagon_drugs_645.csv").open(encoding="utf-8", newline="") as lines:
        return [row["pubchem_cid"] for row in csv.DictReader(lines)]


def decagon_smiles(data: Path) -> dict[str, str]:
    """SMILES of Decagon's drugs by PubChem number."""
    text = (data / "decagon" / "cid2smiles_645.json").read_text(encoding="utf-8")
    drawn: dict[str, str] = json.loads(text)
    return {stitch.removeprefix("CID").lstrip("0"): smiles for stitch, smiles in drawn.items()}


def drugbank_smiles(data: Path) -> dict[str, str]:
    """SMILES by DrugBank identifier."""
    with gzip.open(data / "smiles" / "drugbank_smiles.txt.gz", "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return {row[0]: row[1] for row in rows}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder that holds kg/")
    parser.add_argument("--data", type=Path, help="folder that holds decagon/ and smiles/")
    arguments = parser.parse_args()
    graph = find_graph(arguments.home)
    tables = read_tables(graph, COLUMNS)
    sys.stdout.write(report(tables.nodes, tables.edges, arguments.data))
    sys.stdout.write(cuts(graph / "problems.tsv"))


if __name__ == "__main__":
    main()
