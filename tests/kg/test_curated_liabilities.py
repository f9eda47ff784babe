"""The tables of shared liabilities keep to their vocabularies, cite, and judge lists rightly."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

CURATED = Path(__file__).resolve().parents[2] / "kg" / "curated"
LIABILITIES = {
    "anticholinergic",
    "bleeding",
    "bradycardia",
    "cns_depression",
    "constipation",
    "hepatotoxicity",
    "hyperkalaemia",
    "hypertensive_crisis",
    "hypoglycaemia",
    "hypokalaemia",
    "hyponatraemia",
    "hypotension",
    "immunosuppression",
    "myelosuppression",
    "myopathy",
    "nephrotoxicity",
    "neuromuscular_block",
    "ototoxicity",
    "qt_prolongation",
    "respiratory_depression",
    "seizure",
    "serotonergic",
}
POINTS = {"low": 1, "moderate": 2, "high": 3}
SEVERITIES = ["contraindicated", "major", "moderate", "minor"]
TERM = re.compile(
    r"(?:(drugs|groups|points)|(high)|graded:(high|moderate|low))>=(\d+)|group:([a-z][a-z0-9_]*)"
)
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


LIABILITY_ROWS = rows_of(CURATED / "liabilities.tsv")
RULES = rows_of(CURATED / "liability_rules.tsv")


def met(term: str, contributors: list[Row]) -> bool:
    """Tell whether one term of a rule holds for the drugs that share a liability."""
    match = TERM.fullmatch(term)
    assert match, term
    total, high, grade, least, group = match.groups()
    if group:
        return group in {row["group"] for row in contributors}
    points = [POINTS[row["grade"]] for row in contributors]
    counted = {
        "drugs": len(points),
        "groups": len({row["group"] for row in contributors}),
        "points": sum(points),
    }
    if total:
        return counted[total] >= int(least)
    return sum(p >= POINTS[high or grade] for p in points) >= int(least)


def judged(*drugs: str) -> dict[str, str]:
    """Give the worst severity of each liability that a list of drugs shares."""
    found: dict[str, str] = {}
    for rule in RULES:
        shared = [
            row
            for row in LIABILITY_ROWS
            if row["liability"] == rule["liability"] and row["drug"] in drugs
        ]
        if len(shared) >= 2 and all(met(term, shared) for term in rule["requires"].split(" & ")):
            worst = min(
                rule["severity"], found.get(rule["liability"], "minor"), key=SEVERITIES.index
            )
            found[rule["liability"]] = worst
    return found


@pytest.fixture(scope="module")
def references() -> set[str]:
    return {row["id"] for path in CURATED.glob("references*.tsv") for row in rows_of(path)}


def test_the_table_has_its_full_size() -> None:
    assert len(LIABILITY_ROWS) >= 400


def test_every_word_comes_from_a_closed_list() -> None:
    assert {row["liability"] for row in LIABILITY_ROWS} == LIABILITIES
    assert {row["liability"] for row in RULES} == LIABILITIES
    assert {row["severity"] for row in RULES} <= set(SEVERITIES)
    for row in LIABILITY_ROWS:
        assert row["grade"] in POINTS, row
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["group"]), row


def test_a_drug_has_one_group_and_one_grade_per_liability() -> None:
    """Otherwise a single drug would count as two groups of a rule."""
    counts = Counter((row["drug_id"], row["liability"]) for row in LIABILITY_ROWS)
    assert [key for key, count in counts.items() if count > 1] == []


def test_an_identifier_belongs_to_one_name() -> None:
    pairs = {(row["drug_id"], row["drug"]) for row in LIABILITY_ROWS}
    assert len(pairs) == len({drug_id for drug_id, _ in pairs}) == len({name for _, name in pairs})
    assert all(re.fullmatch(r"RXCUI:\d+|DRUGBANK:DB\d{5}", drug_id) for drug_id, _ in pairs)
    assert all(name == name.lower() for _, name in pairs)


def test_every_cited_reference_is_known(references: set[str]) -> None:
    cited = {name for row in LIABILITY_ROWS + RULES for name in row["reference"].split("|")}
    assert cited <= references


def test_every_requirement_is_in_the_language_and_names_a_group_that_exists() -> None:
    groups = {(row["liability"], row["group"]) for row in LIABILITY_ROWS}
    for rule in RULES:
        for term in rule["requires"].split(" & "):
            match = TERM.fullmatch(term)
            assert match, rule
            assert match[5] is None or (rule["liability"], match[5]) in groups, rule


def test_a_liability_has_one_effect_and_its_rules_differ() -> None:
    effects = {(rule["liability"], rule["effect_id"], rule["effect_name"]) for rule in RULES}
    assert len(effects) == len(LIABILITIES)
    assert all(re.fullmatch(r"HP:\d{7}|UMLS:C\d{7}", effect) for _, effect, _ in effects)
    conditions = Counter((rule["liability"], rule["requires"]) for rule in RULES)
    assert max(conditions.values()) == 1


def test_a_decision_fits_the_table(references: set[str]) -> None:
    """What was added or graded stands in the table, what was dropped does not."""
    held = {(row["drug"], row["liability"]) for row in LIABILITY_ROWS}
    decided = rows_of(CURATED / "liabilities_decisions.tsv")
    for row in decided:
        assert row["liability"] in LIABILITIES, row
        assert row["decision"] in {"keep", "add", "drop", "grade"}, row
        if row["decision"] != "keep":
            stands = (row["drug"], row["liability"]) in held
            assert stands == (row["decision"] != "drop"), row
        assert row["why"], row
        assert set(row["reference"].split("|")) <= references, row
    keys = [(row["drug"], row["liability"], row["source"]) for row in decided]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    "name", ["liabilities.tsv", "liabilities_decisions.tsv", "liability_rules.tsv"]
)
def test_rows_are_clean(name: str) -> None:
    text = (CURATED / name).read_text(encoding="utf-8")
    assert "\r" not in text
    assert '"' not in text
    assert text.endswith("\n")
    assert all(cell == cell.strip() for line in text.splitlines() for cell in line.split("\t"))


def test_rows_are_sorted() -> None:
    """Liabilities by name; rules worst first, and among equals those that name most groups."""
    names = [(row["liability"], row["group"], row["drug"]) for row in LIABILITY_ROWS]
    assert names == sorted(names)
    order = [
        (
            rule["liability"],
            SEVERITIES.index(rule["severity"]),
            -rule["requires"].count("group:"),
            rule["requires"],
        )
        for rule in RULES
    ]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("drugs", "liability", "severity"),
    [
        (("lisinopril", "ibuprofen", "hydrochlorothiazide"), "nephrotoxicity", "major"),
        (("losartan", "naproxen"), "nephrotoxicity", "moderate"),
        (("phenelzine", "sertraline"), "serotonergic", "contraindicated"),
        (("linezolid", "citalopram"), "serotonergic", "contraindicated"),
        (("rasagiline", "meperidine"), "serotonergic", "contraindicated"),
        (("sertraline", "tramadol"), "serotonergic", "moderate"),
        (("sertraline", "sumatriptan"), "serotonergic", "minor"),
        (("phenelzine", "pseudoephedrine"), "hypertensive_crisis", "contraindicated"),
        (("sildenafil", "nitroglycerin"), "hypotension", "contraindicated"),
        (("thioridazine", "citalopram"), "qt_prolongation", "contraindicated"),
        (("methadone", "haloperidol"), "qt_prolongation", "major"),
        (("citalopram", "ondansetron"), "qt_prolongation", "moderate"),
        (("citalopram", "ondansetron", "azithromycin"), "qt_prolongation", "major"),
        (("warfarin", "aspirin"), "bleeding", "major"),
        (("apixaban", "naproxen"), "bleeding", "major"),
        (("aspirin", "clopidogrel"), "bleeding", "minor"),
        (("oxycodone", "alprazolam"), "respiratory_depression", "major"),
        (("spironolactone", "trimethoprim"), "hyperkalaemia", "major"),
        (("enalapril", "spironolactone"), "hyperkalaemia", "moderate"),
        (("metoprolol", "verapamil"), "bradycardia", "major"),
        (("methotrexate", "trimethoprim"), "myelosuppression", "major"),
        (("simvastatin", "gemfibrozil"), "myopathy", "major"),
        (("bupropion", "tramadol"), "seizure", "major"),
        (("insulin glargine", "glimepiride"), "hypoglycaemia", "moderate"),
        (("amitriptyline", "oxybutynin"), "anticholinergic", "moderate"),
        (("adalimumab", "abatacept"), "immunosuppression", "major"),
        (("tofacitinib", "azathioprine"), "immunosuppression", "major"),
        (("natalizumab", "mycophenolate mofetil"), "immunosuppression", "major"),
        (("adalimumab", "prednisone"), "immunosuppression", "minor"),
        (("apixaban", "sorafenib"), "bleeding", "moderate"),
        (("cisplatin", "gentamicin"), "ototoxicity", "major"),
        (("vancomycin", "gentamicin"), "ototoxicity", "moderate"),
        (("amphotericin b", "prednisone"), "hypokalaemia", "moderate"),
        (("furosemide", "prednisone"), "hypokalaemia", "minor"),
        (("rocuronium", "clindamycin"), "neuromuscular_block", "moderate"),
        (("clozapine", "oxybutynin"), "constipation", "moderate"),
    ],
)
def test_what_every_pharmacist_knows_is_found(
    drugs: tuple[str, ...], liability: str, severity: str
) -> None:
    assert judged(*drugs)[liability] == severity


@pytest.mark.parametrize(
    "drugs",
    [
        ("lisinopril", "enalapril"),
        ("lisinopril", "hydrochlorothiazide", "atorvastatin", "metoprolol"),
        ("insulin glargine", "insulin lispro"),
        ("isoniazid", "rifampin", "pyrazinamide"),
        ("fluorouracil", "oxaliplatin"),
        ("levodopa", "rasagiline", "pramipexole"),
        ("morphine", "oxycodone"),
        ("adalimumab", "methotrexate"),
        ("hydrochlorothiazide", "salbutamol"),
        ("oxycodone", "bisacodyl"),
        ("furosemide", "spironolactone"),
    ],
)
def test_usual_treatment_stays_silent(drugs: tuple[str, ...]) -> None:
    assert judged(*drugs) == {}
