"""What other lists say of the liabilities of drugs, in the names of the curated table.

Every reader gives a `Listing`: which drugs the list speaks of at all, and for each liability the
drugs that it names. ANSM's classes and the anticholinergic scales were made by people for this
purpose; the edition of 2016, SIDER's frequent effects and the drugs' own labels are weaker.
``liability_terms.tsv`` says which class, term or phrase of a list means which liability.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low

from ontologies.french import english_candidates, plain_french

TERMS = Path(__file__).with_name("liability_terms.tsv")
NAMES: Mapping[str, str] = {
    "adefovir": "adefovir dipivoxil",
    "di(acefylline) diphenhydramine": "diphenhydramine",
    "dothiepin": "dosulepin",
    "glycopyrronium": "glycopyrrolate",
    "hyoscine hydrobromide": "scopolamine",
    "insuline humaine hemisynthetique isophane": "insulin human",
    "insuline humaine recombinante isophane": "insulin human",
    "levomepromazine": "methotrimeprazine",
    "millepertuis": "st. john's wort extract",
    "pyrilamine": "mepyramine",
    "tioguanine": "thioguanine",
    "trimeprazine": "alimemazine",
}
"""Names that the lists use -> the curated table's name, where no rule or vocabulary leads."""

_SCALES = slice(1, 9)
_GRADES = ("", "low", "moderate", "high")
_COMMON = re.compile(r"(very )?(common|frequent)", re.IGNORECASE)
_LEAST_FREQUENT = 0.01
_LEAST_SCALES = 2
_CLASS_OR_DRUG = re.compile(r'<(CLASS|DRUG) name="([^"]*)"')

Said = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one list says; a ``strong`` one must be agreed with, or the difference decided.

    ``said`` gives by liability each drug that is named, with its grade where the list has grades
    (``graded``). ``kin`` gives the ATC groups of a drug, five characters long: a list that has them
    is too broad to be asked for every drug, only for those whose kin the curated table holds.
    """

    source: str
    strong: bool
    known: frozenset[str]
    said: Mapping[str, Mapping[str, str]]
    graded: bool = False
    kin: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class DrugNames:
    """Leads the names of the lists to the curated table's, else to DrugBank's common ones."""

    curated: frozenset[str]
    common: frozenset[str]
    synonyms: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, data: Path, curated: Iterable[str]) -> DrugNames:
        """Read DrugBank's vocabulary beside the names of the curated table."""
        common: set[str] = set()
        synonyms: dict[str, set[str]] = defaultdict(set)
        path = data / "drugbank" / "drugbank_vocabulary.csv.xz"
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                name = row["Common name"].lower()
                common.add(name)
                for synonym in filter(None, row["Synonyms"].split(" | ")):
                    synonyms[synonym.lower()].add(name)
        ordered = {key: tuple(sorted(names)) for key, names in synonyms.items()}
        return cls(frozenset(curated), frozenset(common), ordered)

    def english(self, stated: str) -> str:
        """Give the curated name of an English name; an unknown one is given back."""
        name = NAMES.get(stated.strip().lower(), stated.strip().lower())
        return self._first((name,)) or name

    def french(self, stated: str) -> str:
        """Give the curated name of a French one; an unknown one is given back without accents."""
        plain = plain_french(stated)
        if plain in NAMES:
            return NAMES[plain]
        return self._first(english_candidates(stated)) or plain

    def _first(self, names: tuple[str, ...]) -> str | None:
        also = tuple(name for stated in names for name in self.synonyms.get(stated, ()))
        for known in (self.curated, self.common):
            for name in names + also:
                if name in known:
                    return name
        return None


def ansm(data: Path, names: DrugNames) -> Listing:
    """Give the members of ANSM's classes, edition of October 2020."""
    path = data / "ansm" / "index-des-substances-20102020.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as text:
        index = json.load(text)
    members: dict[str, set[str]] = defaultdict(set)
    for row in index:
        for name in row["drug_classes"]:
            folded = re.sub(r"-\s+", "-", plain_french(name))
            members[folded].add(names.french(row["substance"]))
    known = frozenset(names.french(row["substance"]) for row in index)
    return Listing("ANSM classes 2020", strong=True, known=known, said=_meant("ansm", members))


def anticholinergic_scales(data: Path, curated: Path, names: DrugNames) -> Listing:
    """Give the lower median of a drug's scores; one that a single scale scores is not known."""
    spelt = {row["stated_name"]: row["name"] for row in tsv(curated / "acb_names.tsv")}
    scores: dict[str, list[int]] = defaultdict(list)
    with (data / "anticholinergic" / "ACB_table.csv").open(encoding="utf-8") as lines:
        for row in list(csv.reader(lines))[1:]:
            stated = row[0].strip().lower()
            drug = names.english(spelt.get(stated, stated))
            scores[drug] += [int(score) for score in row[_SCALES] if score]
    kept = {drug: median_low(each) for drug, each in scores.items() if len(each) >= _LEAST_SCALES}
    highest = len(_GRADES) - 1
    said = {drug: _GRADES[min(score, highest)] for drug, score in sorted(kept.items()) if score}
    return Listing(
        "anticholinergic scales",
        strong=True,
        known=frozenset(kept),
        said={"anticholinergic": said},
        graded=True,
    )


def ansm_2016(data: Path, names: DrugNames) -> Listing:
    """Give the members of the classes of the English edition of 2016, which is no good XML."""
    members: dict[str, set[str]] = defaultdict(set)
    path = data / "ansm" / "worldvista_all_eng_classes_sept2016.xml"
    group = ""
    for kind, name in _CLASS_OR_DRUG.findall(path.read_text(encoding="utf-8")):
        if kind == "CLASS":
            group = name.strip().lower()
        else:
            members[group].add(names.english(name))
    known = frozenset(drug for drugs in members.values() for drug in drugs)
    said = _meant("ansm_2016", members)
    return Listing("ANSM classes 2016", strong=False, known=known, said=said)


def sider(data: Path, names: DrugNames) -> Listing:
    """Give the effects that SIDER 4.1 names for a drug; grade "common" from 1 % or in words."""
    drugs = _sider_drugs(data, names)
    terms: dict[str, dict[str, bool]] = defaultdict(dict)
    for drug, term, often in _sider_rows(data):
        if drug in drugs:
            terms[term][drugs[drug]] = often or terms[term].get(drugs[drug], False)
    said: Said = defaultdict(dict)
    for liability, pattern in _patterns("sider"):
        for term in filter(pattern.fullmatch, sorted(terms)):
            for drug, often in terms[term].items():
                said[liability][drug] = "common" if often else said[liability].get(drug, "")
    known = frozenset(drugs.values())
    return Listing("SIDER 4.1", strong=False, known=known, said=said, kin=_kin(data, drugs))


def labels(data: Path, names: DrugNames) -> Listing:
    """Give the liabilities of which the drug's own United States label speaks."""
    texts: dict[str, str] = {}
    path = data / "openfda_labels" / "openfda_label_drug_interactions.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record.get("found"):
                texts[names.english(record["ingredient"])] = record["text"]
    said = {
        liability: {drug: "" for drug, text in texts.items() if pattern.search(text)}
        for liability, pattern in _patterns("labels")
    }
    kin = _kin(data, _sider_drugs(data, names))
    return Listing("US labels", strong=False, known=frozenset(texts), said=said, kin=kin)


def tsv(path: Path) -> list[dict[str, str]]:
    """Give the rows of a table without quotes."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _patterns(listed: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    for row in tsv(TERMS):
        if row["list"] == listed:
            yield row["liability"], re.compile(row["pattern"])


def _meant(listed: str, members: Mapping[str, set[str]]) -> Said:
    """Give the members of the classes that mean each liability."""
    said: Said = defaultdict(dict)
    for liability, pattern in _patterns(listed):
        for name in filter(pattern.fullmatch, sorted(members)):
            said[liability].update(dict.fromkeys(sorted(members[name]), ""))
    return said


def _sider_drugs(data: Path, names: DrugNames) -> dict[str, str]:
    with (data / "sider" / "drug_names.tsv").open(encoding="utf-8") as lines:
        return {row[0]: names.english(row[1]) for row in csv.reader(lines, delimiter="\t")}


def _kin(data: Path, drugs: Mapping[str, str]) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    with (data / "sider" / "drug_atc.tsv").open(encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if row[0] in drugs:
                groups[drugs[row[0]]].add(row[1][:5])
    return {drug: frozenset(codes) for drug, codes in groups.items()}


def _sider_rows(data: Path) -> Iterator[tuple[str, str, bool]]:
    """Give each drug and preferred term of the two files, and whether it is common."""
    with lzma.open(data / "sider" / "meddra_all_se.tsv.xz", "rt", encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if row[3] == "PT":
                yield row[0], row[5], False
    with lzma.open(data / "sider" / "meddra_freq.tsv.xz", "rt", encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if row[7] == "PT" and not row[3]:
                often = float(row[5] or 0) >= _LEAST_FREQUENT or _COMMON.fullmatch(row[4])
                yield row[0], row[9], bool(often)
