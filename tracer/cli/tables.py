"""Tables in the terminal: each is a tuple of Columns over rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracer import quantities
from tracer.analysis.gradients import GradientRow
from tracer.analysis.shapes import ShapeRow
from tracer.drawing.wording import inert
from tracer.facts import Check, Values, spelled

SHOWN = 12  # values that fit into a cell
NAME = 80  # characters of a name; two parameters of one deep module differ only at the end
WIDTH = 160  # of a page where the output is no terminal


class Column(NamedTuple):
    """A column: its title, the text of a row's cell, and whether that is a number (then it stands to the right)."""

    title: str
    text: Callable[[Any], str]
    number: bool = False


def show(title: str, columns: Sequence[Column], rows: Iterable[Any]) -> None:
    """Print a table under its title."""
    heading = Text(_lines(title), style="bold")  # as a Text, since people's brackets are no markup
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.title, justify="right" if column.number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(inert(column.text(row), most=None)) for column in columns))
    _console().print(table)


def say(text: str, bold: bool = False) -> None:
    """Print a line."""
    _console().print(Text(_lines(text), style="bold" if bold else ""))


def tell(text: str) -> None:
    """Print a message beside the answer, to stderr."""
    print(_lines(text), file=sys.stderr)


def as_json(answer: Any) -> None:
    """Print an answer as JSON: rows with their fields, non-finite numbers as "NaN", "Infinity" and "-Infinity".

    Characters that a terminal would not show as themselves are written as \\u escapes: the text read back is the same.
    """
    text = msgspec.json.format(msgspec.json.encode(spelled(msgspec.to_builtins(answer))), indent=2).decode()
    print("\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n")))


def called(name: str) -> str:
    """Write a person's name for a thing so that it can do no harm, and a long one by its two ends."""
    shown = inert(name, most=None)
    return shown if len(shown) <= NAME else f"{shown[: NAME // 2]}…{shown[1 - NAME // 2 :]}"


def _lines(text: str) -> str:
    """Make each line inert."""
    return "\n".join(inert(line, most=None) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in line)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, file=sys.stdout)


def _numbers(values: Values | None, dtype: str | None, measured: bool = False) -> str:
    """Write a few values as nested lists; more are only counted."""
    if values is None:
        return "–"
    if len(values.numbers) > SHOWN:
        return f"{quantities.count(len(values.numbers))} numbers"
    if measured and values.exact is None:
        return _figures(values.nested())
    return quantities.values(values.nested(), dtype, values.fractions())


def _figures(nested: Any) -> str:
    if isinstance(nested, list):
        return f"[{', '.join(map(_figures, nested))}]"
    return quantities.figure(nested, 6)


def _held(row: ShapeRow | GradientRow) -> str:
    values = None
    if row.values is not None and row.shape is not None and row.dtype is not None:
        values = Values(row.shape, row.dtype, row.values, row.exact)
    elif row.shape is not None:
        return "too many to hold" if row.shape else "–"
    return _numbers(values, row.dtype)


def _check(check: Check | None) -> str:
    return "not checked" if check is None else f"{check.agreed} of {check.tried}"


def _agree(row: GradientRow) -> str:
    """Tell on how many elements all ways agree, and where they do not, which one does not agree with autograd."""
    if row.rule is None or row.rule.agreed == row.rule.tried:
        return _check(row.check or row.rule)
    return f"by hand {_check(row.rule)}, finite difference {_check(row.check)}"


def _found(row: GradientRow) -> str:
    return _held(row) if row.state == "measured" else {"none": "nothing flows here"}.get(row.state, row.state)


SHAPES = (
    Column("tensor", lambda row: called(row.name)),
    Column("role", lambda row: row.role),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("axes", lambda row: ", ".join(row.axes or ())),
    Column("elements", lambda row: quantities.count(row.elements), number=True),
    Column("memory", lambda row: quantities.size(row.bytes), number=True),
)
VALUES = (
    Column("tensor", lambda row: called(row.name)),
    Column("role", lambda row: row.role),
    Column("dtype", lambda row: row.dtype),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("value", _held),
)
STATISTICS = (
    Column("gradient of", lambda row: called(row.name)),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("mean", lambda row: quantities.figure(row.mean), number=True),
    Column("std", lambda row: quantities.figure(row.std), number=True),
    Column("max abs", lambda row: quantities.figure(row.max_abs), number=True),
    Column("‖g‖₂", lambda row: quantities.figure(row.norm), number=True),
    Column("zero", lambda row: quantities.share(row.zeros), number=True),
)
BY_RULE = Column("by rule", lambda row: _check(row.rule))
GRADIENTS = (
    *STATISTICS,
    Column("finite difference", lambda row: _check(row.check)),
    BY_RULE,
)
GRADIENT_VALUES = (
    Column("gradient of", lambda row: called(row.name)),
    Column("shape", lambda row: quantities.brackets(row.shape)),
    Column("made by", lambda row: row.made_by),
    Column("autograd", _found),
    Column("by hand", lambda row: _numbers(row.rule and row.rule.values, None, measured=True)),
    Column("finite difference", lambda row: _numbers(row.check and row.check.values, None, measured=True)),
    Column("agree", _agree),
)
