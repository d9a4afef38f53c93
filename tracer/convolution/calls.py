"""A layer written as a call, nn.Conv2d(20, 16, (3, 5)) → its name and its arguments. It is read, never run."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from tracer.errors import ProgramError

LONGEST = 10_000  # characters; a layer has about a hundred
_PRINTED = re.compile(r"\(\w+\):\s*")  # how a layer stands in a printed module: (conv1): Conv2d(…)
EXAMPLE = "Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))"


class Source(NamedTuple):
    """What was pasted, and how many characters were left out before the part that is read."""

    whole: str
    left_out: int

    def of(self, node: ast.expr) -> str:
        """Give what is written there, at most 40 characters of it."""
        return (ast.get_source_segment(self.whole[self.left_out :], node) or "")[:40]

    def refusal(self, node: ast.AST | None, what: str, cure: str) -> ProgramError:
        """Say what is wrong, with the line and the column, in characters, at which it stands in the whole text."""
        line, bytes_before = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        read = self.whole[self.left_out :].splitlines()[line - 1 : line]
        before = len("".join(read).encode()[:bytes_before].decode(errors="ignore"))
        skipped = self.whole[: self.left_out]
        column = before + 1 + (len(skipped) - skipped.rfind("\n") - 1 if line == 1 else 0)
        line += skipped.count("\n")
        return ProgramError(what, f"column {column}" if line == 1 else f"line {line}, column {column}", cure)


def call_of(text: str) -> tuple[Source, ast.Call]:
    """Parse the text to the one call that it is; a name may stand before it, `conv =`, `self.conv:` or `(conv):`.

    Raises:
        ProgramError: it is no such text; `where` is the column.
    """
    start = len(text) - len(text.lstrip())
    printed = _PRINTED.match(text, start)
    source = Source(text, printed.end() if printed else start)
    if len(text) > LONGEST:
        raise source.refusal(None, f"The text has more than {LONGEST} characters", EXAMPLE)
    try:
        statements = ast.parse(text[source.left_out :]).body
    except SyntaxError as error:
        before = (error.text or "")[: max(0, (error.offset or 1) - 1)]
        place = ast.Pass(lineno=error.lineno or 1, col_offset=len(before.encode()))
        raise source.refusal(place, f"This can't be read as Python: {error.msg[:60]}", EXAMPLE) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise source.refusal(None, "This can't be read as Python", EXAMPLE) from error
    if not statements:
        raise source.refusal(None, "There is no layer", EXAMPLE)
    if len(statements) > 1:
        raise source.refusal(statements[1], "Here a second statement begins", "Give one layer")
    value = getattr(statements[0], "value", None)
    if isinstance(value, ast.Tuple) and len(value.elts) == 1:  # a comma behind it, from a list of layers
        value = value.elts[0]
    if not isinstance(statements[0], ast.Expr | ast.Assign | ast.AnnAssign) or not isinstance(value, ast.Call):
        raise source.refusal(statements[0], "This is no layer with its arguments", EXAMPLE)
    return source, value


def arguments(
    source: Source, call: ast.Call, layer: str, names: Sequence[str], needed: Sequence[str]
) -> dict[str, ast.expr]:
    """Give each argument its name, as Python does.

    Raises:
        ProgramError: there are too many, an unknown one, one twice, or a needed one is missing.
    """
    for node in call.args:
        if isinstance(node, ast.Starred):
            raise source.refusal(node, "What a star stands for is not known here", "Write the arguments out")
    if len(call.args) > len(names):
        raise source.refusal(
            call.args[len(names)], f"{layer} takes at most {len(names)} arguments", "Leave out the rest"
        )
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise source.refusal(keyword.value, "What two stars stand for is not known here", "Write the arguments out")
        if keyword.arg not in names:
            near = difflib.get_close_matches(keyword.arg, names, n=1)
            cure = f"Did you mean {near[0]}?" if near else f"Its arguments are {', '.join(names)}"
            raise source.refusal(keyword, f"{layer} has no argument “{keyword.arg[:40]}”", cure)
        if keyword.arg in given:
            raise source.refusal(keyword, f"{keyword.arg} is given twice", "Give it once")
        given[keyword.arg] = keyword.value
    for name in needed:
        if name not in given:
            raise source.refusal(call, f"{layer} needs {both(needed)}; {name} is missing", EXAMPLE)
    return given


def dotted(node: ast.expr) -> str | None:
    """Write names joined by dots, torch.nn.Conv2d; `None` for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def both(words: Sequence[str]) -> str:
    """Join words with commas and "and"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
