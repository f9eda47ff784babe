"""ANSM: the French national interaction thesaurus of October 2020, its class rules expanded.

A rule is about two names; each is a substance, or a class whose members the substance index lists.
Most rules are written from both sides and count once here. A rule may state several severities,
each with its condition: all are kept.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kg.model import Severity
from kg.sources.ansm_scopes import Scopes, load_mechanisms, load_scopes
from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table
from ontologies.french import rxcui_corrections
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "ansm"
SEVERITIES = {
    "contre-indication": Severity.CONTRAINDICATED,
    "association deconseillee": Severity.MAJOR,
    "precaution d'emploi": Severity.MODERATE,
    "a prendre en compte": Severity.MINOR,
    "il convient de prendre en compte": Severity.MINOR,
}
"""The thesaurus' four levels in the spellings that occur, folded."""

_MAPPINGS = (
    ("rxnorm_mappings.tsv", "RxNorm", "RXCUI"),
    ("wikidata_mappings.tsv", "wikidata", "WIKIDATA"),
)
_AGED = re.compile(r"chez le sujet de moins de \d+ ans")
"""The one age that stands within the text of a rule, not beside its level."""
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
    "reference": "ansm-2020-10",
}


@dataclass(frozen=True, slots=True)
class SubstanceIndex:
    """Substances and classes of the index, by folded name."""

    names: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]
    class_names: Mapping[str, str]

    def expand(self, name: str) -> tuple[str, ...]:
        """Give the folded substances that a name stands for; an unlisted name is itself."""
        key = fold(name)
        own = (key,) if key in self.names or key not in self.members else ()
        return tuple(dict.fromkeys((*own, *self.members.get(key, ()))))


def fold(text: str) -> str:
    """Give lower case without accents, one blank between words and none after a hyphen."""
    plain = text.replace("œ", "oe").replace("Œ", "oe").replace("’", "'")
    letters = "".join(
        c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c)
    )
    return re.sub(r"-\s+", "-", " ".join(letters.lower().split()))


def substance_id(folded: str) -> str:
    """CURIE of a substance of the thesaurus, made from its folded name."""
    return "ANSM.SUBSTANCE:" + _slug(folded)


def class_id(folded: str) -> str:
    """CURIE of a class of the thesaurus, made from its folded name."""
    return "ANSM.CLASS:" + _slug(folded)


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield substances, classes, memberships, and a row per pair, rule and severity."""
    index = _read_index(_load(files["substances.json"]))
    rules = _load(files["thesaurus.json"])
    _check_rules(rules)
    xrefs = _read_xrefs(files)
    stray = {fold(r[side]): r[side] for r in rules for side in ("main_drug", "plus_drug")}
    stray = {
        k: v.lower() for k, v in stray.items() if k not in index.names and k not in index.members
    }
    yield _substances(index, stray, xrefs)
    yield _classes(index)
    yield _memberships(index)
    scopes = load_scopes(index.names, index.members)
    pairs = pd.DataFrame(list(_pairs(rules, index, scopes))).drop_duplicates()
    yield Chunk.of(ChunkKind.PAIRS, pairs)


ANSM = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:ansm",
        homepage="https://ansm.sante.fr/documents/reference/thesaurus-des-interactions-medicamenteuses-1",
        citation="ANSM, Thesaurus des interactions medicamenteuses, edition of October 2020",
    ),
    files=("substances.json", "thesaurus.json", "rxnorm_mappings.tsv", "wikidata_mappings.tsv"),
    read=read,
)


def _slug(folded: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MalformedSource(NAME, path.name, f"not JSON ({error})") from error
    if not isinstance(rows, list) or not rows:
        raise MalformedSource(NAME, path.name, "expected a list of records")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise MalformedSource(NAME, path.name, "expected a record", number)
    return rows


def _read_index(rows: list[dict[str, Any]]) -> SubstanceIndex:
    names: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    class_names: dict[str, str] = {}
    for number, row in enumerate(rows):
        if not isinstance(row.get("substance"), str) or not isinstance(
            row.get("drug_classes"), list
        ):
            raise MalformedSource(
                NAME, "substances.json", "expected substance and drug_classes", number
            )
        key = fold(row["substance"])
        names.setdefault(key, row["substance"])
        for name in row["drug_classes"]:
            class_names.setdefault(fold(name), " ".join(name.split()))
            members.setdefault(fold(name), []).append(key)
    return SubstanceIndex(
        names, {k: tuple(dict.fromkeys(v)) for k, v in members.items()}, class_names
    )


def _check_rules(rules: list[dict[str, Any]]) -> None:
    for number, rule in enumerate(rules):
        for column in ("main_drug", "plus_drug", "interaction_mechanism"):
            if not isinstance(rule.get(column), str) or not rule[column].strip():
                raise MalformedSource(NAME, "thesaurus.json", f"{column} is missing", number)
        for level in rule.get("severity_levels") or [{}]:
            stated = level.get("level") if isinstance(level, dict) else level
            if fold(str(stated)) not in SEVERITIES:
                reason = f"unknown severity {stated!r}"
                raise MalformedSource(NAME, "thesaurus.json", reason, number)


def _read_xrefs(files: Mapping[str, Path]) -> dict[str, list[str]]:
    xrefs: dict[str, list[str]] = {}
    corrected = {fold(name): code for name, code in rxcui_corrections().items()}
    xrefs.update({name: [f"RXCUI:{code}"] for name, code in corrected.items() if code})
    for file, column, prefix in _MAPPINGS:
        frame = read_table(NAME, files[file], ("substance", column))
        for substance, code in zip(frame["substance"], frame[column], strict=True):
            known = prefix == "RXCUI" and fold(substance) in corrected
            if not known and code not in {"", "NA"}:
                xrefs.setdefault(fold(substance), []).append(f"{prefix}:{code}")
    return xrefs


def _substances(
    index: SubstanceIndex, stray: Mapping[str, str], xrefs: Mapping[str, list[str]]
) -> Chunk:
    rows = [
        {
            "id": substance_id(key),
            "category": Category.DRUG.value,
            "name": name,
            "xref": "|".join(sorted(set(xrefs.get(key, ())))),
            "language": "fr",
        }
        for key, name in sorted({**index.names, **stray}.items())
    ]
    return Chunk.of(ChunkKind.NODES, pd.DataFrame(rows))


def _classes(index: SubstanceIndex) -> Chunk:
    rows = [
        {"id": class_id(key), "category": Category.DRUG_CLASS.value, "name": name, "language": "fr"}
        for key, name in sorted(index.class_names.items())
    ]
    return Chunk.of(ChunkKind.NODES, pd.DataFrame(rows))


def _memberships(index: SubstanceIndex) -> Chunk:
    rows = [
        {
            "subject": substance_id(member),
            "predicate": Predicate.SUBCLASS_OF.value,
            "object": class_id(key),
            "file": "substances.json",
            **_STATED,
        }
        for key, members in sorted(index.members.items())
        for member in members
    ]
    return Chunk.of(ChunkKind.EDGES, pd.DataFrame(rows))


def _pairs(
    rules: list[dict[str, Any]], index: SubstanceIndex, scopes: Scopes
) -> Iterator[dict[str, str]]:
    mechanisms = load_mechanisms()
    for rule in rules:
        left, right = index.expand(rule["main_drug"]), index.expand(rule["plus_drug"])
        said = list(_severities(rule))
        names = sorted((_title(rule["main_drug"]), _title(rule["plus_drug"])))
        reading = " / ".join(sorted(fold(name) for name in names))
        text = " ".join(rule["interaction_mechanism"].split())
        mechanism = next((kind for pattern, kind in mechanisms if pattern.search(reading)), "")
        for pair in sorted({tuple(sorted((a, b))) for a in left for b in right if a != b}):
            first, second = pair
            scope = scopes.severities(reading, (first, second))
            for level in said:
                if scope is None or level["severity"] in scope:
                    yield {
                        "drug_a": substance_id(first),
                        "drug_b": substance_id(second),
                        "mechanism": mechanism,
                        "statement": " / ".join(names),
                        "text": text,
                        "file": "thesaurus.json",
                        **_STATED,
                        **_conditioned(_narrowed(level, scope), text),
                    }


def _severities(rule: dict[str, Any]) -> Iterator[dict[str, str]]:
    levels = rule.get("severity_levels") or []
    for level in levels:
        info = _respaced(level.get("info", ""), rule.get("description", "")).strip(" :-")
        yield {
            "severity": SEVERITIES[fold(level["level"])].value,
            "severity_as_stated": level["level"].strip(),
            "condition": info if len(levels) > 1 else "",
            "recommendation": info,
        }


def _respaced(info: str, description: str) -> str:
    """Give back the blanks that the file lost where a line of the printed thesaurus ended."""
    places = [place for place, letter in enumerate(description) if not letter.isspace()]
    bare = "".join(description[place] for place in places)
    wanted = "".join(info.split())
    start = bare.find(wanted) if wanted else -1
    if start < 0:
        return " ".join(info.split())
    return " ".join(description[places[start] : places[start + len(wanted) - 1] + 1].split())


def _narrowed(level: dict[str, str], scope: Mapping[str, bool] | None) -> dict[str, str]:
    """Keep the condition of a severity only where our reading says that one must still be met."""
    if scope is None:
        return level
    conditional = scope[level["severity"]]
    text = level["recommendation"] or "as the text of the rule says"
    return {**level, "condition": text if conditional else ""}


def _conditioned(level: dict[str, str], text: str) -> dict[str, str]:
    """Take an age within the text of a rule for its condition where the level has none."""
    found = _AGED.search(text)
    return level if level["condition"] or not found else {**level, "condition": found[0]}


def _title(name: str) -> str:
    return " ".join(name.split())
