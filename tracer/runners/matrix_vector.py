"""A MatrixVector experiment → Facts: torch multiplies, and its gradients are checked in two more ways."""

from __future__ import annotations

import math
from fractions import Fraction

import msgspec
import torch

from tracer.backward import finite_difference
from tracer.capture.names import Named
from tracer.experiment import MatrixVector
from tracer.facts import Check, Facts
from tracer.matrix_vector.bank import as_convolution
from tracer.matrix_vector.settings import Settings, resolve
from tracer.runners import convolution, devices, tensors


def find(experiment: MatrixVector) -> Facts:
    """Multiply, and find the graph, the values and the gradients of s = sum(y): x.grad = Aᵀ·1, A.grad = 1·xᵀ.

    Where the matrix is made of kernels torch convolves with them, and both readings are held against that.

    Raises:
        InvalidSetting: the numbers can't be read, or do not fit.
        LimitPassed: the matrix is too large.
    """
    settings = resolve(experiment)
    if settings.bank is not None:
        return msgspec.structs.replace(convolution.find(as_convolution(experiment)), experiment=experiment)
    device, dtype = devices.resolve(settings.device), getattr(torch, settings.dtype)
    with torch.inference_mode(False), torch.enable_grad():
        matrix = torch.tensor([[float(a) for a in row] for row in settings.matrix], dtype=dtype, device=device)
        vector = torch.tensor([float(x) for x in settings.vector], dtype=dtype, device=device)
        matrix.requires_grad_(), vector.requires_grad_()
        y = matrix @ vector
        total = y.sum()
        checks = _checks(settings, matrix, vector, total)
        facts = tensors.find(
            {"s": total},
            named=[
                Named(matrix, "A", "input", ("outputs", "inputs")),
                Named(vector, "x", "input", ("inputs",)),
                Named(y, "y", "output", ("outputs",), "A @ x"),
                Named(total, "s", "output", None, "y.sum()"),
            ],
            gradients=True,
            saved=True,
            alone=True,
            experiment=experiment,
        )
    rows = tuple(
        msgspec.structs.replace(row, check=checks[row.name][0], rule=checks[row.name][1]) if row.name in checks else row
        for row in facts.gradients or ()
    )
    return msgspec.structs.replace(facts, gradients=rows)


def _checks(
    settings: Settings, matrix: torch.Tensor, vector: torch.Tensor, total: torch.Tensor
) -> dict[str, tuple[Check | None, Check]]:
    """Compare the gradients of A and x with finite differences (where s is finite, so that there is a difference), and
    with their rules in exact numbers."""
    leaves = [matrix, vector]
    found = torch.autograd.grad(total, leaves, retain_graph=True)
    differences: list[Check] | list[None] = [None, None]
    if math.isfinite(float(total.detach())):
        differences = finite_difference.check(lambda at: (at[0] @ at[1]).sum(), leaves, found)
    outer = [float(x) for _ in settings.matrix for x in settings.vector]
    sums = [float(sum(column, Fraction(0))) for column in zip(*settings.matrix, strict=True)]
    rules = []
    for leaf, gradient, expected in zip(leaves, found, (outer, sums), strict=True):
        tried = finite_difference.sample(leaf.numel(), leaf.numel(), 0)
        rules.append(finite_difference.compare(leaf, gradient, tried, [(expected[at], 0.0) for at in tried]))
    return {"A": (differences[0], rules[0]), "x": (differences[1], rules[1])}
