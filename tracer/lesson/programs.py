"""What a step shows as "In PyTorch": the step's own text, or the program that its experiment is."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

from tracer.convolution.python_source import python_source as of_layer
from tracer.experiment import Convolution, Expression, Input, MatrixVector
from tracer.expression.names import CUSTOM
from tracer.expression.syntax import read
from tracer.expression.values import given
from tracer.lesson.steps import Step, Taught
from tracer.matrix_vector.python_source import python_source as of_matrix


def program(step: Step) -> str:
    """Give the program of a step.

    Raises:
        TracerError: the experiment does not work.
    """
    return step.program or of_experiment(step.experiment)


def of_experiment(experiment: Taught) -> str:
    """Write a program that runs in PyTorch alone and gives the same numbers; a custom function is left to be defined.

    Raises:
        TracerError: the experiment does not work.
    """
    if isinstance(experiment, Convolution):
        return of_layer(experiment)
    return of_matrix(experiment) if isinstance(experiment, MatrixVector) else _of_expression(experiment)


def _of_expression(experiment: Expression) -> str:
    inputs = {name: given(name, value) for name, value in experiment.inputs.items()}
    lines = ["import torch", *_custom(experiment.program), ""]
    if "rand" in experiment.program:
        lines.append(f"torch.manual_seed({experiment.seed})")
    lines += [_input(name, value) for name, value in inputs.items()]
    lines += experiment.program.strip().splitlines()
    lines += _backward(experiment, inputs)
    return "\n".join(lines) + "\n"


def _custom(program: str) -> list[str]:
    used = [name for name in sorted(CUSTOM) if re.search(rf"\b{name}\(", program)]
    return [f"# {name} is a torch.autograd.Function of your own: here {name}.apply" for name in used]


def _input(name: str, value: Input) -> str:
    followed = (
        value.requires_grad if value.requires_grad is not None else value.dtype.startswith(("float", "bfloat", "c"))
    )
    grad = ", requires_grad=True" if followed else ""
    return f"{name} = torch.tensor({written(value.values)}, dtype=torch.{value.dtype}{grad})"


def _backward(experiment: Expression, inputs: dict[str, Input]) -> list[str]:
    """Go back from the output, unless the program does it itself, or nothing is followed."""
    followed = [name for name, value in inputs.items() if value.requires_grad is not False]
    output = experiment.output or _last_tensor(experiment.program, inputs)
    ways_out = (".backward(", "no_grad", "inference_mode")
    if any(words in experiment.program for words in ways_out) or not followed or not output:
        return []
    start = f"torch.ones_like({output})"
    if experiment.gradient is not None:
        start = f"torch.tensor({written(experiment.gradient)})"
    return [f"{output}.backward({start})", f"print({', '.join(f'{name}.grad' for name in followed)})"]


def _last_tensor(program: str, inputs: Mapping[str, Input]) -> str:
    """Name what the last line gives to that can be a tensor: no counter, and no list."""
    tree = read(program, inputs).tree
    given = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign)]
    given.sort(key=lambda node: node.lineno)
    plain: set[str] = set()
    last = ""
    for node in given:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        if _is_plain(node.value, plain) and not (isinstance(node, ast.AugAssign) and not plain.issuperset(names)):
            plain |= set(names)
        elif names:
            last = names[-1]
    return last


def _is_plain(value: ast.expr, plain: set[str]) -> bool:
    """Tell whether a value is a number or a list, made without any tensor that is not in a list."""
    if isinstance(value, ast.BinOp):
        return _is_plain(value.left, plain) and _is_plain(value.right, plain)
    return isinstance(value, ast.Constant | ast.List) or (isinstance(value, ast.Name) and value.id in plain)


def written(values: Any) -> str:
    """Write nested lists as Python does; a fraction in text stays a fraction."""
    if isinstance(values, list | tuple):
        return f"[{', '.join(map(written, values))}]"
    if isinstance(values, float) and not math.isfinite(values):
        return f'float("{values}")'
    return str(values).replace("−", "-")
