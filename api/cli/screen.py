"""``coprescribe screen``: the answer to one question about one patient's medicines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli.options import (
    GraphOption,
    HomeOption,
    JsonOption,
    ModelOption,
    QuietOption,
    VerboseOption,
)
from api.cli.question import Answered, body_of, is_at_least, read_patient
from api.cli.render import render
from api.cli.voice import Voice
from api.merging import merged
from api.service import answer
from api.settings import find_home
from api.state import open_state
from api.timing import timed
from kg.model import Severity

FINDINGS = 1
"""Exit code when ``--fail-on`` is met."""

Many = list[str] | None


def screen(
    *,
    add: Annotated[Many, typer.Option(metavar="DRUG", help="A drug to add; repeats.")] = None,
    stop: Annotated[Many, typer.Option(metavar="DRUG", help="A drug to stop; repeats.")] = None,
    replace: Annotated[Many, typer.Option(metavar="A=B", help="Stop A and add B; repeats.")] = None,
    taking: Annotated[
        Many, typer.Option(metavar="DRUG", help="Current drugs; repeats, and splits at commas.")
    ] = None,
    diplotype: Annotated[
        Many, typer.Option(metavar="GENE=*1/*4", help="A diplotype; repeats.")
    ] = None,
    phenotype: Annotated[
        Many, typer.Option(metavar="GENE=TEXT", help='As "CYP2D6=Poor Metabolizer"; repeats.')
    ] = None,
    condition: Annotated[Many, typer.Option(metavar="TEXT", help="A condition; repeats.")] = None,
    allergy: Annotated[Many, typer.Option(metavar="TEXT", help="An allergy; repeats.")] = None,
    age: Annotated[float | None, typer.Option(metavar="N", help="Age in years.")] = None,
    sex: Annotated[Literal["female", "male"] | None, typer.Option(help="Sex.")] = None,
    pregnant: Annotated[bool, typer.Option("--pregnant", help="The patient is pregnant.")] = False,
    lactating: Annotated[
        bool, typer.Option("--lactating", help="The patient breastfeeds.")
    ] = False,
    weight_kg: Annotated[float | None, typer.Option(metavar="N", help="Weight in kg.")] = None,
    height_cm: Annotated[float | None, typer.Option(metavar="N", help="Height in cm.")] = None,
    egfr: Annotated[float | None, typer.Option(metavar="N", help="eGFR in ml/min.")] = None,
    child_pugh: Annotated[
        Literal["A", "B", "C"] | None, typer.Option(help="Child-Pugh class.")
    ] = None,
    lab: Annotated[
        Many, typer.Option(metavar="LOINC=VALUE[:UNIT]", help="A laboratory value; repeats.")
    ] = None,
    patient: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="The body of POST /v1/screen, a FHIR Bundle or a PharmCAT report; "
            "other options add to it.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Offer what may be given instead.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show unchanged and slight findings in full, too.")
    ] = False,
    fail_on: Annotated[
        Severity | None,
        typer.Option(help="Exit 1 when a new or worse finding (or any, in a review) is so severe."),
    ] = None,
    model: ModelOption = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Say what a change of medicines does, and what is not known.

    As in: coprescribe screen --taking simvastatin,warfarin --add clarithromycin. Without --add,
    --stop or --replace the list itself is reviewed.
    """
    del verbose
    facts: dict[str, Any] = {
        "age_years": age,
        "sex": sex,
        "pregnant": pregnant or None,
        "lactating": lactating or None,
        "weight_kg": weight_kg,
        "height_cm": height_cm,
        "egfr_ml_min": egfr,
        "child_pugh": child_pugh,
    }
    lists = {
        "diplotypes": diplotype,
        "phenotypes": phenotype,
        "conditions": condition,
        "allergies": allergy,
        "labs": lab,
    }
    change = {"add": add, "stop": stop, "replace": replace, "taking": taking}
    own = body_of(change, facts, lists, alternatives=alternatives)
    body = merged(read_patient(patient), own) if patient else own
    state = open_state(find_home(home), graph, model)
    with timed("question screened"):
        answered = Answered(body, answer(body, state))
    in_full = everything or body.get("all") is True
    Voice(as_json, quiet).result(answered.answer, render(answered, in_full=in_full))
    if fail_on and is_at_least(answered, fail_on):
        raise typer.Exit(FINDINGS)
