"""What the name of an RxNorm product says: its ingredients, its route, its brand.

RxNorm builds names by rule: ingredients with strengths joined by " / ", the dose form, the brand in
square brackets ("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]"); a pack
lists its products in braces (RxNorm Technical Documentation, section 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_BRAND = re.compile(r"\s*\[(?P<brand>[^\[\]]+)\]$")
_PACK = re.compile(r"^\{(?P<content>.+)\}\s*Pack$")
_IN_PACK = re.compile(r"\d+ (?:\([\d.,]+ [A-Z]+\) )?\((?P<product>.+?)\)(?= / \d|\s*$)")
_LEAD = re.compile(
    r"^(?:(?:\d[\d.,]* (?:HR|ML|L|ACTUAT|MG|G|HOUR|DAY|UNT)|NDA\d+|Abuse-Deterrent) )+(?=\S)"
)
_STRENGTH = re.compile(
    r" \d[\d.,]*(?:-\d[\d.,]*)? "
    r"(?:%|(?:MG|MCG|G|GM|ML|MEQ|MMOL|MOL|MCI|MBQ|MCMOL|UNT|IU|BAU|AU|PNU|AMB A 1 U|CELLS|CFU|PFU"
    r"|SQU|TCID50|LFU|ACTUAT|KALLIKREIN INHIBITOR UNITS|VECTOR-GENOMES|\[?[A-Z]{1,4}'?U\]?)"
    r"(?:/[A-Z]+)?)(?= |$)"
)
_GROUP = re.compile(r" (?:[A-Z][a-z]+(?: [A-Z][a-z]+)? Product|Pill)$")
_ROUTES = tuple(
    (re.compile(pattern), route)
    for pattern, route in (
        (r"Ophthalmic|Intraocular|Intravitreal", "ophthalmic"),
        (r"\bOtic\b", "otic"),
        (r"Nasal", "nasal"),
        (r"Inhal", "inhalation"),
        (r"Sublingual", "sublingual"),
        (r"Buccal", "buccal"),
        (r"Transdermal", "transdermal"),
        (r"Vaginal", "vaginal"),
        (r"Rectal|Enema", "rectal"),
        (r"Urethral|Intravesical", "urethral"),
        (r"Intrauterine", "intrauterine"),
        (r"Inject|Intravenous|Intrathecal|Syringe|Intraperitoneal", "injection"),
        (r"Mucous|Mucosal|Mouthwash|Toothpaste|Dental|Periodontal", "oromucosal"),
        (r"Irrigation", "irrigation"),
        (r"Topical|Cream|Ointment|Lotion|Shampoo|Soap|Paste", "topical"),
        (r"Implant", "implant"),
        (r"Oral|Tablet|Capsule|Pill|Chew|Lozenge|Syrup|Elixir", "oral"),
    )
)
"""Words of a dose form that state a route; the narrower ones first."""


@dataclass(frozen=True, slots=True)
class ProductName:
    """A name taken apart: ingredients as written, the route where stated, the brand."""

    ingredients: tuple[str, ...]
    route: str
    brand: str


def without_brand(name: str) -> tuple[str, str]:
    """Give a name without the brand in brackets, and the brand."""
    found = _BRAND.search(name)
    return (name[: found.start()], found["brand"]) if found else (name, "")


def parse_product(name: str, forms: frozenset[str]) -> ProductName:
    """Take the name of a product or a pack apart.

    Args:
        name: The name as RxNorm writes it.
        forms: Dose forms, to end a name that has no strength ("Fusidate Topical Ointment").

    >>> parse_product("10 ML Furosemide 10 MG/ML Injection [Lasix]", frozenset())
    ProductName(ingredients=('Furosemide',), route='injection', brand='Lasix')
    """
    plain, brand = without_brand(name.strip())
    pack = _PACK.match(plain)
    products = _IN_PACK.findall(pack["content"]) if pack else [plain]
    parsed = [_parse_single(without_brand(product)[0], forms) for product in products]
    ingredients = dict.fromkeys(text for texts, _ in parsed for text in texts)
    routes = {_route(form) for _, form in parsed}
    return ProductName(tuple(ingredients), routes.pop() if len(routes) == 1 else "", brand)


def strong_parts(name: str) -> list[str]:
    """Give what stands before a strength in a name: an ingredient, never a brand."""
    plain, _ = without_brand(name)
    bare = (_LEAD.sub("", part.strip()) for part in plain.split(" / "))
    return [part[: found.start()] for part in bare if (found := _STRENGTH.search(part))]


def dose_form(name: str) -> str:
    """Give what follows the last strength of a product's name, without the brand."""
    plain, _ = without_brand(name)
    _, form = _split(plain.rsplit(" / ", 1)[-1])
    return form


def _parse_single(name: str, forms: frozenset[str]) -> tuple[list[str], str]:
    *firsts, last = name.split(" / ")
    ingredient, form = _split(last)
    if not form:
        ingredient, form = _without_form(ingredient, forms)
    return [*(_split(part)[0] for part in firsts), ingredient], form


def _split(part: str) -> tuple[str, str]:
    """Give the ingredient of one part and what stands behind its strength."""
    bare = _LEAD.sub("", part.strip())
    found = _STRENGTH.search(bare)
    return (bare[: found.start()], bare[found.end() :].strip()) if found else (bare, "")


def _without_form(text: str, forms: frozenset[str]) -> tuple[str, str]:
    group = _GROUP.search(text)
    words = text.split(" ")
    for place in range(1, len(words)):
        form = " ".join(words[place:])
        if form in forms:
            return " ".join(words[:place]), form
    return (text[: group.start()], group[0].strip()) if group else (text, "")


@lru_cache(maxsize=4096)
def _route(form: str) -> str:
    return next((route for pattern, route in _ROUTES if pattern.search(form)), "")
