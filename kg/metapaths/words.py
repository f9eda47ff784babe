"""A reason in words and as plain data, with roles, strengths, sources and versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg.graph import KnowledgeGraph
from kg.metapaths.engine import Tally
from kg.metapaths.links import Link, Reason, Stated
from kg.metapaths.table import GRADED
from kg.metapaths.ways import Way
from kg.screening.exposure_change import ExposureChange
from ontologies.curie import Curie

_Text = Callable[[KnowledgeGraph, Reason], str]


def sentence(graph: KnowledgeGraph, reason: Reason) -> str:
    """Tell a path in one sentence, without its sources."""
    return _SENTENCES[reason.metapath.name](graph, reason)


def metapath_in_words(reason: Reason) -> str:
    """The kind of path by its nodes: ``drug-enzyme-drug``."""
    ways = (reason.metapath.left, reason.metapath.right)
    between = "gene-guideline" if Way.GUIDED_BY in ways else reason.kind
    if Way.ACTS_BY in ways:
        between = f"target-{between}"
    return f"drug-{between}-drug"


def middle_name(graph: KnowledgeGraph, reason: Reason) -> str:
    """The name of what stands between; a protein that goes by another name than its gene by both.

    As ``P-gp (ABCB1)``, whether a source of this path calls it so or not.
    """
    name = graph.name(reason.through)
    proteins = (link.protein for link in (*reason.left, *reason.right))
    known = next((protein for protein in proteins if protein), _PROTEINS.get(name, name))
    return name if known == name else f"{known} ({name})"


def link_in_words(link: Link) -> str:
    """The label of one step: its role and its strength, as ``inhibits (strong)``.

    Seen from the drug: what activates a prodrug is said of the drug that needs it.
    """
    says = "is activated by" if link.activates else link.way.value
    strength = _strength(link) if link.way in GRADED - {Way.PREDISPOSES_TO} else link.strength
    told = ", ".join((*link.roles, strength) if strength else link.roles)
    return f"{says} ({told})" if told else says


def reason_json(graph: KnowledgeGraph, reason: Reason) -> dict[str, Any]:
    """Everything of a reason by code and name."""
    return {
        "explains": reason.metapath.name,
        "metapath": metapath_in_words(reason),
        "kind": reason.kind,
        "through": _named(graph, reason.through),
        "drugs": [_named(graph, drug) for drug in reason.drugs],
        "directed": reason.metapath.is_directed,
        "weight": round(reason.weight, 3),
        "dwpc": round(reason.dwpc, 6),
        "expected": _expected(reason.expected),
        "links": [[_link_json(graph, x) for x in side] for side in (reason.left, reason.right)],
        "sources": [_source_json(stated) for stated in reason.sources],
        "text": f"{sentence(graph, reason)}.",
    }


def tally_json(tally: Tally, drugs: tuple[Curie, Curie]) -> dict[str, Any]:
    """How many paths of a kind there are, and how unusual so many are."""
    first, second = drugs if tally.forward else drugs[::-1]
    unusual = tally.unusual
    return {
        "explains": tally.metapath.name,
        "from": str(first),
        "to": str(second),
        "directed": tally.metapath.is_directed,
        "paths": tally.paths,
        "dwpc": round(tally.dwpc, 6),
        "permuted": {
            "share_at_least": round(unusual.share, 6),
            "share_with_any": round(unusual.share_with_any, 6),
            "times_expected": round(unusual.times, 3) if unusual.times is not None else None,
            "pairs": unusual.pairs,
        },
    }


def _link_json(graph: KnowledgeGraph, link: Link) -> dict[str, Any]:
    return {
        "subject": _named(graph, link.subject),
        "says": link_in_words(link),
        "role": link.way.value,
        "roles_as_stated": list(link.roles),
        "strength": link.strength or None,
        "known_as": link.known_as,
        "object": _named(graph, link.object),
        "sources": [_source_json(stated) for stated in link.sources],
        "edges": list(link.edges),
    }


def _source_json(stated: Stated) -> dict[str, str]:
    return {"source": stated.source, "version": stated.version}


def _expected(change: ExposureChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    weight = change.weight
    return {
        "effect": str(change.effect),
        "change": weight.change or None,
        "severity": weight.severity.value if weight.severity else None,
        "measured_auc_ratio": weight.measured.ratio if weight.measured else None,
        "margin": weight.margin.width if weight.margin else None,
        "reference": weight.reference,
    }


def _named(graph: KnowledgeGraph, curie: Curie) -> dict[str, str]:
    return {"curie": str(curie), "name": graph.name(curie)}


def _names(graph: KnowledgeGraph, reason: Reason) -> tuple[str, str, str]:
    first, second = map(graph.name, reason.drugs)
    return first, second, middle_name(graph, reason)


def _beside(*told: str) -> str:
    said = ", ".join(part for part in told if part)
    return f" ({said})" if said else ""


def _strength(link: Link) -> str:
    """The strength of a role, or how the role is known without one."""
    return link.strength or _KNOWN_AS.get(link.known_as, link.known_as)


def _exposure(graph: KnowledgeGraph, reason: Reason) -> str:
    acting, affected, gene = _names(graph, reason)
    by, on = reason.left[0], reason.right[0]
    handles = "activates" if on.activates else _HANDLES.get(reason.kind, "handles")
    return (
        f"{acting} {by.way.value} {gene}{_beside(_strength(by))}, which {handles} "
        f"{affected}{_beside(_as_substrate(on))}: {_consequence(reason, affected)}"
    )


def _as_substrate(link: Link) -> str:
    if link.strength or link.known_as == "listed":
        return f"{_strength(link)} substrate"
    return f"substrate, {_strength(link)}"


def _consequence(reason: Reason, affected: str) -> str:
    rises = (reason.metapath.left is Way.INHIBITS) is not reason.right[0].activates
    what = f"active {affected}" if reason.right[0].activates else affected
    change = reason.expected
    if change is None:
        return f"there may be {'more' if rises else 'less'} {what} in the body"
    weight = change.weight
    how = weight.change if weight.change[:1] in "<>0123456789" else ""
    told = f"AUC ratio {how}" if how else ""
    if weight.measured:
        told = f"measured AUC ratio {weight.measured.ratio:g}"
    return f"{'more' if rises else 'less'} {what} in the body{_beside(told)}"


def _guideline(graph: KnowledgeGraph, reason: Reason) -> str:
    acting, affected, gene = _names(graph, reason)
    by = reason.left[0]
    how = _beside(_strength(by))
    return f"{acting} {by.way.value} {gene}{how}, by which guidelines dose {affected}"


def _liability(graph: KnowledgeGraph, reason: Reason) -> str:
    first, second, effect = _names(graph, reason)
    grades = (_beside(side[0].strength) for side in (reason.left, reason.right))
    one, other = (f"{n}{g}" for n, g in zip((first, second), grades, strict=True))
    return f"{effect} is made likelier by {one} and by {other}"


def _of_indication(graph: KnowledgeGraph, reason: Reason) -> str:
    first, second, effect = _names(graph, reason)
    grade = _beside(reason.left[0].strength)
    return f"{first} makes likelier{grade} what {second} is given for: {effect}"


def _opposed(graph: KnowledgeGraph, reason: Reason) -> str:
    first, second, gene = _names(graph, reason)
    one, other = (_beside(*side[0].roles) for side in (reason.left, reason.right))
    return f"{first} activates {gene}{one} and {second} blocks it{other}: their effects oppose"


def _by_target(graph: KnowledgeGraph, reason: Reason) -> str:
    first, second, effect = _names(graph, reason)
    acting = reason.left[0]
    gene = graph.name(acting.object)
    is_harm = reason.metapath.right is Way.PREDISPOSES_TO
    what = "makes that likelier" if is_harm else "is given for that"
    return (
        f"{first} acts on {gene}{_beside(*acting.roles)}, which is linked to {effect}; "
        f"{second} {what}"
    )


def _both(says: str) -> _Text:
    """Make the sentence of two drugs of which the same is said."""

    def told(graph: KnowledgeGraph, reason: Reason) -> str:
        first, second, middle = _names(graph, reason)
        return f"{first} and {second} {says} {middle}"

    return told


_KNOWN_AS: Mapping[str, str] = {"judged": "strength not stated", "target": "its target"}
_PROTEINS: Mapping[str, str] = {
    "ABCB1": "P-gp",
    "ABCG2": "BCRP",
    "SLCO1B1": "OATP1B1",
    "SLCO1B3": "OATP1B3",
    "SLC22A2": "OCT2",
    "SLC22A6": "OAT1",
    "SLC22A8": "OAT3",
    "SLC47A1": "MATE1",
    "SLC47A2": "MATE2-K",
}
"""Transporters that go by another name than their gene, as `kg/curated/enzymes.tsv` has them."""
_HANDLES: Mapping[str, str] = {"enzyme": "clears", "transporter": "carries"}
_SENTENCES: Mapping[str, _Text] = {
    "inhibition": _exposure,
    "induction": _exposure,
    "guideline_inhibition": _guideline,
    "guideline_induction": _guideline,
    "shared_liability": _liability,
    "liability_of_indication": _of_indication,
    "opposed_action": _opposed,
    "same_block": _both("both block"),
    "same_activation": _both("both activate"),
    "target_of_liability": _by_target,
    "target_of_indication": _by_target,
    "shared_class": _both("both belong to"),
    "shared_indication": _both("are both given for"),
    "shared_handling": _both("both depend on"),
    "shared_guideline": _both("are both dosed by guidelines on"),
    "shared_target": _both("both act on"),
    "shared_carrier": _both("are both bound to"),
}
