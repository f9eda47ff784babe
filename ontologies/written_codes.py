"""A text that is a code of a drug: a CURIE, a bare RxCUI, a number of PubChem, DrugBank, ChEMBL."""

from __future__ import annotations

import re

from ontologies.curie import Curie, MalformedCurie, PrefixMap, UnknownPrefix

_CODE_FORMS = (
    (re.compile(r"0*(\d{1,7})"), "RXCUI"),
    (re.compile(r"CID0*(\d+)", re.IGNORECASE), "PUBCHEM.COMPOUND"),
    (re.compile(r"(DB\d{5})", re.IGNORECASE), "DRUGBANK"),
    (re.compile(r"(CHEMBL\d+)", re.IGNORECASE), "CHEMBL.COMPOUND"),
)
_CURIE_FORM = re.compile(r"[A-Za-z][\w.-]*:\S+")


def is_code(text: str) -> bool:
    """Say whether a text has the form of a code, be it known or not.

    >>> is_code("11289"), is_code("RXCUI:11289"), is_code("DB00682"), is_code("aspirin: 81 mg")
    (True, True, True, False)
    """
    forms = (_CURIE_FORM, *(form for form, _ in _CODE_FORMS))
    return any(form.fullmatch(text) for form in forms)


def written_code(text: str, prefixes: PrefixMap) -> str | None:
    """Give the CURIE that a text is, in its standard spelling; ``None`` where it is none."""
    for form, prefix in _CODE_FORMS:
        match = form.fullmatch(text)
        if match:
            return str(Curie(prefix, match[1].upper()))
    try:
        return str(prefixes.standard(text))
    except (MalformedCurie, UnknownPrefix):
        return None
