"""The body of ``POST /v1/screen`` as it arrives: shapes and bounds, checked once, here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_DRUGS = 100

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Strict(BaseModel):
    """A body in which an unknown field is an error, not a silence, and nothing is guessed.

    A JSON ``false`` is not the age 0, nor ``"5"`` a number.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=True)


class Medicine(Strict):
    """One drug with what is known of how it is taken, or is to be taken."""

    drug: Text
    route: str | None = Field(None, max_length=80)
    dose: str | None = Field(None, max_length=80)
    started: str | None = Field(None, max_length=40)
    duration_days: float | None = Field(None, ge=0, le=36500)


class Lab(Strict):
    """One laboratory value by its LOINC code."""

    loinc: Annotated[str, StringConstraints(pattern=r"^\d{1,7}-\d$")]
    value: float = Field(allow_inf_nan=False)
    unit: str | None = Field(None, max_length=40)


class PatientBody(Strict):
    """What is known of the patient; what is left out counts as not stated."""

    age_years: float | None = Field(None, ge=0, le=130)
    sex: Literal["female", "male"] | None = None
    pregnant: bool | None = None
    lactating: bool | None = None
    weight_kg: float | None = Field(None, gt=0, le=500)
    height_cm: float | None = Field(None, gt=0, le=280)
    egfr_ml_min: float | None = Field(None, ge=0, le=250)
    child_pugh: Literal["A", "B", "C"] | None = None
    ancestry: str | None = Field(None, max_length=80)
    diplotypes: dict[Text, Text] = Field(default_factory=dict, max_length=50)
    phenotypes: dict[Text, Text] = Field(default_factory=dict, max_length=50)
    conditions: list[Text] = Field(default_factory=list, max_length=100)
    allergies: list[Text] = Field(default_factory=list, max_length=100)
    labs: list[Lab] = Field(default_factory=list, max_length=200)


class ScreenRequest(Strict):
    """One question: the current list, what is to change, and the patient."""

    add: Text | Medicine | Annotated[list[Text | Medicine], Field(max_length=MAX_DRUGS)] = Field(
        default_factory=list
    )
    stop: Text | Annotated[list[Text], Field(max_length=MAX_DRUGS)] = Field(default_factory=list)
    replace: dict[Text, Text] = Field(default_factory=dict, max_length=MAX_DRUGS)
    taking: Annotated[list[Text | Medicine], Field(max_length=MAX_DRUGS)] = Field(
        default_factory=list
    )
    patient: PatientBody = Field(default_factory=PatientBody)
    alternatives: bool = False
    all: bool = False

    @property
    def additions(self) -> list[str | Medicine]:
        """Drugs to add, each as written or with how it is to be taken."""
        return list(self.add) if isinstance(self.add, list) else [self.add]

    @property
    def adding(self) -> list[str]:
        """Drugs to add, as written."""
        return [entry if isinstance(entry, str) else entry.drug for entry in self.additions]

    @property
    def stopping(self) -> list[str]:
        """Drugs to stop, as written."""
        return [self.stop] if isinstance(self.stop, str) else list(self.stop)

    @property
    def current(self) -> list[str]:
        """Current drugs, as written."""
        return [entry if isinstance(entry, str) else entry.drug for entry in self.taking]
