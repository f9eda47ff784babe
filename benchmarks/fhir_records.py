"""How many medicines of a folder of FHIR patients are identified, and whether rightly.

``COPRESCRIBE_HOME=HOME python benchmarks/fhir_records.py --patients DIR`` opens the graph in HOME
and reads every bundle (``.json`` or ``.json.xz``) of DIR: all its requests, statements, dispenses
and doses, whatever their status. With ``--codes`` the rows of ``DIR/_rxnorm_codes.tsv`` (RxCUI,
text, uses) are read in place of bundles. It prints a table and what was not identified, and writes
nothing.

*By code*: a code of the resource is known. *By code or text*: as the doors read it
(``api.fhir.naming``). A medicine is read rightly when it stands for the substances that were
written by hand in ``synthea_ingredients.tsv``, where the text names another medicine than the code
for those of both; salts count as their base.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from api.fhir.medicines import MEDICINES, WrittenMedicine, read_medicine
from api.fhir.naming import GraphWords, Name, chosen_name
from api.fhir.reading import read_record
from api.fhir.resources import References, walk
from api.fhir.validation import invalid
from api.settings import find_home
from api.state import State, open_state
from ontologies.base_names import base_names
from ontologies.curie import Curie
from ontologies.fold import fold
from ontologies.usual_names import usual_names

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TRUTH = Path(__file__).with_name("synthea_ingredients.tsv")
DAY = date(2020, 1, 1)
"""A day after the last record of the bundles."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """One distinct way in which a medicine is written, and how it was read."""

    written: WrittenMedicine
    name: Name
    by_code: bool
    right: bool | None


@dataclass(slots=True)
class Found:
    """What a folder held."""

    patients: int = 0
    refused: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    uses: Counter[tuple[str, ...]] = field(default_factory=Counter)
    medicines: dict[tuple[str, ...], Medicine] = field(default_factory=dict)


def main() -> None:
    """Read the patients of a folder and print how their medicines were identified."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=Path, required=True)
    parser.add_argument("--codes", action="store_true")
    told = parser.parse_args()
    state = open_state(find_home(None), None, "none")
    given = listed_codes(told.patients) if told.codes else bundles(told.patients)
    found = measured(given, state)
    sys.stdout.write(table(found, state.graph.id))


def bundles(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the bundles of a folder with the names of their files."""
    for path in sorted(folder.glob("*.json*")):
        content = path.read_bytes()
        yield path.name, json.loads(lzma.decompress(content) if path.suffix == ".xz" else content)


def listed_codes(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield for each row of the list of codes a bundle with a request for each of its uses."""
    for row in _rows(folder / "_rxnorm_codes.tsv"):
        code = {"system": RXNORM, "code": row["rxcui"], "display": row["display"]}
        concept = {"coding": [code], "text": row["display"]}
        request = {"resourceType": "MedicationRequest", "medicationCodeableConcept": concept}
        more = {"status": "stopped", "intent": "order", "subject": {"display": "none"}}
        entries = ({"resource": {**request, **more}} for _ in range(int(row["n_requests"])))
        yield row["rxcui"], {"resourceType": "Bundle", "entry": list(entries)}


def measured(patients: Iterable[tuple[str, Mapping[str, Any]]], state: State) -> Found:
    """Read each patient as the doors do, and each medicine that any resource names."""
    found, contents, words = Found(), state.contents, GraphWords(state)
    truth = _truth()
    for name, bundle in patients:
        found.patients += 1
        resources = tuple(walk([bundle]))
        references = References.of(resources)
        kinds = {*MEDICINES, "Condition", "Observation", "Patient", "AllergyIntolerance"}
        if any(next(invalid(each.resource), None) for each in resources if each.kind in kinds):
            found.refused.append(name)
        started = time.perf_counter()
        read_record([bundle], on=DAY, words=words)
        found.seconds.append(time.perf_counter() - started)
        for each in (one for one in resources if one.kind in MEDICINES):
            written = read_medicine(each.resource, references)
            found.uses[written.names] += 1
            if written.names not in found.medicines:
                chosen = chosen_name(written, contents)
                by_code = any(contents.lexicon.lookup(code).candidate for code in written.codes)
                right = _is_right(written, chosen, truth, state)
                found.medicines[written.names] = Medicine(written, chosen, by_code, right)
    return found


def table(found: Found, graph: str) -> str:
    """The figures as Markdown, and every medicine that was not identified or not rightly."""
    listed = list(found.medicines.items())
    read = {names for names, m in listed if m.name.is_resolved}
    coded = {names for names, m in listed if m.by_code}
    judged = [(names, m) for names, m in listed if m.name.is_resolved and m.right is not None]
    wrong = [(names, m) for names, m in judged if not m.right]
    rows = (
        ("patients read, of which with elements that are not R4", _of(found)),
        ("medicines by code, distinct", _share(coded, listed, None)),
        ("by code, per use", _share(coded, listed, found.uses)),
        ("by code or text, distinct", _share(read, listed, None)),
        ("by code or text, per use", _share(read, listed, found.uses)),
        ("of these rightly, distinct", f"{len(judged) - len(wrong)} of {len(judged)}"),
        ("a patient read in, median ms", f"{1000 * statistics.median(found.seconds):.1f}"),
    )
    lines = [f"| {graph} | |", "|---|---|", *(f"| {title} | {told} |" for title, told in rows)]
    lines += ["", "Not identified:", *_named((n, m) for n, m in listed if n not in read)]
    lines += ["", "Identified wrongly:", *_named(wrong)]
    notes = [note for _, m in listed for note in m.name.notes]
    return "\n".join([*lines, "", "Notes:", *notes]) + "\n"


def _of(found: Found) -> str:
    return f"{found.patients}, {len(found.refused)}"


def _share(
    chosen: set[tuple[str, ...]],
    listed: Sequence[tuple[tuple[str, ...], Medicine]],
    uses: Counter[tuple[str, ...]] | None,
) -> str:
    part = sum(uses[names] if uses else 1 for names, _ in listed if names in chosen)
    whole = sum(uses[names] if uses else 1 for names, _ in listed)
    return f"{part} of {whole} ({100 * part / whole:.1f} %)"


def _named(medicines: Iterable[tuple[tuple[str, ...], Medicine]]) -> Iterator[str]:
    for names, medicine in medicines:
        yield f"* {' / '.join(names)}: {', '.join(map(str, medicine.name.drugs)) or 'nothing'}"


def _truth() -> dict[str, tuple[frozenset[str], ...]]:
    """Substances of a medicine by its RxCUI: of the code, of the text, of both."""
    found = {}
    for row in _rows(TRUTH):
        ways = (row["ingredients"], row["of_text"], f"{row['ingredients']}|{row['of_text']}")
        found[row["rxcui"]] = tuple(frozenset(w.split("|")) - {""} for w in ways if w)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _is_right(
    written: WrittenMedicine,
    name: Name,
    truth: Mapping[str, tuple[frozenset[str], ...]],
    state: State,
) -> bool | None:
    """Tell whether a name stands for what was written by hand; ``None`` where nothing was.

    Where the text names another medicine than the code, both are right, and so is the text alone
    where the graph does not know the code.
    """
    codes = (code.removeprefix("RXCUI:") for code in written.codes)
    ways = next((truth[code] for code in codes if code in truth), None)
    if ways is None:
        return None
    by_code, by_text, both = ways[0], ways[-2], ways[-1]
    is_coded = any(state.lexicon.lookup(code).candidate for code in written.codes)
    right = (both if is_coded else by_text) if by_code != by_text else by_code
    return {_drug(drug, state) for drug in name.drugs} == set(_meant(right, state))


def _meant(names: Iterable[str], state: State) -> Iterator[str]:
    contents = state.contents
    for name in names:
        candidate = contents.lexicon.lookup(name).candidate
        if candidate is None:
            yield [fold(name), *base_names(name)][-1]
            continue
        yield from (_drug(drug, state) for drug in contents.drugs(Curie.parse(candidate.curie)))


def _drug(drug: Curie, state: State) -> str:
    """Name of a drug; that of a salt, a carrier form or an anion is its base."""
    usual = usual_names().get(state.graph.name(drug).lower())
    name = state.graph.name(Curie.parse(usual) if usual else drug)
    return [fold(name), *base_names(name)][-1]


if __name__ == "__main__":
    main()
