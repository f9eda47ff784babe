"""Two drugs are linked by paths: ranked by what they explain, counted, and laid beside chance."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from kg.graph import KnowledgeGraph
from kg.metapaths.engine import Metapaths, metapaths_of
from kg.metapaths.figure import figure
from kg.metapaths.index import DAMPING, index_ways
from kg.metapaths.null import Null
from kg.metapaths.table import METAPATHS
from kg.metapaths.ways import Grade, Way, ways_of
from kg.metapaths.words import link_in_words, reason_json, sentence
from kg.model import Edge
from ontologies.curie import Curie
from ontologies.vocabulary import Category, Predicate
from tests.tiny import (
    AMIODARONE,
    BLEEDING,
    CITALOPRAM,
    CLARITHROMYCIN,
    CLOPIDOGREL,
    CYP2C19,
    CYP3A4,
    LEVOTHYROXINE,
    OMEPRAZOLE,
    RELEASES,
    SIMVASTATIN,
    STATINS,
    TORSADE,
    WARFARIN,
    cleared_by,
    edge,
    graph_of,
    inhibits,
    interaction,
    prolongs_qt,
    tables_of,
)

RARE, COMMON = Curie("HGNC", "1"), Curie("HGNC", "2")
ACTS = Predicate.DIRECTLY_INTERACTS_WITH
BELONGS = Predicate.SUBCLASS_OF


def role(drug: Curie, gene: Curie, qualifiers: str) -> Edge:
    return edge(drug, Predicate.AFFECTS, gene, qualifiers)


def paths_of(*edges: Edge) -> Metapaths:
    return metapaths_of(graph_of(*edges))


@pytest.fixture
def paths(graph: KnowledgeGraph) -> Metapaths:
    return metapaths_of(graph)


def test_a_strong_inhibitor_of_what_clears_a_sensitive_substrate_comes_first() -> None:
    paths = paths_of(
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
        prolongs_qt(CLARITHROMYCIN, "macrolide", "high"),
        prolongs_qt(SIMVASTATIN, "other", "low"),
        *(edge(drug, ACTS, RARE) for drug in (CLARITHROMYCIN, SIMVASTATIN)),
    )
    first, *others = paths.reasons(SIMVASTATIN, CLARITHROMYCIN)
    assert (first.metapath.name, first.through, first.kind) == ("inhibition", CYP3A4, "enzyme")
    assert first.drugs == (CLARITHROMYCIN, SIMVASTATIN)
    assert [link.strength for link in (*first.left, *first.right)] == ["strong", "sensitive"]
    assert [reason.metapath.name for reason in others] == ["shared_liability", "shared_target"]
    assert [stated.source for stated in first.sources] == ["infores:coprescribe"]
    assert sentence(paths.graph, first).startswith(
        "clarithromycin inhibits CYP3A4 (strong), which clears simvastatin (sensitive substrate): "
        "more simvastatin in the body"
    )


def test_the_order_of_the_drugs_changes_neither_the_paths_nor_their_weights(
    paths: Metapaths,
) -> None:
    for pair in ((SIMVASTATIN, CLARITHROMYCIN), (CITALOPRAM, AMIODARONE)):
        told, turned = paths.reasons(*pair), paths.reasons(*pair[::-1])
        assert [(r.through, r.weight) for r in told] == [(r.through, r.weight) for r in turned]
        assert paths.weight(*pair) == paths.weight(*pair[::-1]) > 0


def test_an_inhibited_prodrug_leaves_less_of_what_works(paths: Metapaths) -> None:
    (reason,) = paths.reasons(CLOPIDOGREL, OMEPRAZOLE)
    assert reason.right[0].activates
    assert "activates clopidogrel" in sentence(paths.graph, reason)
    assert "less active clopidogrel" in sentence(paths.graph, reason)


def test_an_inducer_lowers_and_opposed_actions_are_told_apart() -> None:
    paths = paths_of(
        inhibits(WARFARIN, CYP3A4, "strong", "inducer"),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
        role(WARFARIN, RARE, "action=agonist"),
        role(SIMVASTATIN, RARE, "category=target|role=antagonist"),
    )
    induced, opposed = paths.reasons(SIMVASTATIN, WARFARIN)
    assert "less simvastatin" in sentence(paths.graph, induced)
    assert (opposed.metapath.name, opposed.kind) == ("opposed_action", "target")
    assert opposed.drugs == (WARFARIN, SIMVASTATIN)
    assert "(agonist)" in sentence(paths.graph, opposed)


def test_a_shared_liability_names_both_grades(paths: Metapaths) -> None:
    (reason,) = paths.reasons(CITALOPRAM, AMIODARONE)
    assert (reason.through, reason.kind) == (TORSADE, "effect")
    assert sentence(paths.graph, reason) == (
        "Torsade de pointes is made likelier by citalopram (high) and by amiodarone (high)"
    )


def test_of_shared_classes_the_narrowest_is_told_with_the_way_to_it() -> None:
    wide, other = Curie("ATC", "C10A"), Curie("ATC", "C10AB")
    links = [edge(SIMVASTATIN, BELONGS, STATINS), edge(STATINS, BELONGS, wide)]
    links += [edge(other, BELONGS, wide), edge(WARFARIN, BELONGS, other)]
    (shared,) = paths_of(*links).reasons(SIMVASTATIN, WARFARIN)
    assert shared.through == wide
    assert [link.object for link in shared.left] == [STATINS, wide]
    (shared,) = paths_of(*links, edge(WARFARIN, BELONGS, STATINS)).reasons(SIMVASTATIN, WARFARIN)
    assert shared.through == STATINS


def test_a_class_that_a_list_of_interactions_made_for_its_rules_is_no_path() -> None:
    found = []
    for prefix in ("ANSM.CLASS", "MESH"):
        made = Curie(prefix, "1")
        tables = tables_of([edge(drug, BELONGS, made) for drug in (SIMVASTATIN, WARFARIN)])
        tables.nodes.loc[tables.nodes["id"] == str(made), "category"] = Category.DRUG_CLASS.value
        paths = metapaths_of(KnowledgeGraph("tiny", tables, RELEASES))
        found.append([reason.through for reason in paths.reasons(SIMVASTATIN, WARFARIN)])
    assert found == [[], [made]]


def test_one_class_that_two_sources_spell_their_own_way_is_told_once() -> None:
    made = [Curie("MESH", "1"), Curie("CHEBI", "2")]
    tables = tables_of([edge(d, BELONGS, up) for d in (SIMVASTATIN, WARFARIN) for up in made])
    for up, name in zip(made, ("Anti-Arrhythmia Agents", "anti-arrhythmia drug"), strict=True):
        row = tables.nodes["id"] == str(up)
        tables.nodes.loc[row, ["category", "name"]] = (Category.DRUG_CLASS.value, name)
    paths = metapaths_of(KnowledgeGraph("tiny", tables, RELEASES))
    assert len(paths.reasons(SIMVASTATIN, WARFARIN)) == 1


def test_two_codes_for_one_condition_are_told_once() -> None:
    codes = [Curie("HP", "1"), Curie("HP", "2")]
    tables = tables_of(
        [edge(d, Predicate.TREATS, code) for d in (SIMVASTATIN, WARFARIN) for code in codes]
    )
    named = tables.nodes["id"].isin([str(code) for code in codes])
    tables.nodes.loc[named, "name"] = ["Stroke", "strokes"]
    paths = metapaths_of(KnowledgeGraph("tiny", tables, RELEASES))
    assert len(paths.reasons(SIMVASTATIN, WARFARIN)) == 1
    assert [tally.paths for tally in paths.tallies(SIMVASTATIN, WARFARIN)] == [2]


def test_the_network_of_some_predicates_has_their_ends_alone(graph: KnowledgeGraph) -> None:
    view = graph.to_networkx(predicates={Predicate.AFFECTS, Predicate.SUBSTRATE_OF})
    assert {data["predicate"] for _, _, data in view.edges(data=True)} == {
        Predicate.AFFECTS.value,
        Predicate.SUBSTRATE_OF.value,
    }
    assert str(CITALOPRAM) not in view
    assert view.nodes[str(CYP3A4)]["name"] == "CYP3A4"


def test_what_is_merely_shared_is_left_out_where_the_same_gene_explains_more() -> None:
    paths = paths_of(
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        cleared_by(CLARITHROMYCIN, CYP3A4, "moderate"),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    )
    assert [r.metapath.name for r in paths.reasons(CLARITHROMYCIN, SIMVASTATIN)] == ["inhibition"]
    counted = [t.metapath.name for t in paths.tallies(CLARITHROMYCIN, SIMVASTATIN)]
    assert counted == ["inhibition", "shared_handling"]


def test_a_role_without_a_strength_says_so() -> None:
    paths = paths_of(
        role(CLARITHROMYCIN, CYP3A4, "role=inhibitor"),
        edge(SIMVASTATIN, Predicate.SUBSTRATE_OF, CYP3A4, ""),
    )
    (reason,) = paths.reasons(CLARITHROMYCIN, SIMVASTATIN)
    assert sentence(paths.graph, reason).startswith(
        "clarithromycin inhibits CYP3A4 (strength not stated), which clears simvastatin "
        "(substrate, strength not stated): "
    )
    assert link_in_words(reason.left[0]) == "inhibits (strength not stated)"


def test_a_list_does_not_stand_against_a_judgement_nor_against_itself() -> None:
    listed = "category=enzyme|role="
    judged = paths_of(
        inhibits(CLARITHROMYCIN, CYP3A4, "strong"),
        role(CLARITHROMYCIN, CYP3A4, f"{listed}inducer"),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    )
    names = [t.metapath.name for t in judged.tallies(CLARITHROMYCIN, SIMVASTATIN)]
    assert names == ["inhibition"]
    both = paths_of(
        *(role(CLARITHROMYCIN, CYP3A4, f"{listed}{what}") for what in ("inducer", "inhibitor")),
        cleared_by(SIMVASTATIN, CYP3A4, "sensitive"),
    )
    assert both.reasons(CLARITHROMYCIN, SIMVASTATIN) == ()


def test_a_guideline_is_reached_through_an_inhibited_gene() -> None:
    guided = edge(CYP2C19, Predicate.AFFECTS_RESPONSE_TO, CITALOPRAM, "phenotype=Poor Metabolizer")
    none = edge(
        CYP2C19,
        Predicate.AFFECTS_RESPONSE_TO,
        WARFARIN,
        "phenotype=Poor Metabolizer|recommendation=none",
    )
    paths = paths_of(inhibits(OMEPRAZOLE, CYP2C19, "moderate"), guided, none)
    (reason,) = paths.reasons(CITALOPRAM, OMEPRAZOLE)
    assert reason_json(paths.graph, reason)["metapath"] == "drug-gene-guideline-drug"
    assert reason.right[0].subject == CITALOPRAM
    assert paths.reasons(WARFARIN, OMEPRAZOLE) == ()


@pytest.mark.parametrize("turned", [False, True])
def test_a_target_leads_on_to_an_effect_where_a_source_links_them(turned: bool) -> None:
    ends = (BLEEDING, RARE) if turned else (RARE, BLEEDING)
    paths = paths_of(
        role(WARFARIN, RARE, "category=target|role=inhibitor"),
        edge(ends[0], Predicate.RELATED_TO, ends[1], "relation=associates"),
        edge(CITALOPRAM, Predicate.PREDISPOSES_TO, BLEEDING, "liability=bleeding|grade=low"),
    )
    (reason,) = paths.reasons(CITALOPRAM, WARFARIN)
    assert (reason.metapath.name, reason.through) == ("target_of_liability", BLEEDING)
    assert [(link.subject, link.object) for link in reason.left] == [
        (WARFARIN, RARE),
        (RARE, BLEEDING),
    ]
    told = reason_json(paths.graph, reason)
    assert told["metapath"] == "drug-target-effect-drug"
    assert told["text"] == (
        "warfarin acts on HGNC:1 (inhibitor), which is linked to Abnormal bleeding; citalopram "
        "makes that likelier."
    )
    assert "acts by way of (HGNC:1)" in figure(paths.graph, reason.drugs, [reason])


def test_the_weight_of_a_path_count_falls_with_the_degrees_as_in_dwpc() -> None:
    links = [inhibits(CLARITHROMYCIN, CYP3A4, "strong"), inhibits(OMEPRAZOLE, CYP3A4, "weak")]
    links += [inhibits(CLARITHROMYCIN, CYP2C19, "weak"), cleared_by(SIMVASTATIN, CYP3A4, "minor")]
    (tally,) = paths_of(*links).tallies(SIMVASTATIN, CLARITHROMYCIN)
    # Clarithromycin inhibits 2, CYP3A4 has 2 inhibitors and 1 substrate, simvastatin depends on 1.
    assert (tally.paths, tally.forward) == (1, False)
    assert tally.dwpc == pytest.approx((2 * 2 * 1 * 1) ** -DAMPING)


def test_nothing_is_found_of_drugs_without_edges_and_of_unknown_ones(paths: Metapaths) -> None:
    unknown = Curie("RXCUI", "0")
    for other in (LEVOTHYROXINE, unknown):
        assert paths.reasons(SIMVASTATIN, other) == ()
        assert paths.tallies(other, SIMVASTATIN) == ()
        assert paths.weight(SIMVASTATIN, other) == 0.0
        assert not paths.covers(other)
    assert paths.covers(SIMVASTATIN)
    assert metapaths_of(graph_of()).reasons(SIMVASTATIN, WARFARIN) == ()


def test_stated_interactions_take_no_part_in_paths() -> None:
    graph = graph_of(*interaction(WARFARIN, SIMVASTATIN, BLEEDING, None))
    assert metapaths_of(graph).reasons(WARFARIN, SIMVASTATIN) == ()


def many(rng: np.random.Generator) -> list[Edge]:
    """Sixty drugs that inhibit, and sixty that depend on, some of forty genes."""
    genes = [Curie("HGNC", str(number)) for number in range(100, 140)]
    made: list[Edge] = []
    for number in range(60):
        one, other = (Curie("RXCUI", str(start + number)) for start in (1_000, 2_000))
        ours, theirs = (rng.choice(len(genes), size=3, replace=False) for _ in range(2))
        made += [inhibits(one, genes[gene], "strong") for gene in ours]
        made += [cleared_by(other, genes[gene], "minor") for gene in theirs]
    return made


def test_a_permuted_graph_keeps_every_degree_and_no_edge_stands_twice() -> None:
    index = index_ways(graph_of(*many(np.random.default_rng(0))))
    way, null = index.ways[Way.INHIBITS], Null(index)
    owners = np.repeat(np.arange(len(way.degree)), way.degree)
    changed = []
    for nodes in null.permuted(Way.INHIBITS):
        assert np.array_equal(np.bincount(nodes), np.bincount(way.nodes))
        assert len(np.unique(owners * len(index.nodes) + nodes)) == len(nodes)
        changed.append(float((nodes != way.nodes).mean()))
    assert min(changed) > 0.5


def test_as_many_paths_as_by_design_are_rarer_by_chance_than_one() -> None:
    first, second = Curie("RXCUI", "1"), Curie("RXCUI", "2")
    genes = [Curie("HGNC", str(number)) for number in (100, 110, 120)]
    links = many(np.random.default_rng(1))
    designed = [inhibits(first, gene, "strong") for gene in genes]
    designed += [cleared_by(second, gene, "minor") for gene in genes]
    paths = paths_of(*links, *designed)
    (tally,) = paths.tallies(first, second)
    assert (tally.paths, tally.unusual.share < 0.01) == (3, True)
    others = [t for n in range(60) for t in paths.tallies(Curie("RXCUI", str(1000 + n)), second)]
    assert np.median([t.unusual.share for t in others]) > 0.05
    assert tally.unusual.times is not None
    assert tally.unusual.times > 3
    again = metapaths_of(graph_of(*links, *designed)).tallies(first, second)
    assert again == (tally,)


def test_chance_itself_is_not_unusual() -> None:
    """Of random pairs the share that permuted graphs reach is spread over all of 0 to 1."""
    paths = paths_of(*many(np.random.default_rng(2)))
    shares = [
        paths.tallies(Curie("RXCUI", str(1000 + a)), Curie("RXCUI", str(2000 + b)))
        for a in range(60)
        for b in range(0, 60, 5)
    ]
    found = [tallies[0].unusual.share if tallies else 1.0 for tallies in shares]
    assert np.mean(np.array(found) <= 0.1) < 0.15


@pytest.mark.parametrize(
    ("predicate", "qualifiers", "ways"),
    [
        (Predicate.AFFECTS, {"role": "inhibitor"}, {(Way.INHIBITS, Grade.JUDGED)}),
        (
            Predicate.AFFECTS,
            {"role": "inhibitor", "category": "enzyme"},
            {(Way.INHIBITS, Grade.LISTED)},
        ),
        (
            Predicate.AFFECTS,
            {"action": "partial_agonist"},
            {(Way.ACTIVATES, Grade.JUDGED), (Way.ACTS_ON, Grade.JUDGED)},
        ),
        (Predicate.SUBSTRATE_OF, {"category": "carrier"}, {(Way.BOUND_TO, Grade.LISTED)}),
        (Predicate.PREDISPOSES_TO, {"liability": "x"}, {(Way.PREDISPOSES_TO, Grade.MODERATE)}),
        (
            Predicate.PREDISPOSES_TO,
            {"scale": "x", "score": "1"},
            {(Way.PREDISPOSES_TO, Grade.LISTED)},
        ),
        (Predicate.CO_REPORTED, {}, set()),
    ],
    ids=str,
)
def test_an_edge_is_read_into_ways(
    predicate: Predicate, qualifiers: dict[str, str], ways: set[tuple[Way, Grade]]
) -> None:
    assert set(ways_of(predicate, qualifiers)) == ways


def test_every_kind_of_path_has_its_sentence(paths: Metapaths) -> None:
    (reason,) = paths.reasons(CITALOPRAM, AMIODARONE)
    for metapath in METAPATHS:
        assert sentence(paths.graph, replace(reason, metapath=metapath))


def test_a_reason_is_plain_data_with_roles_strengths_sources_and_edges(paths: Metapaths) -> None:
    (reason,) = paths.reasons(SIMVASTATIN, CLARITHROMYCIN)
    told = json.loads(json.dumps(reason_json(paths.graph, reason)))
    ((by,), (on,)) = told["links"]
    assert (by["role"], by["strength"], by["known_as"]) == ("inhibits", "strong", "judged")
    assert on["edges"] == [cleared_by(SIMVASTATIN, CYP3A4, "sensitive").id]
    assert told["sources"] == [{"source": "infores:coprescribe", "version": "1"}]
    assert (told["expected"]["change"], told["expected"]["severity"]) == (">=5", "major")
    assert told["metapath"] == "drug-enzyme-drug"


def test_the_picture_names_drugs_genes_roles_strengths_and_sources(paths: Metapaths) -> None:
    pair = (SIMVASTATIN, CLARITHROMYCIN)
    drawn = figure(paths.graph, pair, paths.reasons(*pair))
    root = ElementTree.fromstring(drawn)  # noqa: S314
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    for said in ("simvastatin", "clarithromycin", "CYP3A4", "inhibits (strong)"):
        assert said in texts
    assert "is handled by (sensitive)" in texts
    assert "[1] coprescribe 1" in texts


def test_a_label_that_is_too_long_for_its_line_shows_that_it_was_cut() -> None:
    modulates = "category=target|role=inhibitory allosteric modulator"
    paths = paths_of(*(role(drug, RARE, modulates) for drug in (SIMVASTATIN, WARFARIN)))
    drawn = figure(paths.graph, (SIMVASTATIN, WARFARIN), paths.reasons(SIMVASTATIN, WARFARIN))
    assert drawn.count(">blocks (inhibitory allosteric …<") == 2


def test_the_picture_of_nothing_says_so_and_names_are_escaped() -> None:
    graph = graph_of(edge(Curie("RXCUI", "9"), ACTS, RARE))
    drawn = figure(graph, (SIMVASTATIN, Curie("RXCUI", 'a<b&c"\x01')), ())
    ElementTree.fromstring(drawn)  # noqa: S314
    assert "no path in this graph" in drawn
