"""The console command ``coprescribe``: one command per task, one exit code per kind of end."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import version as version_of
from types import TracebackType
from typing import Annotated, NoReturn

import typer

from api.cli.build import build
from api.cli.diff import diff
from api.cli.drugs import drugs
from api.cli.evaluate import evaluate
from api.cli.explain import explain
from api.cli.export import export
from api.cli.feedback import feedback
from api.cli.graph import sources, stats, use, validate
from api.cli.predict import predict
from api.cli.query import query
from api.cli.screen import screen
from api.cli.serve import serve
from api.cli.train import train
from api.cli.voice import LOG, complain, show, shows_tracebacks
from api.failures import INTERNAL, INTERRUPTED, failure_of, sentence

COMMANDS = (
    build,
    train,
    evaluate,
    screen,
    explain,
    predict,
    query,
    drugs,
    export,
    stats,
    sources,
    validate,
    diff,
    use,
    feedback,
    serve,
)

app = typer.Typer(
    name="coprescribe",
    help="An open, knowledge-graph drug-interaction engine.",
    epilog="Begin with build, then screen. Exit codes: 0 done; 1 findings at or above --fail-on; "
    "2 bad usage or input; 3 data, disk or artifact missing or damaged; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        show(f"coprescribe {version_of('coprescribe')}")
        raise typer.Exit


_VERSION = typer.Option("--version", help="Say the version.", callback=_say_version, is_eager=True)


@app.callback()
def asked(*, version: Annotated[bool, _VERSION] = False) -> None:
    """An open, knowledge-graph drug-interaction engine."""
    del version


for command in COMMANDS:
    app.command(command.__name__)(command)


def run() -> NoReturn:
    """Run the command line of this process and end it."""
    sys.excepthook = _defect
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; an error becomes one sentence."""
    started = time.perf_counter()
    code = _ended(arguments)
    LOG.info("ended with %d after %.2f s", code, time.perf_counter() - started)
    return code


def _ended(arguments: Sequence[str]) -> int:
    try:
        # Not by calling the application, which would put an exception hook of its own in place.
        typer.main.get_command(app).main(list(arguments), prog_name="coprescribe")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            complain(
                "interrupted; what was unfinished is discarded, what stood before still stands"
            )
        return end.code if isinstance(end.code, int) else 0
    except (ValueError, LookupError, OSError, RuntimeError, MemoryError) as error:
        failure = failure_of(error)
        if failure is None:
            raise
        if shows_tracebacks():
            traceback.print_exception(error)
        complain(sentence(error))
        return failure.exit_code
    return 0


def _defect(
    kind: type[BaseException], error: BaseException, place: TracebackType | None
) -> NoReturn:
    """End a defect of ours with a code of its own, so that it is not taken for a finding."""
    if shows_tracebacks():
        traceback.print_exception(kind, error, place)
    complain(f"a defect of coprescribe: {kind.__name__}: {sentence(error)} (-v -v shows where)")
    raise SystemExit(INTERNAL)
