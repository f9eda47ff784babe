"""Named training configurations, chosen on validation facts.

``fast`` is chosen on the recipe ``open``; the others on the co-reports of the recipe ``decagon``,
where ``counts`` needs no learning and ``best`` is a learned model stacked on it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

_ABOVE_0 = frozenset(
    {"dimension", "epochs", "effects_per_batch", "learning_rate", "members", "cells", "threads"}
)
"""Numbers without which nothing is learned; the others may be 0, which turns their part off."""


class UnknownConfig(LookupError):
    """No training configuration has a name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no configuration is called {name!r}; known: {', '.join(sorted(CONFIGS))}"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """What every configuration has: a name, and its fields by name."""

    name: str

    def as_dict(self) -> dict[str, object]:
        """Fields by name, for ``config.json``."""
        listed = asdict(self).items()
        return {key: list(held) if isinstance(held, tuple) else held for key, held in listed}

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the fields that are numbers: those that can be changed."""
        return tuple(key for key, held in asdict(self).items() if isinstance(held, int | float))


class UnknownSetting(ValueError):
    """A change of a configuration names none of its numbers, or gives no number of that kind."""

    def __init__(self, change: str, config: Settings) -> None:
        numbers = ", ".join(config.numbers)
        super().__init__(
            f"{change!r} changes nothing of the configuration {config.name!r}: expected "
            "FIELD=NUMBER, not negative and 0 only where that turns something off, "
            f"of {numbers}"
        )
        self.change = change


@dataclass(frozen=True, slots=True)
class Config(Settings):
    """How a model is trained by whole effects, some of them at a time.

    ``interaction`` is ``simple``, ``distmult`` or ``complex``; ``dimension`` counts the numbers of
    an effect. ``effects_per_batch`` relations are scored at once, over the drugs that have facts
    under them and the share ``bystanders`` of the others, each with every drug. ``positive_weight``
    is the weight of a known cell beside an unknown one; ``dropout`` thins the dimensions of drugs
    in training. With one thread the result does not depend on how many cores a machine has.
    """

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


@dataclass(frozen=True, slots=True)
class PairConfig(Settings):
    """How a model is trained by whole pairs: every pair of drugs under every effect, each epoch.

    ``interaction`` is ``distmult``, ``complex``, ``simple`` or ``tucker``; ``dimension`` counts the
    numbers of a drug in each of its roles. The terms beside it, each off at 0:

    - ``sums``: dimensions of a drug's own leaning to effects, added up over the two drugs;
    - ``degrees``: 1 weighs the logarithms of both drugs' facts under the effect, and their product;
    - ``context``: dimensions in which the drugs that share the effect with a drug are remembered;
    - ``memory``: width of the encoder of the pair's other known effects. In training the part
      ``hidden`` of a pair's facts, drawn between its two ends for each pair, is what the loss looks
      at; the rest is shown to the encoder.

    Effects with fewer than ``least_facts`` co-reported pairs are not learned.
    ``mechanism`` weighs the loss of what the graph states of each drug, learned by the same
    vectors; it is a mean over triples, that of pairs a mean over cells.
    ``unconnected`` weighs the cells of pairs without a training fact; 0 leaves those pairs out.
    ``stacked`` 1 serves the model stacked on counting (``StackScorer``), not alone; then
    ``new_drugs`` 1 also fits what tells of drugs without training facts.
    ``averaging`` is the part of the running mean of weights that each step keeps; 0 keeps the last
    weights. ``members`` models of different seeds are averaged in score. ``half`` 1 multiplies
    matrices in bfloat16 where the processor can. ``cells`` bounds a batch (pairs times effects): a
    batch holds about 40 bytes for each cell, 60 with a memory.
    """

    interaction: str
    dimension: int
    epochs: int
    learning_rate: float
    weight_decay: float = 0.0
    dropout: float = 0.0
    sums: int = 0
    degrees: int = 0
    context: int = 0
    memory: int = 0
    memory_dropout: float = 0.4
    hidden: tuple[float, float] = (0.1, 0.5)
    least_facts: int = 400
    mechanism: float = 0.0
    unconnected: float = 1.0
    averaging: float = 0.0
    members: int = 1
    stacked: int = 0
    new_drugs: int = 0
    half: int = 0
    cells: int = 2**21
    threads: int = 2


@dataclass(frozen=True, slots=True)
class CountConfig(Settings):
    """Counting alone, stacked: nothing is learned but the weights of the stack.

    Effects with fewer than ``least_facts`` co-reported pairs are left out. ``new_drugs`` 1 fits
    what tells of drugs without training facts, too.
    """

    least_facts: int = 400
    new_drugs: int = 1
    interaction: str = "counts"


AnyConfig: TypeAlias = Config | PairConfig | CountConfig

CONFIGS = MappingProxyType(
    {
        config.name: config
        for config in (
            CountConfig("counts"),
            Config("fast", "simple", 64, 36, 1, 0.02, 1e-2, 0.3, 1.0, 0.2),
            PairConfig("distmult", "distmult", 256, 30, 0.01, 1e-3, half=1),
            PairConfig("complex", "complex", 256, 30, 0.01, 1e-3, half=1),
            PairConfig("simple", "simple", 256, 30, 0.01, 1e-3, half=1),
            PairConfig("tucker", "tucker", 24, 30, 0.01, 1e-3, half=1),
            PairConfig("pair", "distmult", 256, 40, 0.01, 1e-3, 0.2, sums=32, degrees=1, half=1),
            PairConfig(
                "multi", "distmult", 256, 40, 0.01, 1e-3, 0.2, sums=32, mechanism=0.02, half=1
            ),
            PairConfig(
                "best",
                "distmult",
                384,
                20,
                0.004,
                1e-3,
                0.2,
                sums=64,
                degrees=1,
                context=16,
                memory=1536,
                averaging=0.999,
                stacked=1,
                new_drugs=1,
                half=1,
            ),
        )
    }
)
"""Every configuration by its name."""


def config_named(text: str) -> AnyConfig:
    """Return a configuration by its name, some of its numbers changed: ``best,epochs=8,stacked=0``.

    Raises:
        UnknownConfig: There is none of that name.
        UnknownSetting: It has no such number, or what is given is none.
    """
    name, *changes = text.split(",")
    try:
        config = CONFIGS[name]
    except KeyError:
        raise UnknownConfig(name) from None
    return replace(config, **dict(_changed(config, change) for change in changes))


def _changed(config: AnyConfig, change: str) -> tuple[str, Any]:
    field, _, cell = change.partition("=")
    held = config.as_dict().get(field)
    try:
        number = int(cell) if isinstance(held, int) else float(cell)
    except ValueError:
        raise UnknownSetting(change, config) from None
    too_low = number <= 0 if field in _ABOVE_0 else number < 0
    if field not in config.numbers or too_low or not math.isfinite(number):
        raise UnknownSetting(change, config)
    return field, number


def written(config: AnyConfig) -> str:
    """Write a configuration as :func:`config_named` reads it: ``pair,dimension=311``."""
    given, named = config.as_dict(), CONFIGS[config.name].as_dict()
    changes = [
        f"{field}={given[field]}" for field in config.numbers if given[field] != named[field]
    ]
    return ",".join((config.name, *changes))
