"""What a rule about two drugs says to do goes before general words, and may settle the grade."""

from __future__ import annotations

from dataclasses import replace

from kg.model import Evidence, Severity
from kg.screening.documented import ADVICE
from kg.screening.effects import LOST_EFFICACY, RAISED_EXPOSURE, UNNAMED
from kg.screening.entailment import OWN_SOURCE
from kg.screening.finding import Finding, FindingKind, Instruction, Mechanism
from kg.screening.merging import merge
from ontologies.curie import Curie
from ontologies.vocabulary import AgentType, KnowledgeLevel
from tests.tiny import CLARITHROMYCIN, SIMVASTATIN, said

INHIBITION = "enzyme_inhibition"
HALF = "Give half of the dose."


def ruled(
    severity: Severity = Severity.MAJOR, text: str = HALF, effect: Curie = RAISED_EXPOSURE
) -> Finding:
    """What a row of class pairs gives."""
    entailed = Evidence(
        source=OWN_SOURCE,
        knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT,
        agent_type=AgentType.AUTOMATED_AGENT,
        severity=severity,
        statement="clarithromycin with simvastatin",
    )
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(CLARITHROMYCIN,),
        affected=(SIMVASTATIN,),
        evidence=(entailed,),
        effect=effect,
        mechanism=Mechanism("inhibition of metabolism", INHIBITION),
        recommendation=text,
        instruction=Instruction(severity, text, settles=severity is Severity.MINOR),
    )


def stated(
    severity: Severity, text: str | None = "A reason.", effect: Curie = RAISED_EXPOSURE
) -> Finding:
    """What a source states, with or without a word of why."""
    return Finding(
        kind=FindingKind.DRUG_DRUG,
        severity=severity,
        precipitants=(CLARITHROMYCIN, SIMVASTATIN),
        affected=(),
        evidence=(replace(said(severity), text=text),),
        effect=effect,
        mechanism=Mechanism("stated", INHIBITION),
        recommendation=ADVICE[severity],
    )


def test_an_instruction_goes_before_the_general_words_of_a_level_as_grave() -> None:
    (merged,) = merge([stated(Severity.MAJOR), ruled()])
    assert (merged.severity, merged.recommendation) == (Severity.MAJOR, HALF)


def test_the_words_of_a_source_stay_behind_an_instruction() -> None:
    quoting = stated(Severity.MAJOR)
    quoting = replace(quoting, recommendation=f"{quoting.recommendation} « Mesurer. »")
    (merged,) = merge([quoting, ruled()])
    assert merged.recommendation == f"{HALF} « Mesurer. »"


def test_what_is_graver_is_not_softened_by_an_instruction() -> None:
    (merged,) = merge([stated(Severity.MAJOR), ruled(Severity.MODERATE)])
    assert merged.recommendation == ADVICE[Severity.MAJOR]


def test_a_prohibition_stays_and_a_dose_stands_behind_it() -> None:
    (merged,) = merge([stated(Severity.CONTRAINDICATED), ruled()])
    assert merged.severity is Severity.CONTRAINDICATED
    assert merged.recommendation == (
        "Do not combine. Where both are needed all the same: give half of the dose."
    )


def test_what_is_no_dose_does_not_stand_behind_a_prohibition() -> None:
    (merged,) = merge([stated(Severity.CONTRAINDICATED), ruled(text="Choose another drug.")])
    assert merged.recommendation == "Do not combine."


def test_an_instruction_that_forbids_without_the_word_stands_behind_the_prohibition() -> None:
    pause = ruled(Severity.CONTRAINDICATED, "Pause simvastatin.")
    (merged,) = merge([stated(Severity.CONTRAINDICATED), pause])
    assert merged.recommendation == "Do not combine. Pause simvastatin."
    spoken = ruled(Severity.CONTRAINDICATED, "Do not combine: choose another statin.")
    (merged,) = merge([stated(Severity.CONTRAINDICATED), spoken])
    assert merged.recommendation == "Do not combine: choose another statin."


def test_a_rule_about_classes_settles_no_grade() -> None:
    wide = ruled(Severity.MINOR, "No change is needed.", LOST_EFFICACY)
    wide = replace(wide, instruction=Instruction(Severity.MINOR, "No change is needed."))
    (merged,) = merge([stated(Severity.MAJOR, None, UNNAMED), wide])
    assert merged.severity is Severity.MAJOR


def test_a_rule_that_holds_a_pair_for_harmless_outweighs_a_bare_grade() -> None:
    harmless = ruled(Severity.MINOR, "No change is needed.", LOST_EFFICACY)
    (merged,) = merge([stated(Severity.MAJOR, None, UNNAMED), harmless])
    assert (merged.severity, merged.recommendation) == (Severity.MINOR, "No change is needed.")
    assert Severity.MAJOR in {evidence.severity for evidence in merged.evidence}


def test_a_grade_with_a_reason_is_not_outweighed() -> None:
    harmless = ruled(Severity.MINOR, "No change is needed.")
    (merged,) = merge([stated(Severity.MAJOR), harmless])
    assert merged.severity is Severity.MAJOR


def test_a_rule_of_moderate_weight_outweighs_nothing() -> None:
    (merged,) = merge([stated(Severity.MAJOR, None), ruled(Severity.MODERATE)])
    assert merged.severity is Severity.MAJOR
