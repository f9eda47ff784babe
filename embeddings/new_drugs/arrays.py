"""What places new drugs, as arrays by name: the form in which a bundle stores it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.new_drugs.descriptions import Descriptions
from embeddings.new_drugs.neighbours import CentredKernel
from embeddings.new_drugs.odds import NewDrugs, Surface

_KERNEL, _SURFACE = ("vectors", "values", "means"), ("centre", "scale", "weights")
_NUMBERS = ("one", "two")

Arrays = Mapping[str, npt.NDArray[np.floating]]


def arrays_of(new: NewDrugs) -> dict[str, npt.NDArray[np.floating]]:
    """Name every array: of kernels, and of surfaces and lines for one and for two new drugs.

    The licences of the descriptions are not among them: a bundle has them with those of its facts.
    """
    found: dict[str, npt.NDArray[np.floating]] = {}
    for name, kernel in new.kernels.items():
        found |= {f"kernel.{name}.{part}": getattr(kernel, part) for part in _KERNEL}
    for kind, surfaces in new.surfaces.items():
        for number, surface, line in zip(_NUMBERS, surfaces, new.lines[kind], strict=True):
            found |= {f"{kind}.{number}.{part}": getattr(surface, part) for part in _SURFACE}
            found[f"{kind}.{number}.line"] = line
    return {name: np.ascontiguousarray(array) for name, array in found.items()}


def new_drugs_from(arrays: Arrays, descriptions: Descriptions, told: Mapping[str, Any]) -> NewDrugs:
    """Make what :func:`arrays_of` took apart.

    Raises:
        KeyError: An array is missing.
    """
    names = {name.split(".")[1] for name in arrays if name.startswith("kernel.")}
    kinds = {name.split(".")[0] for name in arrays} - {"kernel"}
    kernels = {
        name: CentredKernel(*(_single(arrays[f"kernel.{name}.{part}"]) for part in _KERNEL))
        for name in sorted(names)
    }
    surfaces = {
        kind: (_surface(arrays, f"{kind}.one"), _surface(arrays, f"{kind}.two"))
        for kind in sorted(kinds)
    }
    lines = {
        kind: (
            arrays[f"{kind}.one.line"].astype(np.float64),
            arrays[f"{kind}.two.line"].astype(np.float64),
        )
        for kind in surfaces
    }
    return NewDrugs(descriptions, kernels, surfaces, lines, told)


def _surface(arrays: Arrays, prefix: str) -> Surface:
    return Surface(*(_single(arrays[f"{prefix}.{part}"]) for part in _SURFACE))


def _single(array: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    return array.astype(np.float32, copy=False)
