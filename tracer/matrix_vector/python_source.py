"""A MatrixVector as a program: the same numbers, in plain PyTorch and in the language of an Expression."""

from __future__ import annotations

from typing import Any

from tracer.convolution.python_source import python_source as convolution_source
from tracer.experiment import Expression, Input, MatrixVector
from tracer.matrix_vector.bank import as_convolution, written_out
from tracer.matrix_vector.settings import resolve

PROGRAM = "y = A @ x\ns = y.sum()"


def python_source(experiment: MatrixVector) -> str:
    """Write a program that runs, and gives the same numbers and gradients; a matrix made of kernels is a layer.

    Raises:
        TracerError: the experiment does not work.
    """
    resolve(experiment)
    if experiment.kernels is not None:
        return convolution_source(as_convolution(experiment))
    dtype = "" if experiment.dtype == "float32" else f", dtype=torch.{experiment.dtype}"
    return "\n".join(
        [
            "import torch",
            "",
            f"A = torch.tensor({_floats(experiment.matrix)}{dtype}, requires_grad=True)",
            f"x = torch.tensor({_floats(experiment.vector)}{dtype}, requires_grad=True)",
            *PROGRAM.splitlines(),
            "s.backward()",
            "print(y.tolist(), x.grad.tolist(), A.grad.tolist())",
            "",
        ]
    )


def as_expression(experiment: MatrixVector) -> Expression:
    """Give the same as a program with two inputs, and a third where there is a bias.

    Raises:
        TracerError: kernels do not work.
    """
    plain, program = experiment, PROGRAM
    given: dict[str, Any] = {}
    if experiment.kernels is not None:
        plain, height = written_out(experiment)
        if experiment.bias is not None:
            program = program.replace("A @ x", "A @ x + b")
            given = {"b": [item for item in experiment.bias for _ in range(height)]}
    given = {"A": plain.matrix, "x": plain.vector, **given}
    inputs = {name: Input(values, dtype=experiment.dtype) for name, values in given.items()}
    return Expression(program, inputs, device=experiment.device)


def _floats(values: Any) -> str:
    """Write nested lists of floats; a fraction stays a fraction, since Python divides it to the same number."""
    if isinstance(values, list | tuple):
        return f"[{', '.join(map(_floats, values))}]"
    text = str(values).strip().replace("−", "-")
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return f'float("{text}")'
    return text if set(text) & set("./eE") else f"{text}.0"
