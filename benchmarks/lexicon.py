"""How well names and codes of medicines are read: precision, recall, wrong drugs, look-up time.

``python benchmarks/lexicon.py --home HOME --data DIR`` opens the graph in HOME. From DIR it reads
ClinPGx (``pgx/clinpgx/drugs.tsv.gz``); the medicine codes of Synthea's patients lie beside it
(``DIR/../cases/synthea/_rxnorm_codes.tsv``). It prints a table and what was misread, and writes
nothing.

A text is read rightly when what it stands for in a medicine list is what it should be: the same
substances, where a salt, a carrier form or an anion is its base, by an edge or by its name.
Precision is the share of right ones among the texts that resolve, recall the share among all texts.
A drug is wrong when none of its substances is right.

* Synthea: what each code and each text holds was written down by hand in
  ``synthea_ingredients.tsv``; one code means another medicine than its text.
* Typing errors: one letter left out, put in, changed, or exchanged with its neighbour, at any place
  of the name of a drug of which something is said (names of one word of six letters or more), and
  of a drug of which nothing is said, where nothing but silence is right. An error that makes the
  name of another drug stays in.
* ClinPGx trade names of one drug; a random half is taken out of the lexicon, so that only what
  other sources say of it remains. ClinPGx puts the brand of a combination under one of its
  ingredients: where a source of products lists more, all of those are right. Names about which the
  sources disagree were judged by hand, in ``trade_names_judged.tsv``.
"""

from __future__ import annotations

import argparse
import csv
import random
import string
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from api.contents import Contents
from kg.artifact import open_graph
from kg.graph import KnowledgeGraph
from kg.serving.drug_names import drug_names
from kg.serving.names import ingredients_in
from kg.sources.clinpgx import names
from ontologies.base_names import base_names
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import Lexicon, NameRow, Resolution
from ontologies.slips import LEAST_LETTERS
from ontologies.usual_names import usual_names
from ontologies.vocabulary import Category, Predicate

SEED = 20240501
N_TYPING_ERRORS = 2000
FOLDER = Path(__file__).parent
Case = tuple[str, frozenset[Curie]]


@dataclass(frozen=True)
class Misread:
    """A text that was not read rightly, as what it was read, if at all, and what it is."""

    text: str
    read: str
    right: str
    is_wrong_drug: bool


def main() -> None:
    """Open the graph, measure each set of texts, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--misread", type=int, default=0, help="most misread texts to print a set")
    told = parser.parse_args()
    n_shown = told.misread
    graph = open_graph(told.home)
    rows = list(drug_names(graph))
    held = ingredients_in(graph)
    whole = Contents(graph, Lexicon.from_names(rows, ingredients=held))
    _print("set", "texts", "resolved", "precision", "recall", "wrong drug", "median ms")
    codes, displays = _synthea(whole, told.data.parent / "cases" / "synthea" / "_rxnorm_codes.tsv")
    _measure("Synthea codes", codes, whole, n_shown)
    _measure("Synthea display texts", displays, whole, n_shown)
    generic = _single_names(whole, covered=True)
    others = _single_names(whole, covered=False)
    _measure("generic names as held", generic, whole, n_shown)
    _measure("one-letter errors", _typing_errors(generic), whole, n_shown)
    _measure("errors in drugs not covered", _typing_errors(others), whole, n_shown)
    kept, out = _halves(_trade_names(whole, told.data / "pgx" / "clinpgx" / "drugs.tsv.gz"))
    less = Contents(graph, Lexicon.from_names(_without(rows, out, whole), ingredients=held))
    _measure("ClinPGx trade names, held", kept, less, n_shown)
    elsewhere = [case for case in out if less.lexicon.holds(case[0])]
    nowhere = [case for case in out if not less.lexicon.holds(case[0])]
    _measure("  out, held from elsewhere", elsewhere, less, n_shown)
    _measure("  out, held nowhere", nowhere, less, n_shown)


def _synthea(contents: Contents, path: Path) -> tuple[list[Case], list[Case]]:
    truth = {row["rxcui"]: row for row in _table(FOLDER / "synthea_ingredients.tsv")}
    codes: list[Case] = []
    displays: list[Case] = []
    for row in _table(path):
        right = truth[row["rxcui"]]
        codes.append((row["rxcui"], _all(contents, right["ingredients"])))
        displays.append((row["display"], _all(contents, right["of_text"] or right["ingredients"])))
    return codes, displays


def _all(contents: Contents, listed: str) -> frozenset[Curie]:
    return frozenset(d for name in listed.split("|") for d in _stands_for(contents, name))


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _single_names(contents: Contents, *, covered: bool) -> list[Case]:
    """Names that one drug alone bears, of which a source says something, or none does."""
    bearers: dict[str, set[str]] = defaultdict(set)
    graph: KnowledgeGraph = contents.graph
    for node in graph.nodes(Category.DRUG):
        if graph.covers(node.curie) == covered:
            bearers[node.name].add(str(node.curie))
    single = {name: curies.pop() for name, curies in bearers.items() if len(curies) == 1}
    return [(n, frozenset(contents.drugs(Curie.parse(c)))) for n, c in sorted(single.items())]


def _typing_errors(cases: list[Case]) -> list[Case]:
    plain = [case for case in cases if case[0].isalpha() and case[0].isascii()]
    long = [case for case in plain if len(case[0]) >= LEAST_LETTERS]
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    drawn = chance.choices(long, k=N_TYPING_ERRORS)
    return [(_mistyped(fold(name), chance), drugs) for name, drugs in drawn]


def _mistyped(name: str, chance: random.Random) -> str:
    """Give a name with one letter wrong; a letter exchanged with the like of it is changed."""
    place, kind = chance.randrange(len(name)), chance.randrange(4)
    letter = chance.choice(string.ascii_lowercase.replace(name[place], ""))
    before, here, rest = name[:place], name[place], name[place + 1 :]
    if kind == 0:
        return before + rest
    if kind == 1:
        at = chance.randrange(len(name) + 1)
        return name[:at] + letter + name[at:]
    if kind == 2 and rest[:1] not in {"", here}:
        return before + rest[0] + here + rest[1:]
    return before + letter + rest


def _trade_names(contents: Contents, path: Path) -> list[Case]:
    meant: dict[str, set[str]] = defaultdict(set)
    for name, curie, kind in names(path):
        if kind == "brand":
            meant[name].add(curie)
    judged = {r["name"]: r["ingredients"] for r in _table(FOLDER / "trade_names_judged.tsv")}
    single = {name: next(iter(curies)) for name, curies in meant.items() if len(curies) == 1}
    cases = ((n, _all(contents, judged.get(n, curie))) for n, curie in sorted(single.items()))
    return [(name, drugs) for name, drugs in cases if drugs]


def _halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    mixed = random.Random(SEED).sample(cases, len(cases))  # noqa: S311 (no secret)
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def _without(rows: Iterable[NameRow], out: Iterable[Case], whole: Contents) -> Iterator[NameRow]:
    """Yield the rows without the synonyms, of the drugs themselves, that are taken out."""
    left_out = {(fold(text), str(drug)) for text, drugs in out for drug in drugs}
    texts = {text for text, _ in left_out}
    for row in rows:
        key = fold(row.name)
        if row.kind == "synonym" and key in texts:
            drugs = whole.drugs(Curie.parse(row.curie))
            own = fold(whole.lexicon.name(row.curie)) == key
            if not own and any((key, str(drug)) in left_out for drug in drugs):
                continue
        yield row


def _stands_for(contents: Contents, text: str) -> frozenset[Curie]:
    return frozenset(entry.drug for entry in contents.of([contents.lexicon.lookup(text)]))


def _substances(contents: Contents, drugs: Iterable[Curie]) -> frozenset[str]:
    """Names of what drugs are, each salt, carrier form or anion by its base."""
    found = set()
    for drug in drugs:
        usual = usual_names().get(contents.graph.name(drug).lower())
        name = contents.graph.name(Curie.parse(usual) if usual else drug)
        found.add(([fold(name), *base_names(name)])[-1])
    return frozenset(found)


def _is_product_of(contents: Contents, found: Resolution, read: set[Curie]) -> bool:
    """Say whether a text was read as a product, with all of the ingredients of that."""
    if found.candidate is None or len(read) < 2:
        return False
    product = Curie.parse(found.candidate.curie)
    return bool(contents.graph.edges_from(product, Predicate.HAS_ACTIVE_INGREDIENT))


def _measure(label: str, cases: Sequence[Case], contents: Contents, n_shown: int) -> None:
    seconds, misread, n_resolved = [], [], 0
    for text, drugs in cases:
        start = time.perf_counter()
        found = contents.lexicon.lookup(text)
        seconds.append(time.perf_counter() - start)
        read = {entry.drug for entry in contents.of([found])}
        n_resolved += bool(read)
        given, right = _substances(contents, read), _substances(contents, drugs)
        if given != right and not (given > right and _is_product_of(contents, found, read)):
            is_wrong = bool(read) and not given & right
            name = " + ".join(sorted(given)) or found.status
            misread.append(Misread(text, name, " + ".join(sorted(right)), is_wrong))
    n_right, n_wrong = len(cases) - len(misread), sum(case.is_wrong_drug for case in misread)
    shares = (n_right / max(n_resolved, 1), n_right / len(cases), n_wrong / len(cases))
    shown = [f"{share:.2%}" for share in shares]
    _print(label, str(len(cases)), str(n_resolved), *shown, f"{median(seconds) * 1e3:.3f}")
    for case in sorted(misread, key=lambda case: not case.is_wrong_drug)[:n_shown]:
        sys.stdout.write(f"    {case.text} -> {case.read} ({case.right})\n")


def _print(label: str, *cells: str) -> None:
    sys.stdout.write(f"{label:32}" + "".join(f"{cell:>12}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
