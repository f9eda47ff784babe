"""The one way to an answer: the same question gets the same findings through every door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from api.alternatives import alternative_json, alternative_notes, offered
from api.convert import answer_json, resolve
from api.doses import unchecked_dose_notes
from api.errors import InvalidRequest
from api.fhir.bodies import with_record
from api.gene_notes import gene_notes
from api.notes import citation_notes, evidence_told, left_out_notes
from api.patients import reader_of
from api.pharmcat import with_report
from api.refusals import refusals, sentence_of
from api.schemas import ScreenRequest
from api.state import State
from api.warfarin_notes import warfarin_dose_notes, with_warfarin_dose
from embeddings.detector import settled
from kg.screening.engine import Known, Question, Screening, screen
from kg.screening.genotype import GENOTYPE_ERRORS


def parse_request(body: Mapping[str, Any]) -> ScreenRequest:
    """Check the shape of a request body.

    Raises:
        InvalidRequest: Quotes every field that is not accepted, its value, and what is.
    """
    try:
        return ScreenRequest.model_validate(body)
    except ValidationError as error:
        problems = refusals(error.errors())
        raise InvalidRequest(sentence_of(problems), {"problems": problems}) from error


def answer(body: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Answer the body of ``POST /v1/screen``.

    Raises:
        QuestionError: The question cannot be answered; says which value is wrong and what is
            accepted.
    """
    body, recorded = with_record(body, state)
    body, reported = with_report(body, state.genotypes)
    request = parse_request(body)
    resolved = resolve(request, state)
    question = resolved.question
    try:
        screening = screen(
            question,
            state.graph,
            state.panel,
            state.families,
            known=Known(pairs=state.pairs),
            context=state.patient_rules.context,
            lingering=state.lingering,
        )
        resolved.notes += [*recorded, *reported, *gene_notes(question, state.drug_gene)]
        resolved.notes += unchecked_dose_notes(question, state)
        resolved.notes += warfarin_dose_notes(question, state.drug_gene, state.dose_rules)
        dosed = with_warfarin_dose(screening.findings, question, state.drug_gene, state.dose_rules)
        screening = replace(screening, findings=settled(dosed, question))
        instead = offered(question, screening, state) if request.alternatives else ()
    except GENOTYPE_ERRORS as error:
        raise InvalidRequest(str(error)) from error
    if request.alternatives:
        resolved.notes += alternative_notes(question, instead, state.graph)
    resolved.notes += _idle(request, question, screening, state)
    told = (said for changed in screening.findings for said in evidence_told(changed.finding))
    resolved.notes += [*left_out_notes(state.artifact.left_out), *citation_notes(told)]
    answered = answer_json(resolved, screening, state)
    answered["alternatives"] = [alternative_json(each, state.graph) for each in instead]
    state.heard(answered)
    return answered


def _idle(
    request: ScreenRequest, question: Question, screening: Screening, state: State
) -> Iterator[str]:
    """Yield the conditions that nothing in this answer asks for."""
    if not request.patient.conditions:
        return iter(())
    drugs = {*question.taking.drugs, *question.after.drugs}
    findings = (changed.finding for changed in screening.findings)
    return reader_of(state).idle(request.patient.conditions, drugs, findings)
