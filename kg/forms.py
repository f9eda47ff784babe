"""Forms of drugs: which of the stated links to a drug are one, and which their names show. Pure.

A salt, an ester, a hydrate or a route of a drug is a node of its own, a subclass of the drug. Lists
of classes state such links by accident: a code of the ATC names one drug, and DrugBank files
caffeine under codes of paracetamol, with which it is combined. Such a link between two drugs is
left out unless the name of the first holds the name of the second. Where the code is that of a
salt of the drug (tiotropium under tiotropium bromide), the drug belongs to the class of the code
instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ontologies.fold import fold
from ontologies.known_apart import hand_cuts
from ontologies.normalize import Normalizer
from ontologies.salts import SALT_WORDS, ingredient, is_combination
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

_DRUG = Category.DRUG.value
_CLASSIFIED = frozenset({"ATC", "CHEBI", "MESH", "NDFRT", "UMLS"})
"""Vocabularies in which sources state the class of a drug, and that name single drugs as well."""
_CLASS_LETTERS = 5
"""Letters of an ATC code of the fourth level, the class of a code of seven."""
_CUT = ("left", "right", "reason")


@dataclass(frozen=True, slots=True)
class Forms:
    """Names of the drugs by preferred CURIE, what became of identifiers, and the classes."""

    normalizer: Normalizer
    names: Mapping[str, frozenset[str]]
    classes: frozenset[str]

    @classmethod
    def of(cls, stated: pd.DataFrame, nodes: pd.DataFrame, normalizer: Normalizer) -> Forms:
        """Gather the names that sources give to the nodes that became drugs.

        Args:
            stated: Node rows of all sources, with the columns id and name.
            nodes: The finished nodes, with the columns id and category.
            normalizer: What became of their identifiers.
        """
        drugs = set(nodes.loc[nodes["category"] == _DRUG, "id"])
        names: dict[str, set[str]] = defaultdict(set)
        rows = stated.loc[stated["name"] != "", ["id", "name"]].drop_duplicates()
        for curie, name in rows.itertuples(index=False, name=None):
            preferred = normalizer.preferred(curie)
            if preferred in drugs:
                names[preferred].add(name)
        named = {curie: frozenset(found) for curie, found in names.items()}
        return cls(normalizer, named, frozenset(set(nodes["id"]) - drugs))

    def checked(self, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Take out the stated links that are no form of a drug.

        Args:
            edges: Columns subject, predicate and object, in the identifiers of the sources.

        Returns:
            The other rows, those of a salt's code led to the class of the code; and what was taken
            out, once each, in the columns left, right and reason.
        """
        rows: dict[Hashable, tuple[str, str, str]] = {}
        moved: dict[Hashable, str] = {}
        for row, left, right in self._links(edges):
            form, drug = self.normalizer.preferred(left), self.normalizer.preferred(right)
            wider = right[: len("ATC:") + _CLASS_LETTERS]
            if wider in self.classes and self._is_salt(drug, form):
                moved[row] = wider
            else:
                rows[row] = (left, right, f"no form of it: {self._told(form, drug)}")
        kept = edges.drop(index=list(rows))
        kept.loc[list(moved), "object"] = list(moved.values())
        return kept, pd.DataFrame(sorted(set(rows.values())), columns=list(_CUT), dtype=str)

    def _links(self, edges: pd.DataFrame) -> Iterator[tuple[Hashable, str, str]]:
        """Yield row, subject and object of links that no name bears out, or that a person cut."""
        cut = self._cut_by_hand()
        chosen = edges[edges["predicate"] == Predicate.SUBCLASS_OF.value]
        for row, left, right in zip(chosen.index, chosen["subject"], chosen["object"], strict=True):
            form, drug = self.normalizer.preferred(left), self.normalizer.preferred(right)
            if form != drug and form in self.names and drug in self.names:
                listed = right.partition(":")[0] in _CLASSIFIED
                fits = self._fits(form, drug) and not self._is_salt(drug, form)
                if (form, drug) in cut or (listed and not fits):
                    yield row, left, right

    def named(self, stated: Iterable[tuple[str, str]]) -> pd.DataFrame:
        """Give an edge for each form whose name says its drug and that nothing links to it.

        Args:
            stated: Subject and object of the links that stand, as preferred CURIEs.

        Returns:
            The columns subject, predicate, object, knowledge_level, agent_type, statement, text.
        """
        linked = {*stated, *self._cut_by_hand()}
        rows = [
            (form, drug, f"form/{form}", f"{name!r} is a form of {base!r} by its name")
            for form, drug, name, base in self._by_name()
            if (form, drug) not in linked and (drug, form) not in linked
        ]
        frame = pd.DataFrame(rows, columns=["subject", "object", "statement", "text"], dtype=str)
        return frame.drop_duplicates(["subject", "object"]).assign(
            predicate=Predicate.SUBCLASS_OF.value,
            knowledge_level=KnowledgeLevel.LOGICAL_ENTAILMENT.value,
            agent_type=AgentType.AUTOMATED_AGENT.value,
        )

    def _by_name(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield form, drug, the form's name and the drug's; of drugs of one name, the first.

        A node that bears the drug's name as well is no form of one that is such a node itself.
        """
        salts = {curie: dict(_bases(names)) for curie, names in sorted(self.names.items())}
        bearers: dict[str, list[str]] = defaultdict(list)
        for curie, names in self.names.items():
            for name in {fold(name) for name in names}:
                bearers[name].append(curie)
        for form, named in salts.items():
            for name, bases in named.items():
                base = next((base for base in bases if set(bearers.get(base, ())) - {form}), "")
                others = [other for other in bearers.get(base, ()) if other != form]
                if form in bearers.get(base, ()):
                    others = [other for other in others if not _holds(salts[other], base)]
                if others:
                    yield form, min(others, key=_first), name, base

    def _fits(self, form: str, drug: str) -> bool:
        words = [set(fold(name).split()) for name in self.names[form]]
        return any(set(fold(base).split()) <= held for base in self.names[drug] for held in words)

    def _is_salt(self, form: str, drug: str) -> bool:
        salts = dict(_bases(self.names[form]))
        return any(_holds(salts, fold(name)) for name in self.names[drug])

    def _told(self, form: str, drug: str) -> str:
        return f"{min(self.names[form])!r}, {min(self.names[drug])!r}"

    def _cut_by_hand(self) -> set[tuple[str, str]]:
        preferred = self.normalizer.preferred
        return {(preferred(left), preferred(right)) for left, right in hand_cuts().forms}


def _bases(names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each name that ends in salt words, with the name without them, nearest first."""
    for name in sorted(names):
        ends = fold(name.rsplit(None, 1)[-1]) in SALT_WORDS
        base = ingredient(name) if ends and not is_combination(name) else None
        if base and base != fold(name):
            words, shortest = fold(name).split(), len(base.split())
            yield name, tuple(" ".join(words[:n]) for n in range(len(words) - 1, shortest - 1, -1))


def _holds(salts: Mapping[str, tuple[str, ...]], base: str) -> bool:
    return any(base in bases for bases in salts.values())


_ORDER = ("RXCUI", "DRUGBANK", "CHEMBL.COMPOUND", "PUBCHEM.COMPOUND")


def _first(curie: str) -> tuple[int, int, str]:
    prefix = curie.partition(":")[0]
    return (_ORDER.index(prefix) if prefix in _ORDER else len(_ORDER), len(curie), curie)
