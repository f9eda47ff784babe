"""Fills the outputs that README.md and docs/curated.md show with what the commands print now.

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
BIN = ROOT / ".venv" / "bin"
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


def main() -> None:
    """Rewrite the blocks of both files."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help="folder of the lists to compare with")
    data = parser.parse_args().data
    stats, _, sources = _run("stats").partition("\n\nsource ")
    blocks = {
        "demo": _fenced(_run(*DEMO)),
        "json": _fenced(_finding(), "json"),
        "query": _fenced(f"$ coprescribe query '{SHARED_ENZYME}'\n{_run('query', SHARED_ENZYME)}"),
        "stats": _fenced(f"$ coprescribe stats\n{stats}"),
        "train": _fenced(f"$ coprescribe train\n{_run('train')}"),
        "sources": _fenced(f"$ coprescribe sources\nsource {sources}"),
    }
    _fill(ROOT / "README.md", blocks)
    curated = {"references": _fenced(_python("benchmarks/curated_references.py"))}
    if data:
        agreement = _python("benchmarks/enzymes_agreement.py", "--data", str(data))
        curated["agreement"] = _fenced("\n".join(_summary(agreement)))
    _fill(ROOT / "docs" / "curated.md", curated)


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
    finding["evidence"] = finding["evidence"][:1]
    shown = ("id", "kind", "change", "severity", "precipitants", "affected", "effect", "mechanism")
    short = {key: finding[key] for key in (*shown, "recommendation", "evidence", "disagreement")}
    return json.dumps(short, indent=1, ensure_ascii=False)


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
