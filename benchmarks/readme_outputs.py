"""Fills the outputs that README.md and two documents show with what the commands print now.

Usage: ``python benchmarks/readme_outputs.py [--data DIR]`` in the checkout, after ``make demo``. A
block stands between ``<!-- name -->`` and ``<!-- /name -->``; only its text changes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DEMO = [
    *("screen", "--taking", "simvastatin,warfarin,amlodipine,omeprazole,clopidogrel"),
    *("--diplotype", "CYP2C19=*2/*2", "--add", "clarithromycin"),
]
SHARED_ENZYME = """SELECT DISTINCT ?name ?strength WHERE {
  ?role biolink:subject ?drug ; biolink:predicate biolink:is_substrate_of ;
        biolink:object ?enzyme ; coprescribe:strength ?strength .
  RXCUI:36567 biolink:is_substrate_of ?enzyme .
  ?enzyme rdfs:label "CYP3A4" .
  ?drug rdfs:label ?name .
} ORDER BY DESC(?strength) ?name LIMIT 10"""

EXPLAINED = ("simvastatin", "clarithromycin")
SHOWN = (
    "id",
    "kind",
    "change",
    "severity",
    "precipitants",
    "affected",
    "effect",
    "mechanism",
    "recommendation",
    "evidence",
    "disagreement",
)
SHOWN_EVIDENCE = ("source", "version", "severity_as_stated", "statement", "text", "licence")


def main() -> None:
    """Rewrite the blocks of the files, and draw the picture of the README."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help="folder of the lists to compare with")
    data = parser.parse_args().data
    _fill(ROOT / "README.md", {**readme_blocks(), "train": _told("train")})
    _fill(ROOT / "docs" / "open-recipe.md", stats_block())
    _run("explain", *EXPLAINED, "--plot", "docs/images/why.svg")
    curated = {"references": _fenced(_python("benchmarks/curated_references.py"))}
    if data:
        agreement = _python("benchmarks/enzymes_agreement.py", "--data", str(data))
        curated["agreement"] = _fenced("\n".join(_summary(agreement)))
    _fill(ROOT / "docs" / "curated.md", curated)


def readme_blocks() -> dict[str, str]:
    """Give what the README shows, by the name of its block, but for the training."""
    return {
        "demo": _fenced(_run(*DEMO)),
        "json": _fenced(_finding(), "json"),
        "query": _fenced(f"$ coprescribe query '{SHARED_ENZYME}'\n{_run('query', SHARED_ENZYME)}"),
        "sources": _told("sources"),
    }


def stats_block() -> dict[str, str]:
    """Give what the document of the recipe shows of the graph's figures."""
    stats, _, _ = _run("stats").partition("\n\nsource ")
    return {"stats": _fenced(f"$ coprescribe stats\n{stats}")}


def _told(command: str) -> str:
    return _fenced(f"$ coprescribe {command}\n{_run(command)}")


def _run(*arguments: str) -> str:
    return _printed([str(BIN / "coprescribe"), *arguments])


def _python(*arguments: str) -> str:
    return _printed([str(BIN / "python"), *arguments])


def _printed(command: list[str]) -> str:
    home = {**os.environ, "COPRESCRIBE_HOME": "artifacts"}
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, cwd=ROOT, env=home
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def _finding() -> str:
    answer = json.loads(_run(*DEMO, "--json"))
    finding = answer["findings"][0]
    finding["evidence"] = [{key: finding["evidence"][0][key] for key in SHOWN_EVIDENCE}]
    finding["mechanism"]["path"] = finding["mechanism"]["path"][:2]
    lines = (f" {json.dumps(k)}: {json.dumps(finding[k], ensure_ascii=False)}" for k in SHOWN)
    return "{\n" + ",\n".join(lines) + "\n}"


def _summary(agreement: str) -> list[str]:
    return [line for line in agreement.splitlines() if "%" in line]


def _fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text}\n```"


def _fill(path: Path, blocks: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        pattern = re.compile(f"<!-- {name} -->.*?(<!-- /{name} -->|$)", re.DOTALL)
        if not pattern.search(text):
            sys.exit(f"{path.name} has no block called {name}")
        filled = f"<!-- {name} -->\n{block}\n<!-- /{name} -->"
        text = pattern.sub(lambda _, filled=filled: filled, text, count=1)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
