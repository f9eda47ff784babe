"""A trained model for research: predictions, vectors and neighbours, by name.

What it needs is imported when a model is opened: whoever imports the package for something else
pays nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.drug_map import DrugMap
    from embeddings.predict import Predictor
    from embeddings.store import Bundle
    from embeddings.vectors import Vectors
    from kg.graph import KnowledgeGraph

HOME_VARIABLE = "COPRESCRIBE_HOME"


class MissingHome(LookupError):
    """Nobody said where models stand."""

    def __init__(self) -> None:
        super().__init__(
            f"where do the models stand? give home=FOLDER, or set {HOME_VARIABLE} to it"
        )


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A verified bundle with the names of its drugs and effects, and its card in Markdown."""

    bundle: Bundle
    names: Mapping[str, str]
    card: str

    @property
    def id(self) -> str:
        """Name of the model."""
        return self.bundle.id

    @property
    def graph_id(self) -> str:
        """Graph that the model learned from."""
        return self.bundle.graph_id

    def curie(self, text: str) -> str:
        """CURIE of a drug or an effect by its name, in any case; a CURIE stands for itself.

        Raises:
            UnknownName: The model has neither a drug nor an effect of that name.
        """
        from embeddings.vectors import UnknownName

        found = self._curies.get(text.casefold())
        if found is None:
            raise UnknownName(text, self.names.values())
        return found

    def predict(self, drug: str, other: str, count: int = 10) -> pd.DataFrame:
        """Give the likeliest effects of two drugs that no fact of the model states, best first.

        Columns ``effect name probability base_rate lift rank``: the probability is at natural
        prevalence; ``rank`` is the pair's among all pairs under the effect, 1 the likeliest.

        Raises:
            UnknownName: The model has no drug of that name.
            NotInModel: The model knows no fact of a drug.
            OneDrugTwice: Both names are of one drug.
        """
        import pandas as pd

        columns = ("effect", "probability", "base_rate", "lift", "rank")
        found = self._predictor.top([(self.curie(drug), self.curie(other))], count)
        frame = pd.DataFrame(
            [[getattr(one, name) for name in columns] for one in found], columns=list(columns)
        )
        frame.insert(1, "name", [self.names[one.effect] for one in found])
        return frame

    def why(self, drug: str, other: str, effect: str, count: int = 5) -> list[str]:
        """Say which facts speak for, then which against, an effect of two drugs.

        Raises:
            UnknownName: The model has no drug or no effect of that name.
            NotInModel: The model knows no fact of a drug.
            OneDrugTwice: Both names are of one drug.
        """
        from embeddings.reasons.explainer import reasons_of

        pair = (self.curie(drug), self.curie(other))
        return reasons_of(self.bundle, pair, self.curie(effect), count).sentences(self.names)

    def vectors(self, kind: str | None = None) -> Vectors:
        """Vectors of all drugs and effects; see :func:`embeddings.vectors.vectors_of`.

        Raises:
            UnknownKind: The model has no vectors of that kind.
        """
        from embeddings.vectors import vectors_of

        return vectors_of(self.bundle, self.names, kind)

    def map(self, graph: KnowledgeGraph, kind: str | None = None) -> DrugMap:
        """Draw the drugs by their vectors, coloured by the ATC codes that a graph gives them.

        Raises:
            UnknownKind: The model has no vectors of that kind.
        """
        import numpy as np

        from embeddings.drug_map import atc_groups, drug_map

        train = self.bundle.train
        known = np.bincount(train.array[:, [0, 2]].ravel(), minlength=len(train.drugs))
        return drug_map(self.vectors(kind), atc_groups(graph, train.drugs), known)

    def _repr_markdown_(self) -> str:
        return self.card

    @cached_property
    def _predictor(self) -> Predictor:
        from embeddings.predict import Predictor

        return Predictor(self.bundle)

    @cached_property
    def _curies(self) -> dict[str, str]:
        train = self.bundle.train
        curies = (*train.effects, *train.drugs)
        by_name = {self.names.get(curie, curie).casefold(): curie for curie in curies}
        return by_name | {curie.casefold(): curie for curie in curies}


def load(model: str | None = None, home: Path | str | None = None) -> OpenedModel:
    """Open a model by its id, else the newest, and verify every file of it.

    ``home`` is the folder of artifacts; without it, ``COPRESCRIBE_HOME`` names that folder. A model
    needs neither torch nor the graph that it learned from.

    Raises:
        MissingHome: No home is given, and the variable is not set.
        MissingModel: There is none of that name, or none at all.
        DamagedBundle: A file is missing, changed or unreadable.
    """
    from embeddings import store

    named = home or os.environ.get(HOME_VARIABLE)
    if not named:
        raise MissingHome
    folder = Path(named)
    model_id = model or store.newest_model(folder)
    bundle = store.load(folder, model_id)
    names = store.names_of(folder, model_id)
    stored = store.folder_of(folder, model_id) / "model_card.md"
    return OpenedModel(bundle, names, stored.read_text(encoding="utf-8"))
