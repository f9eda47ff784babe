"""General effects, where no clinical one is named: UMLS concepts with their names in SIDER 4.1."""

from __future__ import annotations

from ontologies.curie import Curie

RAISED_EXPOSURE = Curie("UMLS", "C0151599")
"""Drug level increased."""
LOWERED_EXPOSURE = Curie("UMLS", "C0151598")
"""Drug level decreased."""
LOST_EFFICACY = Curie("UMLS", "C0235827")
"""Therapeutic response decreased."""
RAISED_EFFECT = Curie("UMLS", "C0151730")
"""Drug effect increased."""
UNNAMED = Curie("coprescribe", "unnamed_effect")
"""An interaction is stated, but not what it does."""
GENERAL = frozenset({RAISED_EXPOSURE, LOWERED_EXPOSURE, LOST_EFFICACY, RAISED_EFFECT})
