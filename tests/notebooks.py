"""Runs the cells of a notebook without Jupyter, from the first to the last, warnings as errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_notebook(name: str, home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook of the examples over a home, in a process of its own started in a folder.

    A notebook that was saved with outputs is refused: they would be of one machine and one day.
    """
    content = json.loads((ROOT / "examples" / name).read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    script = folder / "notebook.py"
    script.write_text("\n".join("".join(cell["source"]) for cell in cells), encoding="utf-8")
    surroundings = {"COPRESCRIBE_HOME": str(home.resolve()), "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", str(script)],
        check=False,
        cwd=folder,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
    )
