"""The OpenAPI document as one page of plain HTML: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""What a browser may do with the page: show it."""
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .95em; }
pre { overflow: auto; max-height: 24rem; border: 1px solid; padding: .5rem; }
table { border-collapse: collapse; } td, th { text-align: left; vertical-align: top;
padding: .2rem 1rem .2rem 0; } section { border-top: 1px solid; margin-top: 2rem; }
"""
Operation = Mapping[str, Any]


def reference_page(document: Mapping[str, Any]) -> str:
    """Write what an OpenAPI document says of each route: what is asked, what is told, examples."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}: the routes"
    listed = [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{title}</h1>\n<p>{escape(info.get('description', ''))}</p>",
            '<p>The same for machines: <a href="openapi.json">openapi.json</a>.</p>',
            f"<nav aria-label='Routes'>\n<ul>\n{''.join(map(_line, listed))}</ul>\n</nav>",
            *(_section(*each) for each in listed),
            "</main>\n</body>\n</html>\n",
        )
    )


def _line(listed: tuple[str, str, Operation]) -> str:
    method, path, operation = listed
    link = f'<a href="#{_anchor(method, path)}"><code>{method} {escape(path)}</code></a>'
    return f"<li>{link} {escape(operation.get('summary', ''))}</li>\n"


def _section(method: str, path: str, operation: Operation) -> str:
    return "\n".join(
        (
            f'<section id="{_anchor(method, path)}">',
            f"<h2><code>{method} {escape(path)}</code></h2>",
            f"<p>{escape(operation.get('summary', ''))}</p>",
            f"<p>{escape(operation.get('description', ''))}</p>",
            *_parameters(operation),
            *_examples("Asked", operation.get("requestBody", {})),
            *_examples("Told", operation["responses"].get("200", {})),
            "</section>",
        )
    )


def _parameters(operation: Operation) -> Iterator[str]:
    listed = operation.get("parameters", ())
    if not listed:
        return
    yield "<table>\n<tr><th scope='col'>parameter</th><th scope='col'>in</th><th></th></tr>"
    for each in listed:
        needed = "" if each.get("required") else " (may be left out)"
        told = escape(each.get("description", "") + needed)
        name, place = escape(each["name"]), escape(each["in"])
        yield f"<tr><td><code>{name}</code></td><td>{place}</td><td>{told}</td></tr>"
    yield "</table>"


def _examples(title: str, part: Mapping[str, Any]) -> Iterator[str]:
    for media_type, content in part.get("content", {}).items():
        shown = content.get("example")
        yield f"<h3>{title}: <code>{escape(media_type)}</code></h3>"
        if shown is not None:
            text = shown if isinstance(shown, str) else json.dumps(shown, indent=1)
            yield f'<pre tabindex="0">{escape(text)}</pre>'


def _anchor(method: str, path: str) -> str:
    return escape(f"{method}{path}".replace("{", "").replace("}", ""), quote=True)
