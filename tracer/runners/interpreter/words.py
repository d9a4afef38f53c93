"""What torch and Python say when a line fails, as sentences with the place and, where it is known, a cure."""

from __future__ import annotations

import ast
import re

from tracer.errors import ProgramError, TracerError
from tracer.expression.program import Program
from tracer.runners.limits import is_out_of_memory, memory_passed

CURES: tuple[tuple[str, str], ...] = (
    ("must match the size of tensor|not broadcastable|shape mismatch", "Give both the same size along each axis, or 1"),
    (
        "shapes cannot be multiplied|inconsistent tensor size|size mismatch",
        "Let the columns of the left be the rows of the right",
    ),
    (
        "a leaf Variable that requires grad",
        "Write y = x + 1 in place of x += 1, or turn requires_grad of the input off",
    ),
    ("backward through the graph a second time", "Write .backward(retain_graph=True) the first time"),
    ("only for scalar outputs", "Give the vector to start from, y.backward(v), or reduce to one value with .sum()"),
    ("Mismatch in shape: grad_output", "Start from a tensor of the shape of what backward is called on"),
    (
        "does not require grad and does not have a grad_fn",
        "Let an input have requires_grad, and cut no way to it",
    ),
    ("assign a gradient (with dtype|of size)", "Give it the shape and dtype of the tensor itself"),
    ("needed for gradient computation has been modified", "Write y = y + 1 in place of y += 1"),
    ("Boolean value of Tensor", "Reduce it to one value first, with .any(), .all() or .sum()"),
    ("Only Tensors of floating point and complex", "Give it dtype float32, or turn requires_grad off"),
    ("not implemented for 'Float'|bitwise", "Write ** for a power, and torch.logical_and for “and”"),
    ("is invalid for input of size|shape .* is invalid", "Choose sizes whose product is the number of elements"),
    ("out of range|out of bounds", "Count axes and elements from 0; −1 is the last"),
    ("expected scalar type|same dtype|expected m1 and m2", "Give both the same dtype, with .to(torch.float32)"),
    ("Kernel size can't be greater", "Use a smaller kernel, a longer input, or padding"),
    ("division by zero", "Divide by a number that is not zero"),
    ("Expected all tensors to be on the same device", "Make every tensor of the program's own inputs"),
    ("has no method|has no “|has no entries", "Make it a tensor first, with torch.tensor(…)"),
    (
        "got an unexpected keyword|invalid combination of arguments|missing .* required",
        "Look at its arguments in torch's documentation",
    ),
)
"""Patterns in an error's text, and what cures it; the first that matches."""

LENGTH = 300
FIGURE = re.compile(r"[\w ]+: \([\d x,]+\)")


def failed(program: Program, node: ast.AST, error: Exception) -> TracerError:
    """Tell an error of torch or Python: its first sentence, its place, a cure where one is known."""
    if is_out_of_memory(error):
        return memory_passed(error, program.place(node))
    text = str(error).strip()
    cure = next((cure for pattern, cure in CURES if re.search(pattern, text)), "")
    return ProgramError(_sentence(text) or type(error).__name__, program.place(node), cure)


def _sentence(text: str) -> str:
    """Take the first sentence of an error, and the figures that torch tells before it ("Kernel size: (3). Kernel size
    can't be …"), with a capital unless it starts with the name of a function."""
    sentences = re.split(r"(?<=[\w)])\. (?=[A-Z])", text.partition("\n")[0].strip())
    told = next((at for at, one in enumerate(sentences) if not FIGURE.fullmatch(one)), 0)
    first = ". ".join(sentences[: told + 1])
    what = first[:LENGTH] + ("…" if len(first) > LENGTH else "")
    return what[:1].upper() + what[1:] if re.match(r"[a-z]+[ ']", what) else what


def cured(error: TracerError) -> TracerError:
    """Give an error that torch raised in backward the cure that is known for it."""
    cure = error.cure or next((cure for pattern, cure in CURES if re.search(pattern, error.what)), "")
    return type(error)(error.what, error.where, cure)


def placed(program: Program, node: ast.AST, error: TracerError) -> TracerError:
    """Give an error of ours the place of the part that it came from."""
    return type(error)(error.what, program.place(node), error.cure)
