"""What is pasted into cells of numbers: cells of a spreadsheet, or a nested list. Pure functions."""

from __future__ import annotations

import ast
from typing import Any

from gui.widgets.entry import typed
from tracer import numerals
from tracer.errors import InvalidSetting
from tracer.quantities import count

MOST_LETTERS = 4_000_000  # of a text that is pasted
NESTED = ("[", "(", "tensor(", "torch.", "array(", "np.")
SEPARATORS = ("\t", ";", ", ")  # the first that a text has; else blanks. A comma alone may be a decimal one
CURE = "Copy cells of a spreadsheet, or a nested list such as [[1, 0], [1/3, −2]]"


def read_pasted(text: str) -> Any:
    """Read cells of a spreadsheet as rows, or a nested list of Python or torch; fractions stay text.

    Raises:
        InvalidSetting: it is neither.
    """
    if len(text) > MOST_LETTERS:
        what = f"The text has {count(len(text))} letters, and at most {count(MOST_LETTERS)} are read"
        raise InvalidSetting(what, "", "Paste less, or load a file")
    stripped = _plain(text)
    if stripped.startswith(NESTED):
        return _read_nested(stripped)
    if not stripped:
        raise InvalidSetting("There are no numbers on the clipboard", "", CURE)
    lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    separator = next((each for each in SEPARATORS if each in text), None)
    rows = [[_checked(typed(cell.strip())) for cell in line.split(separator)] for line in lines]
    if len({len(row) for row in rows}) > 1:
        raise InvalidSetting("The rows that were pasted have different lengths", "", CURE)
    return rows


def several(text: str) -> Any:
    """Read what is pasted where it is more than one number, one row as a vector; `None` where it is none or one."""
    try:
        values = read_pasted(text)
    except InvalidSetting:
        return None  # it goes into the cell as it is, which says what is wrong with it
    if len(values) > 1 or _plain(text).startswith(NESTED):
        return values
    return values[0] if len(values[0]) > 1 else None


def _plain(text: str) -> str:
    """Leave out what torch prints before a parameter."""
    return text.strip().removeprefix("Parameter containing:").strip()


def _read_nested(text: str) -> Any:
    """Read a nested list by Python's own grammar; only numbers, fractions and lists, nothing is run."""
    try:
        node = ast.parse(text.replace("−", "-"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidSetting("This is no nested list of numbers", "", CURE) from error
    return _value(node.args[0] if isinstance(node, ast.Call) and node.args else node)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(part) for part in node.elts]
    sign, inner = (-1, node.operand) if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else (1, node)
    value = inner.value if isinstance(inner, ast.Constant) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return sign * value
    return _checked(ast.unparse(node).replace(" ", ""))


def _checked(item: int | float | str) -> int | float | str:
    """Refuse what is no number before it goes anywhere."""
    try:
        numerals.read(item) if isinstance(item, str) else float(item)
    except (ValueError, OverflowError) as error:
        raise numerals.refusal("", item) from error
    return item
