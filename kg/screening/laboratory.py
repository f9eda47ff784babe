"""Laboratory tests: which codes mean one test, and its value in the unit of the rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Stated = tuple[str, float, str | None]
"""A value as it is given: LOINC code, number, unit or ``None``."""

_SPELLED = str.maketrans({"µ": "u", "μ": "u", "{": "", "}": "", "_": "", " ": "", "²": "2"})


@dataclass(frozen=True, slots=True)
class LabTest:
    """One test: its code and those that mean the same, its unit, and what other units come to.

    ``least`` and ``most`` bound what a living patient can have in the unit of the test; a number
    outside was meant in another unit.
    """

    loinc: str
    name: str
    unit: str
    same_as: tuple[str, ...]
    other_units: tuple[tuple[str, float], ...]
    least: float
    most: float
    reference: str

    def read(self, value: float, unit: str | None) -> float | None:
        """Give a value in the unit of the test; ``None`` where its unit or size is foreign.

        A value without a unit is taken to be in the unit of the test.
        """
        factors = {folded_unit(other): factor for other, factor in self.other_units}
        factors[folded_unit(self.unit)] = factors[""] = 1.0
        factor = factors.get(folded_unit(unit or ""))
        found = None if factor is None else value * factor
        return found if found is not None and self.least <= found <= self.most else None


@dataclass(frozen=True, slots=True)
class LabTests:
    """All tests that rules ask for, by every code of theirs."""

    tests: tuple[LabTest, ...] = ()
    _by_code: Mapping[str, LabTest] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the tests by code."""
        codes = {code: test for test in self.tests for code in (test.loinc, *test.same_as)}
        object.__setattr__(self, "_by_code", codes)

    def of(self, code: str) -> LabTest | None:
        """The test that a code means; ``None`` where no rule asks for it."""
        return self._by_code.get(code)

    def values(self, stated: Iterable[Stated]) -> Mapping[str, float]:
        """Values by the first code of each test; of several values of one test the last counts."""
        return {test.loinc: value for test, value in self._read(stated) if value is not None}

    def unread(self, stated: Iterable[Stated]) -> tuple[Stated, ...]:
        """What is given of a known test in a unit or size that cannot be its own."""
        return tuple(
            one
            for one in stated
            if (test := self.of(one[0])) is not None and test.read(one[1], one[2]) is None
        )

    def unknown(self, stated: Iterable[Stated]) -> tuple[str, ...]:
        """Codes that no rule asks for, each once."""
        return tuple(dict.fromkeys(code for code, _, _ in stated if self.of(code) is None))

    def _read(self, stated: Iterable[Stated]) -> Iterator[tuple[LabTest, float | None]]:
        for code, value, unit in stated:
            test = self.of(code)
            if test is not None:
                yield test, test.read(value, unit)


def folded_unit(unit: str) -> str:
    """Give a unit without case, blanks and the braces of UCUM.

    >>> folded_unit("mL/min/{1.73_m2}") == folded_unit("mL/min/1.73 m²")
    True
    """
    return unit.strip().translate(_SPELLED).casefold()
