"""Forms of which sources speak as if of a drug of their own, though the body meets one substance.

`data/one_substance.tsv` is kept by hand. Identifiers of a form stay its own; what is said of the
form is said of the drug, so that one source's lithium carbonate and another's lithium are not two
medicines, each with half of the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ontologies.normalize import Normalizer

_TABLE = files("ontologies") / "data" / "one_substance.tsv"


@dataclass(frozen=True, slots=True)
class Form:
    """A form and the drug that it is to the body, with the reason why."""

    form: str
    form_name: str
    drug: str
    drug_name: str
    reason: str


@lru_cache(maxsize=1)
def forms_of_one_substance() -> tuple[Form, ...]:
    """Read the table; a drug of a row is no form in another."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(Form(*line.split("\t")) for line in lines)


def bearer(normalizer: Normalizer, nodes: Collection[str]) -> Callable[[str], str]:
    """Give the function from any CURIE to the preferred CURIE of the node that bears its facts.

    It is the drug, of a listed form whose drug is among the nodes; else the node itself.
    """
    led = {}
    for row in forms_of_one_substance():
        form, drug = normalizer.preferred(row.form), normalizer.preferred(row.drug)
        if drug in nodes and form != drug:
            led[form] = drug

    def found(curie: str) -> str:
        preferred = normalizer.preferred(curie)
        return led.get(preferred, preferred)

    return found
