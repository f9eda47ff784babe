"""openFDA: pairs of ingredients that the interaction section of a label names in one sentence.

Only a sentence that names both the ingredient of the label and another listed one, with a word of
relation between them, a word of consequence and no word of denial, makes a pair. What becomes of
the patient is left to the sentence itself, which goes with the pair; no severity is read from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_files import read_text
from ontologies.vocabulary import AgentType, Category

NAME = "openfda"
UNNAMED_EFFECT = "coprescribe:unnamed_effect"
"""The node that stands where a source states an interaction without an effect of its own."""
NOT_PROVIDED = "not_provided"
"""Biolink's knowledge level of a statement that a machine read out of a text."""

_FILE = "openfda_label_drug_interactions.jsonl.xz"
_SHORTEST, _LONGEST = 25, 450
"""A sentence outside these bounds, in characters, is a heading or a table run together."""

_UNSPECIFIC = frozenset(
    {
        "ALCOHOL", "BENZODIAZEPINE", "CAFFEINE", "CALCIUM", "CHLORAL", "DEXTROSE", "DIMETHYL",
        "DIETARY SUPPLEMENT", "FISH OIL", "HERBALS", "INVESTIGATIONAL PRODUCT", "IRON", "MAGNESIUM",
        "N METHYLCYCLAZODONE", "NIACIN", "NICOTINE", "OPIUM", "OXYGEN", "PEG INTRON", "POTASSIUM",
        "RIBOFLAVIN", "THIAMINE", "TOBACCO LEAF", "UNSPECIFIED INGREDIENT", "VITAMINS",
    }
)  # fmt: skip
"""Listed names that are no single medicine, or that labels use for food, salts and gases."""

_REFERENCES = re.compile(
    r"\[ ?SEE [^\]]{0,200}\]|\( ?SEE [^()]{0,120}(?:\([^()]{0,20}\)[^()]{0,120}){0,4}\)"
    r"|\[ ?\( ?\d[\d., ]*\) ?\]"
)
"""Where a text points to other sections, as in [SEE WARNINGS (5.1)]."""
_STRAY = re.compile(r"[\s,\[\]]*\](?=\s?[.;]|$)|\s+(?=[.;,])")
_TITLES = re.compile(
    r"\( ?\d+\.\d[\d., ]*\)|\b(?:CLINICAL (?:IMPACT|IMPLICATION|COMMENTS?|RATIONALE|RECOMMENDATION)"
    r"|EXAMPLES?|INTERVENTION|PREVENTION OR MANAGEMENT)\b"
)
"""What parts two statements although no full stop does: numbers of sections, heads of tables."""
_OPENINGS = re.compile(
    r"(?<=[A-Z0-9]) (?=(?:THE )?(?:CO-?ADMINISTRATION|CONCURRENT (?:USE|ADMINISTRATION)"
    r"|CONCOMITANT (?:USE|ADMINISTRATION|TREATMENT|THERAPY)) (?:OF|WITH)\b)"
)
_LEADING = re.compile(
    r"\b(?:BY|THE|DURING|AVOID|AFTER|FOLLOWING|WITH|OF|FROM|THAT|ON|IF|TO|FOR|IN|AND|WHEN)$"
)
"""Words after which such an opening goes on with a sentence; after any other it begins one."""
_ENDS = re.compile(r"(?<=[.;:!?•●])\s+|\s+(?=\d+\.\d+\s)|\s[•●]\s*")
_DENIALS = re.compile(
    r"\b(?:NO|NOR|NEITHER|WITHOUT|UNAFFECTED|UNCHANGED|LACK|MINIMAL|UNLIKELY|NEGLIGIBLE|INSTEAD"
    r"|ALTERNATIVES?|EXCEPT|OTHER THAN|UNLIKE|IN VITRO|RATS?|MICE|DOGS?|RABBITS?|ANIMALS?|MONKEYS?"
    r"|NONE|SIMILAR|EVALUATED|INVESTIGATED|STUDIED|WHICH CONTAINS|HYPOTHETICAL|UNKNOWN|GROUP"
    r"|CO-PACKAGED|AS WELL AS|REUPTAKE OF|REFER TO)\b"
    r"|\bNOT\b(?! (?:BE |RECOMMENDED|EXCEED|USE|ADMINISTER|TAKE|INITIATE|CO-?ADMINISTER))|N'T\b|\?"
)
_CONSEQUENCES = re.compile(
    r"INCREAS|DECREAS|REDUC|AVOID|CONTRAINDICAT|NOT RECOMMENDED|SHOULD NOT|MUST NOT|MONITOR|\bRISK"
    r"|CAUTION|TOXIC|POTENTIAT|ENHANC|INHIBIT|PROLONG|DIMINISH|LOWER|RAISE|ELEVAT|ADDITIVE|SERIOUS"
    r"|FATAL|ADJUST|LIMIT|BLEEDING|HYPOTENSI|HYPERKAL"
)
_MEDICINE = r"(?! (?:REUPTAKE|AGONIST|ANTAGONIST|RECEPTOR|DEPLET))"
"""What must not follow a name: then it is a substance of the body that is meant."""
_RELATIONS = re.compile(
    r"\b(?:WITH|RECEIVING|TAKING|CONCOMITANTLY|CONCURRENTLY"
    r"|(?:INCREAS|DECREAS|REDUC|INHIBIT|ENHANC|POTENTIAT|RAIS|PROLONG|ELEVAT|LOWER|DIMINISH|INDUC"
    r"|ANTAGONIZ|BLOCK|DISPLAC|IMPAIR|INTERFER)\w*)\b"
)


@dataclass(frozen=True, slots=True)
class _Names:
    """The listed ingredients as they may be written: any of them, and two given as one product."""

    single: re.Pattern[str]
    paired: re.Pattern[str]

    @classmethod
    def of(cls, ingredients: list[str]) -> _Names:
        """Compile the patterns, longer names before those that they contain."""
        longest = sorted(ingredients, key=lambda name: (-len(name), name))
        either = "|".join(re.escape(name).replace(r"\ ", "[ -]") for name in longest)
        return cls(
            re.compile(rf"(?<![A-Z0-9/+-])(?:{either})(?![A-Z0-9/+-]){_MEDICINE}"),
            re.compile(rf"(?:{either})(?: [A-Z]+)?(?: AND | PLUS |/)(?:{either})"),
        )


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield the ingredients that interact, and one pair per label and ingredient that it names."""
    labels = _labels(files[_FILE])
    names = _Names.of([label["ingredient"] for label in labels if _specific(label)])
    rows = [
        {
            "drug_a": _curie(label["ingredient"]),
            "drug_b": _curie(other),
            "effect": UNNAMED_EFFECT,
            "knowledge_level": NOT_PROVIDED,
            "agent_type": AgentType.TEXT_MINING_AGENT.value,
            "statement": f"label/{label['ingredient'].lower()}/{other.lower()}",
            "text": sentence,
            "file": _FILE,
        }
        for label in labels
        if label["found"] and _specific(label)
        for other, sentence in sorted(named_with(label, names).items())
    ]
    used = {row[end] for row in rows for end in ("drug_a", "drug_b")}
    ingredients = sorted({label["ingredient"] for label in labels})
    nodes = [
        {"id": _curie(name), "name": name.lower(), "category": Category.DRUG.value}
        for name in ingredients
        if _curie(name) in used
    ]
    yield Chunk.of(ChunkKind.NODES, pd.DataFrame(nodes))
    yield Chunk.of(ChunkKind.PAIRS, pd.DataFrame(rows))


OPENFDA = Source(
    SourceInfo(
        NAME,
        "infores:dailymed",  # whose labels openFDA serves; the catalogue has no openFDA
        "https://open.fda.gov/apis/drug/label/",
        "openFDA drug labels, section on drug interactions, one label per ingredient",
    ),
    (_FILE,),
    read,
)


def named_with(label: Mapping[str, Any], names: _Names) -> dict[str, str]:
    """Give the ingredients that a label says its own interacts with, each by a short sentence."""
    own = str(label["ingredient"])
    found: dict[str, str] = {}
    for sentence in _sentences(str(label["text"]), own):
        if _DENIALS.search(sentence) or not _CONSEQUENCES.search(sentence):
            continue
        others = list(_related(sentence, own, names))
        if others and not _is_of_product(sentence, own, names):
            for other in others:
                known = found.get(other, sentence)
                found[other] = min((known, sentence), key=lambda text: (len(text), text))
    return found


def _labels(path: Path) -> list[dict[str, Any]]:
    text = read_text(NAME, path)
    if not text.endswith("\n"):
        raise MalformedSource(NAME, path.name, "is empty or its last line is cut short")
    labels = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            label = json.loads(line)
        except json.JSONDecodeError as error:
            raise MalformedSource(NAME, path.name, f"not JSON ({error})", number) from error
        if not _is_label(label):
            reason = "expected an ingredient, whether it was found and, if so, a text"
            raise MalformedSource(NAME, path.name, reason, number)
        labels.append(label)
    return labels


def _is_label(label: object) -> bool:
    if not isinstance(label, dict) or not isinstance(label.get("found"), bool):
        return False
    name = label.get("ingredient")
    return (
        isinstance(name, str)
        and bool(name.strip())
        and (not label["found"] or isinstance(label.get("text"), str))
    )


def _specific(label: Mapping[str, Any]) -> bool:
    return label["ingredient"] not in _UNSPECIFIC


def _curie(ingredient: str) -> str:
    return "OPENFDA.INGREDIENT:" + re.sub(r"[^a-z0-9]+", "-", ingredient.lower()).strip("-")


def _sentences(text: str, own: str) -> Iterator[str]:
    """Cut a text into the sentences that name an ingredient, without references to sections."""
    for part in _ENDS.split(_TITLES.sub("; ", _REFERENCES.sub(" ", text))):
        if own in part:
            for cut in _cut_at_openings(" ".join(part.split())):
                sentence = _STRAY.sub("", cut).strip()
                if _SHORTEST <= len(sentence) <= _LONGEST:
                    yield sentence


def _cut_at_openings(text: str) -> Iterator[str]:
    """Cut where a phrase of use begins right after a heading that has no full stop."""
    start = 0
    for opening in _OPENINGS.finditer(text):
        if not _LEADING.search(text[: opening.start()]):
            yield text[start : opening.start()]
            start = opening.end()
    yield text[start:]


def _is_combined(sentence: str, name: str) -> bool:
    """Tell whether a name stands in a sentence as part of a combination product."""
    written = re.escape(name)
    joined = rf"[A-Z]/{written}|{written}(?: [A-Z]+)?/[A-Z]|PLUS {written}|{written} PLUS"
    return re.search(joined, sentence) is not None


def _is_of_product(sentence: str, name: str, names: _Names) -> bool:
    """Tell whether a sentence is about a product of the name and another listed ingredient."""
    products = (product.group() for product in names.paired.finditer(sentence))
    return _is_combined(sentence, name) or any(name in product for product in products)


def _related(sentence: str, own: str, names: _Names) -> Iterator[str]:
    """Give the other names of a sentence that a word of relation always parts from its own."""
    places: dict[str, list[re.Match[str]]] = {}
    for match in names.single.finditer(sentence):
        places.setdefault(match.group().replace("-", " "), []).append(match)
    for other, theirs in places.items():
        if other in own or own in other or _is_combined(sentence, other):
            continue
        gaps = [_between(sentence, one, two) for one in places.get(own, ()) for two in theirs]
        if gaps and all(_RELATIONS.search(gap) for gap in gaps):
            yield other


def _between(sentence: str, one: re.Match[str], two: re.Match[str]) -> str:
    first, second = sorted((one, two), key=lambda match: match.start())
    return sentence[first.end() : second.start()]
