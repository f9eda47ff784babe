"""What an answer says of the dose of warfarin: a note, and a sentence in its gene findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kg.model import Evidence
from kg.screening.drug_gene import DrugGene
from kg.screening.engine import ChangedFinding, Question
from kg.screening.entailment import entailed
from kg.screening.finding import Change, FindingKind
from kg.screening.warfarin import (
    REFERENCE,
    UNKNOWN,
    WARFARIN,
    Dose,
    DoseRules,
    Equation,
    Undosed,
    dose_for,
)

__all__ = ["warfarin_dose_notes", "with_warfarin_dose"]

_GENE_KINDS = frozenset({FindingKind.DRUG_GENE, FindingKind.DRUG_DRUG_GENE})


def warfarin_dose_notes(question: Question, detector: DrugGene, rules: DoseRules) -> Iterator[str]:
    """Yield the estimated dose, or why there is none, where warfarin is added.

    Who takes warfarin already has a dose that the INR decided. Raises what
    `kg.screening.genotype.Genotypes.of_patient` raises.
    """
    if not _is_added(question):
        return
    estimate = _estimate(question, detector, rules)
    said = _told(estimate) if isinstance(estimate, Dose) else _not_told(estimate)
    yield f"warfarin: {said}"


def with_warfarin_dose(
    findings: Iterable[ChangedFinding], question: Question, detector: DrugGene, rules: DoseRules
) -> tuple[ChangedFinding, ...]:
    """Give findings back with the dose in what each gene finding of added warfarin recommends.

    What is resolved recommends nothing any more.
    """
    listed = tuple(findings)
    meant = [c for c in listed if _is_meant(c)] if _is_added(question) else []
    estimate = _estimate(question, detector, rules) if meant else None
    if not isinstance(estimate, Dose):
        return listed
    told = f"Dose: {_amount(estimate)}."
    evidence = entailed(detector.graph, None, statement=_told(estimate), reference=REFERENCE)
    return tuple(_dosed(c, told, evidence) if c in meant else c for c in listed)


def _is_added(question: Question) -> bool:
    return WARFARIN in question.after.drugs and WARFARIN not in question.taking.drugs


def _is_meant(changed: ChangedFinding) -> bool:
    finding = changed.finding
    of_gene = finding.kind in _GENE_KINDS and WARFARIN in finding.affected
    return of_gene and changed.change is not Change.RESOLVED


def _estimate(question: Question, detector: DrugGene, rules: DoseRules) -> Dose | Undosed:
    known = {found.symbol: found for found in detector.genotypes.of_patient(question.patient)}
    return dose_for(question.patient, frozenset(question.after.drugs), known, rules)


def _dosed(changed: ChangedFinding, told: str, evidence: Evidence) -> ChangedFinding:
    finding = changed.finding
    said = " ".join(part for part in (finding.recommendation, told) if part)
    dosed = replace(finding, recommendation=said, evidence=(*finding.evidence, evidence))
    return replace(changed, finding=dosed)


def _amount(dose: Dose) -> str:
    a_day = dose.weekly_mg / 7
    return (
        f"about {dose.weekly_mg:.0f} mg a week ({a_day:.1f} mg a day) by the {dose.equation} "
        "equation of the IWPC"
    )


def _told(dose: Dose) -> str:
    return (
        f"{_amount(dose)}, from {', '.join(_reasons(dose))}. It estimates the stable dose of "
        "adults for a target INR of 2 to 3 and knows no other drug of the list; the INR decides "
        "(N Engl J Med 2009;360:753-764)."
    )


def _reasons(dose: Dose) -> Iterator[str]:
    terms = dose.terms
    yield f"age {terms.age_years:g} years"
    yield f"height {terms.height_cm:g} cm"
    yield f"weight {terms.weight_kg:g} kg"
    if dose.equation is Equation.PHARMACOGENETIC:
        yield f"VKORC1 -1639 {terms.vkorc1}"
        yield f"CYP2C9 {terms.cyp2c9}"
    yield "ancestry not known" if terms.race == UNKNOWN else f"ancestry {terms.race}"
    if terms.amiodarone:
        yield "amiodarone"
    if terms.inducer:
        yield "an enzyme inducer"


def _not_told(undosed: Undosed) -> str:
    if undosed.reason:
        return f"no dose was computed by the IWPC equations, because {undosed.reason}."
    lacking = ", ".join(undosed.missing)
    return f"no dose was computed by the IWPC equations; not known: {lacking}."
