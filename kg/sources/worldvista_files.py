"""World Vista's three files, taken apart into rules and lists of drugs as they were written."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree.ElementTree import Element

from kg.model import Severity
from kg.sources.base import MalformedSource
from kg.sources.base_files import read_text
from kg.sources.worldvista_tables import plain
from kg.sources.xml_files import parse_xml

NAME = "worldvista"

REPAIRS = (
    (re.compile(r'<ATC code=""" />'), ""),
    (re.compile(r'(<DRUG name="" rxnorm="\d+")>(?=\s*<(?:DRUG|/CLASS))'), r"\1/>"),
)
"""Two faults of the published list of classes: a stray quotation mark, two elements left open."""

SEVERITIES = (
    (re.compile(r"c[o0]ntrai?ndicati?oi?n( with)?"), Severity.CONTRAINDICATED.value),
    (re.compile(r"with doses of methotrexate > 20 mg/week"), Severity.CONTRAINDICATED.value),
    (re.compile(r"no[tr] recomm?en?ded( with)?"), Severity.MAJOR.value),
    (re.compile(r"precautions? (for|of) use"), Severity.MODERATE.value),
    (re.compile(r"ta[kl]e into account"), Severity.MINOR.value),
    (
        re.compile(r"contraindication - not recommended - precaution for use|to know the risks.*"),
        "",
    ),
    (re.compile(r""), ""),
)
"""The levels as printed, misprints included; a level that no rule states stays unstated."""

_HEADER = (
    "Drug_Interaction_ID,Drug_1_Name,Drug_1_RxCUI,Drug_1_Class_Name,Drug_1_Code,Drug_2_Name,"
    "Drug_2_RxCUI,Drug_2_Class_Name,Drug_2_Code,Clinical_Source,Source_File,Description,Severity,"
    "Comment,Drug_Name,RxNorm,Source_File,Clinical_Source,Class_Name,Class_Code,Drug_Name,RxNorm,"
    "Source_File,Clinical_Source,Class_Name,Class_Code"
)


@dataclass(frozen=True, slots=True)
class End:
    """One side of a rule as written: a class, or a drug with its stated RxCUI."""

    name: str
    code: str
    is_class: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written."""

    ends: tuple[End, End]
    level: str
    description: str
    comment: str
    drugs: tuple[End, End] | None = None
    """The two drugs of a class rule that the third file has expanded."""


def read_classes(path: Path) -> dict[str, list[End]]:
    """Give the drugs of each class, by its name in lower case."""
    text = read_text(NAME, path)
    for fault, repair in REPAIRS:
        text = fault.sub(repair, text)
    root = _root(path, text, "CLASSES")
    classes: dict[str, list[End]] = {}
    for element in root.findall("CLASS"):
        drugs = [_drug(path, drug, "rxnorm") for drug in element.findall("DRUG")]
        classes.setdefault(plain(_name(path, element)), []).extend(drugs)
    return classes


def read_rules(path: Path) -> list[Rule]:
    """Give the rules in the order of the file."""
    root = _root(path, read_text(NAME, path), "INTERACTIONS")
    return [_rule(path, element, number) for number, element in enumerate(root, start=1)]


def _root(path: Path, text: str, tag: str) -> Element:
    root = parse_xml(NAME, path.name, text)
    if root.tag != tag or not len(root):
        raise MalformedSource(NAME, path.name, f"holds <{root.tag}> where <{tag}> is expected")
    return root


def _rule(path: Path, element: Element, number: int) -> Rule:
    ends = []
    for side in ("DRUG1", "DRUG2"):
        found = element.find(f"{side}/DRUG"), element.find(f"{side}/CLASS")
        drug, group = found
        if drug is None and group is None:
            raise MalformedSource(NAME, path.name, f"{side} is missing", number)
        if drug is not None:
            ends.append(_drug(path, drug, "rxcui"))
        elif group is not None:
            ends.append(End(_name(path, group), "", is_class=True))
    description, level, comment = (
        _text(element.findtext(tag) or "") for tag in ("DESCRIPTION", "SEVERITY", "COMMENT")
    )
    if not description:
        raise MalformedSource(NAME, path.name, "DESCRIPTION is missing", number)
    _check_level(path, level, number)
    return Rule((ends[0], ends[1]), level, description, comment)


def _drug(path: Path, element: Element, key: str) -> End:
    return End(_name(path, element), element.get(key, ""), is_class=False)


def _name(path: Path, element: Element) -> str:
    name = element.get("name")
    if name is None:
        raise MalformedSource(NAME, path.name, f"a {element.tag} has no name")
    return name


def _text(value: str) -> str:
    return " ".join(value.split())


def severity(level: str) -> str | None:
    """Give our severity of a printed level, empty where it states none; `None` for other words."""
    printed = level.lower().rstrip(" :.")
    return next((ours for pattern, ours in SEVERITIES if pattern.fullmatch(printed)), None)


def _check_level(path: Path, level: str, number: int) -> None:
    if severity(level) is None:
        raise MalformedSource(NAME, path.name, f"unknown severity {level!r}", number)


def read_expanded(path: Path) -> list[Rule]:
    """Read the class rules expanded by hand; cells stand between commas, whatever its name says."""
    text = read_text(NAME, path)
    try:
        header, *rows = csv.reader(StringIO(text), strict=True)
    except (ValueError, csv.Error) as error:
        raise MalformedSource(NAME, path.name, f"not a table ({error})") from error
    if ",".join(header) != _HEADER:
        raise MalformedSource(NAME, path.name, f"unexpected columns {header}")
    rules = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header) or not text.endswith("\n"):
            raise MalformedSource(NAME, path.name, f"has {len(row)} cells", number)
        _check_level(path, row[12], number)
        ends = End(row[3], "", is_class=True), End(row[7], "", is_class=True)
        drugs = End(row[14], row[15], is_class=False), End(row[20], row[21], is_class=False)
        rules.append(Rule(ends, _text(row[12]), _text(row[11]), _text(row[13]), drugs))
    return rules
