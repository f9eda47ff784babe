"""From the words of a request about a patient to the values of the engine, nothing lost on the way.

What cannot be used is quoted in a note: silence must not pass for safety.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from api.contents import Contents
from api.doses import DosedLine, doses_of, may_tell_dose
from api.fhir.dose_forms import route_in
from api.notes import NO_MEDICINE, NO_RULE, NO_USE
from api.schemas import Medicine, PatientBody
from api.state import State
from kg.denials import denies, undenied_allergy
from kg.rules.patients import PatientRules
from kg.screening.finding import Finding
from kg.screening.patient import Allergy, Entry, Patient
from ontologies.curie import Curie
from ontologies.doses.daily import DailyDose
from ontologies.lexicon import Resolution

_REACTION = re.compile(
    r"\b(?:allerg(?:y|ic)|anaphyla(?:xis|ctic reaction)|hypersensitivity|intolerance|reaction)"
    r"(?: to)?\b|\((?:disorder|finding|substance)\)",
    re.IGNORECASE,
)
"""What stands beside the substance in the text of an allergy."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]*:\S+")
_AIRBORNE = re.compile(
    r"\b(?:pollens?|mou?lds?|danders?|(?:house )?dust(?: mites?)?)\b", re.IGNORECASE
)
"""Allergens of the air, which say nothing of any medicine."""
_NO_DOSES: Mapping[Curie, DailyDose] = {}
_EXACT = 100.0
"""Score of a name that is read as it is written; an allergy is not guessed at."""
DENIED = "Recorded as absent"
"""How the note begins that names what was told only to deny it."""
NOT_KNOWN = "not known, and so not used"
"""How a note says that a word about the patient means nothing to this graph."""


@dataclass(frozen=True, slots=True)
class ReadPatient:
    """The patient of the engine, and what the answer must say about the words."""

    patient: Patient
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientReader:
    """Grounds what a request says of a patient."""

    rules: PatientRules
    contents: Contents
    _doses: dict[tuple[str, str], Mapping[Curie, DailyDose]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def read(self, body: PatientBody) -> ReadPatient:
        """Make the engine's patient of a checked body."""
        conditions = {text: self.rules.conditions.ground(text) for text in body.conditions}
        allergies = [self._allergy(text) for text in body.allergies]
        patient = Patient(
            age_years=body.age_years,
            sex=body.sex,
            pregnant=body.pregnant,
            lactating=body.lactating,
            weight_kg=body.weight_kg,
            height_cm=body.height_cm,
            egfr_ml_min=body.egfr_ml_min,
            child_pugh=body.child_pugh,
            ancestry=body.ancestry,
            diplotypes=tuple(sorted(body.diplotypes.items())),
            phenotypes=tuple(sorted(body.phenotypes.items())),
            conditions=tuple(dict.fromkeys(c for found in conditions.values() for c in found)),
            allergies=tuple(dict.fromkeys(allergies)),
            labs=tuple((lab.loinc, lab.value, lab.unit) for lab in body.labs),
        )
        notes = (
            *self._of_conditions(text for text, found in conditions.items() if not found),
            *self._unused(patient),
            *self._of_allergies([a.written for a in allergies if not (a.groups or a.drugs)]),
            *self._of_labs(patient),
        )
        return ReadPatient(patient, notes)

    def idle(
        self, texts: Iterable[str], drugs: AbstractSet[Curie], findings: Iterable[Finding]
    ) -> Iterator[str]:
        """Yield the note about conditions that are known, and no rule that applies asks for."""
        grounded = {text: self.rules.conditions.ground(text) for text in texts}
        conditions = {curie for found in grounded.values() for curie in found}
        idle = self.rules.idle(conditions, drugs, findings)
        told = dict.fromkeys(
            self.called(text)
            for text, found in grounded.items()
            if found and idle.issuperset(found)
        )
        if told:
            yield f"{NO_USE} the condition{'s' * (len(told) > 1)}: {', '.join(told)}."

    def called(self, text: str) -> str:
        """Give what a reader may be shown of a condition or an allergy: of a code its name."""
        if not _CODE.fullmatch(text):
            return text
        found = [self.contents.graph.name(c) for c in self.rules.conditions.ground(text)]
        drug = self.contents.lexicon.lookup(text).candidate
        return " and ".join(found) or (drug.name if drug else text)

    def shown(self, patient: Mapping[str, Any]) -> dict[str, Any]:
        """Give the patient of a request as a reader may see it: codes with the names they have.

        Each laboratory value gets the ``name`` of its test, where a rule knows that.
        """
        found = dict(patient)
        for part in ("conditions", "allergies"):
            texts = {text: self.called(text) for text in patient.get(part) or ()}
            told = (name if name == text else f"{name} ({text})" for text, name in texts.items())
            found |= {part: list(told)} if texts else {}
        labs = [(lab, self.rules.tests.of(lab["loinc"])) for lab in patient.get("labs") or ()]
        named = [{**lab, "name": test.name} if test else dict(lab) for lab, test in labs]
        return {**found, "labs": named} if named else found

    def entries(
        self, resolutions: Iterable[Resolution], medicines: Iterable[str | Medicine] = ()
    ) -> list[Entry]:
        """Give the lines of a list for resolved names, with what is said of how each is taken.

        A route that is stated counts before that of the product, and that before what the text
        says of a form, as a gel or eye drops.
        """
        pairs = zip_longest(resolutions, medicines)
        return [entry for found, stated in pairs for entry in self._lines(found, stated)]

    def _lines(self, resolution: Resolution, stated: str | Medicine | None) -> Iterator[Entry]:
        medicine = stated if isinstance(stated, Medicine) else None
        route = self.route(medicine.route or "") if medicine else None
        days = medicine.duration_days if medicine else None
        entries = self.contents.of([resolution])
        doses = self.doses(resolution, stated)
        for entry in entries:
            own = route or self.route(entry.route or route_in(resolution.query) or "")
            dose = doses.get(entry.drug)
            yield replace(entry, route=own, duration_days=days, dose=dose)

    def dosed_lines(
        self, resolutions: Iterable[Resolution], ways: Iterable[str | Medicine]
    ) -> list[DosedLine]:
        """Give each line of a question with the daily doses that its words tell."""
        pairs = zip(resolutions, ways, strict=True)
        return [DosedLine(found, way, self.doses(found, way)) for found, way in pairs]

    def doses(
        self, resolution: Resolution, stated: str | Medicine | None
    ) -> Mapping[Curie, DailyDose]:
        """Give the daily dose of each drug of a resolved name, as far as its words are plain."""
        words = stated.dose or "" if isinstance(stated, Medicine) else ""
        if not (words or may_tell_dose(resolution.query)):
            return _NO_DOSES
        key = (resolution.query, words)
        if key not in self._doses:
            self._doses[key] = doses_of(resolution, words, self.contents)
        return self._doses[key]

    def route(self, written: str) -> str | None:
        """Give the route that a word means; ``None`` where it means none."""
        return self.rules.routes.read(written)

    def route_notes(self, medicines: Iterable[str | Medicine]) -> Iterator[str]:
        """Yield the routes that mean nothing to the rules."""
        stated = (m.route for m in medicines if isinstance(m, Medicine) and m.route)
        yield from self._unknown("route", (r for r in stated if self.route(r) is None))

    def _allergy(self, text: str) -> Allergy:
        told = undenied_allergy(text)
        if not told:
            return Allergy(text)
        plain = " ".join(_REACTION.sub(" ", told).split()) or told
        found = self.contents.lexicon.lookup(plain).candidate
        is_drug = found is not None and found.score >= _EXACT
        drugs = self.contents.drugs(Curie.parse(found.curie)) if found and is_drug else ()
        names = [self.contents.graph.name(drug) for drug in drugs]
        return Allergy(self.called(text), self.rules.allergies.ground([told, *names]), drugs)

    def _unknown(self, kind: str, texts: Iterable[str]) -> Iterator[str]:
        unknown = [repr(text) for text in dict.fromkeys(texts)]
        if unknown:
            yield f"{kind.capitalize()} {NOT_KNOWN}: {', '.join(unknown)}."

    def _denied(self, texts: Iterable[str]) -> Iterator[str]:
        denied = [repr(text) for text in dict.fromkeys(texts)]
        if denied:
            yield f"{DENIED}, and so not used: {', '.join(denied)}."

    def _of_conditions(self, unknown: Iterable[str]) -> Iterator[str]:
        texts = list(unknown)
        yield from self._unknown("condition", (text for text in texts if not denies(text)))
        yield from self._denied(text for text in texts if denies(text))

    def _of_allergies(self, texts: Sequence[str]) -> Iterator[str]:
        unknown = [text for text in texts if undenied_allergy(text)]
        yield from self._denied(text for text in texts if text not in unknown)
        airborne = [text for text in dict.fromkeys(unknown) if _AIRBORNE.search(text)]
        yield from self._unknown("allergy", (text for text in unknown if text not in airborne))
        if airborne:
            yield f"{NO_MEDICINE}, and so not used: {', '.join(airborne)}."

    def _unused(self, patient: Patient) -> Iterator[str]:
        unused = [c for c in patient.conditions if not self.rules.looks_at(c)]
        names = [self.contents.graph.name(condition) for condition in unused]
        if names:
            once = {name.casefold(): name for name in names}
            yield f"{NO_RULE} the condition: {', '.join(once.values())}."

    def _of_labs(self, patient: Patient) -> Iterator[str]:
        for code, value, unit in self.rules.tests.unread(patient.labs):
            test = self.rules.tests.of(code)
            if test:
                given = f"{value:g} {unit or 'without a unit'}"
                yield f"{test.name} ({code}) of {given} cannot be in {test.unit}, and is not used."
        unknown = self.rules.tests.unknown(patient.labs)
        if unknown:
            yield f"{NO_RULE} the laboratory test: {', '.join(unknown)}."


def reader_of(state: State) -> PatientReader:
    """Give what reads patients by the names and the rules of an open graph, for one question."""
    return PatientReader(state.patient_rules, state.contents)
