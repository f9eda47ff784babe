"""Drugs that a free text names, as JSON: each mention, and each drug with its mentions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from api.body import read_object
from api.convert import candidate_json
from api.errors import InvalidRequest
from api.state import State
from kg.rules.allergies import load_allergy_names
from ontologies.curie import Curie
from ontologies.lexicon import Lexicon
from ontologies.notes.context_phrases import Context
from ontologies.notes.mentions import Mention, MentionFinder

MOST_LETTERS = 100_000
"""Longest text that is read, in code points."""
_PRECEDENCE: tuple[Context, ...] = (
    "current",
    "allergy",
    "stopped",
    "plan",
    "negated",
    "other_person",
)
NOT_COMPLETE = (
    "Only names that this graph knows are found, and a text says more than its names: confirm each "
    "drug and its context with the text. A drug that is not listed here may still be in it."
)


def read_text(content: bytes) -> str:
    """Read the body of ``POST /v1/mentions``.

    Raises:
        MalformedJson: It is not a JSON object.
        InvalidRequest: It has no text, too long a text, or something else.
    """
    body = read_object(content, "the body")
    unknown = next((key for key in body if key != "text"), None)
    if unknown is not None:
        raise InvalidRequest(f"{unknown[:40]!r}: there is no such field; there are: text")
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidRequest("text: a text in quotation marks is expected, and not an empty one")
    if len(text) > MOST_LETTERS:
        raise InvalidRequest(
            f"text: {len(text)} characters are not accepted: at most {MOST_LETTERS} are read"
        )
    return text


def mentions_json(text: str, state: State) -> dict[str, Any]:
    """Give the drugs that a text names, and what could not be read; places are code points."""
    found = finder_of(state.lexicon).find(text)
    return {
        "mentions": [_mention_json(mention) for mention in found],
        "drugs": _drugs(found, state),
        "notes": [*_notes(found), NOT_COMPLETE],
        "graph": {"id": state.graph.id},
    }


@lru_cache(maxsize=1)
def finder_of(lexicon: Lexicon) -> MentionFinder:
    """Give a finder of the names of a lexicon and of the classes to which allergies are known."""
    names = load_allergy_names()
    told = ((word, group) for group, words in names.groups.items() for word in words)
    classes = {word: group if group in names.ground([group]) else word for word, group in told}
    return MentionFinder(lexicon, classes)


def _mention_json(mention: Mention) -> dict[str, Any]:
    told: dict[str, Any] = {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "status": mention.status,
        "curie": mention.curie,
        "name": mention.name,
        "matched": mention.how,
        "context": mention.context,
        "dose": mention.dose,
        "route": mention.route,
    }
    if mention.curie is None:
        told["candidates"] = [candidate_json(candidate) for candidate in mention.candidates]
    return told


def _drugs(found: Sequence[Mention], state: State) -> list[dict[str, Any]]:
    """Give each drug once, in the order of the text; a product by its ingredients."""
    contents = state.contents
    held: dict[Curie, list[int]] = {}
    for place, mention in enumerate(found):
        for drug in contents.drugs(Curie.parse(mention.curie)) if mention.curie else ():
            held.setdefault(drug, []).append(place)
    return [
        {
            "curie": str(drug),
            "name": state.graph.name(drug),
            "context": _context(found[place].context for place in places),
            "mentions": places,
        }
        for drug, places in held.items()
    ]


def _context(said: Iterator[Context]) -> Context:
    """Give the context of a drug of which several things are said: taken, if anything says so."""
    return min(said, key=_PRECEDENCE.index)


def _notes(found: Sequence[Mention]) -> Iterator[str]:
    reasons: Mapping[str, str] = {
        "unresolved-guess": "Not identified, and perhaps a medicine",
        "ambiguous": "May be several medicines, and none was chosen",
    }
    for status, reason in reasons.items():
        texts = dict.fromkeys(mention.text for mention in found if mention.status == status)
        if texts:
            yield f"{reason}: {', '.join(map(repr, texts))}."
    short = {m.text: m.name for m in found if m.how == "abbreviation"}
    if short:
        read = ", ".join(f"{text!r} as {name!r}" for text, name in short.items())
        yield f"Abbreviations and local names were read: {read}."
    classes = {m.text: m.name for m in found if m.status == "drug-class"}
    if classes:
        read = ", ".join(f"{text!r} ({name})" for text, name in classes.items())
        yield f"Allergies to classes of medicines: {read}."
    slips = {m.text: m.name for m in found if m.how == "spelling"}
    if slips:
        read = ", ".join(f"{text!r} as {name!r}" for text, name in slips.items())
        yield f"Read as misspelt names: {read}."
