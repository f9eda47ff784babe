"""Effects: the general ones, where no clinical one is named, and families that are one problem.

The general effects are UMLS concepts with their names in SIDER 4.1. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ontologies.curie import Curie

RAISED_EXPOSURE = Curie("UMLS", "C0151599")
"""Drug level increased."""
LOWERED_EXPOSURE = Curie("UMLS", "C0151598")
"""Drug level decreased."""
LOST_EFFICACY = Curie("UMLS", "C0235827")
"""Therapeutic response decreased."""
RAISED_EFFECT = Curie("UMLS", "C0151730")
"""Drug effect increased."""
TOXICITY = Curie("UMLS", "C0013221")
"""Drug toxicity."""
UNNAMED = Curie("coprescribe", "unnamed_effect")
"""An interaction is stated, but not what it does."""
MORE = frozenset({RAISED_EXPOSURE, RAISED_EFFECT, TOXICITY})
"""General effects that a clinical harm of the drug itself makes concrete."""
LESS = frozenset({LOWERED_EXPOSURE, LOST_EFFICACY})
"""General effects of too little of a drug."""
GENERAL = MORE | LESS
"""Effects that say more or less of a drug, and not what comes of it."""


@dataclass(frozen=True, slots=True)
class EffectFamilies:
    """Effects that are one problem to who treats: prolonged QT and torsade, bleeding and ulcer.

    ``leading`` are those under which a problem is told where others of the family are as grave.
    ``gathering`` are those that are one problem of a list however many pairs of it do them.
    ``follows`` names the family of which the harms of another come: a slow heart favours torsade.
    """

    members: Mapping[Curie, str] = field(default_factory=dict)
    leading: frozenset[Curie] = frozenset()
    gathering: frozenset[Curie] = frozenset()
    follows: Mapping[str, str] = field(default_factory=dict)

    def of(self, effect: Curie | None) -> str:
        """Name of the family of an effect; one that is in none is a family of its own."""
        return self.members.get(effect) or str(effect) if effect else ""


NO_FAMILIES = EffectFamilies()
"""Each effect by itself."""
