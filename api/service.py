"""The one way to an answer: the same question gets the same findings through every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.convert import answer_json, resolve
from api.errors import InvalidRequest
from api.notes import citation_notes, gene_notes, left_out_notes
from api.refusals import refusals, sentence_of
from api.schemas import ScreenRequest
from api.state import State
from kg.screening.diplotype import MalformedDiplotype, UnknownAllele
from kg.screening.engine import screen
from kg.screening.genotype import ConflictingGenotype, UnknownGene, UnknownPhenotype

GENOTYPE_ERRORS = (
    ConflictingGenotype,
    MalformedDiplotype,
    UnknownAllele,
    UnknownGene,
    UnknownPhenotype,
)
"""What can be wrong with a gene result; each sentence quotes it and says what is accepted."""


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
    request = parse_request(body)
    resolved = resolve(request, state)
    try:
        screening = screen(resolved.question, state.graph, state.panel)
        resolved.notes += gene_notes(resolved.question, state.graph, state.genotypes)
    except GENOTYPE_ERRORS as error:
        raise InvalidRequest(str(error)) from error
    told = (evidence for changed in screening.findings for evidence in changed.finding.evidence)
    resolved.notes += [*left_out_notes(state.artifact.left_out), *citation_notes(told)]
    return answer_json(resolved, screening, state)
