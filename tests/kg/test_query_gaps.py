"""A triple that is not whole is named, with what it lacks; nothing else is taken for one."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.query_gaps import missing_term
from kg.sparql import _malformed, query_prefixes


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("SELECT ?x WHERE { ?x ?y }", 24, "'?x ?y' is no triple: an object is missing"),
        ("SELECT ?x { ?x rdfs:label . }", 26, "'?x rdfs:label' is no triple: an object"),
        ("ASK { RXCUI:36567 }", 18, "'RXCUI:36567' is no triple: a predicate and an object"),
        ("ASK { ?a ?b 1.5 . ?x a ; ?p ?q }", 23, "'?x a' is no triple: an object"),
        ('ASK { ?a ?b "}"@en . OPTIONAL { <http://a/b> } }', 45, "'<http://a/b>' is no triple"),
    ],
)
def test_what_a_triple_lacks_is_said(text: str, column: int, said: str) -> None:
    with pytest.raises(SyntaxError) as told:
        pyoxigraph.Store().query(text, prefixes=query_prefixes())
    refusal = _malformed(text, str(told.value))
    assert refusal.column == column
    assert refusal.reason.startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x ?y { ?x ?y ?z } ORDER BY ?x",
        "SELECT * { VALUES ?x { 1 2 } VALUES (?a ?b) { (1 2) } ?x ?y ?z . }",
        "ASK { ?x a ?y ; ?p ?q ; . # ?x ?y }\n }",
        "ASK { ?x a/^a ?y . ?z ?w ( 1 2 ) . [] ?p -1.5e3 , true . _:b ?p [ ?q 'x' ] }",
        "CONSTRUCT { ?s ?p 1. } { GRAPH ?g { ?s ?p ?o } FILTER(?p) }",
        "DESCRIBE ?x",
        "SELECT ?x {",
        "",
    ],
)
def test_what_is_whole_or_of_another_kind_is_left_alone(text: str) -> None:
    assert missing_term(text) is None


def test_nothing_is_missed_in_the_worked_queries(checkout: Path) -> None:
    text = (checkout / "docs" / "queries.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sparql\n(.*?)```", text, re.DOTALL)
    assert len(queries) >= 10
    assert [missing_term(query) for query in queries] == [None] * len(queries)


@given(st.text(max_size=60))
def test_any_text_is_looked_at(text: str) -> None:
    missing_term(text)
