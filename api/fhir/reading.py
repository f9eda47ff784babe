"""What FHIR resources say of one patient: the medicines that are taken, and the patient.

Read are resources of R4, and those of STU3 as far as they are written alike. Nothing is decided
here; what is not read is quoted in a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.fhir.chart import AnyWords, Chart, SeveralPatients, Words
from api.fhir.clinical import allergies_of, conditions_of
from api.fhir.courses import medicines_of
from api.fhir.genomics import genes_of
from api.fhir.medicines import WrittenMedicine, read_medicine
from api.fhir.observations import Measured, measured_of, observations_of
from api.fhir.people import person_of
from api.fhir.resources import References, resources_of

__all__ = [
    "Record",
    "References",
    "SeveralPatients",
    "Words",
    "WrittenMedicine",
    "read_medicine",
    "read_record",
    "resources_of",
]


@dataclass(frozen=True, slots=True)
class Record:
    """What FHIR resources say of one patient.

    ``patient`` has fields of ``api.schemas.PatientBody``; ``notes`` quote what was not read, or
    was read with doubt; ``drafts`` are requests that are being written; ``subject`` is the
    reference to the patient, empty where none is stated; ``measured`` are the values behind the
    facts, with their days.
    """

    current: tuple[WrittenMedicine, ...]
    patient: Mapping[str, Any]
    notes: tuple[str, ...]
    drafts: tuple[WrittenMedicine, ...] = ()
    subject: str = ""
    measured: tuple[Measured, ...] = ()


def read_record(
    resources: Iterable[Mapping[str, Any]], *, on: date, words: Words | None = None
) -> Record:
    """Read the record of one patient as it stands on a day; whole Bundles may be given too.

    With ``words`` of a graph, that way to write a condition or an allergy is chosen which the graph
    knows, and results of genes that it cannot use are left out with a note.

    Raises:
        SeveralPatients: The resources are of more than one patient.
    """
    chart = Chart.of(resources, on, words or AnyWords())
    medicines = medicines_of(chart)
    facts: dict[str, Any] = {}
    notes = list(medicines.notes)
    for read in (person_of, conditions_of, allergies_of, observations_of, genes_of):
        found, told = read(chart)
        facts |= found
        notes += told
    return Record(
        current=medicines.current,
        patient=facts,
        notes=tuple(notes),
        drafts=medicines.drafts,
        subject=next(iter(chart.people()), ""),
        measured=measured_of(chart),
    )
