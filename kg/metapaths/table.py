"""The kinds of paths between two drugs, as rows: what each explains and how much it weighs. Pure.

Every path has one middle: ``left`` leads from one drug to it and ``right`` from the other. The
weights order explanations for a reader and are decisions of ours; degrees come in as in DWPC
(degree-weighted path count: Himmelstein and Baranzini, PLoS Comput Biol 2015;11:e1004259).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.metapaths.ways import Grade, Way

STRENGTH: Mapping[Grade, float] = {
    Grade.LISTED: 0.35,
    Grade.INTENDED: 0.75,
    Grade.JUDGED: 0.6,
    Grade.LOW: 0.45,
    Grade.MODERATE: 0.75,
    Grade.HIGH: 1.0,
}
"""What a graded step leaves of the weight of a path."""
LEAST_WEIGHT = 0.5
"""A path that weighs less is counted and not told: what half of all drugs share is no reason."""
GRADED = frozenset({Way.INHIBITS, Way.INDUCES, Way.DEPENDS_ON, Way.PREDISPOSES_TO})
"""Ways of which the grade counts."""


@dataclass(frozen=True, slots=True)
class Metapath:
    """A kind of path, and how much one of its paths weighs.

    A path weighs ``base + rare * r``, times the strengths of its graded steps; ``r`` is 1 where no
    other drug leads to the middle, and less the more do. ``most`` paths of the kind are told at
    once. A ``secondary`` path is not told where another goes through the same middle.
    ``of_targets``: through what drugs act on, and not what handles them.
    """

    name: str
    left: Way
    right: Way
    middle: str
    base: float
    rare: float
    most: int = 3
    secondary: bool = False
    of_targets: bool = False

    @property
    def is_directed(self) -> bool:
        """Tell whether it matters which drug comes first."""
        return self.left is not self.right

    @property
    def changes_exposure(self) -> bool:
        """Tell whether one drug changes how much of the other is in the body."""
        return self.left in {Way.INHIBITS, Way.INDUCES} and self.right is Way.DEPENDS_ON


METAPATHS: tuple[Metapath, ...] = (
    Metapath("inhibition", Way.INHIBITS, Way.DEPENDS_ON, "gene", 10.0, 0.5),
    Metapath("induction", Way.INDUCES, Way.DEPENDS_ON, "gene", 10.0, 0.5),
    Metapath("shared_liability", Way.PREDISPOSES_TO, Way.PREDISPOSES_TO, "effect", 8.0, 1.0),
    Metapath("guideline_inhibition", Way.INHIBITS, Way.GUIDED_BY, "gene", 5.0, 0.5),
    Metapath("guideline_induction", Way.INDUCES, Way.GUIDED_BY, "gene", 5.0, 0.5),
    Metapath(
        "liability_of_indication",
        Way.PREDISPOSES_TO,
        Way.TREATS,
        "effect",
        4.0,
        0.5,
        secondary=True,
    ),
    Metapath("opposed_action", Way.ACTIVATES, Way.BLOCKS, "gene", 1.0, 5.0, of_targets=True),
    Metapath("same_block", Way.BLOCKS, Way.BLOCKS, "gene", 0.5, 4.0, of_targets=True),
    Metapath("same_activation", Way.ACTIVATES, Way.ACTIVATES, "gene", 0.5, 4.0, of_targets=True),
    Metapath("shared_class", Way.BELONGS_TO, Way.BELONGS_TO, "class", 0.2, 3.0),
    Metapath("shared_indication", Way.TREATS, Way.TREATS, "condition", 0.1, 2.0),
    Metapath("shared_handling", Way.DEPENDS_ON, Way.DEPENDS_ON, "gene", 1.2, 0.2, secondary=True),
    Metapath("shared_guideline", Way.GUIDED_BY, Way.GUIDED_BY, "gene", 0.5, 0.5, secondary=True),
    Metapath(
        "shared_target", Way.ACTS_ON, Way.ACTS_ON, "gene", 0.0, 2.0, secondary=True, of_targets=True
    ),
    Metapath(
        "target_of_liability", Way.ACTS_BY, Way.PREDISPOSES_TO, "effect", 0.5, 3.0, secondary=True
    ),
    Metapath("target_of_indication", Way.ACTS_BY, Way.TREATS, "effect", 0.2, 2.0, secondary=True),
    Metapath("shared_carrier", Way.BOUND_TO, Way.BOUND_TO, "gene", 0.2, 0.2, secondary=True),
)
"""Every kind of path that is looked for; of equal paths the earlier kind comes first."""
