"""The French thesaurus: names folded, classes expanded, severities kept, each where it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.effects import MECHANISMS, ground_text, load_patterns
from kg.sources.ansm import (
    ANSM,
    SEVERITIES,
    SubstanceIndex,
    _read_index,
    class_id,
    fold,
    substance_id,
)
from kg.sources.ansm_scopes import FILE as SCOPES
from kg.sources.ansm_scopes import MECHANISMS as MECHANISM_TABLE
from kg.sources.ansm_scopes import Scope, Scopes, load_mechanisms, load_scopes
from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.vocabulary import Category, Predicate
from tests.kg.source_samples import SAMPLES, copy_sample

SEDATIVES = "autres medicaments sedatifs / medicaments sedatifs"
OPIOIDS_AND_BARBITURATES = {
    "alfentanil",
    "codeine",
    "fentanyl",
    "methadone",
    "morphine",
    "oxycodone",
    "phenobarbital",
    "primidone",
    "tramadol",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return copy_sample(ANSM, tmp_path)


@pytest.fixture(scope="module")
def real(open_home: Path) -> dict[str, Path]:
    folder = open_home / "raw" / "ansm" / "2020-10"
    if not all((folder / name).is_file() for name in ANSM.files):
        pytest.skip(f"the thesaurus is not in {folder}")
    return {name: folder / name for name in ANSM.files}


@pytest.fixture(scope="module")
def real_rules(real: dict[str, Path]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads(real["thesaurus.json"].read_text(encoding="utf-8"))
    return rules


@pytest.fixture(scope="module")
def real_pairs(real: dict[str, Path]) -> pd.DataFrame:
    return pairs_of(real)


def frames(files: dict[str, Path], kind: ChunkKind) -> list[pd.DataFrame]:
    return [chunk.frame for chunk in ANSM.read(files) if chunk.kind is kind]


def pairs_of(files: dict[str, Path]) -> pd.DataFrame:
    (frame,) = frames(files, ChunkKind.PAIRS)
    return frame


def between(pairs: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    ends = sorted((substance_id(one), substance_id(other)))
    return pairs[(pairs["drug_a"] == ends[0]) & (pairs["drug_b"] == ends[1])]


def plain(frame: pd.DataFrame, columns: Iterable[str]) -> list[tuple[str, ...]]:
    bare = frame[list(columns)].map(lambda cell: cell.removeprefix("ANSM.SUBSTANCE:"))
    return sorted(bare.itertuples(index=False, name=None))


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def rewrite(path: Path, rows: list[Any]) -> None:
    path.write_text(json.dumps(rows), encoding="utf-8")


@pytest.mark.parametrize("table", ["expected_pairs.tsv", "expected_substances.tsv"])
def test_the_sample_gives_the_tables_that_stand_beside_it(
    table: str, files: dict[str, Path]
) -> None:
    kind = ChunkKind.PAIRS if "pairs" in table else ChunkKind.NODES
    expected = pd.read_csv(SAMPLES / "ansm" / table, sep="\t", dtype=str, keep_default_na=False)
    assert plain(frames(files, kind)[0], expected.columns) == plain(expected, expected.columns)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Médicaments\n SÉDATIFS ", "medicaments sedatifs"),
        ("ACIDE ACÉTYL- SALICYLIQUE", "acide acetyl-salicylique"),
        ("PRÉCAUTION D’EMPLOI", "precaution d'emploi"),
        ("anti-œdémateux", "anti-oedemateux"),
    ],
)
def test_a_name_is_the_same_whatever_its_case_accents_and_breaks(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_a_folded_name_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_an_identifier_is_made_of_the_folded_name() -> None:
    assert substance_id(fold("di(acéfylline) diphénhydramine")) == (
        "ANSM.SUBSTANCE:di-acefylline-diphenhydramine"
    )
    assert class_id(fold("Inhibiteurs de l'HMG-CoA")) == "ANSM.CLASS:inhibiteurs-de-l-hmg-coa"


def test_a_class_stands_for_its_members_and_a_substance_for_itself() -> None:
    index = SubstanceIndex(
        names={"morphine": "morphine", "fer": "fer"},
        members={"opiaces": ("morphine", "codeine"), "fer": ("morphine",)},
        class_names={},
    )
    assert index.expand("OPIACÉS") == ("morphine", "codeine")
    assert index.expand("Morphine") == ("morphine",)
    assert index.expand("fer") == ("fer", "morphine")
    assert index.expand("théine") == ("theine",)


def test_a_rule_of_two_classes_holds_for_each_pair_of_members(files: dict[str, Path]) -> None:
    pairs = pairs_of(files)
    calcium = pairs[pairs["statement"].str.startswith("ANTAGONISTES DES CANAUX")]
    assert plain(calcium, ("drug_a", "drug_b")) == [
        ("amlodipine", "clarithromycine"),
        ("clarithromycine", "lercanidipine"),
    ]


def test_a_rule_written_from_both_sides_counts_once(files: dict[str, Path]) -> None:
    assert len(between(pairs_of(files), "clarithromycine", "simvastatine")) == 1


def test_a_substance_is_never_paired_with_itself(files: dict[str, Path]) -> None:
    pairs = pairs_of(files)
    assert (pairs["drug_a"] < pairs["drug_b"]).all()


def test_several_severities_of_a_rule_stay_each_with_its_condition(files: dict[str, Path]) -> None:
    found = between(pairs_of(files), "acide-acetyl-salicylique", "methotrexate")
    assert plain(found, ("severity", "condition", "severity_as_stated")) == [
        ("contraindicated", "dose forte.", "CONTRE-INDICATION"),
        ("minor", "dose faible.", "Il convient de prendre en compte"),
    ]


def test_a_blank_that_the_file_lost_is_taken_from_the_description(files: dict[str, Path]) -> None:
    rules = json.loads(files["thesaurus.json"].read_text(encoding="utf-8"))
    rules[-1]["severity_levels"][0]["info"] = ":\n- doseforte."
    rules[-1]["description"] = "CI\n:\n- dose\nforte.\nÉlimination rénale diminuée."
    rewrite(files["thesaurus.json"], rules)
    found = between(pairs_of(files), "acide-acetyl-salicylique", "methotrexate")
    assert set(found["condition"]) == {"dose forte.", "dose faible."}


def test_the_text_of_the_only_severity_is_advice_and_no_condition(files: dict[str, Path]) -> None:
    (row,) = between(pairs_of(files), "clarithromycine", "sildenafil").to_dict("records")
    assert (row["severity"], row["condition"]) == ("moderate", "")
    assert row["recommendation"] == "Débuter à dose faible."
    assert row["severity_as_stated"] == "Précaution d’emploi"


def test_a_severity_that_names_one_member_holds_for_that_member_alone(
    files: dict[str, Path],
) -> None:
    pairs = pairs_of(files)
    lercanidipine = between(pairs, "lercanidipine", "clarithromycine")
    assert plain(lercanidipine, ("severity", "condition")) == [("major", "")]
    amlodipine = between(pairs, "amlodipine", "clarithromycine")
    assert plain(amlodipine, ("severity", "condition")) == [("moderate", "")]


def test_a_rule_over_others_of_its_kind_tells_that_the_effects_add_up(
    files: dict[str, Path],
) -> None:
    pairs = pairs_of(files)
    assert set(between(pairs, "diazepam", "morphine")["mechanism"]) == {"additive_pharmacodynamic"}
    assert set(between(pairs, "clarithromycine", "simvastatine")["mechanism"]) == {""}


def test_a_name_that_the_index_lacks_still_becomes_a_substance(files: dict[str, Path]) -> None:
    nodes = frames(files, ChunkKind.NODES)[0].set_index("id")
    assert nodes.loc["ANSM.SUBSTANCE:methotrexate", "name"] == "méthotrexate"
    assert set(nodes["language"]) == {"fr"}


def test_a_member_leads_to_its_class(files: dict[str, Path]) -> None:
    classes = frames(files, ChunkKind.NODES)[1].set_index("id")
    assert set(classes["category"]) == {Category.DRUG_CLASS.value}
    (links,) = frames(files, ChunkKind.EDGES)
    assert set(links["predicate"]) == {Predicate.SUBCLASS_OF.value}
    ends = set(zip(links["subject"], links["object"], strict=True))
    assert ("ANSM.SUBSTANCE:morphine", "ANSM.CLASS:morphiniques") in ends
    assert set(links["object"]) == set(classes.index)


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        ("thesaurus.json", {"main_drug": " "}, "main_drug is missing"),
        ("thesaurus.json", {"interaction_mechanism": None}, "interaction_mechanism is missing"),
        ("thesaurus.json", {"severity_levels": []}, "unknown severity None"),
        ("thesaurus.json", {"severity_levels": ["grave"]}, "unknown severity 'grave'"),
        ("thesaurus.json", {"severity_levels": [{"level": "Grave"}]}, "unknown severity 'Grave'"),
        ("substances.json", {"substance": 3}, "expected substance"),
        ("substances.json", {"drug_classes": "fer"}, "expected substance and drug_classes"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_by_its_number(
    file: str, change: dict[str, Any], reason: str, files: dict[str, Path]
) -> None:
    rows = json.loads(files[file].read_text(encoding="utf-8"))
    rows[2] |= change
    rewrite(files[file], rows)
    with pytest.raises(MalformedSource, match=reason) as refusal:
        list(ANSM.read(files))
    assert (refusal.value.file, refusal.value.row) == (file, 2)


def test_a_record_that_is_no_record_is_named_by_its_number(files: dict[str, Path]) -> None:
    rewrite(files["thesaurus.json"], [{}, "texte"])
    with pytest.raises(MalformedSource, match=r"thesaurus\.json, row 1: expected a record"):
        list(ANSM.read(files))


def test_the_four_levels_are_known_in_their_five_spellings() -> None:
    assert len(SEVERITIES) == 5
    assert {severity.rank for severity in SEVERITIES.values()} == {1, 2, 3, 4}


def scope(
    severity: str, one: str = "", other: str = "", word: str = "", *, state: bool = False
) -> Scope:
    drugs = [frozenset(filter(None, cell.split("|"))) for cell in (one, other)]
    return Scope(severity, drugs[0], drugs[1], word, state)


def test_a_statement_without_a_reading_keeps_every_severity() -> None:
    assert Scopes({}).severities("a / b", ("x", "y")) is None


def test_a_reading_holds_whichever_of_its_drugs_comes_first() -> None:
    scopes = Scopes({"a / b": [scope("major", "x", "y")]})
    assert scopes.severities("a / b", ("y", "x")) == {"major": False}


def test_a_pair_that_no_reading_is_about_keeps_every_severity_of_the_rule() -> None:
    scopes = Scopes({"a / b": [scope("major", "x", "y")]})
    assert scopes.severities("a / b", ("x", "x")) is None


def test_others_are_the_pairs_that_no_reading_before_was_about() -> None:
    scopes = Scopes({"a / b": [scope("major", "x"), scope("minor", word="others")]})
    assert scopes.severities("a / b", ("x", "z")) == {"major": False}
    assert scopes.severities("a / b", ("y", "z")) == {"minor": False}


def test_any_holds_beside_what_was_read_before() -> None:
    readings = [scope("contraindicated", "x", state=True), scope("major", word="any")]
    assert Scopes({"s": readings}).severities("s", ("x", "z")) == {
        "contraindicated": True,
        "major": False,
    }


def test_none_takes_a_pair_out_of_a_rule() -> None:
    readings = [scope("none", "x"), scope("moderate", word="others")]
    assert Scopes({"s": readings}).severities("s", ("x", "z")) == {}


SCOPE_HEADER = "statement\torder\tseverity\tone\tother\tconditional\treference\n"


def scopes_of(tmp_path: Path, *rows: str) -> Scopes:
    path = tmp_path / "scopes.tsv"
    path.write_text(SCOPE_HEADER + "".join(f"a / b\t{row}\tansm-2020-10\n" for row in rows))
    return load_scopes({"morphine", "codeine"}, {"opiaces": ("morphine", "codeine")}, path)


def test_readings_are_taken_in_their_order_and_classes_become_their_members(
    tmp_path: Path,
) -> None:
    scopes = scopes_of(tmp_path, "10\tminor\tothers\t\tno", "9\tmajor\tclass:opiaces\t\tyes")
    assert scopes.severities("a / b", ("codeine", "x")) == {"major": True}
    assert scopes.severities("a / b", ("x", "y")) == {"minor": False}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1\tmajor\tclass:statines\t\tno", "the index has no class 'statines'"),
        ("1\tmajor\tmorfine\t\tno", "the index has no substance 'morfine'"),
        ("1\tmajor\tmorphine\tcodeine|ritonavir\tno", "the index has no substance 'ritonavir'"),
        ("1\tmajor\tmorphine|\t\tno", "the index has no substance ''"),
        ("1\tgrave\tmorphine\t\tno", "unknown severity 'grave'"),
        ("1\t\tmorphine\t\tno", "unknown severity ''"),
        ("1\tmajor\tmorphine\t\tperhaps", "conditional is 'perhaps'"),
        ("first\tmajor\tmorphine\t\tno", "'first'"),
        ("1\tmajor\t\tmorphine\tno", "one is ''"),
        ("1\tmajor\tothers\tmorphine\tno", "one is 'others'"),
    ],
)
def test_a_reading_that_cannot_be_meant_is_refused_with_its_row(
    row: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedSource, match=re.escape(reason)) as refusal:
        scopes_of(tmp_path, "1\tmajor\tmorphine\tcodeine\tno", row)
    assert (refusal.value.file, refusal.value.row) == ("scopes.tsv", 3)


def mechanisms_of(tmp_path: Path, *rows: str) -> list[tuple[str, str]]:
    path = tmp_path / "mechanisms.tsv"
    path.write_text("order\tpattern\tmechanism\treference\n" + "".join(r + "\n" for r in rows))
    return [(pattern.pattern, mechanism) for pattern, mechanism in load_mechanisms(path)]


def test_patterns_of_mechanisms_are_tried_in_their_order(tmp_path: Path) -> None:
    assert mechanisms_of(tmp_path, "10\tb\tabsorption\tr", "9\ta\tenzyme_induction\tr") == [
        ("a", "enzyme_induction"),
        ("b", "absorption"),
    ]


@pytest.mark.parametrize("row", ["1\t(a\tabsorption\tr", "x\ta\tabsorption\tr"])
def test_a_pattern_of_mechanisms_that_cannot_be_read_is_refused_with_its_row(
    row: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedSource, match=r"mechanisms\.tsv, row 2"):
        mechanisms_of(tmp_path, row)


def test_the_words_for_mechanisms_are_those_that_effects_know() -> None:
    assert {kind for _, kind in load_mechanisms(MECHANISM_TABLE)} <= MECHANISMS


def test_all_3139_rules_of_the_thesaurus_are_read(
    real_rules: list[dict[str, Any]], real_pairs: pd.DataFrame
) -> None:
    assert len(real_rules) == 3139
    sides = (sorted(" ".join(r[k].split()) for k in ("main_drug", "plus_drug")) for r in real_rules)
    assert set(real_pairs["statement"]) == {" / ".join(names) for names in sides}


def test_the_thesaurus_gives_at_least_40000_pairs_each_rule_counted_once(
    real_pairs: pd.DataFrame,
) -> None:
    key = ["drug_a", "drug_b", "statement", "text", "severity", "condition"]
    assert not real_pairs.duplicated(key).any()
    assert len(real_pairs.drop_duplicates(["drug_a", "drug_b"])) > 40_000
    assert set(real_pairs["severity"]) == {"minor", "moderate", "major", "contraindicated"}


def test_each_of_several_severities_is_kept_under_its_condition_where_nobody_read_more_into_it(
    real_rules: list[dict[str, Any]], real_pairs: pd.DataFrame
) -> None:
    several = [rule for rule in real_rules if len(rule["severity_levels"]) > 1]
    assert len(several) == 124
    read = set(read_table("curated", SCOPES, ("statement",))["statement"])
    kept = {
        (fold(statement), severity, letters(condition))
        for statement, severity, condition in zip(
            real_pairs["statement"], real_pairs["severity"], real_pairs["condition"], strict=True
        )
        if condition
    }
    for rule in several:
        names = sorted(" ".join(rule[k].split()) for k in ("main_drug", "plus_drug"))
        if " / ".join(sorted(map(fold, names))) not in read:
            for level in rule["severity_levels"]:
                severity = SEVERITIES[fold(level["level"])].value
                stated = (fold(" / ".join(names)), severity, letters(level["info"]))
                assert stated in kept or not stated[2]


def test_sedatives_are_contraindicated_only_between_oxybate_and_opioids_or_barbiturates(
    real_pairs: pd.DataFrame,
) -> None:
    sedatives = real_pairs[real_pairs["statement"].map(fold) == SEDATIVES]
    forbidden = sedatives[sedatives["severity"] == "contraindicated"]
    oxybate = substance_id("oxybate de sodium")
    assert ((forbidden["drug_a"] == oxybate) | (forbidden["drug_b"] == oxybate)).all()
    partners = {*forbidden["drug_a"], *forbidden["drug_b"]} - {oxybate}
    assert {substance_id(name) for name in OPIOIDS_AND_BARBITURATES} <= partners
    assert substance_id("diazepam") not in partners
    rest = between(sedatives, "diazepam", "morphine")
    assert rest["severity"].tolist() == ["minor"]


def test_lercanidipine_alone_of_its_class_must_avoid_strong_inhibitors(
    real_pairs: pd.DataFrame,
) -> None:
    assert between(real_pairs, "lercanidipine", "itraconazole")["severity"].tolist() == ["major"]
    assert between(real_pairs, "amlodipine", "itraconazole")["severity"].tolist() == ["moderate"]


def test_every_reading_is_of_a_rule_that_the_thesaurus_has_at_severities_it_states(
    real_rules: list[dict[str, Any]],
) -> None:
    stated: dict[str, set[str]] = {}
    for rule in real_rules:
        name = " / ".join(sorted((fold(rule["main_drug"]), fold(rule["plus_drug"]))))
        levels = {SEVERITIES[fold(level["level"])].value for level in rule["severity_levels"]}
        stated.setdefault(name, set()).update(levels)
    readings = read_table("curated", SCOPES, ("statement", "severity"))
    read = readings.groupby("statement")["severity"].agg(set)
    assert sorted(set(read.index) - set(stated)) == []
    wrong = {str(name): found - stated[str(name)] - {"none"} for name, found in read.items()}
    assert {name: extra for name, extra in wrong.items() if extra} == {}


def test_every_pair_of_a_rule_that_has_readings_is_in_one_of_them(
    real: dict[str, Path], real_rules: list[dict[str, Any]]
) -> None:
    index = _read_index(json.loads(real["substances.json"].read_text(encoding="utf-8")))
    scopes = load_scopes(index.names, index.members)
    unread = {
        (name, one, other)
        for rule in real_rules
        for name in [" / ".join(sorted((fold(rule["main_drug"]), fold(rule["plus_drug"]))))]
        if name in scopes.statements
        for one in index.expand(rule["main_drug"])
        for other in index.expand(rule["plus_drug"])
        if one != other and scopes.severities(name, (one, other)) is None
    }
    assert unread == set()


def test_tenofovir_alafenamide_is_limited_with_the_three_boosted_inhibitors_that_are_named(
    real_pairs: pd.DataFrame,
) -> None:
    statement = "inhibiteurs de proteases boostes par ritonavir / tenofovir alafenamide"
    pairs = real_pairs[real_pairs["statement"].map(fold) == statement]
    named = {*pairs["drug_a"], *pairs["drug_b"]} - {substance_id("tenofovir alafenamide")}
    assert named == {substance_id(name) for name in ("atazanavir", "darunavir", "lopinavir")}


def test_an_effect_is_known_for_at_least_85_percent_of_the_rules(
    real_rules: list[dict[str, Any]],
) -> None:
    patterns = load_patterns(FOLDER / "effects_fr.tsv")
    said = {
        (rule["interaction_mechanism"], tuple(level["info"] for level in rule["severity_levels"]))
        for rule in real_rules
    }
    known = {
        (text, infos): any(ground_text(text, info, patterns).effects for info in infos)
        for text, infos in said
    }
    grounded = [
        known[r["interaction_mechanism"], tuple(level["info"] for level in r["severity_levels"])]
        for r in real_rules
    ]
    assert sum(grounded) / len(grounded) >= 0.85


def test_an_age_within_the_text_of_a_rule_is_its_condition(real_pairs: pd.DataFrame) -> None:
    aged = real_pairs[real_pairs["text"].str.contains("moins de 65 ans")]
    assert not aged.empty
    assert set(aged["condition"]) == {"chez le sujet de moins de 65 ans"}
