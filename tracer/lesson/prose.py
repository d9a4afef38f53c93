"""The small markdown of a lesson's texts: paragraphs, `code`, *emphasis* and **strong**. All else stands as it is."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

SpanKind = Literal["text", "code", "strong", "emphasis"]
_MARKED = re.compile(r"`([^`\n]+)`|\*\*(\S(?:[^*\n]*\S)?)\*\*|\*(\S(?:[^*\n]*\S)?)\*")
_KINDS: tuple[SpanKind, ...] = ("code", "strong", "emphasis")


class Span(msgspec.Struct, frozen=True):
    """A piece of text that is set in one way."""

    kind: SpanKind
    text: str


Paragraph = tuple[Span, ...]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Split a text at its empty lines; a single line end is a space."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return tuple(tuple(_spans(part)) for part in parts if part)


def plain(text: str) -> str:
    """Give a text without its marks."""
    return "\n".join("".join(span.text for span in paragraph) for paragraph in paragraphs(text))


def _spans(text: str) -> list[Span]:
    found: list[Span] = []
    end = 0
    for match in _MARKED.finditer(text):
        if match.start() > end:
            found.append(Span("text", text[end : match.start()]))
        kind, inner = next((kind, part) for kind, part in zip(_KINDS, match.groups(), strict=True) if part is not None)
        found.append(Span(kind, inner))
        end = match.end()
    if end < len(text):
        found.append(Span("text", text[end:]))
    return found
