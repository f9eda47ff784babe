"""Where links and descriptions lead: to the server as its readers reach it, whatever is asked."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.api.cds_calls import call, draft, order

PUBLIC = "https://drugs.example/there"


def addresses(client: TestClient, host: str) -> list[str]:
    """What a card links to, and what the descriptions of two doors say of where they are."""
    asked = {"host": host}
    body = call([draft("d1", "clarithromycin")], [order("a1", "simvastatin")])
    cards = client.post("/cds-services/order-sign", json=body, headers=asked).json()["cards"]
    (page, _) = cards[0]["links"]
    statement = client.get("/fhir/metadata", headers=asked).json()
    triples = client.get("/sparql", headers={**asked, "accept": "application/n-triples"}).text
    endpoint = next(line for line in triples.splitlines() if "#endpoint>" in line)
    return [page["url"], statement["implementation"]["url"], endpoint.split("<")[-1]]


def test_the_address_that_is_named_stands_in_all_of_them(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPRESCRIBE_PUBLIC_URL", f"{PUBLIC}/")
    page, fhir, sparql = addresses(client, "elsewhere.example")
    assert page.startswith(f"{PUBLIC}/#v1=")
    assert fhir == f"{PUBLIC}/fhir"
    assert sparql.startswith(f"{PUBLIC}/sparql>")


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("ward.example:8000", "http://ward.example:8000/"),
        ("[::1]:8000", "http://[::1]:8000/"),
        ('evil> <x> "y', "http://localhost/"),
        ("user@ward.example", "http://localhost/"),
    ],
)
def test_without_one_it_is_the_address_that_was_asked_if_it_is_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, host: str, told: str
) -> None:
    monkeypatch.delenv("COPRESCRIBE_PUBLIC_URL", raising=False)
    assert all(address.startswith(told) for address in addresses(client, host))
