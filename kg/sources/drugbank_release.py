"""DrugBank 4.2 of 2015: groups, ATC codes, categories, PubChem numbers and names of 7,759 drugs.

DrugBank has since given some numbers to other substances: DB00300 was tenofovir and is tenofovir
disoproxil, DB00732 and DB00565 changed places. The open vocabulary has the later word. A drug whose
structure differs from the one there keeps its groups, codes and categories, but its name, synonyms
and PubChem number are left out; a name that differs is at most a synonym. Categories stand under
their names, since the release does not number them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_table, read_text
from kg.sources.base_lookup import looked_up
from kg.sources.exact_xrefs import exact_xrefs, in_columns
from ontologies.fold import fold
from ontologies.salts import differ_in_form
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "drugbank_release"
DRUGS, ALIASES, PUBCHEM = "drugbank.tsv.gz", "aliases.json.gz", "pubchem-mapping.tsv"
VOCABULARY = "drugbank_vocabulary.csv.xz"
_COLUMNS = ("drugbank_id", "name", "groups", "atc_codes", "categories", "inchikey")
_DRUGBANK_ID = re.compile(r"DB\d{5}")
_ATC = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}")
_COMBINED = re.compile(r"A10BD|B03AD|C02L|C05AX03|C09[BD]|C10BA|G03A[AB]|G03F|M05BB|P01BF0[1-6]")
"""Groups of ATC whose codes name combinations: no drug is a kind of a combination it is part of."""
_STATED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.MANUAL_AGENT.value,
    "file": DRUGS,
}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, categories and groups, and what each drug belongs to.

    A drug is a subclass of its ATC codes and categories; to a group (approved, withdrawn, illicit
    and so on) it is only related, since a group says nothing of what a drug does.
    """
    drugs = _read_drugs(files[DRUGS])
    aliases = _read_aliases(files[ALIASES])
    pubchem = read_table(NAME, files[PUBCHEM], ("drugbank_id", "pubchem_cid"))
    drugs = _with_later_names(drugs, files[VOCABULARY])
    yield Chunk.of(ChunkKind.NODES, _nodes(drugs, aliases, pubchem))
    categories = _members(drugs, "categories")
    groups = _members(drugs, "groups")
    yield Chunk.of(ChunkKind.NODES, _classes(categories, category_id, ""))
    yield Chunk.of(ChunkKind.NODES, _classes(groups, group_id, " drug"))
    subclass, related = Predicate.SUBCLASS_OF.value, Predicate.RELATED_TO.value
    codes = _members(drugs, "atc_codes")
    codes = codes[~codes["value"].str.match(_COMBINED)]
    yield Chunk.of(ChunkKind.NODES, _nameless(codes["value"]))
    yield Chunk.of(ChunkKind.EDGES, _links(codes, subclass, "ATC:" + codes["value"]))
    yield Chunk.of(
        ChunkKind.EDGES, _links(categories, subclass, categories["value"].map(category_id))
    )
    yield Chunk.of(ChunkKind.EDGES, _links(groups, related, groups["value"].map(group_id)))


DRUGBANK_RELEASE = Source(
    SourceInfo(
        NAME,
        "infores:drugbank",
        "https://github.com/dhimmel/drugbank",
        "DrugBank 4.2 as extracted by D. Himmelstein",
    ),
    (DRUGS, ALIASES, PUBCHEM, VOCABULARY),
    read,
)


def category_id(name: str) -> str:
    """CURIE of a category of DrugBank, made from its name."""
    return "DRUGBANK.CATEGORY:" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def group_id(name: str) -> str:
    """CURIE of a group of DrugBank (approved, experimental and so on)."""
    return category_id(f"group {name}")


def _read_drugs(path: Path) -> pd.DataFrame:
    """Read the drugs; unlike other tab-separated files, this one quotes cells with line ends."""
    text = read_text(NAME, path)
    if text and not text.endswith("\n"):
        raise MalformedSource(NAME, DRUGS, "its last line is cut short")
    try:
        rows = list(csv.reader(StringIO(text), dialect="excel-tab", strict=True))
    except csv.Error as error:
        raise MalformedSource(NAME, DRUGS, str(error)) from error
    header = rows[0] if rows else []
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise MalformedSource(NAME, DRUGS, f"columns {missing} are missing; found {header}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            reason = f"has {len(row)} cells where the header has {len(header)}"
            raise MalformedSource(NAME, DRUGS, reason, number)
    frame = pd.DataFrame(rows[1:], columns=header, dtype=str)
    wrong = ~frame["drugbank_id"].str.fullmatch(_DRUGBANK_ID.pattern) | (frame["name"] == "")
    if wrong.any():
        row_number = int(wrong.to_numpy().argmax()) + 2
        raise MalformedSource(NAME, DRUGS, "a drug has no number or no name", row_number)
    return frame.assign(id="DRUGBANK:" + frame["drugbank_id"])


def _read_aliases(path: Path) -> dict[str, list[str]]:
    try:
        aliases = json.loads(read_text(NAME, path))
    except json.JSONDecodeError as error:
        raise MalformedSource(NAME, ALIASES, f"not JSON ({error})") from error
    if not isinstance(aliases, dict) or not aliases:
        raise MalformedSource(NAME, ALIASES, "expected names by DrugBank number")
    for drug, names in aliases.items():
        listed = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not _DRUGBANK_ID.fullmatch(drug) or not listed:
            raise MalformedSource(NAME, ALIASES, f"expected a list of names under {drug!r}")
    return aliases


def _with_later_names(drugs: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Add the name that the vocabulary gives, and whether the structure is still the same."""
    columns = ("DrugBank ID", "Common name", "Standard InChI Key")
    later = read_table(NAME, path, columns, ",").drop_duplicates("DrugBank ID")
    later = later.set_index("DrugBank ID")
    numbers = drugs["drugbank_id"]
    skeleton = looked_up(numbers, later["Standard InChI Key"]).str[:14]
    own = drugs["inchikey"].str.removeprefix("InChIKey=").str[:14]
    name = looked_up(numbers, later["Common name"], drugs["name"])
    return drugs.assign(later=name, same=(own == skeleton) | (own == "") | (skeleton == ""))


def _nodes(
    drugs: pd.DataFrame, aliases: Mapping[str, list[str]], pubchem: pd.DataFrame
) -> pd.DataFrame:
    numbers = pubchem.assign(id="DRUGBANK:" + pubchem["drugbank_id"])
    stated = in_columns(numbers, {"pubchem_cid": "PUBCHEM.COMPOUND"}, {"PUBCHEM.COMPOUND": r"\d+"})
    columns = (drugs[column] for column in ("drugbank_id", "name", "later", "same"))
    names, synonyms = [], []
    for drug, name, later, same in zip(*columns, strict=True):
        names.append(later if same and fold(name) == fold(later) else "")
        synonyms.append(_synonyms(later, [name, *aliases.get(drug, [])]) if same else "")
    xrefs = drugs["id"].map(exact_xrefs(stated)).where(drugs["same"], "")
    nodes = pd.DataFrame({"id": drugs["id"], "name": names, "synonym": synonyms, "xref": xrefs})
    return nodes.assign(category=Category.DRUG.value)


def _synonyms(name: str, others: list[str]) -> str:
    """Join other names of the drug, without those that say another form of it."""
    own = fold(name)
    plain = dict.fromkeys(other.strip().replace("|", "/") for other in others)
    return "|".join(
        other
        for other in plain
        if other and fold(other) != own and differ_in_form(name, other) != "salt form"
    )


def _members(drugs: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give drug and value in rows, of a column whose cells join values with ``|``."""
    long = pd.DataFrame({"id": drugs["id"], "value": drugs[column].str.split("|")})
    long = long.explode("value", ignore_index=True)
    long = long[long["value"] != ""].drop_duplicates(ignore_index=True)
    if column == "atc_codes" and not long["value"].str.fullmatch(_ATC.pattern).all():
        wrong = long.loc[~long["value"].str.fullmatch(_ATC.pattern), "value"].iloc[0]
        raise MalformedSource(NAME, DRUGS, f"{wrong!r} is no ATC code")
    return long


def _classes(members: pd.DataFrame, curie: Callable[[str], str], suffix: str) -> pd.DataFrame:
    names = members["value"].drop_duplicates().sort_values()
    frame = pd.DataFrame({"id": names.map(curie), "name": names + suffix})
    return frame.assign(category=Category.DRUG_CLASS.value).drop_duplicates("id")


def _nameless(codes: pd.Series[str]) -> pd.DataFrame:
    """Give the ATC codes; the release does not name them."""
    each = codes.drop_duplicates().sort_values()
    return pd.DataFrame({"id": "ATC:" + each, "category": Category.DRUG_CLASS.value})


def _links(members: pd.DataFrame, predicate: str, target: pd.Series[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"subject": members["id"], "predicate": predicate, "object": target})
    return frame.assign(**_STATED)
