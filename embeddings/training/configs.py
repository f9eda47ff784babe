"""Named training configurations, chosen on validation facts of the recipe ``open``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType


class UnknownConfig(LookupError):
    """No training configuration has a name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no configuration is called {name!r}; known: {', '.join(sorted(CONFIGS))}"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Config:
    """How a model is trained.

    ``interaction`` is ``simple``, ``distmult`` or ``complex``; ``dimension`` counts the numbers of
    an effect. ``effects_per_batch`` relations are scored at once, over the drugs that have facts
    under them and the share ``bystanders`` of the others, each with every drug. ``positive_weight``
    is the weight of a known cell beside an unknown one; ``dropout`` thins the dimensions of drugs
    in training. With one thread the result does not depend on how many cores a machine has.
    """

    name: str
    interaction: str
    dimension: int
    epochs: int
    effects_per_batch: int
    learning_rate: float
    weight_decay: float
    dropout: float
    positive_weight: float
    bystanders: float = 0.1
    threads: int = 1

    def as_dict(self) -> dict[str, object]:
        """Fields by name, for ``config.json``."""
        return asdict(self)


CONFIGS = MappingProxyType(
    {
        config.name: config
        for config in (
            Config("fast", "simple", 64, 36, 1, 0.02, 1e-2, 0.3, 1.0, 0.2),
            Config("complex", "complex", 128, 30, 1, 0.02, 1e-2, 0.2, 1.0),
            Config("distmult", "distmult", 128, 30, 1, 0.02, 1e-2, 0.2, 1.0),
        )
    }
)
"""Every configuration by its name; ``fast`` is the default."""


def config_named(name: str) -> Config:
    """Return a configuration.

    Raises:
        UnknownConfig: There is none of that name.
    """
    try:
        return CONFIGS[name]
    except KeyError:
        raise UnknownConfig(name) from None
