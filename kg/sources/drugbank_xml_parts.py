"""What one drug element of DrugBank's XML says, as rows of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ontologies.vocabulary import Predicate

DRUG = "DRUGBANK:"
SALT = "DRUGBANK.SALT:"
CATEGORIES = {"targets": "target", "enzymes": "enzyme", "transporters": "transporter"} | {
    "carriers": "carrier"
}
"""The four lists of proteins, and what one entry of each is called."""

_FORMS = {
    "CAS": r"\d{2,7}-\d{2}-\d",
    "UNII": r"[A-Z0-9]{10}",
    "INCHIKEY": r"[A-Z]{14}-[A-Z]{10}-[A-Z]",
    "CHEBI": r"\d+",
    "CHEMBL.COMPOUND": r"CHEMBL\d+",
    "PUBCHEM.COMPOUND": r"\d+",
    "RXCUI": r"\d{1,7}",
    "PHARMGKB.DRUG": r"PA\d+",
}
_RESOURCES = {
    "ChEBI": "CHEBI",
    "ChEMBL": "CHEMBL.COMPOUND",
    "PubChem Compound": "PUBCHEM.COMPOUND",
    "RxCUI": "RXCUI",
    "PharmGKB": "PHARMGKB.DRUG",
}
_UNSAID_ACTIONS = frozenset({"", "other", "other/unknown", "unknown"})
_STRENGTHS = ("strong", "moderate", "weak")
_HGNC = "HUGO Gene Nomenclature Committee (HGNC)"
_ACCESSION = re.compile(r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2}")


@dataclass(frozen=True, slots=True)
class Substance:
    """A drug or a salt: its CURIE, its names, and the CURIEs that the entry gives for it."""

    curie: str
    name: str
    synonyms: tuple[str, ...]
    xrefs: tuple[str, ...]


def number(drug: Element) -> str:
    """Give the primary DrugBank number of an entry; empty where it has none."""
    return next((_own(e) for e in drug.findall("drugbank-id") if e.get("primary") == "true"), "")


def substance(drug: Element) -> Substance:
    """Give the drug itself, with its English synonyms."""
    synonyms = (
        _own(e) for e in drug.findall("synonyms/synonym") if e.get("language") in {"english", None}
    )
    found = {"CAS": [_text(drug, "cas-number")], "UNII": [_text(drug, "unii")]}
    for entry in drug.findall("external-identifiers/external-identifier"):
        prefix = _RESOURCES.get(_text(entry, "resource"))
        if prefix:
            found.setdefault(prefix, []).append(_text(entry, "identifier"))
    found["INCHIKEY"] = [
        _text(entry, "value")
        for entry in drug.findall("calculated-properties/property")
        if _text(entry, "kind") == "InChIKey"
    ]
    name = _text(drug, "name")
    names = dict.fromkeys(s.replace("|", "/") for s in synonyms if s and s != name)
    return Substance(DRUG + number(drug), name, tuple(names), _curies(found))


def salts(drug: Element) -> Iterator[Substance]:
    """Give the salts that are listed under a drug."""
    for salt in drug.findall("salts/salt"):
        found = {
            "CAS": [_text(salt, "cas-number")],
            "UNII": [_text(salt, "unii")],
            "INCHIKEY": [_text(salt, "inchikey")],
        }
        yield Substance(SALT + _text(salt, "drugbank-id"), _text(salt, "name"), (), _curies(found))


def interactions(drug: Element) -> Iterator[tuple[str, str, str]]:
    """Give number and name of each partner, and what is said of the two."""
    for entry in drug.findall("drug-interactions/drug-interaction"):
        partner = _text(entry, "drugbank-id"), _text(entry, "name")
        yield *partner, " ".join(_text(entry, "description").split())


def roles(drug: Element) -> Iterator[dict[str, str]]:
    """Give a row per human protein and action: the columns of an edge, and the gene's name."""
    for group, kind in CATEGORIES.items():
        for entry in drug.findall(f"{group}/{kind}"):
            if _text(entry, "organism") in {"Humans", "Human"}:
                for protein in entry.findall("polypeptide"):
                    yield from _actions(drug, entry, protein, kind)


def products(drug: Element) -> Iterator[tuple[str, str, str]]:
    """Give the key of each marketed product under its regulator, its name and its one route."""
    for entry in drug.findall("products/product"):
        codes = ("ndc-product-code", "dpd-id", "ema-ma-number")
        code = next((_text(entry, name) for name in codes if _text(entry, name)), "")
        name = _text(entry, "name")
        if code and name:
            route = _text(entry, "route").lower()
            yield f"{_text(entry, 'source')} {code}", name, "" if ";" in route else route


def _actions(
    drug: Element, entry: Element, protein: Element, kind: str
) -> Iterator[dict[str, str]]:
    curie, gene = _gene(protein)
    if not curie:
        return
    known = _text(entry, "known-action")
    numbers = (_own(e) for e in entry.findall("references/articles/article/pubmed-id"))
    shared = {
        "subject": DRUG + number(drug),
        "object": curie,
        "name": gene,
        "text": f"{kind}; pharmacological action: {known or 'unknown'}",
        "publications": "|".join(f"PMID:{code}" for code in numbers if code.isdecimal()),
    }
    actions = {_own(e).lower() for e in entry.findall("actions/action")} or {""}
    for action in sorted({"" if a in _UNSAID_ACTIONS else a for a in actions}):
        predicate, role = _role(entry, action)
        yield {**shared, "predicate": predicate, "qualifiers": f"category={kind}{role}"}


def _role(entry: Element, action: str) -> tuple[str, str]:
    if action == "substrate":
        return Predicate.SUBSTRATE_OF.value, ""
    if not action:
        return Predicate.DIRECTLY_INTERACTS_WITH.value, ""
    strength = {"inhibitor": "inhibition-strength", "inducer": "induction-strength"}.get(action)
    stated = _text(entry, strength).lower() if strength else ""
    graded = f"|strength={stated}" if stated in _STRENGTHS else ""
    return Predicate.AFFECTS.value, f"|role={re.sub('[^a-z]+', '_', action)}{graded}"


def _gene(protein: Element) -> tuple[str, str]:
    """Give the gene by HGNC, or else the protein by UniProt, and the gene's symbol."""
    codes = {
        _text(e, "resource"): _text(e, "identifier")
        for e in protein.findall("external-identifiers/external-identifier")
    }
    hgnc = codes.get(_HGNC, "").removeprefix("HGNC:")
    if hgnc.isdecimal():
        return f"HGNC:{hgnc}", _text(protein, "gene-name")
    accession = protein.get("id") or ""
    fits = _ACCESSION.fullmatch(accession) is not None
    return f"UniProtKB:{accession}" if fits else "", _text(protein, "gene-name")


def _curies(found: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(
        f"{prefix}:{code}"
        for prefix, codes in sorted(found.items())
        for code in sorted(set(codes))
        if re.fullmatch(_FORMS[prefix], code)
    )


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _own(element: Element) -> str:
    return (element.text or "").strip()
