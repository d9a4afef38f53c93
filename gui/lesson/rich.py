"""A lesson's texts as HTML of our own making: whatever their author wrote is text, and stays inert."""

from __future__ import annotations

from html import escape

from gui.theme.fonts import MONO
from tracer.lesson.prose import Span, paragraphs

_TAGS = {
    "text": "{}",
    "code": f"<span style=\"font-family: '{MONO}'\">{{}}</span>",
    "strong": "<b>{}</b>",
    "emphasis": "<i>{}</i>",
}


def html(text: str) -> str:
    """Set a text: its paragraphs, code, emphasis."""
    parts = ("".join(map(_span, spans)) for spans in paragraphs(text))
    return "".join(f'<p style="margin: {0 if at == 0 else 7}px 0 0 0">{part}</p>' for at, part in enumerate(parts))


def _span(span: Span) -> str:
    return _TAGS[span.kind].format(escape(span.text))
