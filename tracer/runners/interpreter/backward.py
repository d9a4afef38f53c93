"""`y.backward(…)` and `x.grad` of a program, as torch has them, with its errors."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from tracer.runners.interpreter.run import Run


def call(
    run: Run,
    node: ast.Call,
    tensor: torch.Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Run a backward, if whoever runs the program wants it, and note what it leaves in the `.grad` of each tensor."""
    if not run.backward(tensor, gradient):
        return
    before = {name: leaf.grad for name, leaf in gathering(run)}
    versions = {name: None if grad is None else grad._version for name, grad in before.items()}
    tensor.backward(gradient, retain_graph, create_graph, inputs)  # type: ignore[no-untyped-call]
    for name, leaf in gathering(run):
        grad = leaf.grad
        if grad is not None and (grad is not before.get(name) or grad._version != versions.get(name)):
            run.tell(node, f"{name}.grad", grad)
    if not (retain_graph or create_graph):
        run.forget()


def read(run: Run, node: ast.Attribute, tensor: torch.Tensor) -> torch.Tensor | None:
    """Read the `.grad` of a tensor; autograd does not follow what is computed from it, unless it has a graph too."""
    grad = tensor.grad
    if grad is not None and grad.requires_grad:
        run.second = True
    elif grad is not None:
        run.cut(node, run.program.piece(node))
    return grad


def retain(run: Run, node: ast.Call, tensor: torch.Tensor) -> None:
    """Let a tensor in between keep its gradient; where numbers alone are run again, there is none to keep."""
    if tensor.requires_grad or not run.checking:
        tensor.retain_grad()


@contextmanager
def grads_kept(run: Run) -> Iterator[None]:
    """Put back the `.grad` of the tensors of a program, which a backward of ours fills where they retain it."""
    before = [(tensor, tensor.grad) for _, tensor in gathering(run) if not tensor.is_leaf]
    for tensor, _ in before:
        tensor.grad = None  # what is there would be added to, in place
    try:
        yield
    finally:
        for tensor, grad in before:
            tensor.grad = grad


def gathering(run: Run) -> Iterator[tuple[str, torch.Tensor]]:
    """Go through the named tensors in which backward leaves a gradient."""
    for name, value in run.values.items():
        if isinstance(value, torch.Tensor) and value.requires_grad and (value.is_leaf or value.retains_grad):
            yield name, value


METHODS: Mapping[str, Callable[..., None]] = {"backward": call, "retain_grad": retain}
"""Methods of tensors that a run has a part in."""
