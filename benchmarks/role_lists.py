"""What other lists say of the enzymes and transporters of drugs, in the curated table's names.

Every reader gives (drug, gene) -> the roles that a list states. A graded list states a role with
its strength, ``"inhibitor strong"``.
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

from benchmarks.liability_lists import DrugNames, tsv
from ontologies.french import plain_french

UNIPROT = {
    "P08684": "CYP3A4",
    "P20815": "CYP3A5",
    "P10635": "CYP2D6",
    "P05177": "CYP1A2",
    "P20813": "CYP2B6",
    "P10632": "CYP2C8",
    "P11712": "CYP2C9",
    "P33261": "CYP2C19",
    "P22309": "UGT1A1",
    "P08183": "ABCB1",
    "Q9UNQ0": "ABCG2",
    "Q9Y6L6": "SLCO1B1",
    "Q9NPD5": "SLCO1B3",
    "Q4U2R8": "SLC22A6",
    "Q8TCC7": "SLC22A8",
    "O15244": "SLC22A2",
    "Q96FL8": "SLC47A1",
    "Q86VL8": "SLC47A2",
}
"""UniProt accession -> HGNC symbol of each protein that the curated table speaks of."""

FAMILIES = {
    "CYP1A": "CYP1A2",
    "CYP2B": "CYP2B6",
    "CYP2D": "CYP2D6",
    "CYP3A": "CYP3A4",
    "PGP": "ABCB1",
    "P-GP": "ABCB1",
    "P-GLYCOPROTEIN": "ABCB1",
    "BCRP": "ABCG2",
    "OATP1B1": "SLCO1B1",
    "OATP1B3": "SLCO1B3",
    "OAT1": "SLC22A6",
    "OAT3": "SLC22A8",
    "OCT2": "SLC22A2",
    "MATE1": "SLC47A1",
}
"""Names that the lists use -> HGNC symbol; a name that is absent is a symbol already."""

SYNONYMS = {
    "adefovir": "adefovir dipivoxil",
    "cotrimoxazole": "sulfamethoxazole",
    "irrinotecan": "irinotecan",
    "levomepromazine": "methotrimeprazine",
    "simvastatin acid": "simvastatin",
    "st. johns wort extract": "st. john's wort extract",
    "tenofovir": "tenofovir disoproxil",
}
"""Names that the role lists use -> the curated table's name of the ingredient."""

DRUGBANK_NAMES = {"st. john's wort extract": "st. john's wort"}
"""Curated names that DrugBank writes otherwise."""

ANSM_CLASSES = {
    "inhibiteurs puissants du cyp3a4": "inhibitor strong",
    "inducteurs enzymatiques": "inducer",
    "substrats a risque du cyp3a4": "substrate",
}
"""Classes of the thesaurus of 2020, folded -> the role towards CYP3A4 of their members."""

ROLES = frozenset({"inhibitor", "inducer", "substrate"})

_GENE = "|".join(sorted({*FAMILIES, *UNIPROT.values()}, key=lambda name: (-len(name), name)))
_IS_A = r"\b(?:IS|AS) (?:ALSO )?AN? (?:(?P<strength>STRONG|MODERATE|WEAK) )?"
_LABEL_FORMS = (
    re.compile(rf"{_IS_A}(?:[A-Z]+ )?(?P<gene>{_GENE}) (?P<role>INHIBITOR|INDUCER|SUBSTRATE)"),
    re.compile(rf"{_IS_A}(?P<role>INHIBITOR|INDUCER|SUBSTRATE) OF (?:[A-Z]+ )?(?P<gene>{_GENE})"),
)
_BEFORE = 15

Pair = tuple[str, str]
Stated = Mapping[Pair, frozenset[str]]
_Found = defaultdict[Pair, set[str]]


@dataclass(frozen=True, slots=True)
class RoleList:
    """One list, and the ``roles`` of which it speaks.

    A ``strong`` one was made by people to tell which role counts in patients: it is asked for what
    the table lacks too.
    """

    source: str
    stated: Stated
    graded: bool = False
    strong: bool = False
    roles: frozenset[str] = ROLES


def role_lists(data: Path, drugs: Iterable[str]) -> tuple[RoleList, ...]:
    """Read every list under ``data`` that states roles."""
    known = frozenset(drugs)
    names = DrugNames.of(data, known)
    substrate = frozenset({"substrate"})
    words, strengths = label_roles(data, names)
    inhibitors, others = ansm_roles(data, names)
    return (
        RoleList("DrugBank 4.2 roles", drugbank_roles(data, known)),
        RoleList("FDA draft guidance 2012", fda_2012_roles(data), strong=True),
        RoleList("CYP modulators, graded", graded_roles(data), graded=True, strong=True),
        RoleList("ANSM strong CYP3A4 inhibitors 2020", inhibitors, graded=True, strong=True),
        RoleList(
            "ANSM inducers, substrates 2020", others, strong=True, roles=ROLES - {"inhibitor"}
        ),
        RoleList("FDA gene associations 2021", fda_gene_roles(data, names), roles=substrate),
        RoleList("US labels, roles", words),
        RoleList("US labels, strengths", strengths, graded=True),
        RoleList("DrugCentral", drugcentral_roles(data, names), roles=ROLES - {"inducer"}),
        RoleList("DGIdb, typed", dgidb_roles(data, names), roles=ROLES - {"substrate"}),
    )


def drugbank_roles(data: Path, drugs: Iterable[str]) -> Stated:
    """Give the roles that DrugBank 4.2 states; a pair without an action is left out."""
    identifiers = _drugbank_ids(data / "drugbank" / "drugbank_vocabulary.csv.xz")
    wanted: dict[str, list[str]] = defaultdict(list)
    for drug in set(drugs):
        for identifier in identifiers.get(DRUGBANK_NAMES.get(drug, drug), ()):
            wanted[identifier].append(drug)
    stated: _Found = defaultdict(set)
    with gzip.open(data / "drugbank" / "proteins.tsv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            gene = UNIPROT.get(row["uniprot_id"])
            roles = ROLES & set(row["actions"].split("|"))
            if gene is None or not roles or row["category"] not in {"enzyme", "transporter"}:
                continue
            for drug in wanted.get(row["drugbank_id"], ()):
                stated[drug, gene] |= roles
    return _frozen(stated)


def fda_2012_roles(data: Path) -> Stated:
    """Give the ungraded roles in the lists of FDA's draft guidance of 2012."""
    stated: _Found = defaultdict(set)
    for row in tsv(data / "pgx" / "enzymes" / "dikb_fda_guidance_lists.tsv"):
        name = row["enzyme_or_transporter"]
        drug = SYNONYMS.get(row["drug"], row["drug"])
        stated[drug, FAMILIES.get(name, name)].add(row["role"])
    return _frozen(stated)


def graded_roles(data: Path) -> Stated:
    """Give role and strength in the list of inhibitors and inducers of three CYP enzymes."""
    stated: _Found = defaultdict(set)
    for row in tsv(data / "pgx" / "enzymes" / "cyp_modulators_extracted.tsv"):
        drug = SYNONYMS.get(row["drug"], row["drug"])
        stated[drug, row["enzyme"]].add(f"{row['role']} {row['strength']}")
    return _frozen(stated)


def ansm_roles(data: Path, names: DrugNames) -> tuple[Stated, Stated]:
    """Give ANSM's strong inhibitors of CYP3A4, and its inducers and substrates."""
    path = data / "ansm" / "index-des-substances-20102020.json.gz"
    stated: tuple[_Found, _Found] = defaultdict(set), defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as text:
        index = json.load(text)
    for row in index:
        for name in map(plain_french, row["drug_classes"]):
            if role := ANSM_CLASSES.get(name):
                stated[role in ROLES][names.french(row["substance"]), "CYP3A4"].add(role)
    return _frozen(stated[0]), _frozen(stated[1])


def fda_gene_roles(data: Path, names: DrugNames) -> Stated:
    """Give the drugs whose exposure depends on a gene by FDA's table of associations."""
    path = data / "pgx" / "fda" / "fda_pgx_associations_table.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["table"]
    genes = set(UNIPROT.values())
    pairs = {(names.english(row["Drug"]), row["Gene"]) for row in rows if row["Gene"] in genes}
    return dict.fromkeys(sorted(pairs), frozenset({"substrate"}))


def label_roles(data: Path, names: DrugNames) -> tuple[Stated, Stated]:
    """Give what labels say of the drug itself, "X is a strong CYP3A inhibitor".

    The first gives the roles alone, the second those with a word of strength.
    """
    roles: _Found = defaultdict(set)
    strengths: _Found = defaultdict(set)
    for ingredient, text in _labels(data):
        drug = names.english(ingredient)
        for found in (match for form in _LABEL_FORMS for match in form.finditer(text)):
            before = text[: found.start()][-len(ingredient) - _BEFORE :]
            if ingredient not in before:
                continue
            gene, role = FAMILIES.get(found["gene"], found["gene"]), found["role"].lower()
            roles[drug, gene].add(role)
            if found["strength"]:
                strengths[drug, gene].add(f"{role} {found['strength'].lower()}")
    return _frozen(roles), _frozen(strengths)


def drugcentral_roles(data: Path, names: DrugNames) -> Stated:
    """Give inhibitors by action and substrates by a measured Km; other activities say no role."""
    stated: _Found = defaultdict(set)
    path = data / "drugcentral" / "drug.target.interaction.tsv.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            gene = UNIPROT.get(row["ACCESSION"])
            kind = "substrate" if row["ACT_TYPE"] == "Km" else row["ACTION_TYPE"].lower()
            if gene and kind in ROLES:
                stated[names.english(row["DRUG_NAME"]), gene].add(kind)
    return _frozen(stated)


def dgidb_roles(data: Path, names: DrugNames) -> Stated:
    """Give the typed interactions of DGIdb; most have no type."""
    stated: _Found = defaultdict(set)
    genes = set(UNIPROT.values())
    with gzip.open(data / "dgidb" / "interactions.tsv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", restval=""):
            kinds = ROLES & set(row["interaction_types"].split(","))
            if row["gene_name"] in genes and kinds:
                stated[names.english(row["drug_name"]), row["gene_name"]] |= kinds
    return _frozen(stated)


def _frozen(stated: Mapping[Pair, set[str]]) -> dict[Pair, frozenset[str]]:
    return {pair: frozenset(roles) for pair, roles in stated.items()}


def _labels(data: Path) -> Iterator[tuple[str, str]]:
    path = data / "openfda_labels" / "openfda_label_drug_interactions.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record.get("found"):
                yield record["ingredient"], " ".join(record["text"].split())


def _drugbank_ids(path: Path) -> dict[str, set[str]]:
    """Lower-case name or synonym -> DrugBank ids; a common name beats another drug's synonym."""
    common: dict[str, set[str]] = defaultdict(set)
    synonyms: dict[str, set[str]] = defaultdict(set)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            common[row["Common name"].lower()].add(row["DrugBank ID"])
            for synonym in filter(None, row["Synonyms"].split(" | ")):
                synonyms[synonym.lower()].add(row["DrugBank ID"])
    return {**synonyms, **common}
