"""Parts of a split are disjoint, complete and the same for the same seed; leaks are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.leakage import LeakedFact, refuse_leaks, seen_pair_share, shared_facts
from embeddings.splits import EmptySplit, UnknownDrugs, UnknownSplit, split_facts
from embeddings.triples import Facts
from tests.embeddings.conftest import drug


@pytest.mark.parametrize("how", ["random", "pair", "cold"])
def test_every_fact_stands_in_just_one_part(facts: Facts, how: str) -> None:
    split = split_facts(facts, how, 0)
    codes = np.concatenate([split.train.codes, split.valid.codes, split.test.codes])
    assert sorted(codes) == facts.codes.tolist()
    refuse_leaks(split)


@pytest.mark.parametrize("how", ["random", "pair", "cold"])
def test_the_same_seed_gives_the_same_parts_and_another_one_others(facts: Facts, how: str) -> None:
    assert split_facts(facts, how, 1).test.digest == split_facts(facts, how, 1).test.digest
    assert split_facts(facts, how, 1).test.digest != split_facts(facts, how, 2).test.digest


def test_a_random_split_judges_every_effect_that_has_enough_facts(facts: Facts) -> None:
    rare = Facts.of([*facts.triples(), (drug(1), "coprescribe:rare", drug(2))])
    split = split_facts(rare, "random", 0)
    assert split.test.per_effect.tolist() == [15, 15, 15, 0]
    assert split.valid.per_effect.tolist() == [15, 15, 15, 0]


def test_a_pair_split_keeps_every_effect_of_a_pair_together() -> None:
    facts = Facts.of((f"d{i}", e, f"d{i + 1}") for i in range(200) for e in ("x", "y"))
    split = split_facts(facts, "pair", 0)
    assert seen_pair_share(split) == 0.0
    assert set(split.test.pair_codes).isdisjoint(split.valid.pair_codes)


def test_a_cold_split_judges_only_facts_with_a_drug_that_training_never_saw(facts: Facts) -> None:
    split = split_facts(facts, "cold", 0)
    seen = set(split.train.array[:, [0, 2]].ravel().tolist())
    assert all({a, b} - seen for a, _, b in split.test.array.tolist())


def test_named_drugs_are_held_out_wholly(facts: Facts, tmp_path: Path) -> None:
    names = tmp_path / "drugs.txt"
    names.write_text(f"{drug(101)}\n{drug(305)}\n")
    split = split_facts(facts, f"cold:{names}", 0)
    held_out = {drug(101), drug(305)}
    assert all(held_out & {a, b} for a, _, b in split.test.triples())
    assert not any(held_out & {a, b} for a, _, b in split.train.triples())


def test_the_facts_of_a_file_are_the_test_in_either_order(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "held.tsv"
    chosen = facts.triples()[:20]
    path.write_text("".join(f"{b}\t{e}\t{a}\n" for a, e, b in chosen))
    assert split_facts(facts, f"file:{path}", 0).test.triples() == chosen


@pytest.mark.parametrize("text", ["", "fold", "pair:3", "file", "random:0.2"])
def test_an_unknown_split_is_quoted(facts: Facts, text: str) -> None:
    with pytest.raises(UnknownSplit, match=repr(text)):
        split_facts(facts, text, 0)


def test_a_split_without_a_test_fact_is_refused() -> None:
    with pytest.raises(EmptySplit, match="valid part empty"):
        split_facts(Facts.of([("a", "x", "b")]), "random", 0)


def test_a_fact_on_two_sides_is_refused_and_quoted(facts: Facts) -> None:
    split = split_facts(facts, "random", 0)
    leaking = replace(split, test=split.train)
    with pytest.raises(LeakedFact, match="train and test") as caught:
        refuse_leaks(leaking)
    assert caught.value.example in split.train.triples()
    assert caught.value.count == len(split.train)


def test_a_leak_is_seen_across_vocabularies_and_orders() -> None:
    ours = Facts.of([("a", "x", "b"), ("a", "x", "c")])
    theirs = Facts.of([("b", "x", "a"), ("q", "y", "r")])
    assert shared_facts(ours, theirs).triples() == [("a", "x", "b")]


def test_a_leak_is_seen_even_where_rows_were_written_the_other_way_round() -> None:
    ours = Facts.of([("a", "x", "b")])
    turned = Facts(ours.drugs, ours.effects, ours.array[:, [2, 1, 0]])
    assert len(shared_facts(turned, ours)) == 1


def test_a_listed_drug_without_a_fact_is_named(facts: Facts, tmp_path: Path) -> None:
    names = tmp_path / "drugs.txt"
    names.write_text(f"{drug(101)}\nRXCUI:9\n")
    with pytest.raises(UnknownDrugs, match="'RXCUI:9'"):
        split_facts(facts, f"cold:{names}", 0)


def test_excluded_facts_of_a_test_file_are_judged_and_never_trained(
    facts: Facts, tmp_path: Path
) -> None:
    path = tmp_path / "held.tsv"
    chosen = facts.triples()[:20]
    path.write_text("".join("\t".join(triple) + "\n" for triple in chosen))
    usable = facts.excluding(Facts.of(chosen))
    split = split_facts(usable, f"file:{path}", 0)
    assert split.test.triples() == chosen
    assert not set(chosen) & {*split.train.triples(), *split.valid.triples()}
    assert split.known.states(split.test.codes).all()


def test_what_may_be_known_while_fitting_holds_no_test_fact(facts: Facts) -> None:
    split = split_facts(facts, "random", 0)
    assert len(split.shown) == len(split.train) + len(split.valid)
    assert not split.shown.states(split.test.codes).any()
