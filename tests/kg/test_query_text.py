"""A query whose words show that it only reads, and only here, needs no look at its syntax tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from kg.query_errors import MAX_QUERY_BYTES, ForbiddenQuery, QueryRefused, QueryTooLong
from kg.query_text import plain_form
from kg.sparql import _malformed, _quickly_checked, check_query, query_prefixes

KINDS = {
    "SELECT": QuerySolutions,
    "ASK": QueryBoolean,
    "CONSTRUCT": QueryTriples,
    "DESCRIBE": QueryTriples,
}
PIECES = (
    *("SELECT *", "ASK", "CONSTRUCT", "DESCRIBE ?s", "WHERE", "{", "}", "?s ?p ?o", ".", ";", ","),
    *(
        "SERVICE <http://a/>",
        "FROM <http://a/>",
        "from",
        "sErViCe",
        "SERVICE SILENT ?s",
        "GRAPH ?g",
    ),
    *("PREFIX a: <http://a/>", "a:service", "a:b", "<http://a/b>", "BASE <http://a/>", "OPTIONAL"),
    *(
        '"',
        "'",
        '"""',
        "'''",
        '"text"',
        "'FROM'",
        "#",
        "\n",
        "\r",
        "\\",
        "\\u0053ERVICE",
        "\u017fERVICE",
    ),
    *("FILTER(?s = 1)", "UNION", "MINUS", "INSERT DATA", "LOAD <http://a/>", "1", "<", "@en", "$"),
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("ask{}", "ASK"),
        ("PREFIX ask: <http://a/> construct { ?s a ask:b } { ?s ?p 1.5e3 }", "CONSTRUCT"),
        ("# SELECT\nDESCRIBE <http://a/ask>", "DESCRIBE"),
        ("SELECT (COUNT(*) AS ?n) { ?s a/rdfs:subClassOf* ?o FILTER(!(?s < ?o)) }", "SELECT"),
        ('SELECT * { ?s ?p \'x\\\'SELECT\', """ASK"""@en }', "SELECT"),
    ],
)
def test_a_plain_query_is_known_by_its_words(text: str, form: str) -> None:
    assert plain_form(text) == form
    assert isinstance(Store().query(text, prefixes=query_prefixes()), KINDS[form])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE <http://a/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o } # service",
        "SELECT * FROM <http://a/> { ?s ?p ?o }",
        "SELECT * FROM<http://a/>{ ?s ?p ?o }",
        "SELECT * { ?s ?from 'FROM' }",
        "SELECT * { \u017fERVICE <http://a/> {} }",
        "SELECT * { LATERAL { ?s ?p ?o } }",
        "SELECT * { << ?s ?p ?o >> ?q ?r }",
        "SELECT * { ?s ?p ?o {| ?q ?r |} }",
        'SELECT * { ?s ?p "x"@en--ltr }',
        "SELECTDISTINCT * { ?s ?p ?o }",
        "SELECT * { ?s ?p 'open }",
        "SELECT * " + "{" * 33 + "}" * 33,
        "INSERT DATA { <http://a/> <http://a/> 1 }",
        "",
    ],
)
def test_whatever_could_be_more_is_looked_at_closely(text: str) -> None:
    assert plain_form(text) is None


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_no_text_gets_by_that_reaches_out_or_writes(text: str) -> None:
    """Either the text has none of the words anywhere, or its tree is looked at."""
    try:
        query = _quickly_checked(text)
    except QueryRefused:
        return
    if re.search("service|from", query.text.casefold()):
        assert query == check_query(text)
    else:
        assert not query.graphs


def test_the_worked_queries_need_no_syntax_tree(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise AssertionError(text)

    page = (checkout / "docs" / "queries.md").read_text(encoding="utf-8")
    worked = re.findall(r"```sparql\n(.*?)```", page, re.DOTALL)
    slowly = [check_query(text) for text in worked]
    monkeypatch.setattr("kg.sparql.parseQuery", fail)
    assert len(worked) >= 10
    assert [_quickly_checked(text) for text in worked] == slowly
    assert [_quickly_checked(text.replace("\n", "\r\n")) for text in worked] == slowly


def test_a_plain_query_is_held_to_the_same_limits() -> None:
    with pytest.raises(QueryTooLong):
        _quickly_checked("ASK {} #" + "x" * MAX_QUERY_BYTES)
    with pytest.raises(ForbiddenQuery, match="LOAD"):
        _quickly_checked("ASK {} LOAD <http://a/>")


def test_what_the_store_does_not_read_is_told_in_the_words_of_whoever_knows() -> None:
    assert "'nobody' is not declared" in str(
        _malformed("ASK { ?s nobody:x ?o }", "error at 1:2: x")
    )
    refusal = _malformed("ASK { ?s ?p ?o }", "error at 3:7: expected something")
    assert str(refusal) == "line 3, column 7: expected something"
    assert str(_malformed("ASK {}", "who knows")) == "line 1, column 1: who knows"
