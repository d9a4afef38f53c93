"""A layer's own documentation → blocks that can be read: the marks of reStructuredText taken away, formulas as text."""

from __future__ import annotations

import inspect
import re
from typing import Literal, NamedTuple

from tracer.convolution.plain_math import plain_math

SpanKind = Literal["plain", "code", "math", "argument", "link"]
BlockKind = Literal["paragraph", "heading", "item", "argument", "attribute", "formula", "code"]

_HEADING = re.compile(r"(Args|Shape|Attributes|Examples?|Notes?|Returns|Raises|Warning)::?$")
_ARGUMENT = re.compile(r"(\w+) \(([^()]*)\):\s*(.*)$")
_ITEM = re.compile(r"[*-] (.*)$")
_TARGET = re.compile(r"\.\. _`?([^`:]+)`?:\s*(\S*)$")
_INLINE = re.compile(r":(?P<role>\w+):`(?P<of>[^`]+)`|``(?P<code>[^`]+)``|`(?P<link>[^`]+)`_|`(?P<quoted>[^`]+)`")
_NAMED: dict[str, BlockKind] = {"Arguments": "argument", "Attributes": "attribute"}
TITLES = {"Args": "Arguments", "Example": "Examples", "Notes": "Note"}


class Span(NamedTuple):
    """A piece of a line of one kind; `target` is the address of a link, or the name of an argument."""

    text: str
    kind: SpanKind = "plain"
    target: str = ""


class Block(NamedTuple):
    """A paragraph, a heading, an item of a list, an argument or an attribute (its `name`, its type in `of`), a formula,
    or a line of a program.

    `level` tells how far it is indented.
    """

    kind: BlockKind
    spans: tuple[Span, ...]
    level: int = 0
    name: str = ""
    of: str = ""

    @property
    def text(self) -> str:
        """The text without marks."""
        return "".join(span.text for span in self.spans)


class _Open(NamedTuple):
    """A block whose lines are still being read: its kind, the column it stands at, its lines, name and type."""

    kind: BlockKind
    column: int
    lines: list[str]
    name: str = ""
    of: str = ""


def blocks(docstring: str) -> tuple[Block, ...]:
    """Read a docstring. What has no mark that is known here stays as the text it is."""
    lines = inspect.cleandoc(docstring).split("\n")
    addresses = _addresses(lines)
    return tuple(_closed(block, addresses) for block in _read(lines) if any(line.strip() for line in block.lines))


def _read(lines: list[str]) -> list[_Open]:
    """Divide lines into blocks: an empty line ends one, and so does the mark of another."""
    found: list[_Open] = []
    ended, section, targets = True, "", False
    for line in lines:
        words, column = line.strip(), len(line) - len(line.lstrip())
        targets = bool(_TARGET.match(words)) or (targets and column > 0)
        if targets or not words:
            ended = ended or not words
            continue
        last = found[-1] if found else None
        if last and last.kind == "formula" and column > last.column and not ended:
            last.lines.append(words)
        elif begun := _begun(words, column, section):
            section = begun.name if begun.kind == "heading" else section
            found.append(begun)
        elif ended or last is None or last.kind in ("heading", "formula"):
            found.append(_Open("paragraph", column, [words]))
        else:
            last.lines.append(words)
        ended = False
    return found


def _begun(words: str, column: int, section: str) -> _Open | None:
    """Tell which block a line begins, `None` where it goes on with the one before."""
    if column == 0 and (heading := _HEADING.match(words)):
        title = TITLES.get(heading[1], heading[1])
        return _Open("heading", 0, [title], title)
    if words == ".. math::":
        return _Open("formula", column, [])
    if section == "Examples" and column:
        return _Open("code", column, [words])
    if section in _NAMED and (argument := _ARGUMENT.match(words)):
        return _Open(_NAMED[section], column, [argument[3]], argument[1], argument[2])
    if item := _ITEM.match(words):
        return _Open("item", column, [item[1]])
    return None


def _closed(block: _Open, addresses: dict[str, str]) -> Block:
    text = " ".join(block.lines)
    spans: tuple[Span, ...] = (Span(plain_math(text), "math"),)
    if block.kind == "code":
        spans = (Span(text, "code"),)
    elif block.kind != "formula":
        spans = tuple(_spans(text, addresses))
    return Block(block.kind, spans, block.column // 2, block.name, block.of)


def _spans(text: str, addresses: dict[str, str]) -> list[Span]:
    spans, at = [], 0
    for found in _INLINE.finditer(text):
        spans += [Span(text[at : found.start()])] if found.start() > at else []
        spans.append(_span(found, addresses))
        at = found.end()
    return [*spans, *([Span(text[at:])] if at < len(text) else [])]


def _span(found: re.Match[str], addresses: dict[str, str]) -> Span:
    role, of = found["role"], found["of"]
    if role == "math":
        return Span(plain_math(of), "math")
    if role == "attr":
        return Span(of, "argument", of)
    if role:  # :class:`~torch.nn.Conv2d`, :ref:`words<target>`, :doc:`/notes/randomness`
        words = of.partition("<")[0].strip() if of.endswith(">") else of
        words = words.rpartition(".")[2] if words.startswith("~") else words.strip("/")
        return Span(words, "plain" if role in ("ref", "doc") else "code")
    if found["link"]:
        return Span(found["link"], "link", addresses.get(found["link"], ""))
    return Span(found["code"] or found["quoted"], "code")


def _addresses(lines: list[str]) -> dict[str, str]:
    """Find where named links go: the address stands on the line of the name, or on the next."""
    following = [*lines[1:], ""]
    return {
        found[1]: found[2] or after.strip()
        for line, after in zip(lines, following, strict=True)
        if (found := _TARGET.match(line.strip()))
    }
