"""``coprescribe predict``: the likeliest effects of two drugs, or of one, that nothing states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.options import (
    GraphOption,
    HomeOption,
    JsonOption,
    ModelOption,
    QuietOption,
    VerboseOption,
)
from api.cli.phrases import asked_name
from api.cli.tables import grid
from api.cli.voice import Voice
from api.errors import InvalidRequest
from api.predictions.shapes import MOST_PREDICTIONS, PROBABILITY
from api.settings import find_home
from api.state import NO_MODEL, State, open_state
from embeddings.store import MissingModel
from ontologies.curie import Curie

Guess = Mapping[str, Any]
_MOST_TOLD = 0.99
_WHOLE = 10.0
"""From this lift on it is told without decimals."""
_REASONS = (
    "Reasons are what the model leans on, not what causes the effect. The company of a drug is "
    "what it is reported with; +0.7 log-odds is about twice the odds."
)


def predict(
    drug: Annotated[
        list[str] | None,
        typer.Argument(metavar="DRUG [DRUG]", help="Two drugs, or one beside all."),
    ] = None,
    *,
    smiles: Annotated[
        str | None, typer.Option(metavar="SMILES", help="A drug by its structure; needs --with.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="GENE", help="A gene that the drawn drug acts on; repeats."),
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--with", metavar="DRUG", help="The drug beside the drawn one.")
    ] = None,
    top: Annotated[
        int, typer.Option(metavar="N", min=1, max=MOST_PREDICTIONS, help="Most guesses.")
    ] = 20,
    effect: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this effect, by name or code.")
    ] = None,
    known: Annotated[
        bool, typer.Option("--known", help="Show also the likeliest of what is stated.")
    ] = False,
    why: Annotated[
        int, typer.Option(metavar="N", min=0, max=50, help="Give the reasons of N guesses.")
    ] = 0,
    every: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.parquet",
            help="Write the --top likeliest effects of every pair here.",
            dir_okay=False,
        ),
    ] = None,
    model: ModelOption = None,
    home: HomeOption = None,
    graph: GraphOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Guess effects of a pair of drugs that no loaded source states, by a trained model.

    As in: coprescribe predict simvastatin clarithromycin. With one drug, its likeliest pairs.
    """
    # Imported here so that the other commands start without what explains and describes.
    from api.predictions.answer import PredictionRequest, predictions

    del verbose
    drugs = tuple(drug or ())
    _check(drugs, smiles, partner, target, every, model)
    state = open_state(find_home(home), graph, model)
    voice = Voice(as_json, quiet)
    if every is not None:
        _write_every(every, top, state, voice)
        return
    asked = PredictionRequest(
        (*drugs, *((partner,) if partner else ())),
        top,
        effect,
        known,
        why,
        smiles,
        tuple(target or ()),
    )
    found = predictions(asked, state)
    voice.result(found, _text(found))


def _check(
    drugs: tuple[str, ...],
    smiles: str | None,
    partner: str | None,
    target: list[str] | None,
    every: Path | None,
    model: str | None,
) -> None:
    if model == NO_MODEL:
        raise InvalidRequest("--model: 'none' is not accepted: a guess needs a model")
    if (smiles is None) != (partner is None) or (target and smiles is None):
        raise InvalidRequest(
            "--smiles, --with and --target: a drawn drug needs --smiles and --with"
        )
    if bool(drugs) + (smiles is not None) + (every is not None) != 1:
        raise InvalidRequest("give one or two drugs, or --smiles with --with, or --every")


def _write_every(path: Path, count: int, state: State, voice: Voice) -> None:
    from embeddings.export import write_top

    if state.bundle is None:
        raise MissingModel(state.artifact.folder.parents[1], None)
    named = (*state.bundle.train.drugs, *state.bundle.train.effects)
    names = {curie: state.graph.name(Curie.parse(curie)) for curie in named}
    rows = write_top(state.bundle, path, count, voice.progress, names)
    voice.result({"file": str(path), "rows": rows}, f"{rows:,} rows in {path}")


def _text(found: Mapping[str, Any]) -> RenderableType:
    return Group(*_parts(found))


def _parts(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    names = " + ".join(asked_name(drug) for drug in found["drugs"])
    beside = "" if len(found["drugs"]) == 2 else " beside each drug that the model knows"
    guesses, known = found["predictions"], found["known"]
    yield Text(f"{names}{beside}: {_counted(len(guesses), found)}", style="bold")
    if guesses or known:
        yield Text(PROBABILITY)
    if guesses:
        yield _table(guesses, found)
    if known:
        yield Text(f"\nStated, so no guesses: the {len(known)} likeliest", style="bold")
        yield _table(known, found)
    yield from _why(found)
    model = found["model"]
    source = f"Model {model['id']}, trained on {model['trained_on']}."
    if found["rank_error"]:
        source += f" Ranks among its {found['n_pairs']:,} pairs hold to {found['rank_error']:.0%}."
    yield Text("")
    for note in found["notes"]:
        if note != PROBABILITY:
            yield Text(note)
    yield Text(source, style="dim")
    yield Text(found["disclaimer"], style="yellow")


def _counted(count: int, found: Mapping[str, Any]) -> str:
    likeliest = "the likeliest effect" if count == 1 else f"the {count} likeliest effects"
    told = f"{likeliest} that nothing loaded states" if count else "no guess"
    # Of a drug that is only drawn nothing can be stated.
    drawn = found["drugs"][0]["curie"] is None
    return told if drawn else f"{told} ({found['n_known']:,} are stated)"


def _why(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    if any("reasons" in guess for guess in found["predictions"]):
        yield Text(f"\n{_REASONS}")
    for guess in found["predictions"]:
        reasons = guess.get("reasons")
        if reasons:
            pair = " + ".join(drug["name"] for drug in guess["drugs"])
            yield Text(f"\nWhy {guess['effect']['name']} of {pair}", style="bold")
            for side, mark in (("supporting", "for"), ("opposing", "against")):
                for reason in reasons[side]:
                    yield Text(f"{mark:<8}{reason['text']}")
    if found.get("shared"):
        yield Text("\nWhat both drugs share", style="bold")
        for shared in found["shared"]:
            yield Text(shared["text"])


def _table(guesses: Iterable[Guess], found: Mapping[str, Any]) -> RenderableType:
    asked = {drug["curie"] for drug in found["drugs"]}
    rows = []
    for guess in guesses:
        others = [drug["name"] for drug in guess["drugs"] if drug["curie"] not in asked]
        true = guess["came_true"]
        rows.append(
            {
                "with": ", ".join(others),
                "effect": guess["effect"]["name"],
                "code": guess["effect"]["curie"],
                "probability": _decimal(guess["probability"]),
                "base rate": f"{guess['base_rate']:.4f}",
                "lift": f"{guess['lift']:.1f}"
                if guess["lift"] < _WHOLE
                else f"{guess['lift']:.0f}",
                "came true": "" if true is None else f"{true['share']:.0%}",
                "of pairs": _standing(guess["rank_among_pairs"], found["n_pairs"]),
            }
        )
    shown = [name for name in rows[0] if any(row[name] for row in rows)]
    return grid(shown, [[row[name] for name in shown] for row in rows])


def _decimal(probability: float) -> str:
    """Write a probability as a part of 1, as one in per cent is soon read as a part of patients.

    >>> _decimal(0.7193), _decimal(0.0004), _decimal(0.999997)
    ('0.72', '0.0004', '>0.99')
    """
    if probability > _MOST_TOLD:
        return f">{_MOST_TOLD}"
    return f"{probability:.2g}" if probability < 0.01 else f"{probability:.2f}"


def _standing(rank: int | None, n_pairs: int | None) -> str:
    """Say a rank as a part of all pairs.

    >>> _standing(600, 200_000), _standing(1, 200_000), _standing(None, None)
    ('top 0.30%', 'top 0.01%', '')
    """
    if rank is None or not n_pairs:
        return ""
    return f"top {max(rank / n_pairs, 1e-4):.2%}"
