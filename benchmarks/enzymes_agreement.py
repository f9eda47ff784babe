"""How far the curated enzyme and transporter roles agree with the lists that state such roles.

``python benchmarks/enzymes_agreement.py --data DIR`` prints, per list: rows compared, the share
that agrees, and every disagreement with the decision that was taken on it; of the lists that were
made to tell what counts in patients also the roles that the table lacks. It ends with 1 when a
disagreement is undecided. Nothing in ``DIR`` is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.liability_lists import tsv
from benchmarks.role_lists import RoleList, role_lists

CURATED = Path(__file__).resolve().parent.parent / "kg" / "curated"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """One curated row: what a drug does to, or has done to it by, one protein."""

    drug: str
    gene: str
    role: str
    strength: str

    def __str__(self) -> str:
        return f"{self.drug} {self.gene} {self.role} {self.strength}".strip()

    @property
    def key(self) -> Key:
        """What a decision is about."""
        return self.drug, self.gene, self.role


@dataclass(frozen=True, slots=True)
class Comparison:
    """One list against the curated table.

    ``silent`` rows name a pair, or a role, of which the list does not speak. ``missing`` are the
    roles that a strong list states and the table lacks.
    """

    source: str
    agrees: tuple[Role, ...]
    disagrees: tuple[tuple[Role, str], ...]
    missing: tuple[Role, ...]
    silent: int

    @property
    def compared(self) -> int:
        """Rows whose drug and protein the list names together."""
        return len(self.agrees) + len(self.disagrees)


def curated_roles(folder: Path) -> list[Role]:
    """The rows of ``enzymes.tsv``, in its order."""
    return [
        Role(row["drug"], row["gene"], row["role"], row["strength"])
        for row in tsv(folder / "enzymes.tsv")
    ]


def compare(roles: Iterable[Role], listed: RoleList) -> Comparison:
    """The curated rows against one list; a graded one compares the strength of a role as well."""
    rows = list(roles)
    agrees: list[Role] = []
    disagrees: list[tuple[Role, str]] = []
    for role in rows:
        said = listed.stated.get((role.drug, role.gene), frozenset())
        if (
            not said
            or role.role not in listed.roles
            or (listed.graded and role.role == "substrate")
        ):
            continue
        if (f"{role.role} {role.strength}" if listed.graded else role.role) in said:
            agrees.append(role)
        else:
            disagrees.append((role, ", ".join(sorted(said))))
    silent = len(rows) - len(agrees) - len(disagrees)
    missing = _missing({role.key for role in rows}, listed) if listed.strong else ()
    return Comparison(listed.source, tuple(agrees), tuple(disagrees), missing, silent)


def decisions(folder: Path) -> dict[Key, str]:
    """(drug, gene, role) -> ``"decision: why"`` from ``enzymes_decisions.tsv``."""
    return {
        (row["drug"], row["gene"], row["role"]): f"{row['decision']}: {row['why']}"
        for row in tsv(folder / "enzymes_decisions.tsv")
    }


def undecided(comparison: Comparison, decided: Mapping[Key, str]) -> list[Role]:
    """The disagreements on which nothing was decided."""
    found = [role for role, _ in comparison.disagrees] + list(comparison.missing)
    return [role for role in found if role.key not in decided]


def report(comparison: Comparison, decided: Mapping[Key, str]) -> str:
    """What a person reads of one comparison: its figures, then a line per disagreement."""
    share = len(comparison.agrees) / comparison.compared if comparison.compared else 0.0
    lines = [
        f"{comparison.source}: {comparison.compared} rows compared, {share:.1%} agree, "
        f"{len(comparison.disagrees)} disagree; silent on {comparison.silent}; "
        f"{len(comparison.missing)} roles left out"
    ]
    said = [*comparison.disagrees, *((role, "states it") for role in comparison.missing)]
    for role, words in said:
        why = decided.get(role.key, "undecided")
        lines.append(f"  {role} | the list: {words} | {why}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the comparisons; give 1 when a disagreement is undecided."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the lists")
    parser.add_argument(
        "--curated", type=Path, default=CURATED, help="folder of the curated tables"
    )
    arguments = parser.parse_args()
    roles = curated_roles(arguments.curated)
    decided = decisions(arguments.curated)
    lists = role_lists(arguments.data, (role.drug for role in roles))
    comparisons = [compare(roles, listed) for listed in lists]
    sys.stdout.write(f"{len(roles)} curated rows\n")
    for comparison in comparisons:
        sys.stdout.write(report(comparison, decided))
    return 1 if any(undecided(comparison, decided) for comparison in comparisons) else 0


def _missing(held: set[Key], listed: RoleList) -> tuple[Role, ...]:
    stated = (
        Role(drug, gene, *(words.split() if listed.graded else (words, "")))
        for (drug, gene), said in listed.stated.items()
        for words in said
    )
    lacking = {role for role in stated if role.key not in held}
    return tuple(sorted(lacking, key=lambda role: (role.key, role.strength)))


if __name__ == "__main__":
    sys.exit(main())
