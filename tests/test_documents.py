"""What the documents show is what the commands print, and what they name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.core
import typer.main

from api.cli.main import app, main
from benchmarks.readme_outputs import EXPLAINED, readme_blocks, stats_block

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
CALL = re.compile(r"\s*(?:\$ )?(?:\.venv/bin/)?coprescribe ([a-z][a-z-]*(?: .*)?)$")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"`((?:ontologies|kg|embeddings|api|tests|benchmarks|examples|docs)/[\w./-]+)`")
TO_BE_WRITTEN = frozenset({"adding-a-source.md"})
"""Its files are those that its reader writes."""
FLOOR_OF = {
    "Where a name is read": "ontologies",
    "Where a guess is made": "embeddings",
    "Where a door stands": "api",
}
"""Sections of docs/architecture.md whose tables name the modules of a floor."""
STAND_IN = re.compile(r"^(?:[A-Z][A-Z_.]*|A|B|…|\.\.\.)$")
"""A word in capitals stands for what the reader puts there."""
COMMAND_LINE = typer.main.get_command(app)


def commands(text: str) -> Iterator[str]:
    """The calls of the command line that a document shows, each on one line."""
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            found = CALL.match(line)
            if found and line.count("'") % 2 == 0:
                yield found.group(1)


CALLS = sorted({(p.name, c) for p in DOCUMENTS for c in commands(p.read_text(encoding="utf-8"))})


def words_of(call: str) -> list[str]:
    """The words of a call, without its comment and what the shell makes of its output."""
    words = []
    for word in shlex.split(call, comments=True):
        if word in {"|", ">", "&", "&&", ";", "2>"}:
            break
        words.append(word)
    return words


def accepted(words: list[str]) -> None:
    """Read a call as the command line would; a file that the reader brings need not be here."""
    assert isinstance(COMMAND_LINE, typer.core.TyperGroup)
    command = COMMAND_LINE.commands[words[0]]
    try:
        command.make_context(words[0], words[1:])
    except typer.BadParameter as error:
        if "does not exist" not in str(error) and not any(STAND_IN.match(w) for w in words[1:]):
            raise


@pytest.mark.parametrize(("document", "call"), CALLS, ids=lambda text: text[:60])
def test_a_command_that_a_document_shows_is_one_that_the_command_line_reads(
    document: str, call: str
) -> None:
    del document
    accepted(words_of(call))


def test_a_command_that_is_not_read_is_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        accepted(words_of("screen --adding aspirin"))
    assert [*commands("```\n$ coprescribe screen --add \\\n  aspirin\n```")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_to_is_there(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    here = [t for t in targets if not t.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in here if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_files_that_a_document_names_are_there(path: Path) -> None:
    named = [] if path.name in TO_BE_WRITTEN else PLACE.findall(path.read_text(encoding="utf-8"))
    assert [place for place in named if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(("section", "floor"), FLOOR_OF.items(), ids=FLOOR_OF.values())
def test_the_modules_that_the_map_of_a_floor_names_are_there(section: str, floor: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = text.split(f"## {section}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    named = [ROOT / floor / name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    assert len(named) > len(cells)
    assert [p.name for p in named if not (p.is_dir() or p.with_suffix(".py").is_file())] == []


def test_the_readme_shows_what_the_commands_print(open_home: Path) -> None:
    del open_home
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name, block in readme_blocks().items() if block not in text] == []
    recipe = (ROOT / "docs" / "open-recipe.md").read_text(encoding="utf-8")
    assert stats_block()["stats"] in recipe


def test_the_picture_of_an_explanation_is_what_explain_draws(
    open_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPRESCRIBE_HOME", str(open_home))
    drawn = tmp_path / "why.svg"
    assert main(["explain", *EXPLAINED, "--plot", str(drawn)]) == 0
    shown = ROOT / "docs" / "images" / "why.svg"
    assert drawn.read_text(encoding="utf-8") == shown.read_text(encoding="utf-8")
