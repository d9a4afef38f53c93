"""A handout as one HTML file: nothing is loaded, nothing runs, pictures stand in it as SVG, and texts are inert."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from tracer.drawing.wording import inert
from tracer.export.handout import Block, Code, Heading, Rows, Shown, Words
from tracer.export.svg import svg
from tracer.lesson.prose import Span

STYLE = """
:root { color-scheme: light; }
body { margin: 2.5rem auto; max-width: 46rem; padding: 0 1.25rem; color: #1f2430; background: #fff;
  font: 16px/1.55 Inter, "Segoe UI", Arial, Helvetica, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; padding-top: 1.5rem; border-top: 2px solid #d5d9e2; break-before: page; }
h3 { font-size: 1.2rem; margin: 2.6rem 0 .5rem; break-after: avoid; }
p { margin: .55rem 0; }
.muted { color: #565d6d; }
.label { margin: 1.2rem 0 .3rem; font-size: .78rem; font-weight: 600; letter-spacing: .05em; text-transform: uppercase;
  color: #565d6d; break-after: avoid; }
.question { margin-top: 1.3rem; font-weight: 600; break-after: avoid; }
.blank { border-bottom: 1px solid #9aa1b0; color: #565d6d; font-size: .85rem; padding-bottom: .35rem; }
.answer { font-family: "JetBrains Mono", Menlo, Consolas, monospace; color: #00785a; }
code, pre { font-family: "JetBrains Mono", Menlo, Consolas, monospace; font-size: .88em; }
code { background: #f1f3f7; border-radius: 3px; padding: .08em .3em; }
pre { background: #f6f7fa; border: 1px solid #d5d9e2; border-radius: 6px; padding: .7rem .9rem; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td { border-top: 1px solid #e3e6ed; padding: .3rem .6rem .3rem 0; vertical-align: top; }
td + td { font-family: "JetBrains Mono", Menlo, Consolas, monospace; font-size: .85rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0; break-inside: avoid; }
figure svg { max-width: 100%; height: auto; border: 1px solid #e3e6ed; border-radius: 6px; }
@page { margin: 18mm 16mm; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_TAGS = {"text": "{}", "code": "<code>{}</code>", "strong": "<strong>{}</strong>", "emphasis": "<em>{}</em>"}


def page(title: str, blocks: Iterable[Block]) -> bytes:
    """Write the file."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_safe(title)}</title>",
        f"<style>{STYLE}</style>",
        "<main>",
        *(WRITERS[type(block)](block) for block in blocks),
        "</main>",
        "</html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _safe(text: str) -> str:
    return escape(inert(text, most=None), {'"': "&quot;"})


def _heading(block: Heading) -> str:
    return f"<h{block.level}>{_safe(block.text)}</h{block.level}>"


def _words(block: Words) -> str:
    look = f' class="{block.look}"' if block.look != "body" else ""
    return f"<p{look}>{''.join(map(_span, block.spans))}</p>"


def _span(span: Span) -> str:
    return _TAGS[span.kind].format(_safe(span.text))


def _code(block: Code) -> str:
    return f"<pre><code>{'&#10;'.join(map(_safe, block.text.splitlines()))}</code></pre>"


def _rows(block: Rows) -> str:
    rows = (f"<tr><td>{_safe(what)}</td><td>{_safe(number)}</td></tr>" for what, number in block.rows)
    return f"<table>{''.join(rows)}</table>"


def _shown(block: Shown) -> str:
    return f"<figure>{svg(block.picture)}</figure>"


WRITERS: dict[type, Callable[[Any], str]] = {
    Heading: _heading,
    Words: _words,
    Code: _code,
    Rows: _rows,
    Shown: _shown,
}
