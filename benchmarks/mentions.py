"""How well drugs are found in free text: precision, recall, contexts, false alarms, time.

``python benchmarks/mentions.py --home HOME [--data DIR]`` opens the graph in HOME and reads

* the notes of ``tests/ontologies/mention_notes.json``, written with their truth in braces;
* the display texts of Synthea's medicines (``DIR/../cases/synthea/_rxnorm_codes.tsv``), of which
  ``synthea_ingredients.tsv`` tells what they hold;
* plain prose: the texts under ``docs/`` and the README. They do name drugs; which of the words
  found there are names of drugs was judged by hand, in ``mentions_judged.tsv``, and every other
  one is a false alarm.

A mention is right when its letters are, and what it stands for in a list of medicines: the same
substances, where a salt is its base; for a word of several medicines, that nothing is chosen; for a
name that cannot be read, that it is given as a guess. It prints a table and what was wrong.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from api.contents import Contents
from api.mentions import finder_of
from kg.artifact import find_graph, graph_of, open_artifact
from kg.serving.names import lexicon_of
from ontologies.base_names import base_names
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.notes.mentions import Mention, MentionFinder

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
_MARK = re.compile(r"\{([^{}|=]+)(?:=([^{}|]+))?(?:\|(\w+))?\}")
_FENCED = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
SPEED_LETTERS = 10_000
SPEED_ROUNDS = 21


def main() -> None:
    """Open the graph, measure each set of texts, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    told = parser.parse_args()
    artifact = open_artifact(find_graph(told.home, None))
    graph = graph_of(artifact)
    contents = Contents(graph, lexicon_of(artifact, graph))
    finder = finder_of(contents.lexicon)
    _notes(finder, contents, "notes")
    _notes(finder, contents, "held_out")
    _notes(finder, contents, "messy")
    _notes(finder, contents, "unseen")
    _notes(finder, contents, "blind")
    if told.data:
        _synthea(finder, contents, told.data.parent / "cases" / "synthea" / "_rxnorm_codes.tsv")
    _prose(finder)
    _speed(finder)


def truth_of(marked: str) -> tuple[str, list[tuple[int, int, str, str]]]:
    """Give a note without its braces, and start, end, name and context of each drug in it."""
    text, told, end = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[end : mark.start()]
        told.append((len(text), len(text) + len(mark[1]), mark[2] or mark[1], mark[3] or "current"))
        text += mark[1]
        end = mark.end()
    return text + marked[end:], told


def _notes(finder: MentionFinder, contents: Contents, part: str) -> None:
    path = ROOT / "tests" / "ontologies" / "mention_notes.json"
    notes = json.loads(path.read_text(encoding="utf-8"))[part]
    n_found = n_true = n_right = n_context = 0
    for each in notes:
        text, truth = truth_of(each["note"])
        found = {(m.start, m.end): m for m in finder.find(text)}
        n_found, n_true = n_found + len(found), n_true + len(truth)
        for start, end, name, context in truth:
            mention = found.pop((start, end), None)
            if mention is None or not _is_right(mention, name, contents):
                read = mention and (mention.name or mention.status)
                _print(f"    {each['title']}: {text[start:end]!r} is {name}, read as {read}")
                continue
            n_right += 1
            n_context += mention.context == context
            if mention.context != context:
                _print(f"    {each['title']}: {text[start:end]!r} {context}, as {mention.context}")
        for mention in found.values():
            _print(f"    {each['title']}: {mention.text!r} found as {mention.name}")
    _print(
        f"{part}: {len(notes)}; mentions {n_true}; precision {n_right / n_found:.1%}, "
        f"recall {n_right / n_true:.1%}; contexts of these right {n_context / n_right:.1%}"
    )


def _is_right(mention: Mention, name: str, contents: Contents) -> bool:
    if name in "*?":
        return mention.status == ("ambiguous" if name == "*" else "unresolved-guess")
    if name.startswith("#"):
        return (mention.status, mention.name) == ("drug-class", name[1:])
    if mention.curie is None:
        return False
    drugs = contents.drugs(Curie.parse(mention.curie))
    read = {_base(contents.graph.name(drug)) for drug in drugs}
    return read == {_base(part) for part in name.split("+")}


def _base(name: str) -> str:
    return [fold(name), *base_names(name)][-1]


def _synthea(finder: MentionFinder, contents: Contents, path: Path) -> None:
    truth = {row["rxcui"]: row for row in _table(FOLDER / "synthea_ingredients.tsv")}
    n_texts = n_right = n_wrong = 0
    for row in _table(path):
        told = truth[row["rxcui"]]
        names = (told["of_text"] or told["ingredients"]).split("|")
        candidates = (contents.lexicon.lookup(name).candidate for name in names)
        right = {d for c in candidates if c for d in contents.drugs(Curie.parse(c.curie))}
        found = [m for m in finder.find(row["display"]) if m.curie]
        read = {d for m in found if m.curie for d in contents.drugs(Curie.parse(m.curie))}
        bases = {_base(contents.graph.name(drug)) for drug in right}
        given = {_base(contents.graph.name(drug)) for drug in read}
        n_texts, n_right = n_texts + 1, n_right + (given == bases)
        n_wrong += bool(given - bases)
        if given != bases:
            _print(f"    {row['display']!r}: {sorted(given)}, is {sorted(bases)}")
    _print(f"Synthea display texts: {n_texts}; right {n_right / n_texts:.1%}; wrong drug {n_wrong}")


def _prose(finder: MentionFinder) -> None:
    judged = {row["text"]: row["is"] for row in _table(FOLDER / "mentions_judged.tsv")}
    n_words, n_false, n_found = 0, 0, 0
    for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]:
        text = _FENCED.sub(" ", path.read_text(encoding="utf-8"))
        n_words += len(text.split())
        for mention in finder.find(text):
            n_found += 1
            if judged.get(fold(mention.text)) != "drug":
                n_false += 1
                around = " ".join(text[max(0, mention.start - 30) : mention.end + 20].split())
                _print(f"    {path.name}: {fold(mention.text)!r} as {mention.name}: {around}")
    share = 1000 * n_false / n_words
    _print(
        f"prose: {n_words} words, {n_found} mentions; false alarms {n_false}, {share:.2f} per 1,000"
    )


def _speed(finder: MentionFinder) -> None:
    path = ROOT / "tests" / "ontologies" / "mention_notes.json"
    notes = json.loads(path.read_text(encoding="utf-8"))["notes"]
    dense = "\n\n".join(truth_of(each["note"])[0] for each in notes) * 2
    prose = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    _time("drug after drug", dense[:SPEED_LETTERS], finder)
    half = SPEED_LETTERS // 2
    _time("half of it prose", dense[:half] + prose[:half], finder)


def _time(label: str, text: str, finder: MentionFinder) -> None:
    seconds = []
    for _ in range(SPEED_ROUNDS):
        start = time.process_time()
        n_found = len(finder.find(text))
        seconds.append(time.process_time() - start)
    _print(
        f"{len(text)} letters, {label}, {n_found} mentions: median {1e3 * median(seconds):.1f} ms, "
        f"least {1e3 * min(seconds):.1f} ms"
    )


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
