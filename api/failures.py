"""The one table of what can go wrong: exit code, HTTP status and title of each error class."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from api.errors import BAD_DATA, BAD_INPUT

INTERRUPTED = 130
INTERNAL = 70
"""Exit code of a defect of ours, so that it is not taken for a finding (1)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How an error leaves the house.

    ``told`` is what HTTP says in place of the error's own sentence, which names places of the
    server and is for its log; ``None`` where the sentence may be told to anybody.
    """

    exit_code: int
    status: int
    title: str
    told: str | None = None


_QUESTION = Failure(BAD_INPUT, 422, "The question cannot be answered as it stands")
_GENOTYPE = Failure(BAD_INPUT, 422, "A genetic result is not accepted")
_NAME = Failure(BAD_INPUT, 422, "An identifier is not accepted")
_UNKNOWN = Failure(BAD_INPUT, 404, "There is no such thing here")
_QUERY = Failure(BAD_INPUT, 400, "The query is refused")
_LIMIT = Failure(BAD_INPUT, 422, "The query takes too much")
_BUSY = Failure(BAD_DATA, 503, "The service is busy")
_CHOICE = Failure(BAD_INPUT, 422, "There is no such choice")
_LOGGED = "whoever runs this service finds in its log which"
_MISSING = Failure(
    BAD_DATA,
    503,
    "The data of this service are missing",
    f"a part of what this service answers from is not there; {_LOGGED}",
)
_DAMAGED = Failure(
    BAD_DATA,
    503,
    "The data of this service are damaged",
    f"a part of what this service answers from is damaged; {_LOGGED}",
)
_DISK = Failure(
    BAD_DATA,
    503,
    "The data of this service cannot be read or written",
    f"a file of this service cannot be read or written; {_LOGGED}",
)

FAILURES: Mapping[str, Failure] = {
    "api.errors.MissingExtra": _MISSING,
    "api.errors.QuestionError": _QUESTION,
    "api.tokens.cds.RefusedToken": Failure(BAD_INPUT, 401, "The token is not accepted"),
    "api.tokens.key_sets.NoKeys": Failure(
        BAD_DATA,
        503,
        "The keys of an issuer cannot be had",
        "the keys of the issuer cannot be had now",
    ),
    "builtins.MemoryError": Failure(
        BAD_DATA,
        503,
        "The service has too little memory",
        f"there was too little memory for this; {_LOGGED} part",
    ),
    "builtins.OSError": _DISK,
    "embeddings.export.NoEffectsAsked": _CHOICE,
    "embeddings.judging.judge.NothingToJudge": _CHOICE,
    "embeddings.judging.metrics.UnusableScores": _DAMAGED,
    "embeddings.leakage.LeakedFact": _CHOICE,
    "embeddings.negatives.UnknownProtocol": _CHOICE,
    "embeddings.new_drugs.predict.NoNewDrugs": _CHOICE,
    "embeddings.opening.MissingHome": _CHOICE,
    "embeddings.predict.NotInModel": _UNKNOWN,
    "embeddings.predict.OneDrugTwice": _CHOICE,
    "embeddings.predict.UnknownEffect": _UNKNOWN,
    "embeddings.run.NoFacts": _CHOICE,
    "embeddings.scorer.UnknownScorer": _DAMAGED,
    "embeddings.skeletons.UnreadableSmiles": _CHOICE,
    "embeddings.splits.EmptySplit": _CHOICE,
    "embeddings.splits.UnknownDrugs": _CHOICE,
    "embeddings.splits.UnknownSplit": _CHOICE,
    "embeddings.store.DamagedBundle": _DAMAGED,
    "embeddings.store.DamagedCheckpoint": _DAMAGED,
    "embeddings.store.MissingModel": _MISSING,
    "embeddings.training.configs.UnknownConfig": _CHOICE,
    "embeddings.training.configs.UnknownSetting": _CHOICE,
    "embeddings.trials.DamagedSearch": _DAMAGED,
    "embeddings.trials.NothingToSearch": _CHOICE,
    "embeddings.triples.MalformedTriples": _CHOICE,
    "embeddings.triples.UnreadableTriples": _CHOICE,
    "embeddings.vectors.UnknownKind": _CHOICE,
    "embeddings.vectors.UnknownName": _UNKNOWN,
    "kg.artifact.DamagedArtifact": _DAMAGED,
    "kg.artifact.MissingGraph": _MISSING,
    "kg.diff.ShrunkSource": _DAMAGED,
    "kg.effects.MalformedPattern": _DAMAGED,
    "kg.exports.export.FolderInUse": _CHOICE,
    "kg.exports.export.UnknownFormat": _CHOICE,
    "kg.fetch.FetchFailed": _MISSING,
    "kg.fetch.MissingData": _CHOICE,
    "kg.fetch.UnsafeArchive": _DAMAGED,
    "kg.fetch.WrongDigest": _DAMAGED,
    "kg.graph.UnknownNode": _UNKNOWN,
    "kg.model.GradedPrediction": _DAMAGED,
    "kg.model.GroundlessEdge": _DAMAGED,
    "kg.nquads_tables.UnknownEdge": _DAMAGED,
    "kg.quads.UnlistedRelease": _DAMAGED,
    "kg.query_errors.EndpointBusy": _BUSY,
    "kg.query_errors.QueryRefused": _QUERY,
    "kg.query_errors.QueryTimeout": _LIMIT,
    "kg.query_errors.QueryTooHungry": _LIMIT,
    "kg.rdf.DamagedStore": _DAMAGED,
    "kg.rdf.MissingStore": _MISSING,
    "kg.recipe.MalformedRecipe": _CHOICE,
    "kg.recipe.UnknownRecipe": _CHOICE,
    "kg.rules.rows.MalformedRule": _DAMAGED,
    "kg.screening.diplotype.MalformedDiplotype": _GENOTYPE,
    "kg.screening.diplotype.UnknownAllele": _GENOTYPE,
    "kg.screening.factors.MalformedFactor": _DAMAGED,
    "kg.screening.genotype.ConflictingGenotype": _GENOTYPE,
    "kg.screening.genotype.UncountedCopies": _GENOTYPE,
    "kg.screening.genotype.UnknownGene": _GENOTYPE,
    "kg.screening.targets.MalformedTarget": _DAMAGED,
    "kg.screening.written_phenotype.UnknownPhenotype": _GENOTYPE,
    "kg.serving.files.DamagedIndex": _DAMAGED,
    "kg.sources.base.MalformedSource": _DAMAGED,
    "kg.sources.guideline_keys.UnreadableKey": _DAMAGED,
    "kg.sources.registry.UnknownSource": _CHOICE,
    "kg.tables.DamagedTable": _DAMAGED,
    "kg.validate.InvalidGraph": _DAMAGED,
    "ontologies.curie.MalformedCurie": _NAME,
    "ontologies.curie.MalformedPrefixTable": _DAMAGED,
    "ontologies.curie.UnknownPrefix": _NAME,
    "ontologies.known_apart.MalformedCut": _DAMAGED,
    "ontologies.name_index.DamagedNameIndex": _DAMAGED,
    "ontologies.ontology.UnknownTerm": _UNKNOWN,
}
"""Error classes by full name, so that looking one up loads nothing."""


def failure_of(error: BaseException) -> Failure | None:
    """How an error leaves the house, by its class or the nearest base; ``None`` for a defect."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((FAILURES[name] for name in names if name in FAILURES), None)


def sentence(error: BaseException) -> str:
    """Say an error in one sentence; an error of the operating system by its reason and its file."""
    if isinstance(error, MemoryError) and failure_of(error) is FAILURES["builtins.MemoryError"]:
        return f"not enough memory: {_said(error)}" if _said(error) else "not enough memory"
    if isinstance(error, OSError) and error.errno is not None:
        reason = os.strerror(error.errno).lower()
        place = error.filename or _place(error)
        return f"{place}: {reason}" if place else reason
    return _said(error) or type(error).__name__


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())


def _place(error: OSError) -> str:
    told = str(error.strerror or "")
    return "" if told == os.strerror(error.errno or 0) else told
