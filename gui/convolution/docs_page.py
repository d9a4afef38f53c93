"""The page of a documentation: blocks → rich text in the colours of the theme."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from itertools import groupby

from gui.theme.fonts import MONO, MONO_SIZE
from tracer.convolution.docstring import Block, Span

ARGUMENT = "argument:"
_STEP = 11  # pixels that a level is indented by


def style(colours: Mapping[str, str]) -> str:
    """Give the style sheet of a page."""
    return f"""
        body {{ color: {colours["text"]}; }}
        a {{ color: {colours["accent_text"]}; text-decoration: none; }}
        h3 {{ color: {colours["text"]}; font-size: 11pt; font-weight: 600; }}
        code, pre {{ font-family: "{MONO}"; font-size: {MONO_SIZE}pt; }}
        .math {{ font-family: "{MONO}"; font-size: {MONO_SIZE}pt; color: {colours["forward_text"]}; }}
        .muted {{ color: {colours["muted"]}; }}
    """


def page(blocks: Sequence[Block], fields: Collection[str]) -> str:
    """Write blocks as rich text; a name that is one of the form's fields links to it."""
    parts = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        found = list(group)
        parts += [_program(found)] if kind == "code" else [_block(block, fields) for block in found]
    return f"<body>{''.join(parts)}</body>"


def _block(block: Block, fields: Collection[str]) -> str:
    inside = "".join(_span(span, fields) for span in block.spans)
    if block.kind == "heading":
        return f'<h3 style="margin-top:14px; margin-bottom:4px;">{inside}</h3>'
    if block.kind in ("argument", "attribute"):
        name = _argument(block.name, fields if block.kind == "argument" else ())
        return _paragraph(f'{name} <span class="muted">{escape(block.of)}</span><br>{inside}', block.level)
    if block.kind == "item":
        return _paragraph(f'<span class="muted">•</span>&nbsp; {inside}', block.level + 2, hanging=True)
    return _paragraph(inside, block.level + (2 if block.kind == "formula" else 0))


def _paragraph(inside: str, level: int, *, hanging: bool = False) -> str:
    indent = "text-indent:-13px;" if hanging else ""
    return f'<p style="margin-left:{_STEP * level}px; margin-top:3px; margin-bottom:5px; {indent}">{inside}</p>'


def _program(lines: Sequence[Block]) -> str:
    text = "\n".join(escape(line.text) for line in lines)
    return f'<pre style="margin-left:{_STEP * lines[0].level}px; margin-top:3px;">{text}</pre>'


def _span(span: Span, fields: Collection[str]) -> str:
    text = escape(span.text)
    if span.kind == "argument":
        return _argument(span.target, fields)
    if span.kind == "link" and span.target:
        return f'<a href="{escape(span.target)}">{text}</a>'
    if span.kind == "math":
        return f'<span class="math">{text}</span>'
    return f"<code>{text}</code>" if span.kind == "code" else text.replace(" -- ", " – ")


def _argument(name: str, fields: Collection[str]) -> str:
    inside = f"<code>{escape(name)}</code>"
    return f'<a href="{ARGUMENT}{escape(name)}">{inside}</a>' if name in fields else inside
