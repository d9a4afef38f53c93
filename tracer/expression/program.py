"""A checked program: its text, its tree, and where in the text each part of the tree stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from tracer.expression.names import CUSTOM, NAMESPACES


@dataclass(frozen=True)
class Program:
    """A text, its tree, and `own`: the names that have a value of the program, given from outside or assigned."""

    lines: tuple[str, ...]
    tree: ast.Module
    own: frozenset[str]

    def line(self, node: ast.AST) -> str:
        """Name the line of a part: "line 2"."""
        return f"line {getattr(node, 'lineno', 1)}"

    def place(self, node: ast.AST) -> str:
        """Name the line and the column of a part, both counted from 1: "line 2, column 5"."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.lines[line - 1].encode()[:offset] if line <= len(self.lines) else b""
        return f"line {line}, column {len(before.decode(errors='replace')) + 1}"

    def piece(self, node: ast.AST) -> str:
        """Give the text of a part as the person wrote it, on one line."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None) or 0
        rows = [line.encode() for line in self.lines[first - 1 : last]]
        if not rows:
            return ""
        rows[-1] = rows[-1][:end]
        rows[0] = rows[0][start:]
        return " ".join(row.decode(errors="replace").strip() for row in rows)


def dotted(node: ast.AST) -> str | None:
    """Give the path that a name with attributes spells, "torch.linalg.solve", or `None` for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(names)])


def without_apply(tree: ast.Module) -> None:
    """Let `Add.apply(a, b)`, as torch spells it, be Add(a, b)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in _APPLIED:
            node.func = node.func.value  # type: ignore[attr-defined]


_APPLIED = frozenset(f"{name}.apply" for name in CUSTOM)


def function_path(node: ast.AST, own: frozenset[str]) -> str | None:
    """Give a path into a namespace such as torch, unless the program has a value of its own under that name."""
    path = dotted(node)
    if path is None or "." not in path:
        return None
    root = path.partition(".")[0]
    return path if root in NAMESPACES and root not in own else None


def up_to_backward(program: Program, calls: int) -> Program | None:
    """Give what a program does before its so-many-th call of .backward(), without the calls before that and what they
    leave in .grad; `None` where a call stands in a loop, a branch or another line.
    """
    body = program.tree.body
    every = [node for node in ast.walk(program.tree) if isinstance(node, ast.Call) and _is_method(node, "backward")]
    standing = [at for at, node in enumerate(body) if isinstance(node, ast.Expr) and _is_method(node.value, "backward")]
    if len(standing) != len(every) or not 0 < calls <= len(standing):
        return None
    kept = [node for at, node in enumerate(body[: standing[calls - 1]]) if at not in standing and not _clears(node)]
    return replace(program, tree=ast.Module(kept, []))


def _is_method(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def _clears(node: ast.stmt) -> bool:
    """Tell whether a statement only empties a .grad: x.grad = None, or x.grad.zero_()."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute) and target.attr == "grad" for target in node.targets)
    called = node.value if isinstance(node, ast.Expr) and _is_method(node.value, "zero_") else None
    owner = called.func.value if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) else None
    return isinstance(owner, ast.Attribute) and owner.attr == "grad"
