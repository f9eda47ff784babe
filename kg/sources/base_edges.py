"""Rows that several adapters make alike: edges that people asserted, compounds of STITCH."""

from __future__ import annotations

from collections.abc import Mapping

from ontologies.vocabulary import AgentType, KnowledgeLevel


def asserted(
    subject: str, predicate: str, target: str, file: str, stated: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Make the row of an edge that people asserted, with its qualifiers where some are stated."""
    row = {
        "subject": subject,
        "predicate": predicate,
        "object": target,
        "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
        "agent_type": AgentType.MANUAL_AGENT.value,
        "file": file,
    }
    return row if stated is None else {**row, "qualifiers": qualified(stated)}


def qualified(stated: Mapping[str, str]) -> str:
    """Write qualifiers for one cell, by their keys; what is empty is not stated.

    >>> qualified({"strength": "strong", "role": "inhibitor", "protein": ""})
    'role=inhibitor|strength=strong'
    """
    return "|".join(f"{key}={value}" for key, value in sorted(stated.items()) if value)


def compound_id(stitch: str) -> str:
    """Give the CURIE of a STITCH compound, flat or not: its number is PubChem's.

    >>> compound_id("CID000002173"), compound_id("CID103052762")
    ('PUBCHEM.COMPOUND:2173', 'PUBCHEM.COMPOUND:3052762')
    """
    return f"PUBCHEM.COMPOUND:{int(stitch[4:])}"
