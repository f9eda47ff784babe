"""A medication report as one HTML page that needs nothing else: no script, no address."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files

from api.report.layout import TITLE, Block, Report, Section
from api.report.medicines import Line

MEDIA_TYPE = "text/html"
_FOREIGN = re.compile(r"^\S+ \((?P<language>[a-z]{2})\): ")


@cache
def _style() -> str:
    return (files("api.report") / "report.css").read_text(encoding="utf-8")


@cache
def content_security_policy() -> str:
    """Let a page have this one style, and nothing from anywhere."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def as_html(report: Report) -> str:
    """Write a report as a page; every text of it is escaped."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{TITLE}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<style>{_style()}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in _parts(report) if part)
        + "\n</body>\n</html>\n"
    )


def _parts(report: Report) -> Iterator[str]:
    yield _head(report)
    yield "<main>"
    yield _listed("Not checked", report.warnings, "warnings")
    yield _patient(report)
    yield _medicines(report.lines)
    yield _listed("To be known first", report.remarks)
    yield f'<p class="severity">{escape(report.summary)}</p>'
    yield from (_section(section) for section in report.sections)
    yield from _guesses(report)
    yield from _alternatives(report)
    yield _listed("What was checked", report.coverage, "pairs")
    yield "</main>"
    yield _foot(report)


def _head(report: Report) -> str:
    date = escape(report.date) if report.date else '<span class="blank"></span>'
    question = _tag("p", escape(report.question), "question")
    return f"<header>{_tag('h1', TITLE)}<p>Date: {date}</p>{question}</header>"


def _patient(report: Report) -> str:
    if not report.facts:
        return _tag("section", f"{_tag('h2', 'Patient')}<p>Nothing was given.</p>")
    facts = (f"<div><dt>{escape(k)}:</dt><dd>{escape(v)}</dd></div>" for k, v in report.facts)
    return _tag("section", f"{_tag('h2', 'Patient, as given')}<dl>{''.join(facts)}</dl>")


def _medicines(lines: Iterable[Line]) -> str:
    rows = "".join(_row(line) for line in lines)
    return (
        _tag("section", f'{_tag("h2", "Medicines")}<ol class="lines">{rows}</ol>') if rows else ""
    )


def _row(line: Line) -> str:
    told = f" ({escape(line.beside)})" if line.beside else ""
    not_checked = "" if line.is_checked else ' <strong class="major">NOT CHECKED</strong>'
    return f"<li><strong>{escape(line.written)}</strong>{told}{not_checked}</li>"


def _section(section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    folded = _tag("p", escape(f"And {section.folded}."), "small") if section.folded else ""
    return _tag("section", f"{_tag('h2', escape(section.title))}\n{blocks}{folded}")


def _block(block: Block) -> str:
    kind = "graded" if block.severity == "not graded" else block.severity
    lines = [_tag("h3", escape(block.problem))]
    if block.advice:
        lines.append(_tag("p", escape(block.advice)))
    lines += [_quote(quote) for quote in block.quotes]
    lines += [_tag("p", escape(text), "small") for text in block.below]
    label = _tag("p", escape(block.severity), f"severity {kind}")
    return f"<article>{label}<div>{''.join(lines)}</div></article>"


def _quote(quote: str) -> str:
    """The words of a source, marked by their language where that is not English."""
    foreign = _FOREIGN.match(quote)
    if foreign is None:
        return _tag("p", escape(quote))
    said = f'<span lang="{foreign["language"]}">{escape(quote[foreign.end() :])}</span>'
    return _tag("p", escape(foreign[0]) + said)


def _guesses(report: Report) -> Iterator[str]:
    if report.guesses:
        rows = (f"<li>{escape(share)}: {escape(text)}</li>" for share, text in report.guesses)
        title = "Statistical guesses, not stated interactions"
        yield _tag("section", f"{_tag('h2', title)}<ul>{''.join(rows)}</ul>")


def _alternatives(report: Report) -> Iterator[str]:
    for name, offered in report.alternatives:
        rows = (f"<li>{escape(word)}: {escape(text)}</li>" for word, text in offered)
        title = f"Instead of {name}, with what would be new or worse"
        yield _tag("section", f'{_tag("h2", escape(title))}<ul class="lines">{"".join(rows)}</ul>')


def _listed(title: str, texts: Iterable[str], kind: str = "") -> str:
    rows = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return _tag("section", f"{_tag('h2', escape(title))}<ul>{rows}</ul>", kind) if rows else ""


def _foot(report: Report) -> str:
    sources = f"Sources and licences: {'; '.join(report.sources)}." if report.sources else ""
    texts = [f"{report.made_from}. {sources}".strip(), *report.notes]
    lines = "".join(_tag("p", escape(text), "small") for text in texts)
    return f"<footer>{lines}{_tag('p', escape(report.disclaimer))}</footer>"


def _tag(name: str, content: str, kind: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    return f"<{name}{attributes}>{content}</{name}>"
