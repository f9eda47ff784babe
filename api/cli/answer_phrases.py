"""How an answer as a whole reads: its parts, what was not checked, what is folded, its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.cli.phrases import Finding, drugs_of, speaker_name, usual_letter
from api.errors import likely_names
from kg.screening.entailment import OWN_SOURCE


def by_change_of(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Part the findings, each part in the order of the answer; new and worse ones are one part."""
    parts: dict[str, list[Finding]] = {
        key: [] for key in ("new", "unchanged", "improved", "resolved", "predicted")
    }
    for finding in findings:
        is_guess = finding["kind"] == "predicted_effect"
        change = "new" if finding["change"] in {"created", "worsened"} else finding["change"]
        parts["predicted" if is_guess else change].append(finding)
    return parts


def not_identified(entry: Mapping[str, Any]) -> str:
    """Say of a line of the list that it was not checked, and what it may mean."""
    candidates = entry.get("candidates", ())
    names = likely_names(candidates, entry["query"])
    several = entry["status"] == "ambiguous" and len(candidates) > 1
    why = "may be several drugs" if several else "is not a drug known here"
    hint = f" Did you mean: {names}?" if names else ""
    return f"NOT CHECKED: {entry['query']!r} {why}; nothing below covers it.{hint}"


def folded_counts(folded: Iterable[Finding]) -> str:
    """How many findings are folded, and why."""
    severities = Counter(finding["severity"] for finding in folded)
    told = (
        (severities["minor"], "minor"),
        (severities["moderate"], "that one source alone grades, without effect or advice"),
        (severities[None], "that one source alone states, without severity or advice"),
    )
    return ", ".join(f"{count} {why}" for count, why in told if count)


def condition_lines(finding: Finding) -> tuple[str, ...]:
    """Conditions of a finding, but those of a source that the patient does not meet."""
    shown = (
        modifier
        for modifier in finding["modifiers"]
        if modifier["present"] is not False or _speaker(modifier) == OWN_SOURCE
    )
    return tuple(dict.fromkeys(map(_condition, shown)))


def conditions_told(finding: Finding, *, present: bool | None) -> tuple[str, ...]:
    """Conditions that hold, do not hold or are not known, in few words; others than ours named."""
    shown = (modifier for modifier in finding["modifiers"] if modifier["present"] is present)
    return tuple(dict.fromkeys(map(_brief_condition, shown)))


def guess_of(finding: Finding) -> str:
    """A predicted effect with its base rate."""
    effect = usual_letter(finding["effect"]["name"])
    rate = f"base rate {finding['baseline_probability']:.1%}; {finding['change']}"
    return f"{drugs_of(finding)}: {effect} ({rate})"


def alternative_words(alternative: Mapping[str, Any]) -> tuple[str, str]:
    """The worst severity that an alternative would bring, and what it is and leaves."""
    severity, count = alternative["worst_severity"], alternative["findings"]
    left = f"{count} finding{'s' * (count != 1)}" if count else "nothing found"
    shared = alternative["shared_class"]
    why = f"same class, {shared.replace(':', ' ')}" if shared else alternative["kinship"]
    why += ", named in the advice" if alternative["advised"] else ""
    why += "; little is known of it" if alternative["little_known"] else ""
    word = severity or ("not graded" if count else "none found")
    return word, f"{alternative['name']}: {left} ({why})"


def coverage_lines(answer: Mapping[str, Any], most: int | None) -> Iterator[tuple[str, bool]]:
    """How many pairs were checked, and what no source covers, which is a warning.

    Of the pairs of which nothing was found the first ``most`` are named, or all.
    """
    coverage, names = answer["coverage"], _names_in(answer)
    pairs: dict[str, list[str]] = {"finding": [], "none_found": [], "not_covered": []}
    for pair in coverage["pairs"]:
        pairs[pair["status"]].append(" + ".join(names.get(drug, drug) for drug in pair["drugs"]))
    if coverage["pairs"]:
        silent = pairs["none_found"]
        listed = f": {_some(silent, most)}" if silent else ""
        yield (
            f"Pairs checked: {len(coverage['pairs'])}; with a finding: {len(pairs['finding'])}; "
            f"nothing found in the loaded sources for {len(silent)}{listed}.",
            False,
        )
    elif names and all(finding["kind"] != "drug_drug" for finding in answer["findings"]):
        yield "No pair to check: fewer than two medicines were identified.", False
    if pairs["not_covered"]:
        drugs = ", ".join(names.get(drug, drug) for drug in coverage["not_covered"])
        unknown = len(pairs["not_covered"])
        yield f"Not covered by any loaded source: {drugs} ({unknown} pairs unknown).", True


def sources_used(answer: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Source, version and licence of all evidence of the findings."""
    said = (e for finding in answer["findings"] for e in finding["evidence"])
    return sorted({(e["source"], e["version"], e["licence"]) for e in said})


def _speaker(modifier: Mapping[str, Any]) -> str:
    return str((modifier.get("evidence") or ({"source": OWN_SOURCE},))[0]["source"])


def _condition(modifier: Mapping[str, Any]) -> str:
    if modifier["present"] and _speaker(modifier) == OWN_SOURCE:
        return f"Holds here: {_brief_condition(modifier)}"
    known = {True: "holds", False: "does not hold", None: "not known for this patient"}
    severity = modifier.get("effect_on_severity")
    then = f" {severity}" if severity else ""
    speaker = speaker_name(_speaker(modifier))
    return f'If {speaker}: "{modifier["factor"]}":{then} ({known[modifier["present"]]})'


def _brief_condition(modifier: Mapping[str, Any]) -> str:
    speaker, severity = _speaker(modifier), modifier.get("effect_on_severity")
    factor = modifier["factor"].rstrip(".")
    said = factor if speaker == OWN_SOURCE else f'{speaker_name(speaker)}: "{factor}"'
    return f"{said} ({severity})" if severity else said


def _some(texts: Sequence[str], most: int | None) -> str:
    if most is None or len(texts) <= most:
        return "; ".join(texts)
    return "; ".join(texts[:most]) + f"; and {len(texts) - most} more (--all names them)"


def _names_in(answer: Mapping[str, Any]) -> dict[str, str]:
    swaps = [entry["to"] for entry in answer.get("replacing", ())]
    references = [*answer["adding"], *answer["taking"], *swaps]
    written = {r["curie"]: r["name"] for r in references if r.get("curie")}
    return {**answer["coverage"].get("names", {}), **written}
