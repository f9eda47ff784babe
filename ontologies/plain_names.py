"""The name of a single substance in a text, without strength, dose form and salt."""

from __future__ import annotations

from collections.abc import Iterator

from ontologies.fold import fold
from ontologies.product_text import FORM_WORDS, STRENGTH
from ontologies.salts import ingredient, is_combination
from ontologies.slips import with_salt_spelt


def plain_names(text: str) -> Iterator[str]:
    """Yield the name of one substance without strength and dose form, then without its salt.

    >>> list(plain_names("warfarin sodium 5 mg tablets"))
    ['warfarin sodium', 'warfarin']
    """
    named = STRENGTH.sub(" ", text)
    if is_combination(named):
        return
    words = [word for word in fold(named).split() if word not in FORM_WORDS]
    bare = " ".join(words)
    for shorter in dict.fromkeys((bare, ingredient(with_salt_spelt(bare)))):
        if shorter and shorter != fold(text):
            yield shorter
