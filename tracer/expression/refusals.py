"""What a program may not hold, in words: tables of what it is and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_RUNS_FROM_TOP = "Write its lines one after the other, or in a for loop"
_COMPREHENSION = ("A comprehension is not part of this language", "Write a for loop; ys.append(y) collects values")
_TRY = ("An error can't be caught or raised here", "Remove it; an error ends the program with a sentence")
_FUNCTION = ("A function or class can't be defined here", _RUNS_FROM_TOP)
_GENERATOR = ("A program has nothing to return or yield", "Give the result a name, y = …")
_IMPORT = ("Nothing can be imported here", "Remove the line: torch, F (torch.nn.functional) and math are there already")
_SCOPE = ("Names have one scope here", "Remove the line")
_TYPES = ("Types can't be declared here", "Write y = … without a type")

NODES: Mapping[str, tuple[str, str]] = {
    "Import": _IMPORT,
    "ImportFrom": _IMPORT,
    "FunctionDef": _FUNCTION,
    "AsyncFunctionDef": _FUNCTION,
    "ClassDef": _FUNCTION,
    "Lambda": _FUNCTION,
    "Return": _GENERATOR,
    "Yield": _GENERATOR,
    "YieldFrom": _GENERATOR,
    "Await": _GENERATOR,
    "ListComp": _COMPREHENSION,
    "SetComp": _COMPREHENSION,
    "DictComp": _COMPREHENSION,
    "GeneratorExp": _COMPREHENSION,
    "Try": _TRY,
    "TryStar": _TRY,
    "Raise": _TRY,
    "Assert": _TRY,
    "Global": _SCOPE,
    "Nonlocal": _SCOPE,
    "AnnAssign": _TYPES,
    "TypeAlias": _TYPES,
    "Delete": ("A name can't be deleted here", "Remove the line"),
    "Dict": ("A dictionary is not part of this language", "Use a list, or a name for each value"),
    "Set": ("A set is not part of this language", "Use a list, [1, 2]"),
    "JoinedStr": ("A formatted text is not part of this language", "Remove it; values are shown beside the program"),
    "TemplateStr": ("A formatted text is not part of this language", "Remove it; values are shown beside the program"),
    "NamedExpr": ("A name can't be given inside an expression", "Give it on a line of its own, y = …"),
    "Match": ("“match” is not part of this language", "Use if and elif"),
    "AsyncFor": ("“async” is not part of this language", "Remove the word"),
    "AsyncWith": ("“async” is not part of this language", "Remove the word"),
}
"""By the kind of the node in Python's own tree."""

NAMES: Mapping[str, tuple[str, str]] = {
    "print": ("Nothing is printed here", "Remove it; values are shown beside the program"),
    "np": ("NumPy is not part of this language", "Use the torch function of that name"),
    "numpy": ("NumPy is not part of this language", "Use the torch function of that name"),
    "nn": ("Modules hold parameters and can't be made here", "Use F, such as F.relu(x), with inputs as parameters"),
    "zero_grad": ("“zero_grad” belongs to modules and optimizers, and a program has none", "Write x.grad = None"),
    "apply": ("Functions with a backward of their own can't be made here", "Use Add, Split or Max, such as Add(a, b)"),
    "autograd": ("“torch.autograd” is not part of this language", "Write y.backward(), and read x.grad"),
    "grad_fn": ("“.grad_fn” is not part of this language", "Remove it; the graph shows it for every value"),
    "data": ("“.data” writes past autograd, unseen", "Use .detach()"),
    "cuda": ("A tensor can't be moved to another device here", "Choose the device of the whole program"),
    "manual_seed": ("The seed is not set by the program", "Choose the seed of the whole program"),
    "empty": ("Memory that was never written has no numbers to be shown", "Use torch.zeros"),
    "no_grad": ("Gradient mode is set for a block", "Write with torch.no_grad(): and indent the lines under it"),
    "inference_mode": ("Gradient mode is set for a block", "Write with torch.inference_mode(): and indent the lines"),
    "register_hook": ("Hooks are functions, and none can be defined here", "Remove it; all gradients are shown"),
}
"""Names that a person may well try, by the last part of their path."""

SETTING: Mapping[str, str] = {
    "requires_grad": "Write .requires_grad_(), or .requires_grad_(False)",
    "data": "Change it under with torch.no_grad():, for instance x -= 1",
}
"""What to write in place of setting an attribute."""

SYNTAX: tuple[tuple[str, str], ...] = (
    ("U\\+2212", "Write - for minus"),
    ("U\\+00D7", "Write * for times"),
    ("U\\+00B7|U\\+22C5", "Write * for times"),
    ("U\\+00F7", "Write / for divided by"),
    ("U\\+00B2", "Write **2 for a square"),
    ("U\\+00B3", "Write **3 for a cube"),
    ("U\\+00A0|U\\+200B|U\\+202F|U\\+FEFF", "Replace it by a plain space"),
    ("U\\+2018|U\\+2019|U\\+201C|U\\+201D", "Write ' or \" for a quotation mark"),
    ("non-printable|null bytes", "Remove that character"),
    ("was never closed", "Close it"),
    ("unmatched|does not match", "Open as many brackets as are closed"),
    ("unterminated", "Close the text with the same quotation mark"),
    ("expected an indented block", "Indent the lines that belong to it by four spaces"),
    ("unexpected indent", "Start the line further left"),
    ("unindent does not match", "Indent it as far as the lines above"),
    ("decimal literal", "Write * between a number and a name, 3*x"),
    ("leading zeros", "Write the number without the zeros"),
    ("cannot assign", "Write a name on the left of ="),
    ("print", "Remove it; values are shown beside the program"),
    ("Maybe you meant '=='", "Write == to compare"),
    ("expected ':'", "End the line with a colon"),
)
"""Cures of what Python's parser says, the first that matches."""

ALLOWED_STATEMENTS: tuple[type[ast.stmt], ...] = (
    ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.With, ast.Pass, ast.Break, ast.Continue,
)  # fmt: skip
ALLOWED_EXPRESSIONS: tuple[type[ast.expr], ...] = (
    ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Starred,
)  # fmt: skip
