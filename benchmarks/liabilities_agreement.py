"""How far the curated liabilities agree with five lists that were made elsewhere.

``python benchmarks/liabilities_agreement.py --data DIR`` prints, per liability and list: the
curated rows whose drug the list knows, how many of them it states too, how many only the table
states, and how many drugs only the list states. It then names each disagreement with a strong list
(ANSM's classes of 2020, the anticholinergic scales) with its decision, and ends with 1 when one is
undecided or a decision no longer fits the table. ``--write FILE`` puts the table between the
markers ``<!-- liabilities -->`` of a page; ``--candidates`` names what only weak lists state.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.liability_lists import (
    DrugNames,
    Listing,
    ansm,
    ansm_2016,
    anticholinergic_scales,
    labels,
    sider,
    tsv,
)

CURATED = Path(__file__).resolve().parent.parent / "kg" / "curated"
BLOCK = re.compile("(<!-- liabilities -->\n).*?(<!-- /liabilities -->)", re.DOTALL)
DECISIONS = frozenset({"keep", "add", "drop", "grade"})
"""The table stays as it is; it got a row; it lost one; its row got another grade."""

Key = tuple[str, str, str]
Rows = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One liability of the table against one list; the drugs of each kind, sorted."""

    liability: str
    listing: Listing
    agree: tuple[str, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]
    other_grade: tuple[str, ...]

    @property
    def covered(self) -> int:
        """Curated rows whose drug the list knows."""
        return len(self.agree) + len(self.only_ours)

    @property
    def disagreements(self) -> dict[Key, str]:
        """(drug, liability, list) -> what the list says where it says something else."""
        said = self.listing.said.get(self.liability, {})
        kinds = {
            **dict.fromkeys(self.only_ours, "not named"),
            **{drug: f"named {said[drug]}".strip() for drug in self.only_theirs},
            **{drug: f"graded {said[drug]}" for drug in self.other_grade},
        }
        return {(drug, self.liability, self.listing.source): kinds[drug] for drug in sorted(kinds)}


def liabilities(folder: Path) -> Rows:
    """Liability -> drug -> grade, from ``liabilities.tsv``."""
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tsv(folder / "liabilities.tsv"):
        rows[row["liability"]][row["drug"]] = row["grade"]
    return rows


def listings(data: Path, folder: Path) -> tuple[Listing, ...]:
    """Read the five lists, the strong ones first."""
    tables = ("liabilities.tsv", "enzymes.tsv")
    names = DrugNames.of(data, (row["drug"] for table in tables for row in tsv(folder / table)))
    return (
        ansm(data, names),
        anticholinergic_scales(data, folder, names),
        ansm_2016(data, names),
        sider(data, names),
        labels(data, names),
    )


def compare(liability: str, ours: Mapping[str, str], listing: Listing) -> Comparison:
    """Compare the rows of one liability with one list.

    A graded list's "low" asks for no row, for no rule acts on it; it agrees with a row that stands.
    """
    said = listing.said.get(liability, {})
    missing = [drug for drug in said if drug not in ours and _asked(drug, said, ours, listing)]
    known = [drug for drug in ours if drug in listing.known]
    other = [d for d in known if listing.graded and d in said and said[d] != ours[d]]
    return Comparison(
        liability,
        listing,
        agree=tuple(sorted(drug for drug in known if drug in said)),
        only_ours=tuple(sorted(drug for drug in known if drug not in said)),
        only_theirs=tuple(sorted(missing)),
        other_grade=tuple(sorted(other)),
    )


def compare_all(rows: Rows, lists: Iterable[Listing]) -> list[Comparison]:
    """Compare every liability with every list that speaks of it."""
    return [
        compare(liability, rows[liability], listing)
        for liability in sorted(rows)
        for listing in lists
        if listing.said.get(liability)
    ]


def decisions(folder: Path) -> dict[Key, tuple[str, str]]:
    """(drug, liability, list) -> decision and why, from ``liabilities_decisions.tsv``."""
    return {
        (row["drug"], row["liability"], row["source"]): (row["decision"], row["why"])
        for row in tsv(folder / "liabilities_decisions.tsv")
    }


def complaints(
    comparisons: Iterable[Comparison], rows: Rows, decided: Mapping[Key, tuple[str, str]]
) -> list[str]:
    """Name each undecided disagreement with a strong list and each decision that does not fit."""
    strong = [each.disagreements for each in comparisons if each.listing.strong]
    open_keys = {key: said for found in strong for key, said in found.items()}
    found = [
        f"undecided: {drug} {liability}, {source}: {said}"
        for (drug, liability, source), said in open_keys.items()
        if (drug, liability, source) not in decided
    ]
    for key, (decision, _) in decided.items():
        drug, liability, source = key
        held = drug in rows.get(liability, {})
        fits = {"keep": key in open_keys, "drop": not held}.get(decision, held)
        if decision not in DECISIONS or not fits:
            found.append(f"does not fit: {drug} {liability}, {source}: {decision}")
    return found


def table(comparisons: Sequence[Comparison], rows: Rows) -> str:
    """Lay the figures out: a line per liability and list, then one per list."""
    sources = list(dict.fromkeys(each.listing.source for each in comparisons))
    lines = [f"{'liability':24}{'list':25}covered  agree   only ours  only theirs"]
    for liability in sorted(rows):
        own = [each for each in comparisons if each.liability == liability]
        lines += [_line(each.liability, each.listing.source, [each]) for each in own]
    for source in sources:
        lines.append(_line("all", source, [e for e in comparisons if e.listing.source == source]))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the comparison; give 1 when something is left to decide."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the lists")
    parser.add_argument("--curated", type=Path, default=CURATED, help="folder of the tables")
    parser.add_argument("--write", type=Path, help="page whose block is filled")
    parser.add_argument("--candidates", action="store_true", help="name what weak lists add")
    options = parser.parse_args()
    rows = liabilities(options.curated)
    comparisons = compare_all(rows, listings(options.data, options.curated))
    decided = decisions(options.curated)
    figures = table(comparisons, rows)
    sys.stdout.write(figures)
    for each in comparisons:
        for key, said in each.disagreements.items() if each.listing.strong else ():
            decision, why = decided.get(key, ("undecided", ""))
            sys.stdout.write(f"  {key[0]}, {key[1]}: {said} by {key[2]}; {decision}: {why}\n")
        if options.candidates and not each.listing.strong:
            names = ", ".join(each.only_theirs)
            sys.stdout.write(f"  {each.liability}, only {each.listing.source}: {names}\n")
    if options.write:
        _fill(options.write, figures)
    wrong = complaints(comparisons, rows, decided)
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


def _asked(drug: str, said: Mapping[str, str], ours: Mapping[str, str], listing: Listing) -> bool:
    """Tell whether a list that names a drug asks for a row of it."""
    if listing.graded:
        return said[drug] != "low"
    if listing.kin is None:
        return True
    kin = frozenset().union(*(listing.kin.get(other, frozenset()) for other in ours))
    frequent = said[drug] == "common" or "common" not in said.values()
    return frequent and bool(kin & listing.kin.get(drug, frozenset()))


def _line(liability: str, source: str, each: Sequence[Comparison]) -> str:
    covered, agree = sum(e.covered for e in each), sum(len(e.agree) for e in each)
    ours, theirs = sum(len(e.only_ours) for e in each), sum(len(e.only_theirs) for e in each)
    share = f"{agree / covered:.1%}" if covered else "none"
    return f"{liability:24}{source:25}{covered:7}{agree:7} {share:>6}{ours:5}{theirs:13}"


def _fill(page: Path, figures: str) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(BLOCK.sub(rf"\g<1>```\n{figures}```\n\g<2>", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
