"""Double treatments and families of effects: the tables read, and what they make of a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.model import Edge, Severity
from kg.rules.additive import load_additive_rules
from kg.rules.duplications import load_double_rules
from kg.rules.effect_families import load_effect_families
from kg.rules.routes import load_routes
from kg.rules.rows import MalformedRule
from kg.screening.double_rules import PLACES, DoubleRule, DoubleRules, codes_by_route
from kg.screening.duplication import Duplications
from kg.screening.effects import UNNAMED
from kg.screening.finding import Finding, FindingKind
from kg.screening.patient import Entry, Patient, Regimen
from kg.screening.targets import Targets
from kg.sources.base_files import read_table
from kg.sources.curated import FOLDER
from ontologies.curie import Curie
from ontologies.vocabulary import Predicate
from tests.tiny import edge, graph_of

LEVELS = "one\tother\tname\tseverity\trecommendation\treference\n"
ACCEPTED = "one\tother\twhy\treference\n"
FAMILIES = "family\teffect_id\teffect_name\tleads\tgathers\tfollows\n"
NAPROXEN, DICLOFENAC, GLUCOSAMINE, RITONAVIR = (
    Curie("RXCUI", code) for code in ("7258", "3355", "4845", "85762")
)
LOCAL = frozenset({"topical", "ophthalmic"})
NSAIDS = DoubleRule("ATC:M01A", "ATC:M01A", "NSAID", Severity.MAJOR, "Keep one.", "ref")


def in_class(drug: Curie, *codes: str) -> list[Edge]:
    return [edge(drug, Predicate.SUBCLASS_OF, Curie("ATC", code)) for code in codes]


GRAPH = graph_of(
    *in_class(NAPROXEN, "M01AE"),
    *in_class(DICLOFENAC, "M01AB", "D11AX", "S01BC"),
    *in_class(GLUCOSAMINE, "M01AX"),
)


def doubles(rules: DoubleRules, *entries: Entry) -> list[Finding]:
    return list(Duplications(Targets(GRAPH), rules).detect(Regimen.written(entries), Patient()))


def test_two_drugs_of_one_class_are_one_too_many() -> None:
    (finding,) = doubles(
        DoubleRules((NSAIDS,)), Entry(NAPROXEN, "naproxen"), Entry(DICLOFENAC, "diclofenac")
    )
    assert (finding.kind, finding.severity) == (FindingKind.DUPLICATION, Severity.MAJOR)
    assert set(finding.precipitants) == {NAPROXEN, DICLOFENAC}
    assert finding.recommendation == "Keep one."
    assert finding.evidence[0].reference == "ref"
    assert len(finding.evidence[0].derived_from) == 2


@pytest.mark.parametrize(
    ("route", "found"), [(None, 1), ("oral", 1), ("topical", 0), ("ophthalmic", 0)]
)
def test_a_route_that_is_stated_leaves_out_the_classes_of_other_routes(
    route: str | None, found: int
) -> None:
    eye = Entry(DICLOFENAC, "diclofenac", route)
    rules = DoubleRules((NSAIDS,), local=LOCAL)
    assert len(doubles(rules, Entry(NAPROXEN, "naproxen"), eye)) == found


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        (("oral", "topical"), 1),
        ((None, "topical"), 1),
        (("oral", None), 0),
        (("topical", "ophthalmic"), 0),
        (("oral", "ophthalmic"), 0),
    ],
)
def test_one_drug_where_it_acts_and_for_the_whole_body_is_told_where_a_rule_says_so(
    routes: tuple[str | None, str | None], found: int
) -> None:
    both = DoubleRule("ATC:M01A", "ATC:D11AX", "by mouth and skin", Severity.MINOR, "One.", "ref")
    rules = DoubleRules((NSAIDS, both), local=LOCAL)
    told = doubles(rules, *(Entry(DICLOFENAC, "diclofenac", route) for route in routes))
    assert len(told) == found
    for finding in told:
        assert finding.precipitants == (DICLOFENAC, DICLOFENAC)
        assert (finding.recommendation, finding.evidence[0].reference) == ("One.", "ref")
    names = (Entry(DICLOFENAC, "Voltaren", "oral"), Entry(DICLOFENAC, "diclofenac", "topical"))
    assert len(doubles(rules, *names)) == 1, "two names are told once"


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        (("topical", "ophthalmic"), 0),
        (("topical", "topical"), 1),
        (("topical", None), 1),
        (("oral", "topical"), 1),
    ],
)
def test_two_products_that_act_in_two_places_are_not_taken_twice(
    routes: tuple[str | None, str | None], found: int
) -> None:
    names = ("Voltaren", "diclofenac")
    entries = (Entry(DICLOFENAC, *way) for way in zip(names, routes, strict=True))
    assert len(doubles(DoubleRules((NSAIDS,), local=LOCAL), *entries)) == found


def test_what_is_given_by_the_rectum_is_given_to_the_whole_body() -> None:
    rules = DoubleRules((NSAIDS,), local=load_routes().local)
    taken = (Entry(NAPROXEN, "naproxen", "oral"), Entry(DICLOFENAC, "diclofenac", "rectal"))
    assert len(doubles(rules, *taken)) == 1


def test_every_local_route_has_its_place_in_atc() -> None:
    assert load_routes().local == PLACES.keys()


def test_what_is_given_together_on_purpose_is_silent() -> None:
    accepted = frozenset({("ATC:M01A", str(GLUCOSAMINE))})
    taken = (Entry(NAPROXEN, "naproxen"), Entry(GLUCOSAMINE, "glucosamine"))
    assert doubles(DoubleRules((NSAIDS,), accepted), *taken) == []
    assert len(doubles(DoubleRules((NSAIDS,)), *taken)) == 1


def test_what_is_accepted_of_other_classes_of_a_drug_excuses_nothing() -> None:
    accepted = frozenset({("ATC:D11A", "ATC:M01A")})
    taken = (Entry(NAPROXEN, "naproxen"), Entry(DICLOFENAC, "diclofenac"))
    assert len(doubles(DoubleRules((NSAIDS,), accepted), *taken)) == 1


def test_the_gravest_rule_counts_and_then_the_narrowest() -> None:
    milder = DoubleRule("ATC:M01AB", "ATC:M01AE", "a", Severity.MINOR, "Ask.", "ref")
    narrower = DoubleRule("ATC:M01AB", "ATC:M01AE", "b", Severity.MAJOR, "Stop one.", "ref")
    taken = (Entry(NAPROXEN, "naproxen"), Entry(DICLOFENAC, "diclofenac"))
    assert doubles(DoubleRules((milder, NSAIDS)), *taken)[0].recommendation == "Keep one."
    assert doubles(DoubleRules((narrower, NSAIDS)), *taken)[0].recommendation == "Stop one."


def test_one_ingredient_in_two_products_may_be_meant() -> None:
    taken = (Entry(NAPROXEN, "Aleve"), Entry(NAPROXEN, "Naprosyn"))
    assert len(doubles(DoubleRules(), *taken)) == 1
    meant = frozenset({(str(NAPROXEN), str(NAPROXEN))})
    assert doubles(DoubleRules((), meant), *taken) == []


def test_codes_of_products_with_other_drugs_do_not_count_beside_a_class() -> None:
    assert codes_by_route(("C03AA", "C09DX01"), None, LOCAL) == ("C03AA",)
    assert codes_by_route(("C09DX04",), None, LOCAL) == ("C09DX04",)


def test_codes_of_products_count_for_the_place_that_they_are_made_for() -> None:
    codes = ("D11AX18", "M01AB", "M02AA15", "S01BC03")
    assert codes_by_route(codes, "topical", LOCAL) == ("D11AX18", "M02AA15")
    assert codes_by_route(codes, "oral", LOCAL) == ("M01AB",)


@pytest.mark.parametrize("code", ["R03CC", "R03DA", "R03DC", "R01BA"])
def test_what_is_swallowed_for_the_airways_is_not_inhaled(code: str) -> None:
    """Salbutamol tablets, theophylline, montelukast and pseudoephedrine."""
    assert codes_by_route((code, "R03AC"), "oral", LOCAL) == (code,)
    assert codes_by_route((code, "R03AC"), "inhaled", LOCAL | {"inhaled"}) == ("R03AC",)


@pytest.mark.parametrize(
    ("levels", "accepted", "value"),
    [
        ("NSAID\tATC:M01A\tNSAID\tmajor\tKeep one.\tr\n", "", "NSAID"),
        ("ATC:M01A\tATC:M01A\tNSAID\tgrave\tKeep one.\tr\n", "", "grave"),
        ("", "ATC:M01A\tATC:M\u00d6\twhy\tr\n", "ATC:M\u00d6"),
        (2 * "ATC:M01A\tATC:M01A\tNSAID\tmajor\tKeep one.\tr\n", "", "ATC:M01A ATC:M01A"),
        (
            "ATC:B01AA\tATC:B01AF\tanticoagulant\tmajor\tKeep one.\tr\n"
            "ATC:B01AF\tATC:B01AA\tanticoagulant\tmajor\tKeep one.\tr\n",
            "",
            "ATC:B01AF ATC:B01AA",
        ),
    ],
)
def test_a_row_about_doubles_that_cannot_be_read_is_quoted(
    tmp_path: Path, levels: str, accepted: str, value: str
) -> None:
    (tmp_path / "double_levels.tsv").write_text(LEVELS + levels)
    (tmp_path / "accepted_doubles.tsv").write_text(ACCEPTED + accepted)
    (tmp_path / "routes.tsv").write_text("written\troute\tlocal\treference\n")
    with pytest.raises(MalformedRule) as refusal:
        load_double_rules(tmp_path)
    assert refusal.value.value == value


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("qt\ttorsade\tTorsade\tno\tno\t\n", "torsade"),
        (f"none\t{UNNAMED}\tunnamed\tno\tno\t\n", str(UNNAMED)),
        (2 * "qt\tHP:0001664\tTorsade\tno\tno\t\n", "HP:0001664"),
        ("\tHP:0001664\tTorsade\tno\tno\t\n", ""),
        ("qt\tHP:0001664\tTorsade\tperhaps\tno\t\n", "perhaps"),
        ("qt\tHP:0001664\tTorsade\tno\tperhaps\t\n", "perhaps"),
        ("qt\tHP:0001664\tTorsade\tyes\tno\t\nqt\tHP:0001657\tLong QT\tyes\tno\t\n", "yes"),
    ],
)
def test_a_row_about_families_that_cannot_be_read_is_quoted(
    tmp_path: Path, rows: str, value: str
) -> None:
    (tmp_path / "effect_families.tsv").write_text(FAMILIES + rows)
    with pytest.raises(MalformedRule) as refusal:
        load_effect_families(tmp_path)
    assert refusal.value.value == value


def test_the_effects_of_the_additive_rules_lead_their_families() -> None:
    families = load_effect_families()
    effects = {rule.effect for rule in load_additive_rules()}
    followers = {e for e in effects & families.members.keys() if e not in families.leading}
    assert {families.of(effect) for effect in followers} <= {"anticholinergic", "sedation"}
    assert len({families.of(e) for e in families.leading}) == len(families.leading)
    assert {families.of(e) for e in families.leading} == set(families.members.values())


@pytest.mark.parametrize(
    "name", ["double_levels.tsv", "accepted_doubles.tsv", "effect_families.tsv"]
)
def test_rows_are_sorted_and_cite_what_is_listed(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert lines[1:] == sorted(set(lines[1:]))
    listed = set(read_table("curated", FOLDER / "references.tsv", ("id",))["id"])
    header = lines[0].split("\t")
    if "reference" in header:
        place = header.index("reference")
        cited = {name for line in lines[1:] for name in line.split("\t")[place].split("|")}
        assert cited <= listed


def test_no_rule_about_doubles_is_accepted_as_a_whole() -> None:
    tables = load_double_rules()
    whole = {(rule.one, rule.other) for rule in tables.rules}
    assert not whole & tables.accepted


def test_a_booster_is_no_second_protease_inhibitor() -> None:
    rules = load_double_rules()
    darunavir = frozenset({"RXCUI:460132", "ATC:J", "ATC:J05", "ATC:J05A", "ATC:J05AE"})
    atazanavir = frozenset({"RXCUI:343047", *darunavir} - {"RXCUI:460132"})
    ritonavir = frozenset({str(RITONAVIR), *darunavir} - {"RXCUI:460132"})
    assert rules.of_pair(darunavir, ritonavir) is None
    assert rules.of_pair(darunavir, atazanavir) is not None
