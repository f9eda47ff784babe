"""How far the curated enzyme and transporter roles agree with three independent role lists.

``python benchmarks/enzymes_agreement.py --data DIR`` reads the curated table and, from ``DIR``,
DrugBank's roles (``drugbank/``) and the two role lists in ``pgx/enzymes/``. It prints, per list:
rows compared, the share that agrees, and every disagreement with the decision that was taken on
it. Nothing in ``DIR`` is written.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import lzma
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CURATED = Path(__file__).resolve().parent.parent / "kg" / "curated"

UNIPROT = {
    "P08684": "CYP3A4",
    "P20815": "CYP3A5",
    "P10635": "CYP2D6",
    "P05177": "CYP1A2",
    "P20813": "CYP2B6",
    "P10632": "CYP2C8",
    "P11712": "CYP2C9",
    "P33261": "CYP2C19",
    "P22309": "UGT1A1",
    "P08183": "ABCB1",
    "Q9UNQ0": "ABCG2",
    "Q9Y6L6": "SLCO1B1",
    "Q9NPD5": "SLCO1B3",
    "Q4U2R8": "SLC22A6",
    "Q8TCC7": "SLC22A8",
    "O15244": "SLC22A2",
    "Q96FL8": "SLC47A1",
    "Q86VL8": "SLC47A2",
}
"""UniProt accession -> HGNC symbol of each protein that the curated table speaks of."""

FAMILIES = {
    "CYP1A": "CYP1A2",
    "CYP2B": "CYP2B6",
    "CYP2D": "CYP2D6",
    "CYP3A": "CYP3A4",
    "PGP": "ABCB1",
    "BCRP": "ABCG2",
    "OATP1B1": "SLCO1B1",
    "OATP1B3": "SLCO1B3",
    "OAT1": "SLC22A6",
    "OAT3": "SLC22A8",
    "OCT2": "SLC22A2",
}
"""Names that the FDA lists use -> HGNC symbol; a name that is absent is a symbol already."""

SYNONYMS = {
    "adefovir": "adefovir dipivoxil",
    "cotrimoxazole": "sulfamethoxazole",
    "simvastatin acid": "simvastatin",
    "st. johns wort extract": "st. john's wort extract",
    "tenofovir": "tenofovir disoproxil",
}
"""Names that the role lists use -> the curated table's name of the ingredient."""

DRUGBANK_NAMES = {"st. john's wort extract": "st. john's wort"}
"""Curated names that DrugBank writes otherwise."""

ROLES = frozenset({"inhibitor", "inducer", "substrate"})

Pair = tuple[str, str]
Stated = Mapping[Pair, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Role:
    """One curated row: what a drug does to, or has done to it by, one protein."""

    drug: str
    gene: str
    role: str
    strength: str

    def __str__(self) -> str:
        return f"{self.drug} {self.gene} {self.role} {self.strength}".strip()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One list against the curated table; ``silent`` rows name a pair that the list does not."""

    source: str
    agrees: tuple[Role, ...]
    disagrees: tuple[tuple[Role, str], ...]
    silent: int

    @property
    def compared(self) -> int:
        """Rows whose drug and protein the list names together."""
        return len(self.agrees) + len(self.disagrees)


def curated_roles(folder: Path) -> list[Role]:
    """The rows of ``enzymes.tsv``, in its order."""
    return [
        Role(row["drug"], row["gene"], row["role"], row["strength"])
        for row in _tsv(folder / "enzymes.tsv")
    ]


def drugbank_roles(data: Path, drugs: Iterable[str]) -> dict[Pair, frozenset[str]]:
    """(drug, gene) -> the roles that DrugBank 4.2 states; a pair without an action is left out."""
    names = _drugbank_ids(data / "drugbank" / "drugbank_vocabulary.csv.xz")
    wanted: dict[str, list[str]] = defaultdict(list)
    for drug in set(drugs):
        for identifier in names.get(DRUGBANK_NAMES.get(drug, drug), ()):
            wanted[identifier].append(drug)
    stated: dict[Pair, set[str]] = defaultdict(set)
    with gzip.open(data / "drugbank" / "proteins.tsv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            gene = UNIPROT.get(row["uniprot_id"])
            roles = ROLES & set(row["actions"].split("|"))
            if gene is None or not roles or row["category"] not in {"enzyme", "transporter"}:
                continue
            for drug in wanted.get(row["drugbank_id"], ()):
                stated[drug, gene] |= roles
    return {pair: frozenset(roles) for pair, roles in stated.items()}


def fda_2012_roles(data: Path) -> dict[Pair, frozenset[str]]:
    """(drug, gene) -> the ungraded roles in the lists of FDA's draft guidance of 2012."""
    stated: dict[Pair, set[str]] = defaultdict(set)
    for row in _tsv(data / "pgx" / "enzymes" / "dikb_fda_guidance_lists.tsv"):
        name = row["enzyme_or_transporter"]
        drug = SYNONYMS.get(row["drug"], row["drug"])
        stated[drug, FAMILIES.get(name, name)].add(row["role"])
    return {pair: frozenset(roles) for pair, roles in stated.items()}


def graded_roles(data: Path) -> dict[Pair, frozenset[str]]:
    """(drug, gene) -> role and strength, ``"inhibitor strong"``, in the list of CYP modulators."""
    stated: dict[Pair, set[str]] = defaultdict(set)
    for row in _tsv(data / "pgx" / "enzymes" / "cyp_modulators_extracted.tsv"):
        drug = SYNONYMS.get(row["drug"], row["drug"])
        stated[drug, row["enzyme"]].add(f"{row['role']} {row['strength']}")
    return {pair: frozenset(roles) for pair, roles in stated.items()}


def compare(source: str, roles: Iterable[Role], stated: Stated, *, graded: bool) -> Comparison:
    """The curated rows against one list; ``graded`` compares the strength of a role as well."""
    agrees: list[Role] = []
    disagrees: list[tuple[Role, str]] = []
    silent = 0
    for role in roles:
        said = stated.get((role.drug, role.gene), frozenset())
        if not said or (graded and role.role == "substrate"):
            silent += 1
        elif (f"{role.role} {role.strength}" if graded else role.role) in said:
            agrees.append(role)
        else:
            disagrees.append((role, ", ".join(sorted(said))))
    return Comparison(source, tuple(agrees), tuple(disagrees), silent)


def decisions(folder: Path) -> dict[tuple[str, str, str], str]:
    """(drug, gene, role) -> ``"decision: why"`` from ``enzymes_decisions.tsv``."""
    return {
        (row["drug"], row["gene"], row["role"]): f"{row['decision']}: {row['why']}"
        for row in _tsv(folder / "enzymes_decisions.tsv")
    }


def report(comparison: Comparison, decided: Mapping[tuple[str, str, str], str]) -> str:
    """What a person reads of one comparison: three figures, then a line per disagreement."""
    share = len(comparison.agrees) / comparison.compared if comparison.compared else 0.0
    lines = [
        f"{comparison.source}: {comparison.compared} rows compared, {share:.1%} agree, "
        f"{len(comparison.disagrees)} disagree; silent on {comparison.silent}"
    ]
    for role, said in comparison.disagrees:
        why = decided.get((role.drug, role.gene, role.role), "undecided")
        lines.append(f"  {role} | the list: {said} | {why}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the three comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that holds drugbank/, pgx/"
    )
    parser.add_argument(
        "--curated", type=Path, default=CURATED, help="folder of the curated tables"
    )
    arguments = parser.parse_args()
    roles = curated_roles(arguments.curated)
    decided = decisions(arguments.curated)
    drugbank = drugbank_roles(arguments.data, (role.drug for role in roles))
    comparisons = (
        compare("DrugBank 4.2 roles", roles, drugbank, graded=False),
        compare("FDA draft guidance 2012", roles, fda_2012_roles(arguments.data), graded=False),
        compare("CYP modulators, graded", roles, graded_roles(arguments.data), graded=True),
    )
    sys.stdout.write(f"{len(roles)} curated rows\n")
    for comparison in comparisons:
        sys.stdout.write(report(comparison, decided))


def _tsv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _drugbank_ids(path: Path) -> dict[str, set[str]]:
    """Lower-case name or synonym -> DrugBank ids; a common name beats another drug's synonym."""
    common: dict[str, set[str]] = defaultdict(set)
    synonyms: dict[str, set[str]] = defaultdict(set)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            common[row["Common name"].lower()].add(row["DrugBank ID"])
            for synonym in filter(None, row["Synonyms"].split(" | ")):
                synonyms[synonym.lower()].add(row["DrugBank ID"])
    return {**synonyms, **common}


if __name__ == "__main__":
    main()
