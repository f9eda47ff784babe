"""Which words about a patient an open graph knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.state import State
from kg.screening.genotype import GENOTYPE_ERRORS

__all__ = ["GraphWords"]

_EXACT = 100.0
"""Score of a name that is read as it is written; an allergy is not guessed at."""


@dataclass(frozen=True, slots=True)
class GraphWords:
    """Which words about a patient an open graph knows (a ``Words`` of ``api.fhir.chart``)."""

    state: State = field(repr=False)

    def knows_condition(self, text: str) -> bool:
        """Tell whether a text or code means a condition of the graph."""
        return bool(self.state.patient_rules.conditions.ground(text))

    def knows_allergy(self, text: str) -> bool:
        """Tell whether a text names a group of allergens, or a text or code a drug."""
        found = self.state.lexicon.lookup(text).candidate
        is_drug = found is not None and found.score >= _EXACT
        return is_drug or bool(self.state.patient_rules.allergies.ground([text]))

    def is_one_condition(self, text: str, other: str) -> bool:
        """Tell whether two texts or codes mean the same conditions of the graph."""
        ground = self.state.patient_rules.conditions.ground
        return bool(found := set(ground(text))) and found == set(ground(other))

    def name_of(self, code: str) -> str:
        """Give what the drug of a code is called; the code itself where that is not known."""
        found = self.state.lexicon.lookup(code).candidate
        return found.name if found else code

    def knows_result(self, gene: str, diplotype: str | None, phenotype: str | None) -> bool:
        """Tell whether a result of a gene can be translated."""
        try:
            self.state.genotypes.agreed(gene, diplotype, phenotype)
        except GENOTYPE_ERRORS:
            return False
        return True
