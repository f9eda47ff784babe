"""How well names and codes of medicines are read: precision, recall, wrong drugs, look-up time.

``python benchmarks/lexicon.py --home HOME --data DIR`` opens the graph in HOME. From DIR it reads
ClinPGx (``pgx/clinpgx/drugs.tsv.gz``); the medicine codes of Synthea's patients lie beside it
(``DIR/../cases/synthea/_rxnorm_codes.tsv``). It prints a table and what was misread, and writes
nothing.

A text is read rightly when what it stands for in a medicine list is what it should be: the same
ingredients, each salt taken as its base. Precision is the share of right ones among the texts that
resolve, recall the share among all texts. A drug is wrong when none of the ingredients is right.

* Synthea: what each medicine holds was written down by hand in ``synthea_ingredients.tsv``.
* ClinPGx trade names of one drug; a random half is taken out of the lexicon, so that only what
  RxNorm and the table of common brands say of it remains; 1,500 of each half are looked up.
* Typing errors: one letter left out, put in, changed, or exchanged with the next, at a random
  place of the name of a drug of which something is said; names of one word of six letters or more.
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
from api.names import drug_names
from kg.artifact import open_graph
from kg.graph import KnowledgeGraph
from kg.sources.clinpgx import names
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.lexicon import LEAST_LETTERS, Lexicon, NameRow
from ontologies.vocabulary import Category

SEED = 20240501
N_TYPING_ERRORS = 2000
N_TRADE_NAMES = 1500
SYNTHEA_INGREDIENTS = Path(__file__).parent / "synthea_ingredients.tsv"
Case = tuple[str, frozenset[Curie]]


@dataclass(frozen=True)
class Misread:
    """A text that was not read rightly, and as what it was read, if at all."""

    text: str
    read: str
    is_wrong_drug: bool


def main() -> None:
    """Open the graph, measure each set of texts, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--misread", type=int, default=0, help="most misread texts to print a set")
    told = parser.parse_args()
    graph = open_graph(told.home)
    rows = list(drug_names(graph))
    whole = Contents(graph, Lexicon.from_names(rows))
    _print("set", "texts", "precision", "recall", "wrong drug", "median ms")
    codes, displays = _synthea(whole, told.data.parent / "cases" / "synthea" / "_rxnorm_codes.tsv")
    _measure("Synthea codes", codes, whole, told.misread)
    _measure("Synthea display texts", displays, whole, told.misread)
    _measure("generic names as held", _generic(whole), whole, told.misread)
    _measure("one-letter errors", _typing_errors(whole), whole, told.misread)
    held, out = _halves(_trade_names(whole, told.data / "pgx" / "clinpgx" / "drugs.tsv.gz"))
    less = Contents(graph, Lexicon.from_names(_without(rows, out, whole)))
    _measure("ClinPGx trade names, held", held[:N_TRADE_NAMES], less, told.misread)
    _measure("ClinPGx trade names, taken out", out[:N_TRADE_NAMES], less, told.misread)


def _synthea(contents: Contents, path: Path) -> tuple[list[Case], list[Case]]:
    truth = {row["rxcui"]: row["ingredients"].split("|") for row in _table(SYNTHEA_INGREDIENTS)}
    codes: list[Case] = []
    displays: list[Case] = []
    for row in _table(path):
        drugs = frozenset(d for name in truth[row["rxcui"]] for d in _stands_for(contents, name))
        codes.append((row["rxcui"], drugs))
        displays.append((row["display"], drugs))
    return codes, displays


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _generic(contents: Contents) -> list[Case]:
    """Names of drugs of which a source says something, where one drug alone bears the name."""
    bearers: dict[str, set[str]] = defaultdict(set)
    graph: KnowledgeGraph = contents.graph
    for node in graph.nodes(Category.DRUG):
        if graph.covers(node.curie):
            bearers[node.name].add(str(node.curie))
    single = {name: curies.pop() for name, curies in bearers.items() if len(curies) == 1}
    return [(n, frozenset(contents.drugs(Curie.parse(c)))) for n, c in sorted(single.items())]


def _typing_errors(contents: Contents) -> list[Case]:
    generic = [case for case in _generic(contents) if case[0].isalpha() and case[0].isascii()]
    long = [case for case in generic if len(case[0]) >= LEAST_LETTERS]
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    held = {fold(name) for name, _ in _generic(contents)}
    drawn = chance.choices(long, k=N_TYPING_ERRORS)
    errors = ((_mistyped(fold(name), chance), drugs) for name, drugs in drawn)
    return [(text, drugs) for text, drugs in errors if text not in held]


def _mistyped(name: str, chance: random.Random) -> str:
    """Give a name with one letter wrong; a letter exchanged with the like of it is put in."""
    place, kind = chance.randrange(len(name) - 1), chance.randrange(4)
    letter = chance.choice(string.ascii_lowercase.replace(name[place], ""))
    before, here, rest = name[:place], name[place], name[place + 1 :]
    if kind == 0:
        return before + rest
    if kind == 1:
        return before + letter + rest
    if kind == 2 and rest[0] != here:
        return before + rest[0] + here + rest[1:]
    return before + letter + here + rest


def _trade_names(contents: Contents, path: Path) -> list[Case]:
    meant: dict[str, set[str]] = defaultdict(set)
    for name, curie, kind in names(path):
        if kind == "brand":
            meant[name].add(curie)
    single = ((name, next(iter(curies))) for name, curies in meant.items() if len(curies) == 1)
    cases = ((name, _stands_for(contents, curie)) for name, curie in sorted(single))
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


def _measure(label: str, cases: Sequence[Case], contents: Contents, n_shown: int) -> None:
    seconds, misread, n_resolved = [], [], 0
    for text, drugs in cases:
        start = time.perf_counter()
        found = contents.lexicon.lookup(text)
        seconds.append(time.perf_counter() - start)
        read = {entry.drug for entry in contents.of([found])}
        n_resolved += bool(read)
        if read != drugs:
            name = " + ".join(contents.graph.name(drug) for drug in sorted(read, key=str))
            misread.append(Misread(text, name or found.status, bool(read) and not read & drugs))
    n_right, n_wrong = len(cases) - len(misread), sum(case.is_wrong_drug for case in misread)
    shares = (n_right / max(n_resolved, 1), n_right / len(cases), n_wrong / len(cases))
    _print(label, str(len(cases)), *(f"{x:.2%}" for x in shares), f"{median(seconds) * 1e3:.2f}")
    for case in sorted(misread, key=lambda case: not case.is_wrong_drug)[:n_shown]:
        sys.stdout.write(f"    {case.text} -> {case.read}\n")


def _print(label: str, *cells: str) -> None:
    sys.stdout.write(f"{label:32}" + "".join(f"{cell:>12}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
