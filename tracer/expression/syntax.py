"""Text → a checked program, or a sentence that names the line, the column, and what to write instead."""

from __future__ import annotations

import ast
import difflib
import re
import unicodedata
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from tracer.errors import InvalidSetting, ProgramError
from tracer.expression import names, refusals
from tracer.expression.program import Program, dotted, function_path, without_apply
from tracer.quantities import count

BYTES = 100_000
NESTING = 200
TEXT_LENGTH = 1000
INTEGER_BITS = 4096


def read(text: str, inputs: Collection[str] = ()) -> Program:
    """Read a program and check that nothing stands in it that may not run; nothing of it is run.

    Raises:
        ProgramError: a line can't be read, or holds something that is not part of the language.
        InvalidSetting: an input has a name that can't be one.
    """
    for name in inputs:
        _check_input(name)
    text = _plain_lines(text)
    tree = _parse(text)
    without_apply(tree)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    program = Program(tuple(text.split("\n")), tree, frozenset(stored | set(inputs)))
    for at in _parts(program):
        _check(program, at)
    return program


def _check_input(name: str) -> None:
    if not name.isidentifier() or name.startswith("_") or unicodedata.normalize("NFKC", name) != name:
        raise InvalidSetting(
            f"“{repr(name[:40])[1:-1]}” can't be the name of an input", "inputs", "Use a letter or a word, such as x"
        )


def _plain_lines(text: str) -> str:
    size = len(text.encode(errors="replace"))
    if size > BYTES:
        what = f"The program has {count(size)} bytes, and {count(BYTES)} are read at most"
        raise ProgramError(what, "line 1", "Use a shorter program, with a loop for what repeats")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")


def _parse(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise _not_python(error) from None
    except (RecursionError, MemoryError):
        raise _too_deep("line 1") from None
    except ValueError:
        what = "The program holds a character or a number that can't be read"
        raise ProgramError(what, "line 1, column 1", "Remove what is no plain text") from None
    return tree


def _not_python(error: SyntaxError) -> ProgramError:
    said = error.msg.partition(". Perhaps")[0].partition(". Did you")[0]
    if "too many nested" in said or "too complex" in said:
        return _too_deep(f"line {error.lineno or 1}")
    cure = next((cure for pattern, cure in refusals.SYNTAX if re.search(pattern, error.msg)), "")
    what = f"This can't be read ({said.strip()})"
    return ProgramError(
        what, f"line {error.lineno or 1}, column {max(error.offset or 1, 1)}", cure or "Write it as in Python"
    )


def _too_deep(where: str) -> ProgramError:
    return ProgramError(
        f"Brackets or operators are nested more than {NESTING} deep",
        where,
        "Give the inner parts names on lines before",
    )


class _At(NamedTuple):
    """A part of the tree, how deep it is nested, and whether it stands in a loop."""

    node: ast.AST
    depth: int
    in_loop: bool


def _parts(program: Program) -> Iterator[_At]:
    """Go through all parts in the order of the text, with a stack of its own; a function's path is one part."""
    stack = [_At(node, 0, False) for node in reversed(program.tree.body)]
    while stack:
        at = stack.pop()
        yield at
        in_loop = at.in_loop or isinstance(at.node, ast.For | ast.While)
        children = _children(at.node, program.own)
        stack += [_At(child, at.depth + 1, in_loop) for child in reversed(children)]


def _children(node: ast.AST, own: frozenset[str]) -> list[ast.AST]:
    if isinstance(node, ast.With):
        return list(node.body)
    if isinstance(node, ast.Attribute):
        return [] if function_path(node, own) else [node.value]
    if isinstance(node, ast.Call):
        called = [node.func.value] if isinstance(node.func, ast.Attribute) and not function_path(node.func, own) else []
        return [*called, *node.args, *(keyword.value for keyword in node.keywords)]
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.stmt)]


def _check(program: Program, at: _At) -> None:
    kind = type(at.node).__name__
    if at.depth > NESTING:
        raise _too_deep(program.place(at.node))
    if not isinstance(at.node, refusals.ALLOWED_STATEMENTS + refusals.ALLOWED_EXPRESSIONS):
        words = refusals.NODES.get(kind, (f"“{kind}” is not part of this language", "Remove it"))
        raise ProgramError(words[0], program.place(at.node), words[1])
    rule = _RULES.get(type(at.node))
    refusal = None if rule is None else rule(program, at)
    if refusal is not None:
        raise ProgramError(refusal[0], program.place(at.node), refusal[1])


Refusal = tuple[str, str] | None


def _name(program: Program, at: _At) -> Refusal:
    name = at.node.id  # type: ignore[attr-defined]
    if name.startswith("_"):
        return "A name can't start with “_” here", "Use a letter or a word, such as y"
    if name in program.own:
        return None
    if name in names.NAMESPACES:
        return f"“{name}” by itself is no value", f"Write one of its functions, such as {_example(name)}"
    if name in names.BUILTINS:
        return f"“{name}” is a function, and stands here without its brackets", f"Write {name}(…)"
    if name in refusals.NAMES:
        return refusals.NAMES[name]
    near = _near(name, program.own)
    return f"“{name}” has no value", near or "Give it one on a line before, or make it an input"


def _attribute(program: Program, at: _At) -> Refusal:
    node: Any = at.node
    if not isinstance(node.ctx, ast.Load):
        settable = node.attr in names.SET_ATTRIBUTES and function_path(node, program.own) is None
        return None if settable else _unset(node.attr)
    path = function_path(node, program.own)
    if path is not None:
        if path in names.FUNCTIONS:
            return f"{path} is a function, and stands here without its brackets", f"Write {path}(…)"
        return None if path in names.CONSTANTS else _unknown_path(path)
    if node.attr in names.ATTRIBUTES:
        return None
    if node.attr in names.METHODS:
        return f"“.{node.attr}” is a method, and stands here without its brackets", f"Write .{node.attr}()"
    return _unknown(node.attr, names.ATTRIBUTES, "attribute")


def _unset(name: str) -> Refusal:
    cure = refusals.SETTING.get(name, "Give the value a name of its own, y = …")
    return f"“.{name[:40]}” can't be set", cure


def _call(program: Program, at: _At) -> Refusal:
    node: Any = at.node
    keywords = [keyword.arg for keyword in node.keywords]
    if None in keywords:
        return "“**” can't be used in a call here", "Write the arguments by name"
    if len(set(keywords)) < len(keywords):
        return "An argument is given twice", "Give it once"
    path = function_path(node.func, program.own)
    if path is not None:
        return None if path in names.FUNCTIONS else _unknown_path(path)
    if isinstance(node.func, ast.Attribute):
        return _method(node.func.attr)
    if isinstance(node.func, ast.Name):
        return _builtin(program, node.func.id)
    return "Only functions and methods can be called", "Write * for times: 2*(x + 1)"


def _method(name: str) -> Refusal:
    if name in names.METHODS or name in names.LIST_METHODS:
        return None
    if name in names.TENSOR_ATTRIBUTES:
        return f"“.{name}” is no method", f"Write .{name} without brackets"
    return _unknown(name, names.METHODS, "method")


def _builtin(program: Program, name: str) -> Refusal:
    if name in program.own:
        return f"“{name}” is a value of this program, and can't be called", "Write * for times, or rename the value"
    if name in names.BUILTINS:
        return None
    if name in refusals.NAMES:
        return refusals.NAMES[name]
    torch_name = f"torch.{name}"
    cure = f"Write {torch_name}(…)" if torch_name in names.FUNCTIONS else _near(name, names.BUILTINS)
    return f"“{name[:40]}” is no function that can be used here", cure or "Use functions of torch, F or math"


def _unknown_path(path: str) -> Refusal:
    last = path.rpartition(".")[2]
    if last in refusals.NAMES:
        return refusals.NAMES[last]
    near = difflib.get_close_matches(path, sorted(names.FUNCTIONS | names.CONSTANTS), n=1, cutoff=0.75)
    return (
        f"“{path[:60]}” can't be used here",
        f"Did you mean {near[0]}?" if near else "Use functions that only compute",
    )


def _unknown(name: str, known: Collection[str], kind: str) -> Refusal:
    if name in refusals.NAMES:
        return refusals.NAMES[name]
    if name.startswith("_"):
        return f"“.{name[:40]}” belongs to Python's inside, which a program can't reach", "Use methods of tensors"
    cure = _near(name, known) or "Use methods of tensors that only compute"
    return f"“.{name[:40]}” is no {kind} that can be used here", cure


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else ""


def _example(namespace: str) -> str:
    return {"torch": "torch.sin(x)", "F": "F.relu(x)"}.get(namespace, "math.sqrt(2)")


def _constant(program: Program, at: _At) -> Refusal:
    value = at.node.value  # type: ignore[attr-defined]
    if isinstance(value, bytes):
        return "Bytes are not part of this language", "Use numbers"
    if isinstance(value, str) and len(value) > TEXT_LENGTH:
        return f"The text is longer than {count(TEXT_LENGTH)} characters", "Use a shorter one"
    if isinstance(value, int) and value.bit_length() > INTEGER_BITS:
        return f"The number has more than {count(1200)} digits", "Use a smaller number, or write it as 1e30"
    return None


def _starred(program: Program, at: _At) -> Refusal:
    if isinstance(at.node.ctx, ast.Load):  # type: ignore[attr-defined]
        return None
    return "“*” can't stand on the left of =", "Give each value a name, a, b = …"


def _with(program: Program, at: _At) -> Refusal:
    for item in at.node.items:  # type: ignore[attr-defined]
        call = item.context_expr
        bare = isinstance(call, ast.Call) and not call.args and not call.keywords and item.optional_vars is None
        if not bare or dotted(call.func) not in names.GRAD_MODES:
            return "Only gradient mode can be set for a block", "Write with torch.no_grad():"
    return None


def _loop(program: Program, at: _At) -> Refusal:
    if at.node.orelse:  # type: ignore[attr-defined]
        return "A loop has no else here", "Write the lines after the loop"
    return None


def _leaves_loop(program: Program, at: _At) -> Refusal:
    word = type(at.node).__name__.lower()
    return None if at.in_loop else (f"“{word}” stands in no loop", "Remove it")


_RULES: Mapping[type[ast.AST], Callable[[Program, _At], Refusal]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Starred: _starred,
    ast.With: _with,
    ast.For: _loop,
    ast.While: _loop,
    ast.Break: _leaves_loop,
    ast.Continue: _leaves_loop,
}
