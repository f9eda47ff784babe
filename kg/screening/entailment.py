"""What the project itself concludes from stated facts, as evidence that can be walked back."""

from __future__ import annotations

from kg.graph import KnowledgeGraph
from kg.model import Evidence, Severity
from ontologies.vocabulary import AgentType, KnowledgeLevel

OWN_SOURCE = "infores:coprescribe"


def entailed(
    graph: KnowledgeGraph,
    severity: Severity | None,
    *,
    derived_from: tuple[str, ...] = (),
    stated_as: str | None = None,
    statement: str | None = None,
    reference: str | None = None,
) -> Evidence:
    """Make the evidence of a conclusion: ours, at our version, with the edges that it rests on."""
    release = graph.release(OWN_SOURCE)
    return Evidence(
        source=OWN_SOURCE,
        knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT,
        agent_type=AgentType.AUTOMATED_AGENT,
        severity=severity,
        derived_from=derived_from,
        version=release.version if release else "",
        licence=release.licence if release else "",
        severity_as_stated=stated_as,
        statement=statement,
        reference=reference,
    )
