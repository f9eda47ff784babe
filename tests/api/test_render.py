"""The answer as a pharmacist reads it: what is new first, silence named, guesses set apart."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from api.cli.question import Answered
from api.cli.render import render

ANSM = {
    "source": "infores:ansm",
    "version": "2020-10",
    "severity": "contraindicated",
    "severity_as_stated": "CONTRE-INDICATION",
    "text": "Risque majoré de rhabdomyolyse.",
    "reference": "ansm-2020-10",
    "publications": [],
    "licence": "terms not stated",
    "recommendation": "Ne pas associer.",
}


def thing(name: str) -> dict[str, str]:
    return {"curie": f"X:{name}", "name": name}


def entry(query: str, **more: Any) -> dict[str, Any]:
    return {"query": query, "status": "resolved", "curie": f"X:{query}", "name": query, **more}


def finding(**more: Any) -> dict[str, Any]:
    path = [
        {"subject": "clarithromycin", "predicate": "inhibits (strong)", "object": "CYP3A4"},
        {"subject": "CYP3A4", "predicate": "clears (sensitive)", "object": "simvastatin"},
    ]
    return {
        "id": "a",
        "kind": "drug_drug",
        "change": "created",
        "severity": "contraindicated",
        "folded": False,
        "precipitants": [thing("clarithromycin")],
        "affected": [thing("simvastatin")],
        "genes": [],
        "conditions": [],
        "effect": {"curie": "HP:0003201", "name": "Rhabdomyolysis"},
        "mechanism": {"name": "CYP3A4 inhibition", "path": path},
        "probability": None,
        "baseline_probability": None,
        "recommendation": "Do not combine. « Ne pas associer. »",
        "modifiers": [],
        "evidence": [ANSM],
        "disagreement": [],
        **more,
    }


GUESS = finding(
    id="g",
    kind="predicted_effect",
    severity=None,
    precipitants=[thing("clarithromycin"), thing("zinc")],
    affected=[],
    mechanism=None,
    probability=0.0312,
    baseline_probability=0.008,
    recommendation=None,
    evidence=[{**ANSM, "source": "infores:coprescribe", "version": "m1", "text": None}],
)
OLD = finding(id="b", change="unchanged", severity="moderate", effect=thing("Nausea"))
MINOR = finding(id="s", severity="minor", effect=thing("Cough"), folded=True)
LOOSE = finding(id="u", severity=None, effect=thing("Rash"), recommendation=None, folded=True)


def answered(findings: list[dict[str, Any]], **more: Any) -> Answered:
    pairs = [
        {"drugs": ["X:clarithromycin", "X:simvastatin"], "status": "finding"},
        {"drugs": ["X:clarithromycin", "X:warfarin"], "status": "none_found"},
        {"drugs": ["X:warfarin", "X:newdrug"], "status": "not_covered"},
    ]
    answer = {
        "adding": [entry("clarithromycin")],
        "stopping": [],
        "replacing": [],
        "taking": [entry("simvastatin"), entry("warfarin"), entry("newdrug")],
        "findings": findings,
        "alternatives": [],
        "coverage": {"pairs": pairs, "unresolved": [], "not_covered": ["X:newdrug"]},
        "graph": {"id": "open-1", "sources": []},
        "model": None,
        "notes": [],
        "disclaimer": "For qualified health professionals.",
        **more,
    }
    return Answered({"patient": {"diplotypes": {"CYP2C19": "*2/*2"}}}, answer)


def text_of(shown: Answered, *, in_full: bool = False, terminal: bool = False) -> str:
    written = StringIO()
    console = Console(
        file=written,
        width=100,
        highlight=False,
        markup=False,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
    )
    console.print(render(shown, in_full=in_full))
    return written.getvalue()


def test_what_is_asked_stands_first() -> None:
    first = text_of(answered([finding()])).splitlines()[0]
    assert first.startswith("Asked: add clarithromycin; current list: simvastatin, warfarin")
    assert "CYP2C19 *2/*2" in text_of(answered([finding()]))


def test_a_new_finding_says_who_whom_what_why_and_what_to_do() -> None:
    text = text_of(answered([finding()]))
    assert "CONTRAINDICATED  clarithromycin → simvastatin: rhabdomyolysis" in text
    assert "clarithromycin --inhibits (strong)--> CYP3A4" in text
    assert "Do not combine." in text
    assert "Source: ANSM 2020-10 (ansm-2020-10)" in text
    assert "ANSM 2020-10: terms not stated" in text


def test_french_words_are_quoted_as_the_source_s_own() -> None:
    text = text_of(answered([finding()]))
    assert 'ANSM (fr): "Risque majoré de rhabdomyolyse."' in text
    assert 'ANSM (fr): "Ne pas associer."' in text
    assert "«" not in text


def test_advice_is_quoted_as_the_words_of_the_source_that_gave_it() -> None:
    english = {
        **ANSM,
        "source": "infores:worldvista",
        "recommendation": "Test the INR.",
        "text": "",
    }
    told = finding(recommendation="Take care. « Test the INR. »", evidence=[ANSM, english])
    assert 'worldvista: "Test the INR."' in text_of(answered([told]))


def test_an_unresolved_name_stands_before_every_finding() -> None:
    lost = entry("zocro", status="ambiguous", curie=None, name=None)
    lost["candidates"] = [{"curie": "X:s", "name": "simvastatin", "matched": "Zocor", "score": 80}]
    shown = answered([finding()], taking=[entry("simvastatin"), lost])
    lines = text_of(shown).splitlines()
    assert lines[1].startswith("NOT CHECKED: 'zocro' is not a drug known here")
    assert "Did you mean: Zocor (simvastatin)?" in " ".join(text_of(shown).split())


def test_what_does_not_change_is_one_line_unless_all_is_asked_for() -> None:
    shown = answered([finding(), OLD])
    assert "moderate         clarithromycin → simvastatin: nausea" in text_of(shown)
    assert "MODERATE         clarithromycin → simvastatin: nausea" in text_of(shown, in_full=True)


def test_what_is_slight_is_counted_unless_all_is_asked_for() -> None:
    shown = answered([finding(), MINOR, LOOSE])
    text, whole = text_of(shown), text_of(shown, in_full=True)
    assert "New or worse with the change (3)" in text
    assert "folded           1 minor, 1 that one source alone states, without severity" in text
    assert "(--all shows them)" in " ".join(text.split())
    assert "cough" not in text
    assert "rash" not in text
    assert "MINOR            clarithromycin → simvastatin: cough" in whole
    assert "NOT GRADED       clarithromycin → simvastatin: rash" in whole
    assert "folded" not in whole


def test_what_is_graded_without_effect_or_advice_is_counted_by_itself() -> None:
    bare = finding(id="b", severity="moderate", effect=thing("Unnamed"), folded=True)
    text = " ".join(text_of(answered([bare])).split())
    assert "1 that one source alone grades, without effect or advice (--all shows them)" in text


def test_a_change_that_only_brings_what_is_slight_says_so() -> None:
    text = text_of(answered([MINOR]))
    assert "New or worse with the change (1)" in text
    assert "folded           1 minor (--all shows them)" in text


def test_new_and_worse_findings_keep_the_order_of_the_answer() -> None:
    worse = finding(id="w", change="worsened", severity="major", effect=thing("Bradycardia"))
    mild = finding(id="m", severity="minor", effect=thing("Cough"))
    text = text_of(answered([finding(), worse, mild]))
    assert "MAJOR            clarithromycin → simvastatin: bradycardia (worse than before)" in text
    assert text.index("rhabdomyolysis") < text.index("bradycardia") < text.index("cough")


def test_a_list_that_is_only_reviewed_shows_its_findings_in_full() -> None:
    text = text_of(answered([OLD], adding=[]))
    assert text.startswith("Asked: review of simvastatin")
    assert "MODERATE         clarithromycin → simvastatin: nausea" in text


def test_a_change_that_brings_nothing_says_who_says_so() -> None:
    assert "The loaded sources state nothing new for this change." in text_of(answered([OLD]))


def test_a_guess_stands_apart_with_its_base_rate() -> None:
    text = text_of(answered([finding(), GUESS]))
    assert "Statistical guesses, not stated interactions" in text
    line = next(line for line in text.splitlines() if "zinc" in line)
    assert line.split()[0] == "3.1%"
    assert "base rate 0.8%" in line
    assert text.index("zinc") > text.index("CONTRAINDICATED")


def test_what_no_rule_knows_stands_at_the_top_and_what_changes_nothing_at_the_foot() -> None:
    notes = [
        "No rule of this release asks for the condition: Gout.",
        "No rule that applies here uses, and so nothing depends on: ancestry.",
    ]
    text = text_of(answered([finding()], notes=notes))
    assert text.index("Gout") < text.index("rhabdomyolysis") < text.index("ancestry")


def test_silence_is_named() -> None:
    text = " ".join(text_of(answered([finding()])).split())
    assert "nothing found in the loaded sources for 1: clarithromycin + warfarin" in text
    assert "Not covered by any loaded source: newdrug (1 pairs unknown)" in text


def test_sources_that_differ_are_shown_side_by_side() -> None:
    rows = [
        {"source": "infores:ansm", "severity": "contraindicated"},
        {"source": "infores:ansm", "severity": "minor"},
        {"source": "infores:coprescribe", "severity": "major"},
    ]
    text = text_of(answered([finding(disagreement=rows)]))
    assert "Severity by source: ANSM contraindicated / minor; coprescribe major" in text


def test_a_condition_is_quoted_with_what_follows_from_it() -> None:
    modifier = {
        "factor": "dose > 40 mg/j",
        "present": None,
        "effect_on_severity": "contraindicated",
        "evidence": [ANSM],
    }
    text = text_of(answered([finding(modifiers=[modifier])]))
    assert 'If ANSM (fr): "dose > 40 mg/j": contraindicated (not known for this patient)' in text


@pytest.mark.parametrize("in_full", [False, True])
def test_no_line_is_wider_than_100_columns(in_full: bool) -> None:
    long = finding(recommendation="watch closely " * 60)
    text = text_of(answered([long, OLD, GUESS]), in_full=in_full)
    assert max(len(line) for line in text.splitlines()) <= 100


def test_there_is_colour_on_a_terminal_only() -> None:
    assert "\x1b[" not in text_of(answered([finding()]))
    assert "\x1b[" in text_of(answered([finding()]), terminal=True)


def test_a_name_cannot_steer_the_terminal() -> None:
    lost = entry("evil\x1b[2J\x07", status="unresolved", curie=None, name=None)
    assert "\x1b[2J" not in text_of(answered([finding()], taking=[lost]))


def test_one_medicine_alone_is_not_said_to_be_silent() -> None:
    coverage: dict[str, list[str]] = {"pairs": [], "unresolved": [], "not_covered": []}
    text = text_of(answered([], taking=[], coverage=coverage))
    assert "nothing new" not in text
    assert "No pair to check" in text


def test_a_model_that_guesses_nothing_is_said_to() -> None:
    model = {"id": "m1", "trained_on": "open-1"}
    assert "model m1 (which adds no guess here)" in text_of(answered([finding()], model=model))
    assert "model m1." in text_of(answered([finding(), GUESS], model=model))


UNKNOWN = {
    "name": "mechanism not known",
    "path": [
        {"subject": "a + b", "predicate": "contributes to", "object": "Nausea"},
    ],
}


def test_of_an_unknown_mechanism_nothing_is_said() -> None:
    told = text_of(answered([finding(mechanism=UNKNOWN), {**OLD, "mechanism": UNKNOWN}]))
    assert "mechanism not known" not in told


def condition(words: str, *, present: bool | None, source: str = "infores:ansm") -> dict[str, Any]:
    evidence = [{**ANSM, "source": source}]
    severity = "major"
    return {
        "factor": words,
        "present": present,
        "effect_on_severity": severity,
        "evidence": evidence,
    }


def test_what_a_source_says_under_a_condition_that_does_not_hold_is_not_told() -> None:
    young = {**ANSM, "condition": "avant 65 ans", "text": "Chez le jeune."}
    old = {**ANSM, "condition": "après 65 ans", "text": "Chez les autres."}
    denied, met = condition("avant 65 ans", present=False), condition("après 65 ans", present=True)
    told = text_of(answered([finding(evidence=[young, old], modifiers=[denied, met])]))
    assert "Chez le jeune" not in told
    assert "avant 65 ans" not in told
    assert "Chez les autres" in told
    assert "après 65 ans" in told


def test_a_condition_of_ours_that_does_not_hold_is_told() -> None:
    ours = condition("The INR is above 4.", present=False, source="infores:coprescribe")
    assert "The INR is above 4." in text_of(answered([finding(modifiers=[ours])]))


def test_a_condition_is_told_once_and_not_as_a_quotation_too() -> None:
    same = condition("Ne pas associer.", present=None)
    told = text_of(answered([finding(modifiers=[same, same])]))
    assert told.count("Ne pas associer.") == 1


def test_a_gene_finding_without_effect_says_the_phenotype() -> None:
    path = [{"subject": "G6PD Deficient", "predicate": "affects sensitivity to", "object": "x"}]
    found = finding(
        kind="drug_gene",
        precipitants=[],
        affected=[thing("dapsone")],
        genes=[thing("G6PD")],
        effect=None,
        mechanism={"name": "G6PD Deficient", "path": path},
    )
    assert "G6PD Deficient → dapsone" in text_of(answered([found]))
    known = {**found, "effect": thing("Hemolytic anemia")}
    assert "G6PD → dapsone: hemolytic anemia" in text_of(answered([known]))
