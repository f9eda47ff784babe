"""The tables become named graphs that say the same, and come back from disk unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import URIRef

from kg.nquads import literal
from kg.rdf import (
    BASE,
    COMMON_PREFIXES,
    DamagedStore,
    MissingStore,
    UnlistedRelease,
    edge_iri,
    graph_iri,
    open_dataset,
    open_store,
    write_store,
)
from ontologies.curie import UnknownPrefix, default_prefixes
from tests.kg.rdf_graph import (
    AWKWARD,
    EDGE_IDS,
    PAIR,
    RELEASES,
    RHABDOMYOLYSIS,
    SIMVASTATIN,
    tiny_tables,
)

FIRST, SECOND = (NamedNode(graph_iri(r.source, r.version)) for r in RELEASES)
EFFECT_EDGE = NamedNode(edge_iri(EDGE_IDS["pair_effect"]))
PREFIXES = {**COMMON_PREFIXES, **default_prefixes().uri_prefixes}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "store"
    write_store(tiny_tables(), RELEASES, folder, default_prefixes())
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    return open_store(folder)


def node(curie: str) -> NamedNode:
    prefix, _, identifier = curie.partition(":")
    return NamedNode(PREFIXES[prefix] + identifier)


def values(store: Store, subject: NamedNode, predicate: str, graph: NamedNode | None) -> set[str]:
    found = store.quads_for_pattern(subject, node(predicate), None, graph)
    terms = [quad.object for quad in found]
    return {term.value for term in terms if isinstance(term, NamedNode | Literal)}


def test_a_fact_stands_as_a_plain_triple_in_the_graph_of_each_release_that_states_it(
    store: Store,
) -> None:
    for graph in (FIRST, SECOND):
        quad = Quad(node(PAIR), node("biolink:contributes_to"), node(RHABDOMYOLYSIS), graph)
        assert quad in store


def test_a_pair_is_typed_and_has_both_its_drugs_where_the_source_says_so(store: Store) -> None:
    assert values(store, node(PAIR), "rdf:type", FIRST) == {f"{BASE}DrugPair"}
    assert len(values(store, node(PAIR), "biolink:has_participant", FIRST)) == 2


def test_an_association_says_who_knows_what_and_how_bad_it_is(store: Store) -> None:
    expected = {
        "biolink:subject": node(PAIR).value,
        "biolink:predicate": node("biolink:contributes_to").value,
        "biolink:object": node(RHABDOMYOLYSIS).value,
        "biolink:primary_knowledge_source": node("infores:second").value,
        "biolink:knowledge_level": "knowledge_assertion",
        "coprescribe:severity": "major",
        "coprescribe:mechanism": "enzyme_inhibition",
        "coprescribe:primary": "true",
        "prov:wasDerivedFrom": edge_iri(EDGE_IDS["simvastatin_substrate"]),
    }
    found = {key: values(store, EFFECT_EDGE, key, SECOND) for key in expected}
    assert found == {key: {value} for key, value in expected.items()}


def test_two_statements_of_one_release_on_one_edge_do_not_swap_their_severities(
    store: Store,
) -> None:
    parts = values(store, EFFECT_EDGE, "coprescribe:stated_in", FIRST)
    assert len(parts) == 2
    said = set()
    for part in map(NamedNode, parts):
        (severity,) = values(store, part, "coprescribe:severity", FIRST)
        (text,) = values(store, part, "coprescribe:text", FIRST)
        said.add((severity, text))
    assert said == {("contraindicated", AWKWARD), ("major", "by mouth only")}
    assert values(store, EFFECT_EDGE, "coprescribe:stated_in", SECOND) == {EFFECT_EDGE.value}


def test_what_is_not_stated_leaves_no_triple(store: Store) -> None:
    substrate = NamedNode(edge_iri(EDGE_IDS["simvastatin_substrate"]))
    assert values(store, substrate, "coprescribe:severity", None) == set()
    assert values(store, substrate, "coprescribe:text", None) == set()


def test_a_publication_is_a_link_when_its_prefix_is_known_and_text_otherwise(store: Store) -> None:
    papers = values(store, EFFECT_EDGE, "biolink:publications", FIRST)
    assert papers == {node("PMID:1").value, "x y"}


def test_a_node_has_its_label_its_type_its_synonyms_and_its_other_names(store: Store) -> None:
    simvastatin = node(SIMVASTATIN)
    assert values(store, simvastatin, "rdfs:label", None) == {"simvastatin"}
    assert values(store, simvastatin, "rdf:type", None) == {node("biolink:Drug").value}
    assert values(store, simvastatin, "skos:altLabel", None) == {"MK-733"}
    assert values(store, simvastatin, "biolink:xref", None) == {node("DRUGBANK:DB00641").value}


def test_each_release_is_counted_and_carries_its_licence(store: Store) -> None:
    for release, graph, n_statements in zip(RELEASES, (FIRST, SECOND), (8, 1), strict=True):
        n_triples = len(list(store.quads_for_pattern(None, None, None, graph)))
        assert values(store, graph, "void:triples", None) == {str(n_triples)}
        assert values(store, graph, "coprescribe:statements", None) == {str(n_statements)}
        assert values(store, graph, "dcterms:rights", None) == {release.licence}


def test_a_version_with_odd_characters_still_makes_an_iri() -> None:
    assert graph_iri("infores:second", "v 2/b").endswith("/graph/second/v%202%2Fb")
    assert graph_iri("infores:second", "").endswith("/graph/second/unversioned")


def test_the_dataset_of_rdflib_holds_the_quads_that_were_counted(tmp_path: Path) -> None:
    n_quads = write_store(tiny_tables(), RELEASES, tmp_path / "store", default_prefixes())
    dataset = open_dataset(tmp_path / "store")
    assert len(list(dataset.quads())) == n_quads
    first = dataset.graph(URIRef(FIRST.value))
    text = first.value(URIRef(f"{EFFECT_EDGE.value}#first-1"), URIRef(f"{BASE}text"))
    assert str(text) == AWKWARD


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_its_literal(text: str) -> None:
    line = f"<http://a/s> <http://a/p> {literal(text)} .\n".encode()
    (quad,) = parse(line, format=RdfFormat.N_QUADS)
    assert quad.object == Literal(text)


def test_an_identifier_cannot_break_out_of_its_iri(tmp_path: Path) -> None:
    tables = tiny_tables()
    evil = "coprescribe:x>}<y"
    tables.nodes.loc[3, "id"] = evil
    write_store(tables, RELEASES, tmp_path / "store", default_prefixes())
    found = open_store(tmp_path / "store").quads_for_pattern(
        NamedNode(f"{BASE}x%3E%7D%3Cy"), None, None
    )
    assert len(list(found)) == 2


def test_writing_again_replaces_the_older_store(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    n_first = write_store(tiny_tables(), RELEASES, folder, default_prefixes())
    tables = tiny_tables()
    fewer = replace(tables, evidence=tables.evidence.iloc[:1])
    n_second = write_store(fewer, RELEASES, folder, default_prefixes())
    assert len(open_store(folder)) == n_second < n_first


def test_evidence_of_a_release_that_nobody_listed_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnlistedRelease, match=r"infores:second.*v 2/b"):
        write_store(tiny_tables(), RELEASES[:1], tmp_path / "store", default_prefixes())
    assert not (tmp_path / "store").exists()


def test_a_node_with_an_unknown_prefix_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    tables = tiny_tables()
    tables.nodes.loc[0, "id"] = "NOBODY:1"
    with pytest.raises(UnknownPrefix, match="NOBODY"):
        write_store(tables, RELEASES, tmp_path / "store", default_prefixes())
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingStore, match="nowhere"):
        open_store(tmp_path / "nowhere")


@pytest.mark.parametrize("harm", ["empty folder", "broken file", "lost tables"])
def test_a_store_that_cannot_be_opened_is_damaged(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "store"
    write_store(tiny_tables(), RELEASES, folder, default_prefixes())
    for file in folder.iterdir():
        if harm == "empty folder" or (harm == "lost tables" and file.suffix == ".sst"):
            file.unlink()
        elif harm == "broken file" and file.name == "CURRENT":
            file.write_text("garbage", encoding="utf-8")
    with pytest.raises(DamagedStore, match="build it again"):
        open_store(folder)


def test_a_store_that_is_open_for_reading_cannot_be_written(store: Store) -> None:
    with pytest.raises((OSError, RuntimeError)):
        store.add(Quad(node(PAIR), node("rdfs:label"), Literal("x")))
