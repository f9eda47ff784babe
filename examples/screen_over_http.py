"""Ask a running coprescribe server what a change of medicines does; standard library only.

    python3 examples/screen_over_http.py examples/demo-patient.json [http://127.0.0.1:8000]

Prints one line for each finding, and what was not looked at. Ends with 1 when the server refuses
the question or cannot be reached.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

SERVER = "http://127.0.0.1:8000"
BUSY = 503
ATTEMPTS = 3


def ask(server: str, question: bytes) -> dict[str, Any]:
    """Send a question and give the answer; a server that is busy is asked again when it says.

    Raises:
        HTTPError: The server refuses the question; its body is a problem document (RFC 9457).
        URLError: The server cannot be reached.
    """
    request = Request(  # noqa: S310
        f"{server}/v1/screen", question, headers={"Content-Type": "application/json"}
    )
    for left in reversed(range(ATTEMPTS)):
        try:
            with urlopen(request, timeout=30) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
                return answer
        except HTTPError as error:
            if error.code != BUSY or not left:
                raise
            time.sleep(float(error.headers.get("Retry-After", "1")))
    raise AssertionError("the last attempt returns or raises")


def told(answer: dict[str, Any]) -> str:
    """Write an answer as lines: notes first, then each finding, then the silence."""
    lines = [f"note: {note}" for note in answer["notes"]]
    lines += [_finding(finding) for finding in answer["findings"]]
    names = {entry["curie"]: entry["name"] for entry in (*answer["adding"], *answer["taking"])}
    unknown = [names.get(drug, drug) for drug in answer["coverage"]["not_covered"]]
    unknown += answer["coverage"]["unresolved"]
    if unknown:
        lines.append(f"not looked at: {', '.join(unknown)}")
    return "\n".join([*lines, answer["disclaimer"]]) + "\n"


def _finding(finding: dict[str, Any]) -> str:
    acting = finding["genes"] if finding["kind"] == "drug_gene" else finding["precipitants"]
    left, right = (" + ".join(x["name"] for x in side) for side in (acting, finding["affected"]))
    drugs = " -> ".join(part for part in (left, right) if part)
    graded = finding["severity"] or "not graded"
    effect = f": {finding['effect']['name']}" if finding["effect"] else ""
    sources = ", ".join(dict.fromkeys(evidence["source"] for evidence in finding["evidence"]))
    return f"{finding['change']}, {graded}: {drugs}{effect} [{sources}]"


def main(path: str, server: str = SERVER) -> int:
    """Ask about the file of a question; gives the exit code."""
    try:
        answer = ask(server, Path(path).read_bytes())
    except HTTPError as error:
        problem = json.load(error)
        sys.stderr.write(f"{problem['title']}: {problem['detail']}\n")
        return 1
    except URLError as error:
        sys.stderr.write(f"{server} cannot be reached: {error.reason}\n")
        return 1
    sys.stdout.write(told(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
