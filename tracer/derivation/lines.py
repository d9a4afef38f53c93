"""Sentences → lines of text and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer.algebra.expressions import Expr
from tracer.algebra.index import Symbol
from tracer.algebra.letters import Letters
from tracer.algebra.reading import adds_up, is_linear_algebra, read
from tracer.algebra.style import LATEX, TEXT, Style, decimal, latex_number
from tracer.algebra.write import Pen
from tracer.algebra.write_reading import write
from tracer.derivation.naming import Names
from tracer.derivation.sentences import Links, Sentence
from tracer.derived import Line, Part

LONG = 70  # characters of a part in the middle that is left out


def line(names: Names, sentence: Sentence, passes: Sequence[Symbol] = ()) -> Line:
    """Write a sentence as a line; the numbers of passes are called t."""
    letters = Letters(names.letters_taken() | ({"t"} if passes else set()), dict.fromkeys(passes, "t"))
    for symbol in sentence.over:
        if symbol.size != 1:
            letters.of(symbol)
    pens = Pen(TEXT, letters, names), Pen(LATEX, letters, names)
    parts = [_left(pens, sentence)]
    parts += [_part(pens, e) for e in sentence.right]
    if sentence.decimals is not None:
        parts.append(_decimal(pens, sentence.decimals))
    if sentence.when:
        parts[-1] = Part(f"{parts[-1].text}, {sentence.when}", rf"{parts[-1].latex},\quad {sentence.when}")
    label = names.labels[sentence.about]
    return Line(sentence.kind, _kept(parts), label.name, f"line {label.line}" if label.line else None)


def tensors(names: Names, sentence: Sentence) -> Line | None:
    """Write a sentence of linear algebra once more, in vectors and matrices; `None` where it can't be read so."""
    if sentence.kind not in ("definition", "gradient") or sentence.when or sentence.left[0][2] is not None:
        return None
    forms = [sentence.right[0], sentence.right[-1]] if sentence.kind == "gradient" else [sentence.right[0]]
    over = tuple(one for one in sentence.over if one.size != 1)
    if len(over) != len(sentence.over):
        return None
    found = [read(e, over) for e in forms if not isinstance(e, Links)]
    if sentence.kind == "definition" and any(adds_up(one) for one in found if one is not None):
        return None
    readings = [one for one in found if one is not None]
    if not any(is_linear_algebra(one) or sentence.linear for one in readings):
        return None
    letters = Letters()
    pens = Pen(TEXT, letters, names), Pen(LATEX, letters, names)
    left = Part(*(pen.element(sentence.left[0][0], ()) for pen in pens))
    parts = [left, *(Part(*(write(pen, one) for pen in pens)) for one in readings)]
    return Line("tensors", _kept(parts), names.labels[sentence.about].name)


def _kept(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Leave out what is written as before, and what is long and in the middle."""
    kept = [parts[0]]
    for place, part in enumerate(parts[1:], 1):
        if part.text != kept[-1].text and (place == len(parts) - 1 or len(part.text) <= LONG):
            kept.append(part)
    return tuple(kept)


def _left(pens: tuple[Pen, Pen], sentence: Sentence) -> Part:
    return Part(*(_chain(pen, sentence.left) for pen in pens))


def _chain(pen: Pen, links: Sequence[tuple[Any, Any, Any, Any]]) -> str:
    found = []
    for a, j, b, i in links:
        if b is None:
            found.append(pen.element(a, j))
            continue
        above, below = pen.element(a, j), pen.element(b, i)
        latex = rf"\frac{{\partial {above}}}{{\partial {below}}}"
        found.append(f"∂{above}/∂{below}" if pen.style is TEXT else latex)
    return pen.style.times.join(found)


def _part(pens: tuple[Pen, Pen], e: Expr) -> Part:
    if isinstance(e, Links):
        return Part(*(_chain(pen, e) for pen in pens))
    return Part(*(pen.write(e) for pen in pens))


def _decimal(pens: tuple[Pen, Pen], e: Expr) -> Part:
    text, latex = (pen._replace(decimals=_of(pen.style)).write(e) for pen in pens)
    return Part(text, latex)


def _of(style: Style) -> Any:
    if style is TEXT:
        return decimal
    return lambda value: (decimal(value) or latex_number(value)).replace("−", "-")
